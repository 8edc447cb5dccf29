import type { Clock } from '../../clock.js';

const MOST_FAILURES = 8;
const FIRST_REST_MILLISECONDS = 2000;
const MOST_REST_MILLISECONDS = 30_000;
/** A probe that has not come back by then is lost, and the next call is one. */
const PROBE_MILLISECONDS = 10_000;

/** The service is not asked just now: it has failed too often. Named and shaped as the SDK's own errors are. */
export class ServiceAwayError extends Error {
  override readonly name = 'ServiceUnavailableException';

  constructor(
    service: string,
    readonly retryAfterSeconds: string,
  ) {
    super(`${service} is away and is not asked just now`);
  }
}

export type BreakerState = 'closed' | 'half-open' | 'open';

/**
 * Leaves a service alone that answers nothing. It opens after eight failures with no answer between them, three of one
 * call at most; two seconds
 * later one call probes, and for each probe that fails too the rest doubles, up to half a minute. A call that is
 * throttled was answered: how fast to ask is the rates' business.
 */
export class Breaker {
  private phase: BreakerState = 'closed';
  private failures = 0;
  private restMilliseconds = 0;
  private until = 0;

  constructor(
    readonly service: string,
    private readonly clock: Clock,
  ) {}

  get isClosed(): boolean {
    return this.phase === 'closed';
  }

  /** What holds now: once the rest is over the next call tries, and it may be hours until somebody makes one. */
  get state(): BreakerState {
    return this.phase === 'open' && this.millisecondsLeft() <= 0 ? 'half-open' : this.phase;
  }

  /** @throws ServiceAwayError while the service is left alone. */
  check(): void {
    const milliseconds = this.isClosed ? 0 : this.millisecondsLeft();
    if (milliseconds <= 0) return;
    const told = this.phase === 'half-open' ? FIRST_REST_MILLISECONDS : milliseconds;
    throw new ServiceAwayError(this.service, String(Math.ceil(told / 1000)));
  }

  /** To be asked right before a call. Answers whether the call is the probe. */
  enter(): boolean {
    this.check();
    if (this.isClosed) return false;
    this.until = this.now() + PROBE_MILLISECONDS;
    this.phase = 'half-open';
    return true;
  }

  /** Whatever it said, it is there. */
  answered(): void {
    this.failures = 0;
    this.restMilliseconds = 0;
    this.phase = 'closed';
  }

  failed(isProbe: boolean): void {
    if (this.isClosed) this.failures += 1;
    const isEnough = this.isClosed && this.failures >= MOST_FAILURES;
    if (!isProbe && !isEnough) return; // else it was under way when the service was left alone, and says nothing new
    this.restMilliseconds = Math.min(
      Math.max(2 * this.restMilliseconds, FIRST_REST_MILLISECONDS),
      MOST_REST_MILLISECONDS,
    );
    this.until = this.now() + this.restMilliseconds;
    this.phase = 'open';
  }

  /** The caller's time was over before the service's: that says nothing, and the next call may probe. */
  abandoned(isProbe: boolean): void {
    if (isProbe) this.until = this.now();
  }

  private millisecondsLeft(): number {
    this.until = Math.min(this.until, this.now() + MOST_REST_MILLISECONDS); // whatever was done to the clock
    return this.until - this.now();
  }

  private now(): number {
    return this.clock.now().getTime();
  }
}
