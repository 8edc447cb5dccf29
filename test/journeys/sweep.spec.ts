import { DeleteApiKeyCommand, GetApiKeysCommand, UpdateApiKeyCommand } from '@aws-sdk/client-api-gateway';
import {
  AdminDeleteUserCommand,
  AdminDisableUserCommand,
  AdminEnableUserCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { USER_POOL_ID } from '../../src/sandbox/seed.js';
import { KeyIdentity } from '../../src/subscriptions/reconcile/key-identity.js';
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
    world.sandbox.habits.set({ staleWrites: 50 });
    const bob = await subscriber('basic');
    const report = await sweep();
    world.sandbox.habits.set({ staleWrites: 0 });
    expect(report.unfinished).toBeGreaterThanOrEqual(0);
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
});

/** `FLEET=10000` for the whole; fewer tell the same of what a page costs. */
const CUSTOMERS = Number(process.env.FLEET ?? 1500);

describe('with very many customers', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({ USAGE_LAG_SECONDS: '3600' });
    await fetch(`${world.url}/readyz`); // what the start set going has ended: making so many customers holds everything up
    const identity = world.app.get(KeyIdentity);
    const { cognito, gateway } = world.sandbox;
    const { plans } = world.sandbox.info();
    const password = { hash: 'nobody signs in with this' };
    const values: string[] = [];
    for (let n = 0; n < CUSTOMERS; n++) {
      const { code, usagePlanId } = plans[n % plans.length] ?? { code: '', usagePlanId: '' };
      const sub = await cognito.seedUser({ poolId: USER_POOL_ID, username: `fleet-${n}@example.com`, password });
      const { id = '' } = gateway.apiKeys.create({
        name: identity.name(sub, 1),
        value: identity.value(sub, 1).reveal(),
        enabled: true,
        customerId: sub,
        description: '{}',
      });
      gateway.usagePlanKeys.create({ usagePlanId, keyId: id, keyType: 'API_KEY' });
      values.push(identity.value(sub, 1).reveal());
      const attributes = {
        'custom:plan': code,
        'custom:plan_sig': identity.sign(sub, code),
        'custom:api_key_id': id,
        'custom:key_gen': '1',
      };
      await cognito.answer(written(sub, attributes));
    }
    // Each has called once, so that reports are as long as they get.
    const url = `${world.sandbox.info().invokeUrl}/open`;
    for (let at = 0; at < values.length; at += 50) {
      const calls = values.slice(at, at + 50).map((value) => fetch(url, { headers: { 'x-api-key': value } }));
      for (const reply of await Promise.all(calls)) await reply.text();
    }
  }, 120_000);
  afterAll(() => world.close());

  it('a sweep costs pages and not customers: of ten thousand, at most 300 AWS calls when nothing has drifted', async () => {
    let report: SweepReport | undefined;
    const calls = await world.callsDuring(async () => {
      report = await world.app.get(Sweeper).sweep();
    });
    expect(report).toMatchObject({ driftCount: 0, heldBack: 0, keys: CUSTOMERS });
    expect(report?.users).toBeGreaterThanOrEqual(CUSTOMERS);
    const pages = Math.ceil((CUSTOMERS + 2) / 60) + 2 * Math.ceil(CUSTOMERS / 500);
    expect(calls.length).toBeLessThanOrEqual(pages + 8);
    expect(calls.length).toBeLessThanOrEqual(300);
    const users = calls.filter((call) => call === 'ListUsers').length;
    const text = `${calls.length} AWS calls, ${users} of them ListUsers, ${report?.seconds} s`;
    process.stdout.write(`\n  a sweep of ${report?.users} customers: ${text}\n`);
  }, 120_000);

  it('lists for admins cost pages of usage the first time, then nothing; a report costs pages of its plan', async () => {
    const admin = await world.admin();
    const today = world.sandbox.clock.now().toISOString().slice(0, 10);
    const PAGE =
      '{ edges { node { id email subscription { planCode state } usage { used } } } pageInfo { endCursor } }';
    const asked = {
      'users, first time': `{ users(first: 50) ${PAGE} }`,
      'users, warm': `{ users(first: 50) ${PAGE} }`,
      'users on a plan': `{ users(plan: "free", first: 50) ${PAGE} }`,
      'users by e-mail': `{ users(search: "fleet-1") ${PAGE} }`,
      drift: '{ drift { driftCount drift { userId text } } }',
      'usage report': `{ usageReport(plan: "free", from: "${today}", to: "${today}") { totalCount edges { node { used } } } }`,
    };
    const spent: Record<string, number> = {};
    for (const [name, query] of Object.entries(asked)) {
      const began = process.hrtime.bigint();
      const calls = await world.callsDuring(async () => {
        let reply = await admin.gql(query);
        // The first reading of a large fleet may take longer than a request may last, and goes on.
        while (reply.errors[0]?.extensions.code === 'TRY_AGAIN') reply = await admin.gql(query);
        expect(reply.errors).toEqual([]);
      });
      const milliseconds = Number(process.hrtime.bigint() - began) / 1e6;
      spent[name] = calls.length;
      process.stdout.write(`  ${name}: ${calls.length} AWS calls, ${Math.round(milliseconds)} ms\n`);
    }
    const usagePages = 3 * Math.ceil(CUSTOMERS / 3 / 500);
    expect(spent['users, first time']).toBeLessThanOrEqual(usagePages);
    expect([spent['users, warm'], spent['users on a plan'], spent['users by e-mail'], spent.drift]).toEqual([
      0, 0, 0, 0,
    ]);
    expect(spent['usage report']).toBeLessThanOrEqual(25);
  }, 120_000);
});

/** A signed AdminUpdateUserAttributes, handed to the sandbox without the way over the network. */
function written(username: string, attributes: Record<string, string>) {
  const UserAttributes = Object.entries(attributes).map(([Name, Value]) => ({ Name, Value }));
  return {
    method: 'POST',
    url: new URL('http://127.0.0.1/'),
    headers: {
      'x-amz-target': 'AWSCognitoIdentityProviderService.AdminUpdateUserAttributes',
      authorization: 'AWS4-HMAC-SHA256 Credential=test/20261117/us-east-1/cognito-idp/aws4_request',
    },
    body: Buffer.from(JSON.stringify({ UserPoolId: USER_POOL_ID, Username: username, UserAttributes })),
  };
}
