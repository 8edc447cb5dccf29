import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Plan, Quota, Throttle } from '../../plans/plan.model.js';
import { formatLedger, parseLedger } from './books.js';
import {
  allowance,
  callsOn,
  closeBooks,
  EMPTY_LEDGER,
  type Entry,
  type Ledger,
  leave,
  type Now,
  type Pair,
  pairNow,
  type Report,
  settle,
} from './ledger.js';

const free = plan('free', 100);
const unlimited = plan('unlimited', null);

function plan(code: string, limit: number | null): Plan {
  return new Plan({
    id: code,
    code,
    title: code,
    description: null,
    price: null,
    selfService: true,
    retired: false,
    quota: limit === null ? null : new Quota(limit, 'MONTH'),
    throttle: new Throttle(10, 5),
    order: 0,
  });
}

function at(moment: string, lagSeconds = 0): Now {
  const date = new Date(moment);
  return { date, seconds: date.getTime() / 1000, lagSeconds };
}

const NOW = at('2026-11-21T12:00:00Z');
const LATE = at('2026-11-21T12:00:00Z', 3600);

const pair = (fields: Partial<Pair> = {}): Pair => ({
  plan: 'free',
  basis: 60,
  used: 10,
  set: 50,
  at: NOW.seconds - 5,
  pending: false,
  ...fields,
});
const entry = (fields: Partial<Entry> = {}): Entry => ({
  plan: 'free',
  generation: 1,
  lastDay: '2026-11-20',
  calls: 30,
  set: 100,
  used: 0,
  at: 0,
  open: 0,
  ...fields,
});

const TODAY = '2026-11-21';
const report = (used: number, remaining: number, lastDay = TODAY): Report => ({ used, remaining, lastDay });

describe('calls on a pair', () => {
  it('are what was counted before, and what is gone of the remaining calls written', () => {
    expect(callsOn(pair(), 0, free, report(12, 20), NOW)).toBe(40);
  });

  it('are all that AWS reports beyond the books, where that is more: late reports do not fit what was written', () => {
    expect(callsOn(pair(), 30, free, report(75, 50), NOW)).toBe(45);
    expect(callsOn(pair(), 30, free, report(20, 50), NOW)).toBe(10); // a counter that began anew
  });

  it('are what was counted before when AWS reports nothing, or a day before anything was written', () => {
    expect(callsOn(pair(), 0, free, null, NOW)).toBe(10);
    expect(callsOn(pair(), 0, free, report(1, 20, '2026-11-20'), NOW)).toBe(10);
  });

  it('are not read from the remaining calls while those are not known to be written', () => {
    expect(callsOn(pair({ pending: true }), 0, free, report(25, 3), NOW)).toBe(25);
  });

  it('are taken as the most possible while a report cannot know what was written', () => {
    expect(callsOn(pair({ at: LATE.seconds - 2 }), 0, free, report(0, 50), LATE)).toBe(10 + 25); // burst 5 + 10/s × 2 s
    expect(callsOn(pair({ at: LATE.seconds - 600 }), 0, free, null, LATE)).toBe(10 + 50);
  });

  it('are the reported ones beyond the books on a plan without quota', () => {
    expect(callsOn(pairNow(null, unlimited, NOW), 0, unlimited, report(42, 0), NOW)).toBe(42);
    expect(callsOn(pair({ plan: 'unlimited', used: 0 }), 40, unlimited, report(42, 0), NOW)).toBe(2);
  });
});

describe('a recorded pair', () => {
  it('counts for its own plan and period only', () => {
    expect(pairNow(pair(), free, NOW)).toEqual(pair());
    expect(pairNow(pair({ plan: 'basic' }), free, NOW)).toMatchObject({ basis: 100, used: 0, set: 100 });
    expect(pairNow(pair(), free, at('2026-12-01T00:00:00Z'))).toMatchObject({ basis: 100, used: 0, set: 100 });
  });
});

describe('leaving a pair', () => {
  const leaving = { slot: 'pair' as const, plan: free, generation: 2, now: NOW };

  it('takes its calls off the allowance, once', () => {
    const left = leave({ ...EMPTY_LEDGER, pair: pair() }, { ...leaving, report: report(40, 20) });
    expect(left).toMatchObject({ pair: null, entries: [{ generation: 2, calls: 40 }] });
    expect(allowance(left, free, 0, NOW)).toBe(60);
    expect(leave(left, { ...leaving, report: report(40, 20) })).toEqual(left);
  });

  it('counts what was called after it was written down, as the key had not left yet', () => {
    const left = leave({ ...EMPTY_LEDGER, pair: pair() }, { ...leaving, report: report(40, 20) });
    expect(leave(left, { ...leaving, report: report(47, 13) })).toMatchObject({ entries: [{ calls: 47 }] });
  });

  it.each([
    ['goes on where it was', report(45, 55)],
    ['began anew', report(15, 55)],
  ])('counts again a plan that the key came back to, when its counter %s', (_, again) => {
    const once = closeBooks(leave(EMPTY_LEDGER, { ...leaving, report: report(30, 70) }), 'free', 2);
    const twice = leave({ ...once, pair: pair({ used: 0, set: 70 }) }, { ...leaving, report: again });
    expect(allowance(twice, free, 0, NOW)).toBe(100 - 30 - 15);
  });

  it('stays within 1 KB, however often a key is replaced, and loses no call', () => {
    let ledger: Ledger = EMPTY_LEDGER;
    for (let generation = 1; generation <= 60; generation++) {
      ledger = leave(ledger, { ...leaving, generation, report: report(1, 99) });
    }
    expect(ledger.entries.length).toBeLessThanOrEqual(13);
    expect(allowance(ledger, free, 0, NOW)).toBe(100 - 60);
    expect(formatLedger(ledger).length).toBeLessThan(1024);
  });
});

describe('the allowance', () => {
  it('is limit and grant less what was called in the period', () => {
    const ledger = { ...EMPTY_LEDGER, entries: [entry(), entry({ lastDay: '2026-10-31', calls: 70 })] };
    expect(allowance(ledger, free, 0, NOW)).toBe(70);
    expect(allowance(ledger, free, 25, NOW)).toBe(95);
    expect(allowance(ledger, free, 0, at('2026-12-01T00:00:00Z'))).toBe(100);
  });

  it('follows what is known once the report can be believed', () => {
    const open = entry({ calls: 100, open: 1 });
    const ledger = { ...EMPTY_LEDGER, entries: [open] };
    expect(allowance(settle(ledger, open, 12), free, 0, NOW)).toBe(88);
    expect(allowance(settle(ledger, open, null), free, 0, NOW)).toBe(0);
  });
});

describe('the ledger in a description', () => {
  const count = fc.nat({ max: 10_000_000 });
  const code = fc.stringMatching(/^[a-z0-9-]{1,12}$/);
  const anyPair = fc.record({
    plan: code,
    basis: count,
    used: count,
    set: count,
    at: count,
    pending: fc.boolean(),
  });
  const anyEntry = fc.record({
    plan: code,
    generation: fc.nat({ max: 999_999 }),
    lastDay: fc.constant('2026-11-21'),
    calls: count,
    set: count,
    used: count,
    at: count,
    open: count,
  });
  const anyLedger = fc.record({
    until: count,
    pair: fc.option(anyPair),
    overlap: fc.option(anyPair),
    entries: fc.array(anyEntry, { maxLength: 20 }),
  });

  it('is read back as it was written', () => {
    fc.assert(fc.property(anyLedger, (ledger) => expect(parseLedger(formatLedger(ledger))).toEqual(ledger)));
  });

  it.each([
    '',
    'a note by hand',
    '[]',
    '{"entries":7}',
    '{"pair":1}',
    'null',
    '{"until":"x"}',
    '{"entries":[["free",1,"soon",1,1,1,1,0]]}',
    '{"pair":["free",1,2]}',
  ])('is empty where somebody wrote %j', (text) => {
    expect(parseLedger(text)).toEqual(EMPTY_LEDGER);
  });
});
