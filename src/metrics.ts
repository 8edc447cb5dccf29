import { Injectable, Module } from '@nestjs/common';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { Clock, ClockModule } from './clock.js';

const WAIT_BUCKETS_SECONDS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120];

const BREAKER_NUMBERS = { closed: 0, 'half-open': 1, open: 2 } as const;

/** What a cache counts of its own reads. */
export class CacheReads {
  hit = 0;
  stale = 0;
  miss = 0;
}

/** What this process counts of itself. Every count that operators see has its name here. */
@Injectable()
export class Metrics {
  readonly registry = new Registry();

  readonly awsCalls = new Counter({
    name: 'turnpike_aws_calls_total',
    help: 'Calls to AWS by operation and outcome: ok, throttled, conflict, unavailable, failed.',
    labelNames: ['operation', 'outcome'],
    registers: [this.registry],
  });

  readonly awsRetries = new Counter({
    name: 'turnpike_aws_retries_total',
    help: 'Calls to AWS that were made once more after a failure that passes.',
    labelNames: ['operation'],
    registers: [this.registry],
  });

  readonly refusals = new Counter({
    name: 'turnpike_refused_total',
    help: 'Requests answered TRY_AGAIN before anything was asked of AWS, because too many were under way.',
    registers: [this.registry],
  });

  readonly limited = new Counter({
    name: 'turnpike_limited_total',
    help: 'Requests answered TRY_AGAIN because their caller asked too often, by limit.',
    labelNames: ['limit'],
    registers: [this.registry],
  });

  readonly redisFallbacks = new Counter({
    name: 'turnpike_redis_fallbacks_total',
    help: "Questions to Redis that were decided by this process's own share instead.",
    registers: [this.registry],
  });

  readonly sweeps = new Counter({
    name: 'turnpike_sweeps_total',
    help: 'Sweeps that this process finished.',
    registers: [this.registry],
  });

  readonly drift = new Gauge({
    name: 'turnpike_drift',
    help: 'Differences between what is meant and what there is, as the last sweep found them.',
    registers: [this.registry],
  });

  readonly heldBack = new Gauge({
    name: 'turnpike_held_back_keys',
    help: 'Keys that the last sweep did not switch off because they are so many: somebody has to look. 0 = none.',
    registers: [this.registry],
  });

  readonly auditFailures = new Counter({
    name: 'turnpike_audit_failures_total',
    help: 'Audit events that could not be written to a sink: log, file, memory. The mutation was answered all the same.',
    labelNames: ['sink'],
    registers: [this.registry],
  });

  readonly httpRequests = new Histogram({
    name: 'turnpike_http_request_seconds',
    help: 'How long requests took, by route and HTTP status. GraphQL answers most refusals with 200.',
    labelNames: ['route', 'status'],
    buckets: WAIT_BUCKETS_SECONDS,
    registers: [this.registry],
  });

  readonly preflightFindings = new Gauge({
    name: 'turnpike_preflight_findings',
    help: 'What the last pre-flight found, by name and by what comes of it: unsafe, allowed, warning.',
    labelNames: ['name', 'severity'],
    registers: [this.registry],
  });

  readonly keys = new Gauge({
    name: 'turnpike_keys',
    help: 'API keys of ours, retired ones included, as the last sweep counted them. An account has room for 10,000 of everybody.',
    registers: [this.registry],
  });

  readonly quotaOvershoot = new Gauge({
    name: 'turnpike_quota_overshoot_calls',
    help: 'Calls of this period beyond what their customers were allowed, by plan, as the last reading for all shows them. Only where sweeps run.',
    labelNames: ['plan'],
    registers: [this.registry],
  });

  readonly ready = new Gauge({
    name: 'turnpike_ready',
    help: 'Whether requests are to be sent here, as /readyz answers: 1 = yes, 0 = no.',
    registers: [this.registry],
  });

  readonly awsQueue = new Gauge({
    name: 'turnpike_aws_queue',
    help: 'Calls that wait in each line now: for a token of a rate, for the lane of one at a time, for a connection.',
    labelNames: ['line'],
    registers: [this.registry],
  });

  readonly reconciles = new Histogram({
    name: 'turnpike_reconcile_seconds',
    help: 'How long it took to bring a customer to where they are meant to be, by what came of it.',
    labelNames: ['outcome'],
    buckets: WAIT_BUCKETS_SECONDS,
    registers: [this.registry],
  });

  readonly graphqlOperations = new Counter({
    name: 'turnpike_graphql_operations_total',
    help: 'GraphQL operations by root field and outcome: ok, the type that a mutation answered, or the code of an error.',
    labelNames: ['field', 'outcome'],
    registers: [this.registry],
  });

  readonly laneAnswers = new Counter({
    name: 'turnpike_trusted_lane_total',
    help: 'Queries that were answered in front of the general machinery; they count as operations too.',
    registers: [this.registry],
  });

  readonly caches = new Counter({
    name: 'turnpike_cache_reads_total',
    help: 'Reads of what is kept, by cache and by what it had: hit, stale (answered all the same), miss.',
    labelNames: ['cache', 'outcome'],
    registers: [this.registry],
  });

  readonly spansLost = new Counter({
    name: 'turnpike_spans_lost_total',
    help: 'Spans that no collector took.',
    registers: [this.registry],
  });

  private readonly waited = new Histogram({
    name: 'turnpike_aws_wait_seconds',
    help: 'How long calls to AWS waited for their turn.',
    labelNames: ['operation'],
    buckets: WAIT_BUCKETS_SECONDS,
    registers: [this.registry],
  });

  private readonly waiting = new Gauge({
    name: 'turnpike_aws_waiting',
    help: 'Calls to AWS that wait for their turn now.',
    registers: [this.registry],
  });

  private readonly breakers = new Gauge({
    name: 'turnpike_aws_breaker',
    help: 'Whether a service of AWS is asked: 0 = as usual, 1 = one call tries, or the next one will, 2 = it is left alone, having failed too often.',
    labelNames: ['service'],
    registers: [this.registry],
  });

  private readonly scraped: (() => void | Promise<void>)[] = [];

  constructor(private readonly clock: Clock) {
    // A series that only begins with its first failure shows Prometheus no increase by it.
    for (const sink of ['log', 'file', 'memory']) this.auditFailures.inc({ sink }, 0);
    for (const outcome of ['FAULT', 'AT_CAPACITY']) this.reconciles.zero({ outcome });
  }

  /** What is looked up when somebody asks, rather than counted when it happens. */
  onScrape(look: () => void | Promise<void>): void {
    this.scraped.push(look);
  }

  /** All of it, in the format of Prometheus. */
  async text(): Promise<string> {
    await Promise.all(this.scraped.map((look) => look()));
    return this.registry.metrics();
  }

  breaker(service: string, state: keyof typeof BREAKER_NUMBERS): void {
    this.breakers.set({ service }, BREAKER_NUMBERS[state]);
  }

  /** A call begins to wait for its turn; to be told once that it has ended. */
  awsWait(operation: string): { end(): void } {
    const since = this.clock.now().getTime();
    let isWaiting = true;
    this.waiting.inc();
    return {
      end: () => {
        if (!isWaiting) return;
        isWaiting = false;
        this.waiting.dec();
        this.waited.observe({ operation }, Math.max(0, this.clock.now().getTime() - since) / 1000);
      },
    };
  }
}

@Module({ imports: [ClockModule], providers: [Metrics], exports: [Metrics] })
export class MetricsModule {}
