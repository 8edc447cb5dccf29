import Fastify from 'fastify';
import mercurius from 'mercurius';
import { resolvers, typeDefs } from './shared/schema.js';
import { claimsOf } from './shared/tokens.js';

/* Mercurius on Fastify; `BENCH_JIT` is how often a text must come before it is compiled, 0 = never, its default. */

const app = Fastify();

app.register(mercurius, {
  schema: typeDefs,
  resolvers,
  jit: Number(process.env.BENCH_JIT ?? 0),
  context: async ({ headers }) => ({ user: await claimsOf(headers.authorization) }),
});

await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
