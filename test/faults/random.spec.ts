import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import fc from 'fast-check';
import { FLAVOURS, type Flavour, type Tale, taleOf, tales } from './histories.js';
import { tell } from './history.js';
import { isLong, minutes, onlySeed, print, show } from './size.js';

const { run } = await import('./run.js');
const { Tally } = await import('./tally.js');

/*
 * How to read a failure. It begins with the promise that was broken (I1 to I9 of the design, named in invariants.ts) and
 * in how many of the histories. Below, up to three of the shortest: the SEED, the history on one line (what was asked,
 * one after the other; `[a | b]` = at the same time on two processes; `(error after at call 5)` = the reply of its fifth
 * AWS call was lost), what was found, and the world it was played in. `SEED=n npm run jest -- test/faults/random -t races`
 * plays that one again, made as short as fast-check can, and prints every AWS call in order: process, number, operation.
 */

const COUNT: Readonly<Record<Flavour, number>> = isLong
  ? {
      quiet: 5000,
      faults: 10_000,
      races: 10_000,
      mixed: 50_000,
      oversight: 20_000,
      console: 5000,
      'lists behind': 5000,
      'late reports': 2000,
    }
  : {
      quiet: 20,
      faults: 20,
      races: 25,
      mixed: 40,
      oversight: 40,
      console: 25,
      'lists behind': 12,
      'late reports': 5,
    };

/**
 * In these nobody overtakes anybody, and nothing that AWS said was behind. Where reports are late, what was called on a plan
 * that was left at once stays as it was estimated if AWS reports nothing of it any more.
 */
const LEAST_EXACT: Readonly<Partial<Record<Flavour, number>>> = { quiet: 1, 'late reports': 0.95 };

describe.each(FLAVOURS)('random histories, %s', (flavour) => {
  const tally = new Tally();
  beforeAll(() => Logger.overrideLogger(false));
  afterAll(() => show(tally.table(`random histories, ${flavour}`)));

  it(
    'keep every promise, at every step and at rest',
    async () => {
      if (onlySeed) return showOne(flavour, onlySeed);
      for (let seed = 1; seed <= COUNT[flavour]; seed++) {
        const { history, settings } = taleOf(flavour, seed);
        tally.add(history, settings, await run(history, settings), `SEED=${seed}`);
      }
      const share = flavour === 'lists behind' ? 0.99 : undefined; // what a list does not show is counted by nobody
      const exact = LEAST_EXACT[flavour];
      const found = exact ? tally.violationsBeyondEstimates(exact) : tally.violationsBeyondRaces(share);
      expect(found).toEqual([]);
    },
    minutes(20),
  );
});

/** Plays a seed, and if it breaks something, whatever is left of it when it is made shorter. */
async function showOne(flavour: Flavour, seed: number): Promise<void> {
  const breaks = async (tale: Tale) => (await run(tale.history, tale.settings)).violations.length > 0;
  const property = fc.asyncProperty(tales(flavour), async (tale) => expect(await breaks(tale)).toBe(false));
  const { counterexample, counterexamplePath } = await fc.check(property, {
    seed,
    numRuns: 1,
    unbiased: true,
  });
  const { history, settings } = counterexample?.[0] ?? taleOf(flavour, seed);
  const { trace, violations } = await run(history, {
    ...settings,
    isTold: true,
  });
  print([tell(history), JSON.stringify(settings), ...trace, `path ${counterexamplePath}`].join('\n'));
  expect(violations).toEqual([]);
}
