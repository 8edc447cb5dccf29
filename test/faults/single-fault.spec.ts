import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { TIMELY } from './counters.js';
import { canStrike, FAULT_KINDS } from './faults.js';
import type { Act, Step } from './history.js';
import type { Beginning } from './run.js';
import { seeded } from './seeded.js';
import type { Settings } from './settings.js';
import { isLong, isSlow, minutes, part, show } from './size.js';
import { ACTS, OVERSIGHT, STARTS } from './starts.js';

const { Run } = await import('./run.js');
const { Tally } = await import('./tally.js');

/** What follows the fault, before one quiet sweep: nothing, or the client asks again. The customer may be calling. */
const calls: readonly Step[] = [
  { do: 'call', times: 7 },
  { do: 'call', times: 3, key: 'overlapping' },
];
const SEQUELS: readonly (readonly Step[])[] = [[], [{ do: 'ask again' }], calls, [...calls, { do: 'ask again' }]];

/** In the short version every so-many-th case is played, of some of the starts and acts; in the long one all cases of a third of them, and PART says which. */
const STRIDE = isLong ? 1 : 37;
const EVERY = isLong ? 3 : isSlow ? 19 : 41;

describe('a single fault', () => {
  const tally = new Tally();
  beforeAll(() => Logger.overrideLogger(false));
  afterAll(() => show(tally.table('single faults, at every call of every act from every start')));

  it(
    'breaks no promise, wherever it strikes and whatever follows',
    async () => {
      let [pair, number] = [0, 0];
      for (const [name, start] of Object.entries(STARTS)) {
        const worlds = await worldsOf(start);
        for (const act of [...ACTS, ...OVERSIGHT]) {
          pair += 1;
          if (pair % EVERY !== part % EVERY) continue;
          for (const history of await casesOf(worlds[0], act)) {
            number += 1;
            if (number % STRIDE !== 0) continue;
            const world = worlds[Math.floor(seeded(number)() * 4)] ?? worlds[0];
            const run = new Run(world.settings, world.beginning);
            tally.add(history, world.settings, await run.play(history), `${name}:`);
          }
        }
      }
      expect(tally.violations()).toEqual([]);
    },
    minutes(20),
  );
});

interface World {
  readonly settings: Settings;
  readonly beginning: Beginning;
}

/** The start in each of the four worlds: counters survive detaching or not, usage stays readable or not. */
async function worldsOf(start: readonly Step[]): Promise<[World, World, World, World]> {
  const world = async (countersSurviveDetach: boolean, usageOutlivesDetach: boolean): Promise<World> => {
    const settings = {
      ...TIMELY,
      countersSurviveDetach,
      usageOutlivesDetach,
      seed: 7,
    };
    return { settings, beginning: await new Run(settings).begin(start) };
  };
  return [await world(true, true), await world(false, true), await world(true, false), await world(false, false)];
}

async function casesOf({ settings, beginning }: World, act: Act): Promise<Step[][]> {
  const { callsOfStep } = await new Run(settings, beginning).play([act]);
  const made = callsOfStep.at(-1) ?? [];
  return made.flatMap((type, index) =>
    FAULT_KINDS.filter((kind) => canStrike(kind, type)).flatMap((kind) =>
      SEQUELS.map((sequel) => [{ ...act, fault: { call: index + 1, kind } }, ...sequel]),
    ),
  );
}
