import type { Plan } from '../customer/catalogue.js';
import { texts } from '../texts.js';

export function quotaWords({ quota }: Pick<Plan, 'quota'>): string {
  return quota ? texts.plans.calls(quota.limit, quota.period) : texts.plans.unlimited;
}

export function throttleWords({ throttle }: Pick<Plan, 'throttle'>): string {
  return throttle ? texts.plans.throttle(throttle.rateLimit, throttle.burstLimit) : texts.plans.noThrottle;
}

/** `49 USD / month` in two parts, so that the number can stand out. */
export function priceParts(price: string | null): { readonly amount: string; readonly rest: string } {
  const [, amount = '', rest = ''] = /^([^/]+?)\s*(\/.*)?$/.exec(price ?? '') ?? [];
  return { amount, rest: rest.replace(/^\//, '/ ').replace(/\s+/g, ' ') };
}
