import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { paginateGetApiKeys } from '@aws-sdk/client-api-gateway';
import { AdminGetUserCommand } from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { USER_POOL_ID } from '../../src/sandbox/seed.js';
import { SandboxProcess } from './sandbox-process.js';

const KILLS = 2;
const MINUTE = 60_000;
const WRITERS = 8;
const KEYS_BEFORE_A_KILL = 200;
const ADA = { UserPoolId: USER_POOL_ID, Username: 'ada@example.com' };
const SIGNED = { authorization: 'AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/apigateway/aws4_request' };

let folder: string;
let sandbox: SandboxProcess;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'killed-sandbox-'));
});
afterAll(async () => {
  await sandbox?.close();
  await rm(folder, { recursive: true });
});

/** What the sandbox has said is done: keys made, by id, with their values; and the number last written to a user. */
class Acknowledged {
  readonly keys = new Map<string, string>();
  number = 0;
}

it(
  'a sandbox killed in the middle of writes has everything that it acknowledged when it is back',
  async () => {
    const acknowledged = new Acknowledged();
    for (let kill = 1; kill <= KILLS; kill++) {
      await writeUntilKilled(acknowledged, kill * KEYS_BEFORE_A_KILL);
      sandbox = await SandboxProcess.start(folder);
      expect(await missingOf(sandbox, acknowledged)).toEqual([]);
      expect(await numberIn(sandbox)).toBeGreaterThanOrEqual(acknowledged.number);
      await sandbox.close();
    }
    expect(acknowledged.keys.size).toBeGreaterThanOrEqual(KILLS * KEYS_BEFORE_A_KILL);
  },
  MINUTE,
);

/** The writers stop only when the process is gone under them. */
async function writeUntilKilled(acknowledged: Acknowledged, enough: number): Promise<void> {
  sandbox = await SandboxProcess.start(folder);
  const write = async (path: string, headers: Record<string, string>, body: unknown) => {
    const sent = { method: 'POST', headers, body: JSON.stringify(body) };
    const reply = await fetch(`${sandbox.url}${path}`, sent).then(async (got) => ({
      ok: got.ok,
      text: await got.text(),
    }));
    if (!reply.ok) throw new Error(reply.text);
    return JSON.parse(reply.text);
  };
  const makeKeys = async () => {
    for (;;) {
      const { id, value } = await write('/apikeys', SIGNED, { name: 'under load', enabled: true });
      acknowledged.keys.set(id, value);
      if (acknowledged.keys.size === enough) void sandbox.close();
    }
  };
  const changeUser = async () => {
    const target = 'AWSCognitoIdentityProviderService.AdminUpdateUserAttributes';
    const headers = { ...SIGNED, 'x-amz-target': target, 'content-type': 'application/x-amz-json-1.1' };
    for (let number = acknowledged.number + 1; ; number++) {
      const UserAttributes = [{ Name: 'custom:key_gen', Value: String(number) }];
      await write('/', headers, { ...ADA, UserAttributes });
      acknowledged.number = number;
    }
  };
  const writers = [changeUser(), ...Array.from({ length: WRITERS }, makeKeys)];
  const ends = await Promise.all(writers.map((writer) => writer.catch((error: unknown) => error)));
  await sandbox.close();
  expect(ends.map((end) => Object(end).name)).toEqual(writers.map(() => 'TypeError')); // what fetch makes of a cut
}

async function missingOf({ gateway }: SandboxProcess, { keys }: Acknowledged): Promise<string[]> {
  const there = new Map<string | undefined, string | undefined>();
  for await (const { items = [] } of paginateGetApiKeys({ client: gateway, pageSize: 500 }, { includeValues: true })) {
    for (const { id, value } of items) there.set(id, value);
  }
  return [...keys].filter(([id, value]) => there.get(id) !== value).map(([id]) => id);
}

async function numberIn({ cognito }: SandboxProcess): Promise<number> {
  const { UserAttributes = [] } = await cognito.send(new AdminGetUserCommand(ADA));
  return Number(UserAttributes.find(({ Name }) => Name === 'custom:key_gen')?.Value);
}
