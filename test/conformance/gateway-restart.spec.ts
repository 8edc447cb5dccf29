import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetApiKeysCommand, GetUsageCommand, GetUsagePlansCommand } from '@aws-sdk/client-api-gateway';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Sandbox } from '../../src/sandbox/server.js';
import { World } from './gateway-rows.js';

const OPEN = 'sandboxapi/v1/open';

describe('the sandbox on disk', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'sandbox-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const start = async () => World.before(await Sandbox.start({ port: 0, directory }));

  it('keeps keys, plans, usage and the seed over a restart', async () => {
    const before = await start();
    const made = await before.subscriber({ quota: { limit: 5, period: 'MONTH' } });
    await before.statuses(2, OPEN, { 'x-api-key': made.value });
    const { plans } = before.sandbox.info();
    await before.close();

    const after = await start();
    expect(after.sandbox.info().plans).toEqual(plans);
    expect(await after.statuses(4, OPEN, { 'x-api-key': made.value })).toEqual([200, 200, 200, 429]);
    const { items } = await after.sdk.send(new GetUsagePlansCommand({ keyId: made.keyId }));
    expect(items?.map(({ id }) => id)).toEqual([made.planId]);
    const newer = await after.key({ name: 'key-newer' });
    const listed = await after.sdk.send(new GetApiKeysCommand({ nameQuery: 'key-' }));
    expect(listed.items?.map(({ id }) => id)).toEqual([newer.id, made.keyId]);
    await after.close();
  });

  it('forgets everything but the seed when it is reset', async () => {
    const world = await start();
    const made = await world.subscriber();
    world.sandbox.clock.forward(3600);
    const reply = await fetch(`${world.sandbox.url}/_sandbox/reset`, { method: 'POST' });
    expect(await reply.json()).toEqual(world.sandbox.info());
    expect(await world.statuses(1, OPEN, { 'x-api-key': made.value })).toEqual([403]);
    expect(Math.abs(world.sandbox.clock.now().getTime() - Date.now())).toBeLessThan(1000);
    expect((await world.tokens()).id).toMatch(/^ey/);
    await world.close();
  });
});

describe('the sandbox’s controls', () => {
  let world: World;
  beforeEach(async () => {
    world = World.before(await Sandbox.start({ port: 0, directory: null }));
  });
  afterEach(() => world.close());

  it('tells everything a client needs', async () => {
    const reply = await fetch(`${world.sandbox.url}/_sandbox/info`);
    expect(await reply.json()).toEqual({
      region: 'us-east-1',
      userPoolId: 'us-east-1_Sandbox01',
      clientId: 'turnpikesandboxclient00001',
      restApiId: 'sandboxapi',
      stage: 'v1',
      invokeUrl: `${world.sandbox.url}/_aws/execute-api/sandboxapi/v1`,
      website: 'http://localhost:3000/',
      users: [
        { username: 'ada@example.com', password: 'Turnpike-1', groups: [] },
        { username: 'admin@example.com', password: 'Turnpike-1', groups: ['admin'] },
      ],
      plans: ['free', 'basic', 'pro'].map((code) => ({ code, usagePlanId: expect.any(String) })),
    });
  });

  it('moves the clock forward, never back', async () => {
    const post = (body: string) => fetch(`${world.sandbox.url}/_sandbox/clock`, { method: 'POST', body });
    const before = Date.now();
    const { now } = (await (await post('{"forwardSeconds": 86400}')).json()) as { now: string };
    expect(Date.parse(now) - before).toBeGreaterThanOrEqual(86_400_000);
    expect((await post('{"forwardSeconds": -1}')).status).toBe(400);
    expect((await post('nonsense')).status).toBe(400);
  });

  it('does not obey pages of other sites', async () => {
    const headers = { origin: 'https://elsewhere.example' };
    const reply = await fetch(`${world.sandbox.url}/_sandbox/reset`, { method: 'POST', headers });
    expect(reply.status).toBe(403);
  });

  it('lets pages of every origin sign people in', async () => {
    const headers = { origin: 'http://localhost:3000', 'access-control-request-headers': 'x-amz-target' };
    const reply = await fetch(world.sandbox.url, { method: 'OPTIONS', headers });
    const allowed = ['origin', 'headers'].map((name) => reply.headers.get(`access-control-allow-${name}`));
    expect([reply.status, ...allowed]).toEqual([200, '*', 'x-amz-target']);
  });

  it('refuses to be production', async () => {
    const { NODE_ENV } = process.env;
    process.env.NODE_ENV = 'production';
    const refused = await Sandbox.start({ port: 0, directory: null }).catch(String);
    process.env.NODE_ENV = NODE_ENV;
    expect(refused).toMatch(/refuses to run/);
  });

  it('reports usage of a plan nobody has called as an empty map', async () => {
    const { usagePlanId } = world.sandbox.info().plans[0] ?? {};
    const dates = { startDate: world.today(), endDate: world.today() };
    expect((await world.sdk.send(new GetUsageCommand({ usagePlanId, ...dates }))).items).toEqual({});
  });
});
