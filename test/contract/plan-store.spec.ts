import { GetUsagePlanCommand, UpdateUsagePlanCommand } from '@aws-sdk/client-api-gateway';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NewUsagePlan } from '../../src/aws/plan-store/plan-store.js';
import type { UsagePlan } from '../../src/aws/usage-plans.js';
import { type Cloud, clouds } from '../support/clouds.js';
import { skipping } from '../support/moto.js';

describe.each(clouds)('PlanStore, with $name', ({ name, can, missing, start }) => {
  if (skipping(`PlanStore with ${name}`, missing)) {
    it.skip(`is not here: ${missing}`, () => {});
    return;
  }

  let cloud: Cloud;
  beforeAll(async () => {
    cloud = await start();
  });
  afterAll(() => cloud.close());

  const gold = (fields: Partial<NewUsagePlan> = {}): NewUsagePlan => ({
    name: 'Gold',
    description: 'for some',
    tags: { 'turnpike:plan': 'gold', 'turnpike:price': '9 USD / month' },
    quota: { limit: 70, period: 'WEEK' },
    throttle: { rateLimit: 5.5, burstLimit: 6 },
    stages: [cloud.stage],
    ...fields,
  });

  async function made(fields: Partial<NewUsagePlan> = {}): Promise<UsagePlan> {
    const plan = await cloud.planStore.create(gold(fields));
    if (plan === 'unknown stage') throw new Error(plan);
    return plan;
  }

  const listed = async (id: string) => (await cloud.plans.list()).find((plan) => plan.id === id);
  const nowhere = { apiId: 'nosuchapi0', stage: 'v9' };

  describe('creating', () => {
    it('makes the whole plan, which the list then has', async () => {
      const plan = await made();
      expect(plan).toEqual({ id: plan.id, ...gold() });
      expect(await listed(plan.id)).toEqual(plan);
      expect(await cloud.planStore.find(plan.id)).toEqual(plan);
    });

    it('makes plans without limits, description and stages', async () => {
      const bare = { description: null, quota: null, throttle: null, stages: [], tags: {} };
      const plan = await made(bare);
      expect(await listed(plan.id)).toEqual({ id: plan.id, ...gold(bare) });
    });

    it('twice makes two: names and tags are not unique', async () => {
      const [one, other] = [await made(), await made()];
      expect(one.id).not.toBe(other.id);
      expect([await listed(one.id), await listed(other.id)]).toEqual([one, other]);
    });
  });

  it('deletes a plan with its stages, and a second time is success', async () => {
    const { id } = await made();
    for (const _ of [1, 2]) await cloud.planStore.delete(id);
    expect(await listed(id)).toBeUndefined();
  });

  it('says of a change that the plan is gone', async () => {
    const changed = await cloud.planStore.change('nosuch', { name: 'Other' });
    expect(changed).toBe('gone');
  });

  if (!can.managesPlans) {
    it('keeps numbers as text, knows no tags of plans and every stage', async () => {
      const { id } = await made({ stages: [nowhere] });
      await cloud.planStore.change(id, { quota: { limit: 900, period: 'MONTH' } });
      expect(await listed(id)).toMatchObject({ quota: { limit: '900', period: 'MONTH' }, stages: [nowhere] });
      const tagging = cloud.planStore.tag(id, { a: 'b' });
      await expect(tagging).rejects.toMatchObject({ name: 'SyntaxError', $metadata: { httpStatusCode: 404 } });
    });
    return;
  }

  it('says so, and makes nothing, when a stage is not there', async () => {
    const before = (await cloud.plans.list()).length;
    expect(await cloud.planStore.create(gold({ stages: [cloud.stage, nowhere] }))).toBe('unknown stage');
    expect(await cloud.plans.list()).toHaveLength(before);
  });

  describe('changing', () => {
    it('changes what is named, and nothing else', async () => {
      const { id } = await made();
      expect(await cloud.planStore.change(id, { quota: { limit: 900, period: 'MONTH' } })).toBe('changed');
      expect(await listed(id)).toEqual({ id, ...gold({ quota: { limit: 900, period: 'MONTH' } }) });
      const throttle = { rateLimit: 0.5, burstLimit: 1 };
      await cloud.planStore.change(id, { name: 'Golden', description: 'for all', throttle });
      const quota = { limit: 900, period: 'MONTH' } as const;
      expect(await listed(id)).toEqual({ id, ...gold({ name: 'Golden', description: 'for all', throttle, quota }) });
    });

    it('takes limits and stages away, and gives them back', async () => {
      const { id } = await made();
      expect(await cloud.planStore.change(id, { quota: null, throttle: null, stages: [] })).toBe('changed');
      expect(await listed(id)).toEqual({ id, ...gold({ quota: null, throttle: null, stages: [] }) });
      const { quota, throttle, stages } = gold();
      expect(await cloud.planStore.change(id, { quota, throttle, stages })).toBe('changed');
      expect(await listed(id)).toEqual({ id, ...gold() });
    });

    it('is repeatable', async () => {
      const { id } = await made();
      for (const _ of [1, 2]) expect(await cloud.planStore.change(id, { quota: null, stages: [] })).toBe('changed');
      expect(await listed(id)).toEqual({ id, ...gold({ quota: null, stages: [] }) });
    });

    it('says so, and changes nothing, when a stage is not there', async () => {
      const { id } = await made();
      const changed = await cloud.planStore.change(id, { name: 'Other', stages: [nowhere] });
      expect(changed).toBe('unknown stage');
      expect(await listed(id)).toEqual({ id, ...gold() });
    });

    it('leaves the throttles of methods alone, on a stage that stays', async () => {
      if (!cloud.gateway) return expect(name).toBe('the fake');
      const { id } = await made();
      const { apiId, stage } = cloud.stage;
      const limits = { '/open/GET': { rateLimit: 1, burstLimit: 2 } };
      const value = JSON.stringify(limits);
      const patchOperations = [{ op: 'replace' as const, path: `/apiStages/${apiId}:${stage}/throttle`, value }];
      await cloud.gateway.send(new UpdateUsagePlanCommand({ usagePlanId: id, patchOperations }));
      await cloud.planStore.change(id, { ...gold(), name: 'Other' });
      const { apiStages } = await cloud.gateway.send(new GetUsagePlanCommand({ usagePlanId: id }));
      expect(apiStages).toEqual([{ apiId, stage, throttle: limits }]);
    });
  });

  describe('tagging', () => {
    it('sets some, takes some away, and leaves the rest', async () => {
      const { id } = await made({ tags: { 'turnpike:plan': 'gold', 'turnpike:price': 'much', theirs: 'kept' } });
      const tags = { 'turnpike:retired': 'true', 'turnpike:price': null, 'turnpike:order': '3' };
      for (const _ of [1, 2]) expect(await cloud.planStore.tag(id, tags)).toBe(true);
      const expected = { 'turnpike:plan': 'gold', 'turnpike:retired': 'true', 'turnpike:order': '3', theirs: 'kept' };
      expect((await listed(id))?.tags).toEqual(expected);
    });

    it('says that a plan is gone', async () => {
      expect(await cloud.planStore.tag('nosuch', { a: 'b' })).toBe(false);
      expect(await cloud.planStore.tag('nosuch', { a: null })).toBe(false);
    });
  });
});
