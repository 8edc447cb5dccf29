import type { Throttle } from '../tables.js';

/** Holds up to `burstLimit` tokens and gains `rateLimit` a second; each call takes one. */
export class TokenBucket {
  private tokens = Number.POSITIVE_INFINITY;
  private lastMilliseconds = 0;

  take({ rateLimit, burstLimit }: Throttle, nowMilliseconds: number): boolean {
    const rate = rateLimit ?? Number.POSITIVE_INFINITY;
    const burst = burstLimit ?? Math.max(1, rate);
    const gained = ((nowMilliseconds - this.lastMilliseconds) / 1000) * rate;
    this.tokens = Math.min(burst, this.tokens + (gained || 0));
    this.lastMilliseconds = nowMilliseconds;
    if (this.tokens < 1) return false;
    this.tokens -= 1;
    return true;
  }
}
