import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type DocumentNode, parse, print, visit } from 'graphql';
import type { Browser, Page, Route } from 'playwright-core';
import { CLIENT_ID, USER_POOL_ID, USERS } from '../../src/sandbox/seed.js';
import { A_BROWSERS_PATIENCE, describeInChromium, kept, startChromium } from '../support/chromium.js';
import type { Customer } from '../support/customer.js';
import { World } from '../support/world.js';

jest.setTimeout(A_BROWSERS_PATIENCE);

const [ADA] = USERS;
const DOCS = fileURLToPath(new URL('../../docs/', import.meta.url));
const read = (path: string) => readFileSync(`${DOCS}${path}`, 'utf8');
const PAGE = read('frontend.md');
const run = promisify(execFile);

/** What stands in blocks of code of that language. */
const blocks = (language: string) =>
  [...PAGE.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'))].map(([, text = '']) => text);

/** A website of another origin; what it serves each test decides. */
const website = createServer((request, reply) => serve(request.url ?? '/', reply));
let serve: (path: string, reply: ServerResponse) => void = (_, reply) => void reply.writeHead(404).end();
let site: string;
let world: World;
beforeAll(async () => {
  const listening = once(website, 'listening');
  website.listen(0, 'localhost');
  await listening;
  const { port } = website.address() as AddressInfo;
  site = `http://localhost:${port}`;
  world = await World.start({ CORS_ORIGINS: site });
  world.sandbox.allowWebsite(port);
});
afterAll(async () => {
  website.closeAllConnections();
  await new Promise((closed) => website.close(closed));
  await world.close();
});

describe('the page for frontend developers', () => {
  const document = parse(blocks('graphql').join('\n'));

  /** The replies that the page shows for one customer, one after the other. */
  const STORY: readonly [name: string, variables: (keyId: string) => Record<string, unknown>][] = [
    ['Plans', () => ({})],
    ['Me', () => ({})],
    ['Subscribe', () => ({ plan: 'free' })],
    ['Me', () => ({})],
    ['Subscribe', () => ({ plan: 'gold' })],
    ['RotateKey', (keyId) => ({ keyId, graceSeconds: 3600 })],
    ['RevokeKey', (keyId) => ({ keyId })],
    ['RevokeKey', (keyId) => ({ keyId })],
    ['RevealKey', () => ({})],
    ['CancelSubscription', () => ({})],
    ['CancelSubscription', () => ({})],
  ];

  it('shows operations that answer what it says, for one customer in this order', async () => {
    const customer = await world.customer();
    const shown = blocks('json')
      .flatMap((text) => text.trim().split('\n'))
      .map((line) => JSON.parse(line) as object);
    const keys: string[] = [];
    for (const [turn, [name, variables]] of STORY.entries()) {
      const isOverlap = turn === 7;
      const keyId = keys.at(isOverlap ? 0 : -1) ?? '';
      const { data, text } = await customer.gql(operation(document, name), variables(keyId));
      const id = /"key":\{"id":"(\w+)"/.exec(text)?.[1];
      if (id) keys.push(id);
      if (name === 'Subscribe' && id) await usedThrice(customer, text);
      expect([name, formOf({ data })]).toEqual([name, formOf(shown[turn])]);
    }
    expect(await customer.liveKeys()).toEqual([]);
  });

  async function usedThrice(customer: Customer, reply: string): Promise<void> {
    const value = /"value":"(\w+)"/.exec(reply)?.[1] ?? '';
    expect(await customer.call(value, 3)).toEqual({ 200: 3 });
    world.forward(2); // what `me` keeps is a second old in the sandbox
  }

  it('shows the example scripts as they are', () => {
    for (const name of readdirSync(`${DOCS}examples`)) {
      expect(PAGE).toContain(`(examples/${name})`);
      if (name.endsWith('.js')) expect(blocks('js')).toContain(read(`examples/${name}`));
    }
  });

  it('says what to show for every code there is', () => {
    const codes = [...read('problems.md').matchAll(/^## ([A-Z_]+)$/gm)].map(([, code]) => code);
    const shown = new Set([...PAGE.matchAll(/`([A-Z]+(?:_[A-Z]+)*)`/g)].map(([, code]) => code));
    expect(codes.length).toBeGreaterThan(20);
    expect(codes.filter((code) => !shown.has(code))).toEqual([]);
  });

  it('has an example in plain fetch, which signs in, takes a plan and calls the API with its key', async () => {
    const customer = await world.customer();
    const env = {
      PATH: process.env.PATH,
      TURNPIKE: `${world.url}/graphql`,
      COGNITO: `${world.sandbox.url}/`,
      CLIENT_ID,
      API: `${world.sandbox.info().invokeUrl}/pets`,
      EMAIL: customer.email,
      PASSWORD: 'Test-Passw0rd',
    };
    const { stdout } = await run(process.execPath, [`${DOCS}examples/plain-fetch.mjs`], { env });
    expect(JSON.parse(stdout)).toMatchObject({
      plans: ['free', 'basic', 'pro'],
      status: 200,
      me: {
        email: customer.email,
        subscription: { planCode: 'free', state: 'ACTIVE' },
        usage: { used: 1, remaining: 99 },
      },
    });
    expect(await customer.liveKeys()).toEqual([expect.objectContaining({ plans: ['free'] })]);
  });
});

describeInChromium('a website with the scripts of the page', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startChromium();
  });
  afterAll(() => browser.close());

  const settings = () => ({
    issuer: `https://cognito-idp.us-east-1.amazonaws.com/${USER_POOL_ID}`,
    hostedUi: world.sandbox.url,
    clientId: CLIENT_ID,
    page: `${site}/`,
  });
  const require = createRequire(import.meta.url);
  const FILES: Readonly<Record<string, () => string>> = {
    '/oidc.js': () => readFileSync(require.resolve('oidc-client-ts').replace('/umd/', '/esm/'), 'utf8'),
    '/jwt-decode.js': () => readFileSync(require.resolve('jwt-decode').replace('/cjs/', '/esm/'), 'utf8'),
    '/oidc-client-ts.js': () => read('examples/oidc-client-ts.js'),
    '/sign-in-by-hand.js': () => read('examples/sign-in-by-hand.js'),
  };
  const imports = JSON.stringify({ imports: { 'oidc-client-ts': '/oidc.js', 'jwt-decode': '/jwt-decode.js' } });

  async function opened(script: string): Promise<Page> {
    const html = `<!doctype html><script type="importmap">${imports}</script><script type="module">${script}</script>`;
    serve = (path, reply) => {
      const file = FILES[path];
      reply.setHeader('content-type', file ? 'text/javascript' : 'text/html').end(file ? file() : html);
    };
    const page = await browser.newPage();
    await page.goto(`${site}/`);
    return page;
  }

  /** Ada signs in at the hosted pages, and the website is open again. */
  async function signIn(page: Page): Promise<void> {
    await page.evaluate('window.ready.then((ready) => void ready.signIn())');
    await page.getByLabel('Email').fill(ADA.username);
    await page.getByLabel('Password').fill(ADA.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL(`${site}/`);
  }

  const me = (page: Page, token: string) =>
    page.evaluate<string>(
      `fetch('${world.url}/graphql', { method: 'POST', headers: { 'content-type': 'application/json', authorization: 'Bearer ${token}' },
        body: '{"query":"{ me { email } }"}' }).then((reply) => reply.text())`,
    );

  const WITH_OIDC_CLIENT = () => `
      window.ready = import('/oidc-client-ts.js').then(async ({ sessions }) => {
        const session = sessions(${JSON.stringify(settings())});
        if (new URLSearchParams(location.search).has('code')) await session.answered();
        return session;
      });`;

  it('signs in with oidc-client-ts, asks Turnpike from another origin, and signs out', async () => {
    const page = await opened(WITH_OIDC_CLIENT());
    await signIn(page);
    const token = await page.evaluate<string>('window.ready.then(async (ready) => (await ready.user()).access_token)');
    expect(JSON.parse(await me(page, token))).toEqual({ data: { me: { email: ADA.username } } });
    expect(await kept(page)).toEqual({ local: '{}', session: '{}' });
    const back = page.waitForEvent('load');
    await page.evaluate('window.ready.then((ready) => void ready.signOut())');
    await back;
    await page.evaluate('window.ready.then((ready) => void ready.signIn())');
    await page.getByLabel('Password').waitFor();
    await page.close();
  });

  it.each<[string, (route: Route) => Promise<void>]>([
    ['is out of reach', (route) => route.abort()],
    ['refuses', (route) => route.fulfill({ status: 400, json: { error: 'invalid_request' } })],
  ])(
    'signs out with oidc-client-ts, whoever asks next has to sign in: also when what revokes tokens %s',
    async (_, answer) => {
      const page = await opened(WITH_OIDC_CLIENT());
      await signIn(page);
      await page.route('**/oauth2/revoke', answer);
      const back = page.waitForEvent('load', { timeout: 10_000 });
      await Promise.all([back, page.evaluate('window.ready.then((ready) => void ready.signOut())')]);
      expect(await page.evaluate('window.ready.then((ready) => ready.user())')).toBeNull();
      await page.evaluate('window.ready.then((ready) => void ready.signIn())');
      await page.getByLabel('Password').waitFor();
      await page.close();
    },
  );

  it('signs in by hand, renews, and takes no answer that was not asked for', async () => {
    const page = await opened(`
      window.ready = import('/sign-in-by-hand.js').then(async ({ signIn, answered, renewed }) => {
        const settings = ${JSON.stringify(settings())};
        const tokens = location.search ? await answered(settings) : null;
        return { tokens, signIn: () => signIn(settings), renewed: () => renewed(settings, tokens.refresh_token) };
      });`);
    await signIn(page);
    const token = await page.evaluate<string>(
      'window.ready.then(async (ready) => (await ready.renewed()).access_token)',
    );
    expect(JSON.parse(await me(page, token))).toEqual({ data: { me: { email: ADA.username } } });
    expect(await kept(page)).toEqual({ local: '{}', session: '{}' });
    await page.goto(`${site}/?code=x&state=y`);
    expect(await page.evaluate('window.ready.catch(({ message }) => message)')).toBe('This answer was not asked for.');
    await page.close();
  });
});

/** One operation, with the fragments that it uses. */
function operation(document: DocumentNode, name: string): string {
  const used = new Set<string>();
  const chosen = document.definitions.filter((one) => one.kind === 'OperationDefinition' && one.name?.value === name);
  for (const one of chosen) visit(one, { FragmentSpread: ({ name: fragment }) => void used.add(fragment.value) });
  const fragments = document.definitions.filter((one) => one.kind === 'FragmentDefinition' && used.has(one.name.value));
  return print({ ...document, definitions: [...chosen, ...fragments] });
}

/** A reply without what differs from one customer and hour to the next: texts that are ids, values and times. */
function formOf(reply: unknown): unknown {
  const text = JSON.stringify(reply, (name, value: unknown) => {
    const differs = /^(id|lastFour|createdAt|retiresAt|asOf|resetsAt|value|date|email)$/.test(name);
    return differs && typeof value === 'string' ? '…' : value;
  });
  return JSON.parse(text);
}
