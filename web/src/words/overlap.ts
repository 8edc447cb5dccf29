/** How long a replaced key may go on working. */
export const OVERLAPS = ['none', 'hour', 'day', 'week', 'date'] as const;
export type Overlap = (typeof OVERLAPS)[number];

const HOUR = 3600;
const MOST_SECONDS = 2_592_000;
const SECONDS: Readonly<Record<Exclude<Overlap, 'date'>, number>> = {
  none: 0,
  hour: HOUR,
  day: 24 * HOUR,
  week: 7 * 24 * HOUR,
};

/** `until` is what a field for date and time holds, in local time. Null = it is no moment of the next thirty days. */
export function graceSeconds(overlap: Overlap, until: string, now: number): number | null {
  if (overlap !== 'date') return SECONDS[overlap];
  const seconds = Math.round((Date.parse(until) - now) / 1000);
  return seconds > 0 && seconds <= MOST_SECONDS ? seconds : null;
}
