import type { Clock } from '../../../clock.js';
import type { RedisConnection } from '../../../redis.js';
import { AGAIN_SECONDS, Appointments, EARLY_SECONDS, LATE_SECONDS, MOST_SECONDS_TOLD } from './appointments.js';

const BOOK = 'appointments';
/** Longer than a Redis that did not answer is left alone. */
const MOMENT_MILLISECONDS = 1500;

/* One sorted set of people by their times, on Redis's own clock, in milliseconds. */

const NOW = "local time = redis.call('TIME') local now = time[1] * 1000 + math.floor(time[2] / 1000)";
const FORGOTTEN = `redis.call('PEXPIRE', KEYS[1], ${(MOST_SECONDS_TOLD + LATE_SECONDS) * 1000})`;
const LATEST = "tonumber(redis.call('ZREVRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2] or 0)";

/** Whether it is the turn of one, and for how long there are people still to come. */
const LOOK = `${NOW}
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ${LATE_SECONDS * 1000})
local known = tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1]) or now * 2)
return {known <= now + ${EARLY_SECONDS * 1000} and 1 or 0, math.max(0, ${LATEST} - now)}`;

/** In how many milliseconds one is to come; the words of `Appointments.make`. */
const MAKE = `${NOW}
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ${LATE_SECONDS * 1000})
local known = tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1]) or 0)
if known > now + ${EARLY_SECONDS * 1000} then return {known - now} end
local earliest = now + tonumber(ARGV[2])
local after = known == 0 and math.max(${LATEST}, earliest) or earliest
local at = math.floor(math.min(after + tonumber(ARGV[3]), now + ${MOST_SECONDS_TOLD * 1000}))
redis.call('ZADD', KEYS[1], string.format('%d', at), ARGV[1])
${FORGOTTEN}
return {at - now}`;

const BEGUN = `${NOW}
redis.call('ZADD', KEYS[1], string.format('%d', now + ${AGAIN_SECONDS * 1000}), ARGV[1])
${FORGOTTEN}
return {1}`;

/** Seconds from one appointment to the next: of this process's own, and of all processes together. */
export interface Pace {
  readonly own: number;
  readonly all: number;
}

/** The appointments of all processes, where there is Redis: whoever comes when told need not come to the process that said so. */
export class SharedAppointments {
  private readonly own = new Appointments();
  private openUntil = 0;

  constructor(
    private readonly redis: RedisConnection,
    private readonly clock: Clock,
  ) {}

  /** Whether somebody is still to come, as far as this process knows. */
  areOpen(now: number): boolean {
    return this.openUntil > now || this.own.areOpen(now);
  }

  /** Whether it is this one's turn. */
  async isDue(who: string, now: number): Promise<boolean> {
    const isOwn = this.own.isDue(who, now); // made while Redis was away
    const reply = isOwn ? null : await this.redis.evaluate(LOOK, BOOK, [who]);
    if (!reply) return isOwn;
    const [isDue, openMilliseconds = 0] = reply;
    this.openUntil = now + openMilliseconds / 1000;
    return isDue === 1;
  }

  /** When this one is to come: after all others, and not before `earliest`. */
  async make(who: string, { now, earliest, each }: { now: number; earliest: number; each: Pace }): Promise<number> {
    const note = () => this.redis.evaluate(MAKE, BOOK, [who, (earliest - now) * 1000, each.all * 1000]);
    const reply = this.own.has(who, now) ? null : ((await note()) ?? (await this.afterAMoment(note)));
    if (!reply) return this.own.make(who, { now, earliest, each: each.own });
    const time = now + (reply[0] ?? 0) / 1000;
    this.openUntil = Math.max(this.openUntil, time);
    return time;
  }

  /** A crowd keeps everybody busy when it comes, Redis too; who is told to wait for minutes can wait for that. */
  private async afterAMoment<T>(work: () => Promise<T>): Promise<T | null> {
    if (!this.redis.isUsed) return null;
    await this.clock.sleep(MOMENT_MILLISECONDS);
    return work();
  }

  /** One was let in; the words of `Appointments.begun`. */
  begun(who: string, now: number): void {
    this.own.begun(who, now);
    if (this.openUntil > now) void this.redis.evaluate(BEGUN, BOOK, [who]);
  }
}
