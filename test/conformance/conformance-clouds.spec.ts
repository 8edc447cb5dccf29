import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CLIENT_ID, USER_POOL_ID } from '../../src/sandbox/seed.js';
import { Sandbox } from '../../src/sandbox/server.js';
import { skipping } from '../support/moto.js';
import type { Cloud } from './cloud.js';
import { awsCloud, awsIsRefused } from './clouds/aws.js';
import { MARK } from './clouds/belongings.js';
import { KINDS } from './clouds/kinds.js';
import { Pace } from './clouds/pace.js';
import { cloudAround } from './clouds/sandbox.js';
import { examine, type Outcome } from './examine.js';
import { pinned, readPins } from './pins.js';
import { Sanitiser } from './sanitised.js';
import { FACTS, type Fact } from './table.js';

const PASSWORDS = { 'Turnpike-1': 'password', 'Another-one-2': 'password' };

const named = (...ids: readonly string[]): Fact[] =>
  ids.map((id) => {
    const fact = FACTS.find((one) => one.id === id);
    if (!fact) throw new Error(`There is no row ${id}`);
    return fact;
  });

async function run(cloud: Cloud, facts: readonly Fact[], after: () => void = () => {}): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const fact of facts) {
    outcomes.push(await examine(fact, cloud));
    after();
  }
  return outcomes;
}

describe('the transcript of a run', () => {
  const EVERY_KIND = named(
    ...['K1', 'K8', 'K11', 'I1', 'M1', 'M2', 'W1', 'A3', 'D3', 'L3', 'PE14', 'LA17', 'AZ12', 'AZ13', 'clients.secret'],
    ...[
      'secret.sign-up',
      'sign-up.confirm',
      'created.temporary-password',
      'srp.sign-in',
      'forgot.reset',
      'codes.verify-email',
    ],
    ...[
      'tokens.refresh',
      'rotation.on',
      'refresh.client-secret',
      'tokens.revoke',
      'list.pages',
      'sign-in.change-password',
    ],
    ...[
      'authorize.implicit',
      'authorize.code',
      'token.pkce',
      'token.secret',
      'token.rotation',
      'session.cookie',
      'revoke.all',
    ],
  );
  let sandbox: Sandbox;
  let cloud: Cloud;
  const spoken: string[] = [];
  const lines: string[] = [];

  beforeAll(async () => {
    sandbox = await Sandbox.start({ port: 0, directory: null });
    cloud = cloudAround(sandbox);
    const sanitiser = new Sanitiser(PASSWORDS);
    await run(cloud, EVERY_KIND, () => {
      spoken.push(
        ...cloud.exchanges.flatMap(({ url, headers, body, reply, replyHeaders }) => [
          url,
          body,
          reply,
          JSON.stringify(headers),
          JSON.stringify(replyHeaders),
        ]),
      );
      lines.push(JSON.stringify(sanitiser.rewrite(cloud.exchanges)));
    });
  });
  afterAll(() => cloud.close());

  it('has every request and answer, and what they say beside secrets', () => {
    const transcript = lines.join('\n');
    expect(lines).toHaveLength(EVERY_KIND.length);
    expect(lines.filter((line) => line === '[]')).toEqual([]);
    for (const part of ['CreateApiKey', '<key-value-1>', '<token-1>', '409', 'API Key already exists', '/oauth2/token'])
      expect(transcript).toContain(part);
  });

  /** What the run knew is found here by its form and in the sandbox, not by the names that the sanitiser knows. */
  it('has no key, token, password, code, cookie, account or id of the run', () => {
    const transcript = lines.join('\n');
    const all = spoken.join('\n');
    const values = held(sandbox, 'gateway.apiKeys', 'value');
    const forms: Record<string, readonly string[]> = {
      keys: values,
      jwts: all.match(/eyJ[\w-]+\.[\w-]+\.[\w-]+/g) ?? [],
      'refresh tokens': [...all.matchAll(/"(?:RefreshToken|refresh_token|Session)\\?":\s*\\?"([^"\\]+)/g)].map(
        ([, one = '']) => one,
      ),
      passwords: ['Turnpike-1', 'Another-one-2', 'Third-one-3', 'Temporary-1'].filter((one) => all.includes(one)),
      codes: sandbox.cognito.mail().map(({ code }) => code),
      'codes of sign-ins': [...all.matchAll(/[?&]code=([\w-]{20,})/g)].map(([, one = '']) => one),
      cookies: [...all.matchAll(/cognito=([\w-]{20,})/g)].map(([, one = '']) => one),
      secrets: [...all.matchAll(/"ClientSecret\\?":\s*\\?"([^"\\]+)/g)].map(([, one = '']) => one),
      ids: [...(all.match(/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g) ?? []), USER_POOL_ID, CLIENT_ID],
      accounts: ['000000000000'],
    };
    const found = Object.entries(forms).map(([form, secrets]) => [
      form,
      secrets.filter((one) => transcript.includes(one)).length,
    ]);
    expect(Object.values(forms).filter((secrets) => secrets.length === 0)).toEqual([]);
    expect(found.filter(([, count]) => count !== 0)).toEqual([]);
  });
});

describe('the run on AWS', () => {
  it('is refused unless the pool of the account is named twice', () => {
    const pool = { AWS_REGION: 'us-east-1', COGNITO_USER_POOL_ID: USER_POOL_ID };
    expect(awsIsRefused({})).toContain('name no test pool');
    expect(awsIsRefused(pool)).toContain(`TEST_AWS_CONFIRM is not ${USER_POOL_ID}`);
    expect(awsIsRefused({ ...pool, TEST_AWS_CONFIRM: 'yes' })).toContain('TEST_AWS_CONFIRM');
    expect(awsIsRefused({ ...pool, TEST_AWS_CONFIRM: USER_POOL_ID })).toBeNull();
  });

  it('leaves an account as it was, after rows of every kind, and after a run that was cut off', async () => {
    const sandbox = await Sandbox.start({ port: 0, directory: null });
    const folder = mkdtempSync(join(tmpdir(), 'conformance-'));
    const journal = join(folder, 'journal.ndjson');
    const start = () => awsCloud(rehearsal(sandbox, journal));
    const before = belongings(sandbox);
    const facts = named(
      'K1',
      'K11',
      'I1',
      'P1',
      'P9',
      'M1',
      'U10',
      'S10',
      'A8',
      'D3',
      'pools.create',
      'tokens.access-claims',
    );
    const cutOff = await start();
    await run(cutOff, facts.slice(0, 6));
    expect(belongings(sandbox)).not.toEqual(before);
    expect(readFileSync(journal, 'utf8')).toContain('usage plan');
    const cloud = await start();
    expect(belongings(sandbox)).toEqual(before);
    const outcomes = await run(cloud, facts);
    expect(outcomes.map(({ fact, state, reason }) => [fact.id, state, reason])).toEqual(
      facts.map(({ id }) => [id, 'passed', undefined]),
    );
    const names = held(sandbox, 'gateway.usagePlans', 'name');
    expect(names.some((name) => name.startsWith(MARK))).toBe(true);
    await cloud.close();
    expect(belongings(sandbox)).toEqual(before);
    await sandbox.close();
    rmSync(folder, { recursive: true });
  });

  it('keeps to the rates of the control plane', async () => {
    let now = 0;
    const pace = new Pace(
      1,
      () => now,
      async (milliseconds) => {
        now += milliseconds;
      },
    );
    for (let at = 0; at < 3; at++) await pace.turn('UpdateUsagePlan');
    expect(now).toBe(42_000);
    for (let at = 0; at < 10; at++) await pace.turn('GetApiKeys');
    expect(now).toBe(44_000);
  });
});

const withoutMoto = skipping('a sample of the conformance table on moto', KINDS.moto.missing());
(withoutMoto ? describe.skip : describe)('a sample of the table on moto', () => {
  const SAMPLE = [
    'K1',
    'K4',
    'K5',
    'K8',
    'K14.2',
    'M6',
    'M9',
    'wire.unsigned-admin',
    'attributes.unknown',
    'sign-in.wrong-password',
  ];

  it('is answered as is pinned', async () => {
    const cloud = await KINDS.moto.start();
    const { answers } = readPins();
    const outcomes = await run(cloud, named(...SAMPLE));
    await cloud.close();
    const told = outcomes.map(({ fact, state, answer }) => [
      fact.id,
      state === 'passed' ? 'right' : JSON.stringify(pinned(answer)),
    ]);
    expect(told).toEqual(SAMPLE.map((id) => [id, id in answers ? JSON.stringify(answers[id]) : 'right']));
    expect(new Set(told.map(([, answer]) => answer === 'right')).size).toBe(2);
  });
});

/** The environment of a run on AWS, in which a sandbox is AWS. */
function rehearsal({ url }: Sandbox, journal: string) {
  const env = {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'any',
    AWS_SECRET_ACCESS_KEY: 'any',
    AWS_ENDPOINT_URL_API_GATEWAY: url,
    AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: url,
    COGNITO_USER_POOL_ID: USER_POOL_ID,
    TEST_AWS_CONFIRM: USER_POOL_ID,
    TEST_AWS_EXECUTE_URL: `${url}/_aws/execute-api`,
    TEST_AWS_JOURNAL: journal,
    TEST_AWS_PACE: '0',
    TEST_AWS_SETTLE_SECONDS: '0',
  };
  Object.assign(process.env, env); // the SDK reads its endpoints and credentials from here
  return env;
}

function belongings({ store }: Sandbox) {
  const tables = ['gateway.apiKeys', 'gateway.usagePlans', 'gateway.restApis', 'cognito.pools'];
  return tables.map((name) => [
    name,
    store
      .table(name)
      .entries()
      .map(([key]) => key),
  ]);
}

/** One member of everything in one of the sandbox's tables. */
function held({ store }: Sandbox, table: string, member: string): string[] {
  const rows = store.table<object>(table).entries();
  return rows.map(([, row]) => String(Reflect.get(row, member) ?? ''));
}
