import type { PlanPartsFragment as Plan } from '../../operations/customer.js';

/** What a change of plan does, known before it is made. */
export interface Consequences {
  readonly price: { readonly from: string | null; readonly to: string | null } | null;
  readonly quota: { readonly from: Plan['quota']; readonly to: Plan['quota'] } | null;
  readonly throttle: { readonly from: Plan['throttle']; readonly to: Plan['throttle'] } | null;
  /** Calls left right after the change; null = not to be said: no quota, or nobody knows how many were made. */
  readonly left: number | null;
}

/** In the period of the plan that is changed to. */
export interface Used {
  readonly used: number;
  readonly granted: number;
}

/**
 * Calls made in the new plan's period count on it too, and so do those granted for it. `from` is null when it cannot be
 * found, `counted` when it is not known.
 */
export function consequences(from: Plan | null, to: Plan, counted: Used | null): Consequences {
  const left = counted && to.quota ? Math.max(0, to.quota.limit + counted.granted - counted.used) : null;
  const differs = (one: unknown, other: unknown) => JSON.stringify(one ?? null) !== JSON.stringify(other ?? null);
  return {
    price: from && differs(from.price, to.price) ? { from: from.price, to: to.price } : null,
    quota: from && differs(from.quota, to.quota) ? { from: from.quota, to: to.quota } : null,
    throttle: from && differs(from.throttle, to.throttle) ? { from: from.throttle, to: to.throttle } : null,
    left,
  };
}
