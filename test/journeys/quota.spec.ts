import { DeleteApiKeyCommand, UpdateApiKeyCommand } from '@aws-sdk/client-api-gateway';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Sweeper } from '../../src/subscriptions/sweep/sweeper.service.js';
import { act } from '../support/admin.js';
import type { Customer } from '../support/customer.js';
import { keyOf } from '../support/outcomes.js';
import { makePlan } from '../support/plans.js';
import { World } from '../support/world.js';

const HOUR = 3600;
const DAY = 24 * HOUR;
const FREE_CALLS = 100;
const MORE_THAN_FREE = 130;

interface DailyReply {
  readonly me: { readonly dailyUsage: readonly { readonly date: string; readonly used: number }[] };
}

describe('the quota of a period', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
    toNextMonth();
  });
  beforeEach(() => {
    if (now().getUTCDate() > 14) toNextMonth(); // no test may cross into a new period unasked
  });
  afterAll(() => world.close());

  const now = () => world.sandbox.clock.now();
  const today = () => now().toISOString().slice(0, 10);
  const forwardTo = (moment: number) => world.forward(Math.ceil((moment - now().getTime()) / 1000));
  const toNextMonth = () => forwardTo(Date.UTC(now().getUTCFullYear(), now().getUTCMonth() + 1, 1, 1));
  const toTheTwentieth = () => forwardTo(Date.UTC(now().getUTCFullYear(), now().getUTCMonth(), 20));
  const toNextDay = () => forwardTo(Date.UTC(now().getUTCFullYear(), now().getUTCMonth(), now().getUTCDate() + 1, 1));
  /** The Monday of a week in the middle of which a month begins. */
  const toTheWeekOfTwoMonths = () => {
    toNextMonth();
    const nextFirst = () => new Date(Date.UTC(now().getUTCFullYear(), now().getUTCMonth() + 1, 1));
    while (nextFirst().getUTCDay() === 1) toNextMonth();
    const daysSinceMonday = (nextFirst().getUTCDay() + 6) % 7;
    forwardTo(nextFirst().getTime() - (daysSinceMonday * DAY - HOUR) * 1000);
  };
  const toNextMonday = () => {
    toNextDay();
    while (now().getUTCDay() !== 1) toNextDay();
  };

  async function subscriber(plan = 'free') {
    const ada = await world.customer();
    return { ada, key: keyOf(await ada.subscribe(plan)) };
  }

  async function usageOf(ada: Customer) {
    world.forward(2);
    const { usage } = await ada.me();
    if (!usage) throw new Error('No usage was answered');
    return usage;
  }

  /** Everything that the key still serves; the tally must then be the whole truth. */
  async function useUp(ada: Customer, keyValue: string) {
    const served = await ada.use(keyValue, MORE_THAN_FREE + 50);
    expect(await ada.call(keyValue)).toEqual({ 429: 1 });
    return served;
  }

  const grantNow = (ada: Customer, calls: number, periodStart = `${today().slice(0, 8)}01`) =>
    ada.setAttributes({ 'custom:quota_grant': `${periodStart};${calls}` });

  describe('used up', () => {
    it('answers 429 with the words of AWS, and says so in `usage`', async () => {
      const { ada, key } = await subscriber();
      expect(await ada.use(key.value, MORE_THAN_FREE)).toBe(FREE_CALLS);
      world.forward(2);
      const { invokeUrl } = world.sandbox.info();
      const refused = await fetch(`${invokeUrl}/open`, { headers: { 'x-api-key': key.value } });
      expect([refused.status, await refused.text()]).toEqual([429, '{"message":"Limit Exceeded"}']);
      expect(await usageOf(ada)).toMatchObject({ limit: 100, used: 100, remaining: 0, granted: 0 });
    });

    it('counts refused calls for nothing', async () => {
      const { ada, key } = await subscriber();
      await useUp(ada, key.value);
      await ada.call(key.value, 10);
      expect(await usageOf(ada)).toMatchObject({ used: 100, remaining: 0 });
    });

    it('gives more at once after an upgrade, less what was called before', async () => {
      const { ada, key } = await subscriber();
      await useUp(ada, key.value);
      await ada.subscribe('basic');
      expect(await ada.use(key.value, 30)).toBe(30);
      expect(await usageOf(ada)).toMatchObject({ limit: 10_000, used: 130, remaining: 9_870 });
    });

    it('leaves nothing after a downgrade when more was called than the lower plan holds', async () => {
      const { ada, key } = await subscriber('basic');
      await ada.use(key.value, 120);
      await ada.subscribe('free');
      world.forward(2);
      expect(await ada.call(key.value, 3)).toEqual({ 429: 3 });
      expect(await usageOf(ada)).toMatchObject({ limit: 100, used: 120, remaining: 0 });
    });
  });

  describe('is one allowance, whatever the customer does', () => {
    it('over ten rotations', async () => {
      const { ada, key } = await subscriber();
      let current = key;
      let served = 0;
      for (let i = 0; i < 10; i++) {
        served += await ada.use(current.value, 7);
        expect(await usageOf(ada)).toMatchObject({ used: served, remaining: FREE_CALLS - served });
        current = keyOf(await ada.rotate(current.id));
      }
      served += await useUp(ada, current.value);
      expect(served).toBe(FREE_CALLS);
      expect(await usageOf(ada)).toMatchObject({ limit: 100, used: 100, remaining: 0 });
    });

    it('over ten flips between two plans', async () => {
      const { ada, key } = await subscriber();
      let served = 0;
      for (let i = 0; i < 10; i++) {
        served += await ada.use(key.value, 4);
        await ada.subscribe('basic');
        served += await ada.use(key.value, 3);
        await ada.subscribe('free');
        expect(await usageOf(ada)).toMatchObject({ used: served, remaining: FREE_CALLS - served });
      }
      served += await useUp(ada, key.value);
      expect(served).toBe(FREE_CALLS);
      expect(await usageOf(ada)).toMatchObject({ limit: 100, used: 100, remaining: 0 });
    });

    it('over ten flips in which nothing is called on the higher plan', async () => {
      const { ada, key } = await subscriber();
      let served = 0;
      for (let i = 0; i < 10; i++) {
        served += await ada.use(key.value, 20);
        await ada.subscribe('basic');
        await ada.subscribe('free');
      }
      expect(served).toBe(FREE_CALLS);
      expect(await ada.call(key.value)).toEqual({ 429: 1 });
    });

    it('over flips and rotations mixed', async () => {
      const { ada, key } = await subscriber();
      let current = key;
      let served = 0;
      for (let i = 0; i < 5; i++) {
        served += await ada.use(current.value, 5);
        await ada.subscribe('basic');
        current = keyOf(await ada.rotate(current.id));
        served += await ada.use(current.value, 5);
        await ada.subscribe('free');
      }
      served += await useUp(ada, current.value);
      expect(served).toBe(FREE_CALLS);
      expect(await usageOf(ada)).toMatchObject({ used: 100, remaining: 0 });
    });

    it('over cancelling and subscribing again', async () => {
      const { ada, key } = await subscriber();
      let served = await ada.use(key.value, 30);
      await ada.cancel();
      const again = keyOf(await ada.subscribe('free'));
      expect(await usageOf(ada)).toMatchObject({ used: 30, remaining: 70 });
      served += await useUp(ada, again.value);
      await ada.cancel();
      const last = keyOf(await ada.subscribe('free'));
      expect(await ada.call(last.value)).toEqual({ 429: 1 });
      expect(served).toBe(FREE_CALLS);
    });

    it('over a key that somebody switched off, and cancelling after that', async () => {
      const { ada, key } = await subscriber();
      await ada.use(key.value, 60);
      const patchOperations = [{ op: 'replace' as const, path: '/enabled', value: 'false' }];
      await world.gateway.send(new UpdateApiKeyCommand({ apiKey: key.id, patchOperations }));
      await ada.cancel();
      for (let day = 0; day < 3; day++) {
        world.forward(DAY);
        await world.app.get(Sweeper).sweep();
      }
      expect(await ada.keys()).toEqual([]);
      expect(await ada.use(keyOf(await ada.subscribe('free')).value, MORE_THAN_FREE)).toBe(40);
    });

    it('over suspension and resumption', async () => {
      const { ada, key } = await subscriber();
      let served = await ada.use(key.value, 30);
      for (let i = 0; i < 3; i++) {
        await ada.setAttributes({ 'custom:suspended': 'payment' });
        await ada.reveal();
        expect(await ada.call(key.value)).toEqual({ 403: 1 });
        await ada.setAttributes({ 'custom:suspended': '' });
        expect(keyOf(await ada.subscribe('free'))).toEqual(key);
        served += await ada.use(key.value, 10);
      }
      expect(await usageOf(ada)).toMatchObject({ used: 60, remaining: 40 });
      served += await useUp(ada, key.value);
      expect(served).toBe(FREE_CALLS);
    });

    it('over two keys that overlap', async () => {
      const { ada, key } = await subscriber();
      let served = await ada.use(key.value, 30);
      const fresh = keyOf(await ada.rotate(key.id, HOUR));
      expect(await usageOf(ada)).toMatchObject({ used: 30, remaining: 70 });
      for (let i = 0; i < 3; i++) {
        served += await ada.use(key.value, 5);
        served += await ada.use(fresh.value, 5);
      }
      expect(await usageOf(ada)).toMatchObject({ used: 60, remaining: 40 });
      served += await useUp(ada, key.value);
      served += await useUp(ada, fresh.value);
      expect(served).toBe(FREE_CALLS);
      expect(await usageOf(ada)).toMatchObject({ limit: 100, used: 100, remaining: 0 });
    });

    it('and gives the new key what the old one left when the overlap ends', async () => {
      const { ada, key } = await subscriber();
      let served = await ada.use(key.value, 10);
      const fresh = keyOf(await ada.rotate(key.id, HOUR));
      served += await ada.use(key.value, 5);
      served += await useUp(ada, fresh.value);
      await ada.revoke(key.id);
      served += await useUp(ada, fresh.value);
      expect(served).toBe(FREE_CALLS);
    });

    it('and counts what was called on both when the overlap has ended, before anything is done', async () => {
      const { ada, key } = await subscriber();
      const fresh = keyOf(await ada.rotate(key.id, 600));
      await ada.use(key.value, 4);
      await ada.use(fresh.value, 3);
      expect(await usageOf(ada)).toMatchObject({ used: 7, remaining: 93 });
      world.forward(700);
      expect(await usageOf(ada)).toMatchObject({ used: 7, remaining: 93 });
    });

    it('and gives the key that ran dry what the other one still has, the next time anything is done', async () => {
      const { ada, key } = await subscriber();
      let served = await ada.use(key.value, 10);
      const fresh = keyOf(await ada.rotate(key.id, HOUR));
      served += await useUp(ada, fresh.value);
      await ada.subscribe('free');
      world.forward(2);
      const more = await ada.use(fresh.value, MORE_THAN_FREE);
      expect(more).toBeGreaterThan(0);
      served += more + (await ada.use(key.value, MORE_THAN_FREE));
      expect(served).toBeLessThanOrEqual(FREE_CALLS);
    });

    it('over rotations in a row that all overlap', async () => {
      const { ada, key } = await subscriber();
      let current = key;
      let served = 0;
      for (let i = 0; i < 5; i++) {
        served += await ada.use(current.value, 4);
        const next = keyOf(await ada.rotate(current.id, HOUR));
        served += await ada.use(current.value, 2);
        served += await ada.use(next.value, 3);
        expect(await usageOf(ada)).toMatchObject({ used: served, remaining: FREE_CALLS - served });
        current = next;
      }
      await ada.subscribe('basic');
      served += await ada.use(current.value, 5);
      await ada.subscribe('free');
      for (const { value } of await ada.liveKeys()) served += await useUp(ada, value);
      expect(served).toBe(FREE_CALLS);
    });

    it('over a replaced key that somebody deletes in the console', async () => {
      const { ada, key } = await subscriber();
      await ada.use(key.value, 40);
      const fresh = keyOf(await ada.rotate(key.id));
      await world.gateway.send(new DeleteApiKeyCommand({ apiKey: key.id }));
      world.forward(61);
      await ada.subscribe('free');
      expect(await usageOf(ada)).toMatchObject({ used: 40, remaining: 60 });
      expect(await useUp(ada, fresh.value)).toBe(60);
    });
  });

  describe('in a new period', () => {
    it('is whole again, once', async () => {
      const { ada, key } = await subscriber();
      await useUp(ada, key.value);
      toNextMonth();
      expect(await usageOf(ada)).toMatchObject({ limit: 100, used: 0, remaining: 100, daily: [] });
      expect(await useUp(ada, key.value)).toBe(FREE_CALLS);
      const fresh = keyOf(await ada.rotate(key.id));
      expect(await ada.call(fresh.value)).toEqual({ 429: 1 });
      expect(await usageOf(ada)).toMatchObject({ used: 100, remaining: 0 });
    });

    it('is given once, although AWS refused to set what was left in the old one', async () => {
      const { ada, key } = await subscriber();
      await ada.use(key.value, 40);
      world.sandbox.habits.addFault({ operation: 'UpdateUsage', kind: 'before', times: 3 });
      const fresh = keyOf(await ada.rotate(key.id));
      toNextMonth();
      expect(await ada.use(fresh.value, MORE_THAN_FREE)).toBe(FREE_CALLS);
      await ada.subscribe('free');
      expect(await ada.call(fresh.value)).toEqual({ 429: 1 });
    });

    it('is whole, although what was left in the old one came to be set as it began', async () => {
      const { ada, key } = await subscriber();
      await ada.use(key.value, 40);
      forwardTo(Date.UTC(now().getUTCFullYear(), now().getUTCMonth() + 1, 1) - 2000);
      await grantNow(ada, 5);
      world.sandbox.habits.addFault({
        operation: 'UpdateUsage',
        kind: 'hang',
        effect: false,
        milliseconds: 500,
        times: 1,
      });
      const before = world.awsCalls.length;
      const revealed = ada.reveal();
      while (!world.awsCalls.slice(before).includes('UpdateUsage')) await new Promise(setImmediate);
      world.forward(4);
      await revealed;
      await ada.reveal();
      expect(await ada.use(key.value, MORE_THAN_FREE)).toBe(FREE_CALLS);
    });

    it('owes nothing to calls of the old one on other keys and plans', async () => {
      const { ada, key } = await subscriber();
      await ada.use(key.value, 60);
      await ada.subscribe('basic');
      await ada.use(key.value, 60);
      await ada.subscribe('free');
      const fresh = keyOf(await ada.rotate(key.id));
      toNextMonth();
      await ada.subscribe('free');
      expect(await useUp(ada, fresh.value)).toBe(FREE_CALLS);
    });

    it('is whole again after a rotation in the old one that nothing has touched since', async () => {
      const { ada, key } = await subscriber();
      await ada.use(key.value, 60);
      const fresh = keyOf(await ada.rotate(key.id));
      toNextMonth();
      expect(await useUp(ada, fresh.value)).toBe(FREE_CALLS);
      const next = keyOf(await ada.rotate(fresh.id));
      expect(await ada.call(next.value)).toEqual({ 429: 1 });
    });

    it('is given once to two overlapping keys, from the first time that anything is done', async () => {
      toTheTwentieth();
      const { ada, key } = await subscriber();
      await ada.use(key.value, 60);
      const fresh = keyOf(await ada.rotate(key.id, 30 * DAY));
      toNextMonth();
      let served = (await ada.use(key.value, 25)) + (await ada.use(fresh.value, 35));
      await ada.subscribe('free');
      expect(await usageOf(ada)).toMatchObject({ used: 60, remaining: 40 });
      served += (await useUp(ada, key.value)) + (await useUp(ada, fresh.value));
      expect(served).toBe(FREE_CALLS);
    });

    it('is split between two overlapping keys of which one has called more than its half', async () => {
      toTheTwentieth();
      const { ada, key } = await subscriber();
      const fresh = keyOf(await ada.rotate(key.id, 30 * DAY));
      toNextMonth();
      let served = await ada.use(key.value, 80);
      await ada.subscribe('free');
      served += (await useUp(ada, key.value)) + (await useUp(ada, fresh.value));
      expect(served).toBe(FREE_CALLS);
    });

    it('tells when it began and when it ends', async () => {
      const { ada } = await subscriber();
      const [year, month] = [now().getUTCFullYear(), now().getUTCMonth()];
      const { periodStart, resetsAt, asOf } = await usageOf(ada);
      expect(periodStart).toBe(new Date(Date.UTC(year, month, 1)).toISOString());
      expect(resetsAt).toBe(new Date(Date.UTC(year, month + 1, 1)).toISOString());
      expect(Math.abs(Date.parse(asOf) - now().getTime())).toBeLessThan(5000);
    });
  });

  describe('with a grant', () => {
    it('is raised by exactly that, and shows it', async () => {
      const { ada, key } = await subscriber();
      let served = await useUp(ada, key.value);
      await grantNow(ada, 50);
      await ada.subscribe('free');
      expect(await usageOf(ada)).toMatchObject({ limit: 150, used: 100, remaining: 50, granted: 50 });
      served += await useUp(ada, key.value);
      expect(served).toBe(150);
      expect(await usageOf(ada)).toMatchObject({ limit: 150, used: 150, remaining: 0, granted: 50 });
    });

    it('is raised once, however often it is asked for and whatever is done', async () => {
      const { ada, key } = await subscriber();
      await grantNow(ada, 50);
      await ada.subscribe('free');
      await ada.subscribe('free');
      let served = await ada.use(key.value, 70);
      const fresh = keyOf(await ada.rotate(key.id));
      await ada.subscribe('basic');
      await ada.subscribe('free');
      served += await useUp(ada, fresh.value);
      expect(served).toBe(150);
    });

    it('counts as the total of the period: another grant replaces it, none takes it away', async () => {
      const { ada, key } = await subscriber();
      await grantNow(ada, 50);
      await ada.subscribe('free');
      await grantNow(ada, 20);
      await ada.subscribe('free');
      expect(await usageOf(ada)).toMatchObject({ limit: 120, granted: 20 });
      await grantNow(ada, 0);
      await ada.subscribe('free');
      expect(await usageOf(ada)).toMatchObject({ limit: 100, granted: 0 });
      expect(await useUp(ada, key.value)).toBe(FREE_CALLS);
    });

    it('of another period, or that nobody can read, changes nothing', async () => {
      const { ada, key } = await subscriber();
      await grantNow(ada, 50, '2020-01-01');
      await ada.subscribe('free');
      await ada.setAttributes({ 'custom:quota_grant': `${today().slice(0, 8)}01;-5;many` });
      await ada.subscribe('free');
      expect(await usageOf(ada)).toMatchObject({ limit: 100, granted: 0 });
      expect(await useUp(ada, key.value)).toBe(FREE_CALLS);
    });

    it('ends with the period', async () => {
      const { ada, key } = await subscriber();
      await grantNow(ada, 50);
      await ada.subscribe('free');
      toNextMonth();
      expect(await usageOf(ada)).toMatchObject({ limit: 100, granted: 0 });
      await ada.subscribe('free');
      expect(await useUp(ada, key.value)).toBe(FREE_CALLS);
    });

    it('holds for two overlapping keys together', async () => {
      const { ada, key } = await subscriber();
      await grantNow(ada, 20);
      await ada.subscribe('free');
      const fresh = keyOf(await ada.rotate(key.id, HOUR));
      const served = (await useUp(ada, key.value)) + (await useUp(ada, fresh.value));
      expect(served).toBe(120);
    });

    it.each([99, 100, 101])('of %i, given before an overlap, holds for both keys together', async (calls) => {
      const { ada, key } = await subscriber();
      await grantNow(ada, calls);
      await ada.subscribe('free');
      const fresh = keyOf(await ada.rotate(key.id, HOUR));
      const served = (await ada.use(key.value, 300)) + (await ada.use(fresh.value, 300));
      expect(served).toBe(FREE_CALLS + calls);
    });

    it('of as much as the plan gives is shared anew when the new one of two keys has run dry', async () => {
      const { ada, key } = await subscriber();
      await grantNow(ada, FREE_CALLS);
      await ada.subscribe('free');
      const fresh = keyOf(await ada.rotate(key.id, HOUR));
      let served = await useUp(ada, fresh.value);
      await ada.subscribe('free');
      expect(await ada.use(fresh.value, 300)).toBe(50);
      served += 50 + (await useUp(ada, key.value));
      expect(served).toBe(2 * FREE_CALLS);
    });

    it.each([149, 150, 151])('of %i, given when one of two keys has run dry, is all to be called', async (calls) => {
      const { ada, key } = await subscriber();
      const fresh = keyOf(await ada.rotate(key.id, HOUR));
      let served = await useUp(ada, key.value);
      await grantNow(ada, calls);
      await ada.subscribe('free');
      served += (await useUp(ada, key.value)) + (await useUp(ada, fresh.value));
      expect(served).toBe(FREE_CALLS + calls);
    });

    it('given during an overlap holds for both keys together', async () => {
      const { ada, key } = await subscriber();
      const fresh = keyOf(await ada.rotate(key.id, HOUR));
      await grantNow(ada, 20);
      await ada.subscribe('free');
      const served = (await useUp(ada, key.value)) + (await useUp(ada, fresh.value));
      expect(served).toBe(120);
    });
  });

  describe('of other plans', () => {
    it('by the day is whole again on the next day, and not before', async () => {
      await makePlan(world, 'daily', { quota: { limit: 8, period: 'DAY' } });
      toNextDay();
      const { ada, key } = await subscriber('daily');
      expect(await useUp(ada, key.value)).toBe(8);
      const fresh = keyOf(await ada.rotate(key.id));
      expect(await ada.call(fresh.value)).toEqual({ 429: 1 });
      toNextDay();
      await ada.subscribe('daily');
      expect(await usageOf(ada)).toMatchObject({ limit: 8, used: 0, remaining: 8 });
      expect(await useUp(ada, fresh.value)).toBe(8);
    });

    it('by the week runs from Monday to Sunday', async () => {
      await makePlan(world, 'weekly', { quota: { limit: 9, period: 'WEEK' } });
      toNextMonday();
      const monday = today();
      const { ada, key } = await subscriber('weekly');
      expect(await ada.use(key.value, 5)).toBe(5);
      for (let day = 0; day < 6; day++) toNextDay();
      const fresh = keyOf(await ada.rotate(key.id));
      const { periodStart, used, remaining } = await usageOf(ada);
      expect({ periodStart, used, remaining }).toEqual({
        periodStart: `${monday}T00:00:00.000Z`,
        used: 5,
        remaining: 4,
      });
      expect(await useUp(ada, fresh.value)).toBe(4);
      toNextDay();
      await ada.subscribe('weekly');
      expect(await useUp(ada, fresh.value)).toBe(9);
    });

    it('without one is unlimited and counted, and counts when a plan with one follows', async () => {
      await makePlan(world, 'endless');
      const { ada, key } = await subscriber('endless');
      await ada.use(key.value, 25);
      const unlimited = { limit: null, remaining: null, periodStart: null, resetsAt: null };
      expect(await usageOf(ada)).toMatchObject({ ...unlimited, used: 25 });
      const fresh = keyOf(await ada.rotate(key.id));
      await ada.use(fresh.value, 5);
      expect(await usageOf(ada)).toMatchObject({ ...unlimited, used: 30 });
      await ada.subscribe('free');
      expect(await usageOf(ada)).toMatchObject({ limit: 100, used: 30, remaining: 70 });
      expect(await useUp(ada, fresh.value)).toBe(70);
    });

    it('without one lets overlapping keys both call', async () => {
      await makePlan(world, 'boundless');
      const { ada, key } = await subscriber('boundless');
      const fresh = keyOf(await ada.rotate(key.id, HOUR));
      expect((await ada.use(key.value, 15)) + (await ada.use(fresh.value, 15))).toBe(30);
      expect(await usageOf(ada)).toMatchObject({ limit: null, used: 30 });
    });
  });

  describe('after a change of period', () => {
    beforeAll(async () => {
      await makePlan(world, 'by-day', { quota: { limit: 20, period: 'DAY' } });
      await makePlan(world, 'by-week', { quota: { limit: 40, period: 'WEEK' } });
      await makePlan(world, 'by-nothing');
    });
    beforeEach(() => toNextDay());
    afterEach(() => {
      world.sandbox.gateway.usage.countersSurviveDetach = true;
    });

    it('from the day to the month counts every day of the month', async () => {
      const { ada, key } = await subscriber('by-day');
      for (let day = 0; day < 3; day++) {
        expect(await useUp(ada, key.value)).toBe(20);
        toNextDay();
      }
      await ada.subscribe('free');
      expect(await usageOf(ada)).toMatchObject({ limit: 100, used: 60, remaining: 40 });
      expect(await useUp(ada, key.value)).toBe(40);
      await ada.subscribe('by-day');
      expect(await usageOf(ada)).toMatchObject({ limit: 20, used: 40, remaining: 0 });
      expect(await ada.call(key.value)).toEqual({ 429: 1 });
    });

    it('from the month to the day counts only what was called today', async () => {
      const { ada, key } = await subscriber();
      await ada.use(key.value, 30);
      toNextDay();
      await ada.use(key.value, 50);
      toNextDay();
      await ada.use(key.value, 8);
      await ada.subscribe('by-day');
      expect(await usageOf(ada)).toMatchObject({ limit: 20, used: 8, remaining: 12, daily: [{ used: 8 }] });
      expect(await useUp(ada, key.value)).toBe(12);
      await ada.subscribe('free');
      expect(await usageOf(ada)).toMatchObject({ limit: 100, used: 100, remaining: 0 });
      expect(await ada.call(key.value)).toEqual({ 429: 1 });
    });

    it('from the week to the month, in a week that two months share, counts each call in the periods it was made in', async () => {
      toTheWeekOfTwoMonths();
      const { ada, key } = await subscriber('by-week');
      await ada.use(key.value, 7);
      toNextMonth();
      await ada.use(key.value, 5);
      await ada.subscribe('free');
      expect(await usageOf(ada)).toMatchObject({ used: 5, remaining: 95, daily: [{ used: 5 }] });
      await ada.use(key.value, 3);
      await ada.subscribe('by-week');
      const { used, remaining, daily } = await usageOf(ada);
      expect({ used, remaining, days: daily.map((day) => day.used) }).toEqual({
        used: 15,
        remaining: 25,
        days: [7, 8],
      });
      expect(await useUp(ada, key.value)).toBe(25);
      await ada.subscribe('free');
      expect(await usageOf(ada)).toMatchObject({ used: 33, remaining: 67 });
      expect(await useUp(ada, key.value)).toBe(67);
    });

    it('and back, in a new week, owes nothing to the old one', async () => {
      toNextMonday();
      const { ada, key } = await subscriber('by-week');
      expect(await useUp(ada, key.value)).toBe(40);
      await ada.subscribe('free');
      await ada.use(key.value, 10);
      toNextMonday();
      await ada.subscribe('by-week');
      expect(await usageOf(ada)).toMatchObject({ used: 0, remaining: 40 });
      expect(await useUp(ada, key.value)).toBe(40);
      await ada.subscribe('free');
      expect(await useUp(ada, key.value)).toBe(10);
    });

    it('from the day to the month is not raised by what was granted for a day, though both began with it', async () => {
      toNextMonth();
      const { ada, key } = await subscriber('by-day');
      await act(await world.admin(), 'grantQuota', { userId: ada.sub, requests: 30 });
      expect(await useUp(ada, key.value)).toBe(50);
      await ada.subscribe('free');
      expect(await usageOf(ada)).toMatchObject({ limit: 100, used: 50, remaining: 50, granted: 0 });
      toNextDay();
      await world.app.get(Sweeper).sweep();
      expect(await useUp(ada, key.value)).toBe(50);
    });

    it('from no quota to the day counts only what was called today', async () => {
      const { ada, key } = await subscriber('by-nothing');
      await ada.use(key.value, 30);
      toNextDay();
      await ada.use(key.value, 4);
      await ada.subscribe('by-day');
      expect(await useUp(ada, key.value)).toBe(16);
      await ada.subscribe('by-nothing');
      expect(await usageOf(ada)).toMatchObject({ limit: null, used: 50 });
    });

    it('is the same when API Gateway gives a key that comes back a fresh counter', async () => {
      world.sandbox.gateway.usage.countersSurviveDetach = false;
      const { ada, key } = await subscriber('by-day');
      await ada.use(key.value, 20);
      await ada.subscribe('free');
      await ada.use(key.value, 30);
      toNextDay();
      await ada.subscribe('by-day');
      await ada.use(key.value, 5);
      await ada.subscribe('free');
      await ada.use(key.value, 2);
      await ada.subscribe('by-day');
      expect(await useUp(ada, key.value)).toBe(13);
      await ada.subscribe('free');
      expect(await useUp(ada, key.value)).toBe(30);
    });

    it('and a rotation on either side of midnight counts the day of each call', async () => {
      const { ada, key } = await subscriber('by-day');
      await ada.use(key.value, 15);
      const second = keyOf(await ada.rotate(key.id));
      expect(await ada.use(second.value, 3)).toBe(3);
      toNextDay();
      await ada.use(second.value, 5);
      const third = keyOf(await ada.rotate(second.id));
      expect(await usageOf(ada)).toMatchObject({ used: 5, remaining: 15 });
      expect(await useUp(ada, third.value)).toBe(15);
      const fourth = keyOf(await ada.rotate(third.id));
      expect(await ada.call(fourth.value)).toEqual({ 429: 1 });
      await ada.subscribe('free');
      expect(await usageOf(ada)).toMatchObject({ used: 38, remaining: 62 });
      expect(await useUp(ada, fourth.value)).toBe(62);
    });

    it('and two keys that overlap on a plan by the day have one allowance a day, and what both called counts', async () => {
      const { ada, key } = await subscriber('by-day');
      await ada.use(key.value, 6);
      const fresh = keyOf(await ada.rotate(key.id, 3 * DAY));
      expect((await useUp(ada, key.value)) + (await useUp(ada, fresh.value))).toBe(14);
      toNextDay();
      await ada.subscribe('by-day');
      const served = (await useUp(ada, key.value)) + (await useUp(ada, fresh.value));
      expect(served).toBe(20);
      await ada.subscribe('free');
      expect(await usageOf(ada)).toMatchObject({ used: 40, remaining: 60 });
      expect((await useUp(ada, key.value)) + (await useUp(ada, fresh.value))).toBe(60);
      toNextDay();
      await ada.subscribe('by-day');
      expect((await useUp(ada, key.value)) + (await useUp(ada, fresh.value))).toBe(20);
    });

    it('by cancelling and subscribing anew counts what was called before', async () => {
      const { ada, key } = await subscriber('by-day');
      await ada.use(key.value, 20);
      toNextDay();
      await ada.use(key.value, 10);
      await ada.cancel();
      toNextDay();
      const again = keyOf(await ada.subscribe('free'));
      expect(await usageOf(ada)).toMatchObject({ used: 30, remaining: 70 });
      expect(await ada.use(again.value, 13)).toBe(13);
      await ada.cancel();
      const last = keyOf(await ada.subscribe('by-day'));
      expect(await usageOf(ada)).toMatchObject({ used: 13, remaining: 7 });
      expect(await useUp(ada, last.value)).toBe(7);
    });

    it('does not follow from a suspension, in the same period or over its end', async () => {
      const { ada, key } = await subscriber('by-day');
      const suspend = async () => {
        await ada.setAttributes({ 'custom:suspended': 'payment' });
        await ada.reveal();
      };
      const resume = async (plan: string) => {
        await ada.setAttributes({ 'custom:suspended': '' });
        await ada.subscribe(plan);
      };
      await ada.use(key.value, 12);
      await suspend();
      await resume('by-day');
      expect(await useUp(ada, key.value)).toBe(8);
      await suspend();
      toNextDay();
      await resume('by-day');
      expect(await useUp(ada, key.value)).toBe(20);
      await suspend();
      toNextDay();
      await resume('free');
      expect(await usageOf(ada)).toMatchObject({ used: 40, remaining: 60 });
      expect(await useUp(ada, key.value)).toBe(60);
    });
  });

  describe('by day', () => {
    const daily = (ada: Customer, from: string, to: string) =>
      ada.gql<DailyReply>(
        'query ($from: Date!, $to: Date!) { me { dailyUsage(from: $from, to: $to) { date used } } }',
        { from, to },
      );
    const dayFrom = (day: string, days: number) =>
      new Date(Date.parse(day) + days * DAY * 1000).toISOString().slice(0, 10);

    it('adds up all keys and plans, and leaves out days without calls', async () => {
      const { ada, key } = await subscriber();
      const first = today();
      await ada.use(key.value, 4);
      const fresh = keyOf(await ada.rotate(key.id));
      await ada.use(fresh.value, 3);
      await ada.subscribe('basic');
      await ada.use(fresh.value, 2);
      toNextDay();
      toNextDay();
      await ada.use(fresh.value, 5);
      world.forward(2);
      const days = [
        { date: first, used: 9 },
        { date: today(), used: 5 },
      ];
      expect((await daily(ada, first, today())).data?.me.dailyUsage).toEqual(days);
      expect((await daily(ada, today(), today())).data?.me.dailyUsage).toEqual(days.slice(1));
      expect((await usageOf(ada)).daily).toEqual(days);
    });

    it('still tells of a key that was replaced longer ago than the books reach back', async () => {
      const { ada, key } = await subscriber();
      const first = today();
      await ada.use(key.value, 4);
      const second = keyOf(await ada.rotate(key.id));
      world.forward(45 * DAY);
      await ada.use(second.value, 3);
      const then = today();
      await ada.rotate(second.id);
      world.forward(2);
      expect((await daily(ada, first, today())).data?.me.dailyUsage).toEqual([
        { date: first, used: 4 },
        { date: then, used: 3 },
      ]);
    });

    it('still tells of an earlier period', async () => {
      const { ada, key } = await subscriber();
      const first = today();
      await ada.use(key.value, 6);
      toNextMonth();
      expect((await daily(ada, first, today())).data?.me.dailyUsage).toEqual([{ date: first, used: 6 }]);
      expect((await usageOf(ada)).daily).toEqual([]);
    });

    it('knows nothing of the future, and takes a range that reaches into it', async () => {
      const { ada, key } = await subscriber();
      await ada.use(key.value, 2);
      world.forward(2);
      expect((await daily(ada, dayFrom(today(), 1), dayFrom(today(), 9))).data?.me.dailyUsage).toEqual([]);
      expect((await daily(ada, today(), dayFrom(today(), 9))).data?.me.dailyUsage).toEqual([
        { date: today(), used: 2 },
      ]);
    });

    it('covers 92 days and no more', async () => {
      const { ada } = await subscriber();
      expect((await daily(ada, dayFrom(today(), -91), today())).errors).toEqual([]);
      const { data, errors } = await daily(ada, dayFrom(today(), -92), today());
      expect([data, errors[0]?.extensions]).toEqual([null, { code: 'BAD_USER_INPUT' }]);
    });

    it.each([
      ['2026-11-21', '2026-11-20'],
      ['2026-02-30', '2026-03-01'],
      ['21.11.2026', '2026-11-22'],
      ['2026-11-21T00:00:00Z', '2026-11-22'],
      ['', '2026-11-22'],
      ['+275760-09-13', '2026-11-22'],
    ])('refuses %p to %p as bad input', async (from, to) => {
      const { ada } = await subscriber();
      const { data, errors } = await daily(ada, from, to);
      expect([data, errors.map(({ extensions }) => extensions)]).toEqual([null, [{ code: 'BAD_USER_INPUT' }]]);
    });

    it('is empty, like `usage` null, for a customer who never had a plan', async () => {
      const ada = await world.customer();
      expect((await daily(ada, today(), today())).data?.me.dailyUsage).toEqual([]);
      expect((await ada.me()).usage).toBeNull();
    });
  });
});

describe('the quota of a period, while usage is reported an hour late', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({ USAGE_LAG_SECONDS: String(HOUR) });
    world.sandbox.habits.set({ usageLagSeconds: HOUR });
    await makePlan(world, 'by-day', { quota: { limit: 20, period: 'DAY' } });
    const at = world.sandbox.clock.now();
    const evening = Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 3, 22);
    world.forward((evening - at.getTime()) / 1000);
  });
  afterAll(() => world.close());

  it('counts calls that are reported after midnight on the day on which they were made', async () => {
    const ada = await world.customer();
    const key = keyOf(await ada.subscribe('by-day'));
    await ada.use(key.value, 5);
    world.forward(1.5 * HOUR);
    await ada.use(key.value, 7);
    const fresh = keyOf(await ada.rotate(key.id)); // half past eleven: seven calls are in no report yet
    world.forward(HOUR);
    expect(await ada.use(fresh.value, 3)).toBe(3);
    world.forward(HOUR);
    await ada.subscribe('by-day'); // settles what was left before midnight
    expect(await ada.use(fresh.value, 30)).toBe(17);
    world.forward(2 * HOUR);
    await ada.subscribe('free');
    expect((await ada.me()).usage).toMatchObject({ used: 32, remaining: 68 });
    expect(await ada.use(fresh.value, 130)).toBe(68);
    expect(await ada.call(fresh.value)).toEqual({ 429: 1 });
  });

  /** The next request can put no key into a plan; a sweep does it five minutes later. */
  async function late(work: () => Promise<unknown>): Promise<void> {
    world.sandbox.habits.addFault({ operation: 'CreateUsagePlanKey', kind: 'before' });
    await work();
    world.sandbox.habits.reset();
    world.sandbox.habits.set({ usageLagSeconds: HOUR });
    world.forward(300);
    await world.app.get(Sweeper).sweep();
  }

  it('is whole on a plan into which the key got late', async () => {
    const ada = await world.customer();
    const key = keyOf(await ada.subscribe('by-day'));
    world.forward(2 * HOUR);
    await late(() => ada.subscribe('free'));
    expect(await ada.use(key.value, 130)).toBe(100);
  });

  it('is whole for a new key that got into the plan late', async () => {
    const ada = await world.customer();
    const key = keyOf(await ada.subscribe('free'));
    world.forward(2 * HOUR);
    await late(() => ada.rotate(key.id));
    expect(await ada.use(keyOf(await ada.reveal()).value, 130)).toBe(100);
  });

  const sweep = () => world.app.get(Sweeper).sweep();

  async function suspended(ada: Customer): Promise<void> {
    await ada.setAttributes({ 'custom:suspended': 'payment' });
    await sweep();
    world.forward(120);
    await ada.setAttributes({ 'custom:suspended': '' });
    await sweep();
  }

  /** The next sweep after the reports of everything that was done have come. */
  async function reportsHaveCome(): Promise<void> {
    world.forward(1.5 * HOUR);
    await sweep();
  }

  /** Replaced just now: until AWS has reported, anything may have been called on the new key. */
  async function replaced(called = 0) {
    const ada = await world.customer();
    const first = keyOf(await ada.subscribe('free'));
    world.forward(2 * HOUR);
    const key = keyOf(await ada.rotate(first.id));
    await ada.use(key.value, called);
    world.forward(600);
    return { ada, key };
  }

  it('is whole once the reports have come, after two rotations in a row of which one leaves the old key time', async () => {
    const { ada, key } = await replaced(3);
    const fresh = keyOf(await ada.rotate(key.id, DAY));
    await reportsHaveCome();
    expect((await ada.use(key.value, 130)) + (await ada.use(fresh.value, 130))).toBe(97);
  });

  it.each([0, 3])(
    'is whole once the reports have come, after a suspension soon after a rotation and %i calls',
    async (calls) => {
      const { ada, key } = await replaced(calls);
      await suspended(ada);
      world.forward(300);
      await suspended(ada);
      await reportsHaveCome();
      expect(await ada.use(key.value, 130)).toBe(100 - calls);
    },
  );

  /** The sweep looks meanwhile, and more than once, at what the books hold open. */
  async function suspendedForHours(ada: Customer): Promise<void> {
    await ada.setAttributes({ 'custom:suspended': 'payment' });
    await sweep();
    for (let times = 0; times < 2; times++) await reportsHaveCome();
    await ada.setAttributes({ 'custom:suspended': '' });
    await sweep();
  }

  async function subscribed(called = 0) {
    const ada = await world.customer();
    const key = keyOf(await ada.subscribe('free'));
    world.forward(2 * HOUR);
    await ada.use(key.value, called);
    world.forward(2 * HOUR);
    return { ada, key, values: [key.value] };
  }

  it.each([
    [
      'a grant',
      150,
      async () => {
        const { ada, values } = await subscribed();
        await act(await world.admin(), 'grantQuota', { userId: ada.sub, requests: 50 });
        return { ada, values };
      },
    ],
    [
      'an earlier suspension',
      100,
      async () => {
        const { ada, values } = await subscribed();
        await suspended(ada);
        return { ada, values };
      },
    ],
    [
      'ten calls and a rotation',
      90,
      async () => {
        const { ada, key } = await subscribed(10);
        return { ada, values: [keyOf(await ada.rotate(key.id)).value] };
      },
    ],
    [
      'a rotation with an overlap',
      100,
      async () => {
        const { ada, key, values } = await subscribed();
        return { ada, values: [...values, keyOf(await ada.rotate(key.id, 7 * DAY)).value] };
      },
    ],
  ])('is whole once the reports have come, after a suspension for hours soon after %s', async (_, due, begin) => {
    const { ada, values } = await begin();
    world.forward(1200);
    await suspendedForHours(ada);
    await reportsHaveCome();
    await reportsHaveCome();
    let served = 0;
    for (const value of values) served += await ada.use(value, 200);
    expect(served).toBe(due);
  });

  it('is neither more nor less for a suspension for hours of one who called just before', async () => {
    const { ada, key } = await replaced(60);
    let served = 60 + (await ada.use(key.value, 20));
    await suspendedForHours(ada);
    for (let times = 0; times < 3; times++) {
      await reportsHaveCome();
      served += await ada.use(key.value, 130);
    }
    expect(served).toBe(100);
  });

  it('is no larger for changes of plan and rotations in quick succession', async () => {
    const { ada, key } = await replaced(60);
    await ada.subscribe('basic');
    await ada.subscribe('free');
    const fresh = keyOf(await ada.rotate(key.id, DAY));
    await ada.subscribe('basic');
    await ada.subscribe('free');
    let served = await ada.use(fresh.value, 130);
    for (let times = 0; times < 2; times++) {
      await reportsHaveCome();
      served += (await ada.use(key.value, 130)) + (await ada.use(fresh.value, 130));
    }
    expect(served).toBeLessThanOrEqual(40);
  });

  describe('where AWS tells nothing of a plan that a key has left', () => {
    beforeAll(async () => {
      world.sandbox.gateway.usage.countersSurviveDetach = false;
      await makePlan(world, 'slow', {
        quota: { limit: 100, period: 'MONTH' },
        throttle: { rateLimit: 1, burstLimit: 1 },
      });
    });
    afterAll(() => {
      world.sandbox.gateway.usage.countersSurviveDetach = true;
    });

    it.each([
      ['changes of plan', ['basic'], ['free'], false],
      ['changes of plan, each with a rotation', ['slow'], ['free'], true],
      ['changes of plan and back', ['slow', 'free'], ['slow', 'free'], false],
    ])('is given at most twice in a month, however often all of it is called right before %s', async (...how) => {
      const [, there, back, isRotating] = how;
      const ada = await world.customer();
      let key = keyOf(await ada.subscribe('free'));
      const served: number[] = [];
      for (const plans of [there, back, there, back]) {
        for (let times = 0; times < 3; times++) await reportsHaveCome();
        served.push(await ada.use(key.value, 100));
        for (const plan of plans) await ada.subscribe(plan);
        world.forward(5);
        if (isRotating) key = keyOf(await ada.rotate(key.id));
      }
      expect(served.reduce((sum, calls) => sum + calls)).toBeLessThanOrEqual(200);
    });
  });

  describe('of a day that has just begun', () => {
    const A_DAY = 20;
    const inMinutesOfTheNextDay = (minutes: number) => {
      const at = world.sandbox.clock.now();
      const then = Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate() + 1, 0, minutes);
      world.forward((then - at.getTime()) / 1000);
    };

    /** One who replaced the key the day before. */
    async function replacedYesterday(graceSeconds: number) {
      const ada = await world.customer();
      const old = keyOf(await ada.subscribe('by-day'));
      world.forward(2 * HOUR);
      const key = keyOf(await ada.rotate(old.id, graceSeconds));
      return { ada, old, key };
    }

    /** Calls on the keys, now and on the next three times that reports have come. */
    async function allDay(ada: Customer, ...values: readonly string[]): Promise<number> {
      let served = 0;
      for (let times = 0; times < 4; times++) {
        for (const value of values) served += await ada.use(value, 3 * A_DAY);
        await reportsHaveCome();
      }
      return served;
    }

    it('is given to two keys that overlap at most twice, however soon they are looked at', async () => {
      const { ada, old, key } = await replacedYesterday(7 * DAY);
      for (let day = 0; day < 2; day++) {
        inMinutesOfTheNextDay(1);
        let served = (await ada.use(old.value, 60)) + (await ada.use(key.value, 60));
        world.forward(240);
        await sweep();
        served += await allDay(ada, old.value, key.value);
        expect(served).toBeLessThanOrEqual(2 * A_DAY);
      }
    });

    it('is shared by two keys that overlap once reports tell of the day', async () => {
      const { ada, old, key } = await replacedYesterday(7 * DAY);
      inMinutesOfTheNextDay(1);
      expect((await ada.use(old.value, 3)) + (await ada.use(key.value, 4))).toBe(7);
      await reportsHaveCome();
      expect(await allDay(ada, old.value, key.value)).toBe(A_DAY - 7);
    });

    it.each([30, 300])(
      'is no less of a month for a suspension over midnight, of %i minutes, soon after a grant for the day before',
      async (minutes) => {
        const ada = await world.customer();
        const key = keyOf(await ada.subscribe('by-day'));
        inMinutesOfTheNextDay(-60);
        await act(await world.admin(), 'grantQuota', { userId: ada.sub, requests: 50 });
        inMinutesOfTheNextDay(-10);
        await ada.setAttributes({ 'custom:suspended': 'payment' });
        await sweep();
        world.forward(minutes * 60);
        await sweep();
        await ada.setAttributes({ 'custom:suspended': '' });
        await sweep();
        await reportsHaveCome();
        await ada.subscribe('free');
        await reportsHaveCome();
        expect(await ada.use(key.value, 130)).toBe(100);
      },
    );

    it.each([0, DAY])(
      'is given at most twice when one of two keys is replaced at once, with %i s of grace',
      async (grace) => {
        const { ada, old, key } = await replacedYesterday(7 * DAY);
        inMinutesOfTheNextDay(1);
        const served = (await ada.use(old.value, 60)) + (await ada.use(key.value, 60));
        const fresh = keyOf(await ada.rotate(key.id, grace));
        expect(served + (await allDay(ada, key.value, fresh.value))).toBeLessThanOrEqual(2 * A_DAY);
      },
    );

    it.each([
      ['replaced', (ada: Customer, id: string) => ada.rotate(id)],
      ['replaced with an overlap', (ada: Customer, id: string) => ada.rotate(id, DAY)],
      ['given up for another', (ada: Customer) => ada.cancel().then(() => ada.subscribe('by-day'))],
    ])('is given once, in the end all of it, when a key is %s at once', async (_, replace) => {
      for (const called of [3 * A_DAY, 0]) {
        const { ada, key } = await replacedYesterday(0);
        inMinutesOfTheNextDay(1);
        const served = await ada.use(key.value, called);
        const fresh = keyOf(await replace(ada, key.id));
        expect(served + (await allDay(ada, key.value, fresh.value))).toBe(A_DAY);
      }
    });
  });

  it('owes nothing for a plan into which the key never got', async () => {
    const ada = await world.customer();
    const key = keyOf(await ada.subscribe('free'));
    world.forward(2 * HOUR);
    world.sandbox.habits.addFault({ operation: 'CreateUsagePlanKey', kind: 'before' });
    await ada.subscribe('basic');
    world.sandbox.habits.reset();
    world.sandbox.habits.set({ usageLagSeconds: HOUR });
    world.forward(120);
    await ada.subscribe('free');
    expect(await ada.use(key.value, 130)).toBe(100);
  });
});
