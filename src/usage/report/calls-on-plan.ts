import type { DayUsage } from '../../aws/usage-plans.js';
import { dayOf } from '../../clock.js';
import type { Plan } from '../../plans/plan.model.js';
import type { Customer } from '../../subscriptions/customer.js';
import { type Entry, MERGED, type Now } from '../../subscriptions/ledger/calls.js';
import { bookedFrom } from '../../subscriptions/ledger/ledger.js';
import type { KeyRing } from '../../subscriptions/reconcile/key-ring.js';
import { DailyUsage } from '../usage.model.js';
import { type Booked, bookedIn, type Range } from './booked-calls.js';

/* What a customer called on a plan, from AWS's report of the whole plan and from the customer's books: pure. */

/** What AWS reports, by the key's id. */
export type Reports = ReadonlyMap<string, readonly DayUsage[]>;

export interface PlanCalls {
  readonly keyIds: readonly string[];
  readonly days: readonly Pick<DayUsage, 'date' | 'used'>[];
  /** Whether these are all calls that AWS has counted, and no others. */
  readonly isExact: boolean;
  /** At most so many more are in the books of which no plan can be told. */
  readonly unattributed: number;
}

/** What is known of one key. */
interface KeyCalls {
  readonly keyIds: readonly string[];
  readonly reported: readonly DayUsage[];
  readonly booked: readonly Booked[];
}

/** Of all keys that are gone: nobody knows any more which id was of which generation. */
const GONE = 0;

/** Where there are no books. */
export function asReported(reports: Reports): PlanCalls {
  return { keyIds: [...reports.keys()], days: [...reports.values()].flat(), isExact: true, unattributed: 0 };
}

/** Key by key. Null = nothing was called, for all that is known, and nothing can be missing. */
export function callsOnPlan(
  customer: Customer,
  plan: Plan,
  range: Range,
  reports: Reports,
  now: Now,
): PlanCalls | null {
  const { ledger, keys } = customer.ring;
  if (ledger.entries.length === 0) return reports.size > 0 ? asReported(reports) : null;
  const bookedOn = (code: string) =>
    ledger.entries
      .filter((entry) => entry.plan === code)
      .map((entry) => bookedIn(entry, range, customer, plan, now))
      .filter(({ most, isOpenEnded }) => most > 0 || isOpenEnded);
  const byKey = keysOf(keys, reports, bookedOn(plan.code));
  const told = byKey.map(({ reported, booked }) => laidOver(reported, booked, range));
  const merged = bookedOn(MERGED);
  const days = told.flatMap((one) => one.days);
  const isKnown = merged.length === 0 && told.every(({ isExact }) => isExact);
  if (reports.size === 0 && isKnown && days.length === 0) return null;
  return {
    keyIds: byKey.flatMap(({ keyIds }) => keyIds),
    days,
    isExact: isKnown && !mayBeGone(customer, range),
    unattributed: merged.reduce((sum, { most }) => sum + most, 0),
  };
}

/** By generation, which a key that is gone has in the books alone. */
function keysOf(keys: KeyRing['keys'], reports: Reports, booked: readonly Booked[]): KeyCalls[] {
  const generationOf = (id: string) => keys.find((key) => key.id === id)?.generation ?? GONE;
  const isThere = ({ generation }: Entry) => keys.some((key) => key.generation === generation);
  const leftBy = ({ entry }: Booked) => (isThere(entry) ? entry.generation : GONE);
  const generations = new Set([...[...reports.keys()].map(generationOf), ...booked.map(leftBy)]);
  return [...generations].map((generation) => {
    const mine = [...reports].filter(([id]) => generationOf(id) === generation);
    const left = booked.filter((one) => leftBy(one) === generation);
    const key = left.some(({ least }) => least > 0) && keys.find((one) => one.generation === generation);
    const keyIds = key && mine.length === 0 ? [key.id] : mine.map(([id]) => id);
    return { keyIds, reported: mine.flatMap(([, days]) => days), booked: left };
  });
}

/** Whether there may have been entries about these days that are not kept any more: they go when a key leaves a plan later. */
function mayBeGone({ ring, desired }: Customer, { from }: Range): boolean {
  const signedUp = dayOf(desired.user.createdAt);
  const since = signedUp > from ? signedUp : from;
  return ring.ledger.entries.some(({ lastDay }) => bookedFrom(lastDay) > since);
}

/**
 * One key's calls, as the ledger counts them: all that AWS reports; or, where that is more, because AWS has forgotten or
 * begun anew, what the books hold and the calls reported since.
 */
function laidOver(
  reported: readonly DayUsage[],
  booked: readonly Booked[],
  { to }: Range,
): Pick<PlanCalls, 'days' | 'isExact'> {
  const latestFirst = booked.toSorted((a, b) => (a.entry.lastDay > b.entry.lastDay ? -1 : 1));
  const lastDay = latestFirst[0]?.entry.lastDay ?? '';
  const calledOnIt = latestFirst.reduce((sum, { entry }) => sum + (entry.lastDay === lastDay ? entry.day : 0), 0);
  const all = reported.reduce((sum, { used }) => sum + used, 0);
  const since = reported.reduce((sum, { date, used }) => {
    if (date !== lastDay) return sum + (date > lastDay ? used : 0);
    return sum + Math.max(0, used - calledOnIt);
  }, 0);
  const least = booked.reduce((sum, one) => sum + one.least, 0);
  const most = booked.reduce((sum, one) => sum + one.most, 0);
  let missing = Math.max(0, least + since - all);
  const added = latestFirst.map(({ entry, least: certain }) => {
    const used = Math.min(missing, certain);
    missing -= used;
    return new DailyUsage(entry.lastDay < to ? entry.lastDay : to, used);
  });
  const isReported = reported.length > 0 && all - since >= most;
  const isBooked = all === since && booked.every((one) => one.isSettled && !one.isOpenEnded && one.least === one.most);
  return { days: [...reported, ...added.filter(({ used }) => used > 0)], isExact: isReported || isBooked };
}
