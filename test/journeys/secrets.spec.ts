import { AdminGetUserCommand, DeleteUserPoolCommand } from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { USER_POOL_ID } from '../../src/sandbox/seed.js';
import type { Customer } from '../support/customer.js';
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
