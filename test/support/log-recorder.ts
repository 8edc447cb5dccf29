import type { LoggerService } from '@nestjs/common';

/** Keeps what the server logs, so that a test can look for what must or must not be there. */
export class LogRecorder implements LoggerService {
  readonly lines: string[] = [];

  readonly log = (...parts: unknown[]): void => void this.lines.push(JSON.stringify(parts));
  readonly error = this.log;
  readonly warn = this.log;
  readonly debug = this.log;
  readonly verbose = this.log;
  readonly fatal = this.log;

  get text(): string {
    return this.lines.join('\n');
  }
}
