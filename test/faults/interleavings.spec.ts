import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { type Habits, TIMELY } from './counters.js';
import { Explorer } from './explorer.js';
import type { Act } from './history.js';
import type { Beginning } from './run.js';
import { NEXT_SECRET, SECRET } from './secrets.js';
import type { Settings } from './settings.js';
import { isLong, minutes, part, print, show } from './size.js';
import { ACTS, OVERSIGHT, STARTS } from './starts.js';

const { Run } = await import('./run.js');
const { Tally } = await import('./tally.js');

/**
 * All schedules of two requests with at most two switches between them, of every so-many-th pair of requests: an eighth of
 * them in the long version, and PART says which (0 to 7); together they take a hundred minutes.
 * A failure names PAIR and SWITCHES (before which turns the other process took over): with both in the environment that
 * schedule is printed, call by call.
 */
const MOST_SWITCHES = 2;
/** Of all schedules, not of those that come about: a stall between looking at the books and writing them is among them. */
const LEAST_SHARE = 0.997;
const STRIDE = isLong ? 8 : 1409;

const only = Number(process.env.PAIR ?? 0);

/** Starts in which two requests at once can go wrong in ways of their own. */
const RACED = [
  'no subscription',
  'a quota begun',
  'a quota used up',
  'an overlap',
  'an overlap without quota',
  'suspended in an overlap',
  'a second plan',
  'cancelled',
  'the floor written',
  'many retired keys',
  'a grant',
  'a second key',
  'a key made by hand, and one of ours',
  'a key imported',
] as const satisfies readonly (keyof typeof STARTS)[];

describe('two requests on two processes', () => {
  const [tally, rolling] = [new Tally(), new Tally()];
  beforeAll(() => Logger.overrideLogger(false));
  afterAll(() => {
    show(tally.table(`all interleavings with at most ${MOST_SWITCHES} switches`));
    show(rolling.table('the same while KEY_SECRET is being changed'));
  });

  it(
    'break no promise, however their AWS calls fall between each other',
    async () => {
      let pair = 0;
      for (const start of RACED) {
        const settings: Settings = { ...TIMELY, seed: 7, turns: () => 0 };
        const beginning = await new Run(settings).begin(STARTS[start]);
        for (const acts of pairs()) {
          pair += 1;
          if (only ? pair === only : pair % STRIDE === part % STRIDE) await playAll(pair, beginning, acts);
        }
      }
      expect(tally.violationsBeyondRaces(LEAST_SHARE)).toEqual([]);
    },
    minutes(25),
  );

  it(
    'break none either while KEY_SECRET is being changed, from process to process',
    async () => {
      for (const start of ['no subscription', 'a quota begun'] as const) {
        const beginning = await new Run({
          ...TIMELY,
          seed: 7,
          turns: () => 0,
        }).begin(STARTS[start]);
        for (const secrets of ROLLING) {
          for (const acts of pairs().filter((pair) => pair.every(makesKeys)))
            await playAll(0, beginning, acts, secrets);
        }
      }
      expect(rolling.violationsBeyondRaces()).toEqual([]);
    },
    minutes(10),
  );

  async function playAll(
    pair: number,
    beginning: Beginning,
    acts: readonly [Act, Act],
    secrets: Secrets = [SECRET],
  ): Promise<void> {
    const explorer = new Explorer(pair || isLong ? MOST_SWITCHES : 1);
    for (let schedule = explorer.next(); schedule; schedule = explorer.next()) {
      const { turns, switches, end } = schedule;
      const settings = { ...habitsOf(explorer.schedules), seed: 7, turns, secrets };
      const isShown = only !== 0 && String(switches) === process.env.SWITCHES;
      const run = new Run({ ...settings, isTold: isShown }, beginning);
      const report = await run.play([{ do: 'both', acts, callsInFlight: 0 }]);
      if (isShown) print(report.trace.join('\n'));
      const name = pair ? `${nameOf(pair)} PAIR=${pair} SWITCHES=${switches}` : `switches ${switches}`;
      (pair ? tally : rolling).add([{ do: 'both', acts, callsInFlight: 0 }], settings, report, name);
      end();
    }
  }
});

/** In turn one of the four worlds: counters survive detaching or not, usage stays readable or not. */
function habitsOf(number: number): Habits {
  return { ...TIMELY, countersSurviveDetach: number % 2 === 0, usageOutlivesDetach: number % 4 < 2 };
}

type Secrets = readonly [string, ...string[]];

/** What two processes have while the change rolls over them; the last is everybody's after. */
const ROLLING: readonly Secrets[] = [
  [SECRET, `${SECRET},${NEXT_SECRET}`],
  [`${SECRET},${NEXT_SECRET}`, `${NEXT_SECRET},${SECRET}`],
  [`${NEXT_SECRET},${SECRET}`, `${SECRET},${NEXT_SECRET}`, `${NEXT_SECRET},${SECRET}`],
];

function makesKeys({ do: what }: Act): boolean {
  return isLong ? what === 'subscribe' || what === 'rotate' || what === 'cancel' : what === 'rotate';
}

function nameOf(pair: number): string {
  return RACED[Math.floor((pair - 1) / pairs().length)] ?? '';
}

function pairs(): (readonly [Act, Act])[] {
  const all = [...ACTS, ...OVERSIGHT];
  const ofTwo = (first: Act) => all.map((second) => [first, second] as const);
  // What an admin does is begun first here: a switch before its first moment lets the other one go before it.
  return [...ACTS.flatMap((first) => ACTS.map((second) => [first, second] as const)), ...OVERSIGHT.flatMap(ofTwo)];
}
