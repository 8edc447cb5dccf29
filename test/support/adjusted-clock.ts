import { Clock } from '../../src/clock.js';

/** A clock as it reads once somebody has set it right: it had been ahead, and time goes by as before. */
export class AdjustedClock extends Clock {
  private milliseconds = 0;

  constructor(private readonly time: Clock) {
    super();
  }

  setBack(seconds: number): void {
    this.milliseconds += seconds * 1000;
  }

  override now(): Date {
    return new Date(this.time.now().getTime() - this.milliseconds);
  }

  override sleep(milliseconds: number): Promise<void> {
    return this.time.sleep(milliseconds);
  }

  override chance(): number {
    return this.time.chance();
  }
}
