import {
  CreateUsagePlanCommand,
  CreateUsagePlanKeyCommand,
  DeleteApiKeyCommand,
  DeleteUsagePlanKeyCommand,
  GetApiKeysCommand,
  UpdateApiKeyCommand,
} from '@aws-sdk/client-api-gateway';
import {
  AdminDeleteUserCommand,
  AdminDisableUserCommand,
  AdminEnableUserCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { AwsClients } from '../../src/aws/aws-clients.js';
import { AwsUnavailableError } from '../../src/aws/failures.js';
import { UsagePlans } from '../../src/aws/usage-plans.js';
import { Metrics } from '../../src/metrics.js';
import { RequestTrace, traced } from '../../src/request-trace.js';
import { REST_API_ID, STAGE, USER_POOL_ID } from '../../src/sandbox/seed.js';
import { DesiredState } from '../../src/subscriptions/reconcile/desired-state.service.js';
import { Keyring } from '../../src/subscriptions/reconcile/keyring.service.js';
import type { SweepReport } from '../../src/subscriptions/sweep/sweep-report.js';
import { Sweeper } from '../../src/subscriptions/sweep/sweeper.service.js';
import type { Customer } from '../support/customer.js';
import { keyOf } from '../support/outcomes.js';
import { tagPlan, untagPlan } from '../support/plans.js';
import { World } from '../support/world.js';

const DAY_SECONDS = 86_400;
const DEAD = { 403: 1 };
const ALIVE = { 200: 1 };
const WRITES = /^(Create|Update|Delete|AdminUpdate)/;

describe('a sweep', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
  });
  afterAll(() => world.close());

  const sweep = (options?: Parameters<Sweeper['sweep']>[0]) => world.app.get(Sweeper).sweep(options);
  const driftOf = ({ sub }: Customer, { drift }: SweepReport) => drift.filter((one) => one.sub === sub);
  const kindsOf = (ada: Customer, report: SweepReport) => driftOf(ada, report).map(({ kind }) => kind);
  const planIdOf = (code: string) => world.sandbox.info().plans.find((plan) => plan.code === code)?.usagePlanId ?? '';
  const allKeys = async () => (await world.gateway.send(new GetApiKeysCommand({ limit: 500 }))).items ?? [];
  const user = ({ username }: Customer) => ({ UserPoolId: USER_POOL_ID, Username: username });

  async function subscriber(plan = 'free') {
    const ada = await world.customer();
    return { ada, key: keyOf(await ada.subscribe(plan)) };
  }

  it('finds nothing and writes nothing when nothing has drifted', async () => {
    const { ada, key } = await subscriber();
    await ada.use(key.value, 30);
    await ada.rotate(key.id);
    await ada.subscribe('basic');
    await sweep();
    const calls = await world.callsDuring(async () => expect((await sweep()).driftCount).toBe(0));
    expect(calls.filter((call) => WRITES.test(call))).toEqual([]);
  });

  it('switches an overlapping key off once its deadline has passed, and not before', async () => {
    const { ada, key } = await subscriber();
    const fresh = keyOf(await ada.rotate(key.id, 3600));
    world.forward(3500);
    await sweep();
    expect(await ada.call(key.value)).toEqual(ALIVE);
    world.forward(200);
    await sweep();
    expect(await ada.call(key.value)).toEqual(DEAD);
    expect(await ada.call(fresh.value)).toEqual(ALIVE);
  });

  it('takes the key of a suspended or disabled user out of its plan, and puts the same key back', async () => {
    const { ada, key } = await subscriber();
    await ada.use(key.value, 30);
    for (const [off, on] of [
      [() => ada.setAttributes({ 'custom:suspended': 'abuse' }), () => ada.setAttributes({ 'custom:suspended': '' })],
      [
        () => world.cognito.send(new AdminDisableUserCommand(user(ada))),
        () => world.cognito.send(new AdminEnableUserCommand(user(ada))),
      ],
    ] as const) {
      await off();
      await sweep();
      expect(await ada.call(key.value)).toEqual(DEAD);
      await on();
      await sweep();
    }
    expect((await ada.keys()).map(({ id, enabled }) => ({ id, enabled }))).toEqual([{ id: key.id, enabled: true }]);
    expect(await ada.use(key.value, 130)).toBe(70);
  });

  it('that was asked for by a request takes the time it needs for each customer, also once that request has ended', async () => {
    const { ada } = await subscriber();
    await ada.setAttributes({ 'custom:suspended': 'abuse' });
    const reading = jest.spyOn(world.app.get(Keyring), 'read');
    reading.mockRejectedValueOnce(new AwsUnavailableError('GetApiKeys', 1));
    const ended = new RequestTrace('', world.sandbox.clock.now().getTime() - 1000);
    await traced(ended, () => world.app.get(Sweeper).sweepNow(false));
    reading.mockRestore();
    expect(world.app.get(Sweeper).report).toMatchObject({ mended: 1, unfinished: 0 });
    expect((await ada.keys()).map(({ plans }) => plans)).toEqual([[]]);
  });

  it('switches the keys of a deleted user off, and deletes them a day later', async () => {
    const { ada, key } = await subscriber();
    keyOf(await ada.rotate(key.id));
    await world.cognito.send(new AdminDeleteUserCommand(user(ada)));
    const report = await sweep();
    expect(kindsOf(ada, report)).toEqual(['USER_NOT_LISTED']);
    expect((await ada.keys()).map(({ enabled }) => enabled)).toEqual([false, false]);
    await sweep();
    expect(await ada.keys()).toHaveLength(2);
    world.forward(DAY_SECONDS);
    await sweep();
    expect(await ada.keys()).toEqual([]);
  });

  it('leaves the keys of a user alone whom the list did not show', async () => {
    const { ada, key } = await subscriber();
    world.sandbox.habits.set({ staleWrites: 50, staleUsersOnly: true });
    const bob = await subscriber('basic');
    const report = await sweep();
    world.sandbox.habits.set({ staleWrites: 0, staleUsersOnly: false });
    expect([kindsOf(ada, report), kindsOf(bob.ada, report)]).toEqual([[], ['USER_NOT_LISTED']]);
    expect(report).toMatchObject({ driftCount: 1, mended: 0, unfinished: 1 });
    for (const [one, { value }] of [
      [ada, key],
      [bob.ada, bob.key],
    ] as const) {
      expect(await one.call(value)).toEqual(ALIVE);
    }
  });

  it('leaves keys alone on which nobody noted a user name', async () => {
    const { ada, key } = await subscriber();
    const patchOperations = [{ op: 'replace' as const, path: '/customerId', value: '' }];
    await world.gateway.send(new UpdateApiKeyCommand({ apiKey: key.id, patchOperations }));
    await world.cognito.send(new AdminDeleteUserCommand(user(ada)));
    const report = await sweep();
    expect(kindsOf(ada, report)).toEqual(['USER_NOT_LISTED']);
    expect(report.unfinished).toBe(1);
    expect(await ada.call(key.value)).toEqual(ALIVE);
    await world.gateway.send(
      new UpdateApiKeyCommand({
        apiKey: key.id,
        patchOperations: [{ op: 'replace', path: '/customerId', value: ada.username }],
      }),
    );
    expect((await sweep()).unfinished).toBe(0);
    expect(await ada.call(key.value)).toEqual(DEAD);
  });

  it('finds a key that was renamed by hand, of a suspended customer and of one who cancelled as well', async () => {
    const [{ ada, key }, bob] = [await subscriber(), await subscriber()];
    for (const { id } of [key, bob.key]) {
      const patchOperations = [{ op: 'replace' as const, path: '/name', value: 'do not touch' }];
      await world.gateway.send(new UpdateApiKeyCommand({ apiKey: id, patchOperations }));
    }
    await ada.setAttributes({ 'custom:suspended': 'abuse' });
    await bob.ada.setAttributes({ 'custom:plan': '', 'custom:plan_sig': '' });
    world.forward(61);
    expect(kindsOf(ada, await sweep())).toContain('KEY_NOT_LISTED');
    for (const [one, { value }] of [
      [ada, key],
      [bob.ada, bob.key],
    ] as const) {
      expect(await one.call(value)).toEqual(DEAD);
    }
    expect((await ada.keys()).map(({ id }) => id)).toEqual([key.id]);
    expect(kindsOf(bob.ada, await sweep())).not.toContain('KEY_NOT_LISTED');
  });

  it('stops looking for a key that was deleted by hand, once that is noted', async () => {
    const { ada, key } = await subscriber();
    await world.gateway.send(new DeleteApiKeyCommand({ apiKey: key.id }));
    await ada.setAttributes({ 'custom:plan': '', 'custom:plan_sig': '' });
    world.forward(61);
    expect(kindsOf(ada, await sweep())).toContain('KEY_NOT_LISTED');
    expect(driftOf(ada, await sweep())).toEqual([]);
    expect(keyOf(await ada.subscribe('free')).value).not.toBe(key.value);
    expect((await ada.keys()).map(({ name }) => name.slice(-6))).toEqual(['000002']);
  });

  it('reports a plan that Turnpike did not record, and changes nothing', async () => {
    const { ada, key } = await subscriber();
    await ada.setAttributes({ 'custom:plan': 'pro' });
    const report = await sweep();
    expect(kindsOf(ada, report)).toEqual(['PLAN_NOT_SIGNED']);
    expect(await ada.liveKeys()).toMatchObject([{ id: key.id, plans: ['free'] }]);
    await ada.setAttributes({ 'custom:plan': 'free' });
  });

  it('reports a plan whose tag was lost, and changes nothing for its customers', async () => {
    const { ada, key } = await subscriber('basic');
    const planId = planIdOf('basic');
    await untagPlan(world, planId, 'turnpike:plan');
    const report = await sweep();
    expect(kindsOf(ada, report)).toEqual(['PLAN_UNKNOWN']);
    expect(await ada.call(key.value)).toEqual(ALIVE);
    await tagPlan(world, planId, { 'turnpike:plan': 'basic' });
    expect(driftOf(ada, await sweep())).toEqual([]);
  });

  it('keeps three retired keys at most, and the quota is none the better for it', async () => {
    const { ada, key } = await subscriber();
    let current = key;
    for (let times = 0; times < 6; times++) {
      await ada.use(current.value, 5);
      current = keyOf(await ada.rotate(current.id));
    }
    expect(await ada.keys()).toHaveLength(7);
    await sweep();
    expect((await ada.keys()).map(({ name }) => Number(name.slice(-6)))).toEqual([7, 6, 5, 4]);
    expect(await ada.use(current.value, 130)).toBe(70);
  });

  it('deletes all keys of a customer who left, in two sweeps, and the next key is no old one and no fresh quota', async () => {
    const { ada, key } = await subscriber();
    await ada.use(key.value, 30);
    const second = keyOf(await ada.rotate(key.id));
    await ada.cancel();
    await sweep();
    expect(await ada.keys()).toHaveLength(2);
    world.forward(DAY_SECONDS);
    await sweep();
    expect(await ada.keys()).toHaveLength(2);
    expect((await ada.attributes())['custom:key_floor']).toMatch(/^2;/);
    await sweep();
    expect(await ada.keys()).toEqual([]);
    expect(driftOf(ada, await sweep())).toEqual([]);
    const third = keyOf(await ada.subscribe('free'));
    expect([key.value, second.value]).not.toContain(third.value);
    expect((await ada.keys()).map(({ name }) => name.slice(-6))).toEqual(['000003']);
    expect(await ada.use(third.value, 130)).toBe(70);
  });

  it('is not waited for when the account is full: the customer’s own retired keys make room for the next one', async () => {
    const { ada, key } = await subscriber();
    const second = keyOf(await ada.rotate(key.id));
    const third = keyOf(await ada.rotate(second.id));
    world.sandbox.habits.set({ keyCap: 0 });
    const full = await world.customer();
    await expect(full.subscribe('free')).rejects.toThrow(/AT_CAPACITY/);
    world.sandbox.habits.set({ keyCap: (await allKeys()).length });
    const fourth = keyOf(await ada.rotate(third.id));
    world.sandbox.habits.set({ keyCap: 10_000 });
    expect(await ada.liveKeys()).toMatchObject([{ id: fourth.id, plans: ['free'] }]);
    expect((await ada.keys()).map(({ name }) => Number(name.slice(-6)))).toEqual([4, 3, 2]);
  });

  it('switches the keys of a deleted user off although many wait for room in a full account, and makes theirs later', async () => {
    const { ada, key } = await subscriber();
    const waiting = await Promise.all(Array.from({ length: 10 }, () => world.customer()));
    world.sandbox.habits.set({ keyCap: 0 });
    for (const full of waiting) await expect(full.subscribe('free')).rejects.toThrow(/AT_CAPACITY/);
    await world.cognito.send(new AdminDeleteUserCommand(user(ada)));
    const calls = await world.callsDuring(() => sweep());
    expect(calls.filter((call) => call === 'CreateApiKey').length).toBeLessThan(4 * waiting.length);
    expect(await ada.call(key.value)).toEqual(DEAD);
    world.sandbox.habits.set({ keyCap: 10_000 });
    await sweep();
    for (const customer of waiting) expect(await customer.liveKeys()).toMatchObject([{ plans: ['free'] }]);
  });

  it('as a dry run says the same, and does nothing', async () => {
    const { ada, key } = await subscriber();
    await ada.setAttributes({ 'custom:suspended': 'payment' });
    const calls = await world.callsDuring(async () => {
      const report = await sweep({ isDryRun: true });
      expect(kindsOf(ada, report)).toContain('PLAN_NOT_APPLIED');
      expect(report).toMatchObject({ isDryRun: true, mended: 0 });
    });
    expect(calls.filter((call) => WRITES.test(call))).toEqual([]);
    expect(await ada.call(key.value)).toEqual(ALIVE);
    await sweep();
    expect(await ada.call(key.value)).toEqual(DEAD);
  });
});

describe('the brake', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
  });
  afterAll(() => world.close());

  const sweep = (options?: Parameters<Sweeper['sweep']>[0]) => world.app.get(Sweeper).sweep(options);

  it('holds back a sweep that would switch off more than ten keys, until somebody confirms', async () => {
    const customers = [];
    for (let n = 0; n < 11; n++) {
      const ada = await world.customer();
      customers.push({ ada, key: keyOf(await ada.subscribe('free')) });
    }
    const bob = await world.customer();
    const fresh = keyOf(await bob.subscribe('free'));
    await bob.setAttributes({ 'custom:suspended': 'abuse' });
    for (const { ada } of customers) await ada.setAttributes({ 'custom:plan': '', 'custom:plan_sig': '' });
    const report = await sweep();
    expect(report).toMatchObject({ heldBack: 11, mended: 1 });
    for (const { ada, key } of customers) expect(await ada.call(key.value)).toEqual(ALIVE);
    expect(await bob.call(fresh.value)).toEqual(DEAD);
    expect(world.log.text).toMatch(/11 keys would be switched off/);
    expect(await sweep({ confirm: true })).toMatchObject({ heldBack: 0, unfinished: 0 });
    for (const { ada, key } of customers) expect(await ada.call(key.value)).toEqual(DEAD);
  });

  it('is told by the metrics as long as what was found is new, where no schedule finds anything newer', async () => {
    const told = async () =>
      (await world.app.get(Metrics).text()).match(/^turnpike_(?:held_back_keys|drift|keys) .*$/gm) ?? [];
    const customers = await Promise.all(Array.from({ length: 11 }, () => world.customer()));
    for (const ada of customers) await ada.subscribe('free');
    for (const ada of customers) await ada.setAttributes({ 'custom:plan': '', 'custom:plan_sig': '' });
    await sweep({ isDryRun: true });
    world.forward(500);
    expect(await told()).toContain('turnpike_held_back_keys 11');
    world.forward(101);
    expect(await told()).toEqual([]);
    expect(await sweep({ confirm: true })).toMatchObject({ heldBack: 0 });
    expect(await told()).toContain('turnpike_held_back_keys 0');
  });

  async function subscribers(count: number): Promise<readonly Customer[]> {
    const customers = [];
    for (let n = 0; n < count; n++) customers.push(await world.customer());
    for (const customer of customers) await customer.subscribe('free');
    return customers;
  }

  const remove = ({ username }: Customer) =>
    world.cognito.send(new AdminDeleteUserCommand({ UserPoolId: USER_POOL_ID, Username: username }));

  const alive = async (customers: readonly Customer[]) =>
    (await Promise.all(customers.map((one) => one.liveKeys()))).flat().length;

  it('holds back a day, and no longer, the keys of users who are gone: then of ten in a sweep, while it goes on to be said', async () => {
    const gone = await subscribers(12);
    for (const customer of gone) await remove(customer);
    expect(await sweep()).toMatchObject({ heldBack: 12 });
    world.forward(DAY_SECONDS - 100);
    expect(await sweep()).toMatchObject({ heldBack: 12 });
    expect(await alive(gone)).toBe(12);
    world.forward(100);
    expect(await sweep({ isDryRun: true })).toMatchObject({ heldBack: 2 });
    expect(await alive(gone)).toBe(12);
    expect(await sweep()).toMatchObject({ heldBack: 2 });
    expect(await alive(gone)).toBe(2);
    expect(world.log.text).toMatch(/2 keys would be switched off/);
    expect(await sweep()).toMatchObject({ heldBack: 0, unfinished: 0 });
    expect(await alive(gone)).toBe(0);
  });

  it('holds back until somebody confirms, however long, the keys of users who are there and lost their plan', async () => {
    const [wiped, gone] = [await subscribers(11), await subscribers(1)];
    for (const customer of wiped) await customer.setAttributes({ 'custom:plan': '', 'custom:plan_sig': '' });
    for (const customer of gone) await remove(customer);
    expect(await sweep()).toMatchObject({ heldBack: 12 });
    world.forward(DAY_SECONDS);
    expect(await sweep()).toMatchObject({ heldBack: 11 });
    expect([await alive(wiped), await alive(gone)]).toEqual([11, 0]);
    world.forward(DAY_SECONDS);
    expect(await sweep()).toMatchObject({ heldBack: 11 });
    expect(await sweep({ confirm: true })).toMatchObject({ heldBack: 0, unfinished: 0 });
    expect(await alive(wiped)).toBe(0);
  });

  it('leaves the keys of users alone whom no list has shown for days, and who are there', async () => {
    world.sandbox.habits.set({ staleWrites: 1000, staleUsersOnly: true });
    const there = await subscribers(11);
    for (let day = 0; day < 3; day++) {
      const { drift } = await sweep();
      expect(drift.filter(({ sub }) => there.some((one) => one.sub === sub))).toHaveLength(11);
      world.forward(DAY_SECONDS);
    }
    world.sandbox.habits.set({ staleWrites: 0, staleUsersOnly: false });
    expect(await alive(there)).toBe(11);
  });
});

describe('a sweep that is not given all it asks for', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
  });
  afterAll(() => world.close());

  const sweep = () => world.app.get(Sweeper).sweep();
  const user = ({ username }: Customer) => ({ UserPoolId: USER_POOL_ID, Username: username });

  async function subscribers(count: number) {
    const made = [];
    for (let n = 0; n < count; n++) {
      const ada = await world.customer();
      made.push({ ada, key: keyOf(await ada.subscribe('free')) });
    }
    return made;
  }

  /** Whose keys no sweep may leave alive: one who was deleted, and one who was suspended. */
  async function leavers() {
    const [gone, suspended] = await subscribers(2);
    if (!gone || !suspended) throw new Error('Nobody subscribed');
    await world.cognito.send(new AdminDeleteUserCommand(user(gone.ada)));
    await suspended.ada.setAttributes({ 'custom:suspended': 'abuse' });
    return [gone, suspended];
  }

  it('cuts off who was deleted or suspended while the keys of many cannot be deleted, which are another time', async () => {
    const former = await subscribers(10);
    for (const { ada } of former) await ada.cancel();
    await sweep();
    world.forward(DAY_SECONDS);
    // What is left of them is noted by one sweep, and they are deleted by another.
    for (const operation of ['AdminUpdateUserAttributes', 'DeleteApiKey']) {
      const leaving = await leavers();
      world.sandbox.habits.addFault({ operation, kind: 'before' });
      const report = await sweep();
      for (const { ada, key } of leaving) expect(await ada.call(key.value)).toEqual(DEAD);
      expect(report).toMatchObject({ mended: 2, unfinished: 10 });
      world.sandbox.habits.clearFaults();
      await sweep();
    }
    for (const { ada } of former) expect(await ada.keys()).toEqual([]);
  }, 120_000);

  it('brings a customer to where they should be who has keys that cannot be deleted', async () => {
    const [one] = await subscribers(1);
    if (!one) throw new Error('Nobody subscribed');
    let { key } = one;
    for (let times = 0; times < 4; times++) key = keyOf(await one.ada.rotate(key.id));
    await one.ada.setAttributes({ 'custom:suspended': 'abuse' });
    world.sandbox.habits.addFault({ operation: 'DeleteApiKey', kind: 'before' });
    expect(await sweep()).toMatchObject({ mended: 0, unfinished: 1 });
    expect(await one.ada.call(key.value)).toEqual(DEAD);
    expect(await one.ada.keys()).toHaveLength(5);
    world.sandbox.habits.clearFaults();
    expect(await sweep()).toMatchObject({ unfinished: 0 });
    expect(await one.ada.keys()).toHaveLength(4);
  });

  it('cuts them off first, and leaves the rest to the next sweep once AWS let ten down', async () => {
    const stuck = await subscribers(12);
    for (const { ada, key } of stuck) {
      await ada.use(key.value, 5);
      const desired = await world.app.get(DesiredState).read(ada);
      if (desired) await world.app.get(DesiredState).writePlan(desired, 'basic');
    }
    const leaving = await leavers();
    const setting = jest.spyOn(world.app.get(UsagePlans), 'setRemaining');
    setting.mockRejectedValue(new AwsUnavailableError('UpdateUsage', 1));
    const report = await sweep();
    const tried = new Set(setting.mock.calls.map(([, keyId]) => keyId));
    setting.mockRestore();
    for (const { ada, key } of leaving) expect(await ada.call(key.value)).toEqual(DEAD);
    expect(report).toMatchObject({ mended: 2, unfinished: 12 });
    expect(tried.size).toBe(10);
    await sweep();
    for (const { ada, key } of stuck) expect(await ada.liveKeys()).toMatchObject([{ id: key.id, plans: ['basic'] }]);
  }, 120_000);

  it('takes nobody for gone whom AdminGetUser says nothing of', async () => {
    const [listed] = await subscribers(1);
    await listed?.ada.setAttributes({ 'custom:key_gen': '' });
    world.sandbox.habits.set({ staleWrites: 50, staleUsersOnly: true });
    const [unlisted] = await subscribers(1);
    const { middlewareStack } = world.app.get(AwsClients).cognito;
    middlewareStack.add(
      (next, { commandName }) =>
        async (asked) => {
          const reply = await next(asked);
          return commandName === 'AdminGetUserCommand' ? { ...reply, output: { $metadata: {} } } : reply;
        },
      { step: 'initialize', name: 'saysNothing' },
    );
    const report = await sweep();
    middlewareStack.remove('saysNothing');
    world.sandbox.habits.set({ staleWrites: 0, staleUsersOnly: false });
    for (const one of [listed, unlisted]) expect(await one?.ada.call(one.key.value)).toEqual(ALIVE);
    expect(report.mended).toBe(0);
  });

  it('does not wait for AWS where ten customers have trouble of their own', async () => {
    const [taken, others] = [await subscribers(10), await subscribers(3)];
    const free = world.sandbox.info().plans.find(({ code }) => code === 'free')?.usagePlanId;
    const apiStages = [{ apiId: REST_API_ID, stage: STAGE }];
    const { id } = await world.gateway.send(new CreateUsagePlanCommand({ name: 'somebody else’s', apiStages }));
    for (const { key } of [...taken, ...others])
      await world.gateway.send(new DeleteUsagePlanKeyCommand({ usagePlanId: free, keyId: key.id }));
    for (const { key } of taken)
      await world.gateway.send(new CreateUsagePlanKeyCommand({ usagePlanId: id, keyId: key.id, keyType: 'API_KEY' }));
    const { drift, unfinished } = await sweep();
    expect(unfinished).toBe(10);
    expect(drift.filter(({ kind }) => kind === 'FOREIGN_PLAN')).toHaveLength(10);
    for (const { ada, key } of others) expect(await ada.liveKeys()).toMatchObject([{ id: key.id, plans: ['free'] }]);
  }, 120_000);
});
