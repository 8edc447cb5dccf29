import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, BrowserContext, Page, Request } from 'playwright-core';
import type { World } from '../support/world.js';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** Runs in the page. */
const POLICY_WATCH = `addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
  console.error('The policy was violated: ' + violatedDirective + ' by ' + blockedURI));`;
/** Runs in the page: puts each text into two elements of its own, as Chrome and Edge do when they translate. */
const TRANSLATION = `(() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) found.push(walker.currentNode);
  for (const text of found) {
    if (!text.data.trim() || text.parentElement.closest('script, style, [translate=no]')) continue;
    const [outer, inner] = [document.createElement('font'), document.createElement('font')];
    inner.textContent = '«' + text.data + '»';
    outer.append(inner);
    text.replaceWith(outer);
  }
})()`;
const SERIOUS = ['serious', 'critical'];
/** Nothing here is a matter of seconds; this is for a machine that does much else. */
const PATIENCE_MILLISECONDS = 45_000;
export const PASSWORD = 'Turnpike-1';

export const SIZES = {
  phone: { width: 390, height: 844 },
  desktop: { width: 1280, height: 800 },
} as const;

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly impact: string | null;
    readonly nodes: readonly { readonly html: string }[];
  }[];
}

/** Somebody with a browser of their own, who notices everything that it complains about. */
export class Visitor {
  /** What the console and the content security policy complained of. */
  readonly complaints: string[] = [];
  /** Bytes of each file of the first view, as they came over the wire. */
  readonly loaded: { readonly url: string; readonly bytes: number }[] = [];

  private constructor(
    readonly world: World,
    readonly context: BrowserContext,
    readonly page: Page,
    readonly email: string,
    readonly site: string,
  ) {}

  /** `site` is where the portal is served. */
  static async come(
    browser: Browser,
    world: World,
    name: string,
    size: keyof typeof SIZES = 'desktop',
    site = world.url,
  ): Promise<Visitor> {
    world.sandbox.allowWebsite(Number(new URL(site).port));
    const context = await browser.newContext({ viewport: SIZES[size], reducedMotion: 'reduce' });
    context.setDefaultTimeout(PATIENCE_MILLISECONDS);
    await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: site });
    await context.addInitScript({ content: POLICY_WATCH });
    const visitor = new Visitor(world, context, await context.newPage(), `${name}@example.com`, site);
    visitor.watch(visitor.page);
    return visitor;
  }

  /** A second tab of the same browser. */
  async newTab(): Promise<Page> {
    const page = await this.context.newPage();
    this.watch(page);
    return page;
  }

  open(path: string): Promise<unknown> {
    return this.page.goto(`${this.site}${path}`);
  }

  button(name: string | RegExp) {
    return this.page.getByRole('button', { name });
  }

  heading(name: string | RegExp) {
    return this.page.getByRole('heading', { name });
  }

  async sees(text: string | RegExp): Promise<void> {
    await this.page.getByText(text).first().waitFor();
  }

  async isAt(path: string): Promise<void> {
    await this.page.waitForURL((url) => url.origin === this.site && url.pathname === path);
  }

  async goTo(page: 'Overview' | 'Usage' | 'Key' | 'Plans' | 'Account'): Promise<void> {
    await this.page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: page }).click();
  }

  /** On the hosted pages, to the end of sign-up. */
  async signUp(): Promise<void> {
    await this.page.waitForURL(/\/signup/);
    await this.page.getByLabel('Email').fill(this.email);
    await this.page.getByLabel('Password').fill(PASSWORD);
    await this.page.getByRole('button', { name: 'Create account' }).click();
    await this.page.getByLabel(/code/i).fill(await this.code());
    await this.page.getByRole('button', { name: /confirm/i }).click();
  }

  async signIn(): Promise<void> {
    await this.page.waitForURL(/\/login/);
    await this.page.getByLabel('Email').fill(this.email);
    await this.page.getByLabel('Password').fill(PASSWORD);
    await this.page.getByRole('button', { name: 'Sign in' }).click();
  }

  /** Violations that keep somebody out. */
  async barriers(page = this.page): Promise<string[]> {
    await page.evaluate(AXE);
    const { violations } = (await page.evaluate('axe.run()')) as AxeResult;
    return violations
      .filter(({ impact }) => SERIOUS.includes(impact ?? ''))
      .map(({ id, nodes }) => `${new URL(page.url()).pathname} ${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  }

  /** By the browser, as far as the page has been shown. */
  async translate(): Promise<void> {
    await this.page.evaluate(TRANSLATION);
  }

  leave(): Promise<void> {
    return this.context.close();
  }

  private async code(): Promise<string> {
    await this.page.getByLabel(/code/i).waitFor();
    return this.world.sandbox.mail().findLast(({ to }) => to === this.email)?.code ?? 'no mail';
  }

  private watch(page: Page): void {
    page.on('pageerror', ({ message }) => void this.complaints.push(message));
    page.on('console', (message) => {
      const isOfApi = message.location().url.includes('/execute-api/'); // a refused call is what is looked at
      if (['error', 'warning'].includes(message.type()) && !isOfApi) this.complaints.push(message.text());
    });
    page.on('requestfinished', (request) => void this.weigh(request));
  }

  private async weigh(request: Request): Promise<void> {
    if (!request.url().startsWith(this.site)) return;
    const sizes = await request.sizes().catch(() => null); // the page may be gone by now
    if (sizes) this.loaded.push({ url: request.url(), bytes: sizes.responseBodySize + sizes.responseHeadersSize });
  }
}
