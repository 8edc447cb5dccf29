import type { Clock } from '../../clock.js';
import { type Errand, unlessAborted } from './errand.js';

const LOOK_MILLISECONDS = 100;
const CALL_MILLISECONDS = 10_000;

/** One call took longer than any may. Named as the SDK's own errors are. */
class CallTimeoutError extends Error {
  override readonly name = 'TimeoutError';
}

interface Limited {
  readonly deadline: number;
  giveUp(): void;
}

/** Gives errands and calls up when their deadline is over. Looks now and then while there are any; a timer for each would outlive it. */
export class Deadlines {
  private readonly watched = new Set<Limited>();
  private isLooking = false;

  constructor(private readonly clock: Clock) {}

  async during<T>(limited: Limited, work: () => Promise<T>): Promise<T> {
    this.watched.add(limited);
    if (!this.isLooking) void this.look();
    try {
      return await work();
    } finally {
      this.watched.delete(limited);
    }
  }

  /** For right before a call: a process that was paused may not have looked since. @throws what aborted the errand, when it is over. */
  check(errand: Errand): void {
    if (this.now() >= errand.deadline) errand.giveUp();
    errand.signal.throwIfAborted();
  }

  /**
   * One call of the errand. It has a time of its own too: the SDK's limits are for silence, and an answer that comes bit by
   * bit would keep an errand without a deadline for ever.
   */
  async call<T>(errand: Errand, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const end = new AbortController();
    const stop = () => end.abort(errand.signal.reason);
    const giveUp = () => end.abort(new CallTimeoutError('The answer took longer than ten seconds'));
    errand.signal.addEventListener('abort', stop, { once: true });
    if (errand.isOver) stop();
    try {
      const limited = { deadline: this.now() + CALL_MILLISECONDS, giveUp };
      return await this.during(limited, () => unlessAborted(call(end.signal), end.signal));
    } finally {
      errand.signal.removeEventListener('abort', stop); // the errand of a sweep makes thousands of calls
    }
  }

  private async look(): Promise<void> {
    this.isLooking = true;
    while (this.watched.size > 0) {
      await this.clock.sleep(LOOK_MILLISECONDS);
      const now = this.now();
      for (const limited of this.watched) if (now >= limited.deadline) limited.giveUp();
    }
    this.isLooking = false;
  }

  private now(): number {
    return this.clock.now().getTime();
  }
}
