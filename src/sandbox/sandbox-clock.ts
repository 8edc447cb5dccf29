import { UnacceptableInput } from './control-input.js';

const MOST_YEARS = 100; // much later, and dates have more than four digits for the year, or are none
const MOST_MILLISECONDS = MOST_YEARS * 366 * 86_400_000;

/** The sandbox's time: the machine's, plus what `/_sandbox/clock` moved it forward. */
export class SandboxClock {
  private offset = 0;

  now(): Date {
    return new Date(Date.now() + this.offset);
  }

  /** Seconds since 1970, as tokens and AWS timestamps count. */
  seconds(): number {
    return Math.floor(this.now().getTime() / 1000);
  }

  forward(seconds: number): void {
    const offset = this.offset + seconds * 1000;
    if (!(offset <= MOST_MILLISECONDS))
      throw new UnacceptableInput(`The clock moves on by ${MOST_YEARS} years in all; a reset sets it right.`);
    this.offset = offset;
  }

  reset(): void {
    this.offset = 0;
  }
}
