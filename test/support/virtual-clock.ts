import { Clock } from '../../src/clock.js';

interface Sleeper {
  readonly until: number;
  readonly wake: () => void;
}

/** Time that passes only when everybody sleeps: hours take no time, and every run is the same. */
export class VirtualClock extends Clock {
  private at = Date.parse('2026-11-10T08:00:00Z');
  private readonly sleepers: Sleeper[] = [];
  private throws = 0;

  /** `turns`: how many turns of the event loop it takes until all that goes on without waiting has come to where it waits. */
  constructor(private readonly turns = 1) {
    super();
  }

  override now(): Date {
    return new Date(this.at);
  }

  override sleep(milliseconds: number): Promise<void> {
    return new Promise((wake) => this.sleepers.push({ until: this.at + milliseconds, wake }));
  }

  /** The same every time, and spread evenly. */
  override chance(): number {
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
      for (let turn = 0; turn < this.turns; turn++) await new Promise((resolve) => setImmediate(resolve));
      if (isDone) return work;
      this.sleepers.sort((one, other) => one.until - other.until);
      const next = this.sleepers.shift();
      if (!next) throw new Error('Nobody sleeps, so nothing will ever happen');
      this.at = Math.max(this.at, next.until);
      next.wake();
    }
  }
}
