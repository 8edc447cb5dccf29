import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { A_BROWSERS_PATIENCE, describeInChromium, startChromium } from '../support/chromium.js';
import { World } from '../support/world.js';
import { Visitor } from './visitor.js';

const VITE = resolve('node_modules/vite/bin/vite.js');
const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/** A host that knows nothing but files, with the header that docs/portal.md names. */
class FileHost {
  policy = '';

  private constructor(
    readonly folder: string,
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(): Promise<FileHost> {
    const folder = mkdtempSync(join(tmpdir(), 'portal-'));
    const server = createServer((request, reply) => {
      const path = join(folder, new URL(request.url ?? '/', 'http://host').pathname);
      const file = existsSync(path) && statSync(path).isDirectory() ? join(path, 'index.html') : path;
      if (!existsSync(file)) return void reply.writeHead(404).end();
      reply.writeHead(200, {
        'content-type': TYPES[extname(file)] ?? 'text/plain',
        'content-security-policy': host.policy,
      });
      return void reply.end(readFileSync(file));
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const host = new FileHost(folder, server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    return host;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
    rmSync(this.folder, { recursive: true });
  }
}

describeInChromium('the portal, served by a host of files', () => {
  let world: World;
  let host: FileHost;
  let browser: Browser;
  beforeAll(async () => {
    host = await FileHost.start();
    world = await World.start({ CORS_ORIGINS: host.url });
    browser = await startChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await world?.close();
    await host?.close();
  });

  it(
    'works with two settings, and comes back to a deep address after signing in',
    async () => {
      const env = { PATH: process.env.PATH, TURNPIKE_ORIGIN: world.url };
      const line = [VITE, 'build', 'web', '--outDir', host.folder, '--emptyOutDir', '--logLevel', 'warn'];
      const built = spawnSync(process.execPath, line, { env, encoding: 'utf8' });
      expect({ status: built.status, stderr: built.stderr }).toEqual({ status: 0, stderr: '' });
      host.policy =
        `default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' ${world.url} ${world.sandbox.url}; ` +
        "img-src 'self' data:; font-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
      const branding = { name: 'Weather API', accent: { light: '#0b5cad', dark: '#7cc0ff' } };
      writeFileSync(join(host.folder, 'branding.json'), JSON.stringify(branding)); // and no more than it has to
      const grace = await Visitor.come(browser, world, 'grace', 'desktop', host.url);
      await grace.open('/plans');
      await grace.sees('Weather API');
      await grace.button('Choose Free').click();
      await grace.signUp();
      await grace.heading('Your key is ready').waitFor();
      await grace.button('Send').click();
      await grace.sees('It works');
      await grace.open('/account/');
      await grace.heading('Account').waitFor();
      await grace.isAt('/account');
      expect(grace.complaints).toEqual([]);
      await grace.leave();
    },
    A_BROWSERS_PATIENCE,
  );

  it.each(['turnpike.example.com', 'https://turnpike.example.com/path'])(
    'is not built for %s, which is no origin',
    (origin) => {
      const env = { PATH: process.env.PATH, TURNPIKE_ORIGIN: origin };
      const { status, stderr } = spawnSync(process.execPath, [VITE, 'build', 'web', '--logLevel', 'error'], {
        env,
        encoding: 'utf8',
      });
      expect(status).toBe(1);
      expect(stderr).toContain('TURNPIKE_ORIGIN must be an origin');
    },
  );
});
