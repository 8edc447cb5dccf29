import type { PlanPartsFragment as Plan, QuotaPeriod } from '../../operations/customer.js';

const DAYS: Readonly<Record<QuotaPeriod, number>> = { DAY: 1, WEEK: 7, MONTH: 30 };

/** Whether a customer can change by themself to more calls than `own` has; null = it cannot be found, so any other may have more. */
export function isLargerForSale(plans: readonly Plan[], own: Plan | null): boolean {
  const least = own ? callsADay(own) : 0;
  return plans.some((plan) => plan.selfService && !plan.retired && plan.code !== own?.code && callsADay(plan) > least);
}

function callsADay({ quota }: Plan): number {
  return quota ? quota.limit / DAYS[quota.period] : Number.POSITIVE_INFINITY;
}
