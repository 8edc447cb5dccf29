import { Injectable, Logger } from '@nestjs/common';
import { AUDIT } from '../log.js';
import type { AuditEvent } from './audit-event.js';

/** Somewhere that audit events go. */
export abstract class AuditSink {
  abstract readonly name: 'log' | 'file' | 'memory';

  /** Settled as soon as the event would outlive this process, as far as the sink can promise that at all. */
  abstract write(event: AuditEvent): Promise<void>;
}

/** One line of the log an event, at every `LOG_LEVEL`: `{"audit": …}`. */
@Injectable()
export class LogSink extends AuditSink {
  readonly name = 'log';
  private readonly logger = new Logger(AUDIT);

  async write(event: AuditEvent): Promise<void> {
    this.logger.log({ audit: event });
  }
}
