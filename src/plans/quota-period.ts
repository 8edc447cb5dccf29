import { dayOf } from '../clock.js';
import type { Plan } from './plan.model.js';

export const QUOTA_PERIODS = ['DAY', 'WEEK', 'MONTH'] as const;
export type QuotaPeriodName = (typeof QUOTA_PERIODS)[number];

/**
 * When a quota's period began. AWS documents "the beginning of the month" and no time zone, so UTC is assumed: the day,
 * the Monday, the 1st.
 */
export function periodStart(period: QuotaPeriodName, moment: Date): Date {
  const [year, month, day] = [moment.getUTCFullYear(), moment.getUTCMonth(), moment.getUTCDate()];
  if (period === 'DAY') return new Date(Date.UTC(year, month, day));
  if (period === 'MONTH') return new Date(Date.UTC(year, month, 1));
  const daysSinceMonday = (moment.getUTCDay() + 6) % 7;
  return new Date(Date.UTC(year, month, day - daysSinceMonday));
}

/** When the period after the one that holds `moment` begins: the quota is whole again. */
export function nextPeriodStart(period: QuotaPeriodName, moment: Date): Date {
  const start = periodStart(period, moment);
  const [year, month, day] = [start.getUTCFullYear(), start.getUTCMonth(), start.getUTCDate()];
  if (period === 'MONTH') return new Date(Date.UTC(year, month + 1, 1));
  return new Date(Date.UTC(year, month, day + (period === 'WEEK' ? 7 : 1)));
}

/** The first UTC day of the period, `YYYY-MM-DD`. */
export function firstDay(period: QuotaPeriodName, moment: Date): string {
  return dayOf(periodStart(period, moment));
}

/**
 * Whether the plan's quota was changed after `at` (seconds since 1970), in the period that holds the moment. AWS does not
 * say whether counters follow their plan's limit: what remained before tells nothing then, and is to be set once more.
 */
export function hasNewQuota({ quota, quotaSince }: Plan, at: number, moment: Date): boolean {
  return quota !== null && at < quotaSince && quotaSince * 1000 >= periodStart(quota.period, moment).getTime();
}
