import type { DayUsage } from '../../aws/usage-plans.js';
import { dayOf } from '../../clock.js';
import type { Plan } from '../../plans/plan.model.js';
import { firstDay, hasNewQuota, type QuotaPeriodName } from '../../plans/quota-period.js';

/**
 * The arithmetic that makes one allowance out of API Gateway's many counters. A counter belongs to a (plan, key) pair,
 * so a new key or plan would come with a fresh quota; what was called on pairs left behind is written down here and
 * taken off the next pair. Pure: reads and writes of AWS are in allowance.service.ts.
 */

/** The pair a live key is on: what was last written as its remaining calls, when, and from what. */
export interface Pair {
  readonly plan: string;
  /** What this key may call in the period, all told. */
  readonly basis: number;
  /** Calls counted on the pair when `set` was written. */
  readonly used: number;
  /** The remaining calls written; means nothing on a plan without quota. */
  readonly set: number;
  /** When it was written, seconds since 1970. */
  readonly at: number;
  /** Recorded, but not known to be carried out. */
  readonly pending: boolean;
}

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
  /** `set`, `used` and `at` of the pair when it was left. */
  readonly set: number;
  readonly used: number;
  readonly at: number;
  /** When AWS's late report can be believed (seconds since 1970) and the calls are to be read again; 0 = settled. */
  readonly open: number;
}

export interface Ledger {
  /** Until when the key one generation below stays alive (seconds since 1970). */
  readonly until: number;
  readonly pair: Pair | null;
  readonly overlap: Pair | null;
  readonly entries: readonly Entry[];
}

/** What AWS reports for a pair, by day; empty = nothing. */
export type Report = readonly DayUsage[];

/** The moment of a calculation, and how late AWS's reports may be. */
export interface Now {
  readonly date: Date;
  readonly seconds: number;
  readonly lagSeconds: number;
}

export const EMPTY_LEDGER: Ledger = { until: 0, pair: null, overlap: null, entries: [] };

const KEPT_DAYS = 31;
const DAY_SECONDS = 86_400;

/** The pair as it counts now: one of another plan, or of an earlier period, is as if nothing had been written. */
export function pairNow(recorded: Pair | null, plan: Plan, now: Now): Pair {
  const periodBegan = Date.parse(firstDay(periodOf(plan), now.date)) / 1000;
  if (recorded?.plan === plan.code && recorded.at >= periodBegan) return recorded;
  const limit = plan.quota?.limit ?? 0;
  return { plan: plan.code, basis: limit, used: 0, set: limit, at: 0, pending: false };
}

/** The pair given another basis: what is counted on it stays counted, the rest is what is to remain. */
export function rebased(plan: Plan, used: number, basis: number, now: Now): Pair {
  return {
    plan: plan.code,
    basis,
    used,
    set: Math.max(0, basis - used),
    at: now.seconds,
    pending: plan.quota !== null,
  };
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

/** What the books hold of this very pair: calls made before the key joined it the last time. */
export function earlierOn({ entries }: Ledger, plan: Plan, generation: number): readonly Entry[] {
  return entries.filter((entry) => isOf(entry, plan.code, generation));
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

/**
 * Calls made on the pair since it was joined, in the plan's own period. AWS says it in two ways, and of the two the
 * greater counts: all calls less those in the books, which a counter that detaching reset would get wrong; and what is
 * gone of the remaining calls written, which says nothing while that is pending. A report is not believed before it can
 * know of what was written: then the most possible is assumed.
 */
export function callsOn(pair: Pair, earlier: readonly Entry[], plan: Plan, report: Report, now: Now): number {
  const reported = Math.max(pair.used, reportedSince(earlier, report, periodOf(plan), now.date));
  if (!plan.quota) return reported;
  const age = now.seconds - pair.at;
  const isOld = hasNewQuota(plan, pair.at, now.date);
  const mostLeft = isOld ? Math.max(pair.set, plan.quota.limit) : pair.set;
  if (age < now.lagSeconds) return Math.max(reported, pair.used + Math.min(mostLeft, mostCallsIn(age, plan)));
  const last = report.findLast(({ used }) => used > 0);
  const since = Math.max(pair.at * 1000, Date.parse(firstDay(periodOf(plan), now.date)));
  if (pair.pending || isOld || !last || last.date < dayOf(new Date(since))) return reported;
  return Math.max(reported, pair.used + pair.set - last.remaining);
}

/** The same for every period: what is not in the report was called today, as far as anybody knows. */
export function callsOnInEach(pair: Pair, earlier: readonly Entry[], plan: Plan, report: Report, now: Now): Calls {
  const reported = inEachPeriod((period) => reportedSince(earlier, report, period, now.date));
  const unreported = callsOn(pair, earlier, plan, report, now) - callsOf(reported, periodOf(plan));
  return inEachPeriod((period) => callsOf(reported, period) + unreported);
}

function mostCallsIn(seconds: number, { throttle }: Plan): number {
  if (!throttle) return Number.MAX_SAFE_INTEGER;
  return Math.ceil(throttle.burstLimit + throttle.rateLimit * Math.max(0, seconds));
}

/** What the customer may call on keys and plans not left yet: limit and grant less all that was called before. */
export function allowance(ledger: Ledger, plan: Plan, granted: number, now: Now): number {
  return plan.quota ? plan.quota.limit + granted - spent(ledger, plan, now) : 0;
}

/** Calls of the plan's current period on pairs that were left, whatever periods those had. */
export function spent({ entries }: Ledger, plan: Plan, { date }: Now): number {
  return callsIn(entries, periodOf(plan), date);
}

/** The first day that a report must tell of: the 1st, or the Monday before it where the week began earlier. */
export function reportedFrom(moment: Date): string {
  const [month, week] = [firstDay('MONTH', moment), firstDay('WEEK', moment)];
  return week < month ? week : month;
}

/** Whether the calls of this generation on this plan are in the books already and it has not been joined since. */
export function hasLeft(ledger: Ledger, slot: Slot | null, plan: string, generation: number): boolean {
  return (slot && ledger[slot])?.plan !== plan && ledger.entries.some((entry) => isOf(entry, plan, generation));
}

/** Which live key of the ledger is meant: the current one or the one it overlaps; null stands for any older key. */
export type Slot = 'pair' | 'overlap';

/** Puts the calls of a pair being left into the books; of one that is in them already, what was called since. */
export function leave(
  ledger: Ledger,
  leaving: { slot: Slot | null; plan: Plan; generation: number; report: Report; now: Now },
): Ledger {
  const { slot, plan, generation, report, now } = leaving;
  const again = hasLeft(ledger, slot, plan.code, generation)
    ? ledger.entries.findLast((entry) => isOf(entry, plan.code, generation))
    : undefined;
  const others = { ...ledger, entries: ledger.entries.filter((entry) => entry !== again) };
  const pair = pairNow(again ? pairOf(again) : slot && ledger[slot], plan, now);
  const calls = callsOnInEach(pair, earlierOn(others, plan, generation), plan, report, now);
  const noted = again ? [again] : [];
  const entry: Entry = {
    plan: plan.code,
    generation,
    lastDay: dayOf(now.date),
    ...inEachPeriod((period) => Math.max(callsOf(calls, period), callsIn(noted, period, now.date))),
    set: pair.pending ? 0 : pair.set, // nobody knows that it was written, so nothing can be read from what remains
    used: pair.used,
    at: pair.at,
    open: now.seconds + now.lagSeconds,
  };
  const isRecorded = slot !== null && ledger[slot]?.plan === plan.code;
  return { ...others, ...(isRecorded ? { [slot]: null } : {}), entries: recent([...others.entries, entry], now) };
}

function pairOf({ plan, used, set, at }: Entry): Pair {
  return { plan, basis: 0, used, set, at, pending: false };
}

/** Calls of an entry, now that its report can be believed. */
export function settledCalls(ledger: Ledger, entry: Entry, plan: Plan, report: Report, now: Now): Calls {
  const others = { ...ledger, entries: ledger.entries.filter((other) => other !== entry) };
  const lastMoment = { ...now, date: new Date(entry.lastDay) };
  return callsOnInEach(pairOf(entry), earlierOn(others, plan, entry.generation), plan, report, lastMoment);
}

/** The books with one entry's calls read again now that the report can be believed; null = keep what is there. */
export function settle(ledger: Ledger, settled: Entry, calls: Calls | null): Ledger {
  const entries = ledger.entries.map((entry) => (entry === settled ? { ...entry, ...calls, open: 0 } : entry));
  return { ...ledger, entries };
}

export function dueEntries({ entries }: Ledger, now: Now): readonly Entry[] {
  return entries.filter(({ open }) => open !== 0 && open <= now.seconds);
}

export function isOf(entry: Entry, plan: string, generation: number): boolean {
  return entry.plan === plan && entry.generation === generation;
}

/** Without what no period can hold any more. */
function recent(entries: readonly Entry[], now: Now): readonly Entry[] {
  const oldest = dayOf(new Date((now.seconds - KEPT_DAYS * DAY_SECONDS) * 1000));
  return entries.filter(({ lastDay }) => lastDay >= oldest);
}
