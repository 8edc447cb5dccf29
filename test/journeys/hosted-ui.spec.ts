import { AdminCreateUserCommand, CreateUserPoolClientCommand } from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as openid from 'openid-client';
import { CLIENT_ID, USER_POOL_ID, USERS } from '../../src/sandbox/seed.js';
import { Sandbox } from '../../src/sandbox/server.js';
import { alertIn, Browser, type Seen, titleOf } from '../support/browser.js';
import type { Me } from '../support/customer.js';
import { claimsOf, World } from '../support/world.js';

const ISSUER = `https://cognito-idp.us-east-1.amazonaws.com/${USER_POOL_ID}`;
const APP = 'http://localhost:3000/';
const SCOPE = 'openid email aws.cognito.signin.user.admin';
const [{ username: ada, password }] = USERS;
const ADA = { username: ada, password };
const NEW_PASSWORD = 'Another-1';

describe('the hosted pages', () => {
  let world: World;
  let config: openid.Configuration;
  let people = 0;

  beforeAll(async () => {
    world = await World.start();
    config = await discovered();
  });

  afterAll(() => world.close());

  /** The issuer is AWS's; what is sent to it goes to the sandbox. */
  function discovered(): Promise<openid.Configuration> {
    const toSandbox: openid.CustomFetch = (url, options) =>
      fetch(url.replace('https://cognito-idp.us-east-1.amazonaws.com', world.sandbox.url), options);
    return openid.discovery(new URL(ISSUER), CLIENT_ID, undefined, openid.None(), {
      execute: [openid.allowInsecureRequests, openid.enableNonRepudiationChecks],
      [openid.customFetch]: toSandbox,
    });
  }

  /** An app of one's own: what it asks, and what it keeps to check the answer with. */
  async function app(extra: Record<string, string> = {}) {
    const pkceCodeVerifier = openid.randomPKCECodeVerifier();
    const checks = { pkceCodeVerifier, expectedState: openid.randomState(), expectedNonce: openid.randomNonce() };
    const address = openid.buildAuthorizationUrl(config, {
      redirect_uri: APP,
      scope: SCOPE,
      state: checks.expectedState,
      nonce: checks.expectedNonce,
      code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
      ...extra,
    });
    return { address, checks };
  }

  const browser = () => new Browser(world.sandbox.url);

  async function signedIn(
    someone: Browser,
    { address }: { address: URL },
    who: { username: string; password: string },
  ) {
    const { username, password } = who;
    return someone.submit(await someone.open(address), '/login', { username, password });
  }

  /** Ada signs in, and the app redeems what comes back. */
  async function tokens() {
    const asked = await app();
    const { url } = await signedIn(browser(), asked, ADA);
    return openid.authorizationCodeGrant(config, url, asked.checks);
  }

  function letterTo(address: string, kind: string): string {
    const letters = world.sandbox.cognito.mail().filter((letter) => letter.to === address && letter.kind === kind);
    return letters.at(-1)?.code ?? 'no letter';
  }

  const somebody = () => `visitor-${++people}@example.com`;

  async function refusal(call: Promise<unknown>): Promise<unknown> {
    const error: unknown = await call.then(
      () => 'no refusal',
      (reason: unknown) => reason,
    );
    return error instanceof Error && 'code' in error ? { code: error.code, error: Object(error).error } : error;
  }

  describe('an app with openid-client', () => {
    it('gets tokens for a code with PKCE, and Turnpike accepts them', async () => {
      const { access_token, id_token = '' } = await tokens();
      const { data } = await world.stranger.gql<{ me: Me }>('{ me { id email } }', {}, world.url, access_token);
      expect(data?.me).toEqual({ id: claimsOf(id_token).sub, email: ADA.username });
      expect(claimsOf(access_token)).toMatchObject({ token_use: 'access', client_id: CLIENT_ID, scope: SCOPE });
      expect(claimsOf(id_token)).toMatchObject({ aud: CLIENT_ID, email: ADA.username, email_verified: true });
    });

    it('refreshes them, and after revoking cannot', async () => {
      const { access_token, refresh_token = '' } = await tokens();
      const refreshed = await openid.refreshTokenGrant(config, refresh_token);
      expect(claimsOf(refreshed.access_token).jti).not.toBe(claimsOf(access_token).jti);
      expect(claimsOf(refreshed.access_token)).toMatchObject({ scope: SCOPE });
      await openid.tokenRevocation(config, refresh_token);
      const refused = { code: 'OAUTH_RESPONSE_BODY_ERROR', error: 'invalid_grant' };
      expect(await refusal(openid.refreshTokenGrant(config, refresh_token))).toEqual(refused);
    });

    it('reads who signed in, with email_verified as text', async () => {
      const { access_token, claims } = await tokens();
      const sub = String(claims()?.sub);
      const profile = { sub, email: ADA.username, email_verified: 'true', username: sub };
      expect(await openid.fetchUserInfo(config, access_token, sub)).toEqual(profile);
    });

    it('refuses an answer to another request: wrong state, wrong nonce', async () => {
      const asked = await app();
      const { url } = await signedIn(browser(), asked, ADA);
      const otherState = { ...asked.checks, expectedState: openid.randomState() };
      const otherNonce = { ...asked.checks, expectedNonce: openid.randomNonce() };
      const code = 'OAUTH_INVALID_RESPONSE';
      expect(await refusal(openid.authorizationCodeGrant(config, url, otherState))).toMatchObject({ code });
      expect(await refusal(openid.authorizationCodeGrant(config, url, otherNonce))).toMatchObject({
        code: 'OAUTH_JWT_CLAIM_COMPARISON_FAILED',
      });
    });

    it.each([
      ['with another verifier', async () => ({ pkceCodeVerifier: openid.randomPKCECodeVerifier() })],
      ['without the verifier', async () => ({ pkceCodeVerifier: undefined })],
    ])('is refused a stolen code %s, and the code is then of no use to anybody', async (_, theft) => {
      const asked = await app();
      const { url } = await signedIn(browser(), asked, ADA);
      const refused = { code: 'OAUTH_RESPONSE_BODY_ERROR', error: 'invalid_grant' };
      const { pkceCodeVerifier, ...rest } = asked.checks;
      const stolen = await theft();
      const checks = { ...rest, ...(stolen.pkceCodeVerifier && { pkceCodeVerifier: stolen.pkceCodeVerifier }) };
      expect(await refusal(openid.authorizationCodeGrant(config, url, checks))).toEqual(refused);
      expect(await refusal(openid.authorizationCodeGrant(config, url, { ...rest, pkceCodeVerifier }))).toEqual(refused);
    });

    it('is refused a code with another redirect_uri than it was given for', async () => {
      const asked = await app();
      const { url } = await signedIn(browser(), asked, ADA);
      const elsewhere = new URL(url.href.replace(APP, 'http://localhost:5173/'));
      const refused = { code: 'OAUTH_RESPONSE_BODY_ERROR', error: 'invalid_grant' };
      expect(await refusal(openid.authorizationCodeGrant(config, elsewhere, asked.checks))).toEqual(refused);
    });

    it('redeems a code once', async () => {
      const asked = await app();
      const { url } = await signedIn(browser(), asked, ADA);
      await openid.authorizationCodeGrant(config, url, asked.checks);
      const refused = { code: 'OAUTH_RESPONSE_BODY_ERROR', error: 'invalid_grant' };
      expect(await refusal(openid.authorizationCodeGrant(config, url, asked.checks))).toEqual(refused);
    });
  });

  describe('a visitor in a browser', () => {
    it('who signed in once goes straight back to the next app, until they sign out', async () => {
      const visitor = browser();
      await signedIn(visitor, await app(), ADA);
      const next = await app({ redirect_uri: 'http://localhost:5173/' });
      const { url } = await visitor.open(next.address);
      const { access_token } = await openid.authorizationCodeGrant(config, url, next.checks);
      const left = await visitor.open(`/logout?client_id=${CLIENT_ID}&logout_uri=${encodeURIComponent(APP)}`);
      expect(left.url.href).toBe(APP);
      expect(titleOf(await visitor.open(next.address))).toBe('Sign in');
      expect((await world.stranger.gql('{ me { id } }', {}, world.url, access_token)).errors).toEqual([]);
    });

    it('signs up, confirms with the code that was mailed, and arrives at the app', async () => {
      const [visitor, asked, username] = [browser(), await app(), somebody()];
      const login = await visitor.open(asked.address);
      const signUp = await visitor.open(`/signup${login.url.search}`);
      const confirm = await visitor.submit(signUp, '/signup', { username, password: 'Turnpike-1' });
      const wrong = await visitor.submit(confirm, '/confirmUser', { code: 'wrong!' });
      expect(alertIn(wrong)).toBe('Invalid verification code provided, please try again.');
      const again = await visitor.submit(wrong, '/resendCode');
      const { url } = await visitor.submit(again, '/confirmUser', { code: letterTo(username, 'sign-up') });
      const { claims } = await openid.authorizationCodeGrant(config, url, asked.checks);
      expect(claims()).toMatchObject({ email: username, email_verified: true });
    });

    it('who confirms too late is confirmed, and signs in', async () => {
      const [visitor, asked, username] = [browser(), await app(), somebody()];
      const { url } = await visitor.open(asked.address);
      const signUp = await visitor.open(`/signup${url.search}`);
      const confirm = await visitor.submit(signUp, '/signup', { username, password: 'Turnpike-1' });
      const code = letterTo(username, 'sign-up');
      const login = await visitor.submit(confirm, '/confirmUser', { code, session: '' });
      expect([titleOf(login), login.text.includes('Your account is confirmed.')]).toEqual(['Sign in', true]);
      const home = await visitor.submit(login, '/login', { password: 'Turnpike-1' });
      expect(home.url.origin).toBe('http://localhost:3000');
    });

    it('who never confirmed is asked for the code when they sign in', async () => {
      const [visitor, asked, username] = [browser(), await app(), somebody()];
      await world.sandbox.cognito.operations.SignUp({
        ClientId: CLIENT_ID,
        Username: username,
        Password: 'Turnpike-1',
      });
      const wrong = await signedIn(visitor, asked, { username, password: 'Turnpike-2' });
      expect(alertIn(wrong)).toBe('Incorrect username or password.');
      const confirm = await signedIn(visitor, asked, { username, password: 'Turnpike-1' });
      const home = await visitor.submit(confirm, '/confirmUser', { code: letterTo(username, 'sign-up') });
      expect(home.url.origin).toBe('http://localhost:3000');
    });

    it('who forgot their password chooses another', async () => {
      const [visitor, asked, username] = [browser(), await app(), somebody()];
      await world.sandbox.cognito.seedUser({
        poolId: USER_POOL_ID,
        username,
        password: 'Forgotten-1',
        attributes: { email: username },
      });
      const { url } = await visitor.open(asked.address);
      const forgot = await visitor.open(`/forgotPassword${url.search}`);
      const reset = await visitor.submit(forgot, '/forgotPassword', { username });
      const code = letterTo(username, 'password-reset');
      const weak = await visitor.submit(reset, '/confirmForgotPassword', { code, password: 'weak' });
      expect(alertIn(weak)).toBe('Password did not conform with policy: Password not long enough');
      const login = await visitor.submit(weak, '/confirmForgotPassword', { code, password: NEW_PASSWORD });
      const old = await visitor.submit(login, '/login', { password: 'Forgotten-1' });
      expect(alertIn(old)).toBe('Incorrect username or password.');
      const home = await visitor.submit(old, '/login', { password: NEW_PASSWORD });
      expect(home.url.searchParams.get('state')).toBe(asked.checks.expectedState);
    });

    it('with a temporary password chooses their own before they get in', async () => {
      const [visitor, asked, username] = [browser(), await app(), somebody()];
      const invitation = { UserPoolId: USER_POOL_ID, Username: username, TemporaryPassword: 'Temp-0rary' };
      await world.cognito.send(new AdminCreateUserCommand(invitation));
      const choose = await signedIn(visitor, asked, { username, password: 'Temp-0rary' });
      expect([titleOf(choose), visitor.cookies.has('cognito')]).toEqual(['Change password', false]);
      const weak = await visitor.submit(choose, '/changePassword', { password: 'weak' });
      expect(alertIn(weak)).toBe('Password did not conform with policy: Password not long enough');
      const { url } = await visitor.submit(weak, '/changePassword', { password: NEW_PASSWORD });
      await openid.authorizationCodeGrant(config, url, asked.checks);
      expect(await signedIn(browser(), asked, { username, password: NEW_PASSWORD })).toMatchObject({ status: 0 });
    });

    it('whose password an administrator has reset is asked for the code that was mailed', async () => {
      const [visitor, asked, username] = [browser(), await app(), somebody()];
      const user = { poolId: USER_POOL_ID, username, password: 'Forgotten-1', attributes: { email: username } };
      await world.sandbox.cognito.seedUser(user);
      world.sandbox.cognito.operations.AdminResetUserPassword({ UserPoolId: USER_POOL_ID, Username: username });
      const reset = await signedIn(visitor, asked, { username, password: 'Forgotten-1' });
      const code = letterTo(username, 'password-reset');
      const login = await visitor.submit(reset, '/confirmForgotPassword', { code, password: NEW_PASSWORD });
      const home = await visitor.submit(login, '/login', { password: NEW_PASSWORD });
      expect([titleOf(reset), home.url.origin]).toEqual(['New password', 'http://localhost:3000']);
    });

    it('is told when the account exists already', async () => {
      const visitor = browser();
      const { url } = await visitor.open((await app()).address);
      const signUp = await visitor.open(`/signup${url.search}`);
      const taken = await visitor.submit(signUp, '/signup', ADA);
      expect(alertIn(taken)).toBe('An account with the given email already exists.');
    });
  });

  describe('the pages', () => {
    const withoutCookie = async (seen: Seen) => browser().submit(seen, '/login', ADA);

    it('take no form that another site has made up', async () => {
      const visitor = browser();
      const login = await visitor.open((await app()).address);
      expect([await withoutCookie(login), await visitor.submit(login, '/login', { ...ADA, _csrf: 'guessed' })]).toEqual(
        [expect.objectContaining({ status: 403 }), expect.objectContaining({ status: 403 })],
      );
      expect(visitor.cookies.has('cognito')).toBe(false);
    });

    it('run no script and show what was typed as text', async () => {
      const visitor = browser();
      const bad = '"><script>alert(1)</script><b a=\'`&';
      const login = await visitor.open((await app({ login_hint: bad })).address);
      const wrong = await visitor.submit(login, '/login', { username: bad, password: bad });
      for (const { text, headers } of [login, wrong]) {
        expect(text).toContain('value="&#34;&#62;&#60;script');
        expect(text).not.toContain('<script');
        expect(text).not.toContain('<b a=');
        expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'self';/);
      }
      expect(alertIn(wrong)).toBe('Incorrect username or password.');
    });

    it('send people back to a server on any port that it has, also when everything else was reset', async () => {
      const sandbox = await Sandbox.start({ port: 0, directory: null });
      const asked = {
        client_id: CLIENT_ID,
        response_type: 'code',
        scope: 'openid',
        redirect_uri: 'http://localhost:4711/graphql',
      };
      const statusOf = async () => {
        const address = new URL(`/login?${new URLSearchParams(asked)}`, sandbox.url);
        return (await new Browser(sandbox.url).open(address)).status;
      };
      const before = await statusOf();
      sandbox.allowWebsite(4711);
      const allowed = await statusOf();
      await sandbox.reset();
      expect([before, allowed, await statusOf()]).toEqual([400, 200, 200]);
      await sandbox.close();
    });

    it('warn of the implicit grant, which works for a client that allows it', async () => {
      const visitor = browser();
      const settings = {
        UserPoolId: USER_POOL_ID,
        ClientName: 'implicit',
        SupportedIdentityProviders: ['COGNITO'],
        AllowedOAuthFlowsUserPoolClient: true,
        AllowedOAuthFlows: ['implicit' as const],
        AllowedOAuthScopes: SCOPE.split(' '),
        CallbackURLs: [APP],
      };
      const { UserPoolClient } = await world.cognito.send(new CreateUserPoolClientCommand(settings));
      const { address } = await app();
      address.searchParams.set('client_id', UserPoolClient?.ClientId ?? '');
      address.searchParams.set('response_type', 'token');
      for (const name of ['code_challenge', 'code_challenge_method']) address.searchParams.delete(name);
      const login = await visitor.open(address);
      expect(login.text).toContain('The guides use it; do not.');
      const { url } = await visitor.submit(login, '/login', ADA);
      const answer = Object.fromEntries(new URLSearchParams(url.hash.slice(1)));
      expect(Object.keys(answer).sort()).toEqual(['access_token', 'expires_in', 'id_token', 'state', 'token_type']);
      expect(claimsOf(answer.id_token ?? '')).toMatchObject({ nonce: address.searchParams.get('nonce') });
    });
  });
});
