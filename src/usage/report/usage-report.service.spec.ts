import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { Clock } from '../../clock.js';
import type { CalendarDate } from '../../scalars.js';
import { UsageReports } from './usage-report.service.js';

const ASKED = { plan: 'free', from: '2026-11-01' as CalendarDate, to: '2026-11-30' as CalendarDate };

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

function reportsOf() {
  let read = 0;
  const reading = { read: async () => ({ asOf: new Date(), isComplete: true, rows: [], number: ++read }) };
  return new UsageReports(reading as never, { find: async () => ({ id: 'p1' }) } as never, new Clock());
}

it('keeps a report for a minute and then holds nothing of it, though nobody asks again', async () => {
  const reports = reportsOf();
  await reports.of(ASKED);
  jest.advanceTimersByTime(59_000);
  expect(await reports.of(ASKED)).toMatchObject({ number: 1 });
  expect(reports.held).toBe(1);
  jest.advanceTimersByTime(2000);
  expect(reports.held).toBe(0);
  expect(await reports.of(ASKED)).toMatchObject({ number: 2 });
});

it('holds nothing of it either where the timer goes off late, as timers do', async () => {
  const reports = reportsOf();
  await reports.of(ASKED);
  jest.setSystemTime(Date.now() + 5);
  jest.advanceTimersByTime(60_000);
  expect(reports.held).toBe(0);
});
