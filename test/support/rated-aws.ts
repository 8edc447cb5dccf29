import type { Clock } from '../../src/clock.js';

interface Made {
  readonly operation: string;
  readonly who: string;
  /** Seconds since the first call. */
  readonly at: number;
}

const GATEWAY = { perSecond: 10, burst: 40 };
const OWN: Readonly<Record<string, { perSecond: number; burst: number }>> = {
  CreateApiKey: { perSecond: 5, burst: 5 },
  UpdateUsagePlan: { perSecond: 1 / 20, burst: 1 },
};
const ROUND_TRIP_MILLISECONDS = 20;

/** As much of AWS as a governor notices: rates, attaching one at a time, and whatever failure a test asks for. */
export class RatedAws {
  readonly made: Made[] = [];
  refused = 0;
  mostAttaching = 0;
  /** The failure of the n-th call from 1 on; null = it succeeds. */
  failure: (number: number) => Error | null = () => null;
  private readonly start: number;
  private readonly buckets = new Map<string, { tokens: number; at: number }>();
  private attaching = 0;

  constructor(private readonly clock: Clock) {
    this.start = this.seconds();
  }

  /** One call as an adapter makes it. */
  call(operation: string, who = ''): () => Promise<string> {
    return async () => {
      this.made.push({ operation, who, at: this.seconds() - this.start });
      const failure = this.failure(this.made.length) ?? this.overRate(operation);
      const isAttach = operation === 'CreateUsagePlanKey';
      if (isAttach) this.mostAttaching = Math.max(this.mostAttaching, ++this.attaching);
      await this.clock.sleep(ROUND_TRIP_MILLISECONDS);
      if (isAttach) this.attaching -= 1;
      if (failure) throw failure;
      return who;
    };
  }

  private overRate(operation: string): Error | null {
    const rates = [GATEWAY, OWN[operation]].filter((rate) => rate !== undefined);
    const buckets = rates.map((rate) => {
      const name = rate === GATEWAY ? 'all' : operation;
      const bucket = this.buckets.get(name) ?? { tokens: rate.burst, at: this.seconds() };
      bucket.tokens = Math.min(rate.burst, bucket.tokens + (this.seconds() - bucket.at) * rate.perSecond);
      bucket.at = this.seconds();
      this.buckets.set(name, bucket);
      return bucket;
    });
    if (buckets.some(({ tokens }) => tokens < 1)) {
      this.refused += 1;
      return throttled();
    }
    for (const bucket of buckets) bucket.tokens -= 1;
    return null;
  }

  private seconds(): number {
    return this.clock.now().getTime() / 1000;
  }
}

/** As the SDK throws it. */
export function awsFailure(name: string, status: number, more: Readonly<Record<string, string>> = {}): Error {
  return Object.assign(new Error(name), { name, $metadata: { httpStatusCode: status }, ...more });
}

export function throttled(retryAfterSeconds?: number): Error {
  if (retryAfterSeconds === undefined) return awsFailure('TooManyRequestsException', 429);
  return awsFailure('TooManyRequestsException', 429, { retryAfterSeconds: String(retryAfterSeconds) });
}
