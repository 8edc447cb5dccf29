import { beforeEach, describe, expect, it } from '@jest/globals';
import { ratesOf } from '../../src/aws/governor/rates.js';
import { Tokens } from '../../src/aws/governor/tokens.js';
import type { Governor } from '../../src/aws/governor.js';
import { Config } from '../../src/config.js';
import { Metrics } from '../../src/metrics.js';
import { RedisConnection } from '../../src/redis.js';
import { VirtualClock } from '../../src/sandbox/virtual/virtual-clock.js';
import { AdjustedClock } from '../support/adjusted-clock.js';
import { governorFor } from '../support/governor.js';
import { awsFailure, RatedAws } from '../support/rated-aws.js';
import { environment } from '../support/world.js';

const HOUR_SECONDS = 3600;
const [RATE] = ratesOf('GetApiKey');

/** A Redis that gave the last token. */
class EmptyRedis extends RedisConnection {
  override async evaluate(): Promise<readonly number[]> {
    return [1, 0, 0];
  }
}

describe('a clock that is set back', () => {
  let time: VirtualClock;
  let clock: AdjustedClock;
  let aws: RatedAws;
  let governor: Governor;
  const config = Config.read(environment('http://unused', { AWS_RATE_FACTOR: '1' }));

  beforeEach(() => {
    time = new VirtualClock();
    clock = new AdjustedClock(time);
    aws = new RatedAws(time);
    governor = governorFor(config, clock);
  });

  const ask = () => governor.run('GetApiKey', aws.call('GetApiKey'));

  it('leaves an empty bucket that fills as ever', async () => {
    await time.run(Promise.all(Array.from({ length: 40 }, ask)));
    clock.setBack(HOUR_SECONDS);
    const before = time.now().getTime();
    await time.run(Promise.all(Array.from({ length: 10 }, ask)));
    expect(time.now().getTime() - before).toBeLessThan(6000);
    expect([aws.made.length, aws.refused]).toEqual([50, 0]);
  });

  it('makes no debt of what Redis said before', async () => {
    if (!RATE) throw new Error('Every operation has a rate');
    const tokens = new Tokens(config, clock, new EmptyRedis(config, clock, new Metrics(clock)));
    await tokens.take(RATE);
    clock.setBack(HOUR_SECONDS);
    expect(tokens.available(RATE)).toBe(0);
    await time.run(time.sleep(10_000));
    expect(tokens.available(RATE)).toBeGreaterThan(1);
  });

  it('leaves a service alone no longer than half a minute', async () => {
    aws.failure = () => awsFailure('ServiceUnavailableException', 503);
    while (governor.away.length === 0) await time.run(ask().catch(() => null));
    aws.failure = () => null;
    clock.setBack(HOUR_SECONDS);
    await time.run(ask().catch(() => null));
    await time.run(time.sleep(30_000));
    expect(await time.run(ask())).toBe('');
    expect(governor.away).toEqual([]);
  });
});
