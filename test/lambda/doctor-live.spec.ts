import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import {
  AdminDeleteUserCommand,
  ListUserPoolClientsCommand,
  ListUsersCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { PROBE_PREFIX } from '../../src/operation/probe/made.js';
import { LONGEST_RUN_SECONDS } from '../../src/operation/probe/removal.service.js';
import { USER_POOL_ID } from '../../src/sandbox/seed.js';
import { environment, World } from '../support/world.js';

const DOCTOR = fileURLToPath(new URL('../../dist/doctor.js', import.meta.url));
jest.setTimeout(180_000); // it starts a process, and where much else is done that takes long

describe('npm run doctor -- --live', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
  });
  afterEach(() => world.sandbox.habits.reset());
  afterAll(() => world.close());

  const doctor = (...flags: string[]) => {
    const env = { PATH: process.env.PATH, ...environment(world.sandbox.url) };
    const child = spawn(process.execPath, [DOCTOR, ...flags], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (text += String(part)));
    const ended = once(child, 'close').then(([code]) => ({ code, text }));
    return { child, ended };
  };
  const pets = () => `${world.sandbox.info().invokeUrl}/pets`;
  const leftovers = async () => {
    const { Users = [] } = await world.cognito.send(new ListUsersCommand({ UserPoolId: USER_POOL_ID }));
    const clients = new ListUserPoolClientsCommand({ UserPoolId: USER_POOL_ID, MaxResults: 60 });
    const { UserPoolClients = [] } = await world.cognito.send(clients);
    const emails = Users.map(({ Attributes = [] }) => Attributes.find(({ Name }) => Name === 'email')?.Value ?? '');
    return [...emails, ...UserPoolClients.map(({ ClientName = '' }) => ClientName)].filter((name) =>
      name.startsWith(PROBE_PREFIX),
    );
  };

  it('prints the pre-flight and a table, and exits with 0 when all is well', async () => {
    const { code, text } = await doctor('--live', pets()).ended;
    expect(text).toContain('All that was looked at is as it should be.');
    expect(text.match(/^✓ /gm)?.length).toBe(7);
    expect([code, await leftovers()]).toEqual([0, []]);
  });

  it('prints what is to be mended, and exits with 1', async () => {
    const { code, text } = await doctor('--live', pets().replace('/pets', '/open'), '--patience', '0').ended;
    expect(text).toContain('A key alone lets in');
    expect([code, await leftovers()]).toEqual([1, []]);
  });

  it('refuses flags that it does not know, before it asks anything', async () => {
    const { code, text } = await doctor('--life', pets()).ended;
    expect([code, text]).toEqual([1, expect.stringContaining('--live <url>')]);
  });

  it.each([
    ['--call-with', 'both'],
    ['--patience', '3601'],
  ])('refuses %s %s', async (...flags) => {
    const { code, text } = await doctor('--live', pets(), ...flags).ended;
    expect([code, text]).toEqual([1, expect.stringContaining('--call-with key|token')]);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('removes what it made when it gets %s half-way', async (signal) => {
    world.sandbox.habits.addFault({ operation: 'AdminInitiateAuth', kind: 'hang', milliseconds: 1500 });
    const { child, ended } = doctor('--live', pets());
    while ((await leftovers()).length < 2) if (child.exitCode !== null) throw new Error((await ended).text);
    child.kill(signal);
    expect((await ended).code).toBe(1);
    expect(await leftovers()).toEqual([]);
  });

  it('says what it could not remove and how to, and not that all is removed', async () => {
    world.sandbox.habits.addFault({ operation: 'AdminInitiateAuth', kind: 'hang', milliseconds: 1500 });
    world.sandbox.habits.addFault({ operation: 'AdminDeleteUser', kind: 'before' });
    const { child, ended } = doctor('--live', pets());
    while ((await leftovers()).length < 2) if (child.exitCode !== null) throw new Error((await ended).text);
    child.kill('SIGTERM');
    const { code, text } = await ended;
    expect(code).toBe(1);
    expect(text).toMatch(
      /Not removed. By hand:\n✗ the user .+\n +aws cognito-idp admin-delete-user --username \S+ --user-pool-id /,
    );
    expect(text).not.toContain('is removed');
    world.sandbox.habits.reset();
    const [email = '', ...others] = await leftovers();
    expect(others).toEqual([]);
    await world.cognito.send(new AdminDeleteUserCommand({ UserPoolId: USER_POOL_ID, Username: email }));
  });

  it('removes at a later run what one that was killed has left', async () => {
    world.forward(-LONGEST_RUN_SECONDS - 60); // long ago
    world.sandbox.habits.addFault({ operation: 'AdminInitiateAuth', kind: 'hang', milliseconds: 1500 });
    const { child, ended } = doctor('--live', pets());
    while ((await leftovers()).length < 2) if (child.exitCode !== null) throw new Error((await ended).text);
    child.kill('SIGKILL');
    await ended;
    world.sandbox.habits.reset();
    world.sandbox.clock.reset();
    expect(await leftovers()).not.toEqual([]);
    expect((await doctor('--live', pets()).ended).code).toBe(0);
    expect(await leftovers()).toEqual([]);
  });
});
