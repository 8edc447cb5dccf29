import { Injectable, Logger } from '@nestjs/common';

/** One mutation and what came of it. Never holds a key's value, a token or free text of the caller. */
export interface AuditEvent {
  readonly actor: string;
  readonly mutation: string;
  /** What the mutation was about: plan codes and key ids. */
  readonly subject: Readonly<Record<string, string | number>>;
  /** The type answered, the code of a refusal, or FAULT. */
  readonly outcome: string;
}

/** Where audit events go. */
export abstract class AuditTrail {
  abstract record(event: AuditEvent): void;
}

/** One line of the log an event. */
@Injectable()
export class LogAuditTrail extends AuditTrail {
  private readonly logger = new Logger('Audit');

  record(event: AuditEvent): void {
    this.logger.log({ audit: event });
  }
}
