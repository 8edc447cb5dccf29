import { AsyncResource } from 'node:async_hooks';
import { Injectable } from '@nestjs/common';
import PQueue from 'p-queue';
import { Clock } from '../clock.js';
import { Config } from '../config.js';
import { Metrics } from '../metrics.js';
import { TryAgainError } from '../problem.js';
import { RedisConnection } from '../redis.js';
import { currentTrace, RequestTrace, traced } from '../request-trace.js';
import { AwsUnavailableError, isFullQuota, isPassing, outcomeOf, retrySeconds } from './failures.js';
import { Admission, type Comer } from './governor/admission/admission.js';
import { SharedAppointments } from './governor/admission/shared-appointments.js';
import { pauseAfter } from './governor/backoff.js';
import { Breaker, ServiceAwayError } from './governor/breaker.js';
import { Deadlines } from './governor/deadlines.js';
import { CurrentErrand, Errand } from './governor/errand.js';
import { Line } from './governor/line.js';
import { Place } from './governor/place.js';
import { isSerial, isSlow, type Rate, ratesOf, SERVICES, serviceOf } from './governor/rates.js';
import { SerialLane } from './governor/serial-lane.js';
import { Tokens } from './governor/tokens.js';
import { tracedCall } from './governor/traced-call.js';

const DEADLINE_MILLISECONDS = 10_000;
/** A request may be several works one after the other; half a second is left for answering. */
const REQUEST_MILLISECONDS = 9500;
const INTERACTIVE_ATTEMPTS = 3;
const BACKGROUND_ATTEMPTS = 8;
/** Fewer than the SDK keeps (50 for each service): waiting for one of those counts as failing to connect. */
const MOST_CONNECTIONS = 45;

/** One call to AWS; it is to stop when the signal says so. */
export type AwsCall<T> = (signal: AbortSignal) => Promise<T>;

/** Every call to AWS passes here: at the account's rates, people before sweeps, repeated when that may help. */
@Injectable()
export class Governor {
  private readonly current = new CurrentErrand();
  private readonly lines = new Map<string, Line>();
  private readonly connections = new PQueue({ concurrency: MOST_CONNECTIONS });
  private readonly tokens: Tokens;
  private readonly lane: SerialLane;
  private readonly deadlines: Deadlines;
  private readonly admission: Admission;
  private readonly breakers: ReadonlyMap<string, Breaker>;

  constructor(
    private readonly config: Config,
    private readonly clock: Clock,
    private readonly metrics: Metrics,
    redis: RedisConnection,
  ) {
    this.tokens = new Tokens(config, clock, redis);
    this.lane = new SerialLane(clock, redis);
    this.deadlines = new Deadlines(clock);
    // A rate that only plans are changed with says nothing of how soon others are served.
    const quick = () => [...this.lines.values()].filter(({ rate }) => !isSlow(rate, config.awsRateFactor));
    this.admission = new Admission(() => [this.lane, ...quick()], new SharedAppointments(redis, clock), clock);
    this.breakers = new Map(SERVICES.map((service) => [service, new Breaker(service, clock)]));
    metrics.onScrape(() => {
      for (const { service, state } of this.breakers.values()) metrics.breaker(service, state);
      for (const { name, length } of [this.lane, ...this.lines.values()]) metrics.awsQueue.set({ line: name }, length);
      metrics.awsQueue.set({ line: 'connections' }, this.connections.size);
    });
  }

  /** Services that have failed so often that they are left alone for the moment. */
  get away(): readonly string[] {
    return SERVICES.filter((service) => !this.breakerOf(service).isClosed);
  }

  /** All that `work` asks of AWS ends within that time. */
  endingWithin<T>(milliseconds: number, work: () => T): T {
    return traced(new RequestTrace(currentTrace()?.correlationId ?? '', this.requestEnd(milliseconds)), work);
  }

  /** When whatever a request that comes now asks of AWS has to end, for an answer within ten seconds, or sooner. */
  requestEnd(milliseconds = REQUEST_MILLISECONDS): number {
    return this.clock.now().getTime() + milliseconds;
  }

  /**
   * Work that somebody waits for: all its calls end after ten seconds, as AwsUnavailableError. Within other work it is
   * part of that.
   * @throws TryAgainError when there is too much work already; nothing of `work` has begun then.
   */
  async interactive<T>(work: () => Promise<T>, who: Comer = null): Promise<T> {
    if (this.current.getStore()) return work();
    const errand = this.newErrand('interactive');
    try {
      const admission = this.admission.enter(errand, who);
      if (admission) await admission; // what is let in at once begins at once
    } catch (error) {
      if (error instanceof TryAgainError) this.metrics.refusals.inc();
      throw error;
    }
    try {
      return await this.deadlines.during(errand, () => this.current.run(errand, work));
    } finally {
      this.admission.leave(errand);
    }
  }

  /** Work that nobody waits for: it yields to all other, and takes the time it needs. */
  async background<T>(work: () => Promise<T>): Promise<T> {
    if (this.current.getStore()?.isBackground) return work();
    return this.current.run(this.newErrand('background'), work);
  }

  /** What others wait for, read for many at once or done in a customer's turn: it takes the time it needs, and yields to nobody who came later. */
  async shared<T>(work: () => Promise<T>): Promise<T> {
    return this.current.run(this.newErrand('shared'), work);
  }

  /** Waits for work that others share, and that goes on without. @throws AwsUnavailableError when one's own deadline is over first. */
  async join<T>(operation: string, work: Promise<T>): Promise<T> {
    return this.withErrand((errand) =>
      errand.until(work).catch((error: unknown) => {
        throw errand.isOver ? new AwsUnavailableError(operation, retrySeconds(error), { cause: error }) : error;
      }),
    );
  }

  /**
   * Makes one call, as soon as the rates allow. All that Turnpike asks may be asked twice: values of keys are derived,
   * changes are absolute, and attaching or detaching again changes nothing.
   * @throws AwsUnavailableError for what did not pass in time, and at the end of the deadline; all else as AWS said it.
   */
  async run<T>(operation: string, call: AwsCall<T>): Promise<T> {
    const bound = AsyncResource.bind(tracedCall(operation, call)); // whoever's turn lets it go ahead, it is made for the request that asked
    return this.withErrand((errand) => this.repeat(errand, operation, bound));
  }

  private async repeat<T>(errand: Errand, operation: string, call: AwsCall<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.attempt(errand, operation, call, attempt);
      } catch (error) {
        if (!errand.isOver && !isPassing(error)) throw error;
        const isForLater = error instanceof ServiceAwayError && !errand.isBackground;
        const isStubborn = errand.isBackground && !isFullQuota(operation, error); // a full account stays full
        const attempts = isStubborn ? BACKGROUND_ATTEMPTS : INTERACTIVE_ATTEMPTS;
        if (errand.isOver || isForLater || attempt >= attempts) {
          throw new AwsUnavailableError(operation, retrySeconds(error), { cause: error });
        }
        await this.rest(errand, operation, pauseAfter(attempt, error, this.clock), error);
        this.metrics.awsRetries.inc({ operation });
      }
    }
  }

  /** In this process's lane first: a token that is taken before would be old when it is used. */
  private async attempt<T>(errand: Errand, operation: string, call: AwsCall<T>, number: number): Promise<T> {
    this.breakerOf(serviceOf(operation)).check();
    const place = new Place(errand, errand.priority(this.clock.now().getTime()));
    const waiting = this.metrics.awsWait(operation);
    const ready = async () => {
      for (const rate of ratesOf(operation)) await this.token(operation, place, rate);
    };
    const go = () =>
      place.in(this.connections, () => {
        waiting.end();
        return this.ask(errand, operation, call, number);
      });
    try {
      if (isSerial(operation)) {
        errand.count(this.lane.name);
        return await this.lane.run(place, ready, go);
      }
      await ready();
      return await go();
    } finally {
      waiting.end();
    }
  }

  /** @throws AwsUnavailableError at once, with the seconds to wait, when the token would come after the deadline. */
  private async token(operation: string, place: Place, rate: Rate): Promise<void> {
    place.errand.count(rate.name);
    const line = this.lines.get(rate.name) ?? new Line(rate, this.tokens, this.clock, this.config);
    this.lines.set(rate.name, line);
    const seconds = isSlow(rate, this.config.awsRateFactor) ? line.secondsToWait : 0;
    if (this.clock.now().getTime() + seconds * 1000 >= place.errand.deadline) {
      throw new AwsUnavailableError(operation, Math.ceil(seconds));
    }
    await line.token(place);
  }

  private async ask<T>(errand: Errand, operation: string, call: AwsCall<T>, number: number): Promise<T> {
    this.deadlines.check(errand);
    const breaker = this.breakerOf(serviceOf(operation));
    const isProbe = breaker.enter();
    try {
      const reply = await this.deadlines.call(errand, call);
      this.metrics.awsCalls.inc({ operation, outcome: 'ok' });
      breaker.answered();
      return reply;
    } catch (error) {
      const outcome = errand.isOver ? 'unavailable' : outcomeOf(error);
      this.metrics.awsCalls.inc({ operation, outcome });
      if (errand.isOver) breaker.abandoned(isProbe);
      else if (outcome !== 'unavailable') breaker.answered();
      else if (isProbe || number <= INTERACTIVE_ATTEMPTS) breaker.failed(isProbe); // a sweep that is stubborn says no more
      // Somebody else uses the account: our count of what is left was wrong. A full account says nothing of rates.
      if (outcome === 'throttled' && !isFullQuota(operation, error)) {
        for (const { name } of ratesOf(operation)) await this.lines.get(name)?.drain();
      }
      throw error;
    }
  }

  private async rest(errand: Errand, operation: string, milliseconds: number, cause?: unknown): Promise<void> {
    const isTooLong = this.clock.now().getTime() + milliseconds >= errand.deadline;
    try {
      if (!isTooLong) return await errand.until(this.clock.sleep(milliseconds));
    } catch (error) {
      if (!errand.isOver) throw error;
    }
    throw new AwsUnavailableError(operation, retrySeconds(cause), { cause });
  }

  /** Calls outside of any work are each an errand of their own. */
  private withErrand<T>(work: (errand: Errand) => Promise<T>): Promise<T> {
    const errand = this.current.getStore();
    if (errand) return work(errand);
    const own = this.newErrand('interactive');
    return this.deadlines.during(own, () => work(own));
  }

  private newErrand(kind: 'interactive' | 'background' | 'shared'): Errand {
    const now = this.clock.now().getTime();
    if (kind !== 'interactive') return new Errand(kind, now, Number.POSITIVE_INFINITY);
    const requestEnd = currentTrace()?.endsAt ?? Number.POSITIVE_INFINITY;
    return new Errand(kind, now, Math.min(now + DEADLINE_MILLISECONDS, requestEnd));
  }

  private breakerOf(service: string): Breaker {
    return this.breakers.get(service) ?? new Breaker(service, this.clock);
  }
}
