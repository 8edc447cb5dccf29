import { createServer } from 'node:http';
import { createSchema, createYoga } from 'graphql-yoga';
import { resolvers, typeDefs } from './shared/schema.js';
import { claimsOf } from './shared/tokens.js';

/* GraphQL Yoga on node:http, as its quick start has it, with aws-jwt-verify in the context. */

const yoga = createYoga({
  schema: createSchema({ typeDefs, resolvers }),
  context: async ({ request }) => ({ user: await claimsOf(request.headers.get('authorization') ?? '') }),
});

createServer(yoga).listen(Number(process.env.PORT), '127.0.0.1');
