import { dayOf } from '../../clock.js';
import type { Plan } from '../../plans/plan.model.js';
import { firstDay, hasNewQuota, type QuotaPeriodName } from '../../plans/quota-period.js';
import {
  type Calls,
  callsOf,
  type Entry,
  inEachPeriod,
  isOf,
  type Now,
  periodOf,
  type Report,
  reportedSince,
} from './calls.js';

/** The pair a live key is on: what was last written as its remaining calls, when, and from what. */
export interface Pair {
  readonly plan: string;
  /** The plan's period then, by which calls were counted; null = on record from before it was written down. */
  readonly period: QuotaPeriodName | null;
  /** What this key may call in the period, all told. */
  readonly basis: number;
  /** Calls counted on the pair when `set` was written: where no report could be believed yet, the most there can have been. */
  readonly used: number;
  /**
   * How many of these are certain, where the others are an estimate until a report can be believed. Null = none, of a key
   * that left and came back: a report proves less only if it tells of the time before.
   */
  readonly certain: number | null;
  /** The remaining calls written; means nothing on a plan without quota. */
  readonly set: number;
  /** When it was written, seconds since 1970. */
  readonly at: number;
  /** Recorded, but not known to be carried out. */
  readonly pending: boolean;
}

/** The pair as it counts now: one of another plan, of another period, or of an earlier one, is as if nothing had been written. */
export function pairNow(recorded: Pair | null, plan: Plan, now: Now): Pair {
  const period = periodOf(plan);
  const isOfPeriod = (recorded?.period ?? period) === period;
  if (recorded?.plan === plan.code && isOfPeriod && recorded.at >= periodBegan(plan, now)) return recorded;
  const limit = plan.quota?.limit ?? 0;
  return { plan: plan.code, period, basis: limit, used: 0, certain: 0, set: limit, at: 0, pending: false };
}

/**
 * The same with a date: the counter of one of an earlier period became whole when this period began, and no report is believed
 * before it can tell of it. Where AWS may never report, that would charge for calls which nobody made.
 */
export function datedPairNow(recorded: Pair | null, plan: Plan, now: Now): Pair {
  const pair = pairNow(recorded, plan, now);
  const isOfEarlierPeriod = recorded?.plan === plan.code && recorded.at > 0 && pair.at === 0;
  return isOfEarlierPeriod ? { ...pair, at: periodBegan(plan, now) } : pair;
}

function periodBegan(plan: Plan, { date }: Now): number {
  return Date.parse(firstDay(periodOf(plan), date)) / 1000;
}

/** The pair given another basis: what is counted on it stays counted, the rest is what is to remain. */
export function rebased(plan: Plan, used: number, basis: number, now: Now, certain: number | null = used): Pair {
  return {
    plan: plan.code,
    period: periodOf(plan),
    basis,
    used,
    certain,
    set: Math.max(0, basis - used),
    at: now.seconds,
    pending: plan.quota !== null,
  };
}

/**
 * The pair as reports tell of it, which is as it was a lag ago: the most that can have been called since is assumed. Where
 * the key has the whole quota, API Gateway's own counter is as good as one that was set.
 */
export function asReported(
  pair: Pair,
  earlier: readonly Entry[],
  plan: Plan,
  generation: number,
  report: Report,
  now: Now,
): Pair {
  if (now.lagSeconds === 0 || isRecent(pair, now)) return pair;
  const written = isWhole(earlier, pair, plan, generation) ? { ...pair, pending: false } : pair;
  const set = pair.set - (goneOf(written, plan, report, now) ?? 0);
  return { ...written, ...counted(written, earlier, plan, report, now), set, at: now.seconds - now.lagSeconds + 1 };
}

/** Whether it is too early to believe what is reported of the pair. */
export function isRecent({ at }: Pair, now: Now): boolean {
  return now.seconds - at < now.lagSeconds;
}

/** Whether calls were counted on the pair of which no report has told. */
export function isEstimated({ used, certain }: Pair): boolean {
  return used !== certain;
}

/**
 * Whether a pair has the whole quota of a plan that its key was never on: API Gateway counts it right by itself, whenever the
 * key gets there, so that it stays pending and nothing is ever set.
 */
export function isWhole(
  entries: readonly Entry[],
  { pending, used, set }: Pair,
  plan: Plan,
  generation: number,
): boolean {
  return (
    pending && used === 0 && set === plan.quota?.limit && !entries.some((entry) => isOf(entry, plan.code, generation))
  );
}

/**
 * Calls made on the pair since it was joined, in the plan's own period. AWS says it in two ways, and of the two the
 * greater counts: all calls less those in the books, which a counter that detaching reset would get wrong; and what is
 * gone of the remaining calls written, which says nothing while that is pending. A report is not believed before it can
 * know of what was written: then the most possible is assumed.
 */
export function callsOn(pair: Pair, earlier: readonly Entry[], plan: Plan, report: Report, now: Now): number {
  const reported = reportedSince(earlier, report, periodOf(plan), now.date);
  if (!plan.quota) return Math.max(pair.used, reported);
  if (isRecent(pair, now)) return Math.max(reported, pair.used + mostSince(pair, plan, plan.quota.limit, now));
  const certain = pair.certain ?? (isProven(pair, plan, report, now) ? 0 : pair.used);
  return Math.max(reported, certain + (goneOf(pair, plan, report, now) ?? 0));
}

/** Whether the report tells of more than is gone since the pair was written, and so tells of the time before as well. */
export function isProven(pair: Pair, plan: Plan, report: Report, now: Now): boolean {
  const gone = goneOf(pair, plan, report, now);
  return gone !== null && reportedSince([], report, periodOf(plan), now.date) > gone;
}

/** The calls on the pair, and how many of these are certain. */
export function counted(...of: Parameters<typeof callsOn>): Pick<Pair, 'used' | 'certain'> {
  return { used: callsOn(...of), certain: certainOn(...of) };
}

/** How many calls on the pair are certain, whatever is assumed besides; null = see there. */
function certainOn(pair: Pair, earlier: readonly Entry[], plan: Plan, report: Report, now: Now): number | null {
  if (!isRecent(pair, now)) return callsOn(pair, earlier, plan, report, now);
  if (pair.certain === null) return null;
  return Math.max(pair.certain, reportedSince(earlier, report, periodOf(plan), now.date));
}

/** The same for every period: what is not in the report was called today, as far as anybody knows. */
export function callsOnInEach(pair: Pair, earlier: readonly Entry[], plan: Plan, report: Report, now: Now): Calls {
  const reported = inEachPeriod((period) => reportedSince(earlier, report, period, now.date));
  const unreported = callsOn(pair, earlier, plan, report, now) - callsOf(reported, periodOf(plan));
  return inEachPeriod((period) => callsOf(reported, period) + unreported);
}

/** What is gone of the remaining calls written; null = there is no telling. */
function goneOf(pair: Pair, plan: Plan, report: Report, now: Now): number | null {
  if (pair.pending || hasNewQuota(plan, pair.at, now.date)) return null;
  const last = report.findLast(({ used }) => used > 0);
  const since = Math.max(pair.at * 1000, Date.parse(firstDay(periodOf(plan), now.date)));
  if (!last || last.date < dayOf(new Date(since))) return 0;
  return Math.max(0, pair.set - last.remaining);
}

/** The most calls that the throttle can have let through since the pair was written. */
function mostSince(pair: Pair, plan: Plan, limit: number, now: Now): number {
  const left = hasNewQuota(plan, pair.at, now.date) ? Math.max(pair.set, limit) : pair.set;
  const { throttle } = plan;
  if (!throttle) return left;
  return Math.min(left, Math.ceil(throttle.burstLimit + throttle.rateLimit * Math.max(0, now.seconds - pair.at)));
}
