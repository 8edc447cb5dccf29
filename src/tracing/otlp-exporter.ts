import { Logger } from '@nestjs/common';
import type { Clock } from '../clock.js';
import { describeFault } from '../log.js';
import type { Metrics } from '../metrics.js';
import type { TraceSettings } from './settings.js';
import type { Span, SpanKind } from './span.js';

const PAUSE_MILLISECONDS = 2000;
const MOST_TOGETHER = 500;
const MOST_WAITING = 5000;
const ANSWER_MILLISECONDS = 3000;
const QUIET_SECONDS = 60;
const KINDS: Readonly<Record<SpanKind, number>> = { internal: 1, server: 2, client: 3 };
const STATUS_UNSET = 0;
const STATUS_ERROR = 2;

/** Sends spans to a collector, as JSON of OTLP over HTTP. What is not taken at once is lost: it is never worth a wait. */
export class OtlpExporter {
  private readonly logger = new Logger('Tracing');
  private waiting: Span[] = [];
  private isDue = false;
  private sending: Promise<void> = Promise.resolve();
  private warnedAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly settings: TraceSettings,
    private readonly clock: Clock,
    private readonly metrics: Metrics,
  ) {}

  take(span: Span): void {
    if (this.waiting.length < MOST_WAITING) this.waiting.push(span);
    else this.metrics.spansLost.inc();
    if (this.isDue) return;
    this.isDue = true;
    void this.clock.sleep(PAUSE_MILLISECONDS).then(() => this.flush());
  }

  /** Sends all that waits, one batch after the other; once one is not taken, the rest is not tried. */
  flush(): Promise<void> {
    this.isDue = false;
    this.sending = this.sending.then(async () => {
      while (this.waiting.length > 0) {
        const spans = this.waiting.splice(0, MOST_TOGETHER);
        const failure = await this.send(spans);
        if (failure) this.lost([...spans, ...this.waiting.splice(0)], failure);
      }
    });
    return this.sending;
  }

  /** Null = they were taken. */
  private async send(spans: readonly Span[]): Promise<Readonly<Record<string, unknown>> | null> {
    try {
      const reply = await fetch(this.settings.url, {
        method: 'POST',
        headers: { ...this.settings.headers, 'content-type': 'application/json' },
        body: JSON.stringify(requestOf(spans, this.settings.serviceName)),
        redirect: 'error',
        signal: AbortSignal.timeout(ANSWER_MILLISECONDS),
      });
      await reply.body?.cancel();
      return reply.ok ? null : { status: reply.status };
    } catch (error) {
      return describeFault(error);
    }
  }

  private lost({ length }: readonly Span[], why: Readonly<Record<string, unknown>>): void {
    this.metrics.spansLost.inc(length);
    const now = this.clock.seconds();
    if (now - this.warnedAt < QUIET_SECONDS) return;
    this.warnedAt = now;
    this.logger.warn({ lost: length, why });
  }
}

function requestOf(spans: readonly Span[], serviceName: string) {
  const resource = { attributes: [attribute('service.name', serviceName)] };
  return { resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 'turnpike' }, spans: spans.map(spanOf) }] }] };
}

function spanOf({ trace, id, parentId, name, kind, beganAt, endedAt, attributes, hasFailed }: Span) {
  return {
    traceId: trace.id,
    spanId: id,
    ...(parentId === null ? {} : { parentSpanId: parentId }),
    name,
    kind: KINDS[kind],
    startTimeUnixNano: nanoseconds(beganAt),
    endTimeUnixNano: nanoseconds(endedAt),
    attributes: [...attributes].map(([key, value]) => attribute(key, value)),
    status: { code: hasFailed ? STATUS_ERROR : STATUS_UNSET },
  };
}

function attribute(key: string, value: string | number) {
  return { key, value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: value } };
}

/** As text: a JSON number is not exact enough. */
function nanoseconds(milliseconds: number): string {
  return `${Math.round(milliseconds)}000000`;
}
