import type { Clock } from '../../clock.js';
import type { Errand } from './errand.js';

const LOOK_MILLISECONDS = 100;

/** Gives errands up when their deadline is over. Looks now and then while there are any; a timer for each would outlive it. */
export class Deadlines {
  private readonly watched = new Set<Errand>();
  private isLooking = false;

  constructor(private readonly clock: Clock) {}

  async during<T>(errand: Errand, work: () => Promise<T>): Promise<T> {
    this.watched.add(errand);
    if (!this.isLooking) void this.look();
    try {
      return await work();
    } finally {
      this.watched.delete(errand);
    }
  }

  private async look(): Promise<void> {
    this.isLooking = true;
    while (this.watched.size > 0) {
      await this.clock.sleep(LOOK_MILLISECONDS);
      const now = this.clock.now().getTime();
      for (const errand of this.watched) if (now >= errand.deadline) errand.giveUp();
    }
    this.isLooking = false;
  }
}
