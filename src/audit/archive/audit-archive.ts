import type { AuditEvent } from '../audit-event.js';
import { AuditSink } from '../audit-sink.js';

/** An event, and where it stands: to be given back to the archive that said it, to go on from there. */
export interface KeptEvent {
  readonly event: AuditEvent;
  readonly position: string;
}

/** A sink that can be read as well. */
export abstract class AuditArchive extends AuditSink {
  /**
   * What came before that position, null for all of it; the newest first. `about` leaves out, where that is cheap, what
   * does not hold that text. @throws UnknownPositionError for a position that this archive did not say.
   */
  abstract newestFirst(before: string | null, about: string | null): AsyncIterable<KeptEvent>;
}

export class UnknownPositionError extends Error {}
