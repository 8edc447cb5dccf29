import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetApiKeysCommand } from '@aws-sdk/client-api-gateway';
import { AdminGetUserCommand, DeleteUserPoolCommand } from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { buildSchema } from 'graphql';
import { USER_POOL_ID } from '../../src/sandbox/seed.js';
import { freePort, Process } from '../chaos/process.js';
import { requestsOf } from '../support/audit.js';
import type { Customer } from '../support/customer.js';
import { EchoingAws } from '../support/echoing-aws.js';
import { keyOf } from '../support/outcomes.js';
import { tokensOf } from '../support/tokens.js';
import { claimsOf, environment, World } from '../support/world.js';

const CHOSEN_PASSWORD = 'Test-Passw0rd'; // the one that World gives its users

/** A stretch of days in which keys are made, replaced and ended, things go wrong, and AWS fails. */
describe('what must stay secret', () => {
  let world: World;
  const secrets = new Set<string>();
  const errorTexts: string[] = [];
  const attributes: string[] = [];
  const claims: string[] = [];

  beforeAll(async () => {
    world = await World.start();
    const [ada, eve] = [await world.customer(), await world.admin()];
    secrets.add(CHOSEN_PASSWORD);
    secrets.add(environment(world.sandbox.url).KEY_SECRET ?? '');
    for (const who of [ada, eve]) for (const token of [who.accessToken, who.idToken]) secrets.add(token ?? '');

    const first = keyOf(await ada.subscribe('free'));
    const second = keyOf(await ada.rotate(first.id, 600));
    const third = keyOf(await ada.rotate(second.id));
    await eve.subscribe('pro');
    await ada.subscribe('basic');
    await ada.use(third.value, 3);
    await ada.me();
    await ada.reveal();
    await ada.revoke(first.id);
    await refused(ada, third.value, eve);
    await look(ada);
    await look(eve);
    await ada.cancel();
    await ada.subscribe('free');
    for (const who of [ada, eve]) for (const { value } of await who.keys()) secrets.add(value);
    await look(ada);
    await faults(ada, third.value);
  });
  afterAll(() => world.close());

  /** Sends secrets to where they do not belong, and keeps what is answered. */
  async function refused(ada: Customer, value: string, eve: Customer): Promise<void> {
    const queries = [
      `mutation { rotateKey(keyId: "${value}") { __typename ... on Problem { code message } } }`,
      `mutation { revokeKey(keyId: "${value}") { __typename ... on Problem { code message } } }`,
      `mutation { subscribe(plan: "${value}") { __typename ... on Problem { code message } } }`,
      'mutation { rotateKey(keyId: "x", graceSeconds: -1) { __typename } }',
      '{ me { secret } }',
      '{ me { subscription { apiKey { value } } } }',
    ];
    for (const query of queries) errorTexts.push((await ada.gql(query)).text);
    for (const token of [`${ada.accessToken}x`, ada.idToken, value, tokensOf(world, eve.username, 7200).AccessToken]) {
      secrets.add(token);
      errorTexts.push((await ada.gql('{ me { id } }', {}, world.url, token)).text);
    }
  }

  /** AWS fails in a way that nobody foresaw: the whole pool is gone. */
  async function faults(ada: Customer, value: string): Promise<void> {
    await world.cognito.send(new DeleteUserPoolCommand({ UserPoolId: USER_POOL_ID }));
    world.forward(120);
    for (const query of ['{ me { id } }', 'mutation { revealKey { __typename } }']) {
      errorTexts.push((await ada.gql(query)).text);
    }
    errorTexts.push(
      (await ada.gql('mutation ($id: ID!) { revokeKey(keyId: $id) { __typename } }', { id: value })).text,
    );
  }

  async function look({ username, email }: Customer): Promise<void> {
    const user = await world.cognito.send(new AdminGetUserCommand({ UserPoolId: USER_POOL_ID, Username: username }));
    attributes.push(JSON.stringify(user.UserAttributes));
    const { accessToken, idToken } = await world.signIn(email);
    for (const token of [accessToken, idToken]) claims.push(JSON.stringify(claimsOf(token ?? '')));
  }

  const found = (text: string) => [...secrets].filter((secret) => text.includes(secret)).length;

  it('is enough to search for', () => {
    expect(secrets.size).toBeGreaterThan(12);
    for (const secret of secrets) expect(secret.length).toBeGreaterThan(12);
    expect(errorTexts.join()).toMatch(/INTERNAL_SERVER_ERROR/);
    expect(world.log.text).toMatch(/Fault/);
    expect(world.log.text).toMatch(/"audit"/);
  });

  it('never stands in the log', () => {
    expect(found(world.log.text)).toBe(0);
    expect(world.log.text).not.toMatch(/Bearer |x-api-key|AWS4-HMAC/i);
  });

  it('never stands in an answer to what was wrong', () => {
    for (const text of errorTexts) expect(found(text)).toBe(0);
  });

  it('never stands in a user’s attributes in Cognito', () => {
    for (const text of attributes) expect(found(text)).toBe(0);
    expect(attributes.join()).toMatch(/custom:api_key_id/);
  });

  it('never stands in an ID or access token', () => {
    for (const text of claims) expect(found(text)).toBe(0);
    expect(claims.join()).toMatch(/custom:api_key_id/);
  });

  it('is not said by a key’s name or description', () => {
    const { items } = world.sandbox.gateway.apiKeys.operations.GetApiKeys({ limit: 500 });
    expect(items.length).toBeGreaterThan(3);
    for (const { name = '', description = '' } of items) expect(found(name + description)).toBe(0);
  });

  it('tells apart what is public: the last four characters are, and the key’s id', () => {
    expect(world.log.text).toMatch(/"keyId":"[a-z0-9]{10}"/);
  });
});

/** What an operator keeps of a server that runs by itself, after every mutation there is, with an AWS that echoes. */
describe('what a process writes', () => {
  const MAIN = 'dist/main.js';
  const KEY_SECRET = 'a "secret" of the process with\ttabs that is long enough';
  let world: World;
  let aws: EchoingAws;
  let server: Process;
  let folder: string;
  let at: string;
  let metrics = '';
  let audit = '';
  const secrets = new Set([CHOSEN_PASSWORD, KEY_SECRET]);
  const replies: string[] = [];

  beforeAll(async () => {
    if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing: run "npm run build" first ("npm test" does).`);
    folder = await mkdtemp(join(tmpdir(), 'secrets-'));
    world = await World.start({ KEY_SECRET });
    aws = await EchoingAws.start(world.sandbox.url, `${KEY_SECRET} Bearer opaque-and-long-enough`);
    secrets.add('opaque-and-long-enough');
    const metricsPort = await freePort();
    const env = environment(world.sandbox.url, {
      KEY_SECRET,
      AWS_ENDPOINT_URL_API_GATEWAY: aws.url,
      AUDIT_FILE: join(folder, 'audit.jsonl'),
      METRICS_PORT: String(metricsPort),
      MANAGE_PLANS: 'true',
      LOG_LEVEL: 'verbose',
    });
    server = new Process(process.execPath, [MAIN], env);
    at = await server.says(/"message":"Listening on (http:[^"]+)"/);

    const [ada, bob, eve] = [await world.customer(), await world.customer(), await world.admin()];
    for (const who of [ada, bob, eve]) for (const token of [who.accessToken, who.idToken]) secrets.add(token ?? '');
    const first = keyOf(await ada.subscribe('free', at));
    const second = keyOf(await ada.rotate(first.id, 600, at));
    await ada.revoke(first.id, at);
    await ada.reveal(at);
    await noteKeys();
    const pasted = `${ada.accessToken} and ${second.value}`;
    const bobs = keyOf(await bob.subscribe('basic', at));
    const schema = buildSchema(await readFile('schema.gql', 'utf8'));
    for (const [who, given] of [
      [eve, { userId: bob.sub, keyId: bobs.id, reason: pasted, plan: 'free' }],
      [ada, { keyId: second.value, plan: pasted, reason: pasted }],
      [ada, { keyId: second.id, plan: 'pro' }],
    ] as const) {
      for (const { name, query, variables, args } of requestsOf(schema)) {
        if (name === 'deleteUser' && who === eve) continue;
        const mine = Object.fromEntries(
          args.flatMap((arg) => (arg.name in given ? [[arg.name, given[arg.name as keyof typeof given]]] : [])),
        );
        replies.push((await who.gql(query, { ...variables, ...mine }, at)).text);
      }
      await noteKeys();
    }
    for (const token of [
      `${ada.accessToken}x`,
      ada.idToken,
      second.value,
      tokensOf(world, eve.username, 7200).AccessToken,
    ]) {
      secrets.add(token);
      replies.push((await ada.gql('{ me { id } }', {}, at, token)).text);
    }
    await fromAPaster(second.value);
    await faults(ada, eve);
    await noteKeys();
    metrics = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
    const files = await readdir(folder);
    audit = (await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')))).join('\n');
  }, 60_000);
  afterAll(async () => {
    await server?.kill();
    await aws?.close();
    await world?.close();
    await rm(folder, { recursive: true });
  });

  async function noteKeys(): Promise<void> {
    const { items = [] } = await world.gateway.send(new GetApiKeysCommand({ includeValues: true, limit: 500 }));
    for (const { value = '' } of items) secrets.add(value);
  }

  /** Somebody puts a key wherever there is room. */
  async function fromAPaster(value: string): Promise<void> {
    const headers = {
      'content-type': 'application/json',
      'user-agent': value,
      'x-correlation-id': value,
      'x-api-key': value,
    };
    const query = `mutation Pasted { rotateKey(keyId: "x", graceSeconds: "${value}") { __typename } }`;
    for (const path of ['/graphql', `/${value}`]) {
      const reply = await fetch(at + path, { method: 'POST', headers, body: JSON.stringify({ query }) });
      replies.push(await reply.text());
    }
  }

  async function faults(ada: Customer, eve: Customer): Promise<void> {
    aws.isEchoing = true;
    const queries = [
      'mutation { subscribe(plan: "free") { __typename } }',
      'mutation { revealKey { __typename } }',
      'mutation { rotateKey(keyId: "x") { __typename } }',
    ];
    for (const who of [ada, await world.customer()]) {
      secrets.add(who.accessToken ?? '');
      for (const query of [...queries, '{ me { usage { used } } }']) replies.push((await who.gql(query, {}, at)).text);
    }
    replies.push((await eve.gql('mutation { sweep(reason: "x") { __typename } }', {}, at)).text);
    aws.isEchoing = false;
  }

  const found = (text: string) => {
    return [...secrets].filter((secret) => text.includes(secret) || text.includes(JSON.stringify(secret).slice(1, -1)));
  };

  it('is enough to search for', () => {
    expect(secrets.size).toBeGreaterThan(15);
    for (const secret of secrets) expect(secret.length).toBeGreaterThan(12);
    expect(audit).toMatch(/"mutation":"createPlan"/);
    expect(metrics).toMatch(/turnpike_aws_calls_total/);
    expect(replies.join()).toMatch(/INTERNAL_SERVER_ERROR/);
  });

  it('had secrets in it at the last moment, and holds none', () => {
    const written = server.stdout + server.stderr;
    expect(written).toMatch(/Not understood: [^\n]*\[removed\]/);
    expect(found(written)).toEqual([]);
    for (const line of server.stdout.trim().split('\n')) expect(JSON.parse(line)).toHaveProperty('level');
  });

  it.each([
    ['the audit file', () => audit],
    ['the metrics', () => metrics],
    ['the answers', () => replies.join('\n')],
  ])('is not in %s either', (_, text) => expect(found(text())).toEqual([]));
});
