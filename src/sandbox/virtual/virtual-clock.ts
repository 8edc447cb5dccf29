import { SandboxClock } from '../sandbox-clock.js';

/** Of the event loop: after so many, all that goes on without waiting has come to where it waits. */
const TURNS = 5;

interface Sleeper {
  readonly until: number;
  readonly wake: () => void;
}

/**
 * Time that passes only when everybody sleeps: hours take as long as the work in them, and every run is the same. It has all
 * that the product asks of a clock.
 */
export class VirtualClock extends SandboxClock {
  private at = Date.parse('2026-11-10T08:00:00Z');
  /** Who wakes first is last; of two at the same time the later one wakes later. */
  private readonly sleepers: Sleeper[] = [];
  private throws = 0;

  override now(): Date {
    return new Date(this.at);
  }

  sleep(milliseconds: number): Promise<void> {
    const until = this.at + milliseconds;
    return new Promise((wake) => this.sleepers.splice(this.placeOf(until), 0, { until, wake }));
  }

  /** The same every time, and spread evenly. */
  chance(): number {
    this.throws += 1;
    return (this.throws * 0.618) % 1;
  }

  /** Lets time pass until the work is done. */
  async run<T>(work: Promise<T>): Promise<T> {
    let isDone = false;
    const done = () => {
      isDone = true;
    };
    work.then(done, done);
    for (;;) {
      for (let turn = 0; turn < TURNS; turn++) await new Promise((resolve) => setImmediate(resolve));
      if (isDone) return work;
      const next = this.sleepers.pop();
      if (!next) throw new Error('Nobody sleeps, so nothing will ever happen');
      this.at = Math.max(this.at, next.until);
      next.wake();
    }
  }

  /** Thousands sleep at once: the place is found by halves. */
  private placeOf(until: number): number {
    let [from, to] = [0, this.sleepers.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((this.sleepers[middle]?.until ?? 0) > until) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}
