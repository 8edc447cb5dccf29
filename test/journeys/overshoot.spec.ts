import { UpdateUsageCommand } from '@aws-sdk/client-api-gateway';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Metrics } from '../../src/metrics.js';
import { Sweeper } from '../../src/subscriptions/sweep/sweeper.service.js';
import { keyOf } from '../support/outcomes.js';
import { World } from '../support/world.js';

const SERIES = /^turnpike_quota_overshoot_calls\{plan="(\w+)"\} (\d+)$/gm;

describe('calls beyond the quota, in the metrics', () => {
  let world: World;
  beforeEach(async () => {
    world = await World.start();
  });
  afterEach(() => world.close());

  /** By plan, as the scrape after a sweep and a reading of all usage tells it. */
  async function overshoot(): Promise<Record<string, number>> {
    await world.app.get(Sweeper, { strict: false }).sweep();
    world.forward(120); // what was read before is old now
    const metrics = world.app.get(Metrics);
    await metrics.text(); // has the usage read
    for (;;) {
      const told = [...(await metrics.text()).matchAll(SERIES)].map(([, plan, calls]) => [plan, Number(calls)]);
      if (told.length > 0) return Object.fromEntries(told);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** What somebody does in the console who means well. */
  async function refill(keyId: string): Promise<void> {
    const usagePlanId = world.sandbox.info().plans.find(({ code }) => code === 'free')?.usagePlanId;
    const patchOperations = [{ op: 'replace' as const, path: '/remaining', value: '100' }];
    await world.gateway.send(new UpdateUsageCommand({ usagePlanId, keyId, patchOperations }));
  }

  it('are none as long as API Gateway’s counters do their work', async () => {
    const ada = await world.customer();
    const { value } = keyOf(await ada.subscribe('free'));
    expect(await ada.use(value, 200)).toBe(100);
    expect(await overshoot()).toEqual({ free: 0 });
  });

  it('are those that somebody’s hand let through', async () => {
    const ada = await world.customer();
    const { id, value } = keyOf(await ada.subscribe('free'));
    await ada.use(value, 100);
    await refill(id);
    expect(await ada.use(value, 30)).toBe(30);
    expect(await overshoot()).toEqual({ free: 30 });
  });

  it('are not those that a larger plan had allowed before', async () => {
    const ada = await world.customer();
    const { value } = keyOf(await ada.subscribe('basic'));
    expect(await ada.use(value, 150)).toBe(150);
    await ada.subscribe('free');
    expect(await overshoot()).toEqual({ free: 0 });
  });
});
