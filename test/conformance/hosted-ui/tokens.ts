import { claimsOf } from '../../support/world.js';
import { basic, CHALLENGE, NAMES, type Row, VERIFIER } from './world.js';

const INVALID_GRANT = [400, { error: 'invalid_grant' }];
const AUTHORIZE = 'DOC authorization-endpoint';
const TOKEN = 'DOC token-endpoint';
const REVOKE = 'DOC revocation-endpoint';
const USER_INFO = 'DOC userinfo-endpoint';

export const REDEEMING: readonly Row[] = [
  {
    id: 'token.code',
    call: 'POST /oauth2/token',
    what: 'a code is worth three tokens, and the ID token has the nonce',
    run: async (world) => {
      const { code } = await world.entered({ nonce: 'n' });
      const { status, headers, json } = await world.redeem({ code });
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
    basis: 'docs',
    source: TOKEN,
    needs: ['pages'],
  },
  {
    id: 'token.once',
    call: 'POST /oauth2/token',
    what: 'a code is used up by the first that tries, with whatever success',
    run: async (world) => {
      const { code } = await world.entered();
      const wrong = await world.redeem({ code, redirect_uri: 'http://localhost:3000' });
      return [wrong.told, (await world.redeem({ code })).told];
    },
    expected: [INVALID_GRANT, INVALID_GRANT],
    basis: 'docs',
    source: TOKEN,
    needs: ['pages'],
  },
  {
    id: 'token.five-minutes',
    call: 'POST /oauth2/token',
    what: 'a code lives five minutes',
    run: async (world) => {
      const [first, second] = [await world.entered(), await world.entered()];
      world.clock.forward(290);
      const early = await world.redeem({ code: first.code });
      world.clock.forward(10);
      return [early.status, (await world.redeem({ code: second.code })).told];
    },
    expected: [200, INVALID_GRANT],
    basis: 'docs',
    source: AUTHORIZE,
    needs: ['pages'],
  },
  {
    id: 'token.other-client',
    call: 'POST /oauth2/token',
    what: 'a code is for one client, and another does not even spoil it',
    run: async (world) => {
      const { code } = await world.entered();
      return [(await world.redeem({ code, client_id: 'other' })).told, (await world.redeem({ code })).status];
    },
    expected: [INVALID_GRANT, 200],
    basis: 'docs',
    source: 'RFC 6749, 4.1.3',
    needs: ['pages'],
  },
  {
    id: 'token.pkce',
    call: 'POST /oauth2/token',
    what: 'a code that was asked for with a challenge needs its verifier, and one without takes none',
    run: async (world) => {
      const pkce = { code_challenge: CHALLENGE, code_challenge_method: 'S256' };
      const codes = [
        await world.entered(pkce),
        await world.entered(pkce),
        await world.entered(pkce),
        await world.entered(),
      ];
      const verifiers = [VERIFIER, `${VERIFIER}x`, undefined, VERIFIER];
      const replies = codes.map(({ code }, i) => world.redeem({ code, code_verifier: verifiers[i] }));
      return (await Promise.all(replies)).map(({ status, json }) => json.error ?? status);
    },
    expected: [200, 'invalid_grant', 'invalid_grant', 'invalid_grant'],
    basis: 'docs',
    source: 'DOC using-pkce-in-authorization-code',
    needs: ['pages'],
  },
  {
    id: 'token.openid',
    call: 'POST /oauth2/token',
    what: 'without openid there is no ID token',
    run: async (world) => Object.keys(await world.tokens({ scope: 'aws.cognito.signin.user.admin' })).sort(),
    expected: ['access_token', 'expires_in', 'refresh_token', 'token_type'],
    basis: 'docs',
    source: TOKEN,
    needs: ['pages'],
  },
  {
    id: 'token.form',
    call: 'POST /oauth2/token',
    what: 'requests are forms and name their grant',
    run: async (world) => [
      (await world.redeem({}, { 'content-type': 'application/json' })).told,
      (await world.redeem({ grant_type: undefined })).told,
      (await world.redeem({ code: undefined })).told,
      (await world.redeem({ code: 'x', redirect_uri: undefined })).told,
      (await world.redeem({ grant_type: 'password' })).told,
      (await world.redeem({ grant_type: 'client_credentials' })).told,
    ],
    expected: [
      ...Array.from({ length: 4 }, () => [400, { error: 'invalid_request' }]),
      [400, { error: 'unsupported_grant_type' }],
      [400, { error: 'unsupported_grant_type' }],
    ],
    basis: 'docs',
    source: `${TOKEN}; client_credentials is not modelled`,
    needs: ['pages'],
  },
  {
    id: 'token.client',
    call: 'POST /oauth2/token',
    what: 'clients have to allow it: no flows, no code flow, no such client',
    run: async (world) => [
      (await world.redeem({ code: 'x', client_id: 'switchedoff' })).told,
      (await world.redeem({ code: 'x', client_id: 'implicitonly' })).told,
      (await world.redeem({ code: 'x', client_id: 'nobody' })).told,
      (await world.redeem({ code: 'x', client_id: undefined })).told,
    ],
    expected: [
      [400, { error: 'unauthorized_client' }],
      [400, { error: 'unauthorized_client' }],
      [400, { error: 'invalid_client' }],
      [400, { error: 'invalid_request' }],
    ],
    basis: 'docs',
    source: TOKEN,
    needs: ['pages'],
  },
  {
    id: 'token.secret',
    call: 'POST /oauth2/token',
    what: 'a client with a secret proves it in the header or in the form; one without has none to send',
    run: async (world) => {
      const client_id = 'secretive';
      const encoded = 'not+so%3Asecret%26';
      const codes = await Promise.all([
        world.entered({ client_id }),
        world.entered({ client_id }),
        world.entered({ client_id }),
      ]);
      const [header = '', form = '', none = ''] = codes.map(({ code }) => code);
      return [
        (await world.redeem({ code: header, client_id: undefined }, basic(client_id, encoded))).status,
        (await world.redeem({ code: form, client_id, client_secret: 'not so:secret&' })).status,
        (await world.redeem({ code: none, client_id })).told,
        (await world.redeem({ code: none, client_id, client_secret: 'guessed' })).told,
        (await world.redeem({ code: 'x', client_secret: 'made up' })).told,
      ];
    },
    expected: [200, 200, ...Array.from({ length: 3 }, () => [400, { error: 'invalid_client' }])],
    basis: 'docs',
    source: TOKEN,
    needs: ['pages'],
  },
  {
    id: 'token.refresh',
    call: 'POST /oauth2/token',
    what: 'a refresh token is worth new tokens of the same scopes, and stays as it is',
    run: async (world) => {
      const first = await world.tokens();
      const { json } = await world.refresh(first.refresh_token);
      const [before, after] = [first, json].map(({ access_token = '' }) => claimsOf(access_token));
      return [
        Object.keys(json).sort(),
        after?.scope,
        after?.auth_time === before?.auth_time,
        after?.jti === before?.jti,
      ];
    },
    expected: [['access_token', 'expires_in', 'id_token', 'token_type'], 'openid email', true, false],
    basis: 'docs',
    source: TOKEN,
    needs: ['pages'],
  },
  {
    id: 'token.rotation',
    call: 'POST /oauth2/token',
    what: 'a client that rotates gets a new refresh token each time, and the old one is dead',
    run: async (world) => {
      const { refresh_token } = await world.tokens({ client_id: 'rotating' });
      const { json } = await world.refresh(refresh_token, 'rotating');
      const old = await world.refresh(refresh_token, 'rotating');
      return [
        json.refresh_token === refresh_token,
        old.told,
        (await world.refresh(json.refresh_token, 'rotating')).status,
      ];
    },
    expected: [false, INVALID_GRANT, 200],
    basis: 'docs',
    source: 'DOC amazon-cognito-user-pools-using-the-refresh-token, rotation',
    needs: ['pages'],
  },
  {
    id: 'token.bad-refresh',
    call: 'POST /oauth2/token',
    what: 'of another client, of a disabled user, made up',
    run: async (world) => {
      const who = await world.someone();
      const { refresh_token } = await world.tokens({}, who);
      const other = await world.refresh(refresh_token, 'other');
      world.cognito.operations.AdminDisableUser(who.at);
      return [other.told, (await world.refresh(refresh_token)).told, (await world.refresh('made.up')).told];
    },
    expected: [INVALID_GRANT, INVALID_GRANT, INVALID_GRANT],
    basis: 'docs',
    source: TOKEN,
    needs: ['pages'],
  },
  {
    id: 'token.trigger',
    call: 'POST /oauth2/token',
    what: 'a trigger that fails is what the app is told, with a code and without',
    run: async (world) => {
      const who = await world.someone({}, NAMES);
      const { code } = await world.entered({ client_id: 'names' }, undefined, who);
      const { home } = await world.entered({ client_id: 'names', response_type: 'token' }, undefined, who);
      return [(await world.redeem({ code, client_id: 'names' })).told, home.url.hash];
    },
    expected: [
      [400, { error: 'invalid_request', error_description: 'PreTokenGeneration failed with error Not today.' }],
      '#error=invalid_request&error_description=PreTokenGeneration+failed+with+error+Not+today.',
    ],
    basis: 'inference',
    source: 'DOC user-pool-lambda-pre-token-generation',
    needs: ['pages'],
  },
  {
    id: 'token.preflight',
    call: 'OPTIONS /oauth2/token',
    what: 'pages of any origin may ask',
    run: async (world) => {
      const headers = { origin: 'https://app.example.com', 'access-control-request-headers': 'authorization' };
      const reply = await world.fetch(`${world.origin}/oauth2/token`, { method: 'OPTIONS', headers });
      return ['origin', 'methods', 'headers'].map((name) => reply.headers.get(`access-control-allow-${name}`));
    },
    expected: ['*', 'GET,POST', 'authorization'],
    basis: 'docs',
    source: TOKEN,
    needs: ['pages'],
  },
];

export const USING: readonly Row[] = [
  {
    id: 'user-info.claims',
    call: 'GET /oauth2/userInfo',
    what: 'userInfo answers what the scopes open, every value a text',
    run: async (world) => {
      const who = await world.someone({ phone_number: '+15551234567', name: 'Ada' });
      const { access_token } = await world.tokens({}, who);
      const { status, json } = await world.userInfo(access_token);
      const expected = { sub: who.sub, username: who.sub, email: who.username, email_verified: 'true' };
      return [status, JSON.stringify(Object.entries(json).sort()) === JSON.stringify(Object.entries(expected).sort())];
    },
    expected: [200, true],
    basis: 'docs',
    source: USER_INFO,
    needs: ['pages'],
  },
  {
    id: 'user-info.openid',
    call: 'GET /oauth2/userInfo',
    what: 'it wants an access token with openid, which the API does not give',
    run: async (world) => {
      const { id_token } = await world.tokens();
      const { access_token } = await world.tokens({ scope: 'aws.cognito.signin.user.admin' });
      const replies = [
        await world.userInfo(undefined),
        await world.userInfo(access_token),
        await world.userInfo(id_token),
        await world.userInfo('x'),
      ];
      return replies.map(({ status, json }) => [status, json.error]);
    },
    expected: [[400, 'invalid_request'], ...Array.from({ length: 3 }, () => [401, 'invalid_token'])],
    basis: 'docs',
    source: USER_INFO,
    needs: ['pages'],
  },
  {
    id: 'revoke.all',
    call: 'POST /oauth2/revoke',
    what: 'a revoked refresh token takes its access tokens with it, for Cognito itself',
    run: async (world) => {
      const { refresh_token = '', access_token } = await world.tokens();
      const reply = await world.post('/oauth2/revoke', { token: refresh_token, client_id: 'website' });
      const { headers, status } = await world.userInfo(access_token);
      const challenge = headers.get('www-authenticate')?.split(',')[0];
      return [reply.told, (await world.refresh(refresh_token)).told, status, challenge];
    },
    expected: [[200, ''], INVALID_GRANT, 401, 'error="invalid_token"'],
    basis: 'docs',
    source: REVOKE,
    needs: ['pages'],
  },
  {
    id: 'revoke.refusals',
    call: 'POST /oauth2/revoke',
    what: 'no token, no refresh token, switched off, wrong secret',
    run: async (world) => {
      const { access_token } = await world.tokens();
      return [
        (await world.post('/oauth2/revoke', { client_id: 'website' })).told,
        (await world.post('/oauth2/revoke', { client_id: 'website', token: access_token })).told,
        (await world.post('/oauth2/revoke', { client_id: 'unrevocable', token: 'x' })).told,
        (await world.post('/oauth2/revoke', { token: 'x' }, basic('secretive', 'guessed'))).told,
      ];
    },
    expected: [
      [400, { error: 'invalid_request' }],
      [400, { error: 'unsupported_token_type' }],
      [400, { error: 'invalid_request' }],
      [401, { error: 'invalid_client' }],
    ],
    basis: 'docs',
    source: REVOKE,
    needs: ['pages'],
  },
];
