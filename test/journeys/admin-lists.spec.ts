import { GetApiKeysCommand } from '@aws-sdk/client-api-gateway';
import { AdminCreateUserCommand } from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { USER_POOL_ID } from '../../src/sandbox/seed.js';
import { act } from '../support/admin.js';
import type { Customer } from '../support/customer.js';
import { keyOf } from '../support/outcomes.js';
import { makePlan, tagPlan, untagPlan } from '../support/plans.js';
import { SandboxTime } from '../support/sandbox-time.js';
import { environment, startApp, World } from '../support/world.js';

interface Users {
  readonly totalCount: number;
  readonly isComplete: boolean;
  readonly asOf: string;
  readonly edges: readonly { readonly cursor: string; readonly node: Row }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

interface Row {
  readonly id: string;
  readonly email: string;
  readonly subscription: {
    readonly planCode: string;
    readonly state: string;
    readonly apiKey: { readonly lastFour: string } | null;
  } | null;
  readonly usage: { readonly used: number; readonly remaining: number } | null;
}

const ROW = 'id email subscription { planCode state apiKey { lastFour } } usage { used remaining }';
const LAG = '3600';
const DAY_MILLISECONDS = 86_400_000;
const MORE_THAN_A_LISTING_COUNTS = 601;

describe('lists for admins', () => {
  let world: World;
  let admin: Customer;
  const free: Customer[] = [];
  const basic: Customer[] = [];
  beforeAll(async () => {
    world = await World.start({ USAGE_LAG_SECONDS: LAG });
    admin = await world.admin();
    for (let n = 0; n < 5; n++) free.push(await subscriber('free'));
    for (let n = 0; n < 3; n++) basic.push(await subscriber('basic'));
    await users();
  });
  afterAll(() => world.close());

  async function subscriber(plan: string): Promise<Customer> {
    const ada = await world.customer();
    keyOf(await ada.subscribe(plan));
    return ada;
  }

  async function users(args: Readonly<Record<string, unknown>> = {}): Promise<Users> {
    const { data, errors } = await ask(args);
    if (!data) throw new Error(JSON.stringify(errors));
    return data.users;
  }

  const ask = (args: Readonly<Record<string, unknown>>) =>
    admin.gql<{ users: Users }>(
      `query ($search: String, $plan: String, $state: SubscriptionState, $first: Int! = 20, $after: String) {
        users(search: $search, plan: $plan, state: $state, first: $first, after: $after) {
          totalCount isComplete asOf edges { cursor node { ${ROW} } } pageInfo { hasNextPage endCursor } } }`,
      args,
    );
  const refusalOf = async (args: Readonly<Record<string, unknown>>) => (await ask(args)).errors[0]?.extensions.code;
  const subsOf = ({ edges }: Users) => edges.map(({ node }) => node.id);

  it('show everybody once, the newest first, however the pages are cut', async () => {
    const all = subsOf(await users({ first: 100 }));
    expect(new Set(all).size).toBe(all.length);
    expect(all).toEqual(expect.arrayContaining([...free, ...basic, admin].map(({ sub }) => sub)));
    const paged: string[] = [];
    let after: string | null = null;
    do {
      const page = await users({ first: 4, after });
      expect(page.totalCount).toBe(all.length);
      paged.push(...subsOf(page));
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
    } while (after);
    expect(paged).toEqual(all);
  });

  it('cost no call to AWS once they are warm', async () => {
    await users();
    expect(await world.callsDuring(() => users({ plan: 'free' }))).toEqual([]);
    expect(await world.callsDuring(() => users({ search: 'customer-2' }))).toEqual([]);
  });

  it('are cut down by plan and by state', async () => {
    expect(subsOf(await users({ plan: 'basic' })).sort()).toEqual(basic.map(({ sub }) => sub).sort());
    const [first] = basic;
    await act(admin, 'suspendUser', { userId: first?.sub ?? '', code: 'ADMIN' });
    expect(subsOf(await users({ plan: 'basic', state: 'SUSPENDED' }))).toEqual([first?.sub]);
    expect((await users({ plan: 'basic', state: 'ACTIVE' })).totalCount).toBe(2);
    await act(admin, 'resumeUser', { userId: first?.sub ?? '' });
    expect(await users({ plan: 'pro' })).toMatchObject({ totalCount: 0, edges: [], pageInfo: { hasNextPage: false } });
  });

  it('are searched by the beginning of an e-mail address, by user name and by sub', async () => {
    const [ada] = free;
    for (const search of [ada?.sub, ada?.email, ada?.email.toUpperCase(), ada?.username]) {
      expect(subsOf(await users({ search }))).toContain(ada?.sub);
    }
    expect((await users({ search: ada?.sub?.slice(1) })).totalCount).toBe(0);
    expect((await users({ search: 'example.com' })).totalCount).toBe(0);
  });

  it.each(['"', '\\', '" or sub ^= "', '\\" ', '*', '%', "'; drop", '😀', '('])('take %j for text', async (search) => {
    expect(await users({ search })).toMatchObject({ totalCount: 0 });
  });

  it('show key and usage of a customer whose last change could not be finished', async () => {
    const bob = await subscriber('free');
    const row = async () => (await users({ search: bob.sub })).edges[0]?.node;
    const before = await row();
    world.sandbox.habits.addFault({ operation: 'GetApiKeys', kind: 'before' });
    await bob.subscribe('free');
    world.sandbox.habits.clearFaults();
    expect(before?.subscription?.apiKey).not.toBeNull();
    expect(await row()).toEqual({ ...before, subscription: { ...before?.subscription, state: 'PROVISIONING' } });
    world.forward(60); // for a while AWS is asked less, after it had failed
  });

  it('show at once what was changed here', async () => {
    const bob = await subscriber('free');
    const row = async () => (await users({ search: bob.sub })).edges[0]?.node;
    expect(await row()).toMatchObject({ subscription: { planCode: 'free', state: 'ACTIVE' } });
    const { value } = keyOf(await bob.rotate((await bob.keys())[0]?.id ?? ''));
    expect((await row())?.subscription?.apiKey?.lastFour).toBe(value.slice(-4));
    await bob.cancel();
    expect(await row()).toMatchObject({ subscription: null, usage: null });
    await act(admin, 'deleteUser', { userId: bob.sub });
    expect(await row()).toBeUndefined();
  });

  it('show what each has used, after the next reading of whole plans', async () => {
    const [ada] = free;
    const [key] = (await ada?.liveKeys()) ?? [];
    await ada?.use(key?.value ?? '', 12);
    world.forward(700);
    await users();
    expect((await users({ search: ada?.sub })).edges[0]?.node.usage).toMatchObject({ used: 12, remaining: 88 });
  });

  it('refuse a cursor of another list, one that is none, and pages of no size', async () => {
    const { endCursor } = (await users({ first: 2 })).pageInfo;
    for (const after of ['x', 'WyJ4Il0', Buffer.from('{}').toString('base64url')]) {
      expect(await refusalOf({ after })).toBe('BAD_USER_INPUT');
    }
    expect(await refusalOf({ after: endCursor, plan: 'free' })).toBe('BAD_USER_INPUT');
    for (const first of [0, -1, 101]) expect(await refusalOf({ first })).toBe('BAD_USER_INPUT');
    expect(await refusalOf({ plan: 'no-such-plan' })).toBe('BAD_USER_INPUT');
    expect(await refusalOf({ search: 'x'.repeat(101) })).toBe('BAD_USER_INPUT');
  });

  it('of a pool too big for the index are searched in Cognito', async () => {
    const small = await World.start({ INDEX_MAX_USERS: '2' });
    const [boss, ada] = [await small.admin(), await small.customer()];
    for (let n = 0; n < 3; n++) await small.customer();
    const found = async (search: string | null) => {
      const { data } = await boss.gql<{ users: Users }>(
        'query ($search: String) { users(search: $search) { isComplete edges { node { id } } } }',
        { search },
      );
      return data?.users;
    };
    for (const search of [null, '', ' ']) expect(await found(search)).toMatchObject({ isComplete: false });
    for (const search of [ada.email, ada.sub]) {
      expect(await found(search)).toMatchObject({ isComplete: true, edges: [{ node: { id: ada.sub } }] });
    }
    for (const search of ['"', '\\', '" or sub ^= "']) expect(await found(search)).toMatchObject({ edges: [] });
    await small.close();
  });

  it('of which Cognito finds more than it tells at once are not called complete', async () => {
    const small = await World.start({ INDEX_MAX_USERS: '2' });
    const boss = await small.admin();
    for (let n = 0; n < 61; n++) {
      const user = { UserPoolId: USER_POOL_ID, Username: `crowd-${n}@example.com` };
      await small.cognito.send(new AdminCreateUserCommand({ ...user, MessageAction: 'SUPPRESS' }));
    }
    const query =
      '{ all: users(search: "crowd-") { isComplete totalCount } one: users(search: "crowd-60") { isComplete totalCount } }';
    expect((await boss.gql(query)).data).toEqual({
      all: { isComplete: false, totalCount: expect.any(Number) },
      one: { isComplete: true, totalCount: 1 },
    });
    await small.close();
  });

  it('find one user, and nobody by what is no id', async () => {
    const [ada] = basic;
    const find = async (id: string) =>
      (await admin.gql<{ user: Row | null }>(`query ($id: ID!) { user(id: $id) { ${ROW} } }`, { id })).data?.user;
    expect(await find(ada?.sub ?? '')).toMatchObject({ id: ada?.sub, subscription: { planCode: 'basic' } });
    for (const id of ['', 'nobody', '"', ada?.email ?? '', 'x'.repeat(500)]) expect(await find(id)).toBeNull();
  });
});

describe('a report of usage', () => {
  let world: World;
  let admin: Customer;
  const today = (days = 0) =>
    new Date(world.sandbox.clock.now().getTime() + days * DAY_MILLISECONDS).toISOString().slice(0, 10);
  /** A range that midnight does not end. */
  const todayAndTomorrow = () => ({ from: today(), to: today(1) });
  beforeAll(async () => {
    world = await World.start();
    admin = await world.admin();
  });
  afterAll(() => world.close());

  const csv = (query: string, token = admin.accessToken) =>
    fetch(`${world.url}/admin/usage.csv?${query}`, token ? { headers: { authorization: `Bearer ${token}` } } : {});

  const report = async (args: Readonly<Record<string, unknown>>) => {
    const { data, errors } = await admin.gql<{
      usageReport: {
        totalCount: number;
        edges: { node: { userId: string; used: number; keyIds: string[] } }[];
        pageInfo: { endCursor: string };
      };
    }>(
      `query ($plan: String!, $from: Date!, $to: Date!, $first: Int! = 20, $after: String) {
        usageReport(plan: $plan, from: $from, to: $to, first: $first, after: $after) {
          totalCount edges { node { userId keyIds used daily { date used } user { email } } } pageInfo { endCursor } } }`,
      { plan: 'free', from: today(), to: today(), ...args },
    );
    return data?.usageReport ?? errors[0]?.extensions.code;
  };

  it('tells who called how much, over all keys', async () => {
    const [ada, bob] = [await world.customer(), await world.customer()];
    const first = keyOf(await ada.subscribe('free'));
    await ada.use(first.value, 5);
    const second = keyOf(await ada.rotate(first.id));
    await ada.use(second.value, 6);
    await bob.use(keyOf(await bob.subscribe('free')).value, 9);
    const rows = [
      { userId: ada.sub, used: 11, keyIds: expect.arrayContaining([first.id, second.id]) },
      { userId: bob.sub, used: 9, daily: [{ date: today(), used: 9 }], user: { email: bob.email } },
    ];
    const edges = rows.sort((a, b) => (a.userId < b.userId ? -1 : 1)).map((node) => ({ node }));
    expect(await report({})).toMatchObject({ totalCount: 2, edges });
  });

  /** Longer than a report is kept. */
  const aMinuteLater = () => world.forward(61);
  const rowsOf = (page: Awaited<ReturnType<typeof report>>) =>
    typeof page === 'object' ? page.edges.map(({ node: { userId, used } }) => [userId, used]) : page;

  it('has everybody on one of its pages, whoever calls more between two of them', async () => {
    await makePlan(world, 'paged');
    const [ada, bob] = [await world.customer(), await world.customer()];
    const days = todayAndTomorrow();
    for (const customer of [ada, bob]) await customer.use(keyOf(await customer.subscribe('paged')).value, 5);
    const first = await report({ plan: 'paged', ...days, first: 1 });
    if (typeof first !== 'object') throw new Error(first);
    const other = first.edges[0]?.node.userId === ada.sub ? bob : ada;
    await other.use((await other.liveKeys())[0]?.value ?? '', 15);
    aMinuteLater();
    const second = await report({ plan: 'paged', ...days, first: 1, after: first.pageInfo.endCursor });
    expect(rowsOf(second)).toEqual([[other.sub, 20]]);
  });

  it('follows the code when another usage plan bears it', async () => {
    const days = todayAndTomorrow();
    const before = await makePlan(world, 'moving');
    const [ada, bob] = [await world.customer(), await world.customer()];
    await ada.use(keyOf(await ada.subscribe('moving')).value, 3);
    expect(rowsOf(await report({ plan: 'moving', ...days }))).toEqual([[ada.sub, 3]]);
    await untagPlan(world, before, 'turnpike:plan');
    const after = await makePlan(world, 'moved');
    await tagPlan(world, after, { 'turnpike:plan': 'moving' });
    await bob.use(keyOf(await bob.subscribe('moving')).value, 4);
    expect(rowsOf(await report({ plan: 'moving', ...days }))).toEqual([[bob.sub, 4]]);
  });

  it('knows whose key it is, where another process made it since all were listed here', async () => {
    const days = todayAndTomorrow();
    await makePlan(world, 'elsewhere');
    expect(rowsOf(await report({ plan: 'elsewhere', ...days }))).toEqual([]);
    const other = await startApp(environment(world.sandbox.url), new SandboxTime(world.sandbox));
    try {
      const ada = await world.customer();
      await ada.use(keyOf(await ada.subscribe('elsewhere', other.url)).value, 6);
      world.forward(MORE_THAN_A_LISTING_COUNTS);
      expect(rowsOf(await report({ plan: 'elsewhere', ...days }))).toEqual([[ada.sub, 6]]);
    } finally {
      await other.app.close();
    }
  });

  it('comes as a file, in which nothing that a customer wrote is carried out', async () => {
    const email = '+1@example.com';
    const user = { UserPoolId: USER_POOL_ID, Username: email };
    const { User } = await world.cognito.send(
      new AdminCreateUserCommand({
        ...user,
        MessageAction: 'SUPPRESS',
        UserAttributes: [{ Name: 'email', Value: email }],
      }),
    );
    const sub = User?.Username ?? '';
    await act(admin, 'assignPlan', { userId: sub, plan: 'basic' });
    const name = `turnpike.${USER_POOL_ID}.${sub}.000001`;
    const { items } = await world.gateway.send(new GetApiKeysCommand({ nameQuery: name, includeValues: true }));
    const [{ id, value } = {}] = items ?? [];
    await admin.call(value ?? '', 7);
    const reply = await csv(`plan=basic&from=${today()}&to=${today()}`);
    expect(reply.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(reply.headers.get('content-disposition')).toMatch(/^attachment; filename="usage-basic-/);
    expect((await reply.text()).split('\r\n')).toEqual([
      'user_id,username,email,plan,key_ids,from,to,used,is_exact,unattributed',
      `${sub},${sub},'${email},basic,${id},${today()},${today()},7,true,0`,
      '',
    ]);
  });

  it('is for admins, and says what is wrong with a question', async () => {
    const ada = await world.customer();
    const good = `plan=free&from=${today()}&to=${today()}`;
    expect((await csv(good, null)).status).toBe(401);
    expect((await csv(good, ada.accessToken)).status).toBe(403);
    const bad = await csv('plan=free&from=2026-13-01');
    expect(bad.status).toBe(400);
    expect(await bad.text()).toContain('from must be a calendar day such as 2026-11-21; to must be a calendar day');
    expect((await csv(`plan=none&from=${today()}&to=${today()}`)).status).toBe(400);
    expect(await report({ plan: 'none' })).toBe('BAD_USER_INPUT');
    expect(await report({ from: '2026-11-02', to: '2026-11-01' })).toBe('BAD_USER_INPUT');
    expect(await report({ from: '2026-01-01' })).toBe('BAD_USER_INPUT');
  });
});
