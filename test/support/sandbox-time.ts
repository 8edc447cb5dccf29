import { Clock } from '../../src/clock.js';
import type { Sandbox } from '../../src/sandbox/server.js';

/** The server's time is the sandbox's; waiting costs nothing but a turn of the event loop. */
export class SandboxTime extends Clock {
  constructor(private readonly sandbox: Sandbox) {
    super();
  }

  override now(): Date {
    return this.sandbox.clock.now();
  }

  override async sleep(milliseconds: number): Promise<void> {
    await super.sleep(Math.min(milliseconds, 20));
  }
}
