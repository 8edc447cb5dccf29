import { beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { greedy, LAG_SECONDS, TRICKS } from './greedy.js';
import { run } from './run.js';
import { isLong, minutes } from './size.js';
import { Tally } from './tally.js';

const WORLD = {
  seed: 3,
  countersSurviveDetach: true,
  usageOutlivesDetach: true,
  reportsIdleDays: false,
  lagSeconds: LAG_SECONDS,
};
const HOURS = isLong ? 24 : 3;

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
