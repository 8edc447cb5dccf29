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
    this.offset += seconds * 1000;
  }

  reset(): void {
    this.offset = 0;
  }
}
