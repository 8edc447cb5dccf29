import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { USER_POOL_ID } from '../../src/sandbox/seed.js';
import type { Customer } from '../support/customer.js';
import { Forger } from '../support/forger.js';
import { post } from '../support/post.js';
import { World } from '../support/world.js';

/*
 * What an attacker, a key that changes or an outage can do to the check of tokens. Tokens that are bad in themselves are
 * in test/journeys/tokens.spec.ts.
 */

const ME = '{ me { id } }';
const GRAPHQL_TYPE = 'application/graphql-response+json';
const now = () => Math.floor(Date.now() / 1000);

/** A server before the pool's public keys: it counts who asks, can be down or hang, and can hold keys back. */
class KeyOffice {
  isDown = false;
  isHanging = false;
  asked = 0;
  private readonly server: Server;

  /** `upstream`: where the keys are; undefined = the pool is not there yet. */
  constructor(upstream: () => string | undefined) {
    this.server = createServer(async (request, reply) => {
      this.asked++;
      if (this.isHanging) return;
      const origin = upstream();
      if (this.isDown || origin === undefined) return void reply.writeHead(503).end('down');
      const answer = await fetch(`${origin}${request.url}`);
      reply.end(await answer.text());
    });
  }

  async open(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

describe('threats §2, JWKS down, cold', () => {
  let world: World;
  let upstream: string | undefined;
  const office = new KeyOffice(() => upstream);
  let ada: Customer;
  let authorization: string;
  beforeAll(async () => {
    office.isDown = true;
    const origin = await office.open();
    world = await World.start({ COGNITO_JWKS_ORIGIN: origin, CORS_ORIGINS: 'https://www.example.com' });
    upstream = world.sandbox.url;
    ada = await world.customer();
    authorization = `Bearer ${ada.accessToken}`;
  });
  afterAll(async () => {
    office.close();
    await world.close();
  });

  it.each(['application/json', GRAPHQL_TYPE, '*/*'])(
    '503 and Retry-After for whoever sends a token, accepting %s',
    async (accept) => {
      const reply = await post(world.url, { query: ME }, { authorization, accept });
      expect([reply.status, reply.codes, reply.headers.get('retry-after')]).toEqual([503, ['TRY_AGAIN'], '5']);
      expect(reply.errors[0]?.extensions.retryAfterSeconds).toBe(5);
    },
  );

  it.each(['/healthz', '/readyz', '/graphiql/start.js', '/graphql?query={plans{code}}', '/nothing'])(
    '503 and Retry-After on every route: %s',
    async (path) => {
      const reply = await fetch(`${world.url}${path}`, { headers: { authorization } });
      expect([reply.status, reply.headers.get('retry-after')]).toEqual([503, '5']);
      expect(await reply.json()).toMatchObject({ errors: [{ extensions: { code: 'TRY_AGAIN' } }] });
    },
  );

  it('the website’s page is allowed to read that answer', async () => {
    const origin = 'https://www.example.com';
    const { status, headers } = await post(world.url, { query: ME }, { authorization, origin });
    expect([status, headers.get('access-control-allow-origin')]).toEqual([503, origin]);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('503 also for a token that is garbage: nobody can tell yet, and no mutation runs', async () => {
    const calls = await world.callsDuring(async () => {
      const query = 'mutation { subscribe(plan: "free") { __typename } }';
      for (const token of [ada.accessToken, 'a.b.c']) {
        expect((await post(world.url, { query }, { authorization: `Bearer ${token}` })).status).toBe(503);
      }
    });
    expect(calls).toEqual([]);
  });

  it('not ready, and those without a token are served what needs none', async () => {
    expect((await fetch(`${world.url}/readyz`)).status).toBe(503);
    expect((await fetch(`${world.url}/healthz`)).status).toBe(200);
    expect((await post(world.url, { query: '{ plans { code } }' })).codes).toEqual([]);
  });

  it('100 at once cause one fetch', async () => {
    world.forward(40);
    const asked = office.asked;
    const send = () => post(world.url, { query: ME }, { authorization });
    await Promise.all(Array.from({ length: 100 }, send));
    expect(office.asked - asked).toBe(1);
  });

  it('ends by itself as soon as the keys can be had', async () => {
    office.isDown = false;
    world.forward(31);
    expect((await post(world.url, { query: ME }, { authorization })).data).toEqual({ me: { id: ada.sub } });
    expect((await fetch(`${world.url}/readyz`)).status).toBe(200);
  });
});

describe('threats §2, keys that were fetched', () => {
  let world: World;
  let upstream: string | undefined;
  const office = new KeyOffice(() => upstream);
  let ada: Customer;
  beforeAll(async () => {
    const origin = await office.open();
    world = await World.start({ COGNITO_JWKS_ORIGIN: origin });
    upstream = world.sandbox.url;
  });
  beforeEach(async () => {
    office.isDown = false;
    office.isHanging = false;
    world.forward(700); // every test begins with keys too old to be trusted, and fetches them
    ada = await world.customer();
    await codeOf(); // may have waited in vain for a fetch that the test before left hanging
    world.forward(700);
    expect(await codeOf()).toBe('served');
  });
  afterEach(() => {
    office.isDown = false;
  });
  afterAll(async () => {
    office.close();
    await world.close();
  });

  async function codeOf(token = ada.accessToken): Promise<string> {
    const { data, codes } = await post(world.url, { query: ME }, { authorization: `Bearer ${token}` });
    return data ? 'served' : (codes[0] ?? 'nothing');
  }

  it('are not fetched again for five minutes, however many ask', async () => {
    const asked = office.asked;
    world.forward(299);
    for (let i = 0; i < 20; i++) await codeOf();
    expect(office.asked).toBe(asked);
  });

  it('are fetched anew after five minutes, while requests go on, even if the answer does not come', async () => {
    const asked = office.asked;
    office.isHanging = true;
    world.forward(301);
    const startedAt = performance.now();
    for (let i = 0; i < 20; i++) expect(await codeOf()).toBe('served');
    expect(performance.now() - startedAt).toBeLessThan(2500); // an unanswered fetch is given up after three seconds
    expect(office.asked).toBe(asked + 1);
  });

  it('are trusted for ten minutes: a key that was taken away is refused after that, on the first request', async () => {
    Forger.changeKeys(world.sandbox);
    world.forward(299);
    expect(await codeOf()).toBe('served');
    world.forward(302);
    expect(await codeOf()).toBe('UNAUTHENTICATED');
    expect(await codeOf((await world.signIn(ada.email)).accessToken)).toBe('served');
  });

  it('go on to serve as long as they cannot be had again, and the process stays ready', async () => {
    office.isDown = true;
    const asked = office.asked;
    for (let minutes = 0; minutes < 50; minutes += 10) {
      world.forward(600);
      for (let i = 0; i < 5; i++) expect(await codeOf()).toBe('served');
      expect((await fetch(`${world.url}/readyz`)).status).toBe(200);
    }
    expect(office.asked - asked).toBeLessThanOrEqual(10);
    const forged = new Forger(world.sandbox, ada.sub, ada.username).signedByAStranger();
    expect(await codeOf(forged)).toBe('UNAUTHENTICATED');
  });

  it('are had again after that without a restart', async () => {
    office.isDown = true;
    world.forward(601);
    expect(await codeOf()).toBe('served');
    Forger.changeKeys(world.sandbox);
    office.isDown = false;
    world.forward(30);
    const { accessToken } = await world.signIn(ada.email);
    expect(await codeOf(accessToken)).toBe('served');
  });

  it('change under a flood of key ids that nobody knows: the new one is served, and few fetches are made', async () => {
    const forger = new Forger(world.sandbox, ada.sub, ada.username);
    const flood = Array.from({ length: 60 }, (_, i) => forger.signedByAStranger({ kid: `made up ${i}` }));
    Forger.changeKeys(world.sandbox);
    const { accessToken } = await world.signIn(ada.email);
    world.forward(5);
    const [asked, startedAt] = [office.asked, performance.now()];
    const codes = await Promise.all([...flood, accessToken].map((token) => codeOf(token ?? '')));
    expect(codes.slice(0, -1)).toEqual(Array(60).fill('UNAUTHENTICATED'));
    expect(codes.at(-1)).toBe('served');
    const fetches = 1 + Math.floor((performance.now() - startedAt) / 5000); // one in five seconds
    expect(office.asked - asked).toBeLessThanOrEqual(fetches);
  });

  it('are fetched from the other form of the issuer only once a token bears it, and anew like the first', async () => {
    const iss = `https://issuer-cognito-idp.us-east-1.amazonaws.com/${USER_POOL_ID}`;
    const token = new Forger(world.sandbox, ada.sub, ada.username).signed({ iss });
    expect(await codeOf(token)).toBe('served');
    Forger.changeKeys(world.sandbox);
    world.forward(601);
    expect([await codeOf(token), await codeOf()]).toEqual(['UNAUTHENTICATED', 'UNAUTHENTICATED']);
  });

  it.each<[string, number, string]>([
    ['30 s behind ours', -30, 'served'],
    ['30 s ahead of ours', 30, 'served'],
    ['60 s ahead of ours', 60, 'served'],
    ['two minutes ahead of ours', 120, 'UNAUTHENTICATED'],
  ])('sign tokens on a clock %s', async (_, skewSeconds, code) => {
    const iat = world.sandbox.clock.seconds() + skewSeconds;
    const forger = new Forger(world.sandbox, ada.sub, ada.username);
    expect(await codeOf(forger.signed({ iat, auth_time: iat, exp: iat + 3600 }))).toBe(code);
  });

  it('sign tokens that end when they say: there is no grace', async () => {
    const forger = new Forger(world.sandbox, ada.sub, ada.username);
    expect(await codeOf(forger.signed({ exp: now() - 1 }))).toBe('UNAUTHENTICATED');
    expect(await codeOf(forger.signed({ exp: now() + 30 }))).toBe('served');
  });
});
