import { setTimeout as delay } from 'node:timers/promises';
import { Module } from '@nestjs/common';

/** Time and chance as the product sees them; tests put their own in. */
export class Clock {
  now(): Date {
    return new Date();
  }

  /** Whole seconds since 1970. */
  seconds(): number {
    return Math.floor(this.now().getTime() / 1000);
  }

  async sleep(milliseconds: number): Promise<void> {
    await delay(milliseconds);
  }

  /** A number in [0, 1), for jitter. */
  chance(): number {
    return Math.random();
  }
}

const DAY_MILLISECONDS = 86_400_000;
/** The last day that was asked for: nearly always it is today, and writing a date takes longer than comparing it. */
let lastDay = { number: Number.NaN, text: '' };

/** The UTC calendar day of a moment, `YYYY-MM-DD`. */
export function dayOf(moment: Date): string {
  const number = Math.floor(moment.getTime() / DAY_MILLISECONDS);
  if (number !== lastDay.number) lastDay = { number, text: moment.toISOString().slice(0, 10) };
  return lastDay.text;
}

/** The day so many days after that one; a negative number is before it. */
export function dayAfter(day: string, days: number): string {
  return dayOf(new Date(Date.parse(day) + days * DAY_MILLISECONDS));
}

@Module({ providers: [Clock], exports: [Clock] })
export class ClockModule {}
