import { existsSync } from 'node:fs';
import { CreateApiKeyCommand, CreateUsagePlanKeyCommand } from '@aws-sdk/client-api-gateway';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { Clock } from '../../src/clock.js';
import { RekeyModule } from '../../src/keys/rekey/rekey.module.js';
import type { RekeyReport } from '../../src/keys/rekey/rekey-report.js';
import { Rekeying } from '../../src/keys/rekey/rekeying.service.js';
import { KeyIdentity } from '../../src/subscriptions/reconcile/key-identity.js';
import { Sweeper } from '../../src/subscriptions/sweep/sweeper.service.js';
import { Process } from '../chaos/process.js';
import { act } from '../support/admin.js';
import type { Customer } from '../support/customer.js';
import { keyOf } from '../support/outcomes.js';
import { environment, startApp, World } from '../support/world.js';

const COMMAND = 'dist/rekey.js';
const OLD = 'a-secret-for-tests-that-is-long-enough-0123456789';
const NEW = 'another-secret-for-tests-to-take-its-place-0123456789';
const BOTH = `${NEW},${OLD}`;
const CUSTOMERS = 30;
const MINUTE = 60_000;
jest.setTimeout(MINUTE); // each command is a process that starts

const ALIVE = { 200: 1 };
const DEAD = { 403: 1 };

interface Ended {
  readonly code: number | null;
  readonly report: RekeyReport;
  readonly stderr: string;
}

function rekey(world: World, words: readonly string[], secret = BOTH, factor = '1000'): Process {
  const env = environment(world.sandbox.url, { KEY_SECRET: secret, AWS_RATE_FACTOR: factor });
  return new Process(process.execPath, [COMMAND, ...words], env);
}

async function ended(child: Process): Promise<Ended> {
  const code = await child.exit;
  if (child.stdout === '') throw new Error(`No report: ${child.stderr}`);
  return { code, report: JSON.parse(child.stdout) as RekeyReport, stderr: child.stderr };
}

/** Another server on the same AWS, with another KEY_SECRET. */
async function serverWith(world: World, secret: string) {
  return startApp(environment(world.sandbox.url, { KEY_SECRET: secret }), world.app.get(Clock));
}

beforeAll(() => {
  if (!existsSync(COMMAND)) throw new Error(`${COMMAND} is missing: run "npm run build" first ("npm test" does).`);
});

describe('a KEY_SECRET that leaked', () => {
  let world: World;
  let server: Awaited<ReturnType<typeof serverWith>>;
  const customers: { ada: Customer; old: { id: string; value: string } }[] = [];
  beforeAll(async () => {
    world = await World.start({ KEY_SECRET: OLD });
    for (let n = 0; n < CUSTOMERS; n++) {
      const ada = await world.customer();
      const old = keyOf(await ada.subscribe('free'));
      if (n % 3 === 0) expect(await ada.use(old.value, 7)).toBe(7);
      customers.push({ ada, old });
    }
    await customers[1]?.ada.setAttributes({ 'custom:suspended': 'abuse' });
    await world.app.get(Sweeper).sweep();
  });
  afterAll(async () => {
    await server?.app.close();
    await world.close();
  });

  it('is looked at without a change', async () => {
    const { code, report } = await ended(rekey(world, ['--dry-run']));
    expect(code).toBe(2);
    expect(report).toMatchObject({ isDryRun: true, customers: CUSTOMERS, upToDate: 0, leftCount: CUSTOMERS });
    for (const { ada, old } of customers.slice(0, 3)) expect(await ada.keys()).toMatchObject([{ id: old.id }]);
  });

  it('goes out of use customer by customer, whenever the command is killed', async () => {
    const first = rekey(world, [], BOTH, '2');
    await first.says(/^(1\d) of 30 customers$/m, 'stderr');
    await first.kill();
    const halfway = await Promise.all(customers.map(({ ada }) => ada.keys()));
    const begun = halfway.filter(({ length }) => length > 1).length;
    expect(begun).toBeGreaterThanOrEqual(10);
    expect(begun).toBeLessThan(CUSTOMERS);

    const { code, report, stderr } = await ended(rekey(world, []));
    expect({ code, left: report.left }).toEqual({ code: 0, left: [] });
    expect(report.rotated).toBeLessThanOrEqual(CUSTOMERS - 10);
    expect(report.upToDate).toBeGreaterThanOrEqual(5);
    expect(stderr).toMatch(/^\d+ of \d+ customers$/m);

    server = await serverWith(world, NEW);
    const identity = server.app.get(KeyIdentity);
    for (const [n, { ada, old }] of customers.entries()) {
      const keys = await ada.keys();
      expect(keys.map(({ name }) => name)).toEqual([identity.name(ada.sub, 2), identity.name(ada.sub, 1)]);
      const plans = n === 1 ? [] : ['free'];
      expect(keys[0]).toMatchObject({ value: identity.value(ada.sub, 2).reveal(), enabled: true, plans });
      expect(keys[1]).toMatchObject({ id: old.id, enabled: false });
      expect(await ada.call(old.value)).toEqual(DEAD);
    }
  });

  it('is needed by nobody then: every plan is signed by the new one alone, and what was called stays called', async () => {
    const { drift } = await server.app.get(Sweeper).sweep();
    const suspended = customers[1]?.ada.sub; // what a parked key is to be limited to is written down by the next sweep
    expect(drift.filter(({ sub }) => sub !== suspended)).toEqual([]);
    expect((await server.app.get(Sweeper).sweep({ isDryRun: true })).drift).toEqual([]);
    for (const [n, { ada }] of customers.entries()) {
      if (n % 3 !== 0) continue;
      const { subscription, usage } = await ada.me(server.url);
      expect(subscription).toMatchObject({ planCode: 'free', state: 'ACTIVE' });
      expect(usage).toMatchObject({ limit: 100, used: 7, remaining: 93 });
    }
    const value = keyOf((await customers[0]?.ada.reveal(server.url)) ?? { __typename: 'none' }).value;
    expect(await customers[0]?.ada.use(value, 200)).toBe(93);
  });

  it('leaves nothing to do, and a third run does nothing', async () => {
    const before = await Promise.all(customers.map(({ ada }) => ada.keys()));
    const { code, report } = await ended(rekey(world, []));
    expect(code).toBe(0);
    expect(report).toMatchObject({ customers: CUSTOMERS, upToDate: CUSTOMERS, rotated: 0, signed: 0, leftCount: 0 });
    expect(await Promise.all(customers.map(({ ada }) => ada.keys()))).toEqual(before);
  });

  it('is not acted upon when the command is misspelt', async () => {
    const misspelt = [['keys'], ['--grace-seconds', '2592001'], ['--all', '-1']].map((words) => rekey(world, words));
    for (const child of misspelt) {
      expect(await child.exit).toBe(1);
      expect(child.stderr).toMatch(/usage: npm run rekey/);
    }
  });
});

describe('a KEY_SECRET that is changed', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({ KEY_SECRET: OLD });
  });
  afterAll(async () => {
    await Promise.all(servers.map((app) => app.close()));
    await world.close();
  });

  const servers: INestApplication[] = [];
  async function startedWith(secret: string) {
    const server = await serverWith(world, secret);
    servers.push(server.app);
    return server;
  }

  it('leaves keys as they are, makes new ones of the first, and after `signatures` the old one can be dropped', async () => {
    const [ada, bob] = [await world.customer(), await world.customer()];
    const [old, other] = [keyOf(await ada.subscribe('free')), keyOf(await bob.subscribe('free'))];

    const both = await startedWith(BOTH);
    expect(await ada.subscribe('free', both.url)).toMatchObject({ key: old });
    const fresh = keyOf(await ada.rotate(old.id, 0, both.url));
    expect(fresh.value).toBe(both.app.get(KeyIdentity).value(ada.sub, 2).reveal());
    expect(await both.app.get(Sweeper).sweep({ isDryRun: true })).toMatchObject({ driftCount: 0 });
    expect(await bob.call(other.value)).toEqual(ALIVE);

    const { code, report } = await ended(rekey(world, ['signatures']));
    expect({ code, rotated: report.rotated, signed: report.signed }).toEqual({ code: 0, rotated: 0, signed: 2 });
    expect(await bob.keys()).toMatchObject([{ ...other, enabled: true, plans: ['free'] }]);

    const only = await startedWith(NEW);
    const noted = await only.app.get(Sweeper).sweep(); // that the value of this key follows from no secret any more
    expect(noted.drift).toMatchObject([{ kind: 'ATTRIBUTES_OUT_OF_DATE', sub: bob.sub }]);
    expect(await bob.attributes()).toMatchObject({ 'custom:api_key_id': other.id, 'custom:key_gen': '1;imported' });
    expect(await only.app.get(Sweeper).sweep({ isDryRun: true })).toMatchObject({ driftCount: 0 });
    expect(await bob.subscribe('basic', only.url)).toMatchObject({ key: other, subscription: { state: 'ACTIVE' } });
    expect(await bob.call(other.value)).toEqual(ALIVE);
  });

  it('dropped too early changes nothing: keys work, drift says so, and putting it back is all that is needed', async () => {
    const ada = await world.customer();
    const old = keyOf(await ada.subscribe('free'));
    const only = await startedWith(NEW);
    const report = await only.app.get(Sweeper).sweep();
    expect(report.drift.filter(({ sub }) => sub === ada.sub)).toMatchObject([{ kind: 'PLAN_NOT_SIGNED' }]);
    expect(await ada.call(old.value)).toEqual(ALIVE);
    expect(await ada.liveKeys()).toMatchObject([{ ...old, plans: ['free'] }]);

    const early = await ended(rekey(world, [], NEW));
    expect(early.code).toBe(2);
    expect(early.report.left).toContainEqual({ sub: ada.sub, username: ada.username, why: 'PLAN_NOT_SIGNED' });
    expect(await ada.call(old.value)).toEqual(ALIVE);

    expect(await ended(rekey(world, []))).toMatchObject({ code: 0 });
    expect(await ada.call(old.value)).toEqual(DEAD);
    expect(await ada.liveKeys()).toHaveLength(1);
  });

  it('lets replaced keys go on for the grace given, and ends them when a later run gives none', async () => {
    const ada = await world.customer();
    const old = keyOf(await ada.subscribe('free', (await startedWith(`${OLD},${NEW}`)).url));
    expect(await ended(rekey(world, ['--grace-seconds', '3600']))).toMatchObject({ code: 0 });
    expect(await ada.call(old.value)).toEqual(ALIVE);
    expect(await ada.liveKeys()).toHaveLength(2);
    expect(await ended(rekey(world, ['--grace-seconds', '3600']))).toMatchObject({ code: 0, report: { rotated: 0 } });
    expect(await ended(rekey(world, []))).toMatchObject({ code: 0 });
    expect(await ada.call(old.value)).toEqual(DEAD);
    expect(await ada.keys()).toHaveLength(2);
    expect(await ada.liveKeys()).toHaveLength(1);
  });

  it('replaces keys that were made by hand too, unless they are to stay', async () => {
    const [ada, admin] = [await world.customer(), await world.admin()];
    const planId = world.sandbox.info().plans.find(({ code }) => code === 'free')?.usagePlanId;
    const made = await world.gateway.send(new CreateApiKeyCommand({ name: 'by hand', enabled: true }));
    const { id: keyId = '', value = '' } = made;
    await world.gateway.send(new CreateUsagePlanKeyCommand({ usagePlanId: planId, keyId, keyType: 'API_KEY' }));
    await act(admin, 'importKey', { userId: ada.sub, keyId });

    expect(await ended(rekey(world, ['--imported']))).toMatchObject({ code: 0, report: { rotated: 0 } });
    expect(await ada.call(value)).toEqual(ALIVE);
    expect(await ended(rekey(world, []))).toMatchObject({ code: 0, report: { rotated: 1 } });
    expect(await ada.call(value)).toEqual(DEAD);
  });
});

describe('in an account that holds as many keys as it may', () => {
  const ROOM = 14;
  let world: World;
  beforeAll(async () => {
    world = await World.start({ KEY_SECRET: OLD });
  });
  afterAll(() => world.close());

  it('retired keys are deleted as it goes; those who found no room keep their key, and a later run has some', async () => {
    const customers: { ada: Customer; old: { id: string; value: string } }[] = [];
    for (let n = 0; n < 10; n++) {
      const ada = await world.customer();
      customers.push({ ada, old: keyOf(await ada.subscribe('free')) });
    }
    world.sandbox.habits.set({ keyCap: ROOM });
    const server = await startApp(
      environment(world.sandbox.url, { KEY_SECRET: BOTH }),
      world.app.get(Clock),
      undefined,
      { rooms: [RekeyModule] },
    );
    const options = { signaturesOnly: false, graceSeconds: 0, keepImported: false, isDryRun: false };
    const run = () => server.app.get(Rekeying).run(options);

    const first = await run();
    expect(first.rotated).toBe(ROOM - 10);
    expect(first.left.map(({ why }) => why)).toEqual(Array.from({ length: 6 }, () => 'AT_CAPACITY'));
    const untouched = first.left.map(({ sub }) => customers.find(({ ada }) => ada.sub === sub));
    for (const one of untouched) expect(await one?.ada.call(one.old.value)).toEqual(ALIVE);

    for (let again = 0; again < 3; again++) {
      world.forward(120);
      await run();
    }
    const identity = server.app.get(KeyIdentity);
    for (const { ada, old } of customers) {
      expect(await ada.call(old.value)).toEqual(DEAD);
      const live = await ada.liveKeys();
      expect(live).toMatchObject([{ value: identity.value(ada.sub, 2).reveal(), name: identity.name(ada.sub, 2) }]);
    }
    await server.app.close();
  });
});
