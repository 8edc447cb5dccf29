import { dayAfter, dayOf } from '../../clock.js';
import type { Plan } from '../../plans/plan.model.js';
import { firstDay, type QuotaPeriodName } from '../../plans/quota-period.js';
import {
  type Calls,
  callsIn,
  callsOf,
  type Entry,
  inEachPeriod,
  isOf,
  type Now,
  periodOf,
  type Report,
  together,
  withoutCalls,
} from './calls.js';
import { asReported, callsOnInEach, datedPairNow, isProven, isWhole, type Pair, pairNow, rebased } from './pair.js';

/**
 * The arithmetic that makes one allowance out of API Gateway's many counters. A counter belongs to a (plan, key) pair,
 * so a new key or plan would come with a fresh quota; what was called on pairs left behind is written down here and
 * taken off the next pair. Pure: reads and writes of AWS are in allowance.service.ts.
 */

export interface Ledger {
  /** Until when the key one generation below stays alive (seconds since 1970). */
  readonly until: number;
  readonly pair: Pair | null;
  readonly overlap: Pair | null;
  readonly entries: readonly Entry[];
  /** The last day on a pair of which AWS told nothing after it had been left; null = there was none. */
  readonly untold: string | null;
}

export const EMPTY_LEDGER: Ledger = { until: 0, pair: null, overlap: null, entries: [], untold: null };

/** As long as any period lasts, and two days: a month of 31 days is billed when it is over, and where it is evening still. */
const KEPT_DAYS = 33;

/** What the books hold of this very pair: calls made before the key joined it the last time. */
export function earlierOn({ entries }: Ledger, plan: Plan, generation: number): readonly Entry[] {
  return entries.filter((entry) => isOf(entry, plan.code, generation));
}

/** What the customer may call on keys and plans not left yet: limit and grant less all that was called before. */
export function allowance(ledger: Ledger, plan: Plan, granted: number, now: Now): number {
  return plan.quota ? plan.quota.limit + granted - spent(ledger, plan, now) : 0;
}

/** Calls of the plan's current period on pairs that were left, whatever periods those had. */
export function spent({ entries }: Ledger, plan: Plan, { date }: Now): number {
  return callsIn(entries, periodOf(plan), date);
}

/** Whether the calls of this generation on this plan are in the books already and it has not been joined since. */
export function hasLeft(ledger: Ledger, slot: Slot | null, plan: string, generation: number): boolean {
  return (slot && ledger[slot])?.plan !== plan && ledger.entries.some((entry) => isOf(entry, plan, generation));
}

/** Which live key of the ledger is meant: the current one or the one it overlaps; null stands for any older key. */
export type Slot = 'pair' | 'overlap';

/**
 * Puts the calls of a pair being left into the books; of one that is in them already, what was called since. `isRetiring`: the
 * key stays in the plan, switched off, so that AWS goes on reporting.
 */
export function leave(
  ledger: Ledger,
  leaving: { slot: Slot | null; plan: Plan; generation: number; report: Report; now: Now; isRetiring?: boolean },
): Ledger {
  const { slot, plan, generation, report, now, isRetiring = false } = leaving;
  const again = hasLeft(ledger, slot, plan.code, generation)
    ? ledger.entries.findLast((entry) => isOf(entry, plan.code, generation))
    : undefined;
  const others = { ...ledger, entries: ledger.entries.filter((entry) => entry !== again) };
  const isDated = isRetiring && slot === 'pair' && !again;
  const recorded = (isDated ? datedPairNow : pairNow)(again ? pairOf(again) : slot && ledger[slot], plan, now);
  const earlier = earlierOn(others, plan, generation);
  const isToBeTold = isRetiring || !isUntold(ledger, now);
  const pair = isToBeTold ? recorded : asReported(recorded, earlier, plan, generation, report, now);
  const calls = callsOnInEach(pair, earlier, plan, report, now);
  const noted = again ? [again] : [];
  const entry: Entry = {
    plan: plan.code,
    generation,
    lastDay: dayOf(now.date),
    ...inEachPeriod((period) => Math.max(callsOf(calls, period), callsIn(noted, period, now.date))),
    set: pair.pending ? 0 : pair.set, // nobody knows that it was written, so nothing can be read from what remains
    certain: pair.certain,
    at: pair.at,
    open: now.seconds + now.lagSeconds,
  };
  const isRecorded = slot !== null && ledger[slot]?.plan === plan.code;
  return { ...others, ...(isRecorded ? { [slot]: null } : {}), entries: recent([...others.entries, entry], now) };
}

/** Whether AWS told nothing of a pair left in this month. What was called there unseen is given away, but only once a month. */
function isUntold({ untold }: Ledger, { date }: Now): boolean {
  return untold !== null && untold >= firstDay('MONTH', date);
}

/** When an entry can be read that was written without a report: as soon as its plan is there to be asked about. */
const UNREAD = 1;

/** Puts a pair into the books as it is on record, where no usage plan bears its code just now and so no report is to be had. */
export function leaveUnread(ledger: Ledger, slot: Slot, generation: number, now: Now): Ledger {
  const pair = ledger[slot];
  if (!pair) return ledger;
  const { plan, used, certain, set, at, pending } = pair;
  const isOf = (period: QuotaPeriodName) => at * 1000 >= Date.parse(firstDay(period, now.date));
  const entry: Entry = {
    plan,
    generation,
    lastDay: dayOf(now.date),
    ...inEachPeriod((period) => (isOf(period) ? used : 0)),
    set: pending ? 0 : set,
    certain,
    at,
    open: UNREAD,
  };
  return { ...ledger, [slot]: null, entries: recent([...ledger.entries, entry], now) };
}

/** Whether no report was read for the entry yet. */
export function isUnread({ open }: Entry): boolean {
  return open === UNREAD;
}

function pairOf({ plan, certain, set, at }: Entry): Pair {
  return { plan, period: null, basis: 0, used: certain ?? 0, certain, set, at, pending: false };
}

/** Calls of an entry, now that its report can be believed; null = it may not tell of all of them. */
export function settledCalls(ledger: Ledger, entry: Entry, plan: Plan, report: Report, now: Now): Calls | null {
  const others = { ...ledger, entries: ledger.entries.filter((other) => other !== entry) };
  const earlier = earlierOn(others, plan, entry.generation).filter(({ lastDay }) => lastDay <= entry.lastDay);
  const lastMoment = { ...now, date: new Date(entry.lastDay) };
  const pair = pairOf(entry);
  if (pair.certain === null && !isProven(pair, plan, report, lastMoment)) return null;
  return callsOnInEach(pair, earlier, plan, report, lastMoment);
}

/**
 * Puts a key on a plan. Where it was there before, what was left stands as it is, because the new stay is counted beside it.
 * But what of it was an estimate goes on as calls of the new stay, until a report can be believed that tells of both. One of a
 * period that is over has no part in the new stay: it is left open, as the key that came straight back has its report told.
 */
export function join(
  ledger: Ledger,
  joining: { slot: Slot; plan: Plan; generation: number; basis: number; now: Now },
): Ledger {
  const { slot, plan, generation, basis, now } = joining;
  const period = periodOf(plan);
  const stays = earlierOn(ledger, plan, generation);
  const isBack = isStraightBack(ledger, plan, stays);
  const isUnsure = (entry: Entry) => plan.quota !== null && isEstimate(entry, now);
  const isOver = ({ lastDay }: Entry) => lastDay < firstDay(period, now.date);
  const mine = stays.filter((entry) => !(isBack && isUnsure(entry) && isOver(entry)));
  const estimates = mine.map((entry) => (isUnsure(entry) ? callsIn([entry], period, now.date) : 0));
  const estimated = estimates.reduce((sum, calls) => sum + calls, 0);
  const [first, ...more] = mine.map((entry, index) => ({
    ...entry,
    ...inEachPeriod((one) => Math.max(0, callsOf(entry, one) - (estimates[index] ?? 0))),
  }));
  const others = ledger.entries.filter((entry) => !mine.includes(entry));
  const entries = first ? [...others, { ...more.reduce(together, first), open: 0 }] : others;
  const certain = estimated === 0 || isBack ? 0 : null;
  const isUntold = !isBack && mine.some((entry) => entry.open !== 0 && !isUnsure(entry));
  const untold = isUntold ? dayOf(now.date) : ledger.untold;
  return { ...ledger, entries, untold, [slot]: rebased(plan, estimated, basis + estimated, now, certain) };
}

/** Writes down the pair of a key that is on the plan: its counter may be any, so one that looks whole is marked as to be set. */
export function rewrite(
  ledger: Ledger,
  rewritten: { slot: Slot; pair: Pair; plan: Plan; generation: number; now: Now },
): Ledger {
  const { slot, pair, plan, generation, now } = rewritten;
  const isMarked = isWhole(ledger.entries, pair, plan, generation);
  const mark = isMarked ? [withoutCalls(plan.code, generation, dayOf(now.date))] : [];
  return { ...ledger, [slot]: pair, entries: [...ledger.entries, ...mark] };
}

/** Whether the customer was on no other plan since, as after a suspension: that is nothing one can do to have calls forgotten. */
function isStraightBack({ entries }: Ledger, { code }: Plan, mine: readonly Entry[]): boolean {
  const last = entries.findLastIndex((entry) => mine.includes(entry));
  return entries.slice(last).every((entry) => entry.plan === code);
}

/** Whether the pair was left before a report could be believed that tells of its calls. */
export function isEstimate({ open, at }: Entry, { lagSeconds }: Now): boolean {
  return open !== 0 && open - at < 2 * lagSeconds;
}

/** Whether that may have been so, and no report may have made it good since. */
export function mayBeEstimate({ at, lastDay }: Entry, { lagSeconds }: Now): boolean {
  return at > 0 && lagSeconds > 0 && lastDay <= dayOf(new Date((at + lagSeconds) * 1000));
}

/**
 * The books with one entry's calls read again now that the report can be believed; null = keep what is there. Settled stays of
 * the same key on the same plan become one with it, so that the books seldom grow so long that pairs have to be merged.
 */
export function settle(ledger: Ledger, settled: Entry, calls: Calls | null, now: Now): Ledger {
  const isSame = (one: Entry) => one !== settled && one.open === 0 && isOf(one, settled.plan, settled.generation);
  const read: Entry = { ...settled, ...calls, open: 0 };
  const whole = ledger.entries.filter(isSame).reduce((sum, earlier) => together(earlier, sum), read);
  const others = ledger.entries.filter((entry) => !isSame(entry));
  const untold = calls || isEstimate(settled, now) ? ledger.untold : settled.lastDay;
  return { ...ledger, untold, entries: others.map((entry) => (entry === settled ? whole : entry)) };
}

export function dueEntries({ entries }: Ledger, now: Now): readonly Entry[] {
  return entries.filter(({ open }) => open !== 0 && open <= now.seconds);
}

/** The first day of which the books tell, as of that day: what was left before may be in them no more. */
export function bookedFrom(day: string): string {
  return dayAfter(day, -KEPT_DAYS);
}

/** Without what no period can hold any more. */
function recent(entries: readonly Entry[], { date }: Now): readonly Entry[] {
  const oldest = bookedFrom(dayOf(date));
  return entries.filter(({ lastDay }) => lastDay >= oldest);
}
