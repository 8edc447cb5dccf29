import { beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import {
  LateReportsBelieved,
  NoCeiling,
  NoLedgerCarried,
  NoSecondReading,
  NothingDetached,
  NothingRetired,
  NothingWrittenOnLeaving,
  RandomValues,
  RecordTakenForDeed,
  RetiredKeyReused,
} from './broken.js';
import { type Flavour, generate } from './generate.js';
import { greedy, LAG_SECONDS, TRICKS } from './greedy.js';
import type { Invariant } from './invariants.js';
import type { Variant } from './product.js';
import { run, type Settings } from './run.js';

/** How many seeds may pass before the fault is noticed: it must be easy to notice. */
const MOST_SEEDS = 200;

beforeAll(() => Logger.overrideLogger(false));

describe('the suite notices', () => {
  it.each<[string, Variant, Flavour, Invariant]>([
    ['keys that have random values', { KeyIdentity: RandomValues }, 'races', 'I1'],
    ['a desired state that is read once only', { DesiredState: NoSecondReading }, 'races', 'I2'],
    ['a ledger that is not carried to the next key', { Keyring: NoLedgerCarried }, 'quiet', 'quota'],
    ['keys that are not retired', { Keyring: NothingRetired }, 'quiet', 'I2'],
    ['a retired key that is used again', { Keyring: RetiredKeyReused }, 'quiet', 'I2'],
    ['calls that are not written down when a plan is left', { Allowance: NothingWrittenOnLeaving }, 'quiet', 'quota'],
    ['remaining calls that are not set', { Allowance: NoCeiling }, 'quiet', 'quota'],
    ['a record that is taken for the deed', { Allowance: RecordTakenForDeed }, 'faults', 'quota'],
    ['keys that are not taken out of a plan', { Placement: NothingDetached }, 'quiet', 'I2'],
  ])('%s', async (_name, variant, flavour, invariant) => {
    expect(await isNoticed(variant, flavour, invariant)).toBe(true);
  });

  it('late reports that are believed', async () => {
    const world = { countersSurviveDetach: true, usageOutlivesDetach: true, reportsIdleDays: false };
    const settings: Settings = {
      ...world,
      seed: 3,
      lagSeconds: LAG_SECONDS,
      variant: { Allowance: LateReportsBelieved },
    };
    const { violations } = await run(greedy(TRICKS['rotating the key'] ?? [], 61, 12), settings);
    expect(violations).toContainEqual(expect.objectContaining({ invariant: 'quota' }));
  });
});

it('a seed gives the same history and the same course of events', async () => {
  const { history, settings } = generate('races', 11);
  const [first, second] = [await run(history, settings), await run(history, settings)];
  expect(generate('races', 11).history).toEqual(history);
  expect(second.trace).toEqual(first.trace);
});

async function isNoticed(variant: Variant, flavour: Flavour, invariant: Invariant): Promise<boolean> {
  for (let seed = 1; seed <= MOST_SEEDS; seed++) {
    const { history, settings } = generate(flavour, seed);
    const { violations } = await run(history, { ...settings, variant });
    if (violations.some((violation) => violation.invariant === invariant)) return true;
  }
  return false;
}
