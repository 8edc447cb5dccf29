import PQueue from 'p-queue';
import type { Clock } from '../../clock.js';
import type { RedisConnection } from '../../redis.js';
import type { Bottleneck } from './admission/admission.js';
import type { Place } from './place.js';

const LOCK = 'lane:usage-plan-keys';
/** How long the lane stays closed when a process dies in it. */
const LOCK_SECONDS = 3;
const POLL_MILLISECONDS = 20;
const WEIGHT = 0.2;
const FIRST_GUESS_MILLISECONDS = 100;

/** Lets one call after the other pass, in this process, and with Redis in all of them. */
export class SerialLane implements Bottleneck {
  readonly name = 'serial-lane';
  private readonly queue = new PQueue({ concurrency: 1 });
  private holder: Place | null = null;
  /** For one call, with and without what it waits for, as it has lately been. */
  private milliseconds = FIRST_GUESS_MILLISECONDS;
  private ownMilliseconds = FIRST_GUESS_MILLISECONDS;

  constructor(
    private readonly clock: Clock,
    private readonly redis: RedisConnection,
  ) {}

  /** How many calls wait here. */
  get length(): number {
    return this.queue.size;
  }

  get perSecond(): number {
    return 1000 / this.milliseconds;
  }

  get perSecondOfAll(): number {
    return 1000 / this.ownMilliseconds;
  }

  get available(): number {
    return this.queue.size + this.queue.pending > 0 ? 0 : 1;
  }

  /**
   * Other processes wait for the call alone, not for what it needs to be `ready`.
   * @throws what aborted the errand, when its deadline is over first.
   */
  run<T>(place: Place, ready: () => Promise<void>, call: () => Promise<T>): Promise<T> {
    this.holder?.moveAhead(place.priority);
    return place.in(this.queue, () => this.inTurn(place, ready, call));
  }

  private async inTurn<T>(place: Place, ready: () => Promise<void>, call: () => Promise<T>): Promise<T> {
    this.holder = place;
    const begunAt = this.clock.now().getTime();
    try {
      await ready();
      return await this.alone(place.errand.signal, call);
    } finally {
      if (this.holder === place) this.holder = null;
      this.milliseconds = this.learned(this.milliseconds, begunAt);
    }
  }

  private async alone<T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> {
    const release = await this.lock(signal);
    const begunAt = this.clock.now().getTime();
    try {
      return await call();
    } finally {
      await release();
      this.ownMilliseconds = this.learned(this.ownMilliseconds, begunAt);
    }
  }

  private learned(milliseconds: number, since: number): number {
    const took = Math.max(1, this.clock.now().getTime() - since);
    return milliseconds + (took - milliseconds) * WEIGHT;
  }

  private async lock(signal: AbortSignal): Promise<() => Promise<void>> {
    for (;;) {
      signal.throwIfAborted();
      const lock = await this.redis.lock(LOCK, LOCK_SECONDS);
      if (lock === null) return async () => {};
      if (lock !== 'held') return () => lock.release();
      await this.clock.sleep(POLL_MILLISECONDS * (0.5 + this.clock.chance()));
    }
  }
}
