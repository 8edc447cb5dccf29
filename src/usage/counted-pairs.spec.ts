import { expect, it } from '@jest/globals';
import { Plan, Quota } from '../plans/plan.model.js';
import { Secret } from '../secret.js';
import { EMPTY_LEDGER } from '../subscriptions/ledger/ledger.js';
import { callsInPeriod } from './counted-pairs.js';

const noon = new Date('2026-11-10T12:00:00Z');
const NOW = { date: noon, seconds: noon.getTime() / 1000, lagSeconds: 0 };

const free = new Plan({
  id: 'p1',
  code: 'free',
  title: 'Free',
  description: null,
  price: null,
  selfService: true,
  retired: false,
  quota: new Quota(100, 'MONTH'),
  throttle: null,
  order: 0,
});
const key = {
  id: 'k1',
  name: 'turnpike.pool.sub.000001',
  description: '',
  enabled: true,
  username: 'ada',
  createdAt: noon,
  changedAt: noon,
  value: new Secret('v'),
  generation: 1,
};

/** Thirty calls of a hundred are reported; ten seconds ago a grant made a hundred and twenty of the seventy left. */
function usedAsKnownUntil(seconds: number): number {
  const pair = {
    plan: 'free',
    period: null,
    basis: 150,
    used: 30,
    certain: 30,
    set: 120,
    at: NOW.seconds - 10,
    pending: false,
  };
  const days = [{ date: '2026-11-10', used: 30, remaining: 70 }];
  return callsInPeriod([{ plan: free, key, slot: 'pair', days }], { ...EMPTY_LEDGER, pair }, free, NOW, seconds);
}

it('takes no call for made because a report is from before more calls were given', () => {
  expect(usedAsKnownUntil(NOW.seconds - 60)).toBe(30);
});

it('believes what a later report says to be left', () => {
  expect(usedAsKnownUntil(NOW.seconds)).toBe(80);
});
