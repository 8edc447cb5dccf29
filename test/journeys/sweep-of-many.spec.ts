import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { USER_POOL_ID } from '../../src/sandbox/seed.js';
import { KeyIdentity } from '../../src/subscriptions/reconcile/key-identity.js';
import type { SweepReport } from '../../src/subscriptions/sweep/sweep-report.js';
import { Sweeper } from '../../src/subscriptions/sweep/sweeper.service.js';
import { World } from '../support/world.js';

/** `FLEET=10000` for the whole; fewer tell the same of what a page costs. */
const CUSTOMERS = Number(process.env.FLEET ?? 1500);

describe('with very many customers', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({ USAGE_LAG_SECONDS: '3600' });
    await fetch(`${world.url}/readyz`); // what the start set going has ended: making so many customers holds everything up
    const identity = world.app.get(KeyIdentity);
    const { cognito, gateway } = world.sandbox;
    const { plans } = world.sandbox.info();
    const password = { hash: 'nobody signs in with this' };
    const values: string[] = [];
    for (let n = 0; n < CUSTOMERS; n++) {
      const { code, usagePlanId } = plans[n % plans.length] ?? { code: '', usagePlanId: '' };
      const sub = await cognito.seedUser({ poolId: USER_POOL_ID, username: `fleet-${n}@example.com`, password });
      const { id = '' } = gateway.apiKeys.create({
        name: identity.name(sub, 1),
        value: identity.value(sub, 1).reveal(),
        enabled: true,
        customerId: sub,
        description: '{}',
      });
      gateway.usagePlanKeys.create({ usagePlanId, keyId: id, keyType: 'API_KEY' });
      values.push(identity.value(sub, 1).reveal());
      const attributes = {
        'custom:plan': code,
        'custom:plan_sig': identity.sign(sub, code),
        'custom:api_key_id': id,
        'custom:key_gen': '1',
      };
      await cognito.answer(written(sub, attributes));
    }
    // Each has called once, so that reports are as long as they get.
    const url = `${world.sandbox.info().invokeUrl}/open`;
    for (let at = 0; at < values.length; at += 50) {
      const calls = values.slice(at, at + 50).map((value) => fetch(url, { headers: { 'x-api-key': value } }));
      for (const reply of await Promise.all(calls)) await reply.text();
    }
  }, 120_000);
  afterAll(() => world.close());

  it('a sweep costs pages and not customers: of ten thousand, at most 300 AWS calls when nothing has drifted', async () => {
    let report: SweepReport | undefined;
    const calls = await world.callsDuring(async () => {
      report = await world.app.get(Sweeper).sweep();
    });
    expect(report).toMatchObject({ driftCount: 0, heldBack: 0, keys: CUSTOMERS });
    expect(report?.users).toBeGreaterThanOrEqual(CUSTOMERS);
    const pages = Math.ceil((CUSTOMERS + 2) / 60) + 2 * Math.ceil(CUSTOMERS / 500);
    expect(calls.length).toBeLessThanOrEqual(pages + 8);
    expect(calls.length).toBeLessThanOrEqual(300);
    const users = calls.filter((call) => call === 'ListUsers').length;
    const text = `${calls.length} AWS calls, ${users} of them ListUsers, ${report?.seconds} s`;
    process.stdout.write(`\n  a sweep of ${report?.users} customers: ${text}\n`);
  }, 120_000);

  it('lists for admins cost pages of usage the first time, then nothing; a report costs pages of its plan', async () => {
    const admin = await world.admin();
    const today = world.sandbox.clock.now().toISOString().slice(0, 10);
    const PAGE =
      '{ edges { node { id email subscription { planCode state } usage { used } } } pageInfo { endCursor } }';
    const asked = {
      'users, first time': `{ users(first: 50) ${PAGE} }`,
      'users, warm': `{ users(first: 50) ${PAGE} }`,
      'users on a plan': `{ users(plan: "free", first: 50) ${PAGE} }`,
      'users by e-mail': `{ users(search: "fleet-1") ${PAGE} }`,
      drift: '{ drift { driftCount drift { userId text } } }',
      'usage report': `{ usageReport(plan: "free", from: "${today}", to: "${today}") { totalCount edges { node { used } } } }`,
    };
    const spent: Record<string, number> = {};
    for (const [name, query] of Object.entries(asked)) {
      const began = process.hrtime.bigint();
      const calls = await world.callsDuring(async () => {
        let reply = await admin.gql(query);
        // The first reading of a large fleet may take longer than a request may last, and goes on.
        while (reply.errors[0]?.extensions.code === 'TRY_AGAIN') reply = await admin.gql(query);
        expect(reply.errors).toEqual([]);
      });
      const milliseconds = Number(process.hrtime.bigint() - began) / 1e6;
      spent[name] = calls.length;
      process.stdout.write(`  ${name}: ${calls.length} AWS calls, ${Math.round(milliseconds)} ms\n`);
    }
    const usagePages = 3 * Math.ceil(CUSTOMERS / 3 / 500);
    expect(spent['users, first time']).toBeLessThanOrEqual(usagePages);
    expect([spent['users, warm'], spent['users on a plan'], spent['users by e-mail'], spent.drift]).toEqual([
      0, 0, 0, 0,
    ]);
    expect(spent['usage report']).toBeLessThanOrEqual(25);
  }, 120_000);
});

/** A signed AdminUpdateUserAttributes, handed to the sandbox without the way over the network. */
function written(username: string, attributes: Record<string, string>) {
  const UserAttributes = Object.entries(attributes).map(([Name, Value]) => ({ Name, Value }));
  return {
    method: 'POST',
    url: new URL('http://127.0.0.1/'),
    headers: {
      'x-amz-target': 'AWSCognitoIdentityProviderService.AdminUpdateUserAttributes',
      authorization: 'AWS4-HMAC-SHA256 Credential=test/20261117/us-east-1/cognito-idp/aws4_request',
    },
    body: Buffer.from(JSON.stringify({ UserPoolId: USER_POOL_ID, Username: username, UserAttributes })),
  };
}
