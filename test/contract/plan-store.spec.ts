import {
  GetUsagePlanCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateUsagePlanCommand,
} from '@aws-sdk/client-api-gateway';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AwsUnavailableError } from '../../src/aws/failures.js';
import type { Governor } from '../../src/aws/governor.js';
import { ApiGatewayPlanStore } from '../../src/aws/plan-store/api-gateway-plan-store.js';
import type { NewUsagePlan } from '../../src/aws/plan-store/plan-store.js';
import type { UsagePlan } from '../../src/aws/usage-plans.js';
import { Config } from '../../src/config.js';
import { VirtualClock } from '../../src/sandbox/virtual/virtual-clock.js';
import { type Cloud, clouds } from '../support/clouds.js';
import { governorFor } from '../support/governor.js';
import { skipping } from '../support/moto.js';
import { awsFailure, throttled } from '../support/rated-aws.js';
import { environment } from '../support/world.js';

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

/** As much of API Gateway as one plan needs, at the speed that a test asks for. */
class OnePlan {
  readonly tags: Record<string, string> = { 'turnpike:plan': 'gold' };
  quota = '100';
  tagging: (number: number) => Promise<void> = async () => {};
  updating: () => Promise<void> = async () => {};
  private taggings = 0;

  async send(command: object, { abortSignal }: { readonly abortSignal: AbortSignal }): Promise<object> {
    if (abortSignal.aborted) throw awsFailure('AbortError', 0); // the SDK sends nothing then
    if (command instanceof TagResourceCommand) {
      await this.tagging(++this.taggings);
      Object.assign(this.tags, command.input.tags);
    } else if (command instanceof UntagResourceCommand) {
      for (const name of command.input.tagKeys ?? []) delete this.tags[name];
    } else if (command instanceof UpdateUsagePlanCommand) {
      await this.updating();
      this.quota = command.input.patchOperations?.[0]?.value ?? '';
    }
    return { id: 'p1', name: 'Gold', tags: { ...this.tags }, quota: { limit: Number(this.quota), period: 'MONTH' } };
  }
}

describe('what announces a change that is not made', () => {
  let clock: VirtualClock;
  let governor: Governor;
  let aws: OnePlan;
  let store: ApiGatewayPlanStore;
  beforeEach(() => {
    clock = new VirtualClock();
    const config = Config.read(environment('http://unused', { AWS_RATE_FACTOR: '1' }));
    governor = governorFor(config, clock);
    aws = new OnePlan();
    store = new ApiGatewayPlanStore({ gateway: aws } as never, governor, config);
  });

  let announcements = 0;
  const change = () =>
    store.change('p1', { quota: { limit: 150, period: 'MONTH' } }, () => ({ since: `time ${++announcements}` }));
  const AS_BEFORE = { quota: '100', tags: { 'turnpike:plan': 'gold' } };

  /** What there is once nothing is under way any more. */
  async function afterFailing(work: Promise<unknown>) {
    const error = await clock.run(work.catch((error: unknown) => error));
    expect(error).toBeInstanceOf(AwsUnavailableError);
    await clock.run(clock.sleep(300_000));
    return { quota: aws.quota, tags: aws.tags };
  }

  it('is taken back where AWS lets it be written only after the time of who asked', async () => {
    const from = clock.now().getTime();
    aws.tagging = async () => {
      if (clock.now().getTime() - from < 10_000) throw throttled(2);
    };
    expect(await afterFailing(governor.interactive(change))).toEqual(AS_BEFORE);
  });

  it('is taken back where the turn came just before the end of that time', async () => {
    aws.tagging = () => clock.sleep(300);
    const late = async () => {
      await clock.sleep(9800);
      return change();
    };
    expect(await afterFailing(governor.interactive(late))).toEqual(AS_BEFORE);
  });

  it('is taken back where it took longer than one call may, as often as that was tried', async () => {
    aws.tagging = async (number) => {
      if (number % 3 > 0) throw throttled(5);
    };
    expect(await afterFailing(governor.background(change))).toEqual(AS_BEFORE);
  });

  it('is taken back before who asked is answered, where there is time for it', async () => {
    aws.updating = async () => {
      throw throttled();
    };
    await clock.run(governor.background(change).catch(() => undefined));
    expect({ quota: aws.quota, tags: aws.tags }).toEqual(AS_BEFORE);
  });

  it('is left where somebody else has announced a change since', async () => {
    aws.updating = async () => {
      aws.tags.since = 'theirs';
      throw throttled();
    };
    expect(await afterFailing(governor.interactive(change))).toMatchObject({ tags: { since: 'theirs' } });
  });

  it('is left where the change may have been made', async () => {
    aws.updating = () => clock.sleep(60_000);
    const { tags } = await afterFailing(governor.interactive(change));
    expect(tags).toMatchObject({ since: expect.any(String) });
  });
});
