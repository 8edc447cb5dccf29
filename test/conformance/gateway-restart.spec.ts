import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetApiKeysCommand, GetUsageCommand, GetUsagePlansCommand } from '@aws-sdk/client-api-gateway';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CLIENT_ID } from '../../src/sandbox/seed.js';
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

  it('is reset once for all who ask meanwhile', async () => {
    const world = await start();
    const [first] = await Promise.all([world.sandbox.reset(), world.sandbox.reset()]);
    expect(first).toBeUndefined();
    const { plans } = world.sandbox.info();
    expect([plans.map(({ code }) => code), usersIn(world.sandbox)]).toEqual([['free', 'basic', 'pro'], 2]);
    await world.close();
    const after = await start();
    expect([after.sandbox.info().plans, usersIn(after.sandbox)]).toEqual([plans, 2]);
    await after.close();
  });

  it('takes nobody over a reset who was signing up', async () => {
    let letIn = () => {};
    const opened = new Promise<void>((resolve) => {
      letIn = resolve;
    });
    const triggers = { PreSignUp: async (event: unknown) => opened.then(() => event) };
    const sandbox = await Sandbox.start({ port: 0, directory, triggers });
    const newcomer = { ClientId: CLIENT_ID, Username: 'grace@example.com', Password: 'Turnpike-1' };
    const signingUp = sandbox.cognito.operations.SignUp(newcomer).catch(String);
    await sandbox.reset();
    letIn();
    expect(await signingUp).toMatch(/does not exist/);
    expect(usersIn(sandbox)).toBe(2);
    await sandbox.close();
    const after = await start();
    expect(usersIn(after.sandbox)).toBe(2);
    await after.close();
  });

  it('answers nobody before it is seeded again', async () => {
    const world = await start();
    const reset = world.sandbox.reset();
    expect(await (await fetch(`${world.sandbox.info().invokeUrl}/open`)).json()).toEqual({ message: 'Forbidden' });
    expect((await world.sdk.send(new GetUsagePlansCommand({}))).items).toHaveLength(3);
    await reset;
    await world.close();
  });

  it('is one sandbox’s at a time, also of two in one process, until that is closed', async () => {
    const world = await start();
    await expect(start()).rejects.toThrow(/is in use by another sandbox/);
    await expect(start()).rejects.toThrow(/is in use by another sandbox/);
    await world.close();
    await (await start()).close();
  });

  it('is nobody’s after a process that was killed, though another has its number now', async () => {
    writeFileSync(join(directory, 'pid'), `${process.pid} of-an-earlier-process`);
    await (await start()).close();
    expect(existsSync(join(directory, 'pid'))).toBe(false);
  });

  it('says which line of the journal is none', async () => {
    await (await start()).close();
    const journal = join(directory, 'journal.ndjson');
    const [first, ...others] = readFileSync(journal, 'utf8').split('\n');
    writeFileSync(journal, [first, '["gateway.apiKeys","to["seed"]', ...others].join('\n'));
    await expect(start()).rejects.toThrow(/journal\.ndjson, line 2 is no row/);
  });
});

function usersIn(sandbox: Sandbox): number {
  return sandbox.store.table('cognito.users').size;
}

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
    for (const tooFar of ['1e300', '1e999', '3200000000']) {
      const reply = await post(`{"forwardSeconds": ${tooFar}}`);
      expect([reply.status, await reply.text()]).toEqual([400, expect.stringContaining('by 100 years in all')]);
    }
    expect(await (await post('{"forwardSeconds": 0}')).json()).toEqual({ now: expect.stringMatching(/^20/) });
  });

  it('does not obey pages of other sites', async () => {
    const headers = { origin: 'https://elsewhere.example' };
    const reply = await fetch(`${world.sandbox.url}/_sandbox/reset`, { method: 'POST', headers });
    expect(reply.status).toBe(403);
  });

  it('does not obey pages of other sites in what only the owner of an account may do either', async () => {
    const { url } = world.sandbox;
    const authorization = 'AWS4-HMAC-SHA256 Credential=a/20261127/us-east-1/apigateway/aws4_request';
    const target = (operation: string) => ({ 'x-amz-target': `AWSCognitoIdentityProviderService.${operation}` });
    const UserPoolId = world.sold.poolId;
    const deletion = { method: 'POST', body: JSON.stringify({ UserPoolId }) };
    const statuses = async (origin?: string) => {
      const signed = { authorization, ...(origin === undefined ? {} : { origin }) };
      return [
        await fetch(`${url}/apikeys?includeValues=true`, { headers: signed }),
        await fetch(url, { ...deletion, headers: { ...signed, ...target('ListUsers') } }),
        await fetch(url, {
          method: 'POST',
          body: '{}',
          headers: { ...signed, 'x-amz-target': 'TrentService.ListKeys' },
        }),
      ].map(({ status }) => status);
    };
    for (const origin of [undefined, 'http://localhost:5173', url])
      expect(await statuses(origin)).toEqual([200, 200, 501]);
    for (const origin of ['https://elsewhere.example', 'null', 'http://127.0.0.1.elsewhere.example']) {
      expect(await statuses(origin)).toEqual([403, 403, 403]);
    }
    const headers = { authorization, origin: 'https://elsewhere.example', ...target('DeleteUserPool') };
    expect((await fetch(url, { ...deletion, headers })).status).toBe(403);
    expect((await world.tokens()).id).toMatch(/^ey/);
  });

  it('are not reached, nor is anything else, under a name that leads here', async () => {
    const statusOf = (path: string, host: string) =>
      new Promise((resolve, reject) => {
        const headers = {
          host,
          authorization: 'AWS4-HMAC-SHA256 Credential=a/20261127/us-east-1/apigateway/aws4_request',
        };
        get(`${world.sandbox.url}${path}`, { headers }, (reply) => resolve(reply.resume().statusCode)).on(
          'error',
          reject,
        );
      });
    for (const path of ['/apikeys', '//localhost/apikeys', '/_sandbox/mail', `/_aws/execute-api/${OPEN}`, '/login']) {
      expect([path, await statusOf(path, `elsewhere.example:${world.sandbox.port}`)]).toEqual([path, 403]);
    }
    expect(await statusOf('/apikeys', `localhost:${world.sandbox.port}`)).toBe(200);
  });

  it('leave the deployed API to pages of every origin', async () => {
    const { value } = await world.subscriber();
    const headers = { 'x-api-key': value, origin: 'https://elsewhere.example' };
    const reply = await fetch(`${world.sandbox.info().invokeUrl}/open`, { headers });
    expect([reply.status, reply.headers.get('access-control-allow-origin')]).toEqual([200, '*']);
  });

  it('lets pages of every origin sign people in', async () => {
    const headers = { origin: 'http://localhost:3000', 'access-control-request-headers': 'x-amz-target' };
    const reply = await fetch(world.sandbox.url, { method: 'OPTIONS', headers });
    const allowed = ['origin', 'headers'].map((name) => reply.headers.get(`access-control-allow-${name}`));
    expect([reply.status, ...allowed]).toEqual([200, '*', 'x-amz-target']);
    const [{ username: USERNAME = '', password: PASSWORD = '' } = {}] = world.sandbox.info().users;
    const signIn = { ClientId: CLIENT_ID, AuthFlow: 'USER_PASSWORD_AUTH', AuthParameters: { USERNAME, PASSWORD } };
    for (const origin of ['http://localhost:5173', 'https://elsewhere.example']) {
      const signedIn = await fetch(world.sandbox.url, {
        method: 'POST',
        headers: { origin, 'x-amz-target': 'AWSCognitoIdentityProviderService.InitiateAuth' },
        body: JSON.stringify(signIn),
      });
      expect([signedIn.status, await signedIn.text()]).toEqual([200, expect.stringContaining('AccessToken')]);
    }
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
