import type { Outcome, SubscriptionReply } from './customer.js';

/** The key that a mutation handed out; a test that needs one cannot go on without it. */
export function keyOf({ key, __typename, code }: Outcome): { readonly id: string; readonly value: string } {
  if (!key) throw new Error(`No key was handed out: ${__typename} ${code ?? ''}`);
  return key;
}

export function subscriptionOf({ subscription, __typename, code }: Outcome): SubscriptionReply {
  if (!subscription) throw new Error(`No subscription was answered: ${__typename} ${code ?? ''}`);
  return subscription;
}
