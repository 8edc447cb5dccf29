import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, jest } from '@jest/globals';
import type { Browser, BrowserContext } from 'playwright-core';
import { CLIENT_ID, USERS } from '../../src/sandbox/seed.js';
import {
  A_BROWSERS_PATIENCE,
  describeInChromium,
  kept,
  startChromium,
  type Witness,
  witness,
} from '../support/chromium.js';
import { keyOf } from '../support/outcomes.js';
import { Playground } from '../support/playground.js';
import { World } from '../support/world.js';

jest.setTimeout(A_BROWSERS_PATIENCE);

const [ADA, ADMIN] = USERS;
const TOKEN = /eyJ[\w-]{10,}/;
const FLAG = JSON.stringify({ 'turnpike:was-signed-in': 'yes' });

/**
 * GraphiQL's own faults that axe finds: grey of too little contrast in the editors and the logo, editors without a label,
 * tabs with a button in them, a scrolled editor that takes no focus. They are in its files, which are served as they are.
 */
const GRAPHIQLS_OWN = ['.graphiql-sessions'];

interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
}

/** A world whose hosted pages send people back to its server. */
async function worldToSignInTo(): Promise<World> {
  const world = await World.start();
  world.sandbox.allowWebsite(Number(new URL(world.url).port));
  return world;
}

describeInChromium('an admin in the playground', () => {
  let browser: Browser;
  let world: World;
  let context: BrowserContext;
  let seen: Witness;
  let playground: Playground;

  beforeAll(async () => {
    [world, browser] = await Promise.all([worldToSignInTo(), startChromium()]);
  });
  afterAll(() => Promise.all([world.close(), browser.close()]));
  beforeEach(async () => {
    context = await browser.newContext();
    seen = witness(context);
    playground = new Playground(await context.newPage(), world.url);
    await playground.open();
  });
  afterEach(async () => {
    expect(seen.mishaps).toEqual([]);
    expect([...seen.origins].filter((origin) => ![world.url, world.sandbox.url].includes(origin))).toEqual([]);
    await context.close();
  });

  const signIn = () => playground.signIn(ADMIN.username, ADMIN.password);

  /** Addresses of pages that the browser was sent to while `work` went on. */
  async function redirects(work: () => Promise<unknown>): Promise<string[]> {
    const paths: string[] = [];
    playground.page.on('request', (request) => {
      if (request.isNavigationRequest()) paths.push(new URL(request.url()).pathname);
    });
    await work();
    return paths;
  }

  async function tokensOf(work: () => Promise<unknown>): Promise<Tokens> {
    const redeemed = playground.page.waitForResponse((response) => response.url().endsWith('/oauth2/token'));
    await work();
    return (await (await redeemed).json()) as Tokens;
  }

  it('signs in, finds a customer, grants calls, suspends, resumes, and signs out', async () => {
    const customer = await world.customer();
    const key = keyOf(await customer.subscribe('free'));
    const { refresh_token } = await tokensOf(signIn);
    expect(await playground.who()).toBe(`Signed in as ${ADMIN.username} admin`);

    await playground.choose('Search');
    await playground.fillIn({ search: customer.email });
    expect(JSON.stringify((await playground.send()).data)).toContain(customer.sub);

    await playground.choose('GrantQuota');
    await playground.fillIn({ userId: customer.sub, reason: 'Makes up for the outage' });
    await playground.send();
    expect((await customer.attributes())['custom:quota_grant']).toMatch(/;500;MONTH$/);
    expect((await customer.me()).usage).toMatchObject({ limit: 600, granted: 500 });

    await playground.choose('SuspendUser');
    expect(await playground.variables()).toEqual({ userId: customer.sub, code: 'PAYMENT', reason: '' });
    await playground.fillIn({ reason: 'Card expired' });
    await playground.send();
    expect(await customer.keys()).toEqual([expect.objectContaining({ id: key.id, enabled: true, plans: [] })]);
    expect(await customer.call(key.value)).toEqual({ 403: 1 });

    await playground.choose('ResumeUser');
    expect(await playground.variables()).toEqual({ userId: customer.sub, reason: '' });
    await playground.fillIn({ reason: 'Paid' });
    await playground.send();
    expect(await customer.keys()).toEqual([expect.objectContaining({ id: key.id, enabled: true, plans: ['free'] })]);
    expect(await customer.call(key.value)).toEqual({ 200: 1 });

    await playground.signOut();
    await expect(world.renewed(refresh_token)).rejects.toMatchObject({ message: 'Refresh Token has been revoked' });
    await playground.page.getByRole('button', { name: 'Sign in' }).click();
    await playground.page.getByLabel('Password').waitFor(); // the hosted pages have forgotten who it was
  });

  it('opens an operation as it is in the collection, whatever plan, reason or consent the tab before had', async () => {
    await playground.choose('AssignPlan');
    await playground.fillIn({ userId: 'somebody', plan: 'basic', reason: 'Invoice 7 paid', confirm: true });
    await playground.hasKept('Invoice 7 paid');
    await playground.choose('RetirePlan');
    expect(await playground.variables()).toEqual({ plan: 'pro', reason: '' });
    await playground.fillIn({ confirm: true, reason: 'Nobody takes it' });
    await playground.hasKept('Nobody takes it');
    await playground.choose('Sweep');
    expect(await playground.variables()).toEqual({ confirm: false, reason: '' });
  });

  it('leaves nothing secret behind: no token, code or verifier in the address or in what the browser keeps', async () => {
    await signIn();
    await playground.choose('Drift');
    await playground.send();
    await playground.hasKept('Drift');
    const { local, session } = await kept(playground.page);
    expect(playground.page.url()).toBe(`${world.url}/graphql`);
    expect(session).toBe(FLAG);
    expect(local).not.toMatch(TOKEN);
    expect(local).not.toMatch(/isDryRun":|authorization|Bearer/i);
    await playground.signOut();
    expect((await kept(playground.page)).session).toBe('{}');
  });

  it('a reload signs in again without a question, and finds the tabs as they were', async () => {
    await signIn();
    await playground.choose('OneUser');
    await playground.fillIn({ userId: 'somebody' });
    await playground.hasKept('somebody');
    const paths = await redirects(async () => {
      await playground.page.reload();
      await playground.isShown(ADMIN.username);
    });
    expect(paths).toEqual(['/graphql', '/oauth2/authorize', '/graphql']);
    expect(await playground.tabs()).toEqual(['Plans', 'OneUser']);
    expect(await playground.variables()).toEqual({ userId: 'somebody' });
  });

  it('goes in no circle when the session of the hosted pages is over', async () => {
    await signIn();
    await context.clearCookies();
    const reload = async () => {
      await playground.page.reload();
      await playground.isShown('Not signed in.');
    };
    expect(await redirects(reload)).toEqual(['/graphql', '/oauth2/authorize', '/graphql']);
    expect(await playground.who()).toBe('Your session has ended. Not signed in.');
    expect((await kept(playground.page)).session).toBe('{}');
    expect((await redirects(reload)).slice(-1)).toEqual(['/graphql']);
    expect(await playground.who()).toBe('Not signed in.');
  });

  it('takes no answer that it has not asked for', async () => {
    await playground.page.goto(`${world.url}/graphql?code=${'0'.repeat(8)}&state=made-up`);
    await playground.isShown('Signing in did not work');
    expect(playground.page.url()).toBe(`${world.url}/graphql`);
    expect(await playground.who()).toMatch(/Not signed in\.$/);
  });

  it('goes on with a fresh token before the old one ends, and is told when there is none to be had', async () => {
    await playground.page.clock.install();
    const first = await tokensOf(signIn);
    world.forward(3550);
    const second = await tokensOf(() => playground.page.clock.fastForward('59:10'));
    expect(second.access_token).not.toBe(first.access_token);
    await playground.choose('Drift');
    expect((await playground.send()).errors).toBeUndefined();

    world.sandbox.cognito.operations.RevokeToken({ Token: first.refresh_token, ClientId: CLIENT_ID });
    world.forward(3550);
    await playground.page.clock.fastForward('59:10');
    await playground.isShown('Your session has ended. Not signed in.');
    expect((await kept(playground.page)).session).toBe('{}');
  });

  it('is shown the schema, with what each part of it is for', async () => {
    await signIn();
    await playground.page.getByRole('button', { name: 'Show Documentation Explorer' }).click();
    await playground.page.getByRole('link', { name: 'Mutation', exact: true }).click();
    await playground.page.getByText('Give a user extra calls until the quota resets.').waitFor();
  });

  it('can work by keyboard and screen reader: axe finds nothing serious in what is ours', async () => {
    await signIn();
    const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
    await playground.page.evaluate(readFileSync(axe, 'utf8'));
    for (const colorScheme of ['light', 'dark'] as const) {
      await playground.page.emulateMedia({ colorScheme });
      const found = await playground.page.evaluate<{ violations: { id: string; impact: string; nodes: unknown }[] }>(
        `axe.run({ exclude: ${JSON.stringify(GRAPHIQLS_OWN)} })`,
      );
      const grave = found.violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
      expect(grave.map(({ id, nodes }) => ({ id, nodes }))).toEqual([]);
    }
  });

  it('is told that they are none when they are a customer, and is refused', async () => {
    await playground.signIn(ADA.username, ADA.password);
    expect(await playground.who()).toBe(`Signed in as ${ADA.username} not an admin`);
    await playground.choose('Users');
    const { data, errors } = await playground.send();
    expect([data, errors?.[0]?.extensions.code]).toEqual([null, 'FORBIDDEN']);
  });
});

describeInChromium('where nobody has said where the hosted pages are', () => {
  let browser: Browser;
  let world: World;
  beforeAll(async () => {
    [world, browser] = await Promise.all([World.start({ COGNITO_DOMAIN: '' }), startChromium()]);
  });
  afterAll(() => Promise.all([world.close(), browser.close()]));

  it('the playground says so, and sends what is put into the headers pane, which is not kept', async () => {
    const page = await browser.newPage();
    const playground = new Playground(page, world.url);
    await playground.open();
    expect(await playground.who()).toContain('the server has no COGNITO_DOMAIN');
    expect(await page.getByRole('button', { name: 'Sign in' }).count()).toBe(0);
    const { accessToken } = await world.admin();
    const headers = JSON.stringify({ authorization: `Bearer ${accessToken}` });
    await page.evaluate(
      `document.querySelector('[aria-label="Headers"] .graphiql-editor:not(.hidden) .CodeMirror').CodeMirror.setValue(${JSON.stringify(headers)})`,
    );
    const sent = page.waitForRequest((request) => request.method() === 'POST');
    expect(await playground.send()).toHaveProperty('data.plans');
    expect(await (await sent).headerValue('authorization')).toBe(`Bearer ${accessToken}`);
    await playground.choose('Drift');
    await playground.hasKept('Drift');
    const { local, session } = await kept(page);
    expect([TOKEN.test(local), session]).toEqual([false, '{}']);
    await page.close();
  });
});
