import { afterAll, afterEach, beforeAll, beforeEach, expect, it, jest } from '@jest/globals';
import type { Browser, Page, Route } from 'playwright-core';
import { A_BROWSERS_PATIENCE, describeInChromium, startChromium } from '../support/chromium.js';
import { World } from '../support/world.js';
import { Visitor } from './visitor.js';

jest.setTimeout(A_BROWSERS_PATIENCE);

const HINT = 'localStorage.getItem("turnpike.signed-in")';

describeInChromium('a session in several tabs of the portal', () => {
  let world: World;
  let browser: Browser;
  let grace: Visitor;
  let count = 0;
  beforeAll(async () => {
    [world, browser] = await Promise.all([World.start(), startChromium()]);
  });
  afterAll(async () => {
    await browser?.close();
    await world?.close();
  });
  beforeEach(async () => {
    grace = await Visitor.come(browser, world, `session-${++count}`);
    await grace.open('/plans');
    await grace.button('Choose Free').click();
    await grace.signUp();
    await grace.heading('Your key is ready').waitFor();
  });
  afterEach(() => grace.leave());

  async function opened(path: string, heading: string): Promise<Page> {
    const page = await grace.newTab();
    await page.goto(`${world.url}${path}`);
    await page.getByRole('heading', { name: heading, exact: true }).waitFor();
    return page;
  }

  /** What another tab did has reached this one, and it still knows whom it serves. */
  async function isStillIn(page = grace.page): Promise<void> {
    await hasHeard(page);
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Usage' }).click();
    await page.getByRole('heading', { name: 'Usage', exact: true }).waitFor();
  }

  /** News of the storage comes in order: after this one there are no older ones on their way. */
  async function hasHeard(page: Page): Promise<void> {
    await page.evaluate(`window.heard = new Promise((heard) => addEventListener('storage', ({ key }) => key === 'mark' && heard()));
      undefined`);
    const teller = await grace.context.newPage();
    await teller.goto(`${world.url}/healthz`);
    await teller.evaluate('localStorage.setItem("mark", String(performance.timeOrigin))');
    await page.evaluate('window.heard');
    await teller.close();
  }

  /** The next renewal of this tab is answered by Cognito, but the tab hears of it only when `arrive` is called. */
  async function renewalOnItsWay(page: Page) {
    let isHeld: (held: { refreshToken: string; arrive: () => Promise<void> }) => void = () => {};
    const held = new Promise<Parameters<typeof isHeld>[0]>((resolve) => {
      isHeld = resolve;
    });
    await page.route('**/oauth2/token', async (route: Route) => {
      const sent = new URLSearchParams(route.request().postData() ?? '');
      const reply = await route.fetch();
      const { refresh_token } = (await reply.json()) as { refresh_token?: string };
      const refreshToken = refresh_token ?? sent.get('refresh_token') ?? '';
      isHeld({ refreshToken, arrive: () => route.fulfill({ response: reply }) });
    });
    await page.route('**/graphql', (route) =>
      route.fulfill({ json: { data: null, errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] } }),
    );
    await page.getByRole('button', { name: 'Reveal' }).click();
    return held;
  }

  /** Does what sends the browser there, and keeps it from getting there until it is let go. */
  async function heldAt(page: Page, address: string, work: () => Promise<void>): Promise<() => Promise<void>> {
    const held = new Promise<Route>((isHeld) => void page.route(address, isHeld));
    const done = work(); // a click waits for the way that it leads
    const route = await held;
    return async () => {
      await route.continue();
      await done;
    };
  }

  it('lasts in a tab that has it when the hosted pages no longer know who opens another', async () => {
    await grace.context.clearCookies();
    const other = await opened('/account', 'Your session has ended');
    expect(await other.evaluate(HINT)).toBeNull();
    await isStillIn();
  });

  it('lasts in every tab when somebody is sent to an answer that nobody asked for', async () => {
    const other = await opened('/account?code=x&state=y', 'Account');
    expect(other.url()).toBe(`${world.url}/account`);
    await isStillIn();
    await isStillIn(other);
    const third = await opened('/usage?error=login_required&state=y', 'Usage');
    expect(third.url()).toBe(`${world.url}/usage`);
    await isStillIn();
    await isStillIn(other);
    expect(grace.complaints).toEqual([]);
  });

  it('opens the page as ever for a stranger who comes with such an answer', async () => {
    await grace.context.clearCookies();
    await grace.page.evaluate('localStorage.clear()');
    await grace.open('/account?code=x&state=y');
    await grace.heading('Sign in to go on').waitFor();
    expect(grace.page.url()).toBe(`${world.url}/account`);
  });

  it('shows in each tab what another one has changed, and copies no key that was replaced there', async () => {
    const other = await opened('/key', 'Your API key');
    await grace.button('Reveal').click();
    await grace.button('Hide').waitFor();
    await other.getByRole('button', { name: 'Replace key' }).click();
    const dialog = other.getByRole('alertdialog');
    await dialog.getByRole('radio', { name: /Not at all/ }).click();
    await dialog.getByRole('button', { name: 'Replace key' }).click();
    const renewed = (await dialog.locator('.secret-value').textContent()) ?? '';
    await hasHeard(grace.page);
    await grace.button('Copy').first().click();
    await grace.button('Copied').waitFor();
    expect(await grace.page.evaluate('navigator.clipboard.readText()')).toBe(renewed);
    await grace.page.locator('.secret-value', { hasText: renewed.slice(-4) }).waitFor();
    expect(await grace.page.evaluate('JSON.stringify({ ...localStorage })')).not.toContain(renewed);
  });

  it('leaves no step in the history when a reload signs in again, so that Back leads back', async () => {
    const { page } = grace;
    await grace.goTo('Key');
    const before = await page.evaluate('history.length');
    for (const _ of [1, 2]) {
      await page.reload();
      await grace.isAt('/key');
      await grace.heading('Your API key').waitFor();
    }
    expect(await page.evaluate('history.length')).toBe(before);
    await page.evaluate('history.back()');
    await grace.isAt('/overview');
    await grace.heading('Your key is ready').waitFor();
  });

  it('is asked for again, and not given up, on a page that is left for the hosted pages and comes back as it was', async () => {
    const page = await grace.newTab();
    await page.route('**/oauth2/authorize?*', (route) => route.fulfill({ status: 204 }), { times: 1 }); // so the page stays
    const left = page.waitForResponse('**/oauth2/authorize?*');
    await page.goto(`${world.url}/usage`);
    await left;
    await page.evaluate(`dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))`);
    await page.getByRole('heading', { name: 'Usage', exact: true }).waitFor();
  });

  it('does not come back by a renewal that another tab has signed out before its answer', async () => {
    const other = await opened('/key', 'Your API key');
    const { refreshToken, arrive } = await renewalOnItsWay(other);
    await grace.goTo('Account');
    await grace.button('Sign out').click();
    const isSignedOut = other.getByRole('heading', { name: 'You signed out in another tab' });
    await isSignedOut.waitFor();
    await grace.isAt('/');
    const revoked = other.waitForResponse('**/oauth2/revoke');
    await arrive();
    expect((await revoked).status()).toBe(200);
    await expect(world.renewed(refreshToken)).rejects.toMatchObject({ message: 'Refresh Token has been revoked' });
    expect(await isSignedOut.isVisible()).toBe(true);
    expect(await other.evaluate(HINT)).toBe('no');
  });

  it('does not come back between sign-out and the way to the hosted pages', async () => {
    const page = await opened('/key', 'Your API key');
    const { refreshToken, arrive } = await renewalOnItsWay(page);
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Account' }).click();
    const letGo = await heldAt(page, '**/logout?*', () => page.getByRole('button', { name: 'Sign out' }).click());
    const revoked = page.waitForResponse('**/oauth2/revoke');
    await arrive();
    await revoked;
    await expect(world.renewed(refreshToken)).rejects.toMatchObject({ message: 'Refresh Token has been revoked' });
    await letGo();
    await page.waitForURL(`${world.url}/`);
    await page.getByRole('button', { name: 'Sign in' }).first().waitFor();
    expect(await page.evaluate(HINT)).toBe('no');
  });

  it('ends although nobody answers when its tokens are revoked', async () => {
    const page = await grace.newTab();
    await page.clock.install();
    await page.goto(`${world.url}/account`);
    await page.route('**/oauth2/revoke', () => {});
    const revoking = page.waitForRequest('**/oauth2/revoke');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await revoking;
    await page.clock.fastForward(15_000);
    await page.waitForURL(`${world.url}/`);
    await page.getByRole('button', { name: 'Sign in' }).first().waitFor();
  });
});
