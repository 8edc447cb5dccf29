import type { PlanPartsFragment as Plan } from '../../operations/customer.js';
import type { Counted } from './forecast.js';

/** What a change of plan does, known before it is made. */
export interface Consequences {
  readonly price: { readonly from: string | null; readonly to: string | null } | null;
  readonly quota: { readonly from: Plan['quota']; readonly to: Plan['quota'] } | null;
  readonly throttle: { readonly from: Plan['throttle']; readonly to: Plan['throttle'] } | null;
  /** Calls left right after the change; null = not to be said: no quota, or another period than now. */
  readonly left: number | null;
}

type Used = Pick<Counted, 'used'> & { readonly granted: number };

/** Calls made in the period count on the new plan too, and so do granted ones. `from` is null when it cannot be found. */
export function consequences(from: Plan | null, to: Plan, usage: Used | null): Consequences {
  const isSamePeriod = to.quota !== null && from?.quota?.period === to.quota.period;
  const left = isSamePeriod && usage && to.quota ? Math.max(0, to.quota.limit + usage.granted - usage.used) : null;
  const differs = (one: unknown, other: unknown) => JSON.stringify(one ?? null) !== JSON.stringify(other ?? null);
  return {
    price: from && differs(from.price, to.price) ? { from: from.price, to: to.price } : null,
    quota: from && differs(from.quota, to.quota) ? { from: from.quota, to: to.quota } : null,
    throttle: from && differs(from.throttle, to.throttle) ? { from: from.throttle, to: to.throttle } : null,
    left,
  };
}
