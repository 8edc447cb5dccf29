import { setTimeout as pause } from 'node:timers/promises';
import { AdminDeleteUserCommand, AdminDisableUserCommand } from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Governor } from '../../src/aws/governor.js';
import { RedisConnection } from '../../src/redis.js';
import { USER_POOL_ID } from '../../src/sandbox/seed.js';
import { FleetIndex } from '../../src/subscriptions/fleet/fleet-index.js';
import { ListedCustomers } from '../../src/subscriptions/fleet/listed-customers.service.js';
import { Sweeper } from '../../src/subscriptions/sweep/sweeper.service.js';
import type { Customer } from '../support/customer.js';
import { skipping } from '../support/moto.js';
import { keyOf } from '../support/outcomes.js';
import { RedisServer, redisIsMissing } from '../support/redis.js';
import { SandboxTime } from '../support/sandbox-time.js';
import { environment, startApp, World } from '../support/world.js';

/** As AWS needs it: reports of usage are an hour late, and everything is listed every five minutes. */
const SETTINGS = { USAGE_LAG_SECONDS: '3600', SWEEP_INTERVAL_SECONDS: '300' };
const MORE_THAN_A_MINUTE = 61;
const MORE_THAN_A_LISTING_COUNTS = 901;
const CROWD = 100;
const AHEAD_SECONDS = 8;

/** Everybody's page polls `me`, and AWS gives the whole account ten control-plane requests a second. */
describe('dashboards of everybody', () => {
  let world: World;
  let customers: Customer[];
  beforeAll(async () => {
    world = await World.start(SETTINGS);
  });
  beforeEach(async () => {
    customers = [await world.customer(), await world.customer(), await world.customer()];
    for (const customer of customers) await customer.call(keyOf(await customer.subscribe('free')).value);
    world.forward(MORE_THAN_A_MINUTE);
  });
  afterEach(() => world.sandbox.habits.clearFaults());
  afterAll(() => world.close());

  const listed = () => world.app.get(Sweeper).sweep();
  const planOf = async (customer: Customer) => (await customer.me()).subscription?.planCode;

  /** While the governor lets nobody in: as many as it bears are under way. */
  async function crowded<T>(work: () => Promise<T>): Promise<T> {
    let letGo = () => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const governor = world.app.get(Governor);
    const crowd = Promise.all(Array.from({ length: CROWD }, () => governor.interactive(() => held)));
    try {
      return await work();
    } finally {
      letGo();
      await crowd;
    }
  }

  it('cost a reading of usage for all of them, and nothing for each', async () => {
    await listed();
    const calls = await world.callsDuring(async () => {
      for (const customer of customers) {
        expect(await customer.me()).toMatchObject({ subscription: { state: 'ACTIVE' }, usage: { used: 1 } });
      }
    });
    expect(new Set(calls)).toEqual(new Set(['GetUsage']));
    const again = await world.callsDuring(() => Promise.all(customers.map((customer) => customer.me())));
    expect(again).toEqual([]);
  });

  it('show one’s own change at once, and not what was listed before', async () => {
    const [ada] = customers as [Customer];
    await listed();
    expect(await planOf(ada)).toBe('free');
    await ada.subscribe('basic');
    expect(await planOf(ada)).toBe('basic');
    world.forward(MORE_THAN_A_MINUTE);
    expect(await planOf(ada)).toBe('basic');
  });

  it('show a change that was begun and could not be finished as what it is', async () => {
    const [ada] = customers as [Customer];
    await listed();
    world.sandbox.habits.addFault({ operation: 'CreateUsagePlanKey', kind: 'before' });
    await ada.subscribe('pro');
    expect((await ada.me()).subscription).toMatchObject({ planCode: 'pro', state: 'PROVISIONING' });
    world.sandbox.habits.clearFaults();
    await listed();
    world.forward(MORE_THAN_A_MINUTE);
    expect((await ada.me()).subscription).toMatchObject({ planCode: 'pro', state: 'ACTIVE' });
  });

  it('show what was done in the console when everything is listed again', async () => {
    const [ada] = customers as [Customer];
    await listed();
    expect((await ada.me()).subscription?.state).toBe('ACTIVE');
    await world.cognito.send(new AdminDisableUserCommand({ UserPoolId: USER_POOL_ID, Username: ada.username }));
    await listed();
    world.forward(MORE_THAN_A_MINUTE);
    expect((await ada.me()).subscription?.state).toBe('SUSPENDED');
  });

  it('ask AWS for each customer when the listing is old', async () => {
    const [ada] = customers as [Customer];
    await listed();
    world.forward(MORE_THAN_A_LISTING_COUNTS);
    expect(await world.callsDuring(() => ada.me())).toContain('AdminGetUser');
  });

  it('are answered from one listing where too many ask at once to be answered one by one', async () => {
    world.forward(MORE_THAN_A_LISTING_COUNTS);
    const calls = await crowded(() =>
      world.callsDuring(async () => {
        for (const customer of customers) expect(await planOf(customer)).toBe('free');
      }),
    );
    expect(calls).toContain('ListUsers');
    expect(calls).not.toContain('AdminGetUser');
  });

  it('are not held up by who asks for days of their own choice while too many ask', async () => {
    const [ada] = customers as [Customer];
    await ada.me();
    const days = () => ada.gql('{ me { dailyUsage(from: "2026-01-01", to: "2026-01-31") { used } } }');
    const refused = await crowded(days);
    expect(refused.errors).toMatchObject([{ extensions: { code: 'TRY_AGAIN' } }]);
    expect((await days()).errors).toEqual([]);
  });

  it('tell whoever waited for a listing that failed to come back, and answer the next time', async () => {
    const [ada] = customers as [Customer];
    world.forward(MORE_THAN_A_LISTING_COUNTS);
    world.sandbox.habits.addFault({ operation: 'ListUsers', kind: 'before' });
    const refused = await crowded(() => ada.gql('{ me { id } }'));
    expect(refused.errors).toMatchObject([{ extensions: { code: 'TRY_AGAIN' } }]);
    world.sandbox.habits.clearFaults();
    world.forward(MORE_THAN_A_MINUTE);
    expect((await ada.gql('{ me { id } }')).errors).toEqual([]);
  });
});

describe('dashboards of several processes', () => {
  if (skipping('dashboards of several processes', redisIsMissing)) {
    it.skip(`are not here: ${redisIsMissing}`, () => {});
    return;
  }

  let redis: RedisServer;
  let world: World;
  let other: Awaited<ReturnType<typeof startApp>>;
  beforeEach(async () => {
    redis = await RedisServer.start();
    world = await World.start({ ...SETTINGS, REDIS_URL: redis.url });
    const settings = environment(world.sandbox.url, { ...SETTINGS, REDIS_URL: redis.url });
    other = await startApp(settings, new SandboxTime(world.sandbox));
  });
  afterEach(async () => {
    await other.app.close();
    await world.close();
    await redis.kill();
  });

  const planOf = async (customer: Customer) => (await customer.me()).subscription?.planCode;

  async function subscribedAndListed(): Promise<[Customer, Customer]> {
    const [ada, bob] = [await world.customer(), await world.customer()];
    for (const customer of [ada, bob]) keyOf(await customer.subscribe('free'));
    world.forward(MORE_THAN_A_MINUTE);
    await world.app.get(Sweeper).sweep();
    expect([await planOf(ada), await planOf(bob)]).toEqual(['free', 'free']);
    return [ada, bob];
  }

  /** Both processes reach it. */
  async function redisIsBack(): Promise<void> {
    for (const { app } of [world, other]) {
      while (!(await app.get(RedisConnection).evaluate('return {1}', 'a-test', []))) await new Promise(setImmediate);
    }
  }

  it('show within a minute what another process changed, though everything was listed before', async () => {
    const [ada, bob] = await subscribedAndListed();
    await ada.subscribe('basic', other.url);
    world.forward(MORE_THAN_A_MINUTE);
    expect(await planOf(ada)).toBe('basic');
    const unconcerned = await world.callsDuring(() => bob.me());
    expect(unconcerned).not.toContain('AdminGetUser');
  });

  it('show what another process changed after one’s own change, although its clock is behind', async () => {
    const [ada] = await subscribedAndListed();
    const settings = environment(world.sandbox.url, { ...SETTINGS, REDIS_URL: redis.url });
    const ahead = await startApp(settings, new Ahead(world.sandbox));
    try {
      await ahead.app.get(Sweeper).look();
      await ada.subscribe('basic', ahead.url);
      world.forward(AHEAD_SECONDS / 2);
      await ada.subscribe('pro');
      world.forward(MORE_THAN_A_MINUTE);
      expect((await ada.me(ahead.url)).subscription?.planCode).toBe('pro');
    } finally {
      await ahead.app.close();
    }
  });

  it('have a listing in each process, of which one at a time mends what it finds', async () => {
    await subscribedAndListed();
    const gone = await world.customer();
    keyOf(await gone.subscribe('free'));
    await world.cognito.send(new AdminDeleteUserCommand({ UserPoolId: USER_POOL_ID, Username: gone.username }));
    await world.app.get(RedisConnection).claim('sweep', 60); // it is somebody else's turn
    const settings = { ...SETTINGS, REDIS_URL: redis.url, SWEEP_INTERVAL_SECONDS: '1' };
    const third = await startApp(environment(world.sandbox.url, settings), new SandboxTime(world.sandbox));
    try {
      while (!third.app.get(Sweeper).report) await pause(50);
      expect(third.app.get(FleetIndex).latest).not.toBeNull();
      expect(third.app.get(Sweeper).report).toMatchObject({ isDryRun: true, mended: 0, unfinished: 1 });
    } finally {
      await third.app.close();
    }
  });

  it('do so when Redis has forgotten it', async () => {
    const [ada] = await subscribedAndListed();
    await ada.subscribe('basic', other.url);
    await redis.kill();
    await redis.restart();
    await redisIsBack();
    world.forward(MORE_THAN_A_MINUTE);
    expect(await planOf(ada)).toBe('basic');
  });

  it('do so when Redis did not answer when it was changed, as soon as it does', async () => {
    const [ada] = await subscribedAndListed();
    redis.freeze();
    await ada.subscribe('basic', other.url);
    redis.goOn();
    await redisIsBack();
    do world.forward(MORE_THAN_A_MINUTE);
    while ((await planOf(ada)) !== 'basic' && world.app.get(ListedCustomers).isFresh);
    expect(world.app.get(ListedCustomers).isFresh).toBe(true);
  });
});

class Ahead extends SandboxTime {
  override now(): Date {
    return new Date(super.now().getTime() + AHEAD_SECONDS * 1000);
  }
}
