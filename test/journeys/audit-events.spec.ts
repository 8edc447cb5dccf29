import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AdminDeleteUserCommand } from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { verify } from '../../src/audit/archive/verification.js';
import { USER_POOL_ID } from '../../src/sandbox/seed.js';
import { eventsOf } from '../support/audit.js';
import type { Customer } from '../support/customer.js';
import { keyOf } from '../support/outcomes.js';
import { World } from '../support/world.js';

interface Page {
  readonly source: string;
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  readonly edges: readonly {
    readonly cursor: string;
    readonly node: Readonly<Record<string, unknown>> & { readonly id: string; readonly mutation: string };
  }[];
}

const QUERY = `query ($userId: ID, $first: Int! = 50, $after: String) {
  auditEvents(userId: $userId, first: $first, after: $after) { source pageInfo { hasNextPage endCursor }
    edges { cursor node { id at actor { id username isAdmin } address userAgent mutation targetId arguments { name text }
      reason before { plan state suspension grantedCalls keyId overlappingKeyId }
      after { plan state suspension grantedCalls keyId overlappingKeyId }
      keyIds outcome reference correlationId awsRequestIds } } } }`;

async function page(who: Customer, variables: Record<string, unknown> = {}): Promise<Page> {
  const { data, text } = await who.gql<{ auditEvents: Page }>(QUERY, variables);
  if (!data) throw new Error(text);
  return data.auditEvents;
}

describe.each(['FILE', 'MEMORY'])('auditEvents from %s', (source) => {
  let world: World;
  let root: Customer;
  let ada: Customer;
  const folder = mkdtempSync(join(tmpdir(), 'audit-'));
  const path = join(folder, 'audit.jsonl');
  beforeAll(async () => {
    world = await World.start(source === 'FILE' ? { AUDIT_FILE: path } : {});
    [root, ada] = [await world.admin(), await world.customer()];
  });
  afterAll(async () => {
    await world.close();
    rmSync(folder, { recursive: true });
  });

  const idsInLog = () => eventsOf(world).map(({ id }) => id);

  it('are for admins only', async () => {
    for (const who of [ada, world.stranger]) {
      const { data, errors } = await who.gql(QUERY);
      expect([data, errors[0]?.extensions.code]).toEqual([null, who === ada ? 'FORBIDDEN' : 'UNAUTHENTICATED']);
    }
  });

  it('show what happened, the newest first, and are themselves no event', async () => {
    const key = keyOf(await ada.subscribe('free'));
    await ada.rotate('nonsense');
    await world.stranger.gql('mutation { revealKey { __typename } }');
    const before = idsInLog();
    const { edges, source: from, pageInfo } = await page(root);
    expect([from, pageInfo]).toEqual([source, { hasNextPage: false, endCursor: edges.at(-1)?.cursor }]);
    expect(edges.map(({ node }) => node.id)).toEqual([...before].reverse());
    expect(idsInLog()).toEqual(before);
    const [refused, rotated, subscribed] = edges.map(({ node }) => node);
    expect(refused).toMatchObject({ mutation: 'revealKey', actor: null, targetId: null, outcome: 'UNAUTHENTICATED' });
    expect(rotated).toMatchObject({
      outcome: 'UnknownKey',
      arguments: expect.arrayContaining([{ name: 'graceSeconds', text: '0' }]),
    });
    expect(subscribed).toEqual({
      id: before.at(-3),
      at: expect.stringMatching(/^\d{4}-.*Z$/),
      actor: { id: ada.sub, username: ada.username, isAdmin: false },
      address: '127.0.0.1',
      userAgent: 'node',
      mutation: 'subscribe',
      targetId: ada.sub,
      arguments: [{ name: 'plan', text: 'free' }],
      reason: null,
      before: { plan: null, state: null, suspension: null, grantedCalls: 0, keyId: null, overlappingKeyId: null },
      after: {
        plan: 'free',
        state: 'ACTIVE',
        suspension: null,
        grantedCalls: 0,
        keyId: key.id,
        overlappingKeyId: null,
      },
      keyIds: [key.id],
      outcome: 'SubscriptionChanged',
      reference: null,
      correlationId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      awsRequestIds: expect.arrayContaining([expect.stringMatching(/^[0-9a-f-]{36}$/)]),
    });
  });

  it('come page by page, with none twice and none left out, while others come in', async () => {
    for (let n = 0; n < 7; n++) await root.reveal().catch(() => null);
    const meant = [...idsInLog()].reverse();
    const seen: string[] = [];
    let after: string | null = null;
    for (;;) {
      const { edges, pageInfo }: Page = await page(root, { first: 3, after });
      seen.push(...edges.map(({ node }) => node.id));
      if (!pageInfo.hasNextPage) break;
      after = pageInfo.endCursor;
      await root.reveal();
    }
    expect(seen).toEqual(meant);
  });

  it('can be those of one user, and stay when the user is deleted', async () => {
    const eve = await world.customer();
    await eve.subscribe('basic');
    await ada.reveal();
    await eve.cancel();
    await world.cognito.send(new AdminDeleteUserCommand({ UserPoolId: USER_POOL_ID, Username: eve.username }));
    const { edges } = await page(root, { userId: eve.sub });
    expect(edges.map(({ node }) => node.mutation)).toEqual(['cancelSubscription', 'subscribe']);
    const own = await page(root, { userId: root.sub });
    expect(own.edges.length).toBeGreaterThan(5);
    expect((await page(root, { userId: 'nobody' })).edges).toEqual([]);
  });

  it('are asked for with cursors of the same list, and for one to a hundred at once', async () => {
    const { pageInfo } = await page(root, { first: 1 });
    const refusals = [
      [{ userId: ada.sub, after: pageInfo.endCursor }, /another list/],
      [{ after: `${pageInfo.endCursor}x` }, /another list/],
      [{ after: 'nonsense' }, /another list/],
      [{ first: 0 }, /from 1 to 100/],
      [{ first: 101 }, /from 1 to 100/],
    ] as const;
    for (const [variables, message] of refusals) {
      const { data, errors } = await root.gql(QUERY, variables);
      expect([data, errors[0]?.extensions.code]).toEqual([null, 'BAD_USER_INPUT']);
      expect(errors[0]?.message).toMatch(message);
    }
    const elsewhere = await World.start();
    await (await elsewhere.customer()).reveal();
    const other = await page(await elsewhere.admin());
    await elsewhere.close();
    const { errors } = await root.gql(QUERY, { after: other.pageInfo.endCursor });
    expect(errors[0]?.extensions.code).toBe('BAD_USER_INPUT');
  });

  it('are the same that stand in the log, and the file is as it was written', async () => {
    const { edges } = await page(root, { first: 100 });
    expect(edges.map(({ node }) => node.id)).toEqual([...idsInLog()].reverse());
    if (source === 'FILE') expect(await verify(path)).toMatchObject({ lines: edges.length, findings: [] });
  });
});
