import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { type Flavour, generate } from './generate.js';
import { tell } from './history.js';
import { run } from './run.js';
import { isLong, minutes, onlySeed, print, show } from './size.js';
import { Tally } from './tally.js';

const FIRST_SEED = 1;
const COUNT = isLong ? 5000 : 40;

/** Every failure names its seed; `SEED=n` plays that history alone, of each kind, and prints what happened. */
describe.each<[Flavour, string]>([
  ['quiet', 'a history of one customer'],
  ['faults', 'a history with faults'],
  ['races', 'a history of two processes'],
])('%s: %s', (flavour) => {
  const tally = new Tally();
  beforeAll(() => Logger.overrideLogger(false));
  afterAll(() => show(tally.table(`random histories, ${flavour}`)));

  it(
    'keeps every promise, at every step and at rest',
    async () => {
      const seeds = onlySeed ? [onlySeed] : Array.from({ length: COUNT }, (_, index) => FIRST_SEED + index);
      for (const seed of seeds) {
        const { history, settings } = generate(flavour, seed);
        const report = await run(history, settings);
        tally.add(history, settings, report);
        if (onlySeed) print([tell(history), ...report.trace].join('\n'));
      }
      expect(tally.violations()).toEqual([]);
    },
    minutes(15),
  );
});
