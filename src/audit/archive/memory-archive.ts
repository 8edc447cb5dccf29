import { randomUUID } from 'node:crypto';
import type { AuditEvent } from '../audit-event.js';
import { AuditArchive, type KeptEvent, UnknownPositionError } from './audit-archive.js';

const MOST_EVENTS = 1000;

/** The last thousand events of this process, for where there is no file. */
export class MemoryArchive extends AuditArchive {
  readonly name = 'memory';
  private readonly life = randomUUID();
  private readonly events: { readonly event: AuditEvent; readonly number: number }[] = [];
  private count = 0;

  async write(event: AuditEvent): Promise<void> {
    this.events.push({ event, number: ++this.count });
    if (this.events.length > MOST_EVENTS) this.events.shift();
  }

  async *newestFirst(before: string | null): AsyncGenerator<KeptEvent> {
    const limit = before === null ? Number.POSITIVE_INFINITY : this.numberOf(before);
    for (const { event, number } of [...this.events].reverse()) {
      if (number < limit) yield { event, position: `${number}.${this.life}` };
    }
  }

  private numberOf(position: string): number {
    const [, number, life] = /^(\d{1,15})\.(.*)$/.exec(position) ?? [];
    if (life !== this.life) throw new UnknownPositionError();
    return Number(number);
  }
}
