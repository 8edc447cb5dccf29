import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { buildSchema } from 'graphql';
import type { AuditEvent } from '../../src/audit/audit-event.js';
import { AwsUnavailableError } from '../../src/aws/failures.js';
import { UserDirectory } from '../../src/aws/user-directory.js';
import { eventsOf, NOBODY, onlyEventOf, type Request, requestsOf } from '../support/audit.js';
import type { Customer, GraphqlReply } from '../support/customer.js';
import { keyOf } from '../support/outcomes.js';
import { World } from '../support/world.js';

const SCHEMA = buildSchema(readFileSync(fileURLToPath(new URL('../../schema.gql', import.meta.url)), 'utf8'));
const REQUESTS = requestsOf(SCHEMA);
const ROWS = REQUESTS.map((request) => [request.name, request] as const);
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

type Typename = Record<string, { __typename: string }>;

/** What the caller was shown, in the words of an event. */
function shown({ data, errors }: GraphqlReply<Typename>): string | undefined {
  const code = errors[0]?.extensions.code;
  return code === 'INTERNAL_SERVER_ERROR' ? 'FAULT' : (code ?? Object.values(data ?? {})[0]?.__typename);
}

describe('every mutation in the schema leaves exactly one event', () => {
  let world: World;
  let ada: Customer;
  let root: Customer;
  beforeAll(async () => {
    world = await World.start();
    [ada, root] = [await world.customer(), await world.admin()];
  });
  afterEach(() => void jest.restoreAllMocks());
  afterAll(() => world.close());

  /** Sends it, and holds the one event to what the caller was shown. */
  async function sent(who: Customer, { name, query, variables }: Request, token = who.accessToken) {
    let reply: GraphqlReply<Typename> | undefined;
    const event = await onlyEventOf(world, async () => {
      reply = await who.gql<Typename>(query, variables, world.url, token);
    });
    expect(event).toMatchObject({ version: 1, mutation: name, address: '127.0.0.1', userAgent: 'node' });
    expect([event.id, event.correlationId]).toEqual([expect.stringMatching(UUID), expect.stringMatching(UUID)]);
    expect(reply && shown(reply)).toBe(event.outcome);
    expect(event.reference).toBe(reply?.errors[0]?.extensions.reference ?? null);
    return event;
  }

  const asks = (name: string) => REQUESTS.find((request) => request.name === name)?.args.map((arg) => arg.name) ?? [];

  it('knows some mutations to look at', () => {
    expect(REQUESTS.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['cancelSubscription', 'revealKey', 'revokeKey', 'rotateKey', 'subscribe']),
    );
  });

  it.each(ROWS)('%s, as an admin sends it', async (_, request) => {
    const event = await sent(root, request);
    expect(event.actor).toEqual({ sub: root.sub, username: root.username, isAdmin: true });
    const names = asks(request.name);
    const target = names.includes('userId') ? NOBODY : names.includes('reason') ? null : root.sub;
    expect([event.target, event.reason]).toEqual([target, names.includes('reason') ? 'something' : null]);
  });

  it.each(ROWS)('%s, as a customer sends it', async (_, request) => {
    const event = await sent(ada, request);
    expect(event.actor).toEqual({ sub: ada.sub, username: ada.username, isAdmin: false });
    if (asks(request.name).includes('reason')) expect(event.outcome).toBe('FORBIDDEN');
  });

  it.each(ROWS)('%s, without a token and with a bad one', async (_, request) => {
    for (const token of [null, 'x.y.z']) {
      const event = await sent(ada, request, token);
      expect([event.outcome, event.actor]).toEqual(['UNAUTHENTICATED', null]);
      expect([event.before, event.after, event.awsRequestIds]).toEqual([null, null, []]);
    }
  });

  it.each(ROWS.filter(([, { args }]) => args.length > 0))('%s, with each argument malformed', async (_, request) => {
    for (const { name } of request.args) {
      const variables = { ...request.variables, [name]: { not: ['a', 'value'] } };
      const event = await sent(ada, { ...request, variables });
      expect(event).toMatchObject({ outcome: 'BAD_USER_INPUT', actor: { sub: ada.sub }, before: null, after: null });
    }
  });

  it.each(ROWS.filter(([, { args }]) => args.some(({ defaultValue }) => defaultValue === undefined)))(
    '%s, with an argument missing',
    async (_, request) => expect((await sent(ada, { ...request, variables: {} })).outcome).toBe('BAD_USER_INPUT'),
  );

  it.each(ROWS)('%s, twice in one request', async (_, request) => {
    const twice = request.query.replace(
      /\{ (.*) \{ __typename \} \}$/,
      '{ a: $1 { __typename } b: $1 { __typename } }',
    );
    expect(twice).not.toBe(request.query);
    const event = await onlyEventOf(world, () => ada.gql(twice, request.variables));
    expect(event).toMatchObject({ mutation: `${request.name}, ${request.name}`, outcome: 'BAD_USER_INPUT' });
    expect(event.actor?.sub).toBe(ada.sub);
  });

  it.each(ROWS)('%s, while AWS is out of reach', async (_, request) => {
    const down = jest.spyOn(world.app.get(UserDirectory), 'find');
    down.mockRejectedValue(new AwsUnavailableError('AdminGetUser', 2));
    const event = await sent(root, request);
    if (down.mock.calls.length > 0) expect(event.outcome).toBe('TRY_AGAIN');
  });

  it.each(ROWS)('%s, when something breaks that nobody foresaw', async (_, request) => {
    const broken = jest.spyOn(world.app.get(UserDirectory), 'find').mockRejectedValue(new Error('secret insides'));
    const event = await sent(root, request);
    if (broken.mock.calls.length === 0) return expect(event.outcome).not.toBe('FAULT');
    expect(event).toMatchObject({ outcome: 'FAULT', reference: expect.stringMatching(UUID) });
    expect(JSON.stringify(event)).not.toContain('insides');
    expect(world.log.text).toContain(`"reference":"${event.reference}"`);
  });

  it('while AWS hangs', async () => {
    world.sandbox.habits.addFault({ operation: 'AdminGetUser', kind: 'hang' });
    const event = await onlyEventOf(world, () => ada.subscribe('free').catch(() => null));
    world.sandbox.habits.clearFaults();
    expect(event).toMatchObject({ mutation: 'subscribe', outcome: 'TRY_AGAIN', before: null, after: null });
  });
});

describe('an event', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
  });
  afterAll(() => world.close());

  it('tells what a customer had before, and has after: through a whole life', async () => {
    const ada = await world.customer();
    const none = { plan: null, suspension: null, grantedCalls: 0, keyId: null };
    const did = (work: () => Promise<unknown>) => onlyEventOf(world, work);

    const subscribed = await did(() => ada.subscribe('free'));
    const [first] = await ada.keys();
    const active = { plan: 'free', suspension: null, grantedCalls: 0, state: 'ACTIVE', keyId: first?.id };
    expect(subscribed).toMatchObject({ outcome: 'SubscriptionChanged', subject: { plan: 'free' }, target: ada.sub });
    expect([subscribed.before, subscribed.after]).toEqual([none, { ...active, overlappingKeyId: null }]);

    const rotated = await did(() => ada.rotate(first?.id ?? '', 600));
    const [second] = await ada.keys();
    expect(rotated).toMatchObject({ outcome: 'KeyRotated', subject: { keyId: first?.id, graceSeconds: 600 } });
    expect(rotated.before).toEqual({ plan: 'free', suspension: null, grantedCalls: 0, keyId: first?.id });
    expect(rotated.after).toEqual({ ...active, keyId: second?.id, overlappingKeyId: first?.id });
    expect(rotated.keyIds).toEqual([first?.id, second?.id]);

    const revoked = await did(() => ada.revoke(first?.id ?? ''));
    expect(revoked).toMatchObject({ outcome: 'KeyRevoked', after: { keyId: second?.id, overlappingKeyId: null } });
    const upgraded = await did(() => ada.subscribe('pro'));
    expect([upgraded.before?.plan, upgraded.after?.plan]).toEqual(['free', 'pro']);
    const revealed = await did(() => ada.reveal());
    expect(revealed).toMatchObject({ outcome: 'KeyRevealed', keyIds: [second?.id], after: { state: 'ACTIVE' } });
    const refused = await did(() => ada.subscribe('platinum'));
    expect(refused).toMatchObject({ outcome: 'UnknownPlan', before: { plan: 'pro' }, after: null });
    const cancelled = await did(() => ada.cancel());
    expect(cancelled).toMatchObject({
      outcome: 'SubscriptionCancelled',
      before: { plan: 'pro' },
      after: { plan: null },
    });
  });

  it('names the request that it was, as the answer and other lines of the log do', async () => {
    const ada = await world.customer();
    let header: string | null = null;
    const event = await onlyEventOf(world, async () => {
      const reply = await fetch(`${world.url}/graphql`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${ada.accessToken}`,
          'user-agent': `curl\u0009/8 ${'é'.repeat(400)}`,
          'x-correlation-id': 'chosen-by-the-caller',
        },
        body: JSON.stringify({ query: 'mutation { subscribe(plan: "free") { __typename } }' }),
      });
      header = reply.headers.get('x-correlation-id');
    });
    expect(header).toMatch(UUID);
    expect(event.correlationId).toBe(header);
    expect(event.userAgent).toMatch(/^curl \/8 .*…$/);
    expect([...(event.userAgent ?? '')]).toHaveLength(256);
    expect(event.userAgent).not.toMatch(/\p{Cc}/u);
  });

  it('has the id that AWS gave to each of its own calls, also when many customers call at once', async () => {
    const many = await Promise.all(Array.from({ length: 12 }, () => world.customer()));
    const before = eventsOf(world).length;
    const calls = await world.callsDuring(() => Promise.all(many.map((who) => who.subscribe('free'))));
    const ids = eventsOf(world)
      .slice(before)
      .map(({ awsRequestIds }) => awsRequestIds);
    expect(ids).toHaveLength(12);
    for (const own of ids) expect(own.length).toBeGreaterThanOrEqual(6);
    expect(new Set(ids.flat()).size).toBe(ids.flat().length);
    expect(ids.flat().length).toBeLessThanOrEqual(calls.length);
    expect(ids.flat()[0]).toMatch(UUID);
  });

  it('keeps a plan that stayed recorded although no key could be made', async () => {
    const ada = await world.customer();
    const taken: string[] = [];
    for (;;) {
      try {
        taken.push(String(world.sandbox.gateway.apiKeys.create({ name: 'one of many' }).id));
      } catch {
        break;
      }
    }
    const event = await onlyEventOf(world, () => ada.subscribe('free').catch(() => null));
    expect(event).toMatchObject({ outcome: 'AT_CAPACITY', before: { plan: null }, after: { plan: 'free' } });
  }, 60_000);

  it('is not made for queries, nor for what names no mutation', async () => {
    const before = eventsOf(world).length;
    const ada = await world.customer();
    await ada.me();
    for (const query of ['mutation { nothing }', 'mutation {', 'mutation { subscribe(plan: 1) { __typename } }']) {
      await ada.gql(query);
    }
    await ada.gql('mutation { __typename }');
    expect(eventsOf(world)).toHaveLength(before);
  });

  it('tells all numbers and codes of an input, however deep they stand in it', async () => {
    const request = REQUESTS.find(({ name }) => name === 'createPlan');
    const quota = { limit: 7, period: 'DAY' };
    const input = { ...Object(request?.variables.input), quota, throttle: { rateLimit: 1.5, burstLimit: 2 } };
    const event = await onlyEventOf(world, async () =>
      (await world.admin()).gql(request?.query ?? '', { ...request?.variables, input }),
    );
    expect(event.subject).toMatchObject({ ...quota, rateLimit: 1.5, burstLimit: 2, selfService: false });
  });

  it('tells what was changed of a plan: limits that were taken away, stages, and which texts, without their words', async () => {
    const root = await world.admin();
    const update = (input: object) =>
      onlyEventOf(world, () =>
        root.gql(REQUESTS.find(({ name }) => name === 'updatePlan')?.query ?? '', {
          code: 'basic',
          input,
          reason: 'a test',
        }),
      );
    expect((await update({ quota: null, throttle: null })).subject).toEqual({
      code: 'basic',
      quota: 'none',
      throttle: 'none',
    });
    const stages = ['sandboxapi:v1', 'sandboxapi:v2'];
    const texts = { title: 'Secret words', price: null, description: 'Secret words' };
    expect((await update({ ...texts, stages })).subject).toEqual({
      code: 'basic',
      title: '(text)',
      price: 'none',
      description: '(text)',
      stages: 'sandboxapi:v1 sandboxapi:v2',
    });
    expect((await update({ stages: ['sandboxapi:v1', 'Secret words'] })).subject).toEqual({
      code: 'basic',
      stages: '(malformed)',
    });
    const long = `sandboxapi:a-stage-with-a-name-of-${'many-'.repeat(18)}letters`;
    expect((await update({ stages: [long] })).subject).toEqual({ code: 'basic', stages: long });
    expect((await update({ stages: [] })).subject).toEqual({ code: 'basic', stages: 'none' });
    expect((await update({ stages: [`sandboxapi:${'Ab3'.repeat(15)}`] })).subject).toEqual({
      code: 'basic',
      stages: 'sandboxapi:[removed]',
    });
  });

  it('finds the mutation under an alias, within fragments and by operation name', async () => {
    const ada = await world.customer();
    const query = `query Q { me { id } } mutation M { ...on Mutation { ...F } }
      fragment F on Mutation { mine: subscribe(plan: "nothing") { __typename } }`;
    const event = await onlyEventOf(world, () =>
      fetch(`${world.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${ada.accessToken}` },
        body: JSON.stringify({ query, operationName: 'M' }),
      }),
    );
    expect(event).toMatchObject({ mutation: 'subscribe', outcome: 'UnknownPlan', subject: { plan: 'nothing' } });
  });
});

describe('what must not stand in an event', () => {
  it('is anything but what the schema knows: members of a caller’s own naming are refused, and leave no trace', async () => {
    const world = await World.start();
    const root = await world.admin();
    const { value } = keyOf(await root.subscribe('free'));
    const members = Array.from({ length: 2000 }, (_, number) => [`member${number}`, number]);
    const odd = { ...Object.fromEntries(members), [value]: 1, '\u202eturned': 1, toString: 'x', hasOwnProperty: 'x' };
    for (const { name, query, variables, args } of REQUESTS) {
      for (const given of [odd, members.map(() => 1)]) {
        for (const arg of args) {
          const event = await onlyEventOf(world, () => root.gql(query, { ...variables, [arg.name]: given }));
          expect(event).toMatchObject({ mutation: name, outcome: 'BAD_USER_INPUT' });
          const line = JSON.stringify(event);
          expect(line.length).toBeLessThan(1500);
          expect(line).not.toMatch(/member|turned|toString|hasOwn/);
          expect(line).not.toContain(value);
        }
      }
    }
    await world.close();
  }, 60_000);

  it('does not: keys, tokens and passwords, wherever a caller puts them', async () => {
    const world = await World.start();
    const [ada, root] = [await world.customer(), await world.admin()];
    const key = keyOf(await ada.subscribe('free'));
    const secrets = [key.value, ada.accessToken ?? '', ada.idToken, root.accessToken ?? '', 'Test-Passw0rd'];
    for (const secret of secrets) {
      for (const request of REQUESTS) {
        const texts = request.args.filter(({ type }) => /^(ID|String)!?$/.test(String(type)));
        for (const { name } of texts) {
          if (name === 'reason' && secret === 'Test-Passw0rd') continue; // words like others
          await root.gql(request.query, { ...request.variables, [name]: secret });
        }
        const headers = { 'content-type': 'application/json', authorization: secret, 'user-agent': `x ${secret}` };
        const body = JSON.stringify({ query: request.query, variables: request.variables });
        if (secret !== 'Test-Passw0rd') await fetch(`${world.url}/graphql`, { method: 'POST', headers, body });
      }
    }
    for (const { value } of [...(await ada.keys()), ...(await root.keys())]) secrets.push(value);
    const lines = eventsOf(world).map((event: AuditEvent) => JSON.stringify(event));
    await world.close();
    expect(lines.length).toBeGreaterThan(20);
    expect(lines.join()).toContain('(malformed)');
    expect(lines.join()).toContain('[removed]');
    for (const secret of secrets) expect(lines.filter((line) => line.includes(secret))).toEqual([]);
    const hashes = secrets.map((secret) => createHash('sha256').update(secret).digest('hex'));
    for (const hash of hashes) expect(lines.filter((line) => line.includes(hash))).toEqual([]);
  }, 60_000);
});
