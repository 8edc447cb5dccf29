import { beforeEach, describe, expect, it } from '@jest/globals';
import { Clock } from '../../clock.js';
import { PoolKeys } from './pool-keys.js';

const MINUTE = 60_000;

class TestClock extends Clock {
  milliseconds = 0;

  override now(): Date {
    return new Date(this.milliseconds);
  }
}

/** How a fetch that is under way ends. */
interface Fetch {
  succeed(): void;
  fail(): void;
}

describe('when the public keys are fetched', () => {
  let clock: TestClock;
  let fetches: Fetch[];
  let keys: PoolKeys;

  beforeEach(async () => {
    clock = new TestClock();
    fetches = [];
    keys = new PoolKeys(
      () =>
        new Promise<void>((resolve, reject) => {
          fetches.push({ succeed: resolve, fail: () => reject(new Error('HTTP 503')) });
        }),
      clock,
    );
    const first = keys.ensure();
    fetches[0]?.succeed();
    await first;
  });

  /** Whether somebody who needs the keys now has them without a wait. */
  const goesOnAtOnce = async () => {
    const later = Symbol('later');
    const turns = new Promise((resolve) => setImmediate(resolve, later));
    return (await Promise.race([keys.ensure(), turns])) !== later;
  };

  it('keys of the last five minutes serve, older ones are fetched beside the requests', async () => {
    clock.milliseconds = 5 * MINUTE - 1;
    expect([await goesOnAtOnce(), fetches.length]).toEqual([true, 1]);
    clock.milliseconds = 5 * MINUTE;
    expect([await goesOnAtOnce(), fetches.length]).toEqual([true, 2]);
  });

  it('ten minutes old ones are waited for, even if a fetch failed that nobody waited for', async () => {
    clock.milliseconds = 6 * MINUTE;
    expect(await goesOnAtOnce()).toBe(true);
    fetches[1]?.fail();
    await goesOnAtOnce();
    clock.milliseconds = 10 * MINUTE;
    const asked = keys.ensure();
    expect(await goesOnAtOnce()).toBe(false);
    fetches.at(-1)?.succeed();
    await asked;
    expect([keys.areFresh, await goesOnAtOnce()]).toEqual([true, true]);
  });

  it('who has waited in vain goes on with what there is, and so do all others for half a minute', async () => {
    clock.milliseconds = 10 * MINUTE;
    const asked = keys.ensure();
    fetches.at(-1)?.fail();
    await asked;
    expect(await goesOnAtOnce()).toBe(true);
    clock.milliseconds += 30_000;
    fetches.at(-1)?.fail();
    await new Promise((resolve) => setImmediate(resolve));
    expect(await goesOnAtOnce()).toBe(false);
  });
});
