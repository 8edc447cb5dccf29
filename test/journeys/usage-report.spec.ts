import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { UsageReports } from '../../src/usage/report/usage-report.service.js';
import { act } from '../support/admin.js';
import type { Customer } from '../support/customer.js';
import { keyOf } from '../support/outcomes.js';
import { SandboxTime } from '../support/sandbox-time.js';
import { environment, startApp, World } from '../support/world.js';

interface Row {
  readonly userId: string | null;
  readonly user: { readonly id: string } | null;
  readonly keyIds: readonly string[];
  readonly used: number;
  readonly unattributed: number;
  readonly isExact: boolean;
  readonly daily: readonly { readonly date: string; readonly used: number }[];
}

interface Report {
  readonly isComplete: boolean;
  readonly edges: readonly { readonly node: Row }[];
}

const DAY_SECONDS = 86_400;
const MORE_THAN_A_REPORT_IS_KEPT = 61;
const MORE_THAN_A_LISTING_COUNTS = 601;
const MORE_THAN_RETIRED_KEYS_ARE = 90_000;
/** A Thursday in the middle of a month. */
const MOMENT = Date.parse('2027-04-15T08:00:00Z');

describe('a report of usage counts every call', () => {
  let world: World;
  let admin: Customer;
  beforeAll(async () => {
    world = await World.start();
    admin = await world.admin();
    world.forward(Math.floor((MOMENT - world.sandbox.clock.now().getTime()) / 1000));
    admin = await world.signIn(admin.email);
  });
  afterAll(() => world.close());

  const day = (days = 0) =>
    new Date(world.sandbox.clock.now().getTime() + days * DAY_SECONDS * 1000).toISOString().slice(0, 10);
  /** Time passes, and tokens last an hour. */
  const pass = async (seconds: number, ...customers: readonly Customer[]) => {
    world.forward(seconds);
    admin = await world.signIn(admin.email);
    return Promise.all(customers.map(({ email }) => world.signIn(email)));
  };
  const sweep = () => act(admin, 'sweep', { confirm: true });

  const reportOf = async (plan: string, from = day(-14), to = day()): Promise<Report> => {
    world.forward(MORE_THAN_A_REPORT_IS_KEPT);
    const { data, errors } = await admin.gql<{ usageReport: Report }>(
      `query ($plan: String!, $from: Date!, $to: Date!) {
        usageReport(plan: $plan, from: $from, to: $to, first: 100) {
          isComplete edges { node { userId keyIds used unattributed isExact daily { date used } user { id } } } } }`,
      { plan, from, to },
    );
    if (!data) throw new Error(JSON.stringify(errors));
    return data.usageReport;
  };
  const rowOf = async ({ sub }: Customer, plan: string, from?: string, to?: string) =>
    (await reportOf(plan, from, to)).edges.map(({ node }) => node).find(({ userId }) => userId === sub);
  const lineOf = async ({ sub }: Customer, plan: string) => {
    const query = `plan=${plan}&from=${day()}&to=${day()}`;
    const headers = { authorization: `Bearer ${admin.accessToken}` };
    const text = await (await fetch(`${world.url}/admin/usage.csv?${query}`, { headers })).text();
    return text.split('\r\n').find((line) => line.startsWith(sub));
  };

  /** A customer who called so often on the plan. */
  const caller = async (plan: string, calls: number) => {
    const ada = await world.customer();
    const key = keyOf(await ada.subscribe(plan));
    await ada.use(key.value, calls);
    return { ada, key };
  };

  it('on a plan that was left for another', async () => {
    const { ada, key } = await caller('free', 7);
    await ada.subscribe('basic');
    await ada.use(key.value, 3);
    expect(await rowOf(ada, 'free')).toMatchObject({ used: 7, isExact: false, keyIds: [key.id] });
    await sweep();
    expect(await rowOf(ada, 'free')).toMatchObject({ used: 7, isExact: true, keyIds: [key.id] });
    expect(await rowOf(ada, 'basic')).toMatchObject({ used: 3, isExact: true, keyIds: [key.id] });
    expect(await lineOf(ada, 'free')).toBe(
      `${ada.sub},${ada.username},${ada.email},free,${key.id},${day()},${day()},7,true,0`,
    );
  });

  it('of keys that were replaced so often that the first are deleted', async () => {
    const { ada, key } = await caller('basic', 3);
    let last = key;
    for (let n = 0; n < 5; n++) {
      last = keyOf(await ada.rotate(last.id));
      await ada.use(last.value, 1);
      await sweep();
    }
    expect((await ada.keys()).length).toBeLessThan(6);
    await pass(MORE_THAN_A_LISTING_COUNTS);
    const there = (await ada.keys()).map(({ id }) => id).sort();
    const row = await rowOf(ada, 'basic');
    expect(row).toMatchObject({ used: 8, isExact: true, daily: [{ date: day(), used: 8 }] });
    expect(row?.keyIds.toSorted()).toEqual(there);
  });

  it('of who was suspended, once resumed not twice, and whatever was called afterwards', async () => {
    const { ada, key } = await caller('free', 7);
    await act(admin, 'suspendUser', { userId: ada.sub, code: 'PAYMENT' });
    await sweep();
    expect(await rowOf(ada, 'free')).toMatchObject({ used: 7, isExact: true, keyIds: [key.id] });
    await act(admin, 'resumeUser', { userId: ada.sub });
    expect((await rowOf(ada, 'free'))?.used).toBe(7);
    await ada.use(key.value, 4);
    expect(await rowOf(ada, 'free')).toMatchObject({ used: 11, isExact: true });
  });

  it('of who came back to a plan whose counter began anew', async () => {
    world.sandbox.gateway.usage.countersSurviveDetach = false;
    const { ada, key } = await caller('free', 7);
    await act(admin, 'suspendUser', { userId: ada.sub, code: 'PAYMENT' });
    await sweep();
    await pass(DAY_SECONDS);
    await act(admin, 'resumeUser', { userId: ada.sub });
    await admin.use(key.value, 4);
    expect((await rowOf(ada, 'free'))?.used).toBe(11);
    expect((await rowOf(ada, 'free', day(-1), day(-1)))?.used).toBe(7);
    expect((await rowOf(ada, 'free', day(), day()))?.used).toBe(4);
    world.sandbox.gateway.usage.countersSurviveDetach = true;
  });

  it('of who cancelled, when no key is left either', async () => {
    const { ada } = await caller('basic', 9);
    await ada.cancel();
    expect((await rowOf(ada, 'basic'))?.used).toBe(9);
    await sweep();
    await pass(MORE_THAN_RETIRED_KEYS_ARE);
    for (let n = 0; n < 3; n++) await sweep();
    expect(await ada.keys()).toEqual([]);
    expect(await rowOf(ada, 'basic')).toMatchObject({ used: 9, isExact: true, keyIds: [] });
  });

  it('of whom a change could not be finished, though their first key is deleted', async () => {
    const { ada, key } = await caller('free', 30);
    let last = key;
    for (let n = 0; n < 5; n++) last = keyOf(await ada.rotate(last.id));
    await ada.use(last.value, 5);
    await sweep();
    expect((await ada.keys()).map(({ id }) => id)).not.toContain(key.id);
    world.sandbox.habits.addFault({ operation: 'GetApiKeys', kind: 'before' });
    expect((await ada.subscribe('free')).subscription).toMatchObject({ state: 'PROVISIONING' });
    world.sandbox.habits.clearFaults();
    expect(await rowOf(ada, 'free')).toMatchObject({ used: 35, isExact: true });
  });

  it('once where the key is in the plan still', async () => {
    const { ada, key } = await caller('free', 5);
    const next = keyOf(await ada.rotate(key.id));
    await ada.use(next.value, 6);
    expect((await rowOf(ada, 'free'))?.used).toBe(11);
    await sweep();
    expect(await rowOf(ada, 'free')).toMatchObject({ used: 11, isExact: true });
  });

  it('once in ranges that lie side by side, and says where one cuts through what is known', async () => {
    while (new Date(day()).getUTCDay() !== 1) await pass(DAY_SECONDS);
    const { ada, key } = await caller('free', 2);
    await pass(DAY_SECONDS);
    await admin.use(key.value, 3);
    const [again] = await pass(3 * DAY_SECONDS, ada);
    await admin.use(key.value, 4);
    await again?.subscribe('basic');
    await sweep();
    const [first, monday, tuesday, thursday, friday] = [`${day().slice(0, 8)}01`, day(-4), day(-3), day(-1), day()];
    expect(await rowOf(ada, 'free', first, friday)).toMatchObject({ used: 9, isExact: true });
    expect(await rowOf(ada, 'free', friday, friday)).toMatchObject({ used: 4, isExact: true });
    expect(await rowOf(ada, 'free', first, thursday)).toMatchObject({ used: 5, isExact: true });
    expect(await rowOf(ada, 'free', day(1), day(2))).toBeUndefined();
    // Of the days between nothing is known by day: no call is told of twice, and it is said that some may be missing.
    expect(await rowOf(ada, 'free', monday, monday)).toMatchObject({ used: 0, isExact: false });
    expect(await rowOf(ada, 'free', tuesday, friday)).toMatchObject({ used: 4, isExact: false });
  });

  it('of who was suspended and is no user any more, as long as their keys are there', async () => {
    const { ada, key } = await caller('free', 7);
    await act(admin, 'suspendUser', { userId: ada.sub, code: 'PAYMENT' });
    await act(admin, 'deleteUser', { userId: ada.sub });
    expect(await rowOf(ada, 'free')).toMatchObject({ used: 7, keyIds: [key.id], user: null });
    await sweep();
    await pass(MORE_THAN_A_LISTING_COUNTS);
    expect(await rowOf(ada, 'free')).toMatchObject({ used: 7, keyIds: [key.id], user: null });
  });

  it('of who cancelled, in a pool too big for the index', async () => {
    const { ada } = await caller('pro', 9);
    await ada.cancel();
    await sweep();
    await pass(MORE_THAN_RETIRED_KEYS_ARE);
    for (let n = 0; n < 2; n++) await sweep();
    expect(await ada.keys()).toEqual([]);
    const small = await startApp(
      environment(world.sandbox.url, { INDEX_MAX_USERS: '0' }),
      new SandboxTime(world.sandbox),
    );
    try {
      const { rows } = await small.app.get(UsageReports).of({ plan: 'pro', from: day(-14), to: day() });
      expect(rows).toMatchObject([{ userId: ada.sub, used: 9, isExact: true }]);
    } finally {
      await small.app.close();
    }
  });

  it('and says so, where a call is of no plan any more', async () => {
    const { ada, key } = await caller('free', 1);
    let last = key;
    let calls = 1;
    for (let n = 0; n < 24; n++) {
      await ada.subscribe(n % 2 === 0 ? 'basic' : 'free');
      last = keyOf(await ada.rotate(last.id));
      await ada.use(last.value, 1);
      calls += 1;
    }
    for (let n = 0; n < 2; n++) await sweep();
    await pass(MORE_THAN_A_LISTING_COUNTS);
    const rows = [await rowOf(ada, 'free'), await rowOf(ada, 'basic')];
    for (const row of rows) expect(row).toMatchObject({ isExact: false });
    expect(rows[0]?.unattributed).toBeGreaterThan(0);
    expect(rows[1]?.unattributed).toBe(rows[0]?.unattributed);
    expect((rows[0]?.used ?? 0) + (rows[1]?.used ?? 0) + (rows[0]?.unattributed ?? 0)).toBe(calls);
    expect(await rowOf(ada, 'pro')).toMatchObject({ used: 0, unattributed: rows[0]?.unattributed, isExact: false });
  });

  it('and says so, where what was written down may be gone', async () => {
    expect((await reportOf('free', day(-30))).isComplete).toBe(true);
    expect((await reportOf('free', day(-40), day(-10))).isComplete).toBe(false);
  });

  it('at no call to AWS for any one customer', async () => {
    for (let n = 0; n < 3; n++) await (await caller('free', 1)).ada.subscribe('basic');
    await reportOf('free');
    const calls = await world.callsDuring(() => reportOf('free'));
    expect(calls.filter((name) => !name.startsWith('GetUsagePlan'))).toEqual(['GetUsage']);
  });
});
