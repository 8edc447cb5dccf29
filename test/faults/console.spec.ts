import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { TIMELY } from './counters.js';
import { FAULT_KINDS } from './faults.js';
import type { Act, Step } from './history.js';
import type { Run as RunType } from './run.js';
import { isLong, isSlow, minutes, show } from './size.js';

const { Run } = await import('./run.js');
const { Tally } = await import('./tally.js');

const BEGUN: readonly Step[] = [
  { do: 'subscribe', plan: 'free' },
  { do: 'call', times: 30 },
  { do: 'rotate', graceSeconds: 0 },
];
const LAST_CALL = 25;
const STRIDE = isLong ? 1 : isSlow ? 43 : 89;

/** What a sweep makes of each act in the AWS console: the key's generation, the plan it is in, and its name. */
const ROWS: readonly (readonly [name: string, acts: readonly Act[], expected: Readonly<Record<string, unknown>>])[] = [
  ['deletes the live key: the next is made', [{ do: 'delete key by hand' }], { generation: 3, plan: 'free' }],
  ['disables the key: the next is made', [{ do: 'disable key by hand' }], { generation: 3, plan: 'free' }],
  ['renames the key: it is named back', [{ do: 'rename key by hand' }], { generation: 2, plan: 'free', isNamed: true }],
  [
    'renames an imported key: it is named back',
    [{ do: 'import', key: 'h1' }, { do: 'rename key by hand' }],
    { id: 'h1', plan: 'free', isNamed: true },
  ],
  ['disables the user: the key is in no plan', [{ do: 'disable user' }], { generation: 2, plan: null }],
  [
    'enables the user again: the same key is back',
    [{ do: 'disable user' }, { do: 'sweep' }, { do: 'enable user' }],
    { generation: 2, plan: 'free' },
  ],
  ['edits the plan: nothing changes', [{ do: 'edit plan by hand', plan: 'pro' }], { generation: 2, plan: 'free' }],
  ["removes a plan's tag: nothing changes", [{ do: 'untag plan', plan: 'free' }], { generation: 2, plan: 'free' }],
  ['duplicates a plan: nothing changes', [{ do: 'duplicate plan', plan: 'free' }], { generation: 2, plan: 'free' }],
  [
    'tags it again: as if nothing had been',
    [{ do: 'untag plan', plan: 'free' }, { do: 'sweep' }, { do: 'tag plan again', plan: 'free' }],
    { generation: 2, plan: 'free' },
  ],
  [
    'puts the key into another plan: it stays',
    [{ do: 'put key into foreign plan' }],
    { generation: 2, plan: 'partners' },
  ],
  [
    'takes it out of there: it is put back',
    [{ do: 'put key into foreign plan' }, { do: 'sweep' }, { do: 'take key out of foreign plan' }],
    { generation: 2, plan: 'free' },
  ],
  ['deletes the user: no key is left', [{ do: 'delete user' }], { generation: null, plan: null }],
];

describe('somebody in the AWS console', () => {
  const tally = new Tally();
  beforeAll(() => Logger.overrideLogger(false));
  afterAll(() => show(tally.table('the console, with a fault at every call of the sweep after it')));

  it.each(ROWS)('%s', async (_name, acts, expected) => {
    expect(await after([...BEGUN, ...acts])).toMatchObject(expected);
  });

  it(
    'and a fault in the sweep after it break no promise',
    async () => {
      const faults = FAULT_KINDS.flatMap((kind) =>
        Array.from({ length: LAST_CALL }, (_, n) => ({ kind, call: n + 1 })),
      );
      const cases = ROWS.flatMap(([, acts]) =>
        faults.map((fault) => [...BEGUN, ...acts, { do: 'sweep', fault } as const]),
      );
      for (const history of cases.filter((_, n) => n % STRIDE === 0)) {
        tally.add(history, WORLD, await new Run(WORLD).play(history));
      }
      expect(tally.violations()).toEqual([]);
    },
    minutes(5),
  );
});

const WORLD = { ...TIMELY, seed: 7 };

/** The customer's key once a sweep has come by, and all has come to rest. */
async function after(history: readonly Step[]): Promise<Readonly<Record<string, unknown>>> {
  const run = new Run(WORLD);
  const { violations } = await run.play(history);
  expect(violations).toEqual([]);
  return keyOf(run);
}

function keyOf({ cloud, watched }: RunType) {
  const { belongings } = watched[0] ?? {};
  const key = belongings?.current ?? null;
  return {
    id: key?.id,
    generation: key && cloud.made.get(key.id)?.generation,
    plan: (key && cloud.account.planOf.get(key.id)) ?? null,
    isNamed: key?.name.startsWith('turnpike.us-east-1_Abc123XyZ.') ?? false,
  };
}
