import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Customer, Outcome } from '../support/customer.js';
import { keyOf } from '../support/outcomes.js';
import { World } from '../support/world.js';

const CALLS_MADE = 3;

/** What a customer does, from which state, and what there must be afterwards. */
interface Scene {
  readonly begin: (ada: Customer) => Promise<Outcome | null>;
  readonly act: (ada: Customer, begun: Outcome | null) => Promise<Outcome>;
  readonly plan: 'free' | 'basic' | null;
  /** The AWS calls in it that change something; of each the first reply is lost. */
  readonly writes: readonly string[];
}

/** A customer with a key that has been used, so that what is left of the quota has to be carried on. */
async function onFree(ada: Customer): Promise<Outcome> {
  const subscribed = await ada.subscribe('free');
  await ada.call(keyOf(subscribed).value, CALLS_MADE);
  return subscribed;
}

const oldKeyOf = (begun: Outcome | null) => begun?.key?.id ?? '';

const SCENES: Readonly<Record<string, Scene>> = {
  subscribe: {
    begin: async () => null,
    act: (ada) => ada.subscribe('free'),
    plan: 'free',
    writes: ['AdminUpdateUserAttributes', 'CreateApiKey', 'CreateUsagePlanKey'],
  },
  'change the plan': {
    begin: onFree,
    act: (ada) => ada.subscribe('basic'),
    plan: 'basic',
    writes: ['AdminUpdateUserAttributes', 'UpdateApiKey', 'DeleteUsagePlanKey', 'CreateUsagePlanKey', 'UpdateUsage'],
  },
  'rotate the key': {
    begin: onFree,
    act: (ada, begun) => ada.rotate(oldKeyOf(begun)),
    plan: 'free',
    writes: ['CreateApiKey', 'UpdateApiKey', 'CreateUsagePlanKey', 'UpdateUsage', 'AdminUpdateUserAttributes'],
  },
  'rotate the key, with grace': {
    begin: onFree,
    act: (ada, begun) => ada.rotate(oldKeyOf(begun), 3600),
    plan: 'free',
    writes: ['CreateApiKey', 'UpdateApiKey', 'CreateUsagePlanKey', 'UpdateUsage', 'AdminUpdateUserAttributes'],
  },
  cancel: {
    begin: onFree,
    act: (ada) => ada.cancel(),
    plan: null,
    writes: ['AdminUpdateUserAttributes', 'UpdateApiKey'],
  },
};

const ROWS = Object.entries(SCENES).flatMap(([what, scene]) =>
  scene.writes.map((operation) => ({ what, operation, scene })),
);

describe('an AWS call that takes effect, and whose reply is lost', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
  });
  afterEach(() => world.sandbox.habits.reset());
  afterAll(() => world.close());

  it.each(ROWS)('leaves a true answer, one key and one membership: $what, $operation', async ({ operation, scene }) => {
    const ada = await world.customer();
    const begun = await scene.begin(ada);
    world.sandbox.habits.addFault({ operation, kind: 'cut', nth: 1 });
    const outcome = await scene.act(ada, begun);
    expect(world.sandbox.habits.faults()).toEqual([expect.objectContaining({ hits: 1 })]);
    world.sandbox.habits.clearFaults();

    const overlapping = outcome.subscription?.overlappingKey?.id;
    const live = (await ada.keys()).filter(({ enabled }) => enabled);
    const current = live.filter(({ id }) => id !== overlapping);
    expect((await ada.attributes())['custom:plan']).toBe(scene.plan ?? undefined);
    expect(live.every(({ plans }) => plans.length === 1 && plans[0] === scene.plan)).toBe(true);
    if (scene.plan === null) {
      expect(outcome).toMatchObject({ __typename: 'SubscriptionCancelled', subscription: null });
      expect(live).toEqual([]);
      expect(await ada.call(begun?.key?.value ?? '')).toEqual({ 403: 1 });
      return;
    }
    expect(outcome.subscription).toMatchObject({ planCode: scene.plan, state: 'ACTIVE' });
    expect(current).toEqual([expect.objectContaining(keyOf(outcome))]);
    expect((await ada.attributes())['custom:api_key_id']).toBe(keyOf(outcome).id);
    expect(await ada.call(keyOf(outcome).value)).toEqual({ 200: 1 });
    expect((await ada.me()).usage?.used).toBe(begun ? CALLS_MADE + 1 : 1);
  });
});
