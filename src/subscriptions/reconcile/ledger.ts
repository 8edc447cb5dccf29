import type { DayUsage } from '../../aws/usage-plans.js';
import { dayOf } from '../../clock.js';
import type { Plan } from '../../plans/plan.model.js';
import { firstDay } from '../../plans/quota-period.js';

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

/** Calls made on a pair that a key has left. */
export interface Entry {
  readonly plan: string;
  readonly generation: number;
  /** The last UTC day on which calls can have been made. */
  readonly lastDay: string;
  readonly calls: number;
  /** `set`, `used` and `at` of the pair when it was left. */
  readonly set: number;
  readonly used: number;
  readonly at: number;
  /** When AWS's late report can be believed (seconds since 1970) and `calls` is to be read again; 0 = settled. */
  readonly open: number;
}

export interface Ledger {
  /** Until when the key one generation below stays alive (seconds since 1970). */
  readonly until: number;
  readonly pair: Pair | null;
  readonly overlap: Pair | null;
  readonly entries: readonly Entry[];
}

/** What AWS reports for a pair in the period: all its calls, and what remained on the last day that it reports. */
export interface Report {
  readonly used: number;
  readonly remaining: number;
  readonly lastDay: string;
}

/** The moment of a calculation, and how late AWS's reports may be. */
export interface Now {
  readonly date: Date;
  readonly seconds: number;
  readonly lagSeconds: number;
}

export const EMPTY_LEDGER: Ledger = { until: 0, pair: null, overlap: null, entries: [] };

const MAX_ENTRIES = 13; // keeps a description within 1 KB
const KEPT_DAYS = 31;
const DAY_SECONDS = 86_400;

/** The pair as it counts now: one of another plan, or of an earlier period, is as if nothing had been written. */
export function pairNow(recorded: Pair | null, plan: Plan, now: Now): Pair {
  const periodBegan = Date.parse(firstDay(plan.quota?.period ?? 'MONTH', now.date)) / 1000;
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

/** Calls in the books of this very pair: made in the plan's current period, before the key joined it the last time. */
export function callsBefore({ entries }: Ledger, plan: Plan, generation: number, now: Now): number {
  const began = firstDay(plan.quota?.period ?? 'MONTH', now.date);
  const earlier = entries.filter((entry) => isOf(entry, plan.code, generation) && entry.lastDay >= began);
  return earlier.reduce((sum, { calls }) => sum + calls, 0);
}

/**
 * Calls made on the pair since it was joined. AWS says it in two ways, and of the two the greater counts: all calls less
 * those in the books, which a counter that detaching reset would get wrong; and what is gone of the remaining calls
 * written, which says nothing while that is pending. A report is not believed before it can know of what was written:
 * then the most possible is assumed.
 */
export function callsOn(pair: Pair, before: number, plan: Plan, report: Report | null, now: Now): number {
  const reported = Math.max(pair.used, (report?.used ?? 0) - before);
  if (!plan.quota) return reported;
  const age = now.seconds - pair.at;
  if (age < now.lagSeconds) return Math.max(reported, pair.used + Math.min(pair.set, mostCallsIn(age, plan)));
  if (pair.pending || !report || report.lastDay < dayOf(new Date(pair.at * 1000))) return reported;
  return Math.max(reported, pair.used + pair.set - report.remaining);
}

function mostCallsIn(seconds: number, { throttle }: Plan): number {
  if (!throttle) return Number.MAX_SAFE_INTEGER;
  return Math.ceil(throttle.burstLimit + throttle.rateLimit * Math.max(0, seconds));
}

/** What the customer may call on keys and plans not left yet: limit and grant less all that was called before. */
export function allowance(ledger: Ledger, plan: Plan, granted: number, now: Now): number {
  return plan.quota ? plan.quota.limit + granted - spent(ledger, plan, now) : 0;
}

/** Calls of the plan's current period on pairs that were left; without a quota, of the month. */
export function spent({ entries }: Ledger, plan: Plan, now: Now): number {
  const began = firstDay(plan.quota?.period ?? 'MONTH', now.date);
  return entries.filter(({ lastDay }) => lastDay >= began).reduce((sum, { calls }) => sum + calls, 0);
}

/** What a row of days says of the whole; no days = nothing reported. */
export function toReport(days: readonly DayUsage[]): Report | null {
  const last = days.at(-1);
  if (!last) return null;
  return { used: days.reduce((sum, { used }) => sum + used, 0), remaining: last.remaining, lastDay: last.date };
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
  leaving: { slot: Slot | null; plan: Plan; generation: number; report: Report | null; now: Now },
): Ledger {
  const { slot, plan, generation, report, now } = leaving;
  const again = hasLeft(ledger, slot, plan.code, generation)
    ? ledger.entries.findLast((entry) => isOf(entry, plan.code, generation))
    : undefined;
  const others = { ...ledger, entries: ledger.entries.filter((entry) => entry !== again) };
  const pair = again ? pairOf(again) : pairNow(slot && ledger[slot], plan, now);
  const calls = callsOn(pair, callsBefore(others, plan, generation, now), plan, report, now);
  const entry: Entry = {
    plan: plan.code,
    generation,
    lastDay: dayOf(now.date),
    calls: Math.max(calls, again?.calls ?? 0),
    set: pair.set,
    used: pair.used,
    at: pair.at,
    open: now.seconds + now.lagSeconds,
  };
  const isRecorded = slot !== null && ledger[slot]?.plan === plan.code;
  return { ...others, ...(isRecorded ? { [slot]: null } : {}), entries: tidy([...others.entries, entry], now) };
}

function pairOf({ plan, used, set, at }: Entry): Pair {
  return { plan, basis: 0, used, set, at, pending: false };
}

/** Calls of an entry, now that its report can be believed. */
export function settledCalls(ledger: Ledger, entry: Entry, plan: Plan, report: Report | null, now: Now): number {
  const others = { ...ledger, entries: ledger.entries.filter((other) => other !== entry) };
  const moment = { ...now, date: new Date(entry.lastDay) };
  return callsOn(pairOf(entry), callsBefore(others, plan, entry.generation, moment), plan, report, now);
}

/** The books with one entry's calls read again now that the report can be believed; null = keep what is there. */
export function settle(ledger: Ledger, settled: Entry, calls: number | null): Ledger {
  const entries = ledger.entries.map((entry) =>
    entry === settled ? { ...entry, calls: calls ?? entry.calls, open: 0 } : entry,
  );
  return { ...ledger, entries };
}

export function dueEntries({ entries }: Ledger, now: Now): readonly Entry[] {
  return entries.filter(({ open }) => open !== 0 && open <= now.seconds);
}

/** A pair joined again is counted anew, so what was left on it before can no longer be read: it stands as it is. */
export function closeBooks(ledger: Ledger, plan: string, generation: number): Ledger {
  const closed = new Map<string, Entry>();
  for (const entry of ledger.entries.filter((one) => isOf(one, plan, generation))) {
    const earlier = closed.get(entry.lastDay)?.calls ?? 0;
    closed.set(entry.lastDay, { ...entry, calls: earlier + entry.calls, open: 0 });
  }
  const others = ledger.entries.filter((entry) => !isOf(entry, plan, generation));
  return { ...ledger, entries: [...others, ...closed.values()] };
}

function isOf(entry: Entry, plan: string, generation: number): boolean {
  return entry.plan === plan && entry.generation === generation;
}

/** Drops what no period can hold any more, and merges the oldest entries when there are too many. */
function tidy(entries: readonly Entry[], now: Now): readonly Entry[] {
  const oldest = dayOf(new Date((now.seconds - KEPT_DAYS * DAY_SECONDS) * 1000));
  let kept: readonly Entry[] = entries.filter(({ lastDay }) => lastDay >= oldest);
  while (kept.length > MAX_ENTRIES) kept = mergeTwo(kept);
  return kept;
}

/** Merges two entries, of one day if there are any: then nothing is lost but the means to settle them. */
function mergeTwo(entries: readonly Entry[]): readonly Entry[] {
  const sameDay = entries.find((entry, i) => entries.findIndex(({ lastDay }) => lastDay === entry.lastDay) < i);
  const first = entries.find((entry) => !sameDay || entry.lastDay === sameDay.lastDay);
  const second = sameDay ?? entries[1];
  if (!first || !second) return entries;
  const merged = {
    ...second,
    plan: '',
    generation: 0,
    set: 0,
    used: 0,
    at: 0,
    open: 0,
    calls: first.calls + second.calls,
  };
  return [merged, ...entries.filter((entry) => entry !== first && entry !== second)];
}
