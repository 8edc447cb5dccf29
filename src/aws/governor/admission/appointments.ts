import { LRUCache } from 'lru-cache';
import { roomFor } from '../../../cache-options.js';

const MOST_PEOPLE = 10_000;
export const MOST_SECONDS_TOLD = 600;
/** An answer of whole seconds is rounded up, and clocks differ. */
export const EARLY_SECONDS = 1;
/** As long as what was let in may take. */
export const AGAIN_SECONDS = 10;
/** Whoever does not come has no appointment any more. */
export const LATE_SECONDS = 60;

/**
 * When those who were sent away are to come back: one after the other, and whoever asks earlier is told the same again. Times
 * in seconds since 1970.
 */
export class Appointments {
  private readonly times = new LRUCache<string, number>(roomFor(MOST_PEOPLE));
  private latest = 0;

  /** Whether somebody is still to come. */
  areOpen(now: number): boolean {
    return this.latest > now;
  }

  /** Whether this one was told a time, and may still come. */
  has(who: string, now: number): boolean {
    return this.timeOf(who, now) !== undefined;
  }

  /** Whether it is this one's turn. */
  isDue(who: string, now: number): boolean {
    const time = this.timeOf(who, now);
    return time !== undefined && time <= now + EARLY_SECONDS;
  }

  /** After all others, and not before `earliest`; one whose time has come is put off till then. */
  make(who: string, { now, earliest, each }: { now: number; earliest: number; each: number }): number {
    const known = this.timeOf(who, now);
    if (known !== undefined && known > now + EARLY_SECONDS) return known;
    const after = known === undefined ? Math.max(this.latest, earliest) : earliest;
    const time = Math.min(after + each, now + MOST_SECONDS_TOLD);
    this.latest = Math.max(this.latest, time);
    this.times.set(who, time);
    return time;
  }

  /** One was let in. In a crowd another request of theirs is to come when this one is done, and takes nobody's turn meanwhile. */
  begun(who: string, now: number): void {
    if (this.areOpen(now)) this.times.set(who, now + AGAIN_SECONDS);
    else this.times.delete(who);
  }

  private timeOf(who: string, now: number): number | undefined {
    const time = this.times.get(who);
    return time === undefined || time + LATE_SECONDS < now ? undefined : time;
  }
}
