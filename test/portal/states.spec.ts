import { DeleteApiKeyCommand } from '@aws-sdk/client-api-gateway';
import { AdminDisableUserCommand } from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { Browser, Route } from 'playwright-core';
import { USER_POOL_ID } from '../../src/sandbox/seed.js';
import { act } from '../support/admin.js';
import { A_BROWSERS_PATIENCE, describeInChromium, startChromium } from '../support/chromium.js';
import type { Customer } from '../support/customer.js';
import { World } from '../support/world.js';
import { SIZES, Visitor } from './visitor.js';

const CACHE_SECONDS = 61;
const BUDGET_BYTES = 200_000;

type Json = Readonly<Record<string, unknown>>;
type Answer = Parameters<Route['fulfill']>[0];

describeInChromium('the portal, in each state that it can be in', () => {
  let world: World;
  let browser: Browser;
  let grace: Visitor;
  let admin: Customer;
  let count = 0;
  beforeAll(async () => {
    world = await World.start({ MANAGE_PLANS: 'true' });
    admin = await world.admin();
    browser = await startChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await world?.close();
  });
  beforeEach(async () => {
    grace = await Visitor.come(browser, world, `visitor-${++count}`, count % 2 === 0 ? 'phone' : 'desktop');
  });
  afterEach(async () => {
    world.sandbox.habits.reset();
    await grace.leave();
  });

  /** Signed up and on a plan. */
  async function subscribed(plan = 'Free'): Promise<void> {
    await grace.open('/plans');
    await grace.button(`Choose ${plan}`).click();
    await grace.signUp();
    await grace.heading('Your key is ready').waitFor();
  }

  const customer = (): Promise<Customer> => world.signIn(grace.email, 'Turnpike-1');

  const dialog = () => grace.page.getByRole('alertdialog');

  /** As a field for date and time has it. */
  const inMinutes = (minutes: number): Promise<string> =>
    grace.page.evaluate(
      `new Date(Date.now() + (${minutes} - new Date().getTimezoneOffset()) * 60000).toJSON().slice(0, 16)`,
    );

  /** Answers this operation in the server's place; null = as if there were no network. */
  async function instead(operation: string, answer: Answer | null): Promise<void> {
    await grace.page.route('**/graphql', (route) => {
      const { query = '' } = route.request().postDataJSON() as { query?: string };
      if (!query.includes(` ${operation}`)) return route.fallback();
      return answer === null ? route.abort() : route.fulfill(answer);
    });
  }

  /** Answers `me` as the server does, but for what is made of it here. */
  async function changedMe(change: (me: Readonly<Record<string, Json | undefined>>) => unknown): Promise<void> {
    await grace.page.route('**/graphql', async (route) => {
      const { query = '' } = route.request().postDataJSON() as { query?: string };
      if (!query.includes(' Me ')) return route.fallback();
      const { data } = (await (await route.fetch()).json()) as { data: { me: Record<string, Json | undefined> } };
      return route.fulfill({ json: { data: { me: change(data.me) } } });
    });
  }

  const refusal = (code: string, told: Json = {}): Answer => ({
    json: { data: null, errors: [{ message: code, extensions: { code, ...told } }] },
  });

  /** Whether the tab is the one in front. */
  async function isLookedAt(isVisible: boolean): Promise<void> {
    const state = isVisible ? 'visible' : 'hidden';
    await grace.page.evaluate(`Object.defineProperty(document, 'visibilityState', { value: '${state}', configurable: true });
      document.dispatchEvent(new Event('visibilitychange'))`);
  }

  /** Whether a customer may choose the plans that cost something; on AWS they may not. */
  async function isForSale(selfService: boolean): Promise<void> {
    for (const code of ['basic', 'pro']) await changePlan(code, { selfService });
  }

  async function changePlan(code: string, input: Json): Promise<void> {
    const change = 'updatePlan(code: $code, input: $input, reason: "a test") { __typename }';
    const { data } = await admin.gql(`mutation ($code: String!, $input: PlanChangeInput!) { ${change} }`, {
      code,
      input,
    });
    expect(data).toEqual({ updatePlan: { __typename: 'PlanUpdated' } });
    world.forward(CACHE_SECONDS);
  }

  async function isSound(): Promise<void> {
    expect(await grace.barriers()).toEqual([]);
    expect(await grace.page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
    expect(grace.complaints.filter((words) => !words.includes('net::ERR_FAILED'))).toEqual([]);
  }

  it('weighs at most 200 kB at first sight, and asks nobody but this server', async () => {
    const elsewhere: string[] = [];
    grace.page.on('request', (request) => {
      if (!request.url().startsWith(world.url)) elsewhere.push(request.url());
    });
    await grace.page.goto(`${world.url}/`, { waitUntil: 'networkidle' });
    await grace.button('Choose Free').waitFor();
    const total = grace.loaded.reduce((sum, { bytes }) => sum + bytes, 0);
    expect(grace.loaded.length).toBeGreaterThanOrEqual(6);
    expect(total).toBeGreaterThan(50_000);
    expect(total).toBeLessThanOrEqual(BUDGET_BYTES);
    expect(elsewhere).toEqual([]);
    await isSound();
  });

  it(
    'has room on a narrow phone for a plan with a long name and an address in its description',
    async () => {
      await grace.page.setViewportSize({ width: 320, height: 700 });
      await changePlan('basic', {
        title: 'Basic-'.repeat(40),
        description: 'See https://docs.example.com/plans/the-one-with-ten-thousand-calls-a-month',
      });
      try {
        await subscribed('Basic');
        for (const page of ['Overview', 'Usage', 'Key', 'Account', 'Plans'] as const) {
          await grace.goTo(page);
          await isSound();
        }
        await grace.button('Change to Free').click();
        await isSound();
        await dialog().getByRole('button', { name: 'Change to Free' }).click();
        await dialog().waitFor({ state: 'detached' });
        await grace.button(/^Change to Basic-/).click();
        await dialog().waitFor();
        await isSound();
      } finally {
        await changePlan('basic', { title: 'Basic', description: null });
      }
    },
    A_BROWSERS_PATIENCE,
  );

  it(
    'goes on with the plan that was chosen before sign-up, through a reload on the way',
    async () => {
      await grace.open('/plans');
      await grace.button('Choose Basic').click();
      await grace.page.waitForURL(/\/signup/);
      await grace.page.reload();
      await grace.signUp();
      await grace.heading('Your key is ready').waitFor();
      await grace.sees('10,000 calls a month');
      const ada = await customer();
      expect((await ada.me()).subscription).toMatchObject({ planCode: 'basic', state: 'ACTIVE' });
      await isSound();
    },
    A_BROWSERS_PATIENCE,
  );

  it(
    'asks a customer who signs in with another plan in mind, and changes nothing by itself',
    async () => {
      await subscribed();
      await grace.goTo('Account');
      await grace.button('Sign out').click();
      await grace.isAt('/');
      await grace.button('Choose Basic').click();
      await grace.page.waitForURL(/\/signup/);
      await grace.page.goBack();
      await grace.button('Sign in').first().click();
      await grace.signIn();
      await grace.heading('Change to Basic?').waitFor();
      await isSound();
      await grace.button('Keep things as they are').click();
      await grace.heading('Plans').waitFor();
      const ada = await customer();
      expect((await ada.me()).subscription).toMatchObject({ planCode: 'free' });
    },
    A_BROWSERS_PATIENCE,
  );

  it(
    'asks whoever signs in later in a tab where a plan was chosen and given up, though they have none',
    async () => {
      await grace.open('/plans');
      await grace.button('Choose Basic').click();
      await grace.signUp(); // so that there is somebody
      await grace.heading('Your key is ready').waitFor();
      await (await customer()).cancel();
      await grace.goTo('Account');
      await grace.button('Sign out').click();
      await grace.isAt('/');
      await grace.button('Choose Pro').click();
      await grace.page.waitForURL(/\/signup/);
      await grace.page.goBack();
      await grace.button('Sign in').first().click();
      await grace.signIn();
      await grace.heading('Choose Pro?').waitFor();
      await isSound();
      const ada = await customer();
      expect((await ada.me()).subscription).toBeNull();
      await grace.page.getByRole('alertdialog').getByRole('button', { name: 'Choose Pro' }).click();
      await grace.isAt('/overview');
      await grace.sees('1,000,000 calls a month');
    },
    A_BROWSERS_PATIENCE,
  );

  /** Answers `me` as it was before, as a process does that has not heard of the change. */
  async function staysBehind(): Promise<void> {
    const before = { data: { me: null as unknown } };
    await grace.page.route('**/graphql', async (route) => {
      const { query = '' } = route.request().postDataJSON() as { query?: string };
      if (!query.includes('query Me')) return route.fallback();
      before.data.me ??= ((await (await route.fetch()).json()) as typeof before).data.me;
      return route.fulfill({ json: before });
    });
    await grace.page.reload();
  }

  it(
    'shows what a change answered, although another process still tells of what was before',
    async () => {
      await subscribed();
      await grace.goTo('Key');
      await staysBehind();
      await grace.button('Replace key').click();
      await dialog().getByRole('button', { name: 'Replace key' }).click();
      await grace.heading('Your new key').waitFor();
      const ada = await customer();
      const [key] = await ada.liveKeys();
      await grace.page.waitForTimeout(500); // the next answer of the one that is behind has come
      await dialog()
        .getByText(/^[A-Za-z0-9]{40,}$/)
        .waitFor();
      await dialog().getByRole('button', { name: 'Done' }).click();
      await grace.page.getByLabel(new RegExp(`${key?.value.slice(-4)}$`)).waitFor();
      await grace.goTo('Account');
      await grace.button('Cancel subscription').click();
      await dialog().getByRole('textbox').fill('cancel');
      await dialog()
        .getByRole('button', { name: /^Cancel/ })
        .click();
      await grace.goTo('Overview');
      await grace.page.waitForTimeout(500);
      await grace.heading('You have no plan yet').waitFor();
      await isSound();
    },
    A_BROWSERS_PATIENCE,
  );

  it(
    'finds out what has become of a deed whose answer was lost',
    async () => {
      await subscribed();
      await grace.page.route('**/graphql', async (route) => {
        const { query = '' } = route.request().postDataJSON() as { query?: string };
        if (!query.includes('CancelSubscription')) return route.fallback();
        await route.fetch();
        return route.abort();
      });
      await grace.goTo('Account');
      await grace.button('Cancel subscription').click();
      await dialog().getByRole('textbox').fill('cancel');
      await dialog()
        .getByRole('button', { name: /^Cancel/ })
        .click();
      await grace.sees('The server could not be reached');
      await dialog().getByRole('button', { name: 'Keep' }).click();
      await grace.goTo('Overview');
      await grace.heading('You have no plan yet').waitFor();
    },
    A_BROWSERS_PATIENCE,
  );

  it(
    'reveals the key that was made elsewhere, beside its own last four',
    async () => {
      await subscribed();
      const ada = await customer();
      await grace.goTo('Key');
      await grace.page.reload();
      await grace.button('Reveal').waitFor();
      const [old] = await ada.liveKeys();
      await ada.rotate(old?.id ?? '');
      const [key] = await ada.liveKeys();
      await grace.button('Reveal').click();
      await grace.page
        .getByText(key?.value ?? 'none', { exact: true })
        .first()
        .waitFor();
    },
    A_BROWSERS_PATIENCE,
  );

  it(
    'says why nothing could be copied, when it was not the browser',
    async () => {
      await subscribed();
      await grace.goTo('Key');
      await grace.page.reload();
      await grace.button('Reveal').waitFor();
      await instead('RevealKey', refusal('TRY_AGAIN'));
      await grace.page.setViewportSize(SIZES.phone);
      await grace.button('Copy').first().click();
      await grace.sees('Busy just now');
      const box = await grace.page.locator('.secret .notice').boundingBox();
      expect(box?.width).toBeGreaterThan(250);
      expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThan(SIZES.phone.width);
      await isSound();
    },
    A_BROWSERS_PATIENCE,
  );

  it(
    'says of a key that could not be replaced in a full account that nothing was recorded, and the old one works',
    async () => {
      await subscribed();
      const ada = await customer();
      const before = await ada.liveKeys();
      await grace.goTo('Key');
      world.sandbox.habits.set({ keyCap: 0 });
      await grace.button('Replace key').click();
      await dialog().getByRole('button', { name: 'Replace key' }).click();
      await grace.sees(/nothing was recorded: your old key goes on working/);
      await isSound();
      expect(await ada.liveKeys()).toEqual(before);
      expect(await ada.call(before[0]?.value ?? '')).toEqual({ 200: 1 });
    },
    A_BROWSERS_PATIENCE,
  );

  it(
    'counts the time of the old key from when it is replaced, however long the question was open',
    async () => {
      await subscribed();
      await grace.page.clock.install();
      await grace.page.reload();
      await grace.goTo('Key');
      await grace.button('Replace key').click();
      await dialog()
        .getByRole('radio', { name: /Until a date/ })
        .click();
      const until = dialog().getByLabel('Until', { exact: true });
      await until.fill(await inMinutes(10));
      await grace.page.clock.fastForward('11:00');
      await dialog().locator('[aria-invalid=true]').waitFor();
      const replace = dialog().getByRole('button', { name: 'Replace key' });
      expect(await replace.isDisabled()).toBe(true);
      await until.fill(await inMinutes(60));
      await grace.page.clock.fastForward('30:00');
      await replace.click();
      await grace.heading('Your new key').waitFor();
      const { subscription } = await (await customer()).me();
      const left = Date.parse(subscription?.overlappingKey?.retiresAt ?? '') - world.sandbox.clock.now().getTime();
      expect(left / 60_000).toBeGreaterThan(27);
      expect(left / 60_000).toBeLessThanOrEqual(30);
    },
    A_BROWSERS_PATIENCE,
  );

  it(
    'does not say of a key whose time is over that it works, and looks again until it is gone',
    async () => {
      await subscribed();
      const ada = await customer();
      const [old] = await ada.liveKeys();
      await ada.rotate(old?.id ?? '', 1800);
      await grace.page.clock.install({ time: Date.now() + 6 * 3_600_000 }); // a browser whose clock is ahead
      await grace.open('/key');
      await grace.sees('The time of your old key is over');
      expect(await grace.page.getByText('still works').count()).toBe(0);
      await isSound();
      world.forward(1800);
      await grace.page.clock.fastForward(30_000);
      await grace.page.getByText('The time of your old key is over').waitFor({ state: 'detached' });
    },
    A_BROWSERS_PATIENCE,
  );

  it(
    'greets nobody as a newcomer whose key is old, and shows them the one that they replaced',
    async () => {
      await subscribed();
      const ada = await customer();
      const [old] = await ada.liveKeys();
      await ada.rotate(old?.id ?? '', 7 * 86_400);
      await grace.page.clock.install({ time: Date.now() + 2 * 86_400_000 });
      await grace.open('/overview');
      await grace.heading('Overview').waitFor();
      await grace.sees('Your old key still works');
      await isSound();
    },
    A_BROWSERS_PATIENCE,
  );

  it(
    'says of a plan that cannot be found that it cannot, and not that there is none, also where calls are shown',
    async () => {
      await subscribed();
      const ada = await customer();
      const me = await ada.me();
      const subscription = { ...me.subscription, plan: null };
      await instead('Me', { json: { data: { me: { ...me, usage: null, subscription } } } });
      await grace.page.reload();
      await grace.goTo('Usage');
      await grace.sees('Your plan cannot be found at the moment.');
      await isSound();
    },
    A_BROWSERS_PATIENCE,
  );

  it(
    'signs in again by itself after a reload, on the page where one was, and keeps no token',
    async () => {
      await subscribed();
      for (const page of ['Usage', 'Account'] as const) {
        await grace.goTo(page);
        await grace.page.reload();
        await grace.isAt(`/${page.toLowerCase()}`);
        await grace.heading(page).waitFor();
      }
      const kept = await grace.page.evaluate('JSON.stringify([{ ...localStorage }, { ...sessionStorage }])');
      expect(kept).toContain('turnpike.signed-in');
      expect(kept).not.toMatch(/eyJ|refresh|token"/);
      await isSound();
    },
    A_BROWSERS_PATIENCE,
  );

  it(
    'forgets everybody in other tabs at sign-out, and says so',
    async () => {
      await subscribed();
      const other = await grace.newTab();
      await other.goto(`${world.url}/usage`);
      await other.getByRole('heading', { name: 'Usage', exact: true }).waitFor();
      await grace.goTo('Account');
      await grace.button('Sign out').click();
      await other.getByRole('heading', { name: 'You signed out in another tab' }).waitFor();
      expect(await grace.barriers(other)).toEqual([]);
      await grace.button('Sign in').waitFor();
      await grace.open('/usage');
      await grace.heading('Sign in to go on').waitFor();
      await isSound();
    },
    A_BROWSERS_PATIENCE,
  );

  it(
    'says that the session has ended when Cognito has ended it',
    async () => {
      await subscribed();
      await instead('Me', refusal('UNAUTHENTICATED'));
      await grace.context.clearCookies();
      await grace.page.reload();
      await grace.heading('Your session has ended').waitFor();
      expect(await grace.page.getByText(/not affected/).count()).toBe(0);
      await isSound();
    },
    A_BROWSERS_PATIENCE,
  );

  it(
    'shows a suspended customer why, and lets them cancel',
    async () => {
      await subscribed();
      const ada = await customer();
      const [old] = await ada.liveKeys();
      await ada.rotate(old?.id ?? '', 7 * 86_400);
      await act(admin, 'suspendUser', { userId: ada.sub, code: 'PAYMENT' });
      world.forward(CACHE_SECONDS);
      await grace.page.reload();
      await grace.sees('Your account is suspended');
      await grace.sees(/A payment is missing/);
      await isSound();
      await grace.goTo('Key');
      await grace.heading('Your API key').waitFor();
      await grace.sees('Your old key is refused as well');
      expect(await grace.page.getByText('still works').count()).toBe(0);
      await grace.button('End it now').waitFor();
      expect(await grace.button('Replace key').count()).toBe(0);
      await grace.goTo('Account');
      await grace.button('Cancel subscription').click();
      await grace.page.getByLabel(/to confirm/).fill('cancel');
      await grace.button('Cancel for good').click();
      await grace.sees('Your subscription is cancelled, and your key is switched off.');
    },
    A_BROWSERS_PATIENCE,
  );

  it(
    'says of a suspension that is not carried out yet that the key may still work, and offers nothing to finish',
    async () => {
      await subscribed();
      const ada = await customer();
      const [old] = await ada.liveKeys();
      await ada.rotate(old?.id ?? '', 7 * 86_400);
      world.sandbox.habits.addFault({ operation: 'DeleteUsagePlanKey', kind: 'before', times: 1_000_000 });
      await act(admin, 'suspendUser', { userId: ada.sub, code: 'PAYMENT' });
      world.forward(CACHE_SECONDS);
      await grace.open('/key');
      await grace.sees(/the API refuses it, or will in a moment/);
      await grace.sees('Your old key is refused as well, or will be in a moment');
      expect(await ada.call(old?.value ?? '')).toEqual({ 200: 1 });
      for (const page of ['Key', 'Plans'] as const) {
        await grace.goTo(page);
        await grace.page.getByRole('heading', { name: page, exact: true, level: 1 }).waitFor();
        expect(await grace.page.getByText('Your plan is being set up').count()).toBe(0);
        expect(await grace.button('Finish it now').count()).toBe(0);
      }
      await isSound();
    },
    A_BROWSERS_PATIENCE,
  );

  it(
    'says on each page to a suspended customer without a plan why they cannot choose one',
    async () => {
      await subscribed();
      await (await customer()).cancel();
      await act(admin, 'suspendUser', { userId: (await customer()).sub, code: 'PAYMENT' });
      world.forward(CACHE_SECONDS);
      await grace.page.reload();
      for (const page of ['Usage', 'Key', 'Overview'] as const) {
        await grace.goTo(page);
        await grace.sees(/A payment is missing/);
        await grace.sees('You can choose one when your account is no longer suspended.');
        expect(await grace.page.getByText(/Your key is kept|You can still cancel|in a second or two/).count()).toBe(0);
      }
      await isSound();
    },
    A_BROWSERS_PATIENCE,
  );

  it(
    'does not say to a suspended customer without a key that it is being made',
    async () => {
      await subscribed();
      const [key] = await (await customer()).keys();
      await world.gateway.send(new DeleteApiKeyCommand({ apiKey: key?.id }));
      await act(admin, 'suspendUser', { userId: (await customer()).sub, code: 'ABUSE' });
      world.forward(CACHE_SECONDS);
      await grace.open('/key');
      await grace.sees('There is no key. None is made as long as your account is suspended.');
      expect(await grace.page.getByText(/Your key is kept|is being made/).count()).toBe(0);
      await isSound();
    },
    A_BROWSERS_PATIENCE,
  );

  it(
    'does not offer to cancel to somebody who was disabled in Cognito, whom the server lets change nothing',
    async () => {
      await subscribed();
      const ada = await customer();
      await grace.page.clock.install();
      await grace.open('/account');
      await grace.button('Cancel subscription').waitFor();
      let asked = 0;
      grace.page.on('request', (request) => {
        if (request.url().endsWith('/graphql')) asked += 1;
      });
      await isLookedAt(false);
      await grace.page.clock.runFor(10 * CACHE_SECONDS * 1000);
      expect(asked).toBe(0);
      const answer = grace.page.waitForResponse('**/graphql');
      await isLookedAt(true);
      await answer;
      await world.cognito.send(new AdminDisableUserCommand({ UserPoolId: USER_POOL_ID, Username: ada.username }));
      world.forward(CACHE_SECONDS);
      await grace.page.clock.runFor(CACHE_SECONDS * 1000); // and nobody touches the page
      await grace.sees(/you can change nothing here/);
      expect(await grace.page.getByText('You can still cancel').count()).toBe(0);
      expect(await grace.button('Cancel subscription').count()).toBe(0);
      await expect(ada.cancel()).rejects.toThrow('FORBIDDEN');
      await isSound();
    },
    A_BROWSERS_PATIENCE,
  );

  it(
    'sends nobody whose calls are used up to larger plans where none is for sale, and says of a plan that it was assigned',
    async () => {
      await grace.page.route('**/branding.json', async (route) => {
        const branding = (await (await route.fetch()).json()) as Json;
        return route.fulfill({ json: { ...branding, support: 'mailto:support@example.com' } });
      });
      await subscribed();
      await isForSale(false);
      try {
        world.forward(CACHE_SECONDS);
        const [key] = await (await customer()).liveKeys();
        await world.stranger.use(key?.value ?? '', 100);
        world.forward(CACHE_SECONDS);
        await grace.open('/overview');
        await grace.sees('Your calls for this period are used up');
        await grace.page.getByRole('main').getByRole('link', { name: 'Contact support' }).waitFor();
        expect(await grace.page.getByText(/larger plan/).count()).toBe(0);
        await grace.goTo('Key');
        await grace.button('Send').click();
        await grace.sees('Your calls are used up');
        expect(await grace.page.getByText(/larger plan/).count()).toBe(0);
        await isSound();
        await act(admin, 'assignPlan', { userId: (await customer()).sub, plan: 'basic' });
        world.forward(CACHE_SECONDS);
        await grace.open('/plans');
        await grace.sees('This plan was given to you by the people who run the API.');
        expect(await grace.page.getByText('Not offered to newcomers').count()).toBe(0);
        await isSound();
      } finally {
        await isForSale(true);
        world.forward(CACHE_SECONDS);
      }
    },
    A_BROWSERS_PATIENCE,
  );

  it(
    'warns before a change from a plan without a quota that the key stops, and that it may where nobody can tell',
    async () => {
      await subscribed();
      await grace.page.route('**/graphql', async (route) => {
        const { query = '' } = route.request().postDataJSON() as { query?: string };
        if (!query.includes(' Me ')) return route.fallback();
        const { data } = (await (await route.fetch()).json()) as { data: { me: Record<string, Json> } };
        const { subscription, usage } = data.me;
        const plan = { ...(subscription?.plan as Json), code: 'open', quota: null };
        const none = { limit: null, remaining: null, periodStart: null, resetsAt: null };
        const me = {
          ...data.me,
          usage: { ...usage, ...none, used: 400 },
          subscription: { ...subscription, planCode: 'open', plan },
        };
        return route.fulfill({ json: { data: { me } } });
      });
      await instead('DailyUsage', { json: { data: { me: { dailyUsage: [{ date: '2026-11-01', used: 130 }] } } } });
      await grace.open('/plans');
      await grace.button('Change to Free').click();
      await grace.sees(/You have made 130 calls, and this plan includes 100: your key will answer 429 until/);
      await isSound();
      await dialog().getByRole('button', { name: 'Keep' }).click();
      await instead('DailyUsage', null);
      await grace.button('Change to Free').click();
      await grace.sees(/your key may answer 429 until/);
      await isSound();
    },
    A_BROWSERS_PATIENCE,
  );

  it(
    'asks about a change at the terms of now, however long the page was open when they were changed',
    async () => {
      await subscribed();
      await grace.page.clock.install();
      await grace.open('/plans');
      await grace.sees('49 USD / month');
      await changePlan('basic', { price: '99 USD / month', quota: { limit: 500, period: 'MONTH' } });
      try {
        await grace.button('Change to Basic').click();
        await grace.sees('The price goes from 0 USD / month to 99 USD / month.');
        await grace.sees('Your quota goes from 100 calls a month to 500 calls a month.');
        await isSound();
        await dialog().getByRole('button', { name: 'Change to Basic' }).click();
        await dialog().waitFor({ state: 'detached' });
        await grace.page.getByRole('article', { name: 'Basic' }).getByText('500 calls a month').waitFor();
        await isLookedAt(false);
        await changePlan('pro', { price: '599 USD / month' });
        await grace.page.clock.fastForward(CACHE_SECONDS * 1000);
        await isLookedAt(true);
        await grace.page.getByRole('article', { name: 'Pro' }).getByText('599 USD / month').waitFor();
        await changePlan('pro', { price: '499 USD / month' });
        await grace.page.clock.fastForward(CACHE_SECONDS * 1000); // and nobody touches the page
        await grace.page.getByRole('article', { name: 'Pro' }).getByText('499 USD / month').waitFor();
      } finally {
        await changePlan('basic', { price: '49 USD / month', quota: { limit: 10_000, period: 'MONTH' } });
        await changePlan('pro', { price: '499 USD / month' });
      }
    },
    A_BROWSERS_PATIENCE,
  );

  it(
    'lets nobody confirm a change of which it cannot find out the terms',
    async () => {
      await subscribed();
      await grace.open('/plans');
      await grace.button('Change to Basic').waitFor();
      await instead('Plans', null);
      await grace.button('Change to Basic').click();
      await grace.sees('The server could not be reached');
      expect(await dialog().getByRole('button', { name: 'Change to Basic' }).isDisabled()).toBe(true);
      await isSound();
      await grace.page.unroute('**/graphql');
      await dialog().getByRole('button', { name: 'Try again' }).click();
      await dialog().getByRole('button', { name: 'Change to Basic' }).click();
      await dialog().waitFor({ state: 'detached' });
      expect((await (await customer()).me()).subscription).toMatchObject({ planCode: 'basic' });
    },
    A_BROWSERS_PATIENCE,
  );

  it(
    'shows one plan of a customer, and not another at the head of those for sale',
    async () => {
      await subscribed();
      await changedMe(({ subscription, ...me }) => {
        const plan = { ...(subscription?.plan as Json), price: '7 USD / month' };
        return { ...me, subscription: { ...subscription, plan } };
      });
      await grace.open('/plans');
      await grace.page.getByRole('article', { name: 'Free' }).getByText('7 USD').waitFor();
      expect(await grace.page.getByRole('article', { name: 'Free' }).count()).toBe(1);
    },
    A_BROWSERS_PATIENCE,
  );

  it(
    'says what a plan gives and costs to a customer whose own cannot be found, instead of calling it the same',
    async () => {
      await subscribed();
      await changedMe(({ subscription, ...me }) => ({
        ...me,
        usage: null,
        subscription: { ...subscription, plan: null },
      }));
      await grace.open('/plans');
      await grace.button('Choose Pro').click();
      await dialog().getByText('499 USD / month').waitFor();
      await dialog().getByText('1,000,000 calls a month').waitFor();
      await dialog().getByText('100 calls a second, 100 at once').waitFor();
      expect(
        await dialog()
          .getByText(/stay as they are/)
          .count(),
      ).toBe(0);
      await isSound();
    },
    A_BROWSERS_PATIENCE,
  );

  it(
    'keeps only the calls back while only those cannot be told',
    async () => {
      await subscribed();
      world.forward(CACHE_SECONDS);
      world.sandbox.habits.addFault({ operation: 'GetUsage', kind: 'before', times: 1_000_000 });
      await grace.open('/key');
      await grace.button('Reveal').first().click();
      await grace.button('Hide').waitFor();
      await grace.goTo('Account');
      await grace.button('Cancel subscription').waitFor();
      await grace.goTo('Overview');
      await grace.heading('Your key is ready').waitFor();
      await grace.goTo('Usage');
      await grace.sees('Busy just now');
      await isSound();
    },
    A_BROWSERS_PATIENCE,
  );

  it(
    'says of a change that is under way neither that the key is gone nor that the plan is lost',
    async () => {
      await subscribed();
      const unfinished = { planCode: 'basic', state: 'PROVISIONING', suspension: null };
      const gone = { plan: null, apiKey: null, overlappingKey: null };
      const subscribe = { __typename: 'SubscriptionChanged', subscription: { ...unfinished, ...gone }, key: null };
      await instead('Subscribe', { json: { data: { subscribe } } });
      await grace.goTo('Plans');
      await grace.button('Change to Basic').click();
      await dialog().getByRole('button', { name: 'Change to Basic' }).click();
      await dialog().waitFor({ state: 'detached' });
      await grace.goTo('Overview');
      await grace.sees(/Your key stays the same, and may answer 403 until this is done/);
      await grace.page.getByRole('main').getByText('10,000 calls a month').waitFor();
      expect(await grace.page.getByText('Your plan cannot be found').count()).toBe(0);
      await grace.button('Reveal').waitFor();
      await isSound();
    },
    A_BROWSERS_PATIENCE,
  );

  it(
    'takes no customer for a newcomer while the server is slow to say who they are',
    async () => {
      await subscribed();
      let answer = () => {};
      const slowly = new Promise<void>((resolve) => {
        answer = resolve;
      });
      await grace.page.route('**/graphql', async (route) => {
        const { query = '' } = route.request().postDataJSON() as { query?: string };
        if (query.includes(' Me ')) await slowly;
        return route.fallback();
      });
      await grace.open('/plans');
      await grace.heading('Pro').waitFor();
      const waiting = grace.page.getByRole('main').locator('button[aria-busy=true]');
      await waiting.last().waitFor();
      expect(await waiting.count()).toBe(await grace.page.getByRole('main').getByRole('button').count());
      expect(await grace.button(/^Choose/).count()).toBe(0);
      await isSound();
      answer();
      await grace.button('Change to Pro').waitFor();
    },
    A_BROWSERS_PATIENCE,
  );

  it(
    'explains a key that AWS does not know yet, and the same call works later',
    async () => {
      world.sandbox.habits.set({ propagationSeconds: 120 });
      await subscribed();
      await grace.button('Send').click();
      await grace.sees('AWS does not know your key yet');
      await isSound();
      world.forward(121);
      await grace.button('Send').click();
      await grace.sees('It works');
    },
    A_BROWSERS_PATIENCE,
  );

  it(
    'sends a newcomer to no card that is not there, where nobody has said how the API is called',
    async () => {
      await grace.page.route('**/portal.json', async (route) => {
        const settings = (await (await route.fetch()).json()) as Json;
        return route.fulfill({ json: { ...settings, api: null } });
      });
      await subscribed();
      await grace.sees('Copy it to where your program finds it.');
      expect(await grace.heading('Try it').count()).toBe(0);
    },
    A_BROWSERS_PATIENCE,
  );

  it(
    'shows a plan that is being set up, and asks again by itself until it is',
    async () => {
      await subscribed();
      let asked = 0;
      await grace.page.route('**/graphql', async (route) => {
        const { query = '' } = route.request().postDataJSON() as { query?: string };
        if (!query.includes(' Me ') || ++asked > 2) return route.fallback();
        const reply = await route.fetch();
        const { data } = (await reply.json()) as { data: { me: { subscription: Json } } };
        const apiKey = asked === 1 ? data.me.subscription.apiKey : null;
        const subscription = { ...data.me.subscription, state: 'PROVISIONING', apiKey };
        return route.fulfill({ json: { data: { me: { ...data.me, subscription } } } });
      });
      await grace.open('/overview');
      await grace.sees('Your plan is being set up');
      await grace.sees(/and may answer 403 until this is done/);
      await grace.sees(/Making the key takes a few seconds/);
      await isSound();
      await grace.heading('Your key is ready').waitFor();
      expect(asked).toBeGreaterThan(2);
    },
    A_BROWSERS_PATIENCE,
  );

  it(
    'finishes it when told to: a key that somebody deleted in the console is made anew',
    async () => {
      await subscribed();
      const ada = await customer();
      const [old] = await ada.keys();
      world.forward(CACHE_SECONDS);
      await world.gateway.send(new DeleteApiKeyCommand({ apiKey: old?.id }));
      await grace.goTo('Key');
      await grace.page.reload();
      await grace.sees('Your plan is being set up');
      await grace.sees('The key is being made.');
      await grace.goTo('Plans');
      await grace.sees('Your plan is being set up');
      await isSound();
      await grace.button('Finish it now').click();
      await grace.page.getByText('Your plan is being set up').waitFor({ state: 'detached' });
      await grace.goTo('Key');
      await grace.button('Reveal').waitFor();
      await isSound();
      const [fresh] = await ada.keys();
      expect(fresh?.value).not.toBe(old?.value);
      expect(await ada.call(fresh?.value ?? '')).toEqual({ 200: 1 });
    },
    A_BROWSERS_PATIENCE,
  );

  it(
    'waits with whoever has to: busy, out of reach, broken',
    async () => {
      await subscribed();
      await instead('Me', refusal('TRY_AGAIN', { retryAfterSeconds: 3600 }));
      await grace.open('/overview');
      await grace.heading('Busy just now').waitFor();
      await grace.sees(/^Try again in/);
      await isSound();
      await instead('Me', refusal('INTERNAL_SERVER_ERROR', { reference: 'a-reference' }));
      await grace.open('/overview');
      await grace.sees('Reference a-reference');
      await isSound();
      await instead('Me', null);
      await grace.open('/overview');
      await grace.heading('The server could not be reached').waitFor();
      await isSound();
      await grace.page.unroute('**/graphql');
      await grace.button('Try again').click();
      await grace.heading('Your key is ready').waitFor();
    },
    A_BROWSERS_PATIENCE,
  );

  it(
    'takes what stands in front of the server for what it is: busy, or in the way',
    async () => {
      await subscribed();
      await instead('Me', { status: 503, headers: { 'retry-after': '7259' }, body: '<html>' });
      await grace.open('/overview');
      await grace.heading('Busy just now').waitFor();
      await grace.sees('Try again in 2 h');
      await instead('Me', { status: 429, json: { message: 'Too Many Requests' } });
      await grace.open('/overview');
      await grace.heading('Busy just now').waitFor();
      await grace.sees(/^Try again in \d s/);
      for (const answer of [
        { status: 403, json: { message: 'Forbidden' } },
        { status: 403, body: '<html>' },
        { status: 500, json: { message: 'Internal server error' } },
        { status: 200, body: '{"data":{"me":' },
      ]) {
        await instead('Me', answer);
        await grace.open('/overview');
        await grace.heading('The server could not be reached').waitFor();
      }
    },
    A_BROWSERS_PATIENCE,
  );

  it(
    'says of a page that cannot be drawn that nothing is lost, instead of leaving it white',
    async () => {
      await subscribed();
      const me = await (await customer()).me();
      await instead('Me', { json: { data: { me: { ...me, usage: { ...me.usage, resetsAt: 'soon' } } } } });
      await grace.open('/usage');
      await grace.heading('This page has broken off').waitFor();
      expect(await grace.barriers()).toEqual([]);
      await grace.page.unroute('**/graphql');
      await grace.button('Try again').click();
      await grace.heading('Usage').waitFor();
    },
    A_BROWSERS_PATIENCE,
  );

  it(
    'says to a browser that may keep nothing for the page why nobody can sign in with it',
    async () => {
      await grace.context.addInitScript(`for (const storage of ['localStorage', 'sessionStorage']) {
      Object.defineProperty(window, storage, { get: () => { throw new DOMException('denied', 'SecurityError'); } });
    }`);
      await grace.open('/plans');
      await grace.button('Choose Free').click();
      await grace.sees('Your browser keeps nothing for this page');
      await isSound();
      await grace.open('/key');
      await grace.heading('Sign in to go on').waitFor();
      await grace.page.getByRole('main').getByRole('button', { name: 'Sign in' }).click();
      await grace.heading('Your browser keeps nothing for this page').waitFor();
      await grace.page.getByLabel('Appearance').selectOption('dark');
      expect(await grace.page.locator('html').getAttribute('data-appearance')).toBe('dark');
      await isSound();
    },
    A_BROWSERS_PATIENCE,
  );

  it(
    'says at an address without https that nobody can sign in there',
    async () => {
      const plain = 'http://portal.example';
      await grace.page.route(`${plain}/**`, async (route) => {
        const url = route.request().url().replace(plain, world.url);
        await route.fulfill({ response: await route.fetch({ url }) });
      });
      await grace.page.goto(`${plain}/plans`);
      await grace.button('Choose Free').click();
      await grace.sees('Nobody can sign in at this address');
      expect(await grace.barriers()).toEqual([]);
    },
    A_BROWSERS_PATIENCE,
  );

  it(
    'tells a newcomer when there is no room for another key, and that their choice is kept',
    async () => {
      await grace.open('/plans');
      await instead('Subscribe', refusal('AT_CAPACITY'));
      await grace.button('Choose Free').click();
      await grace.signUp();
      await grace.sees('No room for another key at the moment');
      await isSound();
    },
    A_BROWSERS_PATIENCE,
  );
});
