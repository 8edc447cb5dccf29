import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { Habits } from './counters.js';
import { FAULT_KINDS } from './faults.js';
import type { Act, Step } from './history.js';
import { run } from './run.js';
import { seeded } from './seeded.js';
import { isLong, minutes, show } from './size.js';
import { Tally } from './tally.js';

const subscribe = (plan: 'free' | 'basic' | 'pro' | 'unlimited') => ({ do: 'subscribe', plan }) as const;
const rotate = (graceSeconds: number, key?: 'overlapping') =>
  ({ do: 'rotate', graceSeconds, ...(key ? { key } : {}) }) as const;
const call = (times: number, key?: 'overlapping') => ({ do: 'call', times, ...(key ? { key } : {}) }) as const;

const STARTS: Readonly<Record<string, readonly Step[]>> = {
  'no subscription': [],
  'a quota begun': [subscribe('free'), call(30)],
  'a quota used up': [subscribe('free'), call(200)],
  'a large quota begun': [subscribe('pro'), call(300)],
  'no quota': [subscribe('unlimited'), call(50)],
  'a second key': [subscribe('free'), call(30), rotate(0), call(20)],
  'an overlap': [subscribe('free'), call(30), rotate(3600), call(20), call(5, 'overlapping')],
  'an overlap run dry': [subscribe('free'), call(30), rotate(3600), call(200)],
  'an overlap gone by': [subscribe('free'), call(30), rotate(3600), call(20), { do: 'wait', seconds: 4000 }],
  'an overlap without quota': [subscribe('unlimited'), call(30), rotate(3600), call(20)],
  suspended: [subscribe('free'), call(30), { do: 'suspend' }],
  'suspended in an overlap': [subscribe('free'), call(30), rotate(3600), call(5), { do: 'suspend' }],
  'a second plan': [subscribe('free'), call(30), subscribe('basic'), call(20)],
  'back on the first plan': [subscribe('free'), call(30), subscribe('basic'), call(20), subscribe('free'), call(10)],
  'from quota to none': [subscribe('free'), call(30), subscribe('unlimited'), call(20)],
  cancelled: [subscribe('free'), call(30), { do: 'cancel' }],
  'a grant': [subscribe('free'), call(100), { do: 'grant', calls: 50 }, call(10)],
};

const ACTS: readonly Act[] = [
  subscribe('free'),
  subscribe('basic'),
  subscribe('pro'),
  subscribe('unlimited'),
  { do: 'cancel' },
  rotate(0),
  rotate(3600),
  rotate(0, 'overlapping'),
  { do: 'revoke overlapping' },
  { do: 'suspend' },
  { do: 'resume' },
  { do: 'grant', calls: 50 },
  { do: 'reconcile' },
  { do: 'reveal' },
];

/** What follows the fault, before one quiet reconcile: nothing, or the client asks again. The customer may be calling. */
const calls = [call(7), call(3, 'overlapping')];
const SEQUELS: readonly (readonly Step[])[] = [[], [{ do: 'ask again' }], calls, [...calls, { do: 'ask again' }]];

/** By chance one of the four worlds: counters survive detaching or not, usage stays readable or not. */
function habitsOf(number: number): Habits {
  const countersSurviveDetach = number % 2 === 0;
  const usageOutlivesDetach = Math.floor(number / 2) % 2 === 0;
  return { countersSurviveDetach, usageOutlivesDetach, reportsIdleDays: false, lagSeconds: 0 };
}

/** In the short version every so-many-th case is played. */
const STRIDE = isLong ? 1 : 37;
const MOST_BEGINNINGS = isLong ? Number.POSITIVE_INFINITY : 15;

describe('a single fault', () => {
  const tally = new Tally();
  beforeAll(() => Logger.overrideLogger(false));
  afterAll(() => show(tally.table('single faults')));

  it(
    'breaks no promise, wherever it strikes and whatever follows',
    async () => {
      let number = 0;
      for (const [start, act] of beginnings()) {
        for (const history of await casesOf(start, act)) {
          number += 1;
          if (number % STRIDE !== 0) continue;
          const settings = { ...habitsOf(Math.floor(seeded(number)() * 4)), seed: 7 };
          tally.add(history, settings, await run(history, settings));
        }
      }
      expect(tally.violations()).toEqual([]);
    },
    minutes(15),
  );
});

/** Every start with every act; in the short version some of them, chosen alike each time. */
function beginnings(): (readonly [readonly Step[], Act])[] {
  const all = Object.values(STARTS).flatMap((start) => ACTS.map((act) => [start, act] as const));
  const every = Math.max(1, Math.floor(all.length / MOST_BEGINNINGS));
  return all.filter((_, index) => index % every === 0);
}

async function casesOf(start: readonly Step[], act: Act): Promise<Step[][]> {
  const { callsOfStep } = await run([...start, act], { ...habitsOf(0), seed: 7 });
  const boundaries = Array.from({ length: callsOfStep.at(-1) ?? 0 }, (_, index) => index + 1);
  return boundaries.flatMap((boundary) =>
    FAULT_KINDS.flatMap((kind) =>
      SEQUELS.map((sequel) => [...start, { ...act, fault: { call: boundary, kind } }, ...sequel]),
    ),
  );
}
