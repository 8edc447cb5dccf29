import { expect, it } from '@jest/globals';
import { Clock } from '../../clock.js';
import type { Customer } from '../customer.js';
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
