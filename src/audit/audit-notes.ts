import { currentTrace, type RequestTrace } from '../request-trace.js';
import type { AuditState } from './audit-event.js';

/** What a service knows of the customer that it changes. */
export interface AuditNote {
  /** The sub of the customer; null where no customer is concerned. */
  readonly target: string | null;
  readonly before?: AuditState;
  readonly after?: AuditState;
  readonly keyIds?: readonly string[];
}

/** What has been noted of one mutation so far. */
export class OpenNotes {
  before: AuditState | null = null;
  after: AuditState | null = null;
  /** The type answered; null = none: the mutation was refused, or failed. */
  answered: string | null = null;
  /** Whether a service spoke of the target: then there is such a user. */
  isKnown = false;
  readonly keyIds = new Set<string>();

  constructor(readonly target: string | null) {}

  add({ target, before, after, keyIds = [] }: AuditNote): void {
    if (target !== this.target) return;
    this.isKnown = true;
    if (before) this.before = { ...this.before, ...before };
    if (after) this.after = { ...this.after, ...after };
    for (const id of keyIds) this.keyIds.add(id);
  }
}

const open = new WeakMap<RequestTrace, OpenNotes>();

/** From here on, what is noted while this request is answered belongs to its mutation. */
export function openNotes(trace: RequestTrace, target: string | null): OpenNotes {
  const notes = new OpenNotes(target);
  open.set(trace, notes);
  return notes;
}

export function notesOf(trace: RequestTrace | null): OpenNotes | null {
  return (trace && open.get(trace)) ?? null;
}

/**
 * For services: tells the audit trail what they know of the customer before and after a change; may be told bit by bit,
 * the latest counts. Does nothing in a query or a sweep, and nothing for anybody but whom the mutation is about.
 */
export function noteForAudit(note: AuditNote): void {
  notesOf(currentTrace())?.add(note);
}
