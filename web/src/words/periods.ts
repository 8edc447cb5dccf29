import type { QuotaPeriod } from '../../operations/customer.js';
import { isoDay } from './days.js';

export interface Period {
  /** Its first day, `2026-11-21`, in UTC. */
  readonly from: string;
  /** Today. */
  readonly to: string;
  readonly resetsAt: string;
}

/** The period that is going on, as AWS has it: the UTC day, the week from Monday, the month. */
export function currentPeriod(period: QuotaPeriod, now: number): Period {
  const today = new Date(now);
  const [year, month, date] = [today.getUTCFullYear(), today.getUTCMonth(), today.getUTCDate()];
  const monday = date - ((today.getUTCDay() + 6) % 7);
  const [from, next] = {
    DAY: [Date.UTC(year, month, date), Date.UTC(year, month, date + 1)],
    WEEK: [Date.UTC(year, month, monday), Date.UTC(year, month, monday + 7)],
    MONTH: [Date.UTC(year, month, 1), Date.UTC(year, month + 1, 1)],
  }[period] as [number, number];
  return { from: isoDay(from), to: isoDay(now), resetsAt: new Date(next).toISOString() };
}
