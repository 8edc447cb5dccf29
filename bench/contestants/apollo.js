import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { resolvers, typeDefs } from './shared/schema.js';
import { claimsOf } from './shared/tokens.js';

/* The measure of all others: Apollo Server alone, as its "Get started" has it, with aws-jwt-verify in the context. */

await startStandaloneServer(new ApolloServer({ typeDefs, resolvers }), {
  context: async ({ req }) => ({ user: await claimsOf(req.headers.authorization) }),
  listen: { port: Number(process.env.PORT), host: '127.0.0.1' },
});
