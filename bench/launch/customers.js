import { DesiredState } from '../../dist/subscriptions/reconcile/desired-state.service.js';
import { KeyIdentity } from '../../dist/subscriptions/reconcile/key-identity.js';
import { services } from './services.js';

/**
 * Customers of long ago: each on one of the plans, with a first key and some calls made with it. The product's own words,
 * written past the rates by a process of which nothing is left.
 */
export async function subscribed(aws, clock, users) {
  const get = await services(aws, clock, { AWS_RATE_FACTOR: '1000' });
  return clock.run(written(get(DesiredState), get(KeyIdentity), aws, users));
}

async function written(desiredState, identity, aws, users) {
  const customers = [];
  for (const [number, { sub, username }] of users.entries()) {
    const plan = ['free', 'basic', 'pro'][number % 3];
    const key = { name: identity.name(sub, 1), value: identity.value(sub, 1), generation: 1 };
    const id = aws.makeKey({ name: key.name, value: key.value.reveal(), customerId: username, enabled: true }, plan);
    const desired = await desiredState.writePlan(await desiredState.read({ sub, username }), plan);
    await desiredState.noteKey(desired, { ...key, id });
    const used = 1 + (number % 7);
    for (let call = 0; call < used; call++) aws.call(plan, id);
    customers.push({ sub, username, plan, keyId: id, used });
  }
  return customers;
}
