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

/** The UTC calendar day of a moment, `YYYY-MM-DD`. */
export function dayOf(moment: Date): string {
  return moment.toISOString().slice(0, 10);
}

@Module({ providers: [Clock], exports: [Clock] })
export class ClockModule {}
