import type { DayUsage } from '../aws/usage-plans.js';
import type { Plan } from '../plans/plan.model.js';
import { firstDay } from '../plans/quota-period.js';
import type { Customer } from '../subscriptions/customer.js';
import { callsOf, type Entry, type Now, periodOf } from '../subscriptions/ledger/calls.js';
import { earlierOn, hasLeft, type Ledger, type Slot, spent } from '../subscriptions/ledger/ledger.js';
import { callsOnInEach, pairNow } from '../subscriptions/ledger/pair.js';
import { type OwnKey, predecessorOf } from '../subscriptions/reconcile/key-ring.js';
import { DailyUsage } from './usage.model.js';

/** A key on a plan, whose calls API Gateway counts by themselves. */
export interface KeyOnPlan {
  readonly plan: Plan;
  readonly key: OwnKey;
  /** Which live pair of the ledger this is; null = one that the key has left. */
  readonly slot: Slot | null;
}

export interface CountedPair extends KeyOnPlan {
  readonly days: readonly DayUsage[];
}

/** What AWS reports of a key on a plan. */
export type ReportOf = (plan: Plan, key: OwnKey) => Promise<readonly DayUsage[]>;

/** Asks for each pair by itself. */
export async function reported(pairs: readonly KeyOnPlan[], reportOf: ReportOf): Promise<CountedPair[]> {
  const days = await Promise.all(pairs.map(({ plan, key }) => reportOf(plan, key)));
  return pairs.map((pair, index) => ({ ...pair, days: days[index] ?? [] }));
}

/** Every pair the customer called on lately: those of the live keys, and those in the books. */
export function pairsOf({ ring, plan }: Customer, plans: readonly Plan[]): KeyOnPlan[] {
  const { ledger, holder, keys } = ring;
  // One whose time is over stands there until it is switched off and its calls are in the books.
  const ended = ledger.overlap && holder && predecessorOf(keys, holder);
  const live = [
    { slot: 'pair' as const, key: ring.current },
    { slot: 'overlap' as const, key: ring.overlapping ?? ended },
  ].flatMap(({ slot, key }): KeyOnPlan[] => {
    const on = plans.find(({ code }) => code === (ledger[slot]?.plan ?? plan?.code));
    return key && on && !hasLeft(ledger, slot, on.code, key.generation) ? [{ slot, key, plan: on }] : [];
  });
  const left = ledger.entries.flatMap((entry): KeyOnPlan[] => {
    const on = plans.find(({ code }) => code === entry.plan);
    const key = ring.keys.find(({ generation }) => generation === entry.generation);
    return key && on ? [{ slot: null, key, plan: on }] : [];
  });
  const isFirst = (pair: KeyOnPlan, index: number, all: KeyOnPlan[]) =>
    all.findIndex(({ plan: { id }, key }) => id === pair.plan.id && key.id === pair.key.id) === index;
  return [...live, ...left].filter(isFirst);
}

/**
 * What the books hold of the plan's period, and what AWS reports of the live pairs, whatever plan those are on yet. What a
 * report says to be left means nothing where it was written after `knownUntil` (seconds since 1970).
 */
export function callsInPeriod(
  pairs: readonly CountedPair[],
  ledger: Ledger,
  plan: Plan,
  now: Now,
  knownUntil: number,
): number {
  const live = pairs.map(({ slot, plan: on, key, days }) => {
    if (slot === null) return 0;
    const earlier = earlierOn(ledger, on, key.generation);
    const recorded = pairNow(ledger[slot], on, now);
    const pair = recorded.at > knownUntil ? { ...recorded, pending: true } : recorded;
    const calls = callsOnInEach(pair, earlier, on, days, now);
    return callsOf(calls, periodOf(plan));
  });
  return live.reduce((sum, calls) => sum + calls, spent(ledger, plan, now));
}

/** By day, as AWS reports it; calls in the books of which AWS reports nothing any more stand on their last day. */
export function callsByDay(pairs: readonly CountedPair[], { entries }: Ledger, from: string, to: string): DailyUsage[] {
  const calls = new Map<string, number>();
  const add = (date: string, used: number) => calls.set(date, (calls.get(date) ?? 0) + used);
  for (const { days } of pairs) for (const { date, used } of days) add(date, used);
  for (const entry of entries) {
    const isReported = pairs.some(({ plan, key, days }) => {
      return plan.code === entry.plan && key.generation === entry.generation && days.length > 0;
    });
    if (!isReported) add(entry.lastDay, callsSince(entry, from));
  }
  return [...calls]
    .filter(([date, used]) => date >= from && date <= to && used > 0)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([date, used]) => new DailyUsage(date, used));
}

/** The most that the entry can tell of without telling of days before `from`. */
function callsSince(entry: Entry, from: string): number {
  const lastMoment = new Date(entry.lastDay);
  const told = (['DAY', 'WEEK', 'MONTH'] as const).filter((period) => firstDay(period, lastMoment) >= from);
  return Math.max(0, ...told.map((period) => callsOf(entry, period)));
}
