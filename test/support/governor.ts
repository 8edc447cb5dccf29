import { Governor } from '../../src/aws/governor.js';
import { Clock } from '../../src/clock.js';
import type { Config } from '../../src/config.js';
import { Metrics } from '../../src/metrics.js';
import { RedisConnection } from '../../src/redis.js';

/** The governor of one process, as the container would put it together. */
export function governorFor(
  config: Config,
  clock = new Clock(),
  metrics = new Metrics(clock),
  Kind = Governor,
): Governor {
  return new Kind(config, clock, metrics, new RedisConnection(config, clock, metrics));
}

/** Does not wait to speak of, so that what is repeated is repeated at once. */
export class QuickClock extends Clock {
  override async sleep(milliseconds: number): Promise<void> {
    await super.sleep(Math.min(milliseconds, 5));
  }
}

const HASTE = 50;

/** What lasts ten seconds by it is soon over; AWS's answers come as ever. */
export class HastyClock extends Clock {
  private readonly start = Date.now();

  override now(): Date {
    return new Date(this.start + (Date.now() - this.start) * HASTE);
  }

  override async sleep(milliseconds: number): Promise<void> {
    await super.sleep(milliseconds / HASTE);
  }
}

/** Lets everything through at once: rates and deadlines are for other tests, and the wire has its own hangs. */
export class Ungoverned extends Governor {
  override interactive<T>(work: () => Promise<T>): Promise<T> {
    return work();
  }

  override background<T>(work: () => Promise<T>): Promise<T> {
    return work();
  }

  override shared<T>(work: () => Promise<T>): Promise<T> {
    return work();
  }

  override join<T>(_operation: string, work: Promise<T>): Promise<T> {
    return work;
  }
}
