import { existsSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { TRUSTED_OPERATIONS } from '../../src/graphql/lane/trusted-operations.js';
import { Process } from '../chaos/process.js';
import { environment, World } from '../support/world.js';

const MAIN = 'dist/main.js';
const CLIENTS = 6;
const PATIENCE_MILLISECONDS = 10_000;
const SUBSCRIBE = 'mutation { subscribe(plan: "free") { __typename } }';
const ME = TRUSTED_OPERATIONS.find((text) => /query Me {/.test(text)) ?? '';

/** One server as a load balancer sees it. */
interface Target {
  readonly url: string;
  isReady: boolean;
}

describe('a server that is told to end, under load on connections that are kept open', () => {
  let world: World;
  const servers: Process[] = [];
  beforeAll(async () => {
    if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing: run "npm run build" first ("npm test" does).`);
    world = await World.start();
  });
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.kill()));
    await world.close();
  });

  async function start(
    drainSeconds = 2,
    command = process.execPath,
    args = [MAIN],
  ): Promise<{ server: Process; target: Target }> {
    const env = environment(world.sandbox.url, { DRAIN_SECONDS: String(drainSeconds) });
    const server = new Process(command, args, env);
    servers.push(server);
    const url = await server.says(/"message":"Listening on (http:[^"]+)"/);
    while (!(await fetch(`${url}/readyz`)).ok) await delay(50);
    return { server, target: { url, isReady: true } };
  }

  it('answers every request, is taken out by its readiness first, and exits 0', async () => {
    const [old, next] = await Promise.all([start(), start()]);
    const targets = [old.target, next.target];
    const answers: string[] = [];
    const served = new Map<string, number>();
    let isOver = false;
    const probing = async () => {
      while (!isOver) {
        for (const target of targets) target.isReady = (await get(`${target.url}/readyz`)) === '200';
        await delay(100);
      }
    };
    const asking = async () => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      for (let turn = 0; !isOver; turn++) {
        const ready = targets.filter(({ isReady }) => isReady);
        const { url } = ready[turn % ready.length] ?? next.target;
        answers.push(await get(`${url}/graphql?query={plans{code}}`, agent));
        served.set(url, (served.get(url) ?? 0) + 1);
      }
      agent.destroy();
    };
    const working = [probing(), ...Array.from({ length: CLIENTS }, asking)];
    await delay(500);
    const before = served.get(old.target.url) ?? 0;
    process.kill(old.server.pid, 'SIGTERM');
    while (old.target.isReady) await delay(20); // it is still there, and says that it is going
    expect((await fetch(`${old.target.url}/healthz`)).status).toBe(200);
    expect(await old.server.exit).toBe(0);
    await delay(300);
    isOver = true;
    await Promise.all(working);
    expect(before).toBeGreaterThan(0);
    expect(answers.filter((answer) => answer !== '200')).toEqual([]);
    expect(answers.length).toBeGreaterThan(50);
    await expect(fetch(`${old.target.url}/healthz`)).rejects.toThrow();
  });

  it.each([
    ['is known', {}],
    ['is not', { extensions: {} }],
  ])('answers a query that %s although AWS is slow, and keeps nobody’s connection', async (_, besides) => {
    const { server, target } = await start(0);
    const ada = await world.customer();
    world.sandbox.habits.addFault({ operation: 'AdminGetUser', kind: 'hang', milliseconds: 1000 });
    const agent = new Agent({ keepAlive: true });
    const answer = post(`${target.url}/graphql`, ada.accessToken ?? '', { query: ME, ...besides }, agent);
    await delay(300);
    process.kill(server.pid, 'SIGTERM');
    expect(await answer).toMatchObject({ status: 200, connection: 'close' });
    expect(await server.exit).toBe(0);
    agent.destroy();
    world.sandbox.habits.reset();
  });

  describe('with a change under way', () => {
    beforeEach(() => {
      world.sandbox.habits.addFault({ operation: 'AdminGetUser', kind: 'hang', milliseconds: 1000, times: 1 });
    });
    afterEach(() => world.sandbox.habits.reset());

    /** Tells the server to end while it subscribes somebody: the answer, and how many keys of theirs are alive then. */
    async function subscribedDuring(tell: () => Promise<unknown>, { url }: Target): Promise<object> {
      const ada = await world.customer();
      const agent = new Agent();
      const answer = post(`${url}/graphql`, ada.accessToken ?? '', { query: SUBSCRIBE }, agent).catch(String);
      await delay(300);
      await tell();
      return { answer: await answer, liveKeys: (await ada.liveKeys()).length };
    }
    const isDone = { answer: { status: 200, connection: 'close' }, liveKeys: 1 };

    it('carries it out although it is told a second time, and exits 0', async () => {
      const { server, target } = await start(0);
      const tell = async () => {
        process.kill(server.pid, 'SIGTERM');
        await delay(50);
        process.kill(server.pid, 'SIGTERM');
      };
      expect(await subscribedDuring(tell, target)).toEqual(isDone);
      expect(await server.exit).toBe(0);
    });

    it('carries it out where npm started it and is told, and is gone when npm is', async () => {
      const { server, target } = await start(0, 'npm', ['start']);
      const pid = Number(/"pid":(\d+)/.exec(server.stdout)?.[1]);
      const tell = async () => process.kill(server.pid, 'SIGTERM');
      try {
        expect(await subscribedDuring(tell, target)).toEqual(isDone);
        // Over when nobody holds what it wrote to: neither npm nor a server that npm left behind.
        expect(await Promise.race([server.exit, delay(PATIENCE_MILLISECONDS, 'still there', { ref: false })])).toBe(0);
      } finally {
        if (isThere(pid)) process.kill(pid, 'SIGKILL');
      }
    });
  });
});

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** The status, and whether the connection is to be kept. */
function post(url: string, token: string, body: object, agent: Agent): Promise<object> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
    const asked = request(url, { method: 'POST', headers, agent }, (reply) => {
      const { statusCode: status, headers } = reply;
      reply.resume().once('end', () => resolve({ status, connection: headers.connection }));
    });
    asked.once('error', reject).end(JSON.stringify(body));
  });
}

/** The status, or how the connection failed. */
function get(url: string, agent?: Agent): Promise<string> {
  return new Promise((resolve) => {
    const headers = { 'apollo-require-preflight': 'true' };
    const asked = request(url, { headers, ...(agent && { agent }) }, (reply) => {
      reply.resume().once('end', () => resolve(String(reply.statusCode)));
    });
    asked.once('error', (error) => resolve(String(error)));
    asked.end();
  });
}
