import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Plan, Quota, Throttle } from '../../plans/plan.model.js';
import { firstDay, type QuotaPeriodName } from '../../plans/quota-period.js';
import { formatLedger, parseLedger } from './books.js';
import { type Calls, type Entry, type Now, type Report, reportedFrom } from './calls.js';
import {
  allowance,
  bookedFrom,
  dueEntries,
  EMPTY_LEDGER,
  isUnread,
  join,
  type Ledger,
  leave,
  leaveUnread,
  settle,
  settledCalls,
  spent,
} from './ledger.js';
import { callsOn, type Pair, pairNow } from './pair.js';

const free = plan('free', 100);
const daily = plan('daily', 100, 'DAY');
const weekly = plan('weekly', 100, 'WEEK');
const unlimited = plan('unlimited', null);

function plan(code: string, limit: number | null, period: QuotaPeriodName = 'MONTH'): Plan {
  return new Plan({
    id: code,
    code,
    title: code,
    description: null,
    price: null,
    selfService: true,
    retired: false,
    quota: limit === null ? null : new Quota(limit, period),
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
  period: null,
  basis: 60,
  used: 10,
  certain: fields.used ?? 10,
  set: 50,
  at: NOW.seconds - 5,
  pending: false,
  ...fields,
});
const entry = (fields: Partial<Entry> = {}): Entry => ({
  plan: 'free',
  generation: 1,
  lastDay: '2026-11-20',
  ...calls(30),
  set: 100,
  certain: 0,
  at: 0,
  open: 0,
  ...fields,
});

const TODAY = '2026-11-21'; // a Saturday
const report = (used: number, remaining: number, date = TODAY): Report => [{ date, used, remaining }];
/** Remaining calls of which the ledger can learn nothing beyond the calls reported. */
const PLENTY = 1_000_000;

/** So many calls, all of them on one day. */
function calls(day: number, week = day, month = week): Calls {
  return { day, week, calls: month };
}

describe('calls on a pair', () => {
  it('are what was counted before, and what is gone of the remaining calls written', () => {
    expect(callsOn(pair(), [], free, report(12, 20), NOW)).toBe(40);
  });

  it('are all that AWS reports beyond the books, where that is more: late reports do not fit what was written', () => {
    expect(callsOn(pair(), [entry({ lastDay: TODAY, ...calls(30) })], free, report(75, 50), NOW)).toBe(45);
    expect(callsOn(pair(), [entry({ lastDay: TODAY, ...calls(30) })], free, report(20, 50), NOW)).toBe(10); // a counter that began anew
  });

  it('are what was counted before when AWS reports nothing, or a day before anything was written', () => {
    expect(callsOn(pair(), [], free, [], NOW)).toBe(10);
    expect(callsOn(pair(), [], free, report(1, 20, '2026-11-20'), NOW)).toBe(10);
  });

  it('are not read from the remaining calls while those are not known to be written', () => {
    expect(callsOn(pair({ pending: true }), [], free, report(25, 3), NOW)).toBe(25);
  });

  it('are taken as the most possible while a report cannot know what was written', () => {
    expect(callsOn(pair({ at: LATE.seconds - 2 }), [], free, report(0, 50), LATE)).toBe(10 + 25); // burst 5 + 10/s × 2 s
    expect(callsOn(pair({ at: LATE.seconds - 600 }), [], free, [], LATE)).toBe(10 + 50);
  });

  it('are not what was once assumed, as soon as a report can be believed', () => {
    const assumed = pair({ used: 60, certain: 5, basis: 100, set: 40, at: LATE.seconds - 3600 });
    expect(callsOn(assumed, [], free, report(12, 33), LATE)).toBe(12);
    expect(callsOn(assumed, [], free, [], LATE)).toBe(5);
    expect(callsOn({ ...assumed, at: LATE.seconds - 2 }, [], free, report(12, 33), LATE)).toBe(60 + 25);
  });

  it.each([
    ['a report that tells of the time before', report(12, 38), 12],
    ['a report of the new stay alone', report(2, 38), 60 + 2],
    ['no report', [], 60],
  ])('of a key that came back are less than was assumed only by %s', (_, told, calls) => {
    const assumed = pair({ used: 60, certain: null, basis: 100, set: 40, at: LATE.seconds - 3600 });
    expect(callsOn(assumed, [], free, told, LATE)).toBe(calls);
  });

  it('are the reported ones beyond the books on a plan without quota', () => {
    expect(callsOn(pairNow(null, unlimited, NOW), [], unlimited, report(42, 0), NOW)).toBe(42);
    expect(
      callsOn(
        pair({ plan: 'unlimited', used: 0 }),
        [entry({ lastDay: TODAY, ...calls(40) })],
        unlimited,
        report(42, 0),
        NOW,
      ),
    ).toBe(2);
  });
});

describe('a recorded pair', () => {
  it('counts for its own plan and period only', () => {
    expect(pairNow(pair(), free, NOW)).toEqual(pair());
    expect(pairNow(pair({ plan: 'basic' }), free, NOW)).toMatchObject({ basis: 100, used: 0, set: 100 });
    expect(pairNow(pair({ period: 'DAY' }), free, NOW)).toMatchObject({ basis: 100, used: 0, set: 100 });
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
    const once = join(leave(EMPTY_LEDGER, { ...leaving, report: report(30, 70) }), { ...leaving, basis: 70 });
    const twice = leave({ ...once, pair: pair({ used: 0, set: 70 }) }, { ...leaving, report: again });
    expect(allowance(twice, free, 0, NOW)).toBe(100 - 30 - 15);
  });

  it('and coming back goes on with what was assumed, and with nothing else', () => {
    const recent = { ...EMPTY_LEDGER, pair: pair({ used: 0, basis: 100, set: 100, at: LATE.seconds - 2 }) };
    const left = leave(recent, { ...leaving, now: LATE, report: [] });
    const basis = allowance(left, free, 0, LATE);
    const back = join(left, { ...leaving, now: LATE, basis });
    expect([basis, back.pair]).toMatchObject([75, { basis: 100, used: 25, certain: 0, set: 75 }]);
    expect(allowance(back, free, 0, LATE)).toBe(100);
    const elsewhere = leave(left, { ...leaving, slot: null, plan: weekly, now: LATE, report: [] });
    expect(join(elsewhere, { ...leaving, now: LATE, basis }).pair).toMatchObject({ used: 25, certain: null });
    const [settledNow] = left.entries.map((one) => ({ ...one, open: 0 }));
    const settledBefore = { ...left, entries: settledNow ? [settledNow] : [] };
    expect(join(settledBefore, { ...leaving, now: LATE, basis }).pair).toMatchObject({ used: 0, certain: 0 });
  });

  it('and coming straight back in the next period leaves what was assumed to be settled, beside the new stay', () => {
    const [evening, night] = [at('2026-11-21T23:50:00Z', 3600), at('2026-11-22T00:20:00Z', 3600)];
    const stay = { slot: 'pair' as const, plan: daily, generation: 1 };
    const record = pair({ plan: 'daily', used: 0, set: 100, at: evening.seconds - 600 });
    const first = leave({ ...EMPTY_LEDGER, pair: record }, { ...stay, now: evening, report: report(3, 97) });
    const back = join(first, { ...stay, now: night, basis: 100 });
    expect(back).toMatchObject({ pair: { used: 0, basis: 100 }, entries: first.entries });
    const days = [...report(3, 97), ...report(7, 93, '2026-11-22')];
    const again = leave(back, { ...stay, now: night, report: days });
    const [open] = again.entries;
    if (!open) throw new Error('Nothing is in the books');
    const later = at('2026-11-22T01:00:00Z', 3600);
    expect(settledCalls(again, open, daily, report(3, 97), later)).toEqual(calls(3));
  });

  it('counts what AWS does not report yet as called today, in every period', () => {
    const left = leave(
      { ...EMPTY_LEDGER, pair: pair({ used: 10, set: 80, at: LATE.seconds - 2 }) }, // 5 at once, 10/s × 2 s
      {
        ...leaving,
        now: LATE,
        report: [...report(5, 95, '2026-11-15'), ...report(2, 93, '2026-11-20'), ...report(2, 90)],
      },
    );
    expect(left.entries).toMatchObject([calls(2 + 26, 4 + 26, 9 + 26)]);
  });

  it('again after midnight, as it had not been carried out, counts each day for itself', () => {
    const late = at('2026-11-21T23:59:00Z');
    const record = pair({ plan: 'daily', used: 20, set: 80, at: late.seconds });
    const first = leave(
      { ...EMPTY_LEDGER, pair: record },
      { ...leaving, plan: daily, now: late, report: report(60, 40) },
    );
    const after = at('2026-11-22T00:01:00Z');
    const second = leave(first, {
      ...leaving,
      plan: daily,
      now: after,
      report: [...report(60, 40), ...report(7, 93, '2026-11-22')],
    });
    expect(second.entries).toMatchObject([{ lastDay: '2026-11-22', ...calls(7, 67) }]);
  });
});

describe('the allowance', () => {
  it('is limit and grant less what was called in the period', () => {
    const ledger = { ...EMPTY_LEDGER, entries: [entry(), entry({ lastDay: '2026-10-31', ...calls(70) })] };
    expect(allowance(ledger, free, 0, NOW)).toBe(70);
    expect(allowance(ledger, free, 25, NOW)).toBe(95);
    expect(allowance(ledger, free, 0, at('2026-12-01T00:00:00Z'))).toBe(100);
  });

  it('follows what is known once the report can be believed', () => {
    const open = entry({ ...calls(100), open: 1 });
    const ledger = { ...EMPTY_LEDGER, entries: [open] };
    expect(allowance(settle(ledger, open, calls(12), NOW), free, 0, NOW)).toBe(88);
    expect(allowance(settle(ledger, open, null, NOW), free, 0, NOW)).toBe(0);
  });

  it('is the same for settled stays of one key on one plan made one, which keep the books short', () => {
    const open = entry({ lastDay: TODAY, ...calls(20, 20, 20), open: 1 });
    const others = [entry({ generation: 2, ...calls(5) }), entry({ plan: 'daily', ...calls(1) })];
    const ledger = { ...EMPTY_LEDGER, entries: [entry(), ...others, open, entry({ open: 2 })] };
    const settled = settle(ledger, open, calls(12), NOW);
    expect(settled.entries).toHaveLength(4);
    expect([daily, weekly, free].map((plan) => spent(settled, plan, NOW))).toEqual([12, 78, 78]);
    expect(dueEntries(settled, NOW)).toEqual([ledger.entries.at(-1)]);
  });
});

describe('a pair of a plan whose code does not resolve', () => {
  const parting = pair({ used: 10, certain: 7, set: 50 });

  it('is in the books as it was on record, and its slot is free', () => {
    const left = leaveUnread({ ...EMPTY_LEDGER, pair: parting }, 'pair', 1, NOW);
    expect(left).toMatchObject({ pair: null, entries: [{ plan: 'free', ...calls(10), certain: 7, set: 50 }] });
    expect(dueEntries(left, NOW)).toEqual(left.entries);
    expect(left.entries.map(isUnread)).toEqual([true]);
    expect(parseLedger(formatLedger(left))).toEqual(left);
  });

  it('owes nothing of periods that began after it was written', () => {
    const onMonday = pair({ used: 10, at: Date.parse('2026-11-16T08:00:00Z') / 1000 });
    const owed = (now: Now) => leaveUnread({ ...EMPTY_LEDGER, pair: onMonday }, 'pair', 1, now).entries;
    expect(owed(NOW)).toMatchObject([calls(0, 10, 10)]);
    expect(owed(at('2026-11-23T00:00:00Z'))).toMatchObject([calls(0, 0, 10)]);
    expect(owed(at('2026-12-01T00:00:00Z'))).toMatchObject([calls(0, 0, 0)]);
  });

  it('is counted by its report like any other as soon as there is one', () => {
    const ledger = { ...EMPTY_LEDGER, pair: pair({ used: 10, set: 50 }) };
    const leaving = { slot: 'pair' as const, plan: free, generation: 1, report: report(60, 20), now: NOW };
    const read = leave(leaveUnread(ledger, 'pair', 1, NOW), leaving);
    expect(read).toEqual(leave(ledger, leaving));
    expect(read.entries.map(isUnread)).toEqual([false]);
  });
});

describe('the books', () => {
  it('hold a month of 31 days whole while it is billed, on the first days of the next one', () => {
    const first = entry({ plan: 'basic', lastDay: '2026-12-01' });
    for (const day of ['2027-01-01', '2027-01-02', '2027-01-03']) {
      expect(bookedFrom(day) <= '2026-12-01').toBe(true);
      const leaving = { slot: 'pair' as const, plan: free, generation: 2, report: [], now: at(`${day}T23:59:59Z`) };
      expect(leave({ ...EMPTY_LEDGER, entries: [first] }, leaving).entries).toContainEqual(first);
    }
  });
});

describe('what was called on plans of other periods', () => {
  /** Calls on one key: Saturday the 28th, Sunday, Monday the 30th of November, Tuesday the 1st of December. */
  const days = [
    { date: '2026-11-28', used: 1000, remaining: PLENTY },
    { date: '2026-11-29', used: 200, remaining: PLENTY },
    { date: '2026-11-30', used: 30, remaining: PLENTY },
    { date: '2026-12-01', used: 4, remaining: PLENTY },
  ];
  const leftOn = (moment: string, plan: Plan) => {
    const now = at(moment);
    const report = days.filter(({ date }) => date <= moment);
    return leave(EMPTY_LEDGER, { slot: 'pair', plan, generation: 1, report, now });
  };

  it.each([daily, weekly, free, unlimited])('counts in the period of the plan in force: once on $code', (before) => {
    const november = leftOn('2026-11-30T12:00:00Z', before);
    const sameDay = at('2026-11-30T13:00:00Z');
    const nextDay = at('2026-12-01T13:00:00Z');
    expect([daily, weekly, free].map((plan) => spent(november, plan, sameDay))).toEqual([30, 30, 1230]);
    expect([daily, weekly, free].map((plan) => spent(november, plan, nextDay))).toEqual([0, 30, 0]);
    const december = leftOn('2026-12-01T12:00:00Z', before);
    expect([daily, weekly, free].map((plan) => spent(december, plan, nextDay))).toEqual([4, 34, 4]);
    expect([daily, weekly, free].map((plan) => spent(december, plan, at('2026-12-07T00:00:00Z')))).toEqual([0, 0, 4]);
  });

  it('is settled for the day on which it was left, whenever that is done', () => {
    const evening = at('2026-11-30T23:30:00Z', 3600);
    const seen = days.slice(0, 2);
    const ledger = leave(EMPTY_LEDGER, { slot: 'pair', plan: daily, generation: 1, report: seen, now: evening });
    expect(ledger.entries).toMatchObject([calls(0, 0, 1200)]);
    const [open] = ledger.entries;
    if (!open) throw new Error('Nothing is in the books');
    const nextDay = at('2026-12-01T00:31:00Z', 3600);
    const report = days.slice(0, 3);
    const settled = settle(ledger, open, settledCalls(ledger, open, daily, report, nextDay), nextDay);
    expect(settled.entries).toMatchObject([{ lastDay: '2026-11-30', ...calls(30, 30, 1230), open: 0 }]);
  });

  it.each([
    ['are reported along with the new ones', 1000, 20],
    ['are not reported any more', 0, 13],
  ])('counts a plan that the key came back to on the same day, when earlier calls %s', (_, saturday, sunday) => {
    const now = at('2026-11-29T12:00:00Z');
    const earlier = entry({ plan: 'daily', lastDay: '2026-11-29', ...calls(7, 1007) });
    const report = [
      { date: '2026-11-28', used: saturday, remaining: 0 },
      { date: '2026-11-29', used: sunday, remaining: 80 },
    ];
    const left = leave(
      { ...EMPTY_LEDGER, pair: pair({ plan: 'daily', used: 0, set: 93, at: now.seconds - 60 }), entries: [earlier] },
      { slot: 'pair', plan: daily, generation: 1, report, now },
    );
    expect([daily, weekly, free].map((plan) => spent(left, plan, now))).toEqual([20, 1020, 1020]);
  });

  it('counts days after a key came back for themselves, when earlier calls are not reported any more', () => {
    const now = at('2026-11-29T12:00:00Z');
    const earlier = entry({ lastDay: '2026-11-28', ...calls(30) });
    const ledger = { ...EMPTY_LEDGER, pair: pair({ used: 0, set: 70, at: now.seconds - 60 }), entries: [earlier] };
    const report = [{ date: '2026-11-29', used: 5, remaining: 65 }];
    const left = leave(ledger, { slot: 'pair', plan: free, generation: 1, report, now });
    expect([daily, weekly, free].map((plan) => spent(left, plan, now))).toEqual([5, 35, 35]);
  });

  it('counts calls of days before a key came back, of which a report came too late for the books', () => {
    const now = at('2026-11-29T12:00:00Z');
    const earlier = entry({ lastDay: '2026-11-28', ...calls(0, 10) });
    const report = [
      { date: '2026-11-27', used: 25, remaining: 75 },
      { date: '2026-11-29', used: 5, remaining: 85 },
    ];
    expect(callsOn(pair({ used: 0, set: 90, at: now.seconds - 60 }), [earlier], free, report, now)).toBe(15 + 5);
  });

  it.each([
    ['2026-12-01', '2026-11-30'],
    ['2026-12-06', '2026-11-30'],
    ['2026-12-07', '2026-12-01'],
    ['2027-02-01', '2027-02-01'],
  ])('is read, on %s, from %s on: a week may have begun before its month', (day, from) => {
    expect(reportedFrom(new Date(day))).toBe(from);
  });

  const PLANS = [daily, weekly, free, unlimited];
  const anyStay = fc.record({
    plan: fc.constantFrom(...PLANS),
    generation: fc.integer({ min: 1, max: 3 }),
    daysBefore: fc.integer({ min: 0, max: 9 }),
    calls: fc.array(fc.nat({ max: 50 }), { minLength: 1, maxLength: 4 }),
  });

  it('is exact in every period, in whatever order plans and keys were changed, and though the books are closed', () => {
    fc.assert(
      fc.property(fc.array(anyStay, { minLength: 1, maxLength: 12 }), (stays) => {
        const told = new Map<string, Map<string, number>>();
        let ledger: Ledger = EMPTY_LEDGER;
        let noon = Date.parse('2026-09-16T12:00:00Z');
        const now = () => at(new Date(noon).toISOString());
        for (const { plan, generation, daysBefore, calls: perDay } of stays) {
          noon += daysBefore * 86_400_000;
          ledger = { ...join(ledger, { slot: 'pair', plan, generation, basis: 0, now: now() }), pair: null };
          const counter = told.get(`${plan.code} ${generation}`) ?? new Map<string, number>();
          told.set(`${plan.code} ${generation}`, counter);
          for (const [index, used] of perDay.entries()) {
            if (index > 0) noon += 86_400_000;
            const date = now().date.toISOString().slice(0, 10);
            counter.set(date, (counter.get(date) ?? 0) + used);
          }
          const days = [...counter].map(([date, used]) => ({ date, used, remaining: PLENTY }));
          ledger = leave(ledger, { slot: 'pair', plan, generation, report: days, now: now() });
        }
        for (const plan of PLANS) {
          const began = firstDay(plan.quota?.period ?? 'MONTH', now().date);
          const all = [...told.values()].flatMap((counter) => [...counter]);
          const due = all.filter(([date]) => date >= began).reduce((sum, [, used]) => sum + used, 0);
          expect(spent(ledger, plan, now())).toBe(due);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('the ledger in a description', () => {
  const count = fc.nat({ max: 10_000_000 });
  const code = fc.stringMatching(/^[a-z0-9-]{1,12}$/);
  const anyPair = fc.record({
    period: fc.constantFrom(null, 'DAY' as const, 'WEEK' as const, 'MONTH' as const),
    plan: code,
    basis: count,
    used: count,
    certain: fc.option(count),
    set: count,
    at: count,
    pending: fc.boolean(),
  });
  const anyEntry = fc.record({
    plan: code,
    generation: fc.nat({ max: 999_999 }),
    lastDay: fc.constantFrom('2026-11-15', '2026-11-16', '2026-11-20', '2026-11-21'),
    day: count,
    week: count,
    calls: count,
    set: count,
    certain: fc.option(count),
    at: count,
    open: count,
  });
  const anyLedger = fc.record({
    until: count,
    pair: fc.option(anyPair),
    overlap: fc.option(anyPair),
    entries: fc.array(anyEntry, { maxLength: 6 }),
    untold: fc.constantFrom(null, '2026-11-21'),
  });

  it('is read back as it was written', () => {
    fc.assert(fc.property(anyLedger, (ledger) => expect(parseLedger(formatLedger(ledger))).toEqual(ledger)));
  });

  it('stays within 1 KB with ten million calls on each of many pairs, and loses none, of no period', () => {
    const entries = fc.array(anyEntry, { minLength: 15, maxLength: 60 });
    fc.assert(
      fc.property(anyLedger, entries, (ledger, many) => {
        const full: Ledger = { ...ledger, entries: many };
        const text = formatLedger(full);
        expect(text.length).toBeLessThanOrEqual(1024);
        const kept = parseLedger(text);
        expect(kept).toMatchObject({ ...ledger, entries: kept.entries });
        for (const moment of ['2026-11-21T23:00:00Z', '2026-11-22T00:00:00Z', '2026-11-23T00:00:00Z']) {
          const now = at(moment);
          for (const plan of [daily, weekly, free]) expect(spent(kept, plan, now)).toBe(spent(full, plan, now));
        }
      }),
    );
  });

  it('keeps the pairs of the latest keys apart for as long as it can, and those whose report is still to come', () => {
    const twenty = (open: number) =>
      Array.from({ length: 20 }, (_, index) => entry({ generation: index + 1, ...calls(1_000_000), open }));
    const [settled, open] = [twenty(0), twenty(1_800_000_000)];
    const { entries } = parseLedger(formatLedger({ ...EMPTY_LEDGER, entries: [...open, ...settled] }));
    expect(entries[0]).toMatchObject({ plan: '', generation: 0, open: 0 });
    const kept = entries.slice(1);
    const newest = [...open, ...settled].filter(({ generation }) => generation >= 19);
    const older = kept.filter(({ generation }) => generation < 19);
    expect(kept.filter(({ generation }) => generation >= 19)).toEqual(expect.arrayContaining(newest));
    expect(older).toEqual(open.slice(-2 - older.length, -2));
    expect(entries.length).toBeGreaterThan(8);
  });

  it.each([
    '',
    'a note by hand',
    '[]',
    '{"entries":7}',
    '{"pair":1}',
    'null',
    '{"until":"x"}',
    '{"entries":[["free",1,"soon",1,1,1,1,1,1,0]]}',
    '{"pair":["free",1,2]}',
  ])('is empty where somebody wrote %j', (text) => {
    expect(parseLedger(text)).toEqual(EMPTY_LEDGER);
  });
});
