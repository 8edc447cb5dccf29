import type { Clock } from '../../clock.js';
import type { Config } from '../../config.js';
import type { RedisConnection } from '../../redis.js';
import { type Rate, taken } from './rates.js';
import { TokenBucket } from './token-bucket.js';

const MOST_RESERVED_MILLISECONDS = 1000;

/**
 * The arithmetic of TokenBucket on Redis's own clock. A token that comes soon is reserved, so that processes which all
 * wait take turns. Where that clock was set back the bucket is empty, and fills from then on. Answers whether one was
 * taken, the milliseconds until it is there, and the tokens that are left.
 */
const TAKE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local interval, burst, soon = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[4])
local fullAt = tonumber(redis.call('GET', KEYS[1]) or 0)
if fullAt - now > burst * interval + soon then
  fullAt = now + burst * interval
  redis.call('SET', KEYS[1], string.format('%.3f', fullAt), 'PX', math.ceil(burst * interval) + 1000)
end
local missing = math.max(0, fullAt - now) / interval
local taken, wait = 0, 0
if ARGV[3] == 'drain' then
  missing = math.max(missing, burst)
else
  if burst - missing < 1 then wait = math.max(1, math.ceil((1 - burst + missing) * interval)) end
  if wait <= soon then
    missing = missing + 1
    taken = 1
  end
end
if taken == 1 or ARGV[3] == 'drain' then
  local silence = missing * interval
  redis.call('SET', KEYS[1], string.format('%.3f', now + silence), 'PX', math.ceil(silence) + 1000)
end
return {taken, wait, math.floor(burst - missing)}
`;

/** Taken = there is a token, after the wait; not taken = there is none, and it is of use to ask again after the wait. */
export interface Token {
  readonly isTaken: boolean;
  readonly waitMilliseconds: number;
}

/** Where tokens come from: the buckets that all processes share in Redis, or this process's own share of them. */
export class Tokens {
  private readonly own = new Map<string, TokenBucket>();
  /** What Redis said was left, and when; of rates for which it was not asked last there is none. */
  private readonly left = new Map<string, { readonly tokens: number; readonly at: number }>();

  constructor(
    private readonly config: Config,
    private readonly clock: Clock,
    private readonly redis: RedisConnection,
  ) {}

  async take(rate: Rate): Promise<Token> {
    const shared = await this.shared(rate, 'take');
    if (shared && !shared.isTaken) return shared;
    // Our share is used up as well, so that a Redis that goes away does not leave every process with a full bucket.
    const waitMilliseconds = this.bucket(rate).take(this.now());
    return shared ?? { isTaken: waitMilliseconds === 0, waitMilliseconds };
  }

  async drain(rate: Rate): Promise<void> {
    this.bucket(rate).drain(this.now());
    await this.shared(rate, 'drain');
  }

  /** How many calls could be made at once, as far as this process knows. */
  available(rate: Rate): number {
    const left = this.left.get(rate.name);
    const isKnown = left && left.at <= this.now(); // else the clock was set back since
    if (!isKnown) return this.bucket(rate).tokens(this.now());
    const { perSecond, burst } = taken(rate, this.config.awsRateFactor, this.config.processCount);
    return Math.min(burst, left.tokens + ((this.now() - left.at) / 1000) * perSecond);
  }

  /** Null = there is no Redis to ask. */
  private async shared(rate: Rate, what: 'take' | 'drain'): Promise<Token | null> {
    const { perSecond, burst } = taken(rate, this.config.awsRateFactor);
    const args = [1000 / perSecond, burst, what, MOST_RESERVED_MILLISECONDS];
    const reply = await this.redis.evaluate(TAKE, `rate:${rate.name}`, args);
    this.left.delete(rate.name);
    if (!reply) return null;
    const [isTaken = 0, waitMilliseconds = 0, tokens = 0] = reply;
    this.left.set(rate.name, { tokens, at: this.now() });
    return { isTaken: isTaken === 1, waitMilliseconds };
  }

  private bucket(rate: Rate): TokenBucket {
    const { awsRateFactor, processCount } = this.config;
    const bucket = this.own.get(rate.name) ?? new TokenBucket(taken(rate, awsRateFactor, processCount));
    this.own.set(rate.name, bucket);
    return bucket;
  }

  private now(): number {
    return this.clock.now().getTime();
  }
}
