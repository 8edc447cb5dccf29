import { describe, expect, it } from '@jest/globals';
import { CurrentErrand, Errand } from './errand.js';

describe('the errand that the running code is part of', () => {
  const errand = () => new Errand('interactive', 0, Number.POSITIVE_INFINITY);

  it('stays the same over everything that is waited for, and ends with its work', async () => {
    const [current, mine] = [new CurrentErrand(), errand()];
    const seen = await current.run(mine, async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return current.getStore();
    });
    expect(seen).toBe(mine);
    expect(current.getStore()).toBeUndefined();
  });

  it('is one of each governor: none takes up another’s', () => {
    const [one, other, mine, theirs] = [new CurrentErrand(), new CurrentErrand(), errand(), errand()];
    one.run(mine, () => {
      expect([one.getStore(), other.getStore()]).toEqual([mine, undefined]);
      other.run(theirs, () => expect(other.getStore()).toBe(theirs));
      expect(one.getStore()).toBe(mine);
    });
  });
});
