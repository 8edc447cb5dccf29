import { beforeEach, describe, expect, it } from '@jest/globals';
import { AwsUnavailableError } from '../../src/aws/failures.js';
import { URGENT } from '../../src/aws/governor/admission/admission.js';
import { Governor } from '../../src/aws/governor.js';
import { Config } from '../../src/config.js';
import { Metrics } from '../../src/metrics.js';
import { TryAgainError } from '../../src/problem.js';
import { type Lock, RedisConnection } from '../../src/redis.js';
import { VirtualClock } from '../../src/sandbox/virtual/virtual-clock.js';
import { governorFor } from '../support/governor.js';
import { awsFailure, RatedAws, throttled } from '../support/rated-aws.js';
import { environment } from '../support/world.js';

const times = <T>(count: number, work: (number: number) => T): T[] =>
  Array.from({ length: count }, (_, number) => work(number));
const never = () => new Promise<string>(() => {});
const kindOf = (error: unknown) => (error instanceof Error ? error.constructor.name : typeof error);
const outcomesOf = (works: readonly Promise<unknown>[]) =>
  Promise.all(works.map((work) => work.then(() => 'done', kindOf)));

/** As much of Redis as one lock needs. */
class OneLock extends RedisConnection {
  private isHeld = false;

  override async lock(): Promise<Lock | 'held'> {
    if (this.isHeld) return 'held';
    this.isHeld = true;
    return {
      release: async () => {
        this.isHeld = false;
      },
    };
  }
}

/** As it is for a process that was paused: the time is later all at once, and no timer has gone off yet. */
class JumpingClock extends VirtualClock {
  private jumped = 0;

  override now(): Date {
    return new Date(super.now().getTime() + this.jumped);
  }

  jump(milliseconds: number): void {
    this.jumped += milliseconds;
  }
}

describe('the governor', () => {
  let clock: JumpingClock;
  let aws: RatedAws;
  let metrics: Metrics;
  let governor: Governor;

  const start = (overrides: Record<string, string> = {}) =>
    governorFor(Config.read(environment('http://unused', { AWS_RATE_FACTOR: '1', ...overrides })), clock, metrics);
  const ask = (operation: string, who = '', by = governor) => by.run(operation, aws.call(operation, who));
  const elapsed = () => (clock.now().getTime() - Date.parse('2026-11-10T08:00:00Z')) / 1000;

  beforeEach(() => {
    clock = new JumpingClock();
    aws = new RatedAws(clock);
    metrics = new Metrics(clock);
    governor = start();
  });

  describe('the rates of the account', () => {
    it('are kept over 100 calls at once, burst and all, and used by four fifths or more', async () => {
      await clock.run(Promise.all(times(100, () => ask('GetApiKey'))));
      const atOnce = aws.made.filter(({ at }) => at < 0.05).length;
      expect([aws.made.length, aws.refused, atOnce]).toEqual([100, 0, 38]);
      const perSecond = (100 - atOnce) / (aws.made.at(-1)?.at ?? 0);
      expect(perSecond).toBeGreaterThanOrEqual(8);
      expect(perSecond).toBeLessThanOrEqual(10);
    });

    it('are kept where an operation has its own', async () => {
      await clock.run(Promise.all(times(30, () => ask('CreateApiKey'))));
      expect(aws.refused).toBe(0);
      expect(elapsed()).toBeGreaterThan(5);
      expect(elapsed()).toBeLessThan(25 / 4);
    });

    it('are kept where they are as slow as one in twenty seconds', async () => {
      await clock.run(governor.background(() => Promise.all(times(3, () => ask('UpdateUsagePlan')))));
      expect(aws.refused).toBe(0);
      expect(elapsed()).toBeGreaterThan(40);
      expect(elapsed()).toBeLessThan(50);
    });

    it('are not waited for by people where that takes longer than they wait: they are told when to come back', async () => {
      const change = () => governor.interactive(() => ask('UpdateUsagePlan'));
      await clock.run(change());
      const from = elapsed();
      const refused = await clock.run(change().catch((error: unknown) => error));
      expect(refused).toBeInstanceOf(AwsUnavailableError);
      expect(refused).toMatchObject({ operation: 'UpdateUsagePlan', retryAfterSeconds: 22 });
      expect(elapsed() - from).toBeLessThan(0.5);
      await clock.run(clock.sleep(22_000));
      await clock.run(change());
      expect([aws.made.length, aws.refused]).toEqual([2, 0]);
    });

    it('that changing a plan uses up keep nobody out who does something else', async () => {
      await clock.run(governor.interactive(() => ask('UpdateUsagePlan')));
      const subscribe = () => governor.interactive(() => Promise.all(times(3, () => ask('GetApiKey'))));
      const outcomes = await clock.run(outcomesOf(times(10, subscribe)));
      expect(outcomes).toEqual(times(10, () => 'done'));
    });

    it('do not hold up calls that have others: Cognito is not API Gateway', async () => {
      const reads = times(60, () => ask('GetApiKey'));
      await clock.run(governor.run('AdminGetUser', async () => 'ada'));
      expect(elapsed()).toBeLessThan(0.2);
      await clock.run(Promise.all(reads));
    });

    it('are shared out by PROCESS_COUNT', async () => {
      const four = times(4, () => start({ PROCESS_COUNT: '4' }));
      await clock.run(Promise.all(times(100, (at) => ask('GetApiKey', '', four[at % 4]))));
      expect(aws.refused).toBe(0);
      expect(elapsed()).toBeGreaterThan(6);
      expect(elapsed()).toBeLessThan(9);
    });

    it('are multiplied by AWS_RATE_FACTOR', async () => {
      const slow = start({ AWS_RATE_FACTOR: '0.5' });
      await clock.run(Promise.all(times(60, () => ask('GetApiKey', '', slow))));
      expect(elapsed()).toBeGreaterThan(22 / 5);
    });

    it('are believed less once AWS says that somebody else uses them up', async () => {
      aws.failure = (number) => (number === 1 ? throttled() : null);
      await clock.run(ask('GetApiKey'));
      const from = elapsed();
      await clock.run(Promise.all(times(20, () => ask('GetApiKey'))));
      expect(elapsed() - from).toBeGreaterThan(1);
    });
  });

  describe('whose turn it is', () => {
    beforeEach(() => clock.run(Promise.all(times(38, () => ask('GetApiKey', 'before')))));

    const order = () => aws.made.map(({ who }) => who).filter((who) => who !== 'before');

    it('is the older work’s before the younger’s, and a sweep’s last, whoever asked first', async () => {
      const sweep = governor.background(() => Promise.all(times(3, () => ask('GetApiKey', 'sweep'))));
      const older = governor.interactive(async () => {
        await clock.sleep(50);
        await Promise.all(times(2, () => ask('GetApiKey', 'older')));
      });
      await clock.run(clock.sleep(1));
      const younger = governor.interactive(() => Promise.all(times(2, () => ask('GetApiKey', 'younger'))));
      await clock.run(Promise.all([sweep, older, younger]));
      expect(order()).toEqual(['older', 'older', 'younger', 'younger', 'sweep', 'sweep', 'sweep']);
    });

    it('is a sweep’s in the end, however many people keep coming', async () => {
      let isSwept = false;
      const sweep = governor
        .background(() => ask('GetApiKey', 'sweep'))
        .then(() => {
          isSwept = true;
        });
      const crowd: Promise<unknown>[] = [];
      while (!isSwept && elapsed() < 120) {
        crowd.push(ask('GetApiKey', 'crowd').catch(kindOf));
        await clock.run(clock.sleep(90));
      }
      await clock.run(sweep);
      expect(elapsed()).toBeGreaterThan(10);
      expect(elapsed()).toBeLessThan(60);
      await clock.run(Promise.all(crowd));
    });

    it('is one’s alone in attaching, and others need not wait for that', async () => {
      const attaches = times(10, () => ask('CreateUsagePlanKey'));
      const read = ask('GetApiKey', 'reader');
      await clock.run(Promise.all([...attaches, read]));
      expect(aws.mostAttaching).toBe(1);
      expect(order().indexOf('reader')).toBeLessThan(3);
    });

    it('is another process’s in attaching while this one has no token yet', async () => {
      const config = Config.read(environment('http://unused', { AWS_RATE_FACTOR: '1' }));
      const redis = new OneLock(config, clock, metrics);
      const [busy, idle] = times(2, () => new Governor(config, clock, metrics, redis)) as [Governor, Governor];
      const crowd = outcomesOf(times(100, () => ask('GetApiKey', 'reader', busy)));
      const sweep = busy.background(() => ask('CreateUsagePlanKey', 'sweep', busy));
      await clock.run(clock.sleep(500));
      await clock.run(idle.interactive(() => idle.run('CreateUsagePlanKey', async () => {})));
      expect(elapsed()).toBeLessThan(1);
      await clock.run(Promise.all([crowd, sweep]));
    });

    it('comes sooner for whoever keeps an older work waiting', async () => {
      const older = governor.interactive(async () => {
        await clock.sleep(50);
        await ask('CreateUsagePlanKey', 'older');
      });
      await clock.run(clock.sleep(1));
      const readers = times(4, () => ask('GetApiKey', 'reader'));
      await clock.run(clock.sleep(1));
      const younger = ask('CreateUsagePlanKey', 'younger, in the lane');
      await clock.run(Promise.all([older, younger, ...readers]));
      expect(order().slice(0, 2)).toEqual(['younger, in the lane', 'older']);
    });
  });

  describe('the deadline of ten seconds', () => {
    it('ends a call in flight, and tells it to stop', async () => {
      let isStopped = false;
      const hanging = governor.interactive(() =>
        governor.run('GetApiKey', (signal) => {
          signal.addEventListener('abort', () => {
            isStopped = true;
          });
          return never();
        }),
      );
      await expect(clock.run(hanging)).rejects.toBeInstanceOf(AwsUnavailableError);
      expect(isStopped).toBe(true);
      expect(elapsed()).toBeGreaterThanOrEqual(10);
      expect(elapsed()).toBeLessThan(10.2);
    });

    it('ends a call that waits for its turn, before it is made', async () => {
      const asked = times(200, () => ask('GetApiKey'));
      const outcomes = await clock.run(outcomesOf(asked));
      expect(elapsed()).toBeLessThan(10.2);
      const done = outcomes.filter((outcome) => outcome === 'done').length;
      expect(aws.made.length).toBeLessThanOrEqual(38 + 96);
      expect(done).toBeGreaterThan(120);
      expect(outcomes.filter((outcome) => outcome === 'AwsUnavailableError')).toHaveLength(200 - done);
    });

    it('ends a call that waits behind others for the serial lane', async () => {
      const first = governor.run('CreateUsagePlanKey', never).catch(kindOf);
      const second = ask('CreateUsagePlanKey').catch(kindOf);
      expect(await clock.run(Promise.all([first, second]))).toEqual(['AwsUnavailableError', 'AwsUnavailableError']);
      expect(aws.made).toEqual([]);
      await clock.run(ask('CreateUsagePlanKey'));
    });

    it('ends the wait for what others share, which goes on', async () => {
      let isRead = false;
      const reading = governor.shared(async () => {
        await clock.sleep(30_000);
        isRead = true;
      });
      const outcome = governor.interactive(() => governor.join('GetUsagePlans', reading)).catch(kindOf);
      expect(await clock.run(outcome)).toBe('AwsUnavailableError');
      expect(elapsed()).toBeLessThan(10.2);
      await clock.run(reading);
      expect(isRead).toBe(true);
    });

    it('ends the repeating of failures, over all calls of the work together', async () => {
      aws.failure = (number) => (number % 4 === 0 ? null : awsFailure('ServiceUnavailableException', 503));
      const work = governor.interactive(async () => {
        while (elapsed() < 15) await ask('GetApiKey').catch(() => clock.sleep(200));
      });
      await clock.run(work);
      expect(aws.made.length).toBeGreaterThan(10);
      expect(aws.made.at(-1)?.at).toBeLessThan(10.2);
    });

    it('is not moved by work within work', async () => {
      const work = governor.interactive(async () => {
        await clock.sleep(8000);
        await governor.interactive(() => governor.run('GetApiKey', never));
      });
      await expect(clock.run(work)).rejects.toBeInstanceOf(AwsUnavailableError);
      expect(elapsed()).toBeLessThan(10.2);
    });

    it('lets no call begin after it in a process that was paused while the call waited for its turn', async () => {
      await clock.run(Promise.all(times(38, () => ask('GetApiKey'))));
      await clock.run(clock.sleep(82)); // the next token is there in three, long before anybody looks at the deadline
      const late = governor.interactive(() => ask('GetApiKey', 'late')).catch(kindOf);
      await clock.run(clock.sleep(1));
      clock.jump(11_000);
      expect(await clock.run(late)).toBe('AwsUnavailableError');
      expect(aws.made.filter(({ who }) => who === 'late')).toEqual([]);
      expect(await clock.run(ask('GetApiKey', 'next'))).toBe('next');
    });

    it('is not there for a sweep, which takes the time it needs', async () => {
      await clock.run(governor.background(() => Promise.all(times(200, () => ask('GetApiKey')))));
      expect([aws.made.length, aws.refused]).toEqual([200, 0]);
      expect(elapsed()).toBeGreaterThan(15);
    });
  });

  describe('an answer that never ends', () => {
    it.each(['background', 'shared'] as const)(
      'is given up by work in the %s after ten seconds, asked for again, and given up in the end',
      async (kind) => {
        const signals: AbortSignal[] = [];
        const hanging = governor[kind](() =>
          governor.run('GetApiKeys', (signal) => {
            signals.push(signal);
            return never();
          }),
        );
        await expect(clock.run(hanging)).rejects.toBeInstanceOf(AwsUnavailableError);
        expect(signals.map(({ aborted }) => aborted)).toEqual(times(8, () => true));
        expect(elapsed()).toBeGreaterThanOrEqual(80);
        expect(elapsed()).toBeLessThan(120);
      },
    );

    it('is not in the way of the next one', async () => {
      const answers = [never, async () => 'here'];
      const work = governor.background(() => governor.run('GetApiKeys', () => (answers.shift() ?? never)()));
      expect(await clock.run(work)).toBe('here');
      expect(elapsed()).toBeLessThan(11);
    });
  });

  describe('a crowd', () => {
    const threeCalls = async (who: string) => {
      for (const operation of ['GetApiKeys', 'CreateApiKey', 'CreateUsagePlanKey']) await ask(operation, who);
    };
    const mutation = (who: string) => governor.interactive(() => threeCalls(who));
    const asTryAgain = (error: unknown): TryAgainError => {
      if (error instanceof TryAgainError) return error;
      throw error;
    };

    it('is let in as far as it can be served in time; the others are told when to come, before anything is asked', async () => {
      const waits: number[] = [];
      const works = times(90, (number) =>
        mutation(String(number)).catch((error: unknown) => {
          if (!(error instanceof TryAgainError)) throw error;
          waits.push(error.retryAfterSeconds);
        }),
      );
      await clock.run(Promise.all(works));
      const served = new Set(aws.made.map(({ who }) => who)).size;
      expect(served + waits.length).toBe(90);
      expect(aws.made).toHaveLength(served * 3);
      expect(served).toBeGreaterThanOrEqual(10);
      expect(elapsed()).toBeLessThan(10);
      expect(waits.length).toBeGreaterThan(20);
      expect(new Set(waits).size).toBeGreaterThan(5);
      for (const wait of waits) expect(Number.isInteger(wait) && wait >= 1 && wait <= 64).toBe(true);
    });

    it('is all served in the end, when each comes back when told', async () => {
      let refusals = 0;
      const persistent = async (who: string): Promise<void> => {
        try {
          await mutation(who);
        } catch (error) {
          if (!(error instanceof TryAgainError)) throw error;
          refusals += 1;
          await clock.sleep(error.retryAfterSeconds * 1000);
          await persistent(who);
        }
      };
      await clock.run(Promise.all(times(150, (number) => persistent(String(number)))));
      expect(aws.made.length - aws.refused).toBe(450);
      expect(aws.refused).toBeLessThan(10);
      expect(elapsed()).toBeLessThan(70);
      expect(refusals).toBeLessThan(600);
    });

    it('is told by name when it will be each one’s turn: everybody asks twice at most, and is done soon after that', async () => {
      const late: number[] = [];
      const told = async (who: string): Promise<void> => {
        const work = () => governor.interactive(() => threeCalls(who), who);
        const refusal = await work().then(() => null, asTryAgain);
        if (!refusal) return;
        await clock.sleep(refusal.retryAfterSeconds * 1000);
        const due = elapsed();
        await work();
        late.push(elapsed() - due);
      };
      await clock.run(Promise.all(times(300, (number) => told(String(number)))));
      expect(new Set(aws.made.map(({ who }) => who)).size).toBe(300);
      expect(aws.made.length - aws.refused).toBe(900);
      expect(elapsed()).toBeLessThan(110);
      expect(late.length).toBeGreaterThan(250);
      expect(Math.max(...late)).toBeLessThan(8);
    });

    it('is not longer for requests that the same people send again and again: each has one turn at a time', async () => {
      const done = new Set<string>();
      const page = async (who: string): Promise<void> => {
        while (!done.has(who)) {
          const refusal = await governor.interactive(() => threeCalls(who), who).then(() => null, asTryAgain);
          if (refusal) await clock.sleep(refusal.retryAfterSeconds * 1000);
          else done.add(who);
        }
      };
      await clock.run(Promise.all(times(600, (number) => page(String(number % 200)))));
      expect(done.size).toBe(200);
      expect(aws.made.length).toBeLessThan(720); // 600, and what was let in before there was a crowd
      expect(elapsed()).toBeLessThan(80);
    });

    it('keeps no admin out who has to do something about one of them', async () => {
      const crowd = times(120, (number) =>
        governor.interactive(() => threeCalls(`${number}`), `${number}`).catch(kindOf),
      );
      const newcomer = governor.interactive(() => threeCalls('newcomer'), 'newcomer');
      const admin = governor.interactive(() => threeCalls('admin'), URGENT);
      expect(await clock.run(outcomesOf([newcomer, admin]))).toEqual(['TryAgainError', 'done']);
      await clock.run(Promise.all(crowd));
    });

    it('is told the same time again when it asks before, and keeps it though others come meanwhile', async () => {
      const ask = (who: string) => governor.interactive(() => threeCalls(who), who).then(() => null, asTryAgain);
      const first = times(60, (number) => ask(`first ${number}`));
      const ada = clock.run(ask('ada'));
      const more = times(60, (number) => ask(`more ${number}`));
      const again = clock.run(ask('ada'));
      const [told, toldAgain] = [await ada, await again];
      const last = (await clock.run(Promise.all([...first, ...more]))).at(-1);
      expect(told?.retryAfterSeconds).toBeGreaterThan(1);
      expect(toldAgain?.retryAfterSeconds).toBe(told?.retryAfterSeconds);
      expect(last?.retryAfterSeconds).toBeGreaterThan((told?.retryAfterSeconds ?? 0) + 10);
    });

    it('is kept small when AWS answers nothing', async () => {
      const hanging = outcomesOf(times(100, () => governor.interactive(() => governor.run('AdminGetUser', never))));
      await expect(clock.run(governor.interactive(never))).rejects.toMatchObject({ code: 'TRY_AGAIN' });
      expect(new Set(await clock.run(hanging))).toEqual(new Set(['AwsUnavailableError']));
      expect(await clock.run(governor.interactive(async () => 'let in'))).toBe('let in');
    });

    it('is let in by the share of the rate that this process has', async () => {
      governor = start({ PROCESS_COUNT: '4' });
      const outcomes = await clock.run(outcomesOf(times(60, (number) => mutation(String(number)))));
      expect(new Set(outcomes)).toEqual(new Set(['done', 'TryAgainError']));
      expect(aws.made.length / 3).toBeLessThan(13);
      expect(elapsed()).toBeLessThan(10);
    });

    it('does not keep out a part of what is under way', async () => {
      const outcomes: string[] = [];
      const first = governor.interactive(async () => {
        outcomes.push(...(await outcomesOf(times(90, (number) => mutation(`within ${number}`)))));
      });
      await clock.run(Promise.resolve());
      const crowd = outcomesOf(times(60, (number) => mutation(String(number))));
      const refused = (await clock.run(crowd)).filter((outcome) => outcome === 'TryAgainError').length;
      await clock.run(first);
      expect(outcomes).not.toContain('TryAgainError');
      expect(refused).toBeGreaterThan(0);
    });

    it('is let in again as soon as the others are done', async () => {
      await clock.run(outcomesOf(times(90, (number) => mutation(String(number)))));
      await clock.run(mutation('late'));
      expect(await metrics.registry.metrics()).toMatch(/^turnpike_refused_total [1-9]/m);
    });
  });

  describe('a failure that passes', () => {
    it('is repeated, and not noticed', async () => {
      aws.failure = (number) => (number < 3 ? awsFailure('ServiceUnavailableException', 503) : null);
      expect(await clock.run(ask('GetApiKey', 'ada'))).toBe('ada');
      expect(aws.made).toHaveLength(3);
    });

    it('is repeated no sooner than AWS asks for', async () => {
      aws.failure = (number) => (number === 1 ? throttled(3) : null);
      await clock.run(ask('GetApiKey'));
      expect(aws.made[1]?.at).toBeGreaterThanOrEqual(3);
      expect(aws.made[1]?.at).toBeLessThan(6);
    });

    it('is handed on at once when AWS asks for more time than there is', async () => {
      aws.failure = () => throttled(30);
      const outcome = await clock.run(ask('GetApiKey').catch((error: unknown) => error));
      expect(outcome).toMatchObject({ operation: 'GetApiKey', retryAfterSeconds: 30 });
      expect([aws.made.length, elapsed()]).toEqual([1, 0.02]);
    });

    it('is no storm of calls when it does not pass', async () => {
      aws.failure = () => throttled();
      const works = times(50, () => governor.interactive(() => ask('GetApiKey')));
      const outcomes = await clock.run(outcomesOf(works));
      expect(new Set(outcomes)).toEqual(new Set(['AwsUnavailableError', 'TryAgainError']));
      expect(aws.made.length).toBeLessThanOrEqual(150);
      expect(elapsed()).toBeLessThan(10.2);
    });

    it('is repeated more often for a sweep', async () => {
      aws.failure = (number) => (number < 8 ? throttled() : null);
      await clock.run(governor.background(() => ask('GetApiKey')));
      expect(aws.made).toHaveLength(8);
    });

    it('is told from one that does not pass, which is not repeated', async () => {
      aws.failure = () => awsFailure('AccessDeniedException', 403);
      await expect(clock.run(ask('GetApiKey'))).rejects.toMatchObject({ name: 'AccessDeniedException' });
      expect(aws.made).toHaveLength(1);
    });
  });

  describe('the counts', () => {
    it('say what was asked, how it ended, and who waits', async () => {
      aws.failure = (number) =>
        number === 1 ? throttled() : number === 2 ? awsFailure('ConflictException', 409) : null;
      await clock.run(ask('GetApiKey').catch(kindOf));
      const asked = times(60, () => ask('GetApiKey'));
      await clock.run(clock.sleep(100));
      const meanwhile = await metrics.text();
      await clock.run(Promise.all(asked));
      const text = await metrics.text();
      expect(text).toContain('turnpike_aws_calls_total{operation="GetApiKey",outcome="throttled"} 1');
      expect(text).toContain('turnpike_aws_calls_total{operation="GetApiKey",outcome="conflict"} 1');
      expect(text).toContain('turnpike_aws_calls_total{operation="GetApiKey",outcome="ok"} 60');
      expect(text).toContain('turnpike_aws_retries_total{operation="GetApiKey"} 1');
      expect(text).toContain('turnpike_aws_wait_seconds_count{operation="GetApiKey"} 62');
      expect(meanwhile).toMatch(/^turnpike_aws_waiting [1-9]/m);
      expect(text).toMatch(/^turnpike_aws_waiting 0$/m);
      expect(meanwhile).toMatch(/^turnpike_aws_queue\{line="api-gateway"\} [1-9]/m);
      expect(text).toMatch(/^turnpike_aws_queue\{line="api-gateway"\} 0$/m);
    });
  });
});
