import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { dayOf } from '../../clock.js';
import { Plan, Quota, Throttle } from '../../plans/plan.model.js';
import { firstDay } from '../../plans/quota-period.js';
import type { Customer } from '../../subscriptions/customer.js';
import type { Entry } from '../../subscriptions/ledger/calls.js';
import { EMPTY_LEDGER } from '../../subscriptions/ledger/ledger.js';
import { callsOnPlan } from './calls-on-plan.js';

const HOUR = 3600;
const DAY_MILLISECONDS = 86_400_000;
const noon = new Date('2026-11-20T12:00:00Z'); // a Friday
const NOW = { date: noon, seconds: noon.getTime() / 1000, lagSeconds: HOUR };
const TODAY = dayOf(noon);
const NOVEMBER = { from: '2026-11-01', to: TODAY };

const free = new Plan({
  id: 'p1',
  code: 'free',
  title: 'Free',
  description: null,
  price: null,
  selfService: true,
  retired: false,
  quota: new Quota(100, 'MONTH'),
  throttle: new Throttle(10, 5),
  order: 0,
});

const entry = (fields: Partial<Entry> = {}): Entry => {
  const calls = { day: 7, week: 7, calls: 7 };
  return { plan: 'free', generation: 1, lastDay: TODAY, ...calls, set: 100, certain: 0, at: 0, open: 0, ...fields };
};

/** A customer with these books, whose one key is of that day. */
function customer(entries: readonly Entry[], createdAt = '2026-11-01'): Customer {
  const moment = new Date(createdAt);
  const ring = { ledger: { ...EMPTY_LEDGER, entries }, keys: [{ id: 'k1', generation: 1, createdAt: moment }] };
  return { ring, desired: { sub: 's', user: { createdAt: moment } } } as unknown as Customer;
}

const reported = (used: number, date = TODAY) => new Map([['k1', [{ date, used, remaining: 0 }]]]);
const usedOf = (of: ReturnType<typeof callsOnPlan>) => of?.days.reduce((sum, { used }) => sum + used, 0) ?? 0;
const told = (entries: readonly Entry[], reports = new Map(), range = NOVEMBER) => {
  const calls = callsOnPlan(customer(entries), free, range, reports, NOW);
  return { used: usedOf(calls), isExact: calls?.isExact };
};

describe('calls on a plan', () => {
  it('are those in the books of a key that AWS reports no more, and not twice of one that it does', () => {
    expect(told([entry()])).toEqual({ used: 7, isExact: true });
    expect(told([entry()], reported(7))).toEqual({ used: 7, isExact: true });
    expect(told([entry({ open: NOW.seconds + HOUR })], reported(12))).toEqual({ used: 12, isExact: true });
  });

  it('are no estimate, while a report can make it good', () => {
    const estimate = { at: NOW.seconds - 60, open: NOW.seconds - 30 + HOUR };
    expect(told([entry(estimate)])).toEqual({ used: 0, isExact: false });
    expect(told([entry(estimate)], reported(3))).toEqual({ used: 3, isExact: false });
    expect(told([entry({ ...estimate, open: 0 })])).toEqual({ used: 7, isExact: false });
  });

  it('are not exact before late reports are in them', () => {
    expect(told([entry({ open: NOW.seconds + HOUR })])).toEqual({ used: 7, isExact: false });
  });

  it('are not exact of days before the month of which the books know, if the key was there', () => {
    const range = { from: '2026-10-01', to: TODAY };
    expect(told([entry()], new Map(), range)).toEqual({ used: 7, isExact: true });
    const earlier = callsOnPlan(customer([entry()], '2026-10-10'), free, range, new Map(), NOW);
    expect(earlier).toMatchObject({ isExact: false });
    const alone = { from: '2026-10-01', to: '2026-10-31' };
    expect(callsOnPlan(customer([entry()], '2026-10-10'), free, alone, new Map(), NOW)).toMatchObject({
      days: [],
      isExact: false,
    });
    expect(callsOnPlan(customer([entry()]), free, alone, new Map(), NOW)).toBeNull();
  });

  it('are not exact where entries that are not kept any more may have been about these days', () => {
    const range = { from: '2026-10-01', to: '2026-10-31' };
    const since = (createdAt: string) =>
      callsOnPlan(customer([entry({ plan: 'basic' })], createdAt), free, range, reported(3, '2026-10-25'), NOW);
    expect(since('2026-09-01')).toMatchObject({ isExact: false });
    expect(since('2026-10-21')).toMatchObject({ isExact: true });
  });

  it('are not guessed from a mark that says no more than that remaining calls were set', () => {
    const mark = entry({ day: 0, week: 0, calls: 0, set: 0 });
    const range = { from: '2026-10-01', to: TODAY };
    expect(callsOnPlan(customer([mark], '2026-10-10'), free, range, new Map(), NOW)).toBeNull();
  });

  it('of several plans put together belong to none', () => {
    const merged = entry({ plan: '', generation: 0 });
    expect(callsOnPlan(customer([merged]), free, NOVEMBER, new Map(), NOW)).toEqual({
      keyIds: [],
      days: [],
      isExact: false,
      unattributed: 7,
    });
  });

  it('are never more than were made, and all of them where they are said to be exact', () => {
    const day = (number: number) => dayOf(new Date(Date.parse('2026-11-01') + (number - 1) * DAY_MILLISECONDS));
    const dayNumber = fc.integer({ min: 1, max: 20 });
    fc.assert(
      fc.property(
        fc.array(fc.nat(3), { minLength: 20, maxLength: 20 }),
        dayNumber,
        dayNumber,
        dayNumber,
        (made, last, a, b) => {
          const [from, to] = a <= b ? [a, b] : [b, a];
          const between = (first: string, end: string) =>
            made
              .slice(0, last)
              .reduce((sum, calls, at) => sum + (day(at + 1) >= first && day(at + 1) <= end ? calls : 0), 0);
          const lastDay = day(last);
          const since = (period: 'DAY' | 'WEEK' | 'MONTH') => between(firstDay(period, new Date(lastDay)), lastDay);
          const left = entry({ lastDay, day: since('DAY'), week: since('WEEK'), calls: since('MONTH') });
          const range = { from: day(from), to: day(to) };
          const truth = between(range.from, range.to);
          const { used, isExact } = told([left], new Map(), range);
          expect(used).toBeLessThanOrEqual(truth);
          if (isExact !== false) expect(used).toBe(truth);
        },
      ),
    );
  });
});
