import { get } from 'node:http';
import { CognitoIdentityProvider } from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { banner } from '../../src/sandbox/banner.js';
import { signInAddress } from '../../src/sandbox/control-page/addresses.js';
import { prefersHtml } from '../../src/sandbox/control-page/control-page.js';
import { DEFAULTS } from '../../src/sandbox/habits/settings.js';
import { Sandbox } from '../../src/sandbox/server.js';
import { alertIn, Browser, titleOf } from '../support/browser.js';
import { claimsOf } from '../support/world.js';

const PAGE = '/_sandbox/';
const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };

describe('the sandbox’s own page', () => {
  let sandbox: Sandbox;
  let cognito: CognitoIdentityProvider;
  let browser: Browser;

  beforeAll(async () => {
    sandbox = await Sandbox.start({ port: 0, directory: null });
    cognito = new CognitoIdentityProvider({ region: 'us-east-1', endpoint: sandbox.url, credentials });
    browser = new Browser(sandbox.url);
  });

  afterEach(() => sandbox.reset());

  afterAll(() => {
    cognito.destroy();
    return sandbox.close();
  });

  const press = async (path: string, fields: Readonly<Record<string, string>> = {}) =>
    browser.submit(await browser.open(PAGE), `${PAGE}page/${path}`, fields);

  const noticeIn = (text: string) => /role="status">(.*?)</.exec(text)?.[1];

  const signUp = async (email: string) => {
    const { clientId } = sandbox.info();
    await cognito.signUp({ ClientId: clientId, Username: email, Password: 'Turnpike-1' });
    return sandbox.mail().at(-1)?.code ?? '';
  };

  describe('the page of the switches', () => {
    it('shows what there is, to browsers', async () => {
      const code = await signUp('grace@example.com');
      sandbox.habits.addFault({ operation: 'GetUser', kind: 'half', nth: 3 });
      const seen = await browser.open(PAGE);
      const { status, headers, text } = seen;
      expect([status, titleOf(seen)]).toEqual([200, 'Turnpike sandbox']);
      expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
      const { userPoolId, clientId, users, plans } = sandbox.info();
      const names = [userPoolId, clientId, ...users.map(({ username }) => username), ...plans.map(({ code }) => code)];
      for (const shown of [...names, 'grace@example.com', code, 'half, nth 3', 'SignUp']) expect(text).toContain(shown);
      for (const [name, { explanation }] of Object.entries(sandbox.habits.describe())) {
        expect(text).toContain(`<code>${name}</code>`);
        expect(text).toContain(explanation.split('`')[0]);
      }
    });

    it('answers programs with the list of the switches', async () => {
      const reply = await fetch(`${sandbox.url}${PAGE}`);
      expect(reply.headers.get('content-type')).toBe('application/json');
      expect(await reply.json()).toEqual({
        controls: expect.arrayContaining(['GET /_sandbox/info', 'POST /_sandbox/reset']),
      });
    });

    it.each([
      ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', true],
      ['text/html', true],
      ['*/*', false],
      [undefined, false],
      ['application/json, text/html;q=0.5', false],
      ['application/json;q=0.5, text/html', true],
      ['text/html;q=0, */*', false],
    ])('is what %s prefers: %s', (accept, expected) => {
      expect(prefersHtml(accept)).toBe(expected);
    });

    it('runs no script, is put into no frame, and loads nothing from elsewhere', async () => {
      const { headers, text } = await browser.open(PAGE);
      expect(headers.get('content-security-policy')).toBe(
        "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'; form-action 'self'",
      );
      expect(text).not.toMatch(/<script|<style| style=| on\w+=/);
      const sheets = [...text.matchAll(/<link rel="stylesheet" href="([^"]+)">/g)].map(([, path = '']) => path);
      const types = await Promise.all(
        sheets.map(async (path) => (await browser.open(path)).headers.get('content-type')),
      );
      expect(types).toEqual(['text/css; charset=utf-8', 'text/css; charset=utf-8']);
    });

    it('shows what users typed as text', async () => {
      await signUp('"<script>alert(1)</script>"@example.com');
      const { text } = await browser.open(PAGE);
      expect(text).toContain('&#60;script&#62;alert(1)&#60;/script&#62;');
      expect(text).not.toContain('<script');
    });
  });

  describe('its forms', () => {
    it('switch a habit on and off, and say so', async () => {
      const seen = await press('habits-serialAttach');
      expect([seen.status, seen.url.pathname, noticeIn(seen.text)]).toEqual([200, PAGE, 'serialAttach is set.']);
      expect(sandbox.habits.settings).toEqual({ ...DEFAULTS, serialAttach: true });
      await press('habits-serialAttach');
      expect(sandbox.habits.settings).toEqual(DEFAULTS);
    });

    it('set a habit that is a number', async () => {
      await press('habits-rateFactor', { value: '2.5' });
      await press('habits-latencyMilliseconds', { value: '7' });
      expect(sandbox.habits.settings).toEqual({ ...DEFAULTS, rateFactor: 2.5, latencyMilliseconds: 7 });
    });

    it.each([
      ['habits-keyCap', { value: '-1' }, 'keyCap must be a whole number, 0 or more.'],
      ['habits-keyCap', { value: '' }, 'keyCap must be a whole number, 0 or more.'],
      ['habits-rates', { value: 'maybe' }, 'rates must be true or false.'],
      ['faults', { operation: 'Nothing' }, /^operation must be/],
      ['faults', { nth: 'x' }, 'nth must be a whole number, 1 or more.'],
      ['clock', { forwardSeconds: '-5' }, 'Press one of the clock’s buttons.'],
      ['clock', { forwardSeconds: '1e300' }, /by 100 years in all/],
      ['seed', { emailPrefix: 'a b' }, /^emailPrefix must be/],
    ])('refuse bad input to %s: %j', async (path, fields, message) => {
      const seen = await press(path, { ...(path === 'faults' ? { kind: 'cut' } : {}), ...fields });
      const expected = typeof message === 'string' ? message : expect.stringMatching(message);
      expect([seen.status, alertIn(seen)]).toEqual([400, expected]);
      expect([sandbox.habits.settings, sandbox.habits.faults()]).toEqual([DEFAULTS, []]);
    });

    it('have no page at their own addresses', async () => {
      const { status, url } = await browser.open(`${PAGE}page/faults`);
      expect([status, url.pathname]).toEqual([200, PAGE]);
      const nothing = await fetch(`${sandbox.url}${PAGE}page/nothing`, { method: 'POST' });
      expect(nothing.status).toBe(404);
    });

    it('add a fault, with and without choices, and clear all', async () => {
      await press('faults', { operation: 'GetUser', kind: 'half', effect: '' });
      const seen = await press('faults', {
        operation: '*',
        kind: 'cut',
        probability: '0.5',
        seed: '7',
        effect: 'false',
      });
      const counted = { seen: 0, hits: 0 };
      expect(sandbox.habits.faults()).toEqual([
        { operation: 'GetUser', kind: 'half', ...counted },
        { operation: '*', kind: 'cut', probability: 0.5, seed: 7, effect: false, ...counted },
      ]);
      expect(seen.text).toContain('cut, probability 0.5, seed 7, effect false');
      await press('faults-clear');
      expect(sandbox.habits.faults()).toEqual([]);
    });

    it('move the clock on', async () => {
      const before = sandbox.clock.seconds();
      await press('clock', { forwardSeconds: '3600' });
      expect(sandbox.clock.seconds() - before).toBeGreaterThanOrEqual(3600);
    });

    it('count calls anew', async () => {
      await signUp('grace@example.com');
      await press('calls-reset');
      expect(sandbox.habits.calls()).toEqual({});
    });

    it('seed users and keys, and drop everything', async () => {
      const keys = sandbox.store.table('gateway.apiKeys').size;
      const users = sandbox.store.table('cognito.users').size;
      await press('seed', { users: '3', emailPrefix: '2024', foreignKeys: '2' });
      const sizes = () => [sandbox.store.table('gateway.apiKeys').size, sandbox.store.table('cognito.users').size];
      expect(sizes()).toEqual([keys + 2, users + 3]);
      await press('reset');
      expect(sizes()).toEqual([keys, users]);
    });
  });

  describe('another website', () => {
    const send = (headers: Readonly<Record<string, string>>) =>
      fetch(`${sandbox.url}${PAGE}page/habits-rates`, {
        method: 'POST',
        headers,
        body: new URLSearchParams({ value: 'true' }),
        redirect: 'manual',
      });

    it.each([
      'https://evil.example',
      'null',
      'http://localhost:5173',
      'https://127.0.0.1',
      'http://127.0.0.1.evil.example',
    ])('at %s presses no button', async (origin) => {
      expect((await send({ origin })).status).toBe(403);
      expect(sandbox.habits.settings).toEqual(DEFAULTS);
    });

    it('is not the page itself', async () => {
      expect((await send({ origin: sandbox.url })).status).toBe(303);
      expect(sandbox.habits.settings).toEqual({ ...DEFAULTS, rates: true });
    });

    it('does not read the page under a name of its own', async () => {
      const status = await new Promise<number | undefined>((resolve, reject) => {
        const headers = { host: 'evil.example', accept: 'text/html' };
        get(`${sandbox.url}${PAGE}`, { headers }, (reply) => resolve(reply.resume().statusCode)).on('error', reject);
      });
      expect(status).toBe(403);
    });
  });

  describe('the banner', () => {
    it('names the page and the hosted sign-in page, which opens', async () => {
      const said = banner(sandbox.url, sandbox.info(), null);
      const address = signInAddress(sandbox.url, sandbox.info());
      expect(said).toContain(`${sandbox.url}/_sandbox/ `);
      expect(said).toContain(address);
      expect(titleOf(await browser.open(address))).toMatch(/sign in/i);
      expect((await browser.open(PAGE)).text).toContain(address.replaceAll('&', '&#38;'));
    });

    it('prints a link that leads to the server, whatever port that has, with a code for a token that may see everything', async () => {
      const elsewhere = await Sandbox.start({ port: 0, directory: null });
      elsewhere.allowWebsite(13_000);
      const said = banner(elsewhere.url, elsewhere.info(), 'http://127.0.0.1:13000');
      const address = / Sign-in +(\S+)/.exec(said)?.[1] ?? '';
      const [{ username = '', password = '' } = {}] = elsewhere.info().users;
      const visitor = new Browser(elsewhere.url);
      const { url } = await visitor.submit(await visitor.open(address), '/login', { username, password });
      const { origin, pathname, searchParams } = url;
      expect(`${origin}${pathname}`).toBe('http://localhost:13000/');
      const body = new URLSearchParams({
        grant_type: 'authorization_code',
        client_id: elsewhere.info().clientId,
        redirect_uri: 'http://localhost:13000/',
        code: searchParams.get('code') ?? '',
      });
      const reply = await fetch(`${elsewhere.url}/oauth2/token`, { method: 'POST', body });
      const { access_token = '' } = (await reply.json()) as Record<string, string>;
      expect(String(claimsOf(access_token).scope).split(' ')).toEqual(
        expect.arrayContaining(['openid', 'profile', 'email', 'aws.cognito.signin.user.admin']),
      );
      await elsewhere.close();
    });
  });
});
