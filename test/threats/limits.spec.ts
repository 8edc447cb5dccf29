import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger, Module } from '@nestjs/common';
import { Mutation, Resolver } from '@nestjs/graphql';
import { AdminOnly } from '../../src/auth/access.decorator.js';
import { Counts } from '../../src/auth/limits/counts.service.js';
import { Clock } from '../../src/clock.js';
import { Config } from '../../src/config.js';
import { Metrics } from '../../src/metrics.js';
import { RedisConnection } from '../../src/redis.js';
import type { Customer } from '../support/customer.js';
import { Forger } from '../support/forger.js';
import { skipping } from '../support/moto.js';
import { type PostReply, post } from '../support/post.js';
import { RedisServer, redisIsMissing } from '../support/redis.js';
import { environment, World } from '../support/world.js';

@AdminOnly()
@Resolver()
class Office {
  @Mutation(() => String)
  file(): string {
    return 'filed';
  }
}

@Module({ providers: [Office] })
class OfficeRoom {}

const LIMITS = {
  LIMIT_MUTATIONS_PER_MINUTE: '4',
  LIMIT_ADMIN_MUTATIONS_PER_MINUTE: '6',
  LIMIT_ROTATIONS_PER_HOUR: '2',
  LIMIT_ROTATIONS_PER_DAY: '3',
  LIMIT_PLAN_CHANGES_PER_DAY: '3',
  LIMIT_ANONYMOUS_PER_MINUTE: '5',
};
const JSON_TYPE = 'application/json';
const GRAPHQL_TYPE = 'application/graphql-response+json';
const PLANS = { query: '{ plans { code } }' };

/** The code of each of so many replies, one after the other; `ok` for those that were served. */
async function codesOf(count: number, send: () => Promise<PostReply>): Promise<string[]> {
  const codes: string[] = [];
  for (let i = 0; i < count; i++) codes.push((await send()).codes[0] ?? 'ok');
  return codes;
}

/** What is answered to a target that `fetch` would write in another way. */
async function sentTo({ url }: World, target: string, address: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const headers = { 'content-type': JSON_TYPE, 'x-forwarded-for': address };
  const asking = request({ hostname, port, path: target, method: 'POST', headers });
  asking.end(JSON.stringify(PLANS));
  const [reply] = (await once(asking, 'response')) as [IncomingMessage];
  return text(reply);
}

describe('threats §4, per-user limit', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({ ...LIMITS, TRUST_PROXY: '1' }, [OfficeRoom]);
  });
  afterAll(() => world.close());

  const as = (who: Customer, query: string, accept = JSON_TYPE) =>
    post(world.url, { query }, { authorization: `Bearer ${who.accessToken}`, accept });

  describe('mutations', () => {
    it('are refused above the limit with the seconds to wait, and AWS is not asked; queries go on', async () => {
      const ada = await world.customer();
      const reveal = () => as(ada, 'mutation { revealKey { __typename } }');
      expect(await codesOf(4, reveal)).toEqual(['ok', 'ok', 'ok', 'ok']);
      world.forward(20);
      const calls = await world.callsDuring(async () => {
        const { status, errors, data } = await reveal();
        expect([status, data]).toEqual([200, null]);
        expect(errors).toMatchObject([{ extensions: { code: 'TRY_AGAIN', retryAfterSeconds: expect.any(Number) } }]);
        expect(errors[0]?.extensions.retryAfterSeconds).toBeGreaterThan(35);
        expect(errors[0]?.extensions.retryAfterSeconds).toBeLessThanOrEqual(40);
      });
      expect(calls).toEqual([]);
      expect((await as(ada, '{ me { id } }')).codes).toEqual([]);
    });

    it('work again after the seconds that were said', async () => {
      const ada = await world.customer();
      const reveal = () => as(ada, 'mutation { revealKey { __typename } }');
      await codesOf(4, reveal);
      const seconds = (await reveal()).errors[0]?.extensions.retryAfterSeconds ?? 0;
      world.forward(seconds);
      expect(await codesOf(1, reveal)).toEqual(['ok']);
    });

    it('of one caller do not count for another one, whatever their address', async () => {
      const [ada, bob] = [await world.customer(), await world.customer()];
      await codesOf(5, () => as(ada, 'mutation { revealKey { __typename } }'));
      expect(await codesOf(1, () => as(bob, 'mutation { revealKey { __typename } }'))).toEqual(['ok']);
    });

    it('count the same with a fresh token', async () => {
      const ada = await world.customer();
      await codesOf(4, () => as(ada, 'mutation { revealKey { __typename } }'));
      const again = await world.signIn(ada.email);
      expect(await codesOf(1, () => as(again, 'mutation { revealKey { __typename } }'))).toEqual(['TRY_AGAIN']);
    });

    it('say it by status and header too where GraphQL’s own media type is asked for', async () => {
      const ada = await world.customer();
      await codesOf(4, () => as(ada, 'mutation { revealKey { __typename } }'));
      const { status, headers, codes } = await as(ada, 'mutation { revealKey { __typename } }', GRAPHQL_TYPE);
      expect([status, codes]).toEqual([503, ['TRY_AGAIN']]);
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(50);
    });

    it('of admins have a limit of their own, and the refused ones do not ask Cognito who they are', async () => {
      const admin = await world.admin();
      expect(await codesOf(6, () => as(admin, 'mutation { file }'))).toEqual(Array(6).fill('ok'));
      const calls = await world.callsDuring(async () => {
        expect(await codesOf(1, () => as(admin, 'mutation { file }'))).toEqual(['TRY_AGAIN']);
      });
      expect(calls).toEqual([]);
    });

    it('that are not for the caller are FORBIDDEN, and do not count', async () => {
      const ada = await world.customer();
      expect(await codesOf(9, () => as(ada, 'mutation { file }'))).toEqual(Array(9).fill('FORBIDDEN'));
      expect(await codesOf(1, () => as(ada, 'mutation { revealKey { __typename } }'))).toEqual(['ok']);
    });
  });

  describe('rotations', () => {
    const rotate = (who: Customer, keyId: string) =>
      who.gql<{ rotateKey: { key: { id: string } | null } }>(
        `mutation { rotateKey(keyId: "${keyId}") { ... on KeyRotated { key { id } } } }`,
      );

    async function rotated(who: Customer, times: number): Promise<string> {
      let id = (await who.subscribe('free')).key?.id ?? '';
      for (let i = 0; i < times; i++) id = (await rotate(who, id)).data?.rotateKey.key?.id ?? '';
      world.forward(60); // mutations have a limit too
      return id;
    }

    it('are refused above the limit, and lose nothing: the key lives, no other one is made, and it works an hour later', async () => {
      const ada = await world.customer();
      const id = await rotated(ada, 2);
      const before = await ada.keys();
      const refused = await rotate(ada, id);
      expect(refused.errors[0]?.extensions).toMatchObject({ code: 'TRY_AGAIN' });
      const seconds = refused.errors[0]?.extensions.retryAfterSeconds ?? 0;
      expect(seconds).toBeGreaterThan(3000);
      expect(await ada.keys()).toEqual(before);
      expect((await ada.liveKeys()).map((key) => key.id)).toEqual([id]);
      expect(await ada.call(before[0]?.value ?? '')).toEqual({ 200: 1 });
      world.forward(seconds);
      const { accessToken } = await world.signIn(ada.email);
      const later = await ada.gql(`mutation { rotateKey(keyId: "${id}") { __typename } }`, {}, world.url, accessToken);
      expect(later.data).toEqual({ rotateKey: { __typename: 'KeyRotated' } });
      expect((await ada.liveKeys()).map((key) => key.id)).not.toEqual([id]);
    });

    it('count leaving and coming back too, which would fill the account with retired keys; the first key is free', async () => {
      const ada = await world.customer();
      const [subscribe, cancel] = ['subscribe(plan: "free")', 'cancelSubscription'];
      const codes: string[] = [];
      for (let i = 0; i < 5; i++) {
        for (const mutation of [subscribe, cancel]) {
          const { errors } = await ada.gql(`mutation { ${mutation} { __typename } }`);
          if (mutation === subscribe) codes.push(errors[0]?.extensions.code ?? 'ok');
        }
        world.forward(60);
      }
      expect(codes).toEqual(['ok', 'ok', 'ok', 'TRY_AGAIN', 'TRY_AGAIN']);
      expect(await ada.keys()).toHaveLength(3);
      expect(await ada.attributes()).not.toHaveProperty('custom:plan');
    });

    it('sent again for a key that is replaced already are answered, and do not count', async () => {
      const ada = await world.customer();
      const first = (await ada.subscribe('free')).key?.id ?? '';
      const second = (await rotate(ada, first)).data?.rotateKey.key?.id;
      world.forward(60);
      for (let i = 0; i < 3; i++) expect((await rotate(ada, first)).data?.rotateKey.key?.id).toBe(second);
      world.forward(60);
      expect((await rotate(ada, second ?? '')).errors).toEqual([]);
    });

    it('that AWS did not carry out do not count: the customer was told to try again, and may', async () => {
      const ada = await world.customer();
      const id = await rotated(ada, 0);
      world.sandbox.habits.addFault({ operation: 'CreateApiKey', kind: 'before' });
      for (let i = 0; i < 4; i++) expect((await rotate(ada, id)).errors[0]?.extensions.code).toBe('TRY_AGAIN');
      world.sandbox.habits.clearFaults();
      world.forward(60);
      expect((await rotate(ada, id)).errors).toEqual([]);
    });

    it('are refused above a day’s limit too, with the seconds until the first of them is a day ago', async () => {
      const ada = await world.customer();
      const id = await rotated(ada, 2);
      world.forward(3600);
      const later = await world.signIn(ada.email);
      const third = (await rotate(later, id)).data?.rotateKey.key?.id ?? '';
      const { code, retryAfterSeconds } = (await rotate(later, third)).errors[0]?.extensions ?? {};
      expect(code).toBe('TRY_AGAIN');
      expect(retryAfterSeconds).toBeGreaterThan(82_000);
      expect((await ada.liveKeys()).map((key) => key.id)).toEqual([third]);
      world.forward(retryAfterSeconds ?? 0);
      expect((await rotate(await world.signIn(ada.email), third)).errors).toEqual([]);
    });
  });

  describe('changes of plan', () => {
    const subscribe = async (who: Customer, plan: string) => {
      const { errors, data } = await who.gql<{ subscribe: { __typename: string } }>(
        `mutation { subscribe(plan: "${plan}") { __typename } }`,
      );
      world.forward(60); // mutations have a limit too
      return errors[0]?.extensions ?? data?.subscribe.__typename;
    };

    it('are refused above a day’s limit, and change nothing; they work again when the first is a day ago', async () => {
      const ada = await world.customer();
      const outcomes = [];
      for (const plan of ['free', 'basic', 'free', 'basic']) outcomes.push(await subscribe(ada, plan));
      expect(outcomes).toEqual(Array(4).fill('SubscriptionChanged'));
      const before = await ada.keys();
      const refused = await subscribe(ada, 'free');
      expect(refused).toMatchObject({ code: 'TRY_AGAIN', retryAfterSeconds: expect.any(Number) });
      const { retryAfterSeconds = 0 } = refused as { retryAfterSeconds?: number };
      expect(retryAfterSeconds).toBeGreaterThan(86_000);
      expect(await ada.keys()).toEqual(before);
      expect(await ada.attributes()).toMatchObject({ 'custom:plan': 'basic' });
      world.forward(retryAfterSeconds);
      expect(await subscribe(await world.signIn(ada.email), 'free')).toBe('SubscriptionChanged');
      expect(await ada.attributes()).toMatchObject({ 'custom:plan': 'free' });
    });

    it('do not count what changes none: the first subscription, repeats, what is refused, what AWS did not record', async () => {
      const ada = await world.customer();
      expect(await subscribe(ada, 'free')).toBe('SubscriptionChanged');
      for (let i = 0; i < 4; i++) {
        expect(await subscribe(ada, 'free')).toBe('SubscriptionChanged');
        expect(await subscribe(ada, 'nonesuch')).toBe('UnknownPlan');
        world.sandbox.habits.addFault({ operation: 'AdminUpdateUserAttributes', kind: 'before' });
        expect(await subscribe(ada, 'basic')).toMatchObject({ code: 'TRY_AGAIN' });
        world.sandbox.habits.clearFaults();
      }
      const outcomes = [];
      for (const plan of ['basic', 'free', 'basic']) outcomes.push(await subscribe(ada, plan));
      expect(outcomes).toEqual(Array(3).fill('SubscriptionChanged'));
    });

    it('that AWS carries out later count once, however often they are sent again', async () => {
      const ada = await world.customer();
      await subscribe(ada, 'free');
      world.sandbox.habits.addFault({ operation: 'CreateUsagePlanKey', kind: 'before' });
      for (let i = 0; i < 4; i++) expect(await subscribe(ada, 'basic')).toBe('SubscriptionChanged');
      expect(await ada.attributes()).toMatchObject({ 'custom:plan': 'basic' });
      world.sandbox.habits.clearFaults();
      for (const plan of ['basic', 'free', 'basic']) expect(await subscribe(ada, plan)).toBe('SubscriptionChanged');
    });

    it('by admins do not count', async () => {
      const [ada, admin] = [await world.customer(), await world.admin()];
      await subscribe(ada, 'free');
      for (let i = 0; i < 6; i++) {
        const plan = i % 2 === 0 ? 'basic' : 'free';
        const assign = `mutation { assignPlan(userId: "${ada.sub}", plan: "${plan}", reason: "a test") { __typename } }`;
        expect((await as(admin, assign)).codes).toEqual([]);
        world.forward(60);
      }
      expect(await ada.attributes()).toMatchObject({ 'custom:plan': 'free' });
      const outcomes = [];
      for (const plan of ['basic', 'free', 'basic']) outcomes.push(await subscribe(ada, plan));
      expect(outcomes).toEqual(Array(3).fill('SubscriptionChanged'));
    });
  });

  describe('days of usage', () => {
    const days = (...ranges: number[]) =>
      `{ me { ${ranges.map((day) => `d${day}: dailyUsage(from: "2026-01-${10 + day}", to: "2026-02-01") { used }`).join(' ')} } }`;

    it('are refused above ten different ranges in a minute, and AWS is not asked; others go on', async () => {
      const [ada, bob] = [await world.customer(), await world.customer()];
      for (const customer of [ada, bob]) await customer.subscribe('free');
      expect((await as(ada, days(0, 1, 2, 3, 4, 5, 6, 7, 8, 9))).codes).toEqual([]);
      expect((await as(ada, '{ me { id } }')).codes).toEqual([]);
      const calls = await world.callsDuring(async () => {
        expect((await as(ada, days(10))).codes).toEqual(['TRY_AGAIN']);
      });
      expect(calls).toEqual([]);
      expect((await as(bob, days(10))).codes).toEqual([]);
      world.forward(60);
      expect((await as(ada, days(10))).codes).toEqual([]);
    });
  });

  describe('requests without a token', () => {
    const from = (address: string, headers: Record<string, string> = {}, body: unknown = PLANS) =>
      post(world.url, body, { 'x-forwarded-for': address, ...headers });

    it('are refused above the limit, by address; signed-in users of that address go on', async () => {
      const ada = await world.customer();
      expect(await codesOf(7, () => from('203.0.113.1'))).toEqual([...Array(5).fill('ok'), 'TRY_AGAIN', 'TRY_AGAIN']);
      expect(await codesOf(1, () => from('203.0.113.2'))).toEqual(['ok']);
      const token = { authorization: `Bearer ${ada.accessToken}` };
      expect(await codesOf(9, () => from('203.0.113.1', token))).toEqual(Array(9).fill('ok'));
      world.forward(60);
      expect(await codesOf(1, () => from('203.0.113.1'))).toEqual(['ok']);
    });

    it.each([
      ['/%67raphql', '203.0.113.11'],
      ['/graphq%6C', '203.0.113.12'],
      ['/graphql#x', '203.0.113.13'],
      ['/graphql?x', '203.0.113.14'],
      ['http://x/graphql', '203.0.113.15'],
    ])('count as well where they are sent to %s', async (target, address) => {
      const codes: string[] = [];
      for (let i = 0; i < 6; i++)
        codes.push(/"code":"(TRY_AGAIN)"/.exec(await sentTo(world, target, address))?.[1] ?? 'ok');
      expect(codes).toEqual([...Array(5).fill('ok'), 'TRY_AGAIN']);
    });

    it('count also when what they hold is garbage: a bad token, a document that does not parse, no document', async () => {
      const ada = await world.customer();
      const forged = new Forger(world.sandbox, ada.sub, ada.username).signedByAStranger();
      await codesOf(2, () => from('203.0.113.3', { authorization: `Bearer ${forged}` }));
      await codesOf(2, () => from('203.0.113.3', {}, { query: '{' }));
      await codesOf(1, () => from('203.0.113.3', {}, '{'));
      expect(await codesOf(1, () => from('203.0.113.3'))).toEqual(['TRY_AGAIN']);
    });

    it('count for the network of an IPv6 address, not for each of its 2^64', async () => {
      let host = 0;
      const codes = await codesOf(6, () => from(`2001:db8:1:2::${++host}`));
      expect(codes).toEqual([...Array(5).fill('ok'), 'TRY_AGAIN']);
      expect(await codesOf(1, () => from('2001:db8:1:3::1'))).toEqual(['ok']);
    });

    it('are refused in the body for JSON, and by status and header for GraphQL’s own media type', async () => {
      await codesOf(5, () => from('203.0.113.4'));
      const [json, graphql] = [await from('203.0.113.4'), await from('203.0.113.4', { accept: GRAPHQL_TYPE })];
      expect([json.status, json.headers.get('retry-after'), json.codes]).toEqual([200, null, ['TRY_AGAIN']]);
      expect([graphql.status, graphql.codes]).toEqual([503, ['TRY_AGAIN']]);
      expect(Number(graphql.headers.get('retry-after'))).toBe(json.errors[0]?.extensions.retryAfterSeconds);
    });

    it('cannot pretend to come from elsewhere: only what the proxy itself added counts', async () => {
      let made = 0;
      const codes = await codesOf(6, () => from(`198.51.100.${++made}, 203.0.113.5`));
      expect(codes).toEqual([...Array(5).fill('ok'), 'TRY_AGAIN']);
    });

    it('for health, and a browser’s question before a request, are never refused', async () => {
      const headers = { 'x-forwarded-for': '203.0.113.6' };
      const preflight = { ...headers, origin: 'https://www.example.com', 'access-control-request-method': 'POST' };
      for (let i = 0; i < 9; i++) {
        expect((await fetch(`${world.url}/healthz`, { headers })).status).toBe(200);
        expect((await fetch(`${world.url}/readyz`, { headers })).status).toBe(200);
        await fetch(`${world.url}/graphql`, { method: 'OPTIONS', headers: preflight });
      }
      expect(await codesOf(1, () => from('203.0.113.6'))).toEqual(['ok']);
    });
  });

  it('shows in the metrics, by limit', async () => {
    const text = await world.app.get(Metrics, { strict: false }).registry.metrics();
    for (const limit of [
      'mutations',
      'admin-mutations',
      'rotations',
      'daily-rotations',
      'plan-changes',
      'daily-usage',
      'anonymous',
    ]) {
      expect(text).toMatch(new RegExp(`turnpike_limited_total\\{limit="${limit}"\\} [1-9]`));
    }
  });
});

describe('threats §4, per-address limit without TRUST_PROXY', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({ LIMIT_ANONYMOUS_PER_MINUTE: '5' });
  });
  afterAll(() => world.close());

  it('believes no header about the address, and says once in the log what to set', async () => {
    let made = 0;
    const send = () => post(world.url, PLANS, { 'x-forwarded-for': `203.0.113.${++made}` });
    expect(await codesOf(7, send)).toEqual([...Array(5).fill('ok'), 'TRY_AGAIN', 'TRY_AGAIN']);
    expect(world.log.lines.filter((line) => line.includes('TRUST_PROXY'))).toHaveLength(1);
  });
});

describe('threats §4, limits of several processes with one Redis', () => {
  if (skipping('limits of several processes', redisIsMissing)) {
    it.skip(`is not here: ${redisIsMissing}`, () => {});
    return;
  }

  const warnings: unknown[] = [];
  let redis: RedisServer;
  const connections: RedisConnection[] = [];
  beforeAll(async () => {
    const note = (message: unknown) => warnings.push(message);
    Logger.overrideLogger({ log: () => {}, error: note, warn: note });
    redis = await RedisServer.start();
  });
  afterEach(() => {
    for (const connection of connections.splice(0)) connection.onApplicationShutdown();
  });
  afterAll(async () => {
    await redis.kill();
    Logger.overrideLogger(true);
  });

  async function process(): Promise<Counts> {
    const clock = new Clock();
    const config = Config.read(environment('http://127.0.0.1:9', { REDIS_URL: redis.url }));
    const connection = new RedisConnection(config, clock, new Metrics(clock));
    connections.push(connection);
    await connection.onModuleInit();
    return new Counts(clock, connection);
  }

  const limit = { name: 'mutations', most: 3, seconds: 60 };
  const taken = async (counts: Counts, who: string) => (await counts.count(limit, who)).isCounted;

  it('hold over all of them together, and tell how long to wait', async () => {
    const [one, two] = [await process(), await process()];
    expect([await taken(one, 'ada'), await taken(two, 'ada'), await taken(one, 'ada')]).toEqual([true, true, true]);
    const count = await two.count(limit, 'ada');
    if (count.isCounted) throw new Error('a fourth was let through');
    expect(count.waitMilliseconds).toBeGreaterThan(50_000);
    expect(count.waitMilliseconds).toBeLessThanOrEqual(60_000);
    expect(await taken(two, 'bob')).toBe(true);
  });

  it('have room again, in all of them, for what was given back', async () => {
    const [one, two] = [await process(), await process()];
    const counts = [await one.count(limit, 'eve'), await one.count(limit, 'eve'), await one.count(limit, 'eve')];
    expect(await taken(two, 'eve')).toBe(false);
    if (counts[1]?.isCounted) await counts[1].giveBack();
    expect([await taken(two, 'eve'), await taken(one, 'eve')]).toEqual([true, false]);
  });

  it('go on without Redis: nobody is refused for that, what each has counted itself holds, one line in each log', async () => {
    const [one, two] = [await process(), await process()];
    expect([await taken(one, 'mia'), await taken(one, 'mia')]).toEqual([true, true]);
    warnings.length = 0;
    await redis.kill();
    expect([await taken(one, 'mia'), await taken(one, 'mia')]).toEqual([true, false]);
    expect([await taken(two, 'mia'), await taken(two, 'mia'), await taken(two, 'mia')]).toEqual([true, true, true]);
    expect(await taken(two, 'mia')).toBe(false);
    expect(warnings.filter((warning) => JSON.stringify(warning).includes('Out of reach'))).toHaveLength(2);
  });
});
