import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AwsUnavailableError } from '../../src/aws/failures.js';
import { dayOf } from '../../src/clock.js';
import { Secret } from '../../src/secret.js';
import { type Cloud, clouds, type NewPlan } from '../support/clouds.js';
import { skipping } from '../support/moto.js';

const DAY_SECONDS = 86_400;
const MONTHLY: NewPlan = { quota: { limit: 10, period: 'MONTH' } };

describe.each(clouds)('UsagePlans, with $name', ({ name, can, missing, start }) => {
  if (skipping(`UsagePlans with ${name}`, missing)) {
    it.skip(`is not here: ${missing}`, () => {});
    return;
  }

  let cloud: Cloud;
  beforeAll(async () => {
    cloud = await start();
  });
  afterAll(() => cloud.close());

  const today = () => dayOf(cloud.now());
  const inDays = (days: number) => dayOf(new Date(cloud.now().getTime() + days * DAY_SECONDS * 1000));
  const outcomeOf = (work: Promise<unknown>) => work.then((value) => ({ value })).catch((error: unknown) => error);

  async function newKey(): Promise<string> {
    const value = new Secret(randomBytes(20).toString('hex'));
    const key = await cloud.keys.create({ name: 'k', value, description: '', username: null });
    return key?.id ?? '';
  }

  async function subscribed(plan: NewPlan = MONTHLY): Promise<{ planId: string; keyId: string }> {
    const [planId, keyId] = [await cloud.addPlan(plan), await newKey()];
    await cloud.plans.attach(planId, keyId);
    return { planId, keyId };
  }

  describe('plans', () => {
    it('are listed whole: tags, quota, throttle and stages', async () => {
      const tags = { 'turnpike:plan': 'gold', other: 'tag' };
      const throttle = { rateLimit: 5.5, burstLimit: 6 };
      const quota = { limit: 70, period: 'WEEK' } as const;
      const id = await cloud.addPlan({ name: 'Gold', description: 'for some', tags, throttle, quota });
      const listed = (await cloud.plans.list()).find((plan) => plan.id === id);
      expect(listed).toEqual({
        id,
        name: 'Gold',
        description: 'for some',
        tags,
        throttle,
        quota,
        stages: [cloud.stage],
      });
    });

    it('have null for what AWS does not limit and nobody wrote', async () => {
      const id = await cloud.addPlan({ name: 'Endless', isStageless: true });
      const listed = (await cloud.plans.list()).find((plan) => plan.id === id);
      expect(listed).toEqual({
        id,
        name: 'Endless',
        description: null,
        tags: {},
        throttle: null,
        quota: null,
        stages: [],
      });
    });
  });

  describe('attaching', () => {
    it('puts the key into the plan', async () => {
      const [planId, keyId] = [await cloud.addPlan(MONTHLY), await newKey()];
      expect(await cloud.plans.attach(planId, keyId)).toBe('attached');
      expect(await cloud.plans.plansOf(keyId)).toEqual([planId]);
    });

    it('is repeatable', async () => {
      const { planId, keyId } = await subscribed();
      expect(await cloud.plans.attach(planId, keyId)).toBe(can.noticesAttached ? 'there already' : 'attached');
      expect(await cloud.plans.plansOf(keyId)).toEqual([planId]);
    });

    it('to a second plan of the same stage is not carried out, and says that it may be tried again', async () => {
      const { planId, keyId } = await subscribed();
      const second = await cloud.addPlan(MONTHLY);
      const outcome = await outcomeOf(cloud.plans.attach(second, keyId));
      const plans = await cloud.plans.plansOf(keyId);
      if (can.keepsOnePlanPerStage) {
        expect(outcome).toBeInstanceOf(AwsUnavailableError);
        expect(outcome).toMatchObject({ operation: 'CreateUsagePlanKey', retryAfterSeconds: 1 });
        expect(plans).toEqual([planId]);
      } else expect(plans.sort()).toEqual([planId, second].sort());
    });

    it('to plans of other stages adds one to the other', async () => {
      const { planId, keyId } = await subscribed();
      const elsewhere = await cloud.addPlan({ isStageless: true });
      await cloud.plans.attach(elsewhere, keyId);
      expect((await cloud.plans.plansOf(keyId)).sort()).toEqual([planId, elsewhere].sort());
    });

    it('says false, and does nothing, when the plan or the key is not there', async () => {
      const keyId = await newKey();
      expect(await cloud.plans.attach('nosuch', keyId)).toBe(can.knowsUnknownPlans ? 'gone' : 'attached');
      expect(await cloud.plans.plansOf(keyId)).toEqual([]);
      expect(await cloud.plans.attach(await cloud.addPlan(), 'nosuchkey0')).toBe('gone');
    });

    it('a disabled key works as well', async () => {
      const [planId, keyId] = [await cloud.addPlan(), await newKey()];
      await cloud.keys.change(keyId, { enabled: false });
      await cloud.plans.attach(planId, keyId);
      expect(await cloud.plans.plansOf(keyId)).toEqual([planId]);
    });
  });

  describe('the keys of a plan', () => {
    it('are all that are in it, of all pages, switched off or not', async () => {
      const { planId, keyId } = await subscribed();
      const off = await newKey();
      await cloud.keys.change(off, { enabled: false });
      await cloud.plans.attach(planId, off);
      const more = can.pages ? 520 : 5;
      await cloud.addKeys('one-of-many-', more);
      const ids = (await cloud.keys.list('one-of-many-')).map(({ id }) => id);
      expect(ids).toHaveLength(more);
      for (const id of ids) await cloud.attach(planId, id);
      expect((await cloud.plans.keysIn(planId)).sort()).toEqual([keyId, off, ...ids].sort());
    });

    it('are none where there is no such plan', async () => {
      const keys = cloud.plans.keysIn('nobodys');
      expect(await keys).toEqual([]);
    });
  });

  describe('detaching', () => {
    it('takes the key out of that plan only', async () => {
      const { planId, keyId } = await subscribed();
      const elsewhere = await cloud.addPlan({ isStageless: true });
      await cloud.plans.attach(elsewhere, keyId);
      await cloud.plans.detach(planId, keyId);
      expect(await cloud.plans.plansOf(keyId)).toEqual([elsewhere]);
    });

    it('is repeatable', async () => {
      const { planId, keyId } = await subscribed();
      await cloud.plans.detach(planId, keyId);
      const again = await outcomeOf(cloud.plans.detach(planId, keyId));
      if (can.detachesTwice) expect(again).toEqual({ value: undefined });
      else expect(again).toBeInstanceOf(AwsUnavailableError); // moto's second answer is a page saying 500
      expect(await cloud.plans.plansOf(keyId)).toEqual([]);
    });

    it('from a plan that is not there is success: the key is not in it', async () => {
      const outcome = await outcomeOf(cloud.plans.detach('nosuch', await newKey()));
      if (can.detachesTwice) expect(outcome).toEqual({ value: undefined });
      else expect(outcome).toBeInstanceOf(AwsUnavailableError);
    });

    it('lets the key into another plan of the same stage', async () => {
      const { planId, keyId } = await subscribed();
      const second = await cloud.addPlan(MONTHLY);
      await cloud.plans.detach(planId, keyId);
      await cloud.plans.attach(second, keyId);
      expect(await cloud.plans.plansOf(keyId)).toEqual([second]);
    });
  });

  it('a key that is not there, or was deleted, is in no plan', async () => {
    const { planId, keyId } = await subscribed();
    await cloud.deleteKey(keyId);
    expect(await cloud.plans.plansOf('nosuchkey0')).toEqual([]);
    expect(await cloud.plans.plansOf(keyId)).toEqual(can.forgetsDeletedKeys ? [] : [planId]);
  });

  if (!can.getUsage) {
    it('does not know GetUsage and UpdateUsage; that is a fault, and never taken for "no calls"', async () => {
      const { planId, keyId } = await subscribed();
      const outcomes = await Promise.all([
        outcomeOf(cloud.plans.usage(planId, keyId, today(), today())),
        outcomeOf(cloud.plans.setRemaining(planId, keyId, 4)),
      ]);
      for (const outcome of outcomes) {
        expect(outcome).toMatchObject({ name: 'SyntaxError', $metadata: { httpStatusCode: 404 } });
        expect(outcome).not.toBeInstanceOf(AwsUnavailableError);
      }
    });
    return;
  }

  describe('usage', () => {
    it('is empty for a key that made no call, a plan that is not there, and a key that is not in the plan', async () => {
      const { planId, keyId } = await subscribed();
      expect(await cloud.plans.usage(planId, keyId, today(), today())).toEqual([]);
      expect(await cloud.plans.usage('nosuch', keyId, today(), today())).toEqual([]);
      expect(await cloud.plans.usage(planId, await newKey(), today(), today())).toEqual([]);
    });

    it('counts by UTC day, with what then remained of the period, and ends today', async () => {
      const { planId, keyId } = await subscribed({ quota: { limit: 10, period: 'DAY' } });
      const first = today();
      expect(await cloud.serve(planId, keyId, 3)).toBe(3);
      cloud.forward(2 * DAY_SECONDS);
      expect(await cloud.serve(planId, keyId, 1)).toBe(1);
      const days = await cloud.plans.usage(planId, keyId, first, inDays(9));
      expect(days.map(({ used, remaining }) => [used, remaining])).toEqual([
        [3, 7],
        [0, 10],
        [1, 9],
      ]);
      expect([days[0]?.date, days[2]?.date]).toEqual([first, today()]);
    });

    it('answers no day before the first one asked for', async () => {
      const { planId, keyId } = await subscribed();
      await cloud.serve(planId, keyId, 2);
      cloud.forward(DAY_SECONDS);
      await cloud.serve(planId, keyId, 1);
      const days = await cloud.plans.usage(planId, keyId, today(), today());
      expect(days).toMatchObject([{ date: today(), used: 1 }]);
    });

    it('is counted for each plan by itself, and stops at its quota', async () => {
      const { planId, keyId } = await subscribed({ quota: { limit: 4, period: 'MONTH' } });
      expect(await cloud.serve(planId, keyId, 6)).toBe(4);
      expect(await cloud.plans.usage(planId, keyId, today(), today())).toEqual([
        { date: today(), used: 4, remaining: 0 },
      ]);
      const second = await cloud.addPlan({ quota: { limit: 4, period: 'MONTH' } });
      await cloud.plans.detach(planId, keyId);
      await cloud.plans.attach(second, keyId);
      expect(await cloud.serve(second, keyId, 1)).toBe(1);
      expect(await cloud.plans.usage(second, keyId, today(), today())).toMatchObject([{ used: 1, remaining: 3 }]);
    });

    it('is reported for a disabled key, which makes no more of it', async () => {
      const { planId, keyId } = await subscribed();
      await cloud.serve(planId, keyId, 2);
      await cloud.keys.change(keyId, { enabled: false });
      expect(await cloud.serve(planId, keyId, 2)).toBe(0);
      expect(await cloud.plans.usage(planId, keyId, today(), today())).toMatchObject([{ used: 2, remaining: 8 }]);
    });

    it('is told for all keys of a plan at once as for each by itself, without those that made no call', async () => {
      const { planId, keyId } = await subscribed();
      const [second, idle] = [await newKey(), await newKey()];
      for (const id of [second, idle]) await cloud.plans.attach(planId, id);
      await cloud.serve(planId, keyId, 3);
      await cloud.serve(planId, second, 1);
      const reports = await cloud.plans.usageByKey(planId, today(), today());
      expect([...reports.keys()].sort()).toEqual([keyId, second].sort());
      for (const [id, days] of reports) expect(days).toEqual(await cloud.plans.usage(planId, id, today(), today()));
      expect((await cloud.plans.usageByKey('nosuch', today(), today())).size).toBe(0);
    });

    it('is told of more days than AWS reports at once, each day once and with what then remained', async () => {
      const { planId, keyId } = await subscribed();
      const early = await newKey();
      await cloud.plans.attach(planId, early);
      const first = today();
      await cloud.serve(planId, keyId, 3);
      await cloud.serve(planId, early, 2);
      cloud.forward(91 * DAY_SECONDS);
      await cloud.serve(planId, keyId, 1);
      const days = await cloud.plans.usage(planId, keyId, first, today());
      expect(days.filter(({ used }) => used > 0)).toEqual([
        { date: first, used: 3, remaining: 7 },
        { date: today(), used: 1, remaining: 9 },
      ]);
      expect(new Set(days.map(({ date }) => date)).size).toBe(days.length);
      const reports = await cloud.plans.usageByKey(planId, first, today());
      expect(reports.get(keyId)).toEqual(days);
      expect(reports.get(early)?.filter(({ used }) => used > 0)).toEqual([{ date: first, used: 2, remaining: 8 }]);
    });

    it('is counted without a quota too', async () => {
      const { planId, keyId } = await subscribed({});
      expect(await cloud.serve(planId, keyId, 5)).toBe(5);
      expect(await cloud.plans.usage(planId, keyId, today(), today())).toMatchObject([{ used: 5 }]);
    });
  });

  describe('setting what remains', () => {
    it('lets through exactly that many more, whether that is fewer or more than before', async () => {
      const { planId, keyId } = await subscribed();
      expect(await cloud.plans.setRemaining(planId, keyId, 2)).toBe(true);
      expect(await cloud.serve(planId, keyId, 5)).toBe(2);
      await cloud.plans.setRemaining(planId, keyId, 15);
      expect(await cloud.plans.usage(planId, keyId, today(), today())).toMatchObject([{ used: 2, remaining: 15 }]);
      expect(await cloud.serve(planId, keyId, 16)).toBe(15);
    });

    it('works before the first call, and to nothing', async () => {
      const { planId, keyId } = await subscribed();
      await cloud.plans.setRemaining(planId, keyId, 0);
      expect(await cloud.serve(planId, keyId, 1)).toBe(0);
    });

    it('ends with the period', async () => {
      const { planId, keyId } = await subscribed({ quota: { limit: 3, period: 'DAY' } });
      await cloud.plans.setRemaining(planId, keyId, 1);
      expect(await cloud.serve(planId, keyId, 2)).toBe(1);
      cloud.forward(DAY_SECONDS);
      expect(await cloud.serve(planId, keyId, 4)).toBe(3);
    });

    it('says false for a key that is not in the plan, and for a plan that is not there', async () => {
      const { planId } = await subscribed();
      const keyId = await newKey();
      expect(await cloud.plans.setRemaining(planId, keyId, 1)).toBe(false);
      expect(await cloud.plans.setRemaining('nosuch', keyId, 1)).toBe(false);
    });

    it('is a fault where there is no quota to set it of', async () => {
      const { planId, keyId } = await subscribed({});
      const outcome = await outcomeOf(cloud.plans.setRemaining(planId, keyId, 1));
      expect(outcome).toMatchObject({ name: 'BadRequestException' });
    });
  });
});
