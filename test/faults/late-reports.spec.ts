import { beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { TIMELY } from './counters.js';
import { greedy, LAG_SECONDS, TRICKS, TRICKS_UNTOLD } from './greedy.js';
import { isLong, minutes } from './size.js';

const { run } = await import('./run.js');
const { Tally } = await import('./tally.js');

const WORLD = { ...TIMELY, seed: 3, lagSeconds: LAG_SECONDS };
const HOURS = isLong ? 24 : 2;

describe.each(Object.entries(TRICKS))('a greedy customer, while reports are an hour late, %s', (_name, rounds) => {
  beforeAll(() => Logger.overrideLogger(false));

  it.each([2, 61])(
    'every %i minutes, gets no more than the quota and the calls of one hour',
    async (everyMinutes) => {
      const tally = new Tally();
      const history = greedy(rounds, everyMinutes, HOURS);
      tally.add(history, WORLD, await run(history, WORLD));
      expect(tally.violations()).toEqual([]);
    },
    minutes(2),
  );
});

/** What is assumed of a plan that was left may stand for good then, so less may be left than is due. */
describe.each(Object.entries(TRICKS_UNTOLD))(
  'and where AWS tells nothing of a plan that was left, %s',
  (_name, rounds) => {
    beforeAll(() => Logger.overrideLogger(false));

    it.each([
      [2, 2],
      [61, 5],
      [130, 13],
    ])(
      'every %i minutes, gives no more than the quota and the calls of one hour',
      async (everyMinutes, hours) => {
        const history = greedy(rounds, everyMinutes, isLong ? 24 : hours);
        const { violations } = await run(history, { ...WORLD, usageOutlivesDetach: false });
        expect(violations.filter(({ invariant }) => invariant !== 'loss')).toEqual([]);
      },
      minutes(2),
    );
  },
);
