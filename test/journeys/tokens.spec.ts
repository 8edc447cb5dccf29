import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CLIENT_ID, USER_POOL_ID } from '../../src/sandbox/seed.js';
import type { Customer } from '../support/customer.js';
import { Forger } from '../support/forger.js';
import { claimsOf, World } from '../support/world.js';

const NOW = Math.floor(Date.now() / 1000);
const ISSUER = `https://cognito-idp.us-east-1.amazonaws.com/${USER_POOL_ID}`;

interface Row {
  readonly what: string;
  readonly token: (forger: Forger, trap: string) => string;
}

const ALGORITHMS: readonly Row[] = [
  { what: 'alg none without a signature', token: (f) => `${f.unsigned({}, { alg: 'none' })}.` },
  { what: 'alg nOnE with a signature', token: (f) => f.signed({}, { alg: 'nOnE' }) },
  { what: 'no alg at all', token: (f) => f.signed({}, { alg: undefined }) },
  { what: 'an empty signature', token: (f) => `${f.unsigned()}.` },
  { what: 'no signature part', token: (f) => f.unsigned() },
  { what: 'a fourth part', token: (f) => `${f.signed()}.e30` },
  { what: 'HS256 with the public key as PEM', token: (f) => f.hmac(f.publicPem) },
  { what: 'HS256 with the modulus', token: (f) => f.hmac(Buffer.from(f.publicJwk.n ?? '', 'base64url')) },
  { what: 'HS256 with the JWK as JSON', token: (f) => f.hmac(JSON.stringify(f.publicJwk)) },
  { what: 'HS256 with nothing', token: (f) => f.hmac('') },
  { what: 'RS512 with the pool’s own key', token: (f) => f.signedWith('RS512') },
  { what: 'PS256 with the pool’s own key', token: (f) => f.signedWith('PS256') },
  { what: 'RS256 said, RS512 done', token: (f) => f.signedWith('RS512').replace(/^[^.]+/, header(f)) },
];

const KEYS: readonly Row[] = [
  { what: 'another key under the pool’s kid', token: (f) => f.signedByAStranger() },
  { what: 'another key, embedded as jwk', token: (f) => f.signedByAStranger({ jwk: f.strangersJwk }) },
  { what: 'another key, named by jku', token: (f, trap) => f.signedByAStranger({ jku: `${trap}/jwks.json` }) },
  { what: 'another key, named by x5u', token: (f, trap) => f.signedByAStranger({ x5u: `${trap}/cert.pem` }) },
  { what: 'an unknown kid that is a path', token: (f) => f.signedByAStranger({ kid: '../../../dev/null' }) },
  { what: 'an unknown kid that is a URL', token: (f, trap) => f.signedByAStranger({ kid: `${trap}/key` }) },
  { what: 'a kid of __proto__', token: (f) => f.signed({}, { kid: '__proto__' }) },
  { what: 'a kid of constructor', token: (f) => f.signed({}, { kid: 'constructor' }) },
  { what: 'a kid that is a number', token: (f) => f.signed({}, { kid: 1 }) },
  { what: 'a kid that is a list', token: (f) => f.signed({}, { kid: [f.kid] }) },
  { what: 'no kid', token: (f) => f.signed({}, { kid: undefined }) },
];

const CLAIMS: readonly Row[] = [
  { what: 'no exp', token: (f) => f.signed({ exp: undefined }) },
  { what: 'an exp that is text', token: (f) => f.signed({ exp: String(NOW + 3600) }) },
  { what: 'an exp that is negative', token: (f) => f.signed({ exp: -1 }) },
  { what: 'an exp that is null', token: (f) => f.signed({ exp: null }) },
  { what: 'an exp more than 24 hours ahead', token: (f) => f.signed({ exp: NOW + 86_400 + 300 }) },
  { what: 'an exp of a second ago', token: (f) => f.signed({ exp: NOW - 1 }) },
  { what: 'an nbf still to come', token: (f) => f.signed({ nbf: NOW + 600 }) },
  { what: 'an nbf that is text', token: (f) => f.signed({ nbf: 'now' }) },
  { what: 'an iat in the future', token: (f) => f.signed({ iat: NOW + 600 }) },
  { what: 'no iat', token: (f) => f.signed({ iat: undefined }) },
  { what: 'an unknown crit', token: (f) => f.signed({}, { crit: ['exp'] }) },
  { what: 'an empty crit', token: (f) => f.signed({}, { crit: [] }) },
  { what: 'b64: false', token: (f) => f.signed({}, { b64: false }) },
  { what: 'no sub', token: (f) => f.signed({ sub: undefined }) },
  { what: 'an empty sub', token: (f) => f.signed({ sub: '' }) },
  { what: 'a sub that is a number', token: (f) => f.signed({ sub: 7 }) },
  { what: 'a sub with a dot, which would split a key’s name', token: (f) => f.signed({ sub: 'a.000001' }) },
  { what: 'a sub of 129 characters', token: (f) => f.signed({ sub: 'a'.repeat(129) }) },
  { what: 'a sub with a line break at its end', token: (f) => f.signed({ sub: 'abc\n' }) },
  { what: 'no username', token: (f) => f.signed({ username: undefined }) },
  { what: 'an empty username', token: (f) => f.signed({ username: '' }) },
  { what: 'a username with a space', token: (f) => f.signed({ username: 'a b' }) },
  { what: 'a username that is a list', token: (f) => f.signed({ username: ['ada'] }) },
  { what: 'groups as a text', token: (f) => f.signed({ 'cognito:groups': 'admin' }) },
  { what: 'groups as an object', token: (f) => f.signed({ 'cognito:groups': { 0: 'admin' } }) },
  { what: 'groups of numbers', token: (f) => f.signed({ 'cognito:groups': ['admin', 1] }) },
];

const ISSUERS: readonly Row[] = [
  { what: 'another issuer', token: (f) => f.signed({ iss: 'https://example.com' }) },
  { what: 'no issuer', token: (f) => f.signed({ iss: undefined }) },
  { what: 'an issuer that is a list', token: (f) => f.signed({ iss: [ISSUER] }) },
  { what: 'another pool', token: (f) => f.signed({ iss: ISSUER.replace(USER_POOL_ID, 'us-east-1_Other0001') }) },
  { what: 'another Region', token: (f) => f.signed({ iss: ISSUER.replace('.us-east-1.', '.eu-west-1.') }) },
  { what: 'a slash after the issuer', token: (f) => f.signed({ iss: `${ISSUER}/` }) },
  { what: 'an issuer that only begins like ours', token: (f) => f.signed({ iss: `${ISSUER}x` }) },
];

const AUDIENCES: readonly Row[] = [
  { what: 'another client', token: (f) => f.signed({ client_id: 'another' }) },
  { what: 'no client', token: (f) => f.signed({ client_id: undefined }) },
  { what: 'a list of clients', token: (f) => f.signed({ client_id: [CLIENT_ID] }) },
  { what: 'an aud in place of the client', token: (f) => f.signed({ client_id: undefined, aud: CLIENT_ID }) },
  { what: 'no token_use', token: (f) => f.signed({ token_use: undefined }) },
  { what: 'the token_use of a refresh token', token: (f) => f.signed({ token_use: 'refresh' }) },
  { what: 'an ID token', token: (f) => f.signed({ token_use: 'id', aud: CLIENT_ID, 'cognito:username': 'x' }) },
];

const SHAPES: readonly Row[] = [
  { what: 'a payload that is a list', token: (f) => f.signed().replace(/\.[^.]+\./, '.W10.') },
  { what: 'a payload that is null', token: (f) => f.signed().replace(/\.[^.]+\./, '.bnVsbA.') },
  { what: 'a payload that is no JSON', token: (f) => f.signed().replace(/\.[^.]+\./, '.eA.') },
  { what: 'a payload changed after signing', token: (f) => swapped(f) },
  { what: 'one part', token: () => 'x' },
  { what: 'two dots alone', token: () => '..' },
  { what: 'the most that is read: 16,000 characters', token: () => 'a'.repeat(15_990) },
  { what: 'JSON nested 1,500 deep', token: (f) => nested(f) },
];

describe('a token that is not good', () => {
  let world: World;
  let ada: Customer;
  let forger: Forger;
  let trap: Server;
  let trapUrl = '';
  let trapped = 0;
  let fetched: string[] = [];
  const realFetch = globalThis.fetch;

  beforeAll(async () => {
    trap = createServer((_request, reply) => {
      trapped++;
      reply.end('{}');
    });
    await new Promise<void>((resolve) => trap.listen(0, '127.0.0.1', resolve));
    trapUrl = `http://127.0.0.1:${(trap.address() as AddressInfo).port}`;
    world = await World.start();
    ada = await world.customer();
    await ada.me();
    forger = new Forger(world.sandbox, ada.sub, ada.username);
    globalThis.fetch = (...args) => {
      fetched.push(String(args[0]));
      return realFetch(...args);
    };
  });
  afterAll(async () => {
    globalThis.fetch = realFetch;
    trap.close();
    await world.close();
  });

  const ask = (token: string | null) => ada.gql('{ me { id username } }', {}, world.url, token);

  async function expectRefused(token: string): Promise<void> {
    fetched = [];
    const calls = await world.callsDuring(async () => {
      const { status, data, errors, text } = await ask(token);
      expect(errors.map(({ extensions }) => extensions?.code)).toEqual(['UNAUTHENTICATED']);
      expect(data).toBeNull();
      expect(status).toBeLessThan(500);
      expect(text).not.toContain(ada.sub);
    });
    expect(calls).toEqual([]);
    const elsewhere = fetched.filter((url) => !url.endsWith('/graphql'));
    expect(elsewhere.filter((url) => url !== `${world.sandbox.url}/${USER_POOL_ID}/.well-known/jwks.json`)).toEqual([]);
  }

  it('is told from a good one, which these tests start from', async () => {
    expect((await ask(forger.signed())).data).toEqual({ me: { id: ada.sub, username: ada.username } });
  });

  const groups = { algorithms: ALGORITHMS, keys: KEYS, claims: CLAIMS, issuers: ISSUERS, AUDIENCES, shapes: SHAPES };
  for (const [title, rows] of Object.entries(groups)) {
    describe(title.toLowerCase(), () => {
      it.each(rows)('is refused: $what', ({ token }) => expectRefused(token(forger, trapUrl)));
    });
  }

  it('never made the server fetch what the token named', () => {
    expect(trapped).toBe(0);
  });

  it('is refused on public fields too: a token that is sent must be good', async () => {
    const { data, errors } = await ada.gql('{ plans { code } }', {}, world.url, forger.signed({ exp: NOW - 1 }));
    expect([data, errors[0]?.extensions?.code]).toEqual([null, 'UNAUTHENTICATED']);
  });

  it('is not written to the log', async () => {
    const token = forger.signedByAStranger();
    await ask(token);
    expect(world.log.text).not.toContain(token.split('.')[2]);
  });

  describe('in a header that is not "Bearer <token>"', () => {
    it.each([
      ['Basic credentials', () => 'Basic YTpi'],
      ['no scheme', () => forger.signed()],
      ['nothing after the scheme', () => 'Bearer '],
      ['two tokens', () => `Bearer ${forger.signed()} ${forger.signed()}`],
      ['two spaces and no token', () => 'Bearer  x'],
      ['two tokens with a comma between', () => `Bearer ${forger.signed()}, Bearer ${forger.signed()}`],
    ])('%s: refused', async (_, authorization) => {
      const reply = await send(world.url, authorization());
      expect(reply).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }], data: null });
    });

    it('the scheme in lower case: served, as RFC 7235 has it', async () => {
      const reply = await send(world.url, `bearer ${forger.signed()}`);
      expect(reply).toEqual({ data: { me: { id: ada.sub } } });
    });
  });

  it('of 17 KB or 1 MB is refused before anything reads it', async () => {
    for (const length of [17_000, 1_000_000]) {
      // The server hangs up as soon as it knows: a client still busy writing may find that out instead.
      expect([431, 'EPIPE', 'ECONNRESET']).toContain(await fateOf(world.url, `Bearer ${'a'.repeat(length)}`));
    }
    expect((await ask(forger.signed())).errors).toEqual([]);
  });
});

describe('an unusual token that is good', () => {
  let world: World;
  let ada: Customer;
  let forger: Forger;
  beforeAll(async () => {
    world = await World.start();
    ada = await world.customer();
    forger = new Forger(world.sandbox, ada.sub, ada.username);
  });
  afterAll(() => world.close());

  it.each<[string, (forger: Forger) => string]>([
    ['the issuer in its new global form', (f) => f.signed({ iss: ISSUER.replace('//cognito', '//issuer-cognito') })],
    ['a signature with == at its end, which is the same signature', (f) => `${f.signed()}==`],
    ['a life of 24 hours, the longest Cognito gives', (f) => f.signed({ exp: NOW + 86_400 })],
    ['a claim that we do not know', (f) => f.signed({ device_key: 'x', 'custom:any': { deep: [1] } })],
    ['a type in the header', (f) => f.signed({}, { typ: 'JWT' })],
    ['groups without admin', (f) => f.signed({ 'cognito:groups': ['beta'] })],
  ])('is served: %s', async (_, token) => {
    const { data, errors } = await ada.gql('{ me { id } }', {}, world.url, token(forger));
    expect([data, errors]).toEqual([{ me: { id: ada.sub } }, []]);
  });

  it('answers as nobody when it speaks of a user name that another sub bears', async () => {
    const [bob, eve] = [await world.customer(), await world.customer()];
    const mixed = forger.signed({ sub: bob.sub, username: eve.username });
    const { data, errors } = await bob.gql('{ me { id } }', {}, world.url, mixed);
    expect([data, errors[0]?.extensions?.code]).toEqual([null, 'UNAUTHENTICATED']);
  });
});

describe('where ID tokens are asked for', () => {
  let world: World;
  let ada: Customer;
  beforeAll(async () => {
    world = await World.start({ COGNITO_TOKEN_USE: 'id' });
    ada = await world.customer();
  });
  afterAll(() => world.close());

  const codeOf = async (token: string) => {
    const { data, errors } = await ada.gql('{ me { id } }', {}, world.url, token);
    return data ? 'served' : errors[0]?.extensions?.code;
  };

  it('an ID token is served and an access token refused', async () => {
    expect(await codeOf(ada.idToken)).toBe('served');
    expect(await codeOf(ada.accessToken ?? '')).toBe('UNAUTHENTICATED');
  });

  it('the client of an ID token is its aud, and nothing else', async () => {
    const forger = new Forger(world.sandbox, ada.sub, ada.username);
    const id = { ...claimsOf(ada.idToken), username: undefined };
    expect(await codeOf(forger.signed({ ...id, client_id: undefined }))).toBe('served');
    expect(await codeOf(forger.signed({ ...id, aud: undefined, client_id: CLIENT_ID }))).toBe('UNAUTHENTICATED');
    expect(await codeOf(forger.signed({ ...id, aud: [CLIENT_ID], client_id: undefined }))).toBe('UNAUTHENTICATED');
    expect(await codeOf(forger.signed({ ...id, aud: 'another', client_id: CLIENT_ID }))).toBe('UNAUTHENTICATED');
  });
});

describe('when the pool’s public keys cannot be fetched', () => {
  let world: World;
  let ada: Customer;
  let keys: Server;
  let isDown = true;
  let hits = 0;

  beforeAll(async () => {
    keys = createServer(async (request, reply) => {
      hits++;
      if (isDown) return void reply.writeHead(503).end('down');
      const answer = await fetch(`${world.sandbox.url}${request.url}`);
      reply.end(await answer.text());
    });
    await new Promise<void>((resolve) => keys.listen(0, '127.0.0.1', resolve));
    const origin = `http://127.0.0.1:${(keys.address() as AddressInfo).port}`;
    world = await World.start({ COGNITO_JWKS_ORIGIN: origin });
    ada = await world.customer();
  });
  afterAll(async () => {
    keys.closeAllConnections();
    keys.close();
    await world.close();
  });

  it('and never were: the token is not called bad, the caller is told to try again, and readiness says why', async () => {
    const { data, errors } = await ada.gql('{ me { id } }');
    expect(data).toBeNull();
    expect(errors).toMatchObject([{ extensions: { code: 'TRY_AGAIN', retryAfterSeconds: 5 } }]);
    const ready = await fetch(`${world.url}/readyz`);
    expect(ready.status).toBe(503);
    expect(await ready.json()).toMatchObject({ missing: ['the public keys of the user pool'] });
  });

  it('and never were: callers are answered without a fetch for each of them', async () => {
    const before = hits;
    await Promise.all(Array.from({ length: 30 }, () => ada.gql('{ me { id } }')));
    expect(hits - before).toBeLessThanOrEqual(1);
  });

  it('fields that need no token are served', async () => {
    expect((await world.stranger.gql('{ plans { code } }')).errors).toEqual([]);
  });

  it('any more: known keys go on working, without a fetch', async () => {
    isDown = false;
    world.forward(30);
    expect((await ada.gql('{ me { id } }')).errors).toEqual([]);
    isDown = true;
    const before = hits;
    expect((await ada.gql('{ me { id } }')).data).toEqual({ me: { id: ada.sub } });
    expect(hits).toBe(before);
  });

  it('any more: a bad token is still a bad token', async () => {
    const forger = new Forger(world.sandbox, ada.sub, ada.username);
    const { errors } = await ada.gql('{ me { id } }', {}, world.url, forger.signedByAStranger());
    expect(errors[0]?.extensions?.code).toBe('UNAUTHENTICATED');
  });
});

describe('when the pool changes its keys', () => {
  let world: World;
  let ada: Customer;
  const fetched: string[] = [];
  const realFetch = globalThis.fetch;

  beforeAll(async () => {
    world = await World.start();
    ada = await world.customer();
    await ada.me();
    globalThis.fetch = (...args) => {
      if (String(args[0]).endsWith('jwks.json')) fetched.push(String(args[0]));
      return realFetch(...args);
    };
  });
  afterAll(async () => {
    globalThis.fetch = realFetch;
    await world.close();
  });

  const codeOf = async (token: string | null) => {
    const { data, errors } = await ada.gql('{ me { id } }', {}, world.url, token);
    return data ? 'served' : errors[0]?.extensions?.code;
  };

  it('keys that nobody knows cause at most one fetch in five seconds', async () => {
    const forger = new Forger(world.sandbox, ada.sub, ada.username);
    world.forward(6);
    for (let i = 0; i < 20; i++) {
      expect(await codeOf(forger.signedByAStranger({ kid: `made up ${i}` }))).toBe('UNAUTHENTICATED');
    }
    expect(fetched.length).toBeLessThanOrEqual(1);
  });

  it('and somebody sends made-up ones all the time: a token of the new key is served five seconds later', async () => {
    const forger = new Forger(world.sandbox, ada.sub, ada.username);
    Forger.changeKeys(world.sandbox);
    world.forward(5);
    await codeOf(forger.signedByAStranger({ kid: 'made up once more' }));
    expect(await codeOf((await world.signIn(ada.email)).accessToken)).toBe('served');
  });

  it('a token of the key that was taken away is refused, once the keys were fetched again', async () => {
    expect(await codeOf(ada.accessToken)).toBe('UNAUTHENTICATED');
  });
});

function header({ kid }: Forger): string {
  return Buffer.from(JSON.stringify({ alg: 'RS256', kid })).toString('base64url');
}

function swapped(forger: Forger): string {
  const [head, , signature] = forger.signed().split('.');
  const [, body] = forger.unsigned({ 'cognito:groups': ['admin'] }).split('.');
  return [head, body, signature].join('.');
}

function nested(forger: Forger): string {
  const [head, , signature] = forger.signed().split('.');
  const deep = `${'[0,'.repeat(1500)}0${']'.repeat(1500)}`;
  return [head, Buffer.from(deep).toString('base64url'), signature].join('.');
}

async function send(url: string, authorization: string): Promise<unknown> {
  const reply = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization },
    body: JSON.stringify({ query: '{ me { id } }' }),
  });
  return reply.json();
}

/** Plain HTTP, because fetch gives up on a server that answers before it has read the whole header. */
function fateOf(url: string, authorization: string): Promise<number | string | undefined> {
  return new Promise((resolve) => {
    const request = httpRequest(`${url}/graphql`, { method: 'POST', headers: { authorization } }, (reply) => {
      reply.resume();
      resolve(reply.statusCode);
    });
    request.on('error', (error) => resolve('code' in error ? String(error.code) : error.message));
    request.end();
  });
}
