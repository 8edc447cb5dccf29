import type { SubscriptionPartsFragment as Subscription } from '../../operations/customer.js';

/** A change that is recorded and not carried out may be answered without the key, which it leaves as it was before. */
export function withKeyOf(before: Subscription | null, changed: Subscription): Subscription {
  if (changed.state !== 'PROVISIONING' || changed.apiKey || !before || before.state === 'ENDING') return changed;
  const { apiKey, overlappingKey } = before;
  const plan = changed.plan ?? (before.planCode === changed.planCode ? before.plan : null);
  return { ...changed, plan, apiKey, overlappingKey };
}
