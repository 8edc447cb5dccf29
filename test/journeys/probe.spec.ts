import {
  CreateDeploymentCommand,
  GetApiKeysCommand,
  GetResourcesCommand,
  UpdateMethodCommand,
} from '@aws-sdk/client-api-gateway';
import {
  AdminCreateUserCommand,
  CreateUserPoolClientCommand,
  ListUserPoolClientsCommand,
  ListUsersCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AwsUnavailableError } from '../../src/aws/failures.js';
import { asTable } from '../../src/operation/probe/expectations.js';
import { Made } from '../../src/operation/probe/made.js';
import { ProbeModule } from '../../src/operation/probe/probe.module.js';
import { Probe, type ProbeOrder } from '../../src/operation/probe/probe.service.js';
import { LONGEST_RUN_SECONDS, leftoversAsText, Removal } from '../../src/operation/probe/removal.service.js';
import { ThrowAwayCustomer } from '../../src/operation/probe/throw-away-customer.service.js';
import { REST_API_ID, USER_POOL_ID } from '../../src/sandbox/seed.js';
import { World } from '../support/world.js';

describe('the probe of the deployed API', () => {
  let world: World;
  let before: Awaited<ReturnType<typeof everything>>;

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

  const run = (order: Partial<ProbeOrder> & { path?: string } = {}) =>
    world.app.get(Probe, { strict: false }).run({
      url: `${world.sandbox.info().invokeUrl}${order.path ?? '/pets'}`,
      plan: 'free',
      token: 'id',
      callWith: 'key',
      header: 'authorization',
      client: null,
      userPoolId: USER_POOL_ID,
      patienceSeconds: 0,
      stop: new AbortController().signal,
      ...order,
    });

  const probed = async (order: Partial<ProbeOrder> & { path?: string } = {}) => {
    const { rows, failure, left } = await run(order);
    expect(await everything()).toEqual(before); // whatever it found, nothing of it is left
    expect(left).toEqual([]);
    if (failure !== null) throw failure;
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
      patienceSeconds: 3600,
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

  it('removes by what it was told, where searches do not show it yet', async () => {
    world.sandbox.habits.set({ staleMilliseconds: 60_000 });
    world.sandbox.habits.addFault({ operation: 'AdminInitiateAuth', kind: 'before' });
    const { failure } = await run();
    world.sandbox.habits.reset();
    expect(failure).toBeInstanceOf(AwsUnavailableError);
    expect(await everything()).toEqual(before);
  });

  it.each(['CreateUserPoolClient', 'AdminCreateUser', 'AdminSetUserPassword'])(
    'removes what was made by %s without an answer',
    async (operation) => {
      world.sandbox.habits.addFault({ operation, kind: 'after', nth: 1 });
      await probed().catch(() => []);
      world.sandbox.habits.reset();
      expect(await everything()).toEqual(before);
    },
  );

  it('leaves the customer of a probe that is running alone, and removes what one that was killed has left', async () => {
    const other = new Made();
    const { key } = await world.app.get(ThrowAwayCustomer, { strict: false }).arrive(other, 'free', null);
    const among = await everything();
    expect(among).not.toEqual(before);
    const { left } = await run();
    expect([left, await everything()]).toEqual([[], among]);
    expect(key.value).not.toBe('');
    world.forward(LONGEST_RUN_SECONDS + 1);
    expect(failing(await probed())).toEqual([]);
  });

  it('leaves customers and clients alone whose names only begin like its own, however old they are', async () => {
    const names = ['turnpike-probe-me@their.org', 'turnpike-probe-0123456789ab@their.org'];
    for (const Username of names) {
      const UserAttributes = [{ Name: 'email', Value: Username }];
      await world.cognito.send(new AdminCreateUserCommand({ UserPoolId: USER_POOL_ID, Username, UserAttributes }));
    }
    const client = { UserPoolId: USER_POOL_ID, ClientName: 'turnpike-probe-of-theirs' };
    await world.cognito.send(new CreateUserPoolClientCommand(client));
    before = await everything();
    world.forward(LONGEST_RUN_SECONDS * 10);
    expect(failing(await probed())).toEqual([]); // looks at what there is as well
  });

  it.each([
    ['AdminUpdateUserAttributes', []],
    ['AdminDeleteUser', ['aws cognito-idp admin-delete-user']],
    ['DeleteApiKey', ['aws apigateway delete-api-key']],
    ['DeleteUserPoolClient', ['aws cognito-idp delete-user-pool-client']],
  ])('removes all else when %s fails, and says what is left and how to remove it', async (operation, commands) => {
    const made = new Made();
    await world.app.get(ThrowAwayCustomer, { strict: false }).arrive(made, 'free', null);
    world.sandbox.habits.addFault({ operation, kind: 'before' });
    const removal = world.app.get(Removal, { strict: false });
    const left = await removal.remove(made);
    world.sandbox.habits.reset();
    expect(left.map(({ byHand }) => byHand)).toEqual(commands.map((command) => expect.stringContaining(command)));
    const there = (await everything()).flat().length - before.flat().length;
    expect(there).toBe(commands.length);
    expect(await removal.remove(made)).toEqual([]);
    expect(await everything()).toEqual(before);
  });

  it('says that the keys are left too, when neither the plan could be cancelled nor the user deleted', async () => {
    const made = new Made();
    await world.app.get(ThrowAwayCustomer, { strict: false }).arrive(made, 'free', null);
    for (const operation of ['AdminGetUser', 'AdminDeleteUser'])
      world.sandbox.habits.addFault({ operation, kind: 'before' });
    const removal = world.app.get(Removal, { strict: false });
    const text = leftoversAsText(await removal.remove(made));
    world.sandbox.habits.reset();
    expect(text).toMatch(
      /^Not removed. By hand:\n✗ the user .+\n.+admin-delete-user .+\n✗ the keys called .+\n.+delete-api-key/,
    );
    expect((await everything())[1]).toEqual(before[1]); // the app client is gone
    expect(await removal.remove(made)).toEqual([]);
    expect(await everything()).toEqual(before);
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
