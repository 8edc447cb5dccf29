import type { DayUsage } from '../../aws/usage-plans.js';
import type { Plan } from '../../plans/plan.model.js';
import { firstDay, type QuotaPeriodName } from '../../plans/quota-period.js';

/* Calls as AWS reports them by day, and as the books hold them of pairs that were left. */

/** Calls of a UTC day, of the week that it is in, and of the month. */
export interface Calls {
  readonly day: number;
  readonly week: number;
  /** Of the month. */
  readonly calls: number;
}

/** Calls made on a pair that a key has left, counted for every period that the next plan may have. */
export interface Entry extends Calls {
  readonly plan: string;
  readonly generation: number;
  /** The last UTC day on which calls can have been made; `day`, `week` and `calls` are those of it. */
  readonly lastDay: string;
  /** `set`, `certain` and `at` of the pair when it was left. */
  readonly set: number;
  readonly certain: number | null;
  readonly at: number;
  /** When AWS's late report can be believed (seconds since 1970) and the calls are to be read again; 0 = settled. */
  readonly open: number;
}

/** The plan of an entry that was made of several pairs'. */
export const MERGED = '';

/** What AWS reports for a pair, by day; empty = nothing. */
export type Report = readonly DayUsage[];

/** The moment of a calculation, and how late AWS's reports may be. */
export interface Now {
  readonly date: Date;
  readonly seconds: number;
  readonly lagSeconds: number;
}

/** The period by which calls on the plan count; without a quota, the month. */
export function periodOf({ quota }: Plan): QuotaPeriodName {
  return quota?.period ?? 'MONTH';
}

export function callsOf({ day, week, calls }: Calls, period: QuotaPeriodName): number {
  return { DAY: day, WEEK: week, MONTH: calls }[period];
}

/** Counts the calls of the day, of the week and of the month. */
export function inEachPeriod(count: (period: QuotaPeriodName) => number): Calls {
  return { day: count('DAY'), week: count('WEEK'), calls: count('MONTH') };
}

/** Calls of these entries in the period that holds the moment. */
export function callsIn(entries: readonly Entry[], period: QuotaPeriodName, moment: Date): number {
  const began = firstDay(period, moment);
  return entries.reduce((sum, entry) => sum + (entry.lastDay >= began ? callsOf(entry, period) : 0), 0);
}

/**
 * Calls reported that are not in the books: all less those in there; or, where a key that came back found nothing
 * reported of its earlier stay, the calls of the days after it, and what its last day does not account for.
 */
export function reportedSince(
  earlier: readonly Entry[],
  report: Report,
  period: QuotaPeriodName,
  moment: Date,
): number {
  const days = report.filter(({ date }) => date >= firstDay(period, moment));
  const all = days.reduce((sum, { used }) => sum + used, 0);
  const lastDay = earlier.reduce((latest, entry) => (entry.lastDay > latest ? entry.lastDay : latest), '');
  const later = days.reduce((sum, { date, used }) => {
    if (date !== lastDay) return sum + (date > lastDay ? used : 0);
    return sum + Math.max(0, used - callsIn(earlier, 'DAY', new Date(lastDay)));
  }, 0);
  return Math.max(later, all - callsIn(earlier, period, moment));
}

/** The first day that a report must tell of: the 1st, or the Monday before it where the week began earlier. */
export function reportedFrom(moment: Date): string {
  const [month, week] = [firstDay('MONTH', moment), firstDay('WEEK', moment)];
  return week < month ? week : month;
}

export function isOf(entry: Entry, plan: string, generation: number): boolean {
  return entry.plan === plan && entry.generation === generation;
}

/** The later entry with the calls of both: every period of its last day, or of a later one, counts as it did before. */
export function together(one: Entry, other: Entry): Entry {
  const [earlier, later] = one.lastDay <= other.lastDay ? [one, other] : [other, one];
  const lastMoment = new Date(later.lastDay);
  return { ...later, ...inEachPeriod((period) => callsIn([earlier, later], period, lastMoment)) };
}

/** Says of a pair that its remaining calls were set. */
export function withoutCalls(plan: string, generation: number, lastDay: string): Entry {
  return { plan, generation, lastDay, day: 0, week: 0, calls: 0, set: 0, certain: 0, at: 0, open: 0 };
}

/** Whether the entry is nothing but such a mark, of a plan with a quota: no key left with it. */
export function isMark({ calls, week, set, at }: Entry): boolean {
  return calls === 0 && week === 0 && set === 0 && at === 0;
}
