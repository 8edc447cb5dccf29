import { describe, expect, it } from '@jest/globals';
import { firstDay, nextPeriodStart } from './quota-period.js';

describe('the period of a quota, in UTC', () => {
  it.each([
    ['DAY', '2026-11-21T23:59:59.999Z', '2026-11-21', '2026-11-22T00:00:00.000Z'],
    ['DAY', '2026-12-31T00:00:00.000Z', '2026-12-31', '2027-01-01T00:00:00.000Z'],
    ['WEEK', '2026-11-22T23:00:00.000Z', '2026-11-16', '2026-11-23T00:00:00.000Z'], // a Sunday belongs to the week before
    ['WEEK', '2026-11-23T00:00:00.000Z', '2026-11-23', '2026-11-30T00:00:00.000Z'],
    ['WEEK', '2027-01-01T12:00:00.000Z', '2026-12-28', '2027-01-04T00:00:00.000Z'],
    ['MONTH', '2026-11-01T00:00:00.000Z', '2026-11-01', '2026-12-01T00:00:00.000Z'],
    ['MONTH', '2026-12-31T23:59:59.999Z', '2026-12-01', '2027-01-01T00:00:00.000Z'],
    ['MONTH', '2028-02-29T12:00:00.000Z', '2028-02-01', '2028-03-01T00:00:00.000Z'],
  ] as const)('a %s that holds %s began on %s and is over at %s', (period, moment, began, over) => {
    expect(firstDay(period, new Date(moment))).toBe(began);
    expect(nextPeriodStart(period, new Date(moment)).toISOString()).toBe(over);
  });
});
