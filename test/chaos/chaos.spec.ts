import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { AdminDeleteUserCommand, AdminDisableUserCommand } from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FaultRule } from '../../src/sandbox/habits/fault-rule.js';
import { USER_POOL_ID } from '../../src/sandbox/seed.js';
import { seeded } from '../faults/seeded.js';
import { takeCensus } from './census.js';
import { Fleet } from './fleet.js';
import { RedisProcess } from './redis-process.js';
import { SandboxProcess } from './sandbox-process.js';
import { isLong, rows, seed, show } from './size.js';
import { callRows, faultRows, Tally, totalOf } from './tally.js';
import { type Finding, findingsOn, findingsOnRest, KINDS, quotaFindings } from './verdict.js';
import { type Fate, Visitor } from './visitor.js';

const PROCESSES = 3;
const FAULT_SHARE = 0.05;
const SHORT_GRACE_IS_OVER_SECONDS = 2;
const OVERHEAD_MINUTES = isLong ? 12 : 2;

/** At AWS's own pace many wait and little happens; at ten times the pace much happens. */
const SCENES = isLong
  ? [
      { pace: 1, users: 320, calling: 60, fated: 6, foreignKeys: 50, seconds: 180, thinkSeconds: 120 },
      { pace: 10, users: 320, calling: 100, fated: 16, foreignKeys: 50, seconds: 120, thinkSeconds: 30 },
    ]
  : [{ pace: 10, users: 15, calling: 8, fated: 2, foreignKeys: 5, seconds: 6, thinkSeconds: 1 }];

describe.each(SCENES)(
  'three servers on an AWS that fails ($pace times its pace), of which one is killed every other second',
  ({ pace, users, calling, fated, foreignKeys, seconds, thinkSeconds }) => {
    const chance = seeded(seed);
    const tally = new Tally();
    const table: string[] = [`chaos at ${pace} times the pace of AWS, SEED=${seed}`];
    let sandbox: SandboxProcess;
    let redis: RedisProcess | null = null;
    let fleet: Fleet;

    beforeAll(async () => {
      sandbox = await SandboxProcess.start();
      redis = isLong && RedisProcess.isHere() ? await RedisProcess.start() : null;
      const env = { AWS_RATE_FACTOR: String(pace), ...(redis ? { REDIS_URL: redis.url } : {}) };
      fleet = await Fleet.start(sandbox.url, PROCESSES, env);
    }, 120_000);
    afterAll(async () => {
      await fleet?.close();
      await redis?.close();
      await sandbox?.close();
      show(table.join('\n'));
    });

    it(
      'has for every customer exactly what was acknowledged, after one sweep',
      async () => {
        const visitors = await welcome();
        const before = await takeCensus(sandbox);
        await sandbox.habits({ rates: true, rateFactor: pace, serialAttach: true });
        await sandbox.addFaults(faults());
        await sandbox.resetCalls();
        await commotion(visitors);
        table.push(...faultRows(await sandbox.endFaults()), ...callRows(await sandbox.calls()));
        await fleet.whole();
        await pause(SHORT_GRACE_IS_OVER_SECONDS * 1000);
        await sweep();
        await sandbox.habits({ rates: false, serialAttach: false });
        const census = await takeCensus(sandbox);
        const findings = visitors.flatMap((visitor) => findingsOn(visitor, census));
        findings.push(...findingsOnRest(census, before), ...(await quotaFindings(sandbox, visitors, census)));
        table.push(...conclusion(visitors, findings));
        expect(findings).toEqual([]);
        expect(tally.broken).toEqual([]);
        expect(fleet.complaints).toEqual([]);
        expect(tally.acknowledged).toBeGreaterThan(0);
        expect(fleet.kills).toBeGreaterThan(0);
      },
      (OVERHEAD_MINUTES * 60 + seconds) * 1000,
    );

    const over = new AbortController();
    setMaxListeners(0, over.signal); // every visitor who waits listens to it

    /** Half of those who call stay on one plan, and call while nothing is under way: their quota is exact. */
    async function welcome(): Promise<Visitor[]> {
      const accounts = await sandbox.accounts(users);
      await sandbox.seed({ foreignKeys });
      const around = { fleet, sandbox, tally, chance, thinkSeconds, over: over.signal };
      return accounts.map((account, at) => {
        if (at < calling / 2) return new Visitor(account, ['free'], 'between', around);
        return new Visitor(account, ['free', 'basic', 'pro'], at < calling ? 'always' : 'never', around);
      });
    }

    async function commotion(visitors: readonly Visitor[]): Promise<void> {
      const visits = visitors.map((visitor) => visitor.visit());
      const end = pause(seconds * 1000).then(() => {
        over.abort();
      });
      await Promise.all([...visits, end, keepKilling(), meetFates(visitors)]);
    }

    async function keepKilling(): Promise<void> {
      while (!over.signal.aborted) {
        await pause(1000 + chance() * 1000);
        fleet.killOne(chance);
      }
    }

    /** An admin, in the AWS console, deletes every other one of a few users and disables the rest. */
    async function meetFates(visitors: readonly Visitor[]): Promise<void> {
      const chosen = visitors.slice(-fated);
      for (const [at, visitor] of chosen.entries()) {
        await pause((seconds * 1000) / (fated + 1));
        await meet(visitor, at % 2 === 0 ? 'deleted' : 'disabled');
      }
    }

    async function meet(visitor: Visitor, fate: Fate): Promise<void> {
      const user = { UserPoolId: USER_POOL_ID, Username: visitor.account.username };
      const command = fate === 'deleted' ? new AdminDeleteUserCommand(user) : new AdminDisableUserCommand(user);
      visitor.fate = fate;
      await sandbox.cognito.send(command).catch((error: unknown) => {
        const isDoneAlready = error instanceof Error && error.name === 'UserNotFoundException'; // its first reply was lost
        if (!isDoneAlready) throw error;
      });
    }

    async function sweep(): Promise<void> {
      await sandbox.resetCalls();
      const first = await fleet.sweep();
      const isHeldBack = first.exitCode === 2; // more keys to retire than a sweep retires unasked
      const last = isHeldBack ? await fleet.sweep('--confirm') : first;
      const { calls, refused } = totalOf(await sandbox.calls());
      const took = first.seconds + (isHeldBack ? last.seconds : 0);
      const what = `the sweep${isHeldBack ? ', which was held back and then confirmed' : ''}`;
      table.push(
        ...rows([
          [`AWS calls of ${what}`, calls],
          ['refused', refused],
          ['seconds', took.toFixed(1)],
        ]),
      );
      if (last.exitCode !== 0) throw new Error(`The sweep ended with ${last.exitCode}: ${last.printed}`);
    }

    function conclusion(visitors: readonly Visitor[], findings: readonly Finding[]): string[] {
      const served = visitors.reduce((sum, one) => sum + one.served, 0);
      const inFlight = visitors.reduce((sum, one) => sum + one.servedInFlight, 0);
      return [
        ...rows([
          ['users', visitors.length],
          ['kills', fleet.kills],
          ['log lines of level error', fleet.complaints.length],
        ]),
        ...tally.rows(),
        ...rows([
          ['calls of the API served', served],
          ['while Turnpike was at work', inFlight],
        ]),
        ...rows(
          Object.entries(KINDS).map(([kind, what]) => [what, findings.filter((one) => one.kind === kind).length]),
        ),
      ];
    }
  },
);

function faults(): FaultRule[] {
  const kinds: Pick<FaultRule, 'kind' | 'effect'>[] = [
    { kind: 'before' },
    { kind: 'after' },
    { kind: 'cut', effect: true },
    { kind: 'cut', effect: false },
    { kind: 'throttle' },
  ];
  const probability = FAULT_SHARE / kinds.length;
  return kinds.map((kind, at) => ({ operation: '*', ...kind, probability, seed: seed * 10 + at }));
}
