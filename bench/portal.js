import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { freePort } from '../dist/sandbox/server-process.js';

/*
 * `npm run bench:portal`: what the portal's first view costs a newcomer: bytes on the wire, tasks that hold the page up
 * (50 ms and more), first paint. Fails above 200 kB; times are told and not judged, since machines differ.
 */

const VIEWS = 5;
const MOST_BYTES = 200_000;
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const SANDBOX = fileURLToPath(new URL('../dist/sandbox/main.js', import.meta.url));

if (!existsSync(CHROMIUM))
  throw new Error(`There is no ${CHROMIUM}: apt-get install chromium, or name one in CHROMIUM.`);

const [port, sandboxPort] = [await freePort('PORT', 0), await freePort('SANDBOX_PORT', 0)];
const env = { ...process.env, SANDBOX_STATE: 'memory', PORT: String(port), SANDBOX_PORT: String(sandboxPort) };
const server = spawn(process.execPath, [SANDBOX], { env, stdio: 'ignore' });
const browser = await chromium.launch({
  executablePath: CHROMIUM,
  args: ['--no-sandbox', '--disable-background-networking'],
});
try {
  const url = `http://127.0.0.1:${port}/`;
  while (
    !(await fetch(`${url}readyz`).then(
      ({ ok }) => ok,
      () => false,
    ))
  )
    await pause(100);
  const views = [];
  for (let view = 0; view < VIEWS; view++) views.push(await firstView(url));
  console.log('| view | kB on the wire | first paint, ms | long tasks, ms |\n|---|---|---|---|');
  for (const [at, { bytes, paint, tasks }] of views.entries()) {
    console.log(`| ${at + 1} | ${(bytes / 1000).toFixed(1)} | ${paint} | ${tasks.join(', ') || 'none'} |`);
  }
  if (views.some(({ bytes }) => bytes > MOST_BYTES))
    throw new Error(`The first view is above ${MOST_BYTES / 1000} kB.`);
} finally {
  await browser.close();
  server.kill();
}

/** Of somebody who was never here. */
async function firstView(url) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  await page.addInitScript(() => {
    globalThis.longTasks = [];
    const watch = new PerformanceObserver((list) => globalThis.longTasks.push(...list.getEntries()));
    watch.observe({ type: 'longtask', buffered: true });
  });
  const devtools = await context.newCDPSession(page);
  await devtools.send('Network.enable');
  let bytes = 0;
  devtools.on('Network.loadingFinished', ({ encodedDataLength }) => {
    bytes += encodedDataLength;
  });
  await page.goto(url, { waitUntil: 'networkidle' });
  const { paint, tasks } = await page.evaluate(() => ({
    paint: Math.round(performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0),
    tasks: globalThis.longTasks.map(({ duration }) => Math.round(duration)),
  }));
  await context.close();
  return { bytes, paint, tasks };
}
