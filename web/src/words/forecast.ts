/** What of `Usage` a forecast needs. */
export interface Counted {
  readonly limit: number | null;
  readonly used: number;
  readonly remaining: number | null;
  readonly periodStart: string | null;
  readonly resetsAt: string | null;
  readonly asOf: string;
  readonly daily: readonly { readonly date: string; readonly used: number }[];
}

export type Forecast =
  /** There is no quota to run out of. */
  | { readonly kind: 'unlimited' }
  | { readonly kind: 'usedUp' }
  | { readonly kind: 'noCalls' }
  /** Too little of the period has gone by to say. */
  | { readonly kind: 'tooEarly' }
  | { readonly kind: 'runsOut'; readonly at: Date }
  | { readonly kind: 'lasts'; readonly atReset: number };

const DAY = 86_400_000;
/** The pace is that of the last week: somebody who began to call yesterday is not slowed down by a quiet month. */
const WINDOW = 7 * DAY;
const EARLY_SHARE = 1 / 30;
/** Whoever has used so much so early is told all the same. */
const MUCH_SHARE = 0.25;

/** Where the calls of the period lead at the pace of late. */
export function forecast(usage: Counted): Forecast {
  const { limit, used, remaining, periodStart, resetsAt } = usage;
  if (limit === null || remaining === null || periodStart === null || resetsAt === null) return { kind: 'unlimited' };
  if (remaining === 0) return { kind: 'usedUp' };
  if (used === 0) return { kind: 'noCalls' };
  const [start, end, now] = [Date.parse(periodStart), Date.parse(resetsAt), Date.parse(usage.asOf)];
  if (now - start < (end - start) * EARLY_SHARE && used < limit * MUCH_SHARE) return { kind: 'tooEarly' };
  const pace = pacePerMillisecond(usage, start, now);
  const runsOutAt = now + remaining / pace;
  if (runsOutAt < end) return { kind: 'runsOut', at: new Date(runsOutAt) };
  return { kind: 'lasts', atReset: Math.min(limit, Math.round(used + pace * (end - now))) };
}

/** Over the last week, or since the period began. */
function pacePerMillisecond({ used, daily }: Counted, start: number, now: number): number {
  const from = Math.max(start, Math.floor((now - WINDOW) / DAY) * DAY + DAY);
  const late = from === start ? used : sum(daily.filter(({ date }) => Date.parse(date) >= from).map((day) => day.used));
  return late / Math.max(now - from, DAY / 24);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
