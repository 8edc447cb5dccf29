import { randomBytes } from 'node:crypto';
import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Clock } from '../clock.js';
import { Config } from '../config.js';
import { Metrics } from '../metrics.js';
import { OtlpExporter } from './otlp-exporter.js';
import { type Span, Trace, withinSpan } from './span.js';
import { traceParentOf } from './traceparent.js';

/** Asked every few seconds by machines: nobody looks for them. */
const PROBES = new Set<string | undefined>(['/healthz', '/readyz']);
const SERVER_FAULT = 500;

/** Traces requests, where an operator says to which collector. Without that, no hook is set. */
@Injectable()
export class Tracing implements OnModuleInit, OnApplicationShutdown {
  private exporter: OtlpExporter | null = null;

  constructor(
    private readonly config: Config,
    private readonly clock: Clock,
    private readonly metrics: Metrics,
  ) {}

  onModuleInit(): void {
    if (!this.config.traces) return;
    this.exporter = new OtlpExporter(this.config.traces, this.clock, this.metrics);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.exporter?.flush();
  }

  /** A span for each request, from its first byte to the last one of its answer. */
  watch(fastify: FastifyInstance): void {
    if (!this.config.traces) return;
    const spans = new WeakMap<FastifyRequest, Span>();
    fastify.addHook('onRequest', async (request) => {
      const span = PROBES.has(request.routeOptions.url) ? null : this.begin(request);
      if (span) spans.set(request, span);
    });
    fastify.addHook('preHandler', (request, _reply, done) => {
      const span = spans.get(request);
      if (span) withinSpan(span, done);
      else done();
    });
    fastify.addHook('onResponse', async (request, reply) => {
      const span = spans.get(request);
      if (span) end(span, reply);
    });
  }

  /** Null = who asks says that this is not to be kept. */
  private begin({ id, method, headers, routeOptions }: FastifyRequest): Span | null {
    const parent = traceParentOf(headers.traceparent);
    if (parent?.isSampled === false) return null;
    const traceId = parent?.traceId ?? randomBytes(16).toString('hex');
    const trace = new Trace(traceId, this.clock, (span) => this.exporter?.take(span));
    const route = routeOptions.url ?? 'none';
    const span = trace.begin(`${method} ${route}`, 'server', parent?.spanId ?? null);
    span?.set('http.request.method', method);
    span?.set('http.route', route);
    span?.set('turnpike.correlation_id', id);
    return span;
  }
}

function end(span: Span, { statusCode }: FastifyReply): void {
  span.set('http.response.status_code', statusCode);
  if (statusCode >= SERVER_FAULT) span.fail();
  span.end();
}
