import { expect, it } from '@jest/globals';
import { LRUCache } from 'lru-cache';
import { roomFor } from './cache-options.js';

it('has room for so many, and drops the one that was used longest ago', () => {
  const cache = new LRUCache<number, string>(roomFor(100));
  for (let n = 0; n < 100; n++) cache.set(n, `value ${n}`);
  cache.get(0);
  cache.set(100, 'one more');
  expect(cache.size).toBe(100);
  expect([cache.has(0), cache.has(1), cache.has(100)]).toEqual([true, false, true]);
});
