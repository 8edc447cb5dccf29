import { describe, expect, it } from '@jest/globals';
import { Secret } from '../../secret.js';
import { formatLedger } from './books.js';
import type { Desired } from './desired-state.service.js';
import { type OwnKey, sortOut } from './key-ring.js';
import { EMPTY_LEDGER, type Ledger } from './ledger.js';

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
