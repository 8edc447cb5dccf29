import { dayAfter, dayOf } from '../../clock.js';
import type { Plan } from '../../plans/plan.model.js';
import { firstDay } from '../../plans/quota-period.js';
import type { Customer } from '../../subscriptions/customer.js';
import { callsOf, type Entry, isMark, type Now } from '../../subscriptions/ledger/calls.js';
import { isEstimate, mayBeEstimate } from '../../subscriptions/ledger/ledger.js';

/** UTC days, both included. */
export interface Range {
  readonly from: string;
  readonly to: string;
}

/** What an entry of the books says of calls on some days. */
export interface Booked {
  readonly entry: Entry;
  /** So many were made on these days for certain. */
  readonly least: number;
  /** And not more than so many, of those that the entry knows of. */
  readonly most: number;
  /** Whether some of the days are from before what the entry knows, and the key may have been called then. */
  readonly isOpenEnded: boolean;
  /** Whether AWS's late reports are in it, and no estimate. */
  readonly isSettled: boolean;
}

/**
 * An entry knows how many calls were made from three days on: the last one on the plan, its Monday, the 1st of its month. Of
 * days that begin or end elsewhere it knows the least and the most. An estimate counts for nothing while it can be made good.
 */
export function bookedIn(entry: Entry, { from, to }: Range, customer: Customer, { quota }: Plan, now: Now): Booked {
  const since = calledSince(entry, customer);
  const [atFrom, afterwards] = [callsFrom(entry, from, since), callsFrom(entry, dayAfter(to, 1), since)];
  const isMere = quota !== null && isMark(entry);
  return {
    entry,
    least: quota && isEstimate(entry, now) ? 0 : Math.max(0, atFrom.least - afterwards.most),
    most: atFrom.most - afterwards.least,
    isOpenEnded: !isMere && from < knownFrom(entry) && since < knownFrom(entry) && since <= to,
    isSettled: entry.open === 0 && !(quota && mayBeEstimate(entry, now)),
  };
}

const PERIODS = ['DAY', 'WEEK', 'MONTH'] as const;

/** Calls that the entry knows of, from each day of which it knows it. */
function points(entry: Entry): readonly { readonly day: string; readonly calls: number }[] {
  const moment = new Date(entry.lastDay);
  return PERIODS.map((period) => ({ day: firstDay(period, moment), calls: callsOf(entry, period) }));
}

function knownFrom(entry: Entry): string {
  return points(entry).reduce((first, { day }) => (day < first ? day : first), entry.lastDay);
}

/** The least and the most that the entry knows of, from the day on. */
function callsFrom(entry: Entry, day: string, since: string): Pick<Booked, 'least' | 'most'> {
  if (day > entry.lastDay) return { least: 0, most: 0 };
  const first = knownFrom(entry);
  const asked = day <= since || day < first ? first : day; // nothing was called before
  const [later, earlier] = [
    points(entry).filter((one) => one.day >= asked),
    points(entry).filter((one) => one.day <= asked),
  ];
  return {
    least: Math.max(...later.map(({ calls }) => calls)),
    most: Math.min(...earlier.map(({ calls }) => calls)),
  };
}

/** The first day on which the key can have been called, for all that is known. */
function calledSince({ generation }: Entry, { ring, desired }: Customer): string {
  const key = ring.keys.find((one) => one.generation === generation);
  return dayOf(key?.createdAt ?? desired.user.createdAt);
}
