import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Cognito } from '../../src/sandbox/cognito/cognito.js';
import { hashPassword } from '../../src/sandbox/cognito/passwords.js';
import type { SeedClient } from '../../src/sandbox/cognito/seeds.js';
import { HostedUi } from '../../src/sandbox/hosted-ui/hosted-ui.js';
import { listen } from '../../src/sandbox/http.js';
import { SandboxClock } from '../../src/sandbox/sandbox-clock.js';
import { Store } from '../../src/sandbox/store.js';
import { alertIn, Browser, type Seen, titleOf } from '../support/browser.js';
import { claimsOf } from '../support/world.js';

/** One fact about the endpoints of a user pool's domain: what is done, what comes back, and why we believe it. */
interface Row {
  readonly id: string;
  readonly what: string;
  readonly run: () => Promise<unknown>;
  readonly expected: unknown;
  readonly basis: 'documented' | 'reported' | 'OAuth' | 'sandbox';
  readonly source: string;
}

const POOL = 'us-east-1_Hosted001';
const PASSWORD = 'Turnpike-1';
const APP = 'https://app.example.com/back?tenant=1';
const LEFT = 'https://app.example.com/bye';
const VERIFIER = 'a-verifier-that-is-long-enough-to-be-one-0123456789';
const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url');
const NAMES = 'us-east-1_Hosted002';

const clock = new SandboxClock();
const store = new Store(null);
const triggers = {
  [NAMES]: {
    PreTokenGeneration: () => {
      throw new Error('Not today');
    },
  },
};
const cognito = new Cognito(store, clock, undefined, triggers);
let origin: string;
let close: () => Promise<void>;
let password: { hash: string };
let people = 0;

function seedClient(clientId: string, settings: SeedClient['settings'] = {}, more: Partial<SeedClient> = {}): void {
  const hosted: SeedClient['settings'] = {
    SupportedIdentityProviders: ['COGNITO'],
    AllowedOAuthFlowsUserPoolClient: true,
    AllowedOAuthFlows: ['code', 'implicit'],
    AllowedOAuthScopes: ['openid', 'email', 'phone', 'aws.cognito.signin.user.admin'],
    CallbackURLs: [APP, 'http://localhost:3000', 'myapp://signed-in', 'http://app.example.com/', `${APP}#x`],
    LogoutURLs: [LEFT],
    PreventUserExistenceErrors: 'ENABLED',
  };
  cognito.seedClient({ poolId: POOL, clientId, name: '<Pets & Co>', settings: { ...hosted, ...settings }, ...more });
}

beforeAll(async () => {
  const hostedUi = new HostedUi(cognito);
  const server = await listen(0, async (request) => (await hostedUi.answer(request)) ?? { status: 404 });
  close = server.close;
  origin = `http://127.0.0.1:${server.port}`;
  password = { hash: await hashPassword(PASSWORD) };
  await cognito.seedPool({ id: POOL, name: 'hosted' });
  await cognito.seedPool({ id: NAMES, name: 'names', settings: { UsernameAttributes: [] } });
  seedClient('website');
  seedClient('other');
  seedClient('codeonly', { AllowedOAuthFlows: ['code'] });
  seedClient('implicitonly', { AllowedOAuthFlows: ['implicit'] });
  seedClient('switchedoff', { AllowedOAuthFlowsUserPoolClient: false });
  seedClient('withoutusers', { SupportedIdentityProviders: [] });
  seedClient('secretive', {}, { secret: 'not so:secret&' });
  seedClient('rotating', { RefreshTokenRotation: { Feature: 'ENABLED', RetryGracePeriodSeconds: 0 } });
  seedClient('unrevocable', { EnableTokenRevocation: false });
  seedClient('names', {}, { poolId: NAMES });
});

afterAll(() => close());

async function someone(attributes: Record<string, string> = {}, poolId = POOL) {
  const username = `someone-${++people}@example.com`;
  const all = { email: username, ...attributes };
  const sub = await cognito.seedUser({ poolId, username, password, attributes: all });
  return { username, sub, at: { UserPoolId: poolId, Username: username } };
}

type Parameters = Readonly<Record<string, string | undefined>>;

function asked(parameters: Parameters = {}): string {
  const all = { client_id: 'website', response_type: 'code', redirect_uri: APP, scope: 'openid email', ...parameters };
  const given = Object.entries(all).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return `/oauth2/authorize?${new URLSearchParams(given)}`;
}

const authorize = (parameters: Parameters = {}, visitor = new Browser(origin)) => visitor.open(asked(parameters));

/** Where the browser ends: an address elsewhere, or the title of a page with what it announces. */
function end(seen: Seen): unknown {
  return seen.status === 0 ? seen.url.href : [seen.status, titleOf(seen), alertIn(seen)];
}

async function entered(parameters: Parameters = {}, visitor = new Browser(origin), who?: { username: string }) {
  const { username } = who ?? (await someone());
  const home = await visitor.submit(await authorize(parameters, visitor), '/login', { username, password: PASSWORD });
  return { home, visitor, username, code: home.url.searchParams.get('code') ?? '' };
}

async function post(path: string, form: Parameters, headers: Record<string, string> = {}) {
  const given = Object.entries(form).filter((pair): pair is [string, string] => pair[1] !== undefined);
  const body = new URLSearchParams(given).toString();
  const type = { 'content-type': 'application/x-www-form-urlencoded' };
  const reply = await fetch(`${origin}${path}`, { method: 'POST', body, headers: { ...type, ...headers } });
  const text = await reply.text();
  const json = (text === '' ? {} : JSON.parse(text)) as Record<string, string>;
  return { status: reply.status, headers: reply.headers, json, told: [reply.status, text === '' ? '' : json] };
}

const redeem = (form: Parameters, headers = {}) =>
  post(
    '/oauth2/token',
    { grant_type: 'authorization_code', client_id: 'website', redirect_uri: APP, ...form },
    headers,
  );

const refresh = (token = '', client_id = 'website') =>
  post('/oauth2/token', { grant_type: 'refresh_token', refresh_token: token, client_id });

const basic = (id: string, secret: string) => ({
  authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
});

async function tokens(parameters: Parameters = {}, who?: { username: string }) {
  const { code } = await entered(parameters, undefined, who);
  return (await redeem({ code, ...(parameters.client_id && { client_id: parameters.client_id }) })).json;
}

async function userInfo(token: string | undefined) {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const reply = await fetch(`${origin}/oauth2/userInfo`, { headers });
  return { status: reply.status, json: (await reply.json()) as Record<string, string>, headers: reply.headers };
}

const error = (name: string, description?: string) =>
  `${APP}&error=${name}${description === undefined ? '' : `&error_description=${description}`}`;
const INVALID_GRANT = [400, { error: 'invalid_grant' }];
const ERROR_PAGE = 'This did not work';

const AUTHORIZE = 'DOC authorization-endpoint';
const TOKEN = 'DOC token-endpoint';
const REVOKE = 'DOC revocation-endpoint';
const USER_INFO = 'DOC userinfo-endpoint';
const LOGOUT = 'DOC logout-endpoint';
const MANAGED_LOGIN = 'DOC cognito-user-pools-managed-login';
const CLIENT = 'API CreateUserPoolClient';

const asking: readonly Row[] = [
  {
    id: 'authorize.client',
    what: 'an unknown client gets a page and goes nowhere',
    run: async () => end(await authorize({ client_id: 'nobody' })),
    expected: [400, ERROR_PAGE, 'There is no app client with this client_id.'],
    basis: 'OAuth',
    source: 'RFC 6749, 4.1.2.1',
  },
  ...[`${APP}/`, 'https://app.example.com/back', 'http://localhost:3000/', 'HTTPS://app.example.com/back?tenant=1'].map(
    (uri): Row => ({
      id: 'authorize.redirect',
      what: `the redirect_uri has to be one of the client's to the letter, and ${uri} is not`,
      run: async () => end(await authorize({ redirect_uri: uri })),
      expected: [400, ERROR_PAGE, `${uri} is not an address of this app client.`],
      basis: 'documented',
      source: AUTHORIZE,
    }),
  ),
  ...['http://app.example.com/', `${APP}#x`].map(
    (uri): Row => ({
      id: 'authorize.https',
      what: `a redirect_uri uses https, unless it is local, and has no fragment: ${uri}`,
      run: async () => end(await authorize({ redirect_uri: uri })),
      expected: [400, ERROR_PAGE, `${uri} must use https, unless it is on localhost, and have no fragment.`],
      basis: 'documented',
      source: AUTHORIZE,
    }),
  ),
  {
    id: 'authorize.missing-redirect',
    what: 'a redirect_uri is required',
    run: async () => end(await authorize({ redirect_uri: undefined })),
    expected: [400, ERROR_PAGE, 'The parameter redirect_uri is missing.'],
    basis: 'documented',
    source: AUTHORIZE,
  },
  {
    id: 'authorize.custom-scheme',
    what: 'apps on a phone have a scheme of their own',
    run: async () => (await entered({ redirect_uri: 'myapp://signed-in' })).home.url.href.replace(/=.*/, ''),
    expected: 'myapp://signed-in?code',
    basis: 'documented',
    source: AUTHORIZE,
  },
  {
    id: 'authorize.code',
    what: 'the code goes to the redirect_uri, which keeps its own query, with the state',
    run: async () =>
      [...(await entered({ state: 'a b&c=d' })).home.url.searchParams].map(([k, v]) => (k === 'code' ? k : v)),
    expected: ['1', 'code', 'a b&c=d'],
    basis: 'documented',
    source: AUTHORIZE,
  },
  {
    id: 'authorize.response-type',
    what: 'there are code and token',
    run: async () => [
      end(await authorize({ response_type: undefined })),
      end(await authorize({ response_type: 'id_token' })),
    ],
    expected: [error('invalid_request', 'response_type+is+missing'), error('unsupported_response_type')],
    basis: 'OAuth',
    source: 'RFC 6749, 4.1.2.1',
  },
  {
    id: 'authorize.flows',
    what: 'the client has to allow the flow, and flows at all; the refusal comes where the answer would',
    run: async () => [
      end(await authorize({ client_id: 'codeonly', response_type: 'token', state: 's' })),
      end(await authorize({ client_id: 'implicitonly' })),
      end(await authorize({ client_id: 'switchedoff' })),
    ],
    expected: [`${APP}#error=unauthorized_client&state=s`, error('unauthorized_client'), error('unauthorized_client')],
    basis: 'documented',
    source: `${AUTHORIZE}; ${CLIENT}, AllowedOAuthFlowsUserPoolClient`,
  },
  {
    id: 'authorize.scopes',
    what: 'only scopes of the client, and email, phone and profile only together with openid',
    run: async () => [
      end(await authorize({ scope: 'openid profile' })),
      end(await authorize({ scope: 'email' })),
      end(await authorize({ scope: '' })),
    ],
    expected: Array.from({ length: 3 }, () => error('invalid_request', 'invalid_scope')),
    basis: 'reported',
    source: 'forums: error_description=invalid_scope&error=invalid_request',
  },
  {
    id: 'authorize.no-scope',
    what: 'without a scope the client gets all of its own',
    run: async () => claimsOf((await tokens({ scope: undefined })).access_token ?? '').scope,
    expected: 'openid email phone aws.cognito.signin.user.admin',
    basis: 'documented',
    source: AUTHORIZE,
  },
  {
    id: 'authorize.pkce',
    what: 'PKCE is S256, and whole',
    run: async () => {
      const requests = [
        { code_challenge: CHALLENGE, code_challenge_method: 'plain' },
        { code_challenge: CHALLENGE },
        { code_challenge_method: 'S256' },
        { code_challenge: 'short', code_challenge_method: 'S256' },
      ];
      const answers = requests.map(async (parameters) => (await authorize(parameters)).url.searchParams);
      return (await Promise.all(answers)).map((answer) => [answer.get('error'), answer.get('error_description')]);
    },
    expected: [
      ['invalid_request', 'code_challenge_method must be S256'],
      ['invalid_request', 'code_challenge and code_challenge_method belong together'],
      ['invalid_request', 'code_challenge and code_challenge_method belong together'],
      ['invalid_request', 'code_challenge is no SHA-256 in base64url'],
    ],
    basis: 'documented',
    source: AUTHORIZE,
  },
  {
    id: 'authorize.provider',
    what: 'the users of the pool are a provider that the client has to name, and no other is modelled',
    run: async () => [
      end(await authorize({ identity_provider: 'Google' })),
      end(await authorize({ client_id: 'withoutusers' })),
      titleOf(await authorize({ identity_provider: 'COGNITO' })),
    ],
    expected: [
      error('invalid_request', 'the+identity+provider+is+not+enabled+for+this+client'),
      error('invalid_request', 'the+identity+provider+is+not+enabled+for+this+client'),
      'Sign in',
    ],
    basis: 'sandbox',
    source: AUTHORIZE,
  },
  {
    id: 'authorize.prompt',
    what: 'prompt=none never shows a page, prompt=login always does',
    run: async () => {
      const { visitor } = await entered();
      return [
        end(await authorize({ prompt: 'none' })),
        (await authorize({ prompt: 'none' }, visitor)).url.searchParams.has('code'),
        titleOf(await authorize({ prompt: 'login' }, visitor)),
      ];
    },
    expected: [error('login_required'), true, 'Sign in'],
    basis: 'documented',
    source: AUTHORIZE,
  },
  {
    id: 'authorize.hint',
    what: 'login_hint fills in the username',
    run: async () => (await authorize({ login_hint: 'a+b@example.com' })).text.includes('value="a+b@example.com"'),
    expected: true,
    basis: 'documented',
    source: AUTHORIZE,
  },
  {
    id: 'authorize.implicit',
    what: 'token answers ID and access token in the fragment, no refresh token, and the nonce in the ID token',
    run: async () => {
      const { home } = await entered({ response_type: 'token', state: 's', nonce: 'n' });
      const { access_token, id_token = '', ...rest } = Object.fromEntries(new URLSearchParams(home.url.hash.slice(1)));
      return [home.url.search, typeof access_token, claimsOf(id_token).nonce, rest];
    },
    expected: ['?tenant=1', 'string', 'n', { token_type: 'Bearer', expires_in: '3600', state: 's' }],
    basis: 'documented',
    source: AUTHORIZE,
  },
];

const redeeming: readonly Row[] = [
  {
    id: 'token.code',
    what: 'a code is worth three tokens, and the ID token has the nonce',
    run: async () => {
      const { code } = await entered({ nonce: 'n' });
      const { status, headers, json } = await redeem({ code });
      const { id_token = '', access_token, refresh_token, ...rest } = json;
      const { aud, nonce } = claimsOf(id_token);
      return [
        status,
        headers.get('access-control-allow-origin'),
        aud,
        nonce,
        typeof access_token,
        typeof refresh_token,
        rest,
      ];
    },
    expected: [200, '*', 'website', 'n', 'string', 'string', { expires_in: 3600, token_type: 'Bearer' }],
    basis: 'documented',
    source: TOKEN,
  },
  {
    id: 'token.once',
    what: 'a code is used up by the first that tries, with whatever success',
    run: async () => {
      const { code } = await entered();
      const wrong = await redeem({ code, redirect_uri: 'http://localhost:3000' });
      return [wrong.told, (await redeem({ code })).told];
    },
    expected: [INVALID_GRANT, INVALID_GRANT],
    basis: 'documented',
    source: TOKEN,
  },
  {
    id: 'token.five-minutes',
    what: 'a code lives five minutes',
    run: async () => {
      const [first, second] = [await entered(), await entered()];
      clock.forward(299);
      const early = await redeem({ code: first.code });
      clock.forward(1);
      return [early.status, (await redeem({ code: second.code })).told];
    },
    expected: [200, INVALID_GRANT],
    basis: 'documented',
    source: AUTHORIZE,
  },
  {
    id: 'token.other-client',
    what: 'a code is for one client, and another does not even spoil it',
    run: async () => {
      const { code } = await entered();
      return [(await redeem({ code, client_id: 'other' })).told, (await redeem({ code })).status];
    },
    expected: [INVALID_GRANT, 200],
    basis: 'OAuth',
    source: 'RFC 6749, 4.1.3',
  },
  {
    id: 'token.pkce',
    what: 'a code that was asked for with a challenge needs its verifier, and one without takes none',
    run: async () => {
      const pkce = { code_challenge: CHALLENGE, code_challenge_method: 'S256' };
      const codes = [await entered(pkce), await entered(pkce), await entered(pkce), await entered()];
      const verifiers = [VERIFIER, `${VERIFIER}x`, undefined, VERIFIER];
      const replies = codes.map(({ code }, i) => redeem({ code, code_verifier: verifiers[i] }));
      return (await Promise.all(replies)).map(({ status, json }) => json.error ?? status);
    },
    expected: [200, 'invalid_grant', 'invalid_grant', 'invalid_grant'],
    basis: 'documented',
    source: 'DOC using-pkce-in-authorization-code',
  },
  {
    id: 'token.openid',
    what: 'without openid there is no ID token',
    run: async () => Object.keys(await tokens({ scope: 'aws.cognito.signin.user.admin' })).sort(),
    expected: ['access_token', 'expires_in', 'refresh_token', 'token_type'],
    basis: 'documented',
    source: TOKEN,
  },
  {
    id: 'token.form',
    what: 'requests are forms and name their grant',
    run: async () => [
      (await redeem({}, { 'content-type': 'application/json' })).told,
      (await redeem({ grant_type: undefined })).told,
      (await redeem({ code: undefined })).told,
      (await redeem({ code: 'x', redirect_uri: undefined })).told,
      (await redeem({ grant_type: 'password' })).told,
      (await redeem({ grant_type: 'client_credentials' })).told,
    ],
    expected: [
      ...Array.from({ length: 4 }, () => [400, { error: 'invalid_request' }]),
      [400, { error: 'unsupported_grant_type' }],
      [400, { error: 'unsupported_grant_type' }],
    ],
    basis: 'documented',
    source: `${TOKEN}; client_credentials is not modelled`,
  },
  {
    id: 'token.client',
    what: 'clients have to allow it: no flows, no code flow, no such client',
    run: async () => [
      (await redeem({ code: 'x', client_id: 'switchedoff' })).told,
      (await redeem({ code: 'x', client_id: 'implicitonly' })).told,
      (await redeem({ code: 'x', client_id: 'nobody' })).told,
      (await redeem({ code: 'x', client_id: undefined })).told,
    ],
    expected: [
      [400, { error: 'unauthorized_client' }],
      [400, { error: 'unauthorized_client' }],
      [400, { error: 'invalid_client' }],
      [400, { error: 'invalid_request' }],
    ],
    basis: 'documented',
    source: TOKEN,
  },
  {
    id: 'token.secret',
    what: 'a client with a secret proves it in the header or in the form; one without has none to send',
    run: async () => {
      const client_id = 'secretive';
      const encoded = 'not+so%3Asecret%26';
      const codes = await Promise.all([entered({ client_id }), entered({ client_id }), entered({ client_id })]);
      const [header = '', form = '', none = ''] = codes.map(({ code }) => code);
      return [
        (await redeem({ code: header, client_id: undefined }, basic(client_id, encoded))).status,
        (await redeem({ code: form, client_id, client_secret: 'not so:secret&' })).status,
        (await redeem({ code: none, client_id })).told,
        (await redeem({ code: none, client_id, client_secret: 'guessed' })).told,
        (await redeem({ code: 'x', client_secret: 'made up' })).told,
      ];
    },
    expected: [200, 200, ...Array.from({ length: 3 }, () => [400, { error: 'invalid_client' }])],
    basis: 'documented',
    source: TOKEN,
  },
  {
    id: 'token.refresh',
    what: 'a refresh token is worth new tokens of the same scopes, and stays as it is',
    run: async () => {
      const first = await tokens();
      const { json } = await refresh(first.refresh_token);
      const [before, after] = [first, json].map(({ access_token = '' }) => claimsOf(access_token));
      return [
        Object.keys(json).sort(),
        after?.scope,
        after?.auth_time === before?.auth_time,
        after?.jti === before?.jti,
      ];
    },
    expected: [['access_token', 'expires_in', 'id_token', 'token_type'], 'openid email', true, false],
    basis: 'documented',
    source: TOKEN,
  },
  {
    id: 'token.rotation',
    what: 'a client that rotates gets a new refresh token each time, and the old one is dead',
    run: async () => {
      const { refresh_token } = await tokens({ client_id: 'rotating' });
      const { json } = await refresh(refresh_token, 'rotating');
      const old = await refresh(refresh_token, 'rotating');
      return [json.refresh_token === refresh_token, old.told, (await refresh(json.refresh_token, 'rotating')).status];
    },
    expected: [false, INVALID_GRANT, 200],
    basis: 'documented',
    source: 'DOC amazon-cognito-user-pools-using-the-refresh-token, rotation',
  },
  {
    id: 'token.bad-refresh',
    what: 'of another client, of a disabled user, made up',
    run: async () => {
      const who = await someone();
      const { refresh_token } = await tokens({}, who);
      const other = await refresh(refresh_token, 'other');
      cognito.operations.AdminDisableUser(who.at);
      return [other.told, (await refresh(refresh_token)).told, (await refresh('made.up')).told];
    },
    expected: [INVALID_GRANT, INVALID_GRANT, INVALID_GRANT],
    basis: 'documented',
    source: TOKEN,
  },
  {
    id: 'token.trigger',
    what: 'a trigger that fails is what the app is told, with a code and without',
    run: async () => {
      const who = await someone({}, NAMES);
      const { code } = await entered({ client_id: 'names' }, undefined, who);
      const { home } = await entered({ client_id: 'names', response_type: 'token' }, undefined, who);
      return [(await redeem({ code, client_id: 'names' })).told, home.url.hash];
    },
    expected: [
      [400, { error: 'invalid_request', error_description: 'PreTokenGeneration failed with error Not today.' }],
      '#error=invalid_request&error_description=PreTokenGeneration+failed+with+error+Not+today.',
    ],
    basis: 'sandbox',
    source: 'DOC user-pool-lambda-pre-token-generation',
  },
  {
    id: 'token.preflight',
    what: 'pages of any origin may ask',
    run: async () => {
      const headers = { origin: 'https://app.example.com', 'access-control-request-headers': 'authorization' };
      const reply = await fetch(`${origin}/oauth2/token`, { method: 'OPTIONS', headers });
      return ['origin', 'methods', 'headers'].map((name) => reply.headers.get(`access-control-allow-${name}`));
    },
    expected: ['*', 'GET,POST', 'authorization'],
    basis: 'documented',
    source: TOKEN,
  },
];

const using: readonly Row[] = [
  {
    id: 'user-info.claims',
    what: 'userInfo answers what the scopes open, every value a text',
    run: async () => {
      const who = await someone({ phone_number: '+15551234567', name: 'Ada' });
      const { access_token } = await tokens({}, who);
      const { status, json } = await userInfo(access_token);
      const expected = { sub: who.sub, username: who.sub, email: who.username, email_verified: 'true' };
      return [status, JSON.stringify(Object.entries(json).sort()) === JSON.stringify(Object.entries(expected).sort())];
    },
    expected: [200, true],
    basis: 'documented',
    source: USER_INFO,
  },
  {
    id: 'user-info.openid',
    what: 'it wants an access token with openid, which the API does not give',
    run: async () => {
      const { id_token } = await tokens();
      const { access_token } = await tokens({ scope: 'aws.cognito.signin.user.admin' });
      const replies = [
        await userInfo(undefined),
        await userInfo(access_token),
        await userInfo(id_token),
        await userInfo('x'),
      ];
      return replies.map(({ status, json }) => [status, json.error]);
    },
    expected: [[400, 'invalid_request'], ...Array.from({ length: 3 }, () => [401, 'invalid_token'])],
    basis: 'documented',
    source: USER_INFO,
  },
  {
    id: 'revoke.all',
    what: 'a revoked refresh token takes its access tokens with it, for Cognito itself',
    run: async () => {
      const { refresh_token = '', access_token } = await tokens();
      const reply = await post('/oauth2/revoke', { token: refresh_token, client_id: 'website' });
      const { headers, status } = await userInfo(access_token);
      const challenge = headers.get('www-authenticate')?.split(',')[0];
      return [reply.told, (await refresh(refresh_token)).told, status, challenge];
    },
    expected: [[200, ''], INVALID_GRANT, 401, 'error="invalid_token"'],
    basis: 'documented',
    source: REVOKE,
  },
  {
    id: 'revoke.refusals',
    what: 'no token, no refresh token, switched off, wrong secret',
    run: async () => {
      const { access_token } = await tokens();
      return [
        (await post('/oauth2/revoke', { client_id: 'website' })).told,
        (await post('/oauth2/revoke', { client_id: 'website', token: access_token })).told,
        (await post('/oauth2/revoke', { client_id: 'unrevocable', token: 'x' })).told,
        (await post('/oauth2/revoke', { token: 'x' }, basic('secretive', 'guessed'))).told,
      ];
    },
    expected: [
      [400, { error: 'invalid_request' }],
      [400, { error: 'unsupported_token_type' }],
      [400, { error: 'invalid_request' }],
      [401, { error: 'invalid_client' }],
    ],
    basis: 'documented',
    source: REVOKE,
  },
];

const staying: readonly Row[] = [
  {
    id: 'session.cookie',
    what: 'the session is a cookie that no script reads and other sites do not send, for an hour',
    run: async () => {
      const visitor = new Browser(origin);
      const { username } = await someone();
      const login = await authorize({}, visitor);
      const csrf = visitor.cookies.get('XSRF-TOKEN') ?? '';
      const reply = await fetch(login.url.href, {
        method: 'POST',
        body: new URLSearchParams({ username, password: PASSWORD, _csrf: csrf }),
        headers: { cookie: `XSRF-TOKEN=${csrf}` },
        redirect: 'manual',
      });
      return reply.headers.get('set-cookie')?.replace(/=[\w-]{43};/, '=…;');
    },
    expected: 'cognito=…; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax',
    basis: 'documented',
    source: `${MANAGED_LOGIN}; the attributes are the sandbox’s`,
  },
  {
    id: 'session.hour',
    what: 'within the hour the next request, of any client of the pool, needs no password',
    run: async () => {
      const { visitor } = await entered();
      clock.forward(3599);
      const soon = await authorize({ client_id: 'other' }, visitor);
      clock.forward(1);
      return [soon.url.searchParams.has('code'), titleOf(await authorize({}, visitor))];
    },
    expected: [true, 'Sign in'],
    basis: 'documented',
    source: MANAGED_LOGIN,
  },
  {
    id: 'session.other-pool',
    what: 'a session is worth nothing in another pool',
    run: async () => titleOf(await authorize({ client_id: 'names' }, (await entered()).visitor)),
    expected: 'Sign in',
    basis: 'documented',
    source: MANAGED_LOGIN,
  },
  {
    id: 'session.disabled',
    what: 'a disabled user is signed in no longer; a global sign-out leaves the cookie alone',
    run: async () => {
      const who = await someone();
      const { visitor } = await entered({}, undefined, who);
      cognito.operations.AdminUserGlobalSignOut(who.at);
      const after = await authorize({}, visitor);
      cognito.operations.AdminDisableUser(who.at);
      return [after.url.searchParams.has('code'), titleOf(await authorize({}, visitor))];
    },
    expected: [true, 'Sign in'],
    basis: 'documented',
    source: 'API AdminUserGlobalSignOut; the first half is the sandbox’s',
  },
  {
    id: 'logout.uri',
    what: 'logout ends the session and goes to one of the client’s sign-out URLs; tokens stay good',
    run: async () => {
      const { visitor, code } = await entered();
      const { json } = await redeem({ code });
      const secret = visitor.cookies.get('cognito') ?? '';
      const left = await visitor.open(`/logout?client_id=website&logout_uri=${encodeURIComponent(LEFT)}`);
      const hasCookie = visitor.cookies.has('cognito');
      visitor.cookies.set('cognito', secret);
      const again = titleOf(await authorize({}, visitor));
      const tokensAfter = [(await refresh(json.refresh_token)).status, (await userInfo(json.access_token)).status];
      return [end(left), hasCookie, again, tokensAfter];
    },
    expected: [LEFT, false, 'Sign in', [200, 200]],
    basis: 'documented',
    source: LOGOUT,
  },
  {
    id: 'logout.login',
    what: 'with redirect_uri and response_type it goes to the sign-in page',
    run: async () => {
      const { visitor } = await entered();
      const login = await visitor.open(asked({ state: 's' }).replace('/oauth2/authorize', '/logout'));
      return [login.url.pathname, login.url.searchParams.get('state'), visitor.cookies.has('cognito')];
    },
    expected: ['/login', 's', false],
    basis: 'documented',
    source: LOGOUT,
  },
  {
    id: 'logout.refusals',
    what: 'anything else is told on a page, and the session stays',
    run: async () => {
      const { visitor } = await entered();
      const elsewhere = encodeURIComponent('https://elsewhere.example.com/');
      const ends = [
        end(await visitor.open('/logout')),
        end(await visitor.open('/logout?client_id=website')),
        end(await visitor.open(`/logout?client_id=website&logout_uri=${elsewhere}`)),
      ];
      return [...ends, visitor.cookies.has('cognito')];
    },
    expected: [
      [400, ERROR_PAGE, 'There is no app client with this client_id.'],
      [400, ERROR_PAGE, 'The parameter logout_uri is missing.'],
      [400, ERROR_PAGE, 'https://elsewhere.example.com/ is not an address of this app client.'],
      true,
    ],
    basis: 'documented',
    source: LOGOUT,
  },
];

const looking: readonly Row[] = [
  {
    id: 'pages.invitation-only',
    what: 'a pool that only administrators add users to offers no account',
    run: async () => {
      const { settings, ...pool } = cognito.pools.pool(POOL);
      const closed = { ...settings, AdminCreateUserConfig: { AllowAdminCreateUserOnly: true } };
      const visitor = new Browser(origin);
      const signUp = await visitor.open(asked().replace('/oauth2/authorize', '/signup'));
      cognito.pools.pools.put(POOL, { ...pool, settings: closed });
      const login = await authorize({}, visitor);
      const refused = await visitor.submit(signUp, '/signup', { username: 'new@example.com', password: PASSWORD });
      cognito.pools.pools.put(POOL, { ...pool, settings });
      return [signUp.text.includes('/login'), login.text.includes('/signup'), alertIn(refused)];
    },
    expected: [true, false, 'SignUp is not permitted for this user pool'],
    basis: 'documented',
    source: 'API CreateUserPool, AdminCreateUserConfig',
  },
  {
    id: 'pages.required-attributes',
    what: 'signing up asks for a username and the address that is verified where the pool has usernames',
    run: async () => {
      const { text } = await new Browser(origin).open(
        asked({ client_id: 'names' }).replace('/oauth2/authorize', '/signup'),
      );
      const inputs = [...text.matchAll(/<input id="([^"]*)"[^>]* autocomplete="([^"]*)"/g)];
      return inputs.map(([, name, autocomplete]) => [name, autocomplete]);
    },
    expected: [
      ['username', 'username'],
      ['userAttributes.email', 'email'],
      ['password', 'new-password'],
    ],
    basis: 'documented',
    source: MANAGED_LOGIN,
  },
  {
    id: 'pages.policy',
    what: 'forms may lead to these pages and back to the app, and the client’s name is shown as text',
    run: async () => {
      const { headers, text } = await authorize();
      const name = text.includes('&#60;Pets &#38; Co&#62;') && !text.includes('<Pets');
      return [headers.get('content-security-policy')?.split('; ').at(-1), headers.get('cache-control'), name];
    },
    expected: ["form-action 'self' https://app.example.com", 'no-store', true],
    basis: 'sandbox',
    source: 'Content Security Policy Level 3',
  },
  {
    id: 'pages.labels',
    what: 'every field has a label, and what is wrong is announced and pointed to',
    run: async () => {
      const visitor = new Browser(origin);
      const wrong = await visitor.submit(await authorize({}, visitor), '/login', { username: 'x', password: 'y' });
      const ids = [...wrong.text.matchAll(/<input id="([^"]*)"/g)].map(([, id]) => id);
      const labels = [...wrong.text.matchAll(/<label for="([^"]*)"/g)].map(([, id]) => id);
      const pointed = wrong.text.match(/aria-describedby="problem" aria-invalid="true"/g)?.length;
      return [ids, labels, pointed, alertIn(wrong), /<title>Error: /.test(wrong.text)];
    },
    expected: [['username', 'password'], ['username', 'password'], 2, 'Incorrect username or password.', true],
    basis: 'sandbox',
    source: 'WCAG 2.2, 1.3.1, 3.3.1 and 4.1.3',
  },
  {
    id: 'pages.methods',
    what: 'other methods than those are refused',
    run: async () => {
      const statuses = ['/oauth2/token', '/login'].map(async (path, i) => {
        return (await fetch(`${origin}${path}`, { method: i === 0 ? 'GET' : 'DELETE' })).status;
      });
      return Promise.all(statuses);
    },
    expected: [405, 405],
    basis: 'documented',
    source: TOKEN,
  },
];

const PARTS = { asking, redeeming, using, staying, looking };

describe('the domain of a user pool', () => {
  for (const [part, rows] of Object.entries(PARTS)) {
    describe(part, () => {
      it.each(rows)('$id: $what', async ({ run, expected }) => expect(await run()).toEqual(expected));
    });
  }

  it('keeps neither codes nor cookies where they could be read', async () => {
    const { code, visitor } = await entered();
    const kept = ['hosted-ui.grants', 'hosted-ui.sessions'].map((name) => JSON.stringify(store.table(name).entries()));
    const secrets = [code, visitor.cookies.get('cognito') ?? ''];
    expect(secrets.map((secret) => secret.length > 30 && kept.some((text) => text.includes(secret)))).toEqual([
      false,
      false,
    ]);
    expect(
      secrets.map((secret) => kept.some((text) => text.includes(createHash('sha256').update(secret).digest('hex')))),
    ).toEqual([true, true]);
  });
});
