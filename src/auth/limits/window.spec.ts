import { beforeEach, describe, expect, it } from '@jest/globals';
import { Window } from './window.js';

const limit = { name: 'x', most: 3, seconds: 60 };

describe('a limit of 3 in 60 seconds', () => {
  let now = 0;
  let count = 0;
  let window: Window;
  beforeEach(() => {
    now = 1_000_000;
    count = 0;
    window = new Window(limit, () => now);
  });

  /** Adds one when there is room; answers the wait. */
  const take = (who = 'ada', id = `id-${++count}`) => {
    const wait = window.wait(who, now);
    if (wait === 0) window.add(who, id, now);
    return wait;
  };

  it('lets 3 through and says how long the 4th has to wait', () => {
    expect([take(), take(), take()]).toEqual([0, 0, 0]);
    now += 10_000;
    expect(take()).toBe(50_000);
  });

  it('holds in any stretch of 60 seconds, and what was refused does not count', () => {
    for (const at of [0, 20_000, 20_000]) {
      now = 1_000_000 + at;
      expect(take()).toBe(0);
    }
    now = 1_059_999;
    expect([take(), take()]).toEqual([1, 1]);
    now = 1_060_000;
    expect([take(), take()]).toEqual([0, 20_000]);
  });

  it('counts callers apart', () => {
    for (let i = 0; i < 3; i++) take('ada');
    expect([take('ada') > 0, take('bob')]).toEqual([true, 0]);
  });

  it('has room again for what was given back', () => {
    take('ada', 'one');
    take('ada', 'two');
    take('ada', 'three');
    window.remove('ada', 'two');
    expect([take(), take() > 0]).toEqual([0, true]);
    window.remove('nobody', 'two');
  });

  it('remembers the latest of more than it would have let through', () => {
    for (const at of [0, 1000, 2000, 3000]) window.add('ada', `${at}`, now + at);
    now += 3000;
    expect(take()).toBe(58_000);
  });

  it.each([1, 2])('works for a limit of %i', (most) => {
    window = new Window({ ...limit, most }, () => now);
    for (let i = 0; i < most; i++) expect(take()).toBe(0);
    expect(take()).toBe(60_000);
    window.add('ada', 'more', now + 5000);
    expect(window.wait('ada', now + 5000)).toBe(most === 1 ? 60_000 : 55_000);
  });
});
