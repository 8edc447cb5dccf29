import Fastify from 'fastify';
import { allPlans, customer } from './shared/data.js';
import { claimsOf } from './shared/tokens.js';

/* REST: Fastify, the token checked by aws-jwt-verify before each request, the very fields that the GraphQL texts ask for. */

const app = Fastify();

app.addHook('onRequest', async (request) => {
  request.user = await claimsOf(request.headers.authorization);
});

const planOf = ({ code, title, quota, throttle }) => ({ code, title, quota, throttle });

app.get('/me', async ({ user }) => {
  const { email, subscription, usage } = customer(user.sub);
  const { state, plan, apiKey } = subscription;
  return { data: { me: { email, subscription: { state, plan: planOf(plan), apiKey }, usage } } };
});

app.get('/plans', async () => ({
  data: { plans: allPlans().map(({ price, ...plan }) => ({ ...planOf(plan), price })) },
}));

await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
