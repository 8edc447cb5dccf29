import { describe, expect, it } from '@jest/globals';
import { Clock } from '../../clock.js';
import type { Customer } from '../customer.js';
import type { OwnKey } from '../reconcile/key-ring.js';
import { SubscriptionState } from '../subscription.model.js';
import { FleetIndex } from './fleet-index.js';

const EARLY = new Date('2026-11-10T12:00:00Z');
const LATE = new Date('2026-11-10T12:01:00Z');

function customer(sub: string): Customer {
  const user = { sub, username: sub, enabled: true, status: '', createdAt: EARLY, modifiedAt: EARLY, attributes: {} };
  const intent = { plan: null, isPlanSigned: false, suspension: null, grant: null, floor: null, key: null };
  const ring = { keys: [], current: null, overlapping: null, surplus: [], holder: null, nextGeneration: 1 };
  const ledger = { until: 0, pair: null, overlap: null, entries: [], untold: null };
  const desired = { sub, username: sub, user, isGone: false, isToBeDeleted: false, ...intent };
  return { desired, ring: { ...ring, ledger }, plan: null, state: null };
}

const listing = (asOf: Date, ...subs: string[]) => ({
  asOf,
  customers: subs.map(customer),
  departed: [],
  owners: new Map(),
  isComplete: true,
});

it('keeps the later of two listings, whichever ends first', () => {
  const index = new FleetIndex(new Clock());
  index.replace(listing(LATE, 'ada', 'bob'));
  index.replace(listing(EARLY, 'ada'));
  expect(index.latest?.asOf).toEqual(LATE);
  expect(index.all().map(({ desired }) => desired.sub)).toEqual(['ada', 'bob']);
});

describe('of a customer whose work did not come to its end', () => {
  const unfinished = { ...customer('ada'), state: SubscriptionState.PROVISIONING };
  const withKeys = (...generations: number[]): Customer => {
    const { ring, ...ada } = customer('ada');
    return { ...ada, ring: { ...ring, keys: generations.map((generation) => ({ generation }) as OwnKey) } };
  };
  const at = (moment: Date) => ({ now: () => moment }) as Clock;
  const shown = (index: FleetIndex) => {
    const [ada] = [...index.evenDeparted()];
    return { state: ada?.state, generations: ada?.ring.keys.map(({ generation }) => generation) };
  };

  it.each([
    ['as listed before', (index: FleetIndex) => index.replace({ ...listing(EARLY), customers: [withKeys(1)] })],
    ['as this process left them, though nothing was listed', (index: FleetIndex) => index.put(withKeys(1))],
    [
      'as listed, of a user who is gone',
      (index: FleetIndex) => index.replace({ ...listing(EARLY), departed: [withKeys(1)] }),
    ],
  ])('keeps the keys: %s', (_, know) => {
    const index = new FleetIndex(at(LATE));
    know(index);
    index.putUnfinished(unfinished);
    if (!index.latest) index.replace(listing(EARLY, 'ada'));
    expect(shown(index)).toEqual({ state: 'PROVISIONING', generations: [1] });
  });

  it('takes the keys of a listing that began after they were seen last, and ends after the work', () => {
    const index = new FleetIndex(at(LATE));
    index.replace({ ...listing(EARLY), customers: [withKeys(1)] });
    index.putUnfinished(unfinished);
    index.replace({ ...listing(LATE), customers: [withKeys(2, 1)] });
    expect(shown(index)).toEqual({ state: 'PROVISIONING', generations: [2, 1] });
  });
});
