import { AsyncLocalStorage } from 'node:async_hooks';

const MOST_AWS_CALLS = 100;

/** One HTTP request, as the lines that it leaves in logs and in the audit trail name it. */
export class RequestTrace {
  /** `endsAt`: when its calls to AWS have to end, in milliseconds since 1970. */
  constructor(
    readonly correlationId: string,
    readonly endsAt = Number.POSITIVE_INFINITY,
    private readonly ids: string[] = [],
  ) {}

  /** The same for work that goes on after the answer: it leaves the same traces, and its calls have to end by no time. */
  withoutEnd(): RequestTrace {
    return new RequestTrace(this.correlationId, Number.POSITIVE_INFINITY, this.ids);
  }

  /** What AWS called the calls that were made for this request, the first hundred of them. */
  get awsRequestIds(): readonly string[] {
    return this.ids;
  }

  noteAwsCall(requestId: string): void {
    if (this.ids.length < MOST_AWS_CALLS) this.ids.push(requestId);
  }
}

const current = new AsyncLocalStorage<RequestTrace>();

/** Everything that `work` sets going belongs to that request. */
export function traced<T>(trace: RequestTrace, work: () => T): T {
  return current.run(trace, work);
}

/** Work that outlasts the request that asked for it. */
export function outlasting<T>(work: () => T): T {
  const trace = currentTrace();
  return trace ? traced(trace.withoutEnd(), work) : work();
}

/** How long the request that is being answered here may still ask AWS; without one, as long as it likes. In seconds. */
export function secondsLeft(now: Date): number {
  return ((currentTrace()?.endsAt ?? Number.POSITIVE_INFINITY) - now.getTime()) / 1000;
}

/** The request that is being answered here; null = none: a sweep, or the start. */
export function currentTrace(): RequestTrace | null {
  return current.getStore() ?? null;
}
