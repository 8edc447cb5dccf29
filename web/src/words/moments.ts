const LOCALE = 'en-GB';
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export const count = (number: number): string => number.toLocaleString('en');

/** A UTC day, as the counters of AWS have it: `1 December`. */
export const utcDay = (moment: string | Date): string => format(moment, { day: 'numeric', month: 'long' }, 'UTC');
export const utcDayShort = (moment: string | Date): string => format(moment, { day: 'numeric', month: 'short' }, 'UTC');
export const utcWeekday = (moment: string | Date): string =>
  format(moment, { weekday: 'long', day: 'numeric', month: 'long' }, 'UTC');
export const utcTime = (moment: string | Date): string => format(moment, { hour: '2-digit', minute: '2-digit' }, 'UTC');

/** In the time of whoever looks. */
export const day = (moment: string | Date): string =>
  format(moment, { day: 'numeric', month: 'long', year: 'numeric' });
export const time = (moment: string | Date): string => format(moment, { hour: '2-digit', minute: '2-digit' });
export const dayAndTime = (moment: string | Date): string =>
  format(moment, { weekday: 'short', day: 'numeric', month: 'long', hour: '2-digit', minute: '2-digit' });

/** The time alone is enough of today. */
export const timeAndDayUnlessToday = (moment: string | Date, now = new Date()): string =>
  day(moment) === day(now) ? time(moment) : dayAndTime(moment);

/** `2 h 14 min`, as exact as is of use. */
export function duration(milliseconds: number): string {
  if (milliseconds < MINUTE) return `${Math.max(0, Math.ceil(milliseconds / 1000))} s`;
  if (milliseconds < HOUR) return `${Math.floor(milliseconds / MINUTE)} min`;
  if (milliseconds < DAY) return joined(Math.floor(milliseconds / HOUR), 'h', milliseconds % HOUR, MINUTE, 'min');
  const days = Math.floor(milliseconds / DAY);
  return joined(days, days === 1 ? 'day' : 'days', milliseconds % DAY, HOUR, 'h');
}

function joined(whole: number, unit: string, rest: number, part: number, partUnit: string): string {
  const parts = Math.floor(rest / part);
  return parts === 0 ? `${whole} ${unit}` : `${whole} ${unit} ${parts} ${partUnit}`;
}

function format(moment: string | Date, options: Intl.DateTimeFormatOptions, timeZone?: string): string {
  return new Date(moment).toLocaleString(LOCALE, { ...options, ...(timeZone && { timeZone }) });
}
