import {
  CreateDeploymentCommand,
  GetApiKeysCommand,
  GetResourcesCommand,
  UpdateMethodCommand,
} from '@aws-sdk/client-api-gateway';
import { ListUserPoolClientsCommand, ListUsersCommand } from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { asTable } from '../../src/operation/probe/expectations.js';
import { ProbeModule } from '../../src/operation/probe/probe.module.js';
import { Probe, type ProbeOrder } from '../../src/operation/probe/probe.service.js';
import { ThrowAwayCustomer } from '../../src/operation/probe/throw-away-customer.service.js';
import { REST_API_ID, USER_POOL_ID } from '../../src/sandbox/seed.js';
import { World } from '../support/world.js';

describe('the probe of the deployed API', () => {
  let world: World;
  let before: unknown;

  beforeAll(async () => {
    world = await World.start({}, [ProbeModule]);
    before = await everything();
  });
  afterAll(() => world.close());

  /** Users, app clients and keys, by their names. */
  async function everything() {
    const pool = { UserPoolId: USER_POOL_ID };
    const { Users = [] } = await world.cognito.send(new ListUsersCommand(pool));
    const clients = new ListUserPoolClientsCommand({ ...pool, MaxResults: 60 });
    const { UserPoolClients = [] } = await world.cognito.send(clients);
    const { items = [] } = await world.gateway.send(new GetApiKeysCommand({ limit: 500 }));
    return [
      Users.map(({ Username }) => Username),
      UserPoolClients.map(({ ClientName }) => ClientName),
      items.map(({ id }) => id),
    ];
  }

  const probed = async (order: Partial<ProbeOrder> & { path?: string } = {}) => {
    const { invokeUrl } = world.sandbox.info();
    const rows = await world.app.get(Probe, { strict: false }).run({
      url: `${invokeUrl}${order.path ?? '/pets'}`,
      plan: 'free',
      token: 'id',
      header: 'authorization',
      client: null,
      userPoolId: USER_POOL_ID,
      patienceSeconds: 0,
      stop: new AbortController().signal,
      ...order,
    });
    expect(await everything()).toEqual(before); // whatever it found, nothing of it is left
    return rows;
  };
  const failing = (rows: Awaited<ReturnType<typeof probed>>) =>
    rows.filter(({ mend }) => mend !== null).map(({ what, seen }) => `${what}: ${seen}`);

  it('finds a good API good: without token, without key, with both, replaced, and used up', async () => {
    const rows = await probed();
    expect(rows.map(({ what, seen, mend }) => [what, seen, mend])).toEqual([
      ['no token, no key', '401 UnauthorizedException', null],
      ['a token, no key', '403 ForbiddenException', null],
      ['a key, no token', '401 UnauthorizedException', null],
      ['both', '200', null],
      ['the key that took its place', '200', null],
      ['the key that was replaced', '403 ForbiddenException', null],
      ['a key with no calls left', '429 LimitExceededException', null],
    ]);
  });

  it('finds a method that asks for no token', async () => {
    const rows = await probed({ path: '/open' });
    expect(failing(rows)).toEqual(
      expect.arrayContaining(['no token, no key: 403 ForbiddenException', 'a key, no token: 200']),
    );
    expect(asTable(rows)).toContain('A key alone lets in, and a key is no authentication.');
  });

  it('finds a method that asks for no key, and says that the API is to be deployed', async () => {
    await keyRequired('false');
    const rows = await probed();
    await keyRequired('true');
    expect(failing(rows)).toContain('a token, no key: 200');
    expect(asTable(rows)).toMatch(/asks for no key, so no plan counts.+Deploy/);
    expect(failing(await probed())).toEqual([]);
  });

  it('finds a stage that is not in the plan, without waiting for what cannot come', async () => {
    await world.gateway.send(new CreateDeploymentCommand({ restApiId: REST_API_ID, stageName: 'v2' }));
    const rows = await probed({
      url: `${world.sandbox.info().invokeUrl.replace(/v1$/, 'v2')}/pets`,
      patienceSeconds: 9999,
    });
    expect(failing(rows)).toEqual([`the stages of the plan free: ${REST_API_ID}:v1`]);
    expect(asTable(rows)).toContain(`open nothing on ${REST_API_ID}:v2`);
  });

  it('finds a path that does not exist, and a token of the wrong kind', async () => {
    expect(asTable(await probed({ path: '/nothing' }))).toContain('There is no GET there.');
    const rows = await probed({ token: 'access' });
    expect(failing(rows)[0]).toBe('a token, no key: 401 UnauthorizedException');
    expect(asTable(rows)).toContain('try --token id');
  });

  it('refuses a plan that there is not, and an AWS that does not let it, and leaves nothing either', async () => {
    await expect(probed({ plan: 'platinum' })).rejects.toThrow('There is no plan platinum');
    world.sandbox.habits.addFault({ operation: 'AdminInitiateAuth', kind: 'before' });
    await expect(probed()).rejects.toThrow();
    world.sandbox.habits.reset();
    expect(await everything()).toEqual(before);
  });

  it('stops when it is told to, and removes what it made', async () => {
    const stopping = new AbortController();
    stopping.abort();
    expect((await probed({ stop: stopping.signal })).length).toBe(1);
  });

  it('removes what one that was killed has left', async () => {
    const killed = world.app.get(ThrowAwayCustomer, { strict: false });
    const { tokens } = await killed.arrive('free', null);
    expect(tokens.id.reveal()).not.toBe('');
    expect(await everything()).not.toEqual(before);
    expect(failing(await probed())).toEqual([]);
  });

  async function keyRequired(value: string): Promise<void> {
    const { items = [] } = await world.gateway.send(new GetResourcesCommand({ restApiId: REST_API_ID }));
    const resourceId = items.find(({ path }) => path === '/pets')?.id;
    const patchOperations = [{ op: 'replace' as const, path: '/apiKeyRequired', value }];
    const method = { restApiId: REST_API_ID, resourceId, httpMethod: 'GET' };
    await world.gateway.send(new UpdateMethodCommand({ ...method, patchOperations }));
    await world.gateway.send(new CreateDeploymentCommand({ restApiId: REST_API_ID, stageName: 'v1' }));
  }
});
