import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { CognitoJwtVerifier } from 'aws-jwt-verify';
import { resolvers, typeDefs } from '../contestants/shared/schema.js';

/* Bare Apollo Server as in `contestants/apollo.js`, as a script that can be bundled as Turnpike is: it awaits nothing at its top. */

const { COGNITO_USER_POOL_ID: userPoolId, COGNITO_CLIENT_ID: clientId, PORT } = process.env;
const verifier = CognitoJwtVerifier.create({ userPoolId, clientId, tokenUse: 'access' });

const claimsOf = (authorization) => (authorization ? verifier.verify(authorization.replace(/^Bearer /, '')) : null);

startStandaloneServer(new ApolloServer({ typeDefs, resolvers }), {
  context: async ({ req }) => ({ user: await claimsOf(req.headers.authorization) }),
  listen: { port: Number(PORT), host: '127.0.0.1' },
});
