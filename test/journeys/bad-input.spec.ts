import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetApiKeysCommand } from '@aws-sdk/client-api-gateway';
import {
  AdminDeleteUserCommand,
  AdminDisableUserCommand,
  CognitoIdentityProviderClient,
  InitiateAuthCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Clock } from '../../src/clock.js';
import { CLIENT_ID, REGION, USER_POOL_ID, USERS } from '../../src/sandbox/seed.js';
import { Sandbox } from '../../src/sandbox/server.js';
import type { Customer, GraphqlError } from '../support/customer.js';
import { tokensOf } from '../support/tokens.js';
import { claimsOf, environment, startApp, World } from '../support/world.js';

const SUBSCRIBE = 'mutation { subscribe(plan: "free") { __typename ... on Problem { code } } }';
const ME = '{ me { id } }';
const LEAKS = /\bat .+:\d+:\d+|node_modules|\.(ts|js):\d|\/src\/|\/dist\/|file:\/\/|[A-Za-z]+Error:|arn:aws|custom:/;

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly errors: readonly GraphqlError[];
  readonly data: unknown;
}

/** Sends anything, and holds every refusal to the one form: JSON, a code, a message, and nothing of our insides. */
async function send(url: string, request: RequestInit): Promise<Answer> {
  const reply = await fetch(url, request);
  const text = await reply.text();
  expect(reply.headers.get('content-type')).toMatch(/^application\/(graphql-response\+)?json/);
  expect(text).not.toMatch(LEAKS);
  expect(text.length).toBeLessThan(4000);
  const { errors = [], data = null } = JSON.parse(text) as { errors?: GraphqlError[]; data?: unknown };
  for (const error of errors) {
    expect(error).toMatchObject({ message: expect.stringMatching(/\S/), extensions: { code: expect.any(String) } });
  }
  return { status: reply.status, text, errors, data };
}

const JSON_HEADERS = { 'content-type': 'application/json' };
const codesOf = ({ errors }: Answer) => errors.map(({ extensions }) => extensions.code);
const bearer = (token: string | null) => ({ ...JSON_HEADERS, authorization: `Bearer ${token}` });
const post = (url: string, body: unknown, headers: Record<string, string> = JSON_HEADERS) =>
  send(`${url}/graphql`, { method: 'POST', headers, body: typeof body === 'string' ? body : JSON.stringify(body) });

describe('what cannot be answered', () => {
  let world: World;
  let ada: Customer;
  beforeAll(async () => {
    world = await World.start();
    ada = await world.customer();
    await ada.me();
  });
  afterAll(() => world.close());

  const nothingWasMade = async () => {
    expect(await ada.keys()).toEqual([]);
    expect((await ada.attributes())['custom:plan']).toBeUndefined();
  };

  describe('for lack of a good token', () => {
    const withPart = (index: number, change: (part: string) => string) => () =>
      (ada.accessToken ?? '')
        .split('.')
        .map((part, at) => (at === index ? change(part) : part))
        .join('.');
    const withClaims = (claims: Record<string, unknown>) =>
      withPart(1, (part) =>
        Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(part, 'base64url').toString()), ...claims })).toString(
          'base64url',
        ),
      );
    const withHeader = (header: Record<string, unknown>) =>
      withPart(0, () => Buffer.from(JSON.stringify(header)).toString('base64url'));
    const ofOtherPool = async () => {
      const pool = { id: 'us-east-1_OtherPool', name: 'other' };
      await world.sandbox.cognito.seedPool(pool);
      world.sandbox.cognito.seedClient({ poolId: pool.id, clientId: 'otherpoolclient00000000001' });
      await world.sandbox.cognito.seedUser({ poolId: pool.id, username: 'eve@example.com', password: 'Test-Passw0rd' });
      return tokensOf(world, 'eve@example.com', 0, pool.id, 'otherpoolclient00000000001').AccessToken;
    };
    const ofOtherClient = () => {
      world.sandbox.cognito.seedClient({ poolId: USER_POOL_ID, clientId: 'otherclient000000000000001' });
      return tokensOf(world, ada.username, 0, USER_POOL_ID, 'otherclient000000000000001').AccessToken;
    };

    const tokens: [string, () => string | Promise<string>][] = [
      ['expired an hour ago', () => tokensOf(world, ada.username, 7200).AccessToken],
      ['of another pool', ofOtherPool],
      ['of another client of the pool', ofOtherClient],
      ['an ID token', () => ada.idToken],
      ['with another sub put in', withClaims({ sub: '00000000-0000-0000-0000-000000000000' })],
      ['with the admin group put in', withClaims({ 'cognito:groups': ['admin'] })],
      ['with a later expiry put in', withClaims({ exp: 4_102_444_800 })],
      ['without a signature', withPart(2, () => '')],
      ['with a signature of noise', withPart(2, (part) => part.split('').reverse().join(''))],
      ['of algorithm none', withHeader({ alg: 'none', typ: 'JWT' })],
      ['of algorithm HS256', withHeader({ alg: 'HS256', kid: 'x' })],
      ['of an unknown key', withHeader({ alg: 'RS256', kid: 'unknown' })],
      ['of a prototype for a key', withHeader({ alg: 'RS256', kid: '__proto__' })],
      ['of one part', () => 'notatoken'],
      ['of three dots', () => '...'],
      ['of JSON that is none', () => `${Buffer.from('{').toString('base64url')}.e30.e30`],
      ['of 12 KB', () => 'a'.repeat(12_000)],
    ];

    it.each([['none at all', undefined], ...tokens])('refuses a token %s', async (_, make) => {
      const headers = make ? bearer(await make()) : JSON_HEADERS;
      for (const query of [ME, SUBSCRIBE]) {
        const answer = await post(world.url, { query }, headers);
        expect(answer).toMatchObject({ status: 200, data: null });
        expect(codesOf(answer)).toEqual(['UNAUTHENTICATED']);
      }
      await nothingWasMade();
    });

    it.each([
      ['empty', ''],
      ['of another scheme', 'Basic YWRhOnNlY3JldA=='],
      ['a scheme alone', 'Bearer'],
      ['of two tokens', 'Bearer a.b.c, Bearer d.e.f'],
      ['with a tab', 'Bearer\ta.b.c'],
      ['of noise', '\u00ff\u00fe{}<>'],
    ])('refuses an authorization header that is %s', async (_, authorization) => {
      expect(codesOf(await post(world.url, { query: ME }, { ...JSON_HEADERS, authorization }))).toEqual([
        'UNAUTHENTICATED',
      ]);
    });

    it('refuses a bad token where none is needed, so that a stale session is noticed', async () => {
      const { accessToken } = ada;
      const query = '{ plans { code } }';
      expect(codesOf(await post(world.url, { query }, bearer(`${accessToken}x`)))).toEqual(['UNAUTHENTICATED']);
      expect(codesOf(await post(world.url, { query }))).toEqual([]);
    });

    it('refuses a header that is far too long', async () => {
      const reply = await fetch(`${world.url}/graphql`, {
        method: 'POST',
        headers: bearer('a'.repeat(20_000)),
        body: JSON.stringify({ query: ME }),
      });
      expect(reply.status).toBe(431);
    });

    it('goes on with good tokens after a flood of bad ones', async () => {
      const unknownKeys = Array.from({ length: 20 }, (_, i) => withHeader({ alg: 'RS256', kid: `unknown-${i}` })());
      await Promise.all(unknownKeys.map((token) => post(world.url, { query: ME }, bearer(token))));
      expect((await post(world.url, { query: ME }, bearer(ada.accessToken))).data).toEqual({ me: { id: ada.sub } });
    });
  });

  describe('for the state of the user', () => {
    it('refuses changes by a user who was deleted, although the token is still good', async () => {
      const eve = await world.customer();
      await world.cognito.send(new AdminDeleteUserCommand({ UserPoolId: USER_POOL_ID, Username: eve.username }));
      for (const query of [SUBSCRIBE, 'mutation { cancelSubscription { __typename } }', ME]) {
        expect(codesOf(await post(world.url, { query }, bearer(eve.accessToken)))).toEqual(['UNAUTHENTICATED']);
      }
      expect(await eve.keys()).toEqual([]);
    });

    it('refuses changes by a user who was disabled', async () => {
      const eve = await world.customer();
      await world.cognito.send(new AdminDisableUserCommand({ UserPoolId: USER_POOL_ID, Username: eve.username }));
      const answer = await post(world.url, { query: SUBSCRIBE }, bearer(eve.accessToken));
      expect([answer.data, codesOf(answer)]).toEqual([null, ['FORBIDDEN']]);
      expect(await eve.keys()).toEqual([]);
    });
  });

  describe('for its form', () => {
    const query = (text: string, headers = bearer(ada.accessToken)) => post(world.url, { query: text }, headers);

    const bodies: [string, string, Record<string, string>][] = [
      ['no JSON', '{"query":', {}],
      ['empty', '', {}],
      ['a JSON string', '"query"', {}],
      ['JSON null', 'null', {}],
      ['an array of requests', JSON.stringify([{ query: SUBSCRIBE }, { query: SUBSCRIBE }]), {}],
      ['without a query', '{}', {}],
      ['with a query that is no text', '{"query":{"a":1}}', {}],
      ['with variables that are no object', JSON.stringify({ query: SUBSCRIBE, variables: 'x' }), {}],
      ['with __proto__', `{"__proto__":{"query":${JSON.stringify(SUBSCRIBE)}}}`, {}],
      ['a form', `query=${encodeURIComponent(SUBSCRIBE)}`, { 'content-type': 'application/x-www-form-urlencoded' }],
      ['text', JSON.stringify({ query: SUBSCRIBE }), { 'content-type': 'text/plain' }],
      ['of no named type', JSON.stringify({ query: SUBSCRIBE }), { 'content-type': '' }],
      ['of a type that is none', JSON.stringify({ query: SUBSCRIBE }), { 'content-type': 'garbage' }],
      ['XML', '<query/>', { 'content-type': 'application/xml' }],
      ['of 2 MB', JSON.stringify({ query: SUBSCRIBE, variables: { filler: 'x'.repeat(2_000_000) } }), {}],
    ];

    it.each(bodies)('refuses a body that is %s', async (_, body, headers) => {
      const answer = await post(world.url, body, { ...bearer(ada.accessToken), ...headers });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
      expect(codesOf(answer)).toEqual([expect.stringMatching(/^(BAD_REQUEST|BAD_USER_INPUT|GRAPHQL_PARSE_FAILED)$/)]);
      await nothingWasMade();
    });

    it.each([
      ['a form', 'application/x-www-form-urlencoded', `query=${encodeURIComponent(SUBSCRIBE)}`],
      ['text', 'text/plain', JSON.stringify({ query: SUBSCRIBE })],
      ['a multipart form', 'multipart/form-data; boundary=x', '--x--'],
    ])('refuses %s also with a preflight header', async (_, type, body) => {
      const headers = { ...bearer(ada.accessToken), 'content-type': type, 'apollo-require-preflight': 'true' };
      expect(codesOf(await post(world.url, body, headers))).toEqual(['BAD_REQUEST']);
      await nothingWasMade();
    });

    it.each([
      ['as another site’s page could send it', {}],
      ['with a preflight header', { 'apollo-require-preflight': 'true' }],
      ['with a JSON type', JSON_HEADERS],
    ])('refuses a mutation by GET, %s', async (_, headers) => {
      const url = `${world.url}/graphql?query=${encodeURIComponent(SUBSCRIBE)}`;
      const answer = await send(url, { headers: { authorization: `Bearer ${ada.accessToken}`, ...headers } });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(codesOf(answer)).toHaveLength(1);
      await nothingWasMade();
    });

    const aliases = (count: number, field: string) =>
      Array.from({ length: count }, (_, i) => `a${i}: ${field}`).join(' ');

    it.each([
      ['two mutations', `mutation { ${aliases(2, 'subscribe(plan: "free") { __typename }')} }`],
      [
        'two mutations in a fragment',
        'mutation { ...F } fragment F on Mutation { a: revealKey { __typename } b: revealKey { __typename } }',
      ],
      [
        'a mutation and its like under another name',
        `mutation { subscribe(plan: "free") { __typename } b: cancelSubscription { __typename } }`,
      ],
      ['200 mutations', `mutation { ${aliases(200, 'subscribe(plan:"free"){__typename}')} }`],
      ['no mutation but its type’s name many times', `mutation { ${aliases(3, '__typename')} }`],
    ])('refuses %s in one request', async (_, text) => {
      const answer = await query(text);
      expect(answer.data).toBeNull();
      expect(codesOf(answer)).toEqual([expect.stringMatching(/^(BAD_USER_INPUT|GRAPHQL_(PARSE|VALIDATION)_FAILED)$/)]);
      await nothingWasMade();
    });

    it('refuses fields that do not exist, and suggests nothing of the schema', async () => {
      for (const text of [
        '{ mee { id } }',
        '{ me { subscriptio { planCode } } }',
        'mutation { subscrib(plan: "x") { __typename } }',
      ]) {
        const answer = await query(text);
        expect(codesOf(answer)).toEqual(['GRAPHQL_VALIDATION_FAILED']);
        expect(answer.text).not.toMatch(/did you mean|subscription|"me"/i);
      }
    });

    it('refuses wrong and missing arguments without saying which there are', async () => {
      for (const text of [
        'mutation { subscribe(plam: "free") { __typename } }',
        'mutation { subscribe { __typename } }',
      ]) {
        const answer = await query(text);
        expect(codesOf(answer)[0]).toBe('GRAPHQL_VALIDATION_FAILED');
        expect(answer.text).not.toMatch(/did you mean/i);
      }
    });

    it.each([
      ['of more than 1,000 tokens', `{ ${aliases(400, 'plans { code }')} }`],
      ['of 200 levels', `${'{ me '.repeat(200)}${'}'.repeat(200)}`],
      ['of 5,000 directives', `{ plans ${'@a '.repeat(5000)} { code } }`],
      ['of 300 unknown directives', `{ plans ${'@a '.repeat(300)} { code } }`],
      ['of one directive 140 times', `{ plans ${'@include(if: true) '.repeat(140)} { code } }`],
      ['of 300 unknown fields', `{ ${Array.from({ length: 300 }, (_, i) => `f${i}`).join(' ')} }`],
      ['of 101 other names for one thing', `{ ${aliases(101, '__typename')} }`],
      ['of 5,000 equal fields', `{ ${'__typename '.repeat(5000)} }`],
      ['of fragments in a circle', '{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }'],
      ['of unfinished text', '{ plans { code '],
      ['of two operations without a name', '{ plans { code } } { plans { code } }'],
      ['that is a subscription', 'subscription { plans { code } }'],
      ['that is empty', ''],
    ])('refuses a query %s, shortly', async (_, text) => {
      const answer = await query(text);
      expect(answer.errors.length).toBeGreaterThan(0);
      expect(answer.errors.length).toBeLessThanOrEqual(5);
      expect(answer.data).toBeNull();
      for (const code of codesOf(answer)) expect(code).toMatch(/^(BAD_|GRAPHQL_|OPERATION_)/);
    });

    it('takes no query by its hash, neither to run nor to remember', async () => {
      const persistedQuery = { version: 1, sha256Hash: createHash('sha256').update(SUBSCRIBE).digest('hex') };
      const extensions = { persistedQuery };
      for (const body of [{ extensions }, { query: SUBSCRIBE, extensions }]) {
        const answer = await post(world.url, body, bearer(ada.accessToken));
        expect([answer.data, codesOf(answer)]).toEqual([null, ['PERSISTED_QUERY_NOT_SUPPORTED']]);
      }
      await nothingWasMade();
    });

    it('tells users nothing of the schema by introspection', async () => {
      const answer = await query('{ __schema { types { name } } }');
      expect([answer.data, codesOf(answer)]).toEqual([null, ['FORBIDDEN']]);
    });

    it.each(['/nothing', '/graphql/', '/graphiql/', '/graphiql/..%2f..%2fpackage.json', '/%ff', '/healthz/x'])(
      'answers a path that is none in the same form: %s',
      async (path) => {
        const answer = await send(`${world.url}${path}`, {});
        expect(answer.status).toBeGreaterThanOrEqual(400);
        expect(answer.status).toBeLessThan(500);
        expect(codesOf(answer)).toHaveLength(1);
      },
    );

    it('refuses other methods', async () => {
      for (const method of ['PUT', 'DELETE', 'PATCH']) {
        const answer = await send(`${world.url}/graphql`, { method, headers: JSON_HEADERS, body: '{}' });
        expect(answer.status).toBeGreaterThanOrEqual(400);
        expect(answer.status).toBeLessThan(500);
      }
    });
  });
});

/** The server's time, which can run ahead. */
class Ahead extends Clock {
  milliseconds = 0;

  override now(): Date {
    return new Date(Date.now() + this.milliseconds);
  }
}

describe('while AWS is out of reach', () => {
  const clock = new Ahead();
  const directory = mkdtempSync(join(tmpdir(), 'turnpike-'));
  let sandbox: Sandbox;
  let server: Awaited<ReturnType<typeof startApp>>;
  let token: string;
  let username: string;
  beforeAll(async () => {
    sandbox = await Sandbox.start({ port: 0, directory });
    server = await startApp(environment(sandbox.url), clock);
    const [{ username: email, password }] = USERS;
    const cognito = new CognitoIdentityProviderClient({ region: REGION, endpoint: sandbox.url });
    const { AuthenticationResult } = await cognito.send(
      new InitiateAuthCommand({
        AuthFlow: 'USER_PASSWORD_AUTH',
        ClientId: CLIENT_ID,
        AuthParameters: { USERNAME: email, PASSWORD: password },
      }),
    );
    cognito.destroy();
    token = AuthenticationResult?.AccessToken ?? '';
    username = String(claimsOf(token).username);
  });
  afterAll(async () => {
    await server.app.close();
    await sandbox.close();
    rmSync(directory, { recursive: true });
  });

  const ask = (query: string) => post(server.url, { query }, bearer(token));

  it('says so with a time to wait, stays alive, and works again as before when AWS is back', async () => {
    const first = await ask('mutation { subscribe(plan: "free") { ... on SubscriptionChanged { key { id } } } }');
    const { port } = sandbox;
    await sandbox.close();

    const startedAt = Date.now();
    for (const query of [SUBSCRIBE, 'mutation { revealKey { __typename } }', '{ me { subscription { planCode } } }']) {
      const answer = await ask(query);
      expect([answer.status, answer.data]).toEqual([200, null]);
      expect(answer.errors).toEqual([
        expect.objectContaining({ extensions: { code: 'TRY_AGAIN', retryAfterSeconds: expect.any(Number) } }),
      ]);
    }
    expect(Date.now() - startedAt).toBeLessThan(6000);
    expect(server.log.lines.filter((line) => line.includes('FAULT') || line.includes('Fault'))).toEqual([]);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);

    sandbox = await Sandbox.start({ port, directory });
    clock.milliseconds += 30_000; // as long as AWS is left alone at most
    const again = await ask('mutation { subscribe(plan: "free") { ... on SubscriptionChanged { key { id } } } }');
    expect(again.data).toEqual(first.data);
    const { me } = (await ask('{ me { username subscription { planCode state } } }')).data as { me: unknown };
    expect(me).toEqual({ username, subscription: { planCode: 'free', state: 'ACTIVE' } });
    expect(sandbox.gateway.apiKeys.operations.GetApiKeys(new GetApiKeysCommand({}).input).items).toHaveLength(1);
  });
});
