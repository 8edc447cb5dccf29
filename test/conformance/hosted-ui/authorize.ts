import { titleOf } from '../../support/browser.js';
import { claimsOf } from '../../support/world.js';
import { APP, CHALLENGE, end, type Row } from './world.js';

const error = (name: string, description?: string) =>
  `${APP}&error=${name}${description === undefined ? '' : `&error_description=${description}`}`;
const ERROR_PAGE = 'This did not work';
const AUTHORIZE = 'DOC authorization-endpoint';
const CLIENT = 'API CreateUserPoolClient';

export const ASKING: readonly Row[] = [
  {
    id: 'authorize.client',
    call: 'GET /oauth2/authorize',
    what: 'an unknown client gets a page and goes nowhere',
    run: async (world) => end(await world.authorize({ client_id: 'nobody' })),
    expected: [400, ERROR_PAGE, 'There is no app client with this client_id.'],
    basis: 'docs',
    source: 'RFC 6749, 4.1.2.1',
    needs: ['pages'],
  },
  ...[`${APP}/`, 'https://app.example.com/back', 'http://localhost:3000/', 'HTTPS://app.example.com/back?tenant=1'].map(
    (uri, at): Row => ({
      id: `authorize.redirect.${at + 1}`,
      call: 'GET /oauth2/authorize',
      what: `the redirect_uri has to be one of the client's to the letter, and ${uri} is not`,
      run: async (world) => end(await world.authorize({ redirect_uri: uri })),
      expected: [400, ERROR_PAGE, `${uri} is not an address of this app client.`],
      basis: 'docs',
      source: AUTHORIZE,
      needs: ['pages'],
    }),
  ),
  ...['http://app.example.com/', `${APP}#x`].map(
    (uri, at): Row => ({
      id: `authorize.https.${at + 1}`,
      call: 'GET /oauth2/authorize',
      what: `a redirect_uri uses https, unless it is local, and has no fragment: ${uri}`,
      run: async (world) => end(await world.authorize({ redirect_uri: uri })),
      expected: [400, ERROR_PAGE, `${uri} must use https, unless it is on localhost, and have no fragment.`],
      basis: 'docs',
      source: AUTHORIZE,
      needs: ['pages'],
    }),
  ),
  {
    id: 'authorize.missing-redirect',
    call: 'GET /oauth2/authorize',
    what: 'a redirect_uri is required',
    run: async (world) => end(await world.authorize({ redirect_uri: undefined })),
    expected: [400, ERROR_PAGE, 'The parameter redirect_uri is missing.'],
    basis: 'docs',
    source: AUTHORIZE,
    needs: ['pages'],
  },
  {
    id: 'authorize.custom-scheme',
    call: 'GET /oauth2/authorize',
    what: 'apps on a phone have a scheme of their own',
    run: async (world) => (await world.entered({ redirect_uri: 'myapp://signed-in' })).home.url.href.replace(/=.*/, ''),
    expected: 'myapp://signed-in?code',
    basis: 'docs',
    source: AUTHORIZE,
    needs: ['pages'],
  },
  {
    id: 'authorize.code',
    call: 'GET /oauth2/authorize',
    what: 'the code goes to the redirect_uri, which keeps its own query, with the state',
    run: async (world) =>
      [...(await world.entered({ state: 'a b&c=d' })).home.url.searchParams].map(([k, v]) => (k === 'code' ? k : v)),
    expected: ['1', 'code', 'a b&c=d'],
    basis: 'docs',
    source: AUTHORIZE,
    needs: ['pages'],
  },
  {
    id: 'authorize.response-type',
    call: 'GET /oauth2/authorize',
    what: 'there are code and token',
    run: async (world) => [
      end(await world.authorize({ response_type: undefined })),
      end(await world.authorize({ response_type: 'id_token' })),
    ],
    expected: [error('invalid_request', 'response_type+is+missing'), error('unsupported_response_type')],
    basis: 'docs',
    source: 'RFC 6749, 4.1.2.1',
    needs: ['pages'],
  },
  {
    id: 'authorize.flows',
    call: 'GET /oauth2/authorize',
    what: 'the client has to allow the flow, and flows at all; the refusal comes where the answer would',
    run: async (world) => [
      end(await world.authorize({ client_id: 'codeonly', response_type: 'token', state: 's' })),
      end(await world.authorize({ client_id: 'implicitonly' })),
      end(await world.authorize({ client_id: 'switchedoff' })),
    ],
    expected: [`${APP}#error=unauthorized_client&state=s`, error('unauthorized_client'), error('unauthorized_client')],
    basis: 'docs',
    source: `${AUTHORIZE}; ${CLIENT}, AllowedOAuthFlowsUserPoolClient`,
    needs: ['pages'],
  },
  {
    id: 'authorize.scopes',
    call: 'GET /oauth2/authorize',
    what: 'only scopes of the client, and email, phone and profile only together with openid',
    run: async (world) => [
      end(await world.authorize({ scope: 'openid profile' })),
      end(await world.authorize({ scope: 'email' })),
      end(await world.authorize({ scope: '' })),
    ],
    expected: Array.from({ length: 3 }, () => error('invalid_request', 'invalid_scope')),
    basis: 'field',
    source: 'forums: error_description=invalid_scope&error=invalid_request',
    needs: ['pages'],
  },
  {
    id: 'authorize.no-scope',
    call: 'GET /oauth2/authorize',
    what: 'without a scope the client gets all of its own',
    run: async (world) => claimsOf((await world.tokens({ scope: undefined })).access_token ?? '').scope,
    expected: 'openid email phone aws.cognito.signin.user.admin',
    basis: 'docs',
    source: AUTHORIZE,
    needs: ['pages'],
  },
  {
    id: 'authorize.pkce',
    call: 'GET /oauth2/authorize',
    what: 'PKCE is S256, and whole',
    run: async (world) => {
      const requests = [
        { code_challenge: CHALLENGE, code_challenge_method: 'plain' },
        { code_challenge: CHALLENGE },
        { code_challenge_method: 'S256' },
        { code_challenge: 'short', code_challenge_method: 'S256' },
      ];
      const answers = requests.map(async (parameters) => (await world.authorize(parameters)).url.searchParams);
      return (await Promise.all(answers)).map((answer) => [answer.get('error'), answer.get('error_description')]);
    },
    expected: [
      ['invalid_request', 'code_challenge_method must be S256'],
      ['invalid_request', 'code_challenge and code_challenge_method belong together'],
      ['invalid_request', 'code_challenge and code_challenge_method belong together'],
      ['invalid_request', 'code_challenge is no SHA-256 in base64url'],
    ],
    basis: 'docs',
    source: AUTHORIZE,
    needs: ['pages'],
  },
  {
    id: 'authorize.provider',
    call: 'GET /oauth2/authorize',
    what: 'the users of the pool are a provider that the client has to name, and no other is modelled',
    run: async (world) => [
      end(await world.authorize({ identity_provider: 'Google' })),
      end(await world.authorize({ client_id: 'withoutusers' })),
      titleOf(await world.authorize({ identity_provider: 'COGNITO' })),
    ],
    expected: [
      error('invalid_request', 'the+identity+provider+is+not+enabled+for+this+client'),
      error('invalid_request', 'the+identity+provider+is+not+enabled+for+this+client'),
      'Sign in',
    ],
    basis: 'inference',
    source: AUTHORIZE,
    needs: ['pages'],
  },
  {
    id: 'authorize.prompt',
    call: 'GET /oauth2/authorize',
    what: 'prompt=none never shows a page, prompt=login always does',
    run: async (world) => {
      const { visitor } = await world.entered();
      return [
        end(await world.authorize({ prompt: 'none' })),
        (await world.authorize({ prompt: 'none' }, visitor)).url.searchParams.has('code'),
        titleOf(await world.authorize({ prompt: 'login' }, visitor)),
      ];
    },
    expected: [error('login_required'), true, 'Sign in'],
    basis: 'docs',
    source: AUTHORIZE,
    needs: ['pages'],
  },
  {
    id: 'authorize.hint',
    call: 'GET /oauth2/authorize',
    what: 'login_hint fills in the username',
    run: async (world) =>
      (await world.authorize({ login_hint: 'a+b@example.com' })).text.includes('value="a+b@example.com"'),
    expected: true,
    basis: 'docs',
    source: AUTHORIZE,
    needs: ['pages'],
  },
  {
    id: 'authorize.implicit',
    call: 'GET /oauth2/authorize',
    what: 'token answers ID and access token in the fragment, no refresh token, and the nonce in the ID token',
    run: async (world) => {
      const { home } = await world.entered({ response_type: 'token', state: 's', nonce: 'n' });
      const { access_token, id_token = '', ...rest } = Object.fromEntries(new URLSearchParams(home.url.hash.slice(1)));
      return [home.url.search, typeof access_token, claimsOf(id_token).nonce, rest];
    },
    expected: ['?tenant=1', 'string', 'n', { token_type: 'Bearer', expires_in: '3600', state: 's' }],
    basis: 'docs',
    source: AUTHORIZE,
    needs: ['pages'],
  },
];
