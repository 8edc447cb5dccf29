export interface Day {
  /** `2026-11-21`, in UTC. */
  readonly date: string;
  readonly used: number;
  /** With all days before it that are shown. */
  readonly soFar: number;
}

const DAY = 86_400_000;

/** Every day from the first to the last, those without calls too. */
export function daysOf(
  from: string,
  to: string,
  daily: readonly { readonly date: string; readonly used: number }[],
): readonly Day[] {
  const calls = new Map(daily.map(({ date, used }) => [date, used]));
  const length = Math.round((Date.parse(to) - Date.parse(from)) / DAY) + 1;
  let soFar = 0;
  return Array.from({ length }, (_, index) => {
    const date = isoDay(Date.parse(from) + index * DAY);
    const used = calls.get(date) ?? 0;
    soFar += used;
    return { date, used, soFar };
  });
}

export function isoDay(moment: number | string): string {
  return new Date(moment).toISOString().slice(0, 10);
}

/** The last thirty days, today with them. */
export function lastThirty(asOf: string): { readonly from: string; readonly to: string } {
  return { from: isoDay(Date.parse(asOf) - 29 * DAY), to: isoDay(asOf) };
}

/** From the period's first day to its last. */
export function periodDays(periodStart: string, resetsAt: string): { readonly from: string; readonly to: string } {
  return { from: isoDay(periodStart), to: isoDay(Date.parse(resetsAt) - DAY) };
}

/** Round numbers from 0 to one that is not below `most`. */
export function ticks(most: number): readonly number[] {
  const rough = Math.max(most, 1) / 4;
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, [1, 2, 2.5, 5, 10].map((factor) => factor * size).find((one) => one >= rough) ?? rough);
  const steps = Math.ceil(Math.max(most, 1) / step);
  return Array.from({ length: steps + 1 }, (_, index) => index * step);
}
