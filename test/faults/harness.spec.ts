import { beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { TIMELY } from './counters.js';
import { greedy, LAG_SECONDS, TRICKS } from './greedy.js';
import { type Flavour, taleOf } from './histories.js';
import type { Step } from './history.js';
import type { Invariant } from './invariants.js';
import type { Variant } from './product.js';
import type { Settings } from './settings.js';

const broken = await import('./broken.js');
const { keysLeftByASweep } = await import('./brake.js');
const { run } = await import('./run.js');

/** How many seeds may pass before the fault is noticed: it must be easy to notice. */
const MOST_SEEDS = 200;
const NOBODY_LISTED: readonly Step[] = [
  { do: 'subscribe', plan: 'free' },
  { do: 'wait', seconds: 100 },
  { do: 'sweep', fault: { call: 1, kind: 'nothing listed' } },
];
const IMPORTED: readonly Step[] = [
  { do: 'subscribe', plan: 'free' },
  { do: 'call', times: 60 },
  { do: 'rotate', graceSeconds: 0 },
  { do: 'import', key: 'h1' },
];
const DELETED: readonly Step[] = [{ do: 'subscribe', plan: 'free' }, { do: 'delete for good' }];
const SUSPENDED_TWICE: readonly Step[] = [
  { do: 'suspend' },
  { do: 'both', acts: [{ do: 'reveal' }, { do: 'resume' }], callsInFlight: 0 },
  { do: 'suspend' },
];
const SUSPENDED_AT_LAST: readonly Step[] = [
  { do: 'subscribe', plan: 'free' },
  { do: 'call', times: 60 },
  { do: 'rotate', graceSeconds: 0 },
  { do: 'call', times: 100 },
  { do: 'suspend' },
];
const GRANTED: readonly Step[] = [
  { do: 'subscribe', plan: 'free' },
  { do: 'grant', calls: 50 },
];
const RACED: readonly Step[] = [
  { do: 'subscribe', plan: 'free' },
  { do: 'call', times: 10 },
  { do: 'both', acts: [{ do: 'reveal' }, { do: 'rotate', graceSeconds: 0 }], callsInFlight: 0 },
];

beforeAll(() => Logger.overrideLogger(false));

describe('the suite notices', () => {
  it.each<[string, Variant, Flavour | readonly Step[], Invariant]>([
    ['keys that have random values', { KeyIdentity: broken.RandomValues }, 'races', 'I1'],
    ['a desired state that is read once only', { DesiredState: broken.NoSecondReading }, 'races', 'I2'],
    ['a ledger that is not carried to the next key', { Keyring: broken.NoLedgerCarried }, 'quiet', 'quota'],
    ['keys that are not retired', { Keyring: broken.NothingRetired }, 'quiet', 'I2'],
    ['a retired key that is used again', { Keyring: broken.RetiredKeyReused }, 'quiet', 'I2'],
    ['a value that comes back', { Keyring: broken.RetiredValueRevived }, 'quiet', 'I4'],
    ['calls that are not written down on leaving', { Allowance: broken.NothingWrittenOnLeaving }, 'quiet', 'quota'],
    ['remaining calls that are not set', { Allowance: broken.NoCeiling }, 'quiet', 'quota'],
    ['the same of a customer who is suspended afterwards', { Allowance: broken.NoCeiling }, SUSPENDED_AT_LAST, 'quota'],
    ['remaining calls that are set too late', { Allowance: broken.CeilingPutOff }, 'quiet', 'quota'],
    ['a rest that is lost', { Allowance: broken.RestLost }, 'quiet', 'loss'],
    ['a rest that is lost in a race', { Allowance: broken.RestLost }, RACED, 'loss'],
    ['a rest that is lost while reports are late', { Allowance: broken.RestLost }, 'late reports', 'loss'],
    ['a grant that is not recorded', { DesiredState: broken.GrantForgotten }, GRANTED, 'I7'],
    ['a record that is taken for the deed', { Allowance: broken.RecordTakenForDeed }, 'faults', 'quota'],
    ['keys that are not taken out of a plan', { Placement: broken.NothingDetached }, 'quiet', 'I2'],
    ['keys that are put in before they are taken out', { Placement: broken.AttachedBeforeDetached }, 'quiet', 'I2'],
    ['absence that is taken for proof', { DesiredState: broken.AbsenceTakenForProof }, NOBODY_LISTED, 'I9'],
    ['an import that starts a new ledger', { Keyring: broken.ImportResetsTheLedger }, IMPORTED, 'quota'],
    ['a user who goes before the keys', { DesiredState: broken.UserDeletedBeforeTheKeys }, DELETED, 'I3'],
    ['a suspension by memory', { DesiredState: broken.SuspensionByOwnMemory }, SUSPENDED_TWICE, 'I7'],
  ])('%s', async (_name, variant, flavour, invariant) => {
    expect(await isNoticed(variant, flavour, invariant)).toBe(true);
  });

  it('a sweep without a brake', async () => {
    const [kept, lost] = [await keysLeftByASweep(), await keysLeftByASweep({ Sweeper: broken.NoBrake })];
    expect(kept).toEqual({ before: 12, after: 12 });
    expect(lost).toEqual({ before: 12, after: 0 });
  });

  it('late reports that are believed', async () => {
    const settings: Settings = {
      ...TIMELY,
      seed: 3,
      lagSeconds: LAG_SECONDS,
      variant: { Allowance: broken.LateReportsBelieved },
    };
    const { violations } = await run(greedy(TRICKS['rotating the key'] ?? [], 61, 12), settings);
    expect(violations).toContainEqual(expect.objectContaining({ invariant: 'quota' }));
  });
});

it('a seed gives the same history and the same course of events', async () => {
  const { history, settings } = taleOf('races', 11);
  const told = { ...settings, isTold: true };
  const [first, second] = [await run(history, told), await run(history, told)];
  expect(taleOf('races', 11).history).toEqual(history);
  expect(second.trace).toEqual(first.trace);
});

async function isNoticed(variant: Variant, course: Flavour | readonly Step[], invariant: Invariant): Promise<boolean> {
  for (let seed = 1; seed <= MOST_SEEDS; seed++) {
    const { history, settings } =
      typeof course === 'string' ? taleOf(course, seed) : { history: course, settings: { ...TIMELY, seed } };
    const { violations } = await run(history, { ...settings, variant });
    if (violations.some((violation) => violation.invariant === invariant)) return true;
  }
  return false;
}
