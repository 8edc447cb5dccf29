import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock.js';

/** A sweep that an admin begins is part of their request, and may make any number of calls. */
const MOST_SPANS = 500;

export type SpanKind = 'internal' | 'server' | 'client';

/** All that a span may say. Neither arguments nor addresses, documents or messages: they may hold anything. */
export type SpanAttribute =
  | 'aws.request_id'
  | 'graphql.operation.type'
  | 'http.request.method'
  | 'http.response.status_code'
  | 'http.route'
  | 'rpc.method'
  | 'rpc.service'
  | 'rpc.system'
  | 'turnpike.correlation_id'
  | 'turnpike.outcome';

/** One request as all its spans know it. */
export class Trace {
  private begun = 0;

  constructor(
    readonly id: string,
    readonly clock: Clock,
    private readonly ended: (span: Span) => void,
  ) {}

  /** Null = the trace is full. */
  begin(name: string, kind: SpanKind, parentId: string | null): Span | null {
    this.begun += 1;
    return this.begun > MOST_SPANS ? null : new Span(this, name, kind, parentId, this.ended);
  }
}

/** A stretch of work, for whoever wants to see where the time of a request went. */
export class Span {
  readonly id = randomBytes(8).toString('hex');
  readonly attributes = new Map<SpanAttribute, string | number>();
  readonly beganAt: number;
  endedAt = 0;
  hasFailed = false;

  constructor(
    readonly trace: Trace,
    readonly name: string,
    readonly kind: SpanKind,
    readonly parentId: string | null,
    private readonly ended: (span: Span) => void,
  ) {
    this.beganAt = this.now();
  }

  set(attribute: SpanAttribute, value: string | number): void {
    this.attributes.set(attribute, value);
  }

  fail(): void {
    this.hasFailed = true;
  }

  end(): void {
    if (this.endedAt !== 0) return;
    this.endedAt = Math.max(this.beganAt, this.now());
    this.ended(this);
  }

  child(name: string, kind: SpanKind): Span | null {
    return this.trace.begin(name, kind, this.id);
  }

  private now(): number {
    return this.trace.clock.now().getTime();
  }
}

const current = new AsyncLocalStorage<{ span: Span }>();

/** The span that this work is part of; null = nothing is traced here. */
export function currentSpan(): Span | null {
  return current.getStore()?.span ?? null;
}

/** Everything that `work` sets going is part of the span. */
export function withinSpan<T>(span: Span, work: () => T): T {
  return current.run({ span }, work);
}

/** Work as a span of its own, which has failed when the work has. Costs nothing where nothing is traced. */
export async function spanned<T>(name: string, kind: SpanKind, work: (span: Span | null) => Promise<T>): Promise<T> {
  const span = currentSpan()?.child(name, kind) ?? null;
  if (!span) return work(null);
  try {
    return await withinSpan(span, () => work(span));
  } catch (error) {
    span.fail();
    throw error;
  } finally {
    span.end();
  }
}

/** For hooks, which cannot wrap the work: what comes next in this request is part of the span, until `end`. */
export function enterSpan(name: string, kind: SpanKind): { readonly span: Span; end(): void } | null {
  const place = current.getStore();
  const outer = place?.span;
  const span = outer?.child(name, kind);
  if (!place || !outer || !span) return null;
  place.span = span;
  return {
    span,
    end: () => {
      place.span = outer;
      span.end();
    },
  };
}
