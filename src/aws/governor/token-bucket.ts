import type { Rate } from './rates.js';

/** A rate kept: one number, the moment at which the bucket will be full again. `TAKE` in tokens.ts reckons alike. */
export class TokenBucket {
  private fullAt = 0;
  private readonly interval: number;

  constructor(readonly rate: Rate) {
    this.interval = 1000 / rate.perSecond;
  }

  /** Takes one token and answers 0, or takes none and answers how many milliseconds to wait before asking again. */
  take(now: number): number {
    const tokens = this.tokens(now);
    if (tokens < 1) return Math.ceil((1 - tokens) * this.interval);
    this.fullAt = now + (this.rate.burst - tokens + 1) * this.interval;
    return 0;
  }

  /** Somebody else has used up the rate: begin again with nothing. */
  drain(now: number): void {
    this.fullAt = now + this.rate.burst * this.interval;
  }

  /** A clock that was set back leaves the bucket empty, and it fills from then on. */
  tokens(now: number): number {
    this.fullAt = Math.min(this.fullAt, now + this.rate.burst * this.interval);
    return this.rate.burst - Math.max(0, this.fullAt - now) / this.interval;
  }
}
