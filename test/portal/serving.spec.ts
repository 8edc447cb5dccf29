import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Config } from '../../src/config.js';
import { PortalController } from '../../src/operation/portal/portal.controller.js';
import { readPortalFiles } from '../../src/operation/portal/portal-files.js';
import { CLIENT_ID, USER_POOL_ID } from '../../src/sandbox/seed.js';
import { environment, World } from '../support/world.js';

const PAGES = ['/', '/plans', '/overview', '/usage', '/key', '/account'];

describe('the server, as a host of the portal', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
  });
  afterAll(() => world.close());

  const get = (path: string, headers: Record<string, string> = {}) => fetch(`${world.url}${path}`, { headers });

  it('serves the page at each of its addresses, never from a cache without asking', async () => {
    for (const path of PAGES) {
      const reply = await get(path);
      expect([path, reply.status, reply.headers.get('content-type')]).toEqual([path, 200, 'text/html; charset=utf-8']);
      expect(reply.headers.get('cache-control')).toBe('no-cache');
      expect(await reply.text()).toContain('<div id="portal">');
    }
  });

  it('lets the page talk to Cognito and to the API, runs no script or style in it that is not a file, and nobody frames it', async () => {
    const policy = (await get('/')).headers.get('content-security-policy') ?? '';
    expect(policy).toContain(`connect-src 'self' ${world.sandbox.url};`);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("style-src 'self';");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|\*|https:(?!\/)/);
  });

  it('leaves the policy of everything else as it is', async () => {
    for (const path of ['/healthz', '/nothing-here', '/portal.json', '/branding.json']) {
      expect((await get(path)).headers.get('content-security-policy')).toContain("connect-src 'self';");
    }
  });

  it('says to the page where to sign in and what is sold, and nothing else', async () => {
    const reply = await get('/portal.json');
    expect(reply.headers.get('cache-control')).toBe('no-store');
    expect(await reply.json()).toEqual({
      issuer: `https://cognito-idp.us-east-1.amazonaws.com/${USER_POOL_ID}`,
      clientId: CLIENT_ID,
      hostedUi: world.sandbox.url,
      token: 'access',
      api: { url: world.sandbox.info().invokeUrl, tryPath: '/pets', token: 'id' },
    });
  });

  it('serves files whose name has a hash for ever, and packed to who takes it', async () => {
    const [script = ''] = /\/assets\/[^"]+\.js/.exec(await (await get('/')).text()) ?? [];
    const plain = await get(script, { 'accept-encoding': 'identity' });
    const packed = await get(script, { 'accept-encoding': 'gzip' });
    expect(plain.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect([plain, packed].map(({ headers }) => headers.get('content-encoding'))).toEqual([null, 'gzip']);
    expect(Number(packed.headers.get('content-length'))).toBeLessThan(Number(plain.headers.get('content-length')) / 2);
    expect(await packed.text()).toBe(await plain.text());
  });

  it.each(['/assets/none.js', '/assets/..%2f..%2fpackage.json', '/assets/%2e%2e/index.html', '/key/'])(
    'has nothing at %s',
    async (path) => expect((await get(path)).status).toBe(404),
  );

  describe('when it is made', () => {
    const controller = (more: Record<string, string>) =>
      new PortalController(Config.read({ ...environment('http://127.0.0.1:1'), ...more }));
    const reply = {
      type: () => reply,
      header: () => reply,
    } as unknown as Parameters<PortalController['branding']>[1];
    const folder = mkdtempSync(join(tmpdir(), 'branding-'));
    afterAll(() => rmSync(folder, { recursive: true }));

    function branded(branding: unknown): PortalController {
      const path = join(folder, 'branding.json');
      writeFileSync(path, typeof branding === 'string' ? branding : JSON.stringify(branding));
      return controller({ PORTAL_BRANDING: path });
    }

    const GOOD = { name: 'Weather', accent: { light: '#114488', dark: '#88bbff' } };

    it('is switched off by PORTAL=off, and says so', () => {
      expect(() => controller({ PORTAL: 'off' }).page(undefined, reply)).toThrow('The portal is switched off.');
      expect(() => controller({ PORTAL: 'off' }).settings()).toThrow('The portal is switched off.');
    });

    it('does without a page that was not built', () => {
      expect(readPortalFiles(join(folder, 'none')).size).toBe(0);
    });

    it('puts the vendor’s branding in the place of the page’s own, with the logo in it', () => {
      writeFileSync(join(folder, 'logo.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
      const told = branded({ ...GOOD, logo: 'logo.svg' }).branding(undefined, reply);
      expect(JSON.parse(told.toString())).toEqual({
        ...GOOD,
        links: [],
        logo: `data:image/svg+xml;base64,${Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>').toString('base64')}`,
        support: null,
      });
    });

    it.each([
      ['a colour that is none', { ...GOOD, accent: { light: 'red', dark: '#88bbff' } }, 'accent.light'],
      ['a link that runs a script', { ...GOOD, links: [{ title: 'Docs', url: 'javascript:alert(1)' }] }, 'links.0.url'],
      ['a name that is not known', { ...GOOD, color: 'red' }, 'color'],
      ['what is not JSON', '{', 'JSON'],
      ['a logo of another kind', { ...GOOD, logo: 'logo.exe' }, '.svg or .png'],
    ])('refuses %s', (_, branding, told) => {
      expect(() => branded(branding)).toThrow(told);
    });

    it('refuses a file that is not there', () => {
      expect(() => controller({ PORTAL_BRANDING: join(folder, 'none.json') })).toThrow('cannot be read');
    });
  });
});
