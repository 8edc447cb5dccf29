import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Clock } from '../../clock.js';
import { RedisConnection } from '../../redis.js';
import { type Limit, Window } from './window.js';

/**
 * Counts one more on Redis's own clock, unless there were as many as the limit allows. Answers whether it was counted,
 * and else in how many milliseconds there is room.
 */
const COUNT = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local most, span = tonumber(ARGV[1]), tonumber(ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - span)
local count = redis.call('ZCARD', KEYS[1])
if count >= most then
  local first = redis.call('ZRANGE', KEYS[1], count - most, count - most, 'WITHSCORES')
  return {0, math.max(1, first[2] + span - now)}
end
redis.call('ZADD', KEYS[1], now, ARGV[3])
redis.call('PEXPIRE', KEYS[1], span)
return {1, 0}
`;

const FORGET = `return {redis.call('ZREM', KEYS[1], ARGV[1])}`;

/** Counted = it may be done, and `giveBack` undoes the counting; not counted = there is room after the wait. */
export type Count =
  | { readonly isCounted: true; giveBack(): Promise<void> }
  | { readonly isCounted: false; readonly waitMilliseconds: number };

/**
 * How often each caller did something lately: over all processes when they share a Redis, else in this one. A Redis that
 * is gone refuses nobody; what this process has counted itself goes on to count.
 */
@Injectable()
export class Counts {
  private readonly windows = new Map<string, Window>();

  constructor(
    private readonly clock: Clock,
    private readonly redis: RedisConnection,
  ) {}

  async count(limit: Limit, who: string): Promise<Count> {
    const id = randomUUID();
    const name = `limit:${limit.name}:${who}`;
    const shared = await this.redis.evaluate(COUNT, name, [limit.most, limit.seconds * 1000, id]);
    const window = this.windowOf(limit);
    const now = this.now();
    const waitMilliseconds = shared ? (shared[1] ?? 0) : window.wait(who, now);
    if (waitMilliseconds > 0) return { isCounted: false, waitMilliseconds };
    window.add(who, id, now);
    const giveBack = async () => {
      window.remove(who, id);
      if (shared) await this.redis.evaluate(FORGET, name, [id]);
    };
    return { isCounted: true, giveBack };
  }

  private windowOf(limit: Limit): Window {
    const window = this.windows.get(limit.name) ?? new Window(limit, () => this.now());
    this.windows.set(limit.name, window);
    return window;
  }

  private now(): number {
    return this.clock.now().getTime();
  }
}
