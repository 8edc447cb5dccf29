import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '../clock.js';
import { describeFault } from '../log.js';
import { Metrics } from '../metrics.js';
import { AuditArchive } from './archive/audit-archive.js';
import type { AuditEvent } from './audit-event.js';
import { type AuditSink, LogSink } from './audit-sink.js';

const PATIENCE_MILLISECONDS = 5000;
const QUIET_SECONDS = 60;

/** Hands every event to all sinks. One that fails, or is stuck, holds up no mutation, and is not passed over in silence. */
@Injectable()
export class AuditTrail {
  private readonly logger = new Logger(AuditTrail.name);
  private readonly complainedAt = new Map<string, number>();

  constructor(
    private readonly log: LogSink,
    private readonly archive: AuditArchive,
    private readonly metrics: Metrics,
    private readonly clock: Clock,
  ) {}

  async record(event: AuditEvent): Promise<void> {
    await Promise.all([this.log, this.archive].map((sink) => this.write(sink, event)));
  }

  private async write(sink: AuditSink, event: AuditEvent): Promise<void> {
    try {
      await inTime(sink.write(event));
    } catch (error) {
      this.complain(sink.name, error);
    }
  }

  private complain(sink: AuditSink['name'], error: unknown): void {
    this.metrics.auditFailures.inc({ sink });
    const now = this.clock.seconds();
    if (now - (this.complainedAt.get(sink) ?? Number.NEGATIVE_INFINITY) < QUIET_SECONDS) return;
    this.complainedAt.set(sink, now);
    this.logger.error({ message: `Audit events are not reaching the ${sink}`, sink, fault: describeFault(error) });
  }
}

/** @throws when a disk does not answer; the write goes on in its own time. */
async function inTime(writing: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('It took more than five seconds')), PATIENCE_MILLISECONDS);
  });
  try {
    await Promise.race([writing, late]);
  } finally {
    clearTimeout(timer);
  }
}
