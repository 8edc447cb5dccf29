import { type AddressInfo, connect, createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { SharedAppointments } from '../../src/aws/governor/admission/shared-appointments.js';
import { Clock } from '../../src/clock.js';
import { Config } from '../../src/config.js';
import { Metrics } from '../../src/metrics.js';
import { RedisConnection } from '../../src/redis.js';
import { Sandbox } from '../../src/sandbox/server.js';
import { OneAtATime } from '../../src/subscriptions/customers/one-at-a-time.js';
import { AdjustedClock } from '../support/adjusted-clock.js';
import { AwsSide } from '../support/aws-side.js';
import { ManualClock } from '../support/clouds.js';
import { skipping } from '../support/moto.js';
import { RedisServer, redisIsMissing } from '../support/redis.js';
import { environment } from '../support/world.js';

const FACTOR = 10;
const PATIENCE_SECONDS = 25;

describe('processes with one Redis', () => {
  if (skipping('processes with one Redis', redisIsMissing)) {
    it.skip(`is not here: ${redisIsMissing}`, () => {});
    return;
  }

  const warnings: unknown[] = [];
  let redis: RedisServer;
  let sandbox: Sandbox;
  let sides: AwsSide[] = [];
  let plan: string;

  beforeAll(async () => {
    const note = (message: unknown) => warnings.push(message);
    Logger.overrideLogger({ log: () => {}, error: note, warn: note });
    redis = await RedisServer.start();
    sandbox = await Sandbox.start({ port: 0, directory: null });
    plan = sandbox.info().plans[0]?.usagePlanId ?? '';
  });
  beforeEach(() => {
    warnings.length = 0;
    sandbox.habits.set({ rates: true, rateFactor: FACTOR });
  });
  afterEach(() => {
    for (const side of sides) side.close();
    sides = [];
    sandbox.habits.reset();
  });
  afterAll(async () => {
    await redis.kill();
    await sandbox.close();
    Logger.overrideLogger(true);
  });

  /** Each test has a Redis prefix of its own, and so full buckets. */
  async function start(prefix: string, url = redis.url): Promise<AwsSide> {
    const settings = { REDIS_URL: url, KEY_PREFIX: prefix, PROCESS_COUNT: '2', AWS_RATE_FACTOR: String(FACTOR) };
    const side = new AwsSide(sandbox.url, settings);
    sides.push(side);
    await side.redis.onModuleInit();
    return side;
  }

  const read = (side: AwsSide, count: number) =>
    Promise.all(Array.from({ length: count }, () => side.plans.plansOf('nobody')));
  const timed = async (work: Promise<unknown>) => {
    const from = performance.now();
    await work;
    return (performance.now() - from) / 1000;
  };
  const refused = () => sandbox.habits.calls().GetUsagePlans?.refused.TooManyRequestsException ?? 0;
  const isThere = async (side: AwsSide) => (await side.redis.evaluate('return {1}', 'probe', [])) !== null;
  const fallbacks = async (side: AwsSide) =>
    Number(/^turnpike_redis_fallbacks_total (\d+)/m.exec(await side.metrics.registry.metrics())?.[1]);

  it('share the rate: one alone has all of it, and two together no more', async () => {
    const [one, two] = [await start('shared'), await start('shared')];
    const apart = new AwsSide(sandbox.url, { PROCESS_COUNT: '2', AWS_RATE_FACTOR: String(FACTOR) });
    sides.push(apart);
    sandbox.habits.set({ rates: false });
    const [whole, share] = await Promise.all([timed(read(one, 200)), timed(read(apart, 200))]); // both on the same machine
    expect(whole).toBeLessThan(share);
    sandbox.habits.set({ rates: true, rateFactor: FACTOR });
    expect(await timed(Promise.all([read(one, 60), read(two, 60)]))).toBeGreaterThan(0.8);
    expect(refused()).toBeLessThanOrEqual(2);
    expect(await Promise.all([one, two].map(fallbacks))).toEqual([0, 0]);
  });

  it('begin with an empty bucket, and no emptier one, where Redis’s clock was set back', async () => {
    const one = await start('set-back');
    const ahead = "return {redis.call('SET', KEYS[1], ARGV[1], 'PX', 3600000) and 1}";
    await one.redis.evaluate(ahead, 'rate:api-gateway', [Date.now() + 3_600_000]);
    expect(await read(one, 10)).toHaveLength(10);
    expect(await fallbacks(one)).toBe(0);
  });

  it('attach one at a time, all together', async () => {
    const [one, two] = [await start('lane'), await start('lane')];
    sandbox.habits.set({ rates: false, serialAttach: true, serialAttachMilliseconds: 15 });
    const keys = Array.from({ length: 12 }, (_, at) => sandbox.gateway.apiKeys.create({ name: `lane.${at}` }));
    await Promise.all(keys.map(({ id = '' }, at) => (at % 2 ? one : two).plans.attach(plan, id)));
    expect(sandbox.habits.calls().CreateUsagePlanKey).toEqual({ calls: 12, refused: {} });
  });

  it('keep one book of appointments: who comes when told need not come to the process that said so', async () => {
    const [one, two] = [await start('book'), await start('book')].map(
      (side) => new SharedAppointments(side.redis, new Clock()),
    );
    if (!one || !two) throw new Error('There are two');
    const now = () => Date.now() / 1000;
    const make = async (book: SharedAppointments, who: string) =>
      (await book.make(who, { now: now(), earliest: now(), each: { own: 60, all: 2 } })) - now();
    const told = [await make(one, 'ada'), await make(two, 'eve'), await make(one, 'bob')].map(Math.round);
    expect(told).toEqual([2, 4, 6]);
    expect(Math.round(await make(two, 'bob'))).toBe(6); // the same again, wherever it is asked
    expect([one.areOpen(now()), two.areOpen(now())]).toEqual([true, true]);
    expect([await two.isDue('ada', now()), await two.isDue('stranger', now())]).toEqual([false, false]);
    await pause(1100);
    expect([await two.isDue('ada', now()), await two.isDue('eve', now())]).toEqual([true, false]);
    two.begun('ada', now());
    await until(async () => !(await one.isDue('ada', now())));
    expect(Math.round(await make(one, 'ada'))).toBe(10); // once more after this, wherever it is asked
  });

  it('make appointments each for itself while it is away', async () => {
    const side = await start('away', 'redis://127.0.0.1:1');
    const book = new SharedAppointments(side.redis, new Clock());
    const now = Date.now() / 1000;
    const of = { now, earliest: now, each: { own: 5, all: 1 } };
    expect([await book.make('ada', of), await book.make('eve', of)].map((time) => Math.round(time - now))).toEqual([
      5, 10,
    ]);
    expect([await book.isDue('ada', now), await book.isDue('ada', now + 5)]).toEqual([false, true]);
  });

  it('keep to their shares when it dies, say so once, and share again when it is back', async () => {
    const [one, two] = [await start('dies'), await start('dies')];
    await read(one, 40);
    const working = Promise.all([read(one, 60), read(two, 60)]);
    await redis.kill();
    await working;
    const seconds = await timed(read(one, 60));
    expect(seconds).toBeGreaterThan(0.6); // the whole rate would take 0.2 to 0.6 seconds
    expect(refused()).toBeLessThanOrEqual(60); // of some 240 calls
    expect(await fallbacks(one)).toBeGreaterThan(0);
    expect(warnings.length).toBe(2); // one of each process
    await redis.restart();
    for (const side of [one, two]) await until(() => isThere(side));
    const before = await fallbacks(one);
    await Promise.all([read(one, 40), read(two, 40)]);
    expect(await fallbacks(one)).toBe(before);
    expect(JSON.stringify(warnings)).not.toContain('redis://');
  });

  it('do not wait for it when it hangs', async () => {
    const one = await start('hangs');
    redis.freeze();
    const seconds = await timed(read(one, 20));
    redis.goOn();
    expect(seconds).toBeLessThan(10);
    await until(() => isThere(one));
  });

  it('ask it again soon after it was slow, though the clock was set back', async () => {
    const clock = new AdjustedClock(new Clock());
    const config = Config.read(environment(sandbox.url, { REDIS_URL: redis.url }));
    const one = new RedisConnection(config, clock, new Metrics(clock));
    await one.onModuleInit();
    redis.freeze();
    expect(await one.evaluate('return {1}', 'anything', [])).toBeNull();
    redis.goOn();
    clock.setBack(3600);
    const isBack = async () => (await one.evaluate('return {1}', 'anything', [])) !== null;
    await until(isBack).finally(() => one.onApplicationShutdown());
  });

  it('connect anew where it is no primary any more, and the address leads to the one that is', async () => {
    const [before, after] = [await RedisServer.start(), await RedisServer.start()];
    let primary = before;
    const address = createServer((asked) => {
      const answering = connect(Number(new URL(primary.url).port), '127.0.0.1');
      asked.pipe(answering).pipe(asked);
      for (const [end, other] of [
        [asked, answering],
        [answering, asked],
      ] as const)
        end.on('error', () => other.destroy());
    });
    await new Promise<void>((resolve) => address.listen(0, '127.0.0.1', resolve));
    const { port } = address.address() as AddressInfo;
    const one = await start('failover', `redis://127.0.0.1:${port}`);
    try {
      expect(await one.redis.claim('before', 60)).toBe(true);
      primary = after;
      await before.tell('REPLICAOF 127.0.0.1 1'); // of one that is away: it copies nothing, and takes no writes
      await until(async () => {
        const lock = await one.redis.lock('it', 60);
        return lock !== null && lock !== 'held';
      });
      expect(await (await start('failover', after.url)).redis.lock('it', 60)).toBe('held');
    } finally {
      one.close();
      address.close();
      await Promise.all([before.kill(), after.kill()]);
    }
  });

  it('do not call it slow when it is they who are busy', async () => {
    const one = await start('busy');
    const asked = one.redis.evaluate('return {7}', 'anything', []);
    const end = performance.now() + 500;
    while (performance.now() < end); // as a crowd of requests does
    expect(await asked).toEqual([7]);
    expect(await fallbacks(one)).toBe(0);
  });

  it('start without it, and take it up when it comes', async () => {
    await redis.kill();
    const one = await start('early');
    expect(await read(one, 5)).toHaveLength(5);
    await redis.restart();
    await until(() => isThere(one));
  });

  it('hold a lock for as long as it takes, one at a time', async () => {
    const [one, two] = [await start('lock'), await start('lock')];
    const lock = await one.redis.lock('it', 1);
    expect(await two.redis.lock('it', 1)).toBe('held');
    await pause(1300); // longer than the lock lasts unless it is renewed
    expect(await two.redis.lock('it', 1)).toBe('held');
    if (lock !== 'held') await lock?.release();
    expect(await two.redis.lock('it', 1)).not.toBe('held');
  });

  it('take a lock over from one that was killed with it', async () => {
    const [one, two] = [await start('killed'), await start('killed')];
    await one.redis.lock('it', 1);
    one.close(); // what it holds is renewed no more
    expect(await two.redis.lock('it', 1)).toBe('held');
    await until(async () => (await two.redis.lock('it', 1)) !== 'held');
  });

  it('keep no lock that Redis gave too late', async () => {
    const [one, two] = [await start('late'), await start('late')];
    redis.freeze();
    expect(await one.redis.lock('it', 30)).toBeNull();
    redis.goOn();
    await until(async () => (await two.redis.lock('it', 30)) !== 'held');
  });

  it('give a lock back although Redis was slow just before', async () => {
    const [one, two] = [await start('slow'), await start('slow')];
    const lock = await one.redis.lock('it', 30);
    redis.freeze();
    await one.redis.evaluate('return {1}', 'anything', []);
    redis.goOn();
    if (lock !== 'held') await lock?.release();
    await until(async () => (await two.redis.lock('it', 30)) !== 'held');
  });

  it('claim a turn once in its time, whoever comes', async () => {
    const [one, two] = [await start('claim'), await start('claim')];
    const claims = await Promise.all([one, two, one].map(({ redis }) => redis.claim('sweep', 1)));
    expect(claims.filter(Boolean)).toHaveLength(1);
    await until(() => two.redis.claim('sweep', 1));
    expect(await one.redis.claim('sweep', 1)).toBe(false);
  });

  it('need no lock and no claim without a Redis', async () => {
    const alone = new AwsSide(sandbox.url, {});
    sides.push(alone);
    expect(await alone.redis.lock('it', 1)).toBeNull();
    expect([await alone.redis.claim('sweep', 1), await alone.redis.claim('sweep', 1)]).toEqual([true, true]);
  });

  it('change one customer one after the other, and say so when that takes too long', async () => {
    const [one, two] = [await start('turns'), await start('turns')];
    const clock = new Clock();
    const [here, there] = [new OneAtATime(one.redis, clock), new OneAtATime(two.redis, clock)];
    const steps: string[] = [];
    const work = (name: string) => async () => {
      steps.push(`${name} begins`);
      await pause(150);
      steps.push(`${name} ends`);
    };
    await Promise.all([
      here.run('ada', work('first')),
      here.run('bob', async () => {}),
      there.run('ada', work('second')),
    ]);
    expect(steps.map((step) => step.split(' ')[1])).toEqual(['begins', 'ends', 'begins', 'ends']);
    await one.redis.lock('customer:ada', 30);
    await expect(there.run('ada', work('third'))).rejects.toMatchObject({ code: 'TRY_AGAIN' });
    expect(steps).toHaveLength(4);
  });

  it('do not wait for one another without end, also within a process; who gave up never begins, and the next has their turn', async () => {
    const alone = new AwsSide(sandbox.url, {});
    sides.push(alone);
    const clock = new ManualClock();
    const turns = new OneAtATime(alone.redis, clock);
    const steps: string[] = [];
    let end = () => {};
    const first = turns.run('ada', () => new Promise<void>((resolve) => (end = resolve)));
    const second = turns.run('ada', async () => void steps.push('second'));
    clock.forward(5);
    await expect(second).rejects.toMatchObject({ code: 'TRY_AGAIN' });
    const third = turns.run('ada', async () => void steps.push('third'));
    await turns.run('bob', async () => void steps.push('bob'));
    end();
    await Promise.all([first, third]);
    expect(steps).toEqual(['bob', 'third']);
  });

  it('tell each other after an outage whom they changed in it, and ask for that no oftener for many than for one', async () => {
    const [one, two] = [await start('told'), await start('told')];
    const clock = new Clock();
    const [here, there] = [new OneAtATime(one.redis, clock), new OneAtATime(two.redis, clock)];
    await redis.kill();
    const begun = Date.now();
    const subs = Array.from({ length: 40 }, (_, index) => `sub-${index}`);
    await Promise.all(subs.map((sub) => here.run(sub, async () => {})));
    const before = await fallbacks(one);
    await pause(1600); // three looks
    expect((await fallbacks(one)) - before).toBeLessThanOrEqual(8);
    await redis.restart();
    const known = async (sub: string) => ((await there.lastAnywhere(sub))?.begun ?? 0) >= begun;
    await until(async () => (await Promise.all(subs.map(known))).every(Boolean));
  });
});

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let waited = 0; waited < PATIENCE_SECONDS * 20; waited++) {
    if (await isSo()) return;
    await pause(50);
  }
  throw new Error(`It did not come about within ${PATIENCE_SECONDS} seconds`);
}
