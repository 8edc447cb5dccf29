import { beforeEach, describe, expect, it } from '@jest/globals';
import { AwsUnavailableError } from '../../src/aws/failures.js';
import type { Governor } from '../../src/aws/governor.js';
import { Config } from '../../src/config.js';
import { Metrics } from '../../src/metrics.js';
import { VirtualClock } from '../../src/sandbox/virtual/virtual-clock.js';
import { governorFor } from '../support/governor.js';
import { awsFailure, RatedAws, throttled } from '../support/rated-aws.js';
import { environment } from '../support/world.js';

let clock: VirtualClock;
let aws: RatedAws;
let metrics: Metrics;
let governor: Governor;

const down = () => awsFailure('ServiceUnavailableException', 503);
const ask = (operation: string) => governor.run(operation, aws.call(operation));
const outcome = (operation: string) => clock.run(ask(operation).catch((error: unknown) => error));
const elapsed = () => (clock.now().getTime() - Date.parse('2026-11-10T08:00:00Z')) / 1000;
const state = async (service: string) => {
  const text = await metrics.text();
  return Number(new RegExp(`turnpike_aws_breaker\\{service="${service}"\\} (\\d)`).exec(text)?.[1]);
};

/** As many requests as it takes until one is turned away without a call. */
async function untilLeftAlone(operation = 'GetApiKey'): Promise<void> {
  for (let made = -1; made !== aws.made.length; ) {
    made = aws.made.length;
    await outcome(operation);
  }
}

beforeEach(() => {
  clock = new VirtualClock();
  aws = new RatedAws(clock);
  metrics = new Metrics(clock);
  governor = governorFor(Config.read(environment('http://unused', { AWS_RATE_FACTOR: '1' })), clock, metrics);
});

describe('a service that is away', () => {
  beforeEach(() => {
    aws.failure = down;
  });

  it('is left alone after a few failures: who comes then is told at once when to come again', async () => {
    await untilLeftAlone();
    expect(aws.made.length).toBeLessThanOrEqual(9);
    const before = elapsed();
    const told = await outcome('GetApiKey');
    expect(told).toBeInstanceOf(AwsUnavailableError);
    expect(told).toMatchObject({ retryAfterSeconds: 2 });
    expect(elapsed() - before).toBeLessThan(0.001);
    expect(governor.away).toEqual(['api-gateway']);
    expect(await state('api-gateway')).toBe(2);
  });

  it('takes nothing of the other one', async () => {
    await untilLeftAlone();
    aws.failure = () => null;
    expect(await outcome('AdminGetUser')).toBe('');
    expect(await state('cognito')).toBe(0);
  });

  it('is tried with one call after a rest that grows, however many wait, and never longer than half a minute', async () => {
    await untilLeftAlone();
    const first = aws.made.length;
    while (elapsed() < 300) {
      await Promise.all([outcome('GetApiKey'), ask('GetApiKeys').catch(() => null)]);
      await clock.run(clock.sleep(250));
    }
    const probes = aws.made.slice(first).map(({ at }) => at);
    const rests = probes.slice(1).map((at, index) => at - (probes[index] ?? 0));
    expect(rests.length).toBeGreaterThan(8);
    expect(rests[0]).toBeLessThan(5);
    expect(Math.max(...rests)).toBeGreaterThan(29);
    expect(Math.max(...rests)).toBeLessThan(31);
    for (const [index, rest] of rests.slice(1).entries())
      expect(rest).toBeGreaterThanOrEqual((rests[index] ?? 0) - 0.5);
  });

  it('is asked as before once it has answered', async () => {
    await untilLeftAlone();
    aws.failure = () => null;
    await clock.run(clock.sleep(2100));
    const works = ['GetApiKey', 'GetApiKey'].map(() => outcome('GetApiKey'));
    expect(await Promise.all(works)).toContain('');
    expect(governor.away).toEqual([]);
    expect(await outcome('GetApiKey')).toBe('');
    expect(await state('api-gateway')).toBe(0);
  });

  it('is told as one to try once the rest is over, also where nobody asks for anything', async () => {
    await untilLeftAlone();
    expect(await state('api-gateway')).toBe(2);
    await clock.run(clock.sleep(2100));
    expect(await state('api-gateway')).toBe(1);
    await outcome('GetApiKey');
    expect(await state('api-gateway')).toBe(2);
  });

  it('is waited for by a sweep, which nobody waits for', async () => {
    await untilLeftAlone();
    const sweeping = governor.background(() => ask('GetApiKeys'));
    aws.failure = () => null;
    expect(await clock.run(sweeping)).toBe('');
  });
});

describe('a service that answers', () => {
  it.each([
    ['too many requests', () => throttled()],
    ['a missing right', () => awsFailure('AccessDeniedException', 403)],
    ['a bad request', () => awsFailure('BadRequestException', 400)],
    ['not found', () => awsFailure('NotFoundException', 404)],
  ])('is not away, even when all it answers is %s', async (_, failure) => {
    aws.failure = failure;
    for (let i = 0; i < 30; i++) await outcome('GetApiKey');
    expect(governor.away).toEqual([]);
  });

  it('now and then is not away', async () => {
    aws.failure = (number) => (number % 5 === 0 ? null : down());
    for (let i = 0; i < 30; i++) await outcome('GetApiKey');
    expect(governor.away).toEqual([]);
  });

  it('is not away because one operation fails however often a sweep asks', async () => {
    aws.failure = down;
    await clock.run(governor.background(() => ask('GetUsage')).catch(() => null));
    expect(aws.made).toHaveLength(8);
    expect(governor.away).toEqual([]);
  });

  it('is not away because callers had no time left', async () => {
    const never = () => new Promise<string>(() => {});
    const works = Array.from({ length: 20 }, () => governor.run('GetApiKey', never).catch(() => null));
    await clock.run(Promise.all(works));
    expect(governor.away).toEqual([]);
  });
});
