import { existsSync } from 'node:fs';
import { describe } from '@jest/globals';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { skipping } from './moto.js';

const PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const QUIET = ['gpu', 'quic', 'background-networking', 'component-update', 'sync'].map((what) => `--disable-${what}`);

/** How long a test in a browser may take in milliseconds, on a machine that has much else to do. */
export const A_BROWSERS_PATIENCE = 120_000;

const executablePath = PATHS.find((path) => existsSync(path));
const missing = executablePath ? null : 'there is no Chromium here (apt-get install chromium)';

/** `describe`, where there is a browser to play it in; elsewhere it is skipped and says why. */
export function describeInChromium(name: string, suite: () => void): void {
  if (skipping(name, missing)) describe.skip(name, suite);
  else describe(name, suite);
}

export function startChromium(): Promise<Browser> {
  if (executablePath === undefined) throw new Error(String(missing));
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--no-first-run', ...QUIET] });
}

/** What a browser did besides what was asked of it. */
export interface Witness {
  /** The servers that it asked. */
  readonly origins: ReadonlySet<string>;
  /** Violations of a page's policy, and errors that no script caught. */
  readonly mishaps: readonly string[];
}

/** Watches every page of the context. */
export function witness(context: BrowserContext): Witness {
  const origins = new Set<string>();
  const mishaps: string[] = [];
  context.on('request', (request) => {
    if (/^https?:/.test(request.url())) origins.add(new URL(request.url()).origin);
  });
  context.on('console', (message) => {
    if (/content security policy/i.test(message.text())) mishaps.push(message.text());
  });
  context.on('weberror', (error) => void mishaps.push(String(error.error())));
  return { origins, mishaps };
}

/** What the page keeps in the browser, as text. */
export async function kept(page: Page): Promise<{ readonly local: string; readonly session: string }> {
  const read = (name: string) => page.evaluate<string>(`JSON.stringify({ ...${name} })`);
  return { local: await read('localStorage'), session: await read('sessionStorage') };
}
