import { alertIn, titleOf } from '../../support/browser.js';
import { asked, end, LEFT, PASSWORD, POOL, type Row } from './world.js';

const ERROR_PAGE = 'This did not work';
const TOKEN = 'DOC token-endpoint';
const LOGOUT = 'DOC logout-endpoint';
const MANAGED_LOGIN = 'DOC cognito-user-pools-managed-login';

export const STAYING: readonly Row[] = [
  {
    id: 'session.cookie',
    call: 'POST /login',
    what: 'the session is a cookie that no script reads and other sites do not send, for an hour',
    run: async (world) => {
      const visitor = world.browser();
      const { username } = await world.someone();
      const login = await world.authorize({}, visitor);
      const csrf = visitor.cookies.get('XSRF-TOKEN') ?? '';
      const reply = await world.fetch(login.url.href, {
        method: 'POST',
        body: new URLSearchParams({ username, password: PASSWORD, _csrf: csrf }),
        headers: { cookie: `XSRF-TOKEN=${csrf}` },
        redirect: 'manual',
      });
      return reply.headers.get('set-cookie')?.replace(/=[\w-]{43};/, '=…;');
    },
    expected: 'cognito=…; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax',
    basis: 'docs',
    source: `${MANAGED_LOGIN}; the attributes are the sandbox’s`,
    needs: ['pages'],
  },
  {
    id: 'session.hour',
    call: 'GET /oauth2/authorize',
    what: 'within the hour the next request, of any client of the pool, needs no password',
    run: async (world) => {
      const { visitor } = await world.entered();
      world.clock.forward(3590);
      const soon = await world.authorize({ client_id: 'other' }, visitor);
      world.clock.forward(10);
      return [soon.url.searchParams.has('code'), titleOf(await world.authorize({}, visitor))];
    },
    expected: [true, 'Sign in'],
    basis: 'docs',
    source: MANAGED_LOGIN,
    needs: ['pages'],
  },
  {
    id: 'session.other-pool',
    call: 'GET /oauth2/authorize',
    what: 'a session is worth nothing in another pool',
    run: async (world) => titleOf(await world.authorize({ client_id: 'names' }, (await world.entered()).visitor)),
    expected: 'Sign in',
    basis: 'docs',
    source: MANAGED_LOGIN,
    needs: ['pages'],
  },
  {
    id: 'session.disabled',
    call: 'GET /oauth2/authorize',
    what: 'a disabled user is signed in no longer; a global sign-out leaves the cookie alone',
    run: async (world) => {
      const who = await world.someone();
      const { visitor } = await world.entered({}, undefined, who);
      world.cognito.operations.AdminUserGlobalSignOut(who.at);
      const after = await world.authorize({}, visitor);
      world.cognito.operations.AdminDisableUser(who.at);
      return [after.url.searchParams.has('code'), titleOf(await world.authorize({}, visitor))];
    },
    expected: [true, 'Sign in'],
    basis: 'docs',
    source: 'API AdminUserGlobalSignOut; the first half is the sandbox’s',
    needs: ['pages'],
  },
  {
    id: 'logout.uri',
    call: 'GET /logout',
    what: 'logout ends the session and goes to one of the client’s sign-out URLs; tokens stay good',
    run: async (world) => {
      const { visitor, code } = await world.entered();
      const { json } = await world.redeem({ code });
      const secret = visitor.cookies.get('cognito') ?? '';
      const left = await visitor.open(`/logout?client_id=website&logout_uri=${encodeURIComponent(LEFT)}`);
      const hasCookie = visitor.cookies.has('cognito');
      visitor.cookies.set('cognito', secret);
      const again = titleOf(await world.authorize({}, visitor));
      const tokensAfter = [
        (await world.refresh(json.refresh_token)).status,
        (await world.userInfo(json.access_token)).status,
      ];
      return [end(left), hasCookie, again, tokensAfter];
    },
    expected: [LEFT, false, 'Sign in', [200, 200]],
    basis: 'docs',
    source: LOGOUT,
    needs: ['pages'],
  },
  {
    id: 'logout.login',
    call: 'GET /logout',
    what: 'with redirect_uri and response_type it goes to the sign-in page',
    run: async (world) => {
      const { visitor } = await world.entered();
      const login = await visitor.open(asked({ state: 's' }).replace('/oauth2/authorize', '/logout'));
      return [login.url.pathname, login.url.searchParams.get('state'), visitor.cookies.has('cognito')];
    },
    expected: ['/login', 's', false],
    basis: 'docs',
    source: LOGOUT,
    needs: ['pages'],
  },
  {
    id: 'logout.refusals',
    call: 'GET /logout',
    what: 'anything else is told on a page, and the session stays',
    run: async (world) => {
      const { visitor } = await world.entered();
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
    basis: 'docs',
    source: LOGOUT,
    needs: ['pages'],
  },
];

export const LOOKING: readonly Row[] = [
  {
    id: 'pages.invitation-only',
    call: 'POST /signup',
    what: 'a pool that only administrators add users to offers no account',
    run: async (world) => {
      const { settings, ...pool } = world.cognito.pools.pool(POOL);
      const closed = { ...settings, AdminCreateUserConfig: { AllowAdminCreateUserOnly: true } };
      const visitor = world.browser();
      const signUp = await visitor.open(asked().replace('/oauth2/authorize', '/signup'));
      world.cognito.pools.pools.put(POOL, { ...pool, settings: closed });
      const login = await world.authorize({}, visitor);
      const refused = await visitor.submit(signUp, '/signup', { username: 'new@example.com', password: PASSWORD });
      world.cognito.pools.pools.put(POOL, { ...pool, settings });
      return [signUp.text.includes('/login'), login.text.includes('/signup'), alertIn(refused)];
    },
    expected: [true, false, 'SignUp is not permitted for this user pool'],
    basis: 'docs',
    source: 'API CreateUserPool, AdminCreateUserConfig',
    needs: ['pages'],
  },
  {
    id: 'pages.required-attributes',
    call: 'GET /signup',
    what: 'signing up asks for a username and the address that is verified where the pool has usernames',
    run: async (world) => {
      const { text } = await world
        .browser()
        .open(asked({ client_id: 'names' }).replace('/oauth2/authorize', '/signup'));
      const inputs = [...text.matchAll(/<input id="([^"]*)"[^>]* autocomplete="([^"]*)"/g)];
      return inputs.map(([, name, autocomplete]) => [name, autocomplete]);
    },
    expected: [
      ['username', 'username'],
      ['userAttributes.email', 'email'],
      ['password', 'new-password'],
    ],
    basis: 'docs',
    source: MANAGED_LOGIN,
    needs: ['pages'],
  },
  {
    id: 'pages.policy',
    call: 'GET /login',
    what: 'forms may lead to these pages and back to the app, and the client’s name is shown as text',
    run: async (world) => {
      const { headers, text } = await world.authorize();
      const name = text.includes('&#60;Pets &#38; Co&#62;') && !text.includes('<Pets');
      return [headers.get('content-security-policy')?.split('; ').at(-1), headers.get('cache-control'), name];
    },
    expected: ["form-action 'self' https://app.example.com", 'no-store', true],
    basis: 'inference',
    source: 'Content Security Policy Level 3',
    needs: ['pages'],
  },
  {
    id: 'pages.labels',
    call: 'POST /login',
    what: 'every field has a label, and what is wrong is announced and pointed to',
    run: async (world) => {
      const visitor = world.browser();
      const wrong = await visitor.submit(await world.authorize({}, visitor), '/login', {
        username: 'x',
        password: 'y',
      });
      const ids = [...wrong.text.matchAll(/<input id="([^"]*)"/g)].map(([, id]) => id);
      const labels = [...wrong.text.matchAll(/<label for="([^"]*)"/g)].map(([, id]) => id);
      const pointed = wrong.text.match(/aria-describedby="problem" aria-invalid="true"/g)?.length;
      return [ids, labels, pointed, alertIn(wrong), /<title>Error: /.test(wrong.text)];
    },
    expected: [['username', 'password'], ['username', 'password'], 2, 'Incorrect username or password.', true],
    basis: 'inference',
    source: 'WCAG 2.2, 1.3.1, 3.3.1 and 4.1.3',
    needs: ['pages'],
  },
  {
    id: 'pages.methods',
    call: 'GET /oauth2/token, DELETE /login',
    what: 'other methods than those are refused',
    run: async (world) => {
      const statuses = ['/oauth2/token', '/login'].map(async (path, i) => {
        return (await world.fetch(`${world.origin}${path}`, { method: i === 0 ? 'GET' : 'DELETE' })).status;
      });
      return Promise.all(statuses);
    },
    expected: [405, 405],
    basis: 'docs',
    source: TOKEN,
    needs: ['pages'],
  },
];
