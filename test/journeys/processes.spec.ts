import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, request as forward, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { AdminDeleteUserCommand } from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { USER_POOL_ID } from '../../src/sandbox/seed.js';
import { Sandbox } from '../../src/sandbox/server.js';
import type { Customer } from '../support/customer.js';
import { keyOf } from '../support/outcomes.js';
import { environment, World } from '../support/world.js';

const MAIN = 'dist/main.js';
const START_SECONDS = 15;

/** A server process as an operator starts it. */
class ServerProcess {
  private readonly child: ChildProcess;
  private printed = '';
  private complained = '';
  readonly exit: Promise<number | null>;

  constructor(env: Readonly<Record<string, string>>, script = MAIN, flags: readonly string[] = []) {
    this.child = spawn(process.execPath, [script, ...flags], {
      env: { PATH: process.env.PATH, ...env },
      stdio: 'pipe',
    });
    this.child.stdout?.on('data', (chunk: Buffer) => {
      this.printed += chunk;
    });
    this.child.stderr?.on('data', (chunk: Buffer) => {
      this.complained += chunk;
    });
    this.exit = new Promise((resolve) => this.child.once('close', resolve));
  }

  get stdout(): string {
    return this.printed;
  }

  get stderr(): string {
    return this.complained;
  }

  /** The address in the line that says it is listening, which is JSON like every other. */
  url(): Promise<string> {
    return new Promise((resolve, reject) => {
      const fail = () => reject(new Error(`The server did not start: ${this.complained}`));
      const patience = setTimeout(fail, START_SECONDS * 1000);
      const look = () => {
        const told = /"message":"Listening on (http:[^"]+)"/.exec(this.printed)?.[1];
        if (told === undefined) return;
        clearTimeout(patience);
        resolve(told);
      };
      look();
      this.child.stdout?.on('data', look);
      this.child.once('close', () => {
        clearTimeout(patience);
        fail();
      });
    });
  }

  /** Asks it to end, as a process manager does. */
  terminate(signal: 'SIGTERM' | 'SIGINT' = 'SIGTERM'): void {
    this.child.kill(signal);
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }
}

describe('the server as a process', () => {
  let world: World;
  let pair: readonly [ServerProcess, ServerProcess];
  const processes: ServerProcess[] = [];
  beforeAll(async () => {
    if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing: run "npm run build" first ("npm test" does).`);
    world = await World.start();
    pair = [start(), start()];
  });
  afterAll(async () => {
    for (const server of processes) server.kill();
    await Promise.all(processes.map(({ exit }) => exit));
    await world.close();
  });

  function start(env: Record<string, string> = environment(world.sandbox.url)): ServerProcess {
    const server = new ServerProcess(env);
    processes.push(server);
    return server;
  }

  describe('beside another one', () => {
    let one: string;
    let two: string;
    beforeAll(async () => {
      [one, two] = await Promise.all([pair[0].url(), pair[1].url()]);
    });

    it('makes one key when a customer subscribes at both at once', async () => {
      for (let i = 0; i < 3; i++) {
        const ada = await world.customer();
        const outcomes = await Promise.all([one, two, one].map((at) => ada.subscribe('free', at)));
        expect(new Set(outcomes.map((outcome) => keyOf(outcome).value)).size).toBe(1);
        expect(await ada.keys()).toEqual([expect.objectContaining({ enabled: true, plans: ['free'] })]);
      }
    });

    it('makes one successor when a key is replaced at both at once', async () => {
      for (let i = 0; i < 3; i++) {
        const ada = await world.customer();
        const old = keyOf(await ada.subscribe('free', one));
        const outcomes = await Promise.all([one, two].map((at) => ada.rotate(old.id, 0, at)));
        expect(new Set(outcomes.map((outcome) => keyOf(outcome).value)).size).toBe(1);
        expect(await ada.keys()).toHaveLength(2);
        expect(await ada.call(old.value)).toEqual({ 403: 1 });
      }
    });

    it('ends in the plan that is recorded when two are chosen at both at once', async () => {
      for (let i = 0; i < 3; i++) {
        const ada = await world.customer();
        await ada.subscribe('free', one);
        await Promise.all([ada.subscribe('basic', one), ada.subscribe('pro', two)]);
        const recorded = (await ada.attributes())['custom:plan'];
        expect(await ada.keys()).toEqual([expect.objectContaining({ enabled: true, plans: [recorded] })]);
      }
    });

    it('knows at once what was done in the other', async () => {
      const ada = await world.customer();
      const key = keyOf(await ada.subscribe('free', one));
      expect(keyOf(await ada.subscribe('free', two))).toEqual(key);
      const fresh = keyOf(await ada.rotate(key.id, 0, two));
      expect(keyOf(await ada.reveal(one))).toEqual(fresh);
      expect(await ada.cancel(one)).toMatchObject({ subscription: null });
      expect(await ada.cancel(two)).toMatchObject({ __typename: 'NoSubscription' });
      expect(await ada.liveKeys()).toEqual([]);
    });
  });

  it('finishes a request in flight when it is told to end, logs JSON to the last line, and exits 0', async () => {
    const slow = await slowed(world.sandbox.url, 60);
    const server = start(environment(slow.url));
    const url = await server.url();
    const ada = await world.customer();
    const seen = slow.nextRequest();
    const subscribing = ada.subscribe('free', url);
    await seen;
    server.terminate();
    const key = keyOf(await subscribing);
    expect(await server.exit).toBe(0);
    expect(await ada.call(key.value)).toEqual({ 200: 1 });
    expect(await ada.attributes()).toMatchObject({ 'custom:plan': 'free', 'custom:api_key_id': key.id });
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
    for (const line of server.stdout.trim().split('\n')) expect(JSON.parse(line)).toMatchObject({ level: 'log' });
    await slow.close();
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('ends at once, with 0, when %s comes before it listens', async (signal) => {
    const folder = mkdtempSync(join(tmpdir(), 'turnpike-start-'));
    const slow = await slowed(world.sandbox.url, 2000);
    const seen = slow.nextRequest();
    const server = start(environment(slow.url, { AUDIT_FILE: join(folder, 'audit.jsonl') }));
    await seen;
    expect(readdirSync(folder)).toContain('audit.jsonl.lock');
    server.terminate(signal);
    expect(await server.exit).toBe(0);
    expect(server.stdout).not.toContain('Listening');
    expect(readdirSync(folder)).toEqual(['audit.jsonl']); // the next one need not wait for the lock
    rmSync(folder, { recursive: true });
    await slow.close();
  });

  it('leaves nothing half-made for good when it is killed in the middle: the next request finishes it', async () => {
    await Promise.all(
      [3, 5].map(async (calls) => {
        const slow = await slowed(world.sandbox.url, 20);
        const server = start(environment(slow.url));
        const url = await server.url();
        const ada = await world.customer();
        const seen = slow.nextRequest(calls);
        const subscribing = ada.subscribe('free', url).catch(() => null);
        await seen;
        server.kill();
        await subscribing;
        const key = keyOf(await ada.subscribe('free'));
        expect(await ada.keys()).toEqual([expect.objectContaining({ id: key.id, enabled: true, plans: ['free'] })]);
        expect(await ada.call(key.value)).toEqual({ 200: 1 });
        await slow.close();
      }),
    );
  });

  it('sweeps by itself, so that a key does not outlive its user', async () => {
    const sweeping = start(environment(world.sandbox.url, { SWEEP_INTERVAL_SECONDS: '1' }));
    const ada = await world.customer();
    const key = keyOf(await ada.subscribe('free', await sweeping.url()));
    await world.cognito.send(new AdminDeleteUserCommand({ UserPoolId: USER_POOL_ID, Username: ada.username }));
    while ((await ada.keys()).some(({ enabled }) => enabled)) await delay(100);
    expect(await ada.call(key.value)).toEqual({ 403: 1 });
    sweeping.terminate();
    expect(await sweeping.exit).toBe(0);
  });

  it('sweeps once for a scheduler, prints what it found, and says by its exit code that keys were held back', async () => {
    const sweepOnce = async (...flags: string[]) => {
      const sweeping = new ServerProcess(environment(world.sandbox.url), 'dist/sweep.js', flags);
      return { code: await sweeping.exit, report: sweeping.stdout, complaint: sweeping.stderr };
    };
    const customers = await Promise.all(Array.from({ length: 11 }, () => world.customer()));
    const keys = [];
    for (const ada of customers) keys.push(keyOf(await ada.subscribe('free')));
    const username = ({ username }: Customer) => ({ UserPoolId: USER_POOL_ID, Username: username });
    for (const ada of customers) await world.cognito.send(new AdminDeleteUserCommand(username(ada)));
    const dry = await sweepOnce('--dry-run');
    expect(JSON.parse(dry.report)).toMatchObject({ isDryRun: true, mended: 0, heldBack: 11 });
    const held = await sweepOnce();
    expect(held.code).toBe(2);
    expect(held.complaint).toContain('11 keys would be switched off');
    expect(await customers[0]?.call(keys[0]?.value ?? '')).toEqual({ 200: 1 });
    const confirmed = await sweepOnce('--confirm');
    expect(confirmed.code).toBe(0);
    expect(JSON.parse(confirmed.report)).toMatchObject({ heldBack: 0, unfinished: 0, mended: 11 });
    expect(await customers[0]?.call(keys[0]?.value ?? '')).toEqual({ 403: 1 });
    for (const { value } of keys) expect(confirmed.report).not.toContain(value);
    expect((await sweepOnce('--conform')).code).toBe(1);
  });

  it('looks once when told to look, however often a server with the same settings would sweep', async () => {
    const account = await Sandbox.start({ port: 0, directory: null });
    const callsOfALook = async (SWEEP_INTERVAL_SECONDS: string) => {
      account.habits.reset();
      account.habits.set({ latencyMilliseconds: 800 }); // so that a sweep would be due meanwhile
      const settings = environment(account.url, { SWEEP_INTERVAL_SECONDS });
      expect(await new ServerProcess(settings, 'dist/sweep.js', ['--dry-run']).exit).toBe(0);
      return account.habits.calls();
    };
    expect(await callsOfALook('1')).toEqual(await callsOfALook('0'));
    await account.close();
  });

  it('starts without AWS, and says that it is not ready', async () => {
    const url = await start(environment('http://127.0.0.1:9')).url();
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    const ready = await fetch(`${url}/readyz`);
    expect(ready.status).toBe(503);
    const { missing } = (await ready.json()) as { missing: string[] };
    expect(missing).toEqual([
      'the public keys of the user pool',
      'the usage plans',
      'the pre-flight: AWS has not answered all of it yet',
    ]);
  });

  describe('that is told wrong', () => {
    const bad = {
      PORT: '655364711',
      AWS_REGION: 'moonbase-4711',
      COGNITO_USER_POOL_ID: 'wrong-pool-4711',
      COGNITO_TOKEN_USE: 'refresh-4711',
      KEY_SECRET: 'tooshort-4711',
      KEY_PREFIX: 'Not_A_Prefix_4711',
      USAGE_LAG_SECONDS: 'soon-4711',
      GRAPHIQL: 'maybe-4711',
      CORS_ORIGINS: 'https://example.com/path-4711',
      COGNITO_JWKS_ORIGIN: 'ftp-4711',
    };

    it('names every missing and every bad variable at once and never a value, and exits 1', async () => {
      const [untold, mistold] = [start({}), start({ ...environment(world.sandbox.url), ...bad })];
      expect(await Promise.all([untold.exit, mistold.exit])).toEqual([1, 1]);
      for (const name of ['AWS_REGION', 'COGNITO_USER_POOL_ID', 'COGNITO_CLIENT_ID', 'KEY_SECRET']) {
        expect(untold.stderr).toMatch(new RegExp(`${name} is missing`));
      }
      for (const name of Object.keys(bad)) expect(mistold.stderr).toContain(name);
      expect(mistold.stderr + mistold.stdout).not.toContain('4711');
      for (const { stdout, stderr } of [untold, mistold]) {
        expect(stderr).not.toMatch(/^\s+at |node_modules/m);
        expect(stdout).toBe('');
      }
    });
  });
});

/** AWS behind a line that takes its time, so that something is in flight when it has to be. */
async function slowed(target: string, milliseconds: number) {
  let seen = 0;
  let awaited = { count: Number.POSITIVE_INFINITY, resolve: () => {} };
  const server: Server = createServer((incoming, outgoing) => {
    const isData = incoming.url !== undefined && !incoming.url.includes('.well-known');
    if (isData && ++seen >= awaited.count) awaited.resolve();
    const { method, headers, url } = incoming;
    setTimeout(() => {
      const onward = forward(new URL(url ?? '/', target), { method, headers }, (reply) => {
        outgoing.writeHead(reply.statusCode ?? 502, reply.headers);
        reply.pipe(outgoing);
      });
      onward.on('error', () => outgoing.destroy());
      incoming.pipe(onward);
    }, milliseconds);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Resolves when the n-th request from now on has come in. */
    nextRequest: (count = 1) =>
      new Promise<void>((resolve) => {
        awaited = { count: seen + count, resolve };
      }),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

describe('the sandbox as a process', () => {
  const settings = { SANDBOX_STATE: 'memory', SANDBOX_PORT: '0', PORT: '0' };

  it('says where everything is, and then what its server logs', async () => {
    const sandbox = new ServerProcess(settings, 'dist/sandbox/main.js');
    const url = await sandbox.url();
    sandbox.terminate();
    expect(await sandbox.exit).toBe(0);
    expect(sandbox.stdout).toMatch(/^\n {2}Portal .*\nSign ada in.*\n\n\{.*"message":"Listening on/s);
    expect(sandbox.stdout).toContain(`Portal       ${url}/`);
  });

  it('says why there is none when its server does not start', async () => {
    const sandbox = new ServerProcess({ ...settings, LOG_LEVEL: 'loud' }, 'dist/sandbox/main.js');
    expect(await sandbox.exit).toBe(1);
    expect(`${sandbox.stdout}${sandbox.stderr}`).toMatch(/LOG_LEVEL must be error.*The server ended/s);
  });
});
