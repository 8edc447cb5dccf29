import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { REST_API_ID, STAGE } from '../../src/sandbox/seed.js';
import { Sweeper } from '../../src/subscriptions/sweep/sweeper.service.js';
import type { Customer } from '../support/customer.js';
import { keyOf } from '../support/outcomes.js';
import { World } from '../support/world.js';

const HOUR = 3600;
const WRITES = /^(Create|Update|Delete|AdminUpdate)/;
const UPDATE = `mutation ($code: String!, $input: PlanChangeInput!) {
  updatePlan(code: $code, input: $input, reason: "a test") { __typename ... on Problem { code } } }`;
const CREATE = `mutation ($input: NewPlanInput!) {
  createPlan(input: $input, reason: "a test") { __typename ... on Problem { code } } }`;

/** AWS does not say which of the two it is; the promise holds in both. */
describe.each([
  ['follow their plan’s limit', true],
  ['keep what remained', false],
])('a quota changed within the period, where counters %s', (_, countersFollowLimit) => {
  let world: World;
  let admin: Customer;
  beforeAll(async () => {
    world = await World.start({ MANAGE_PLANS: 'true' });
    world.sandbox.gateway.usage.countersFollowLimit = countersFollowLimit;
    admin = await world.admin();
  });
  afterAll(() => world.close());

  const sweep = () => world.app.get(Sweeper).sweep();
  const now = () => world.sandbox.clock.now();
  const toNextMonth = () => {
    const first = Date.UTC(now().getUTCFullYear(), now().getUTCMonth() + 1, 1, 1);
    world.forward(Math.ceil((first - now().getTime()) / 1000));
  };

  let count = 0;
  async function newPlan(): Promise<string> {
    if (now().getUTCDate() > 20) toNextMonth(); // no test may cross into a new period unasked
    const input = {
      code: `team-${++count}`,
      title: 'Team',
      selfService: true,
      quota: { limit: 100, period: 'MONTH' },
      throttle: null,
      stages: [`${REST_API_ID}:${STAGE}`],
    };
    expect((await admin.gql(CREATE, { input })).data).toEqual({ createPlan: { __typename: 'PlanCreated' } });
    return input.code;
  }

  async function setLimit(code: string, limit: number, period = 'MONTH'): Promise<void> {
    const { data } = await admin.gql(UPDATE, { code, input: { quota: { limit, period } } });
    expect(data).toEqual({ updatePlan: { __typename: 'PlanUpdated' } });
  }

  async function subscriber(calls: number) {
    const code = await newPlan();
    const ada = await world.customer();
    const key = keyOf(await ada.subscribe(code));
    expect(await ada.use(key.value, calls)).toBe(calls);
    return { ada, key, code };
  }

  /** Everything that the key still serves, and what `usage` then says. */
  async function left(ada: Customer, keyValue: string): Promise<number> {
    const served = await ada.use(keyValue, 400);
    expect(await ada.call(keyValue)).toEqual({ 429: 1 });
    return served;
  }

  it('raised gives more to one who used up the old one, after a sweep', async () => {
    const { ada, key, code } = await subscriber(100);
    await setLimit(code, 150);
    await sweep();
    expect(await left(ada, key.value)).toBe(50);
    world.forward(2);
    expect((await ada.me()).usage).toMatchObject({ limit: 150, used: 150, remaining: 0 });
  });

  it('raised gives more at the customer’s own next change, without a sweep', async () => {
    const { ada, key, code } = await subscriber(100);
    await setLimit(code, 150);
    await ada.subscribe(code);
    expect(await left(ada, key.value)).toBe(50);
  });

  it('lowered below what was called leaves nothing, and never less than nothing', async () => {
    const { ada, key, code } = await subscriber(60);
    await setLimit(code, 50);
    await sweep();
    expect(await ada.call(key.value)).toEqual({ 429: 1 });
    world.forward(2);
    expect((await ada.me()).usage).toMatchObject({ limit: 50, used: 60, remaining: 0 });
  });

  it('lowered, lowered again and raised leaves limit less calls each time', async () => {
    const { ada, key, code } = await subscriber(60);
    for (const limit of [80, 40, 200, 90]) {
      await setLimit(code, limit);
      await sweep();
    }
    expect(await left(ada, key.value)).toBe(30);
    await setLimit(code, 200);
    await sweep();
    expect(await left(ada, key.value)).toBe(110);
  });

  it('counts in a period in which nothing was written yet', async () => {
    const { ada, key, code } = await subscriber(10);
    toNextMonth();
    expect(await ada.use(key.value, 60)).toBe(60);
    await setLimit(code, 90);
    await sweep();
    expect(await left(ada, key.value)).toBe(30);
  });

  it('counts with a grant, and with what was called on a key before', async () => {
    const { ada, key, code } = await subscriber(40);
    const second = keyOf(await ada.rotate(key.id));
    expect(await ada.use(second.value, 20)).toBe(20);
    await ada.setAttributes({ 'custom:quota_grant': `${now().toISOString().slice(0, 8)}01;15` });
    await setLimit(code, 75);
    await sweep();
    expect(await left(ada, second.value)).toBe(30);
  });

  it('is shared by two keys that overlap, and never more than it is', async () => {
    const { ada, key, code } = await subscriber(40);
    const second = keyOf(await ada.rotate(key.id, 30 * HOUR));
    expect(await ada.use(second.value, 5)).toBe(5);
    await setLimit(code, 145);
    await sweep();
    const served = (await ada.use(key.value, 400)) + (await ada.use(second.value, 400));
    expect(served).toBeLessThanOrEqual(100);
    await sweep();
    expect(served + (await ada.use(key.value, 400)) + (await ada.use(second.value, 400))).toBeLessThanOrEqual(100);
    world.forward(31 * HOUR);
    await sweep();
    world.forward(2);
    expect((await ada.me()).usage).toMatchObject({ limit: 145 });
  });

  it('is one of another period, and counts what was called in that', async () => {
    const { ada, key, code } = await subscriber(80);
    world.forward(24 * HOUR);
    await setLimit(code, 120);
    await sweep();
    expect(await ada.use(key.value, 5)).toBe(5);
    world.forward(HOUR);
    await setLimit(code, 90, 'DAY');
    await sweep();
    expect(await left(ada, key.value)).toBe(85);
    await setLimit(code, 190);
    await sweep();
    expect(await left(ada, key.value)).toBe(20);
  });

  it('is the next period’s from its first call on', async () => {
    const { ada, key, code } = await subscriber(60);
    await setLimit(code, 50);
    await sweep();
    toNextMonth();
    expect(await left(ada, key.value)).toBe(50);
  });

  it('is written to all, and then no more', async () => {
    const { code } = await subscriber(3);
    await setLimit(code, 300);
    await sweep();
    world.forward(HOUR);
    await sweep();
    const calls = await world.callsDuring(sweep);
    expect(calls.filter((call) => WRITES.test(call))).toEqual([]);
  });
});
