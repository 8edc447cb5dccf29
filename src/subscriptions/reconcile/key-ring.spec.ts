import { describe, expect, it } from '@jest/globals';
import { Secret } from '../../secret.js';
import { formatLedger } from '../ledger/books.js';
import { type Entry, withoutCalls } from '../ledger/calls.js';
import { EMPTY_LEDGER, type Ledger } from '../ledger/ledger.js';
import type { Desired } from './desired-state.service.js';
import { type OwnKey, sortOut } from './key-ring.js';

const NOW = 1_800_000_000;
const nothingNoted = { floor: null, key: null } as unknown as Desired;

function key(id: string, generation: number, enabled = true, ledger: Partial<Ledger> = {}, at = 0): OwnKey {
  const description = formatLedger({ ...EMPTY_LEDGER, ...ledger });
  const [createdAt, changedAt] = [new Date(at), new Date(at)];
  return {
    id,
    name: id,
    generation,
    enabled,
    description,
    username: null,
    createdAt,
    changedAt,
    value: new Secret('x'),
  };
}

describe('the winner among the keys of a customer', () => {
  it('is the highest generation, in whatever order they are listed', () => {
    const keys = [key('b', 2), key('c', 3), key('a', 1)];
    const ring = sortOut(keys, nothingNoted, NOW);
    expect(ring.current?.id).toBe('c');
    expect(ring.surplus.map(({ id }) => id)).toEqual(['b', 'a']);
    expect(sortOut([...keys].reverse(), nothingNoted, NOW).current?.id).toBe('c');
  });

  it('is none when the highest is retired: the next generation is due, and lower ones are not taken back', () => {
    const ring = sortOut([key('a', 1), key('b', 2, false)], nothingNoted, NOW);
    expect(ring).toMatchObject({ current: null, nextGeneration: 3 });
    expect(ring.surplus.map(({ id }) => id)).toEqual(['a']);
  });

  it('is none when a higher generation is known from the floor or from the user', () => {
    const keys = [key('a', 4)];
    const floored = { floor: { generation: 6, ledger: EMPTY_LEDGER }, key: null } as unknown as Desired;
    const noted = { floor: null, key: { id: 'gone', generation: 5 } } as unknown as Desired;
    expect(sortOut(keys, floored, NOW)).toMatchObject({ current: null, nextGeneration: 7 });
    expect(sortOut(keys, noted, NOW)).toMatchObject({ current: null, nextGeneration: 6 });
  });

  it('is the oldest of one generation, then the one with the smallest id', () => {
    expect(sortOut([key('a', 1, true, {}, 5), key('b', 1, true, {}, 4)], nothingNoted, NOW).current?.id).toBe('b');
    expect(sortOut([key('b', 1), key('a', 1)], nothingNoted, NOW).current?.id).toBe('a');
  });

  it('leaves its direct predecessor alive until the deadline, and no other', () => {
    const keys = [key('a', 1), key('b', 2), key('c', 3, true, { until: NOW + 1 })];
    expect(sortOut(keys, nothingNoted, NOW)).toMatchObject({ overlapping: { id: 'b' }, surplus: [{ id: 'a' }] });
    expect(sortOut(keys, nothingNoted, NOW + 1)).toMatchObject({
      overlapping: null,
      surplus: [{ id: 'b' }, { id: 'a' }],
    });
  });

  it('does not bring a retired predecessor back for the overlap', () => {
    const keys = [key('a', 1, false), key('b', 2, true, { until: NOW + 100 })];
    expect(sortOut(keys, nothingNoted, NOW)).toMatchObject({ overlapping: null, surplus: [] });
  });
});

describe('the ledger of the current key', () => {
  const entry = (plan: string, generation: number, calls: number): Entry => {
    return { ...withoutCalls(plan, generation, '2026-11-20'), day: calls, week: calls, calls, open: NOW };
  };

  it('has what was written into its predecessor late', () => {
    const keys = [key('a', 1, false, { entries: [entry('free', 1, 7)] }), key('b', 2)];
    expect(sortOut(keys, nothingNoted, NOW).ledger.entries).toMatchObject([{ plan: 'free', calls: 7 }]);
  });

  it('takes nothing for late that was made one with other entries', () => {
    const merged = { ...entry('', 0, 50), open: 0 };
    const keys = [key('a', 1, false, { entries: [entry('free', 1, 7)] }), key('b', 2, true, { entries: [merged] })];
    expect(sortOut(keys, nothingNoted, NOW).ledger.entries).toEqual([merged]);
  });
});
