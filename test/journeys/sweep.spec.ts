import { DeleteApiKeyCommand, GetApiKeysCommand, UpdateApiKeyCommand } from '@aws-sdk/client-api-gateway';
import {
  AdminDeleteUserCommand,
  AdminDisableUserCommand,
  AdminEnableUserCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { AwsUnavailableError } from '../../src/aws/failures.js';
import { RequestTrace, traced } from '../../src/request-trace.js';
import { USER_POOL_ID } from '../../src/sandbox/seed.js';
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
