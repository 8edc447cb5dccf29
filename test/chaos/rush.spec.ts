import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, describe, expect, it } from '@jest/globals';
import type { CallCount } from '../../src/sandbox/habits/calls.js';
import { takeCensus } from './census.js';
import { Fleet } from './fleet.js';
import { Newcomer } from './newcomer.js';
import { RedisProcess } from './redis-process.js';
import { SandboxProcess } from './sandbox-process.js';
import { isLong, rows, show } from './size.js';
import { callRows, gatewayCalls, Tally, totalOf } from './tally.js';

const PROCESSES = 3;
const CUSTOMERS = isLong ? 300 : 8;
const AWS_CALLS_PER_SECOND = 10;
/** Where nobody has to wait all three requests are carried out; so they are by three processes of which none knows what the others do. */
const MOST_CALLS_EACH = { 'without Redis': isLong ? 10 : 12, 'with Redis': isLong ? 5 : 12 };
const LEAST_USED = 0.8;
const PULSE_SECONDS = 10;
const MINUTES = isLong ? 10 : 1;

/** With Redis the processes share one budget; without it each takes its part. */
const WAYS = ['without Redis', ...(RedisProcess.isHere() ? (['with Redis'] as const) : [])] as const;

describe.each(WAYS)('a rush of new customers on three servers, %s', (way) => {
  const closing: { close(): Promise<unknown> }[] = [];
  afterAll(async () => {
    for (const one of closing.reverse()) await one.close();
  });

  async function opened<T extends { close(): Promise<unknown> }>(starting: Promise<T>): Promise<T> {
    const one = await starting;
    closing.push(one);
    return one;
  }

  it(
    'gives each one key in one plan, within the pace of AWS and with little waste',
    async () => {
      const sandbox = await opened(SandboxProcess.start());
      const redis = way === 'with Redis' ? await opened(RedisProcess.start()) : null;
      const fleet = await opened(Fleet.start(sandbox.url, PROCESSES, redis ? { REDIS_URL: redis.url } : {}));
      const accounts = await sandbox.accounts(CUSTOMERS);
      await sandbox.habits({ rates: true, serialAttach: true });
      await sandbox.resetCalls();

      const tally = new Tally();
      const newcomers = accounts.map((account) => new Newcomer(account, tally));
      const arrivals = Promise.all(newcomers.map((newcomer) => newcomer.arrive(fleet.urls)));
      const pace = await paceDuring(arrivals, sandbox);

      const calls = await sandbox.calls();
      const spent = spending(calls, newcomers);
      const title = `a rush of ${CUSTOMERS} customers, three requests each, ${way}`;
      const paceRow = `  calls a second, every ${PULSE_SECONDS} s: ${pace.join(' ')}`;
      show([title, ...spent.rows, paceRow, ...tally.rows(), ...callRows(calls)].join('\n'));

      await sandbox.habits({ rates: false, serialAttach: false });
      const census = await takeCensus(sandbox);
      const keys = accounts.map(({ sub }) => census.keysOf.get(sub) ?? []);
      expect(keys.flat()).toHaveLength(CUSTOMERS);
      expect(keys.every(([key]) => key?.enabled && key.plans.join() === 'free')).toBe(true);
      expect(newcomers.map((newcomer) => [...newcomer.keys])).toEqual(keys.map(([key]) => [key?.value]));
      expect(tally.broken).toEqual([]);
      expect(fleet.complaints).toEqual([]);
      expect(spent.callsEach).toBeLessThanOrEqual(MOST_CALLS_EACH[way]);
      if (isLong) expect(spent.used).toBeGreaterThanOrEqual(LEAST_USED);
    },
    MINUTES * 60_000,
  );
});

/** What it took, in AWS's calls and in the customers' time. */
function spending(calls: Readonly<Record<string, CallCount>>, newcomers: readonly Newcomer[]) {
  const waits = newcomers.map(({ seconds }) => seconds).sort((a, b) => a - b);
  const total = totalOf(gatewayCalls(calls));
  const callsEach = total.calls / newcomers.length;
  const used = (total.calls - total.refused) / (waits.at(-1) ?? 0) / AWS_CALLS_PER_SECOND;
  const table = rows([
    ['seconds to the key in hand, p50', quantile(waits, 0.5)],
    ['p99', quantile(waits, 0.99)],
    ['max', quantile(waits, 1)],
    ['API Gateway calls per customer', callsEach.toFixed(2)],
    ['of the 10 calls a second used', `${Math.round(used * 100)} %`],
  ]);
  return { callsEach, used, rows: table };
}

/** How many calls a second AWS accepted, time after time, until all is done. */
async function paceDuring(work: Promise<unknown>, sandbox: SandboxProcess): Promise<readonly string[]> {
  const pace: string[] = [];
  let isDone = false;
  const finished = work.finally(() => {
    isDone = true;
  });
  for (let before = 0; !isDone; ) {
    await Promise.race([pause(PULSE_SECONDS * 1000), finished]);
    const { calls, refused } = totalOf(gatewayCalls(await sandbox.calls()));
    pace.push(((calls - refused - before) / PULSE_SECONDS).toFixed(1));
    before = calls - refused;
  }
  await finished;
  return pace;
}

function quantile(sorted: readonly number[], share: number): string {
  return (sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0).toFixed(1);
}
