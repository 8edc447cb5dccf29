import { beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { TIMELY } from './counters.js';
import { Explorer } from './explorer.js';
import type { Act } from './history.js';
import { STARTS } from './starts.js';

const { Run } = await import('./run.js');

/** The one who comes back does all of it at some moment of the other. */
const MOST_SWITCHES = 1;

/** At how many moments of the other a key is handed out that is switched off afterwards. */
async function keysLost(finishing: Act): Promise<number> {
  const beginning = await new Run({ ...TIMELY, seed: 7 }).begin(STARTS['a cancellation not carried out']);
  const explorer = new Explorer(MOST_SWITCHES);
  let lost = 0;
  for (let schedule = explorer.next(); schedule; schedule = explorer.next()) {
    const run = new Run({ ...TIMELY, seed: 7, turns: schedule.turns }, beginning);
    const { violations } = await run.play([
      { do: 'both', acts: [finishing, { do: 'subscribe', plan: 'free' }], callsInFlight: 0 },
    ]);
    if (violations.some(({ invariant }) => invariant === 'I5')) lost += 1;
    schedule.end();
  }
  return lost;
}

describe('who comes back while another process finishes their cancellation', () => {
  beforeAll(() => Logger.overrideLogger(false));

  it.each(['sweep', 'reconcile'] as const)(
    'keeps the key that was handed out, unless AWS was being told to switch it off already: %s',
    async (what) => {
      expect(await keysLost({ do: what })).toBeLessThanOrEqual(1);
    },
  );
});
