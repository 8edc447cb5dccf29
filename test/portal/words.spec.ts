import { describe, expect, it } from '@jest/globals';
import { Intents } from '../../web/src/signing-in/intent.js';
import { texts } from '../../web/src/texts.js';
import { readableOn } from '../../web/src/words/colours.js';
import { consequences } from '../../web/src/words/consequences.js';
import { daysOf, lastThirty, periodDays, ticks } from '../../web/src/words/days.js';
import { type Counted, forecast } from '../../web/src/words/forecast.js';
import { isLargerForSale } from '../../web/src/words/larger.js';
import { duration, timeAndDayUnlessToday } from '../../web/src/words/moments.js';
import { graceSeconds } from '../../web/src/words/overlap.js';
import { currentPeriod } from '../../web/src/words/periods.js';
import { snippets } from '../../web/src/words/snippets.js';
import { verdict } from '../../web/src/words/verdict.js';

const DAY_SECONDS = 86_400;

describe('the forecast of the portal', () => {
  const november = (used: number, asOf: string, daily: Counted['daily'] = []): Counted => ({
    limit: 1000,
    used,
    remaining: 1000 - used,
    periodStart: '2026-11-01T00:00:00.000Z',
    resetsAt: '2026-12-01T00:00:00.000Z',
    asOf,
    daily,
  });
  const evenly = (days: number, used: number) =>
    daysOf('2026-11-01', `2026-11-${String(days).padStart(2, '0')}`, []).map(({ date }) => ({ date, used }));

  it('names the day on which the calls run out, at the pace of the last week', () => {
    const usage = november(800, '2026-11-21T00:00:00.000Z', evenly(20, 40));
    expect(forecast(usage)).toEqual({ kind: 'runsOut', at: new Date('2026-11-26T00:00:00.000Z') });
  });

  it('says how many will be used when they last', () => {
    const usage = november(200, '2026-11-21T00:00:00.000Z', evenly(20, 10));
    expect(forecast(usage)).toEqual({ kind: 'lasts', atReset: 300 });
  });

  it('forgets a quiet beginning: who began to call yesterday is told by what they call now', () => {
    const usage = november(400, '2026-11-21T00:00:00.000Z', [
      { date: '2026-11-19', used: 200 },
      { date: '2026-11-20', used: 200 },
    ]);
    expect(forecast(usage)).toEqual({ kind: 'runsOut', at: new Date('2026-11-30T00:00:00.000Z') });
  });

  it('says nothing too early, but warns whoever has used much already', () => {
    expect(forecast(november(5, '2026-11-01T06:00:00.000Z'))).toEqual({ kind: 'tooEarly' });
    expect(forecast(november(500, '2026-11-01T06:00:00.000Z'))).toEqual({
      kind: 'runsOut',
      at: new Date('2026-11-01T12:00:00.000Z'),
    });
  });

  it('knows when there is nothing to foretell', () => {
    expect(forecast(november(0, '2026-11-10T00:00:00.000Z'))).toEqual({ kind: 'noCalls' });
    expect(forecast(november(1000, '2026-11-10T00:00:00.000Z'))).toEqual({ kind: 'usedUp' });
    const none = { limit: null, remaining: null, periodStart: null, resetsAt: null };
    expect(forecast({ ...november(7, '2026-11-10T00:00:00.000Z'), ...none })).toEqual({ kind: 'unlimited' });
  });
});

describe('a plan that was chosen before signing in', () => {
  const shelf = () => {
    const kept = new Map<string, string>();
    return {
      getItem: (name: string) => kept.get(name) ?? null,
      setItem: (name: string, text: string) => void kept.set(name, text),
      removeItem: (name: string) => void kept.delete(name),
    };
  };

  it('is there after a reload, until it is dropped', () => {
    const tab = shelf();
    new Intents(tab).keep('basic');
    const afterReload = new Intents(tab);
    expect(afterReload.pending()).toMatchObject({ plan: 'basic', by: null });
    expect(afterReload.pending()).toMatchObject({ plan: 'basic', by: null });
    afterReload.drop();
    expect(new Intents(tab).pending()).toBeNull();
  });

  it('is given up after half an hour', () => {
    const tab = shelf();
    let now = 0;
    const intents = new Intents(tab, () => now);
    intents.keep('basic');
    now = 29 * 60_000;
    expect(intents.pending()).toMatchObject({ plan: 'basic' });
    now = 31 * 60_000;
    expect(intents.pending()).toBeNull();
    now = 0;
    expect(intents.pending()).toBeNull();
  });

  it('is nothing when something else stands in its place', () => {
    const tab = shelf();
    for (const text of ['', 'null', '7', '{}', '{"plan":7,"at":0}', '{not json']) {
      tab.setItem('turnpike.intent', text);
      expect(new Intents(tab).pending()).toBeNull();
    }
  });
});

describe('what a change of plan does', () => {
  const plan = (code: string, limit: number | null, period: 'DAY' | 'MONTH' = 'MONTH') => ({
    code,
    title: code,
    description: null,
    price: `${limit} USD / month`,
    selfService: true,
    retired: false,
    quota: limit === null ? null : { limit, period },
    throttle: { rateLimit: 10, burstLimit: 10 },
  });

  it('counts the calls made and the calls given against the new quota', () => {
    const usage = { used: 80, granted: 20 };
    expect(consequences(plan('free', 100), plan('basic', 1000), usage)).toMatchObject({ left: 940, throttle: null });
  });

  it('says that nothing is left on a plan that is smaller than what was used', () => {
    expect(consequences(plan('basic', 1000), plan('free', 100), { used: 400, granted: 0 }).left).toBe(0);
  });

  it('says what is left of a quota also to whoever had none, or one of another period', () => {
    expect(consequences(plan('open', null), plan('free', 100), { used: 130, granted: 0 }).left).toBe(0);
    expect(consequences(plan('free', 100), plan('daily', 50, 'DAY'), { used: 8, granted: 0 }).left).toBe(42);
  });

  it('says nothing of what is left where it cannot know, or there is no quota', () => {
    expect(consequences(plan('open', null), plan('free', 100), null).left).toBeNull();
    expect(consequences(plan('free', 100), plan('open', null), { used: 80, granted: 0 }).left).toBeNull();
    expect(consequences(null, plan('basic', 1000), null)).toEqual({
      price: null,
      quota: null,
      throttle: null,
      left: null,
    });
  });

  it('calls a price that nobody has given what the card of the plan calls it, and not nothing', () => {
    expect(texts.change.price('49 USD / month', null)).toBe('The price goes from 49 USD / month to “No price given”.');
    expect(texts.plans.free).toBe('No price given');
  });

  it.each([
    ['DAY', '2026-11-29T23:59:59.000Z', '2026-11-29', '2026-11-30'],
    ['WEEK', '2026-11-29T23:59:59.000Z', '2026-11-23', '2026-11-30'],
    ['WEEK', '2026-11-30T00:00:00.000Z', '2026-11-30', '2026-12-07'],
    ['MONTH', '2026-12-31T12:00:00.000Z', '2026-12-01', '2027-01-01'],
  ] as const)('counts the calls of the %s that is going on at %s', (period, now, from, next) => {
    expect(currentPeriod(period, Date.parse(now))).toEqual({
      from,
      to: now.slice(0, 10),
      resetsAt: `${next}T00:00:00.000Z`,
    });
  });
});

describe('a larger plan', () => {
  const plan = (code: string, limit: number | null, more: object = {}) => ({
    code,
    title: code,
    description: null,
    price: null,
    selfService: true,
    retired: false,
    quota: limit === null ? null : { limit, period: 'MONTH' as const },
    throttle: null,
    ...more,
  });
  const free = plan('free', 100);

  it('is one with more calls, whatever its period, that a customer may choose by themself', () => {
    expect(isLargerForSale([free, plan('basic', 1000)], free)).toBe(true);
    expect(isLargerForSale([free, plan('open', null)], free)).toBe(true);
    expect(isLargerForSale([free, plan('daily', 0, { quota: { limit: 10, period: 'DAY' } })], free)).toBe(true);
    expect(isLargerForSale([free], null)).toBe(true);
  });

  it('is none that is smaller, retired, assigned, or the own one', () => {
    const others = [plan('tiny', 10), plan('old', 1000, { retired: true }), plan('gold', 1000, { selfService: false })];
    expect(isLargerForSale([free, ...others], free)).toBe(false);
    expect(isLargerForSale([plan('free', 200)], free)).toBe(false);
    expect(isLargerForSale([plan('other', null)], plan('open', null))).toBe(false);
  });
});

describe('what an answer of the API means', () => {
  const CREATED = '2026-11-21T09:00:00.000Z';
  const now = Date.parse(CREATED);

  it.each([
    [200, '[]', 60, 'good'],
    [401, '{"message":"Unauthorized"}', 60, 'noToken'],
    [403, '{"message":"Forbidden"}', 60, 'freshKey'],
    [403, '{"message":"Forbidden"}', 3600, 'refusedKey'],
    [403, '{"message":"Missing Authentication Token"}', 60, 'notFound'],
    [429, '{"message":"Limit Exceeded"}', 60, 'usedUp'],
    [429, '{"code":"QUOTA_EXCEEDED","message":"The calls of your plan are used up for this period."}', 60, 'usedUp'],
    [429, '{"message":"Too Many Requests"}', 60, 'tooFast'],
    [404, '', 60, 'notFound'],
    [500, '', 60, 'other'],
  ])('%s %s, %s s after the key was made: %s', (status, body, age, meaning) => {
    expect(verdict({ status, body }, CREATED, now + age * 1000)).toBe(meaning);
  });
});

describe('small things of the portal', () => {
  it('an overlap is what was chosen, and no moment but one of the next thirty days', () => {
    const now = Date.parse('2026-11-21T09:00:00');
    expect(['none', 'hour', 'day', 'week'].map((one) => graceSeconds(one as 'day', '', now))).toEqual([
      0,
      3600,
      DAY_SECONDS,
      7 * DAY_SECONDS,
    ]);
    expect(graceSeconds('date', '2026-11-21T10:00', now)).toBe(3600);
    for (const bad of ['', '2026-11-21T09:00', '2026-11-20T09:00', '2026-12-21T09:01', 'soon']) {
      expect(graceSeconds('date', bad, now)).toBeNull();
    }
  });

  it('the days of a chart leave no gap', () => {
    const days = daysOf('2026-02-27', '2026-03-02', [
      { date: '2026-02-28', used: 3 },
      { date: '2026-03-02', used: 4 },
    ]);
    expect(days.map(({ date, used, soFar }) => [date, used, soFar])).toEqual([
      ['2026-02-27', 0, 0],
      ['2026-02-28', 3, 3],
      ['2026-03-01', 0, 3],
      ['2026-03-02', 4, 7],
    ]);
    expect(periodDays('2026-11-01T00:00:00.000Z', '2026-12-01T00:00:00.000Z')).toEqual({
      from: '2026-11-01',
      to: '2026-11-30',
    });
    expect(lastThirty('2026-11-30T12:00:00.000Z')).toEqual({ from: '2026-11-01', to: '2026-11-30' });
  });

  it.each([
    [0, [0, 1]],
    [3, [0, 1, 2, 3]],
    [100, [0, 25, 50, 75, 100]],
    [1234, [0, 500, 1000, 1500]],
  ])('the scale of a chart up to %s is of round numbers', (most, lines) => expect(ticks(most)).toEqual(lines));

  it('a duration is as exact as is of use', () => {
    expect([500, 90_000, 3_600_000, 8_040_000, 86_400_000, 187_200_000].map(duration)).toEqual([
      '1 s',
      '1 min',
      '1 h',
      '2 h 14 min',
      '1 day',
      '2 days 4 h',
    ]);
  });

  it('a time of another day has its day beside it', () => {
    const now = new Date('2026-11-27T14:00:00');
    expect(timeAndDayUnlessToday(new Date('2026-11-27T09:51:00'), now)).toBe('09:51');
    expect(timeAndDayUnlessToday(new Date('2026-11-26T23:51:00'), now)).toBe('Thu 26 November at 23:51');
  });

  it('words on a colour of the branding are the readable of black and white', () => {
    expect(['#0b6e5f', '#000000', '#1d3fbb'].map(readableOn)).toEqual(['#ffffff', '#ffffff', '#ffffff']);
    expect(['#5ad1b8', '#ffffff', '#ffd400'].map(readableOn)).toEqual(['#0c1412', '#0c1412', '#0c1412']);
  });

  it('a snippet has the key in it, and the token only where the API wants one', () => {
    const api = { url: 'https://api.example.com/v1', tryPath: '/pets', token: 'id' as const };
    for (const { text } of snippets(api, 'k3y')) {
      expect(text).toContain('https://api.example.com/v1/pets');
      expect(text).toContain('k3y');
      expect(text).toContain('ID_TOKEN');
    }
    for (const { text } of snippets({ ...api, token: 'none' }, 'k3y')) expect(text).not.toMatch(/TOKEN|os\b/);
  });
});
