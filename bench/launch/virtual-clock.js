import { setImmediate as turn } from 'node:timers/promises';
import { Clock } from '../../dist/clock.js';

const TURNS = 5;

/** Time that passes only when everybody waits: minutes take as long as the work in them, and a busy machine changes nothing. */
export class VirtualClock extends Clock {
  #at = Date.parse('2026-11-10T08:00:00Z');
  /** Who wakes first is last; of two at the same time the later one wakes later. */
  #sleepers = [];
  #throws = 0;

  now() {
    return new Date(this.#at);
  }

  sleep(milliseconds) {
    const until = this.#at + milliseconds;
    return new Promise((wake) => {
      const sleepers = this.#sleepers;
      let [from, to] = [0, sleepers.length];
      while (from < to) {
        const middle = (from + to) >> 1;
        if (sleepers[middle].until > until) from = middle + 1;
        else to = middle;
      }
      sleepers.splice(from, 0, { until, wake });
    });
  }

  /** The same every time, and spread evenly. */
  chance() {
    this.#throws += 1;
    return (this.#throws * 0.618) % 1;
  }

  /** Lets time pass until the work is done. */
  async run(work) {
    let isDone = false;
    const done = () => {
      isDone = true;
    };
    work.then(done, done);
    for (;;) {
      for (let i = 0; i < TURNS; i++) await turn(); // all that goes on without waiting comes to where it waits
      if (isDone) return work;
      const next = this.#sleepers.pop();
      if (!next) throw new Error('Nobody waits, so nothing will ever happen');
      this.#at = Math.max(this.#at, next.until);
      next.wake();
    }
  }
}
