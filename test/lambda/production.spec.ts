import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { parse } from 'yaml';
import { Sandbox } from '../../src/sandbox/server.js';
import { RedisServer, redisIsMissing } from '../support/redis.js';
import { environment } from '../support/world.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const LOADER = `${ROOT}infra/bundle/loader.js`;
const POLL_MILLISECONDS = 50;
jest.setTimeout(180_000); // starts take long where much else is done
/** An installation without a cache, on a machine that does much else. */
const INSTALL_MILLISECONDS = 300_000;
const { scripts } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8'));
const dockerfile = readFileSync(`${ROOT}Dockerfile`, 'utf8').replaceAll('\\\n', ' ');

/** What stands after the last instruction of that name. */
function instruction(name: string): string {
  return [...dockerfile.matchAll(new RegExp(`^${name} (.+)$`, 'gm'))].at(-1)?.[1] ?? '';
}

/** The arguments of an instruction in the form that needs no shell, which the image has not. */
function commandOf(name: string): string[] {
  return JSON.parse(
    instruction(name)
      .replace(/^[^[]*/, '')
      .replace(/^.*?CMD /, ''),
  );
}

/** No container engine is needed for this, and none has built the image: it is what the image would run, where it would find it. */
describe('what the image holds', () => {
  let folder: string;
  let bare: string;
  let sandbox: Sandbox;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'turnpike-image-'));
    bare = mkdtempSync(join(tmpdir(), 'turnpike-bundle-'));
    for (const path of ['package.json', 'package-lock.json', 'web/package.json', 'dist', 'dist-bundle', 'web/dist']) {
      if (existsSync(join(ROOT, path))) cpSync(join(ROOT, path), join(folder, path), { recursive: true });
    }
    rmSync(join(folder, 'dist/sandbox'), { recursive: true });
    const args = ['ci', '--omit=dev', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'];
    const { status, stderr } = spawnSync('npm', args, { cwd: folder, encoding: 'utf8' });
    expect([status, status === 0 ? '' : stderr]).toEqual([0, '']);
    cpSync(join(ROOT, 'dist-bundle'), bare, { recursive: true });
    sandbox = await Sandbox.start({ port: 0, directory: null });
  }, INSTALL_MILLISECONDS);
  afterAll(async () => {
    await sandbox.close();
    for (const path of [folder, bare]) rmSync(path, { recursive: true });
  });

  const start = async (args: readonly string[], cwd: string, more: Readonly<Record<string, string>> = {}) => {
    const PORT = String(await freePort());
    const env = { ...environment(sandbox.url), NODE_ENV: 'production', GRAPHIQL: 'on', PORT, ...more };
    const child = spawn(process.execPath, args, { cwd, env: { PATH: process.env.PATH, ...env }, stdio: 'ignore' });
    const url = `http://127.0.0.1:${PORT}`;
    await answering(url, child);
    return { child, url, PORT };
  };
  const end = async (child: ChildProcess) => {
    child.kill('SIGTERM');
    return (await once(child, 'exit'))[0];
  };
  const plansFrom = async (url: string) => {
    const headers = { 'content-type': 'application/json' };
    const reply = await fetch(`${url}/graphql`, { method: 'POST', headers, body: '{"query":"{ plans { code } }"}' });
    return reply.json();
  };
  const plans = { data: { plans: [{ code: 'free' }, { code: 'basic' }, { code: 'pro' }] } };

  it('starts with production dependencies alone, is healthy, writes nothing beside itself, and ends on SIGTERM', async () => {
    const before = filesIn(folder);
    const { child, url, PORT } = await start(commandOf('CMD'), folder);
    expect(await plansFrom(url)).toEqual(plans);
    const [, ...health] = commandOf('HEALTHCHECK');
    expect(await exitCodeOf(health, PORT)).toBe(0);
    expect(await end(child)).toBe(0);
    expect(await exitCodeOf(health, PORT)).toBe(1);
    expect(filesIn(folder)).toEqual(before);
  });

  it('runs the bundle under the flags that V8 takes back its compiled code with', () => {
    expect(['exec', 'node', ...commandOf('CMD')].join(' ')).toBe(scripts['start:bundled']);
    const env = { PATH: process.env.PATH, ...environment(sandbox.url) };
    const look = (flags: readonly string[]) => {
      const asked = `console.log(load(${JSON.stringify(join(folder, 'dist-bundle/main.cjs'))}).script.cachedDataRejected); process.exit()`;
      const args = [
        ...flags,
        '--input-type=module',
        '--eval',
        `import { load } from ${JSON.stringify(LOADER)}; ${asked}`,
      ];
      return spawnSync(process.execPath, args, { cwd: folder, env, encoding: 'utf8' }).stdout.trim();
    };
    expect([look(commandOf('CMD').slice(0, -1)), look([])]).toEqual(['false', 'true']);
  });

  it('has the commands too', () => {
    const env = { PATH: process.env.PATH, ...environment(sandbox.url), NODE_ENV: 'production' };
    const { status, stdout } = spawnSync(process.execPath, ['dist/sweep.js', '--nonsense'], {
      cwd: folder,
      env,
      encoding: 'utf8',
    });
    expect([status, stdout]).toEqual([1, '']);
    for (const name of ['doctor', 'sweep', 'rekey', 'plans-as-code'])
      expect(existsSync(join(folder, `dist/${name}.js`))).toBe(true);
  });

  it('is built from all that its build runs', () => {
    const run = [...dockerfile.matchAll(/^RUN (.+)$/gm)].map(([, command]) => command).join(' ');
    const called = [...run.matchAll(/npm run (\S+)/g)].map(([, name = '']) => scripts[name]).join(' ');
    const files = `${run} ${called}`.match(/infra\/\S+\.js/g) ?? [];
    const sent = readFileSync(`${ROOT}.dockerignore`, 'utf8').split('\n');
    expect(files).toEqual(expect.arrayContaining(['infra/build/build.js', 'infra/bundle/bundle.js']));
    expect(
      files.filter((file) => !sent.some((line) => line.startsWith('!') && file.startsWith(line.slice(1)))),
    ).toEqual([]);
  });

  it('runs as nobody, from tagged images, in the form that needs no shell', () => {
    expect(instruction('USER')).toBe('nonroot');
    const images = [...dockerfile.matchAll(/^FROM (\S+)/gm)]
      .map(([, image = '']) => image)
      .filter((one) => one !== 'runtime');
    expect(images.filter((image) => !/:[\w.-]+$/.test(image) || image.endsWith(':latest'))).toEqual([]);
    expect(instruction('HEALTHCHECK')).toContain('CMD ["/nodejs/bin/node"');
  });

  it('comes with a compose file that shares the rates among as many processes as it starts', () => {
    const { services } = parse(readFileSync(`${ROOT}compose.yaml`, 'utf8'));
    expect(services.server).toMatchObject({ build: '.', read_only: true, cap_drop: ['ALL'] });
    expect(services.server.environment).toMatchObject({
      REDIS_URL: 'redis://redis:6379',
      PROCESS_COUNT: String(services.server.deploy.replicas),
      TRUST_PROXY: '1',
    });
    expect(Object.keys(services)).toEqual(expect.arrayContaining(['redis', 'proxy']));
  });

  it('is no bigger than one file and what it reads, as a bundle: that starts where nothing is installed', async () => {
    const { child, url } = await start(['main.cjs'], bare);
    expect(await plansFrom(url)).toEqual(plans);
    expect((await fetch(`${url}/graphql`, { headers: { accept: 'text/html' } })).status).toBe(200);
    expect(await end(child)).toBe(0);
  });

  (redisIsMissing ? it.skip : it)('brings the client of Redis beside its code, and finds it', async () => {
    expect(readFileSync(join(bare, 'code.cjs'), 'latin1')).not.toContain('node_modules/@redis/client');
    const redis = await RedisServer.start();
    const { child, url } = await start(['main.cjs'], bare, { REDIS_URL: redis.url });
    expect(await plansFrom(url)).toEqual(plans);
    expect(await redis.tell('CLIENT LIST')).toContain('cmd=eval');
    expect(await end(child)).toBe(0);
    await redis.kill();
  });

  it('cannot tell Apollo’s cloud what is asked, whatever variables of Apollo’s there are: that code is not in it', async () => {
    const apollo = {
      APOLLO_KEY: 'service:graph:of-nobody',
      APOLLO_GRAPH_REF: 'graph@current',
      APOLLO_SCHEMA_REPORTING: 'true',
    };
    expect(readFileSync(join(bare, 'code.cjs'), 'latin1')).not.toContain('usage-reporting.api.apollographql.com');
    const { child, url } = await start(['main.cjs'], bare, apollo);
    expect(await plansFrom(url)).toEqual(plans);
    expect(await end(child)).toBe(0);
  });
});

async function answering(url: string, child: ChildProcess): Promise<void> {
  for (;;) {
    const isUp = await fetch(`${url}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isUp) return;
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`It ended with ${child.exitCode}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
  }
}

async function exitCodeOf(args: readonly string[], PORT: string): Promise<unknown> {
  const child = spawn(process.execPath, args, { env: { PATH: process.env.PATH, PORT }, stdio: 'ignore' });
  return (await once(child, 'exit'))[0];
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
}
