import { randomUUID } from 'node:crypto';
import { Injectable, Logger, Module, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Clock, ClockModule } from './clock.js';
import { Config } from './config.js';
import { describeFault } from './log.js';
import { Metrics, MetricsModule } from './metrics.js';

const ANSWER_MILLISECONDS = 200;
const CONNECT_MILLISECONDS = 1000;
const REST_MILLISECONDS = 1000;
/** What answers is no primary, or none that may write: after a failover that is at the other end of a new connection. */
const NO_PRIMARY = /\b(READONLY|NOREPLICAS|MASTERDOWN)\b/;
const WARN_MILLISECONDS = 60_000;

const RENEW =
  "if redis.call('GET', KEYS[1]) == ARGV[1] then return {redis.call('PEXPIRE', KEYS[1], ARGV[2])} end return {0}";
const RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then return {redis.call('DEL', KEYS[1])} end return {0}";
const ACQUIRE = "if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return {1} end return {0}";

/** Ours until it is released; of a process that dies, for the seconds it was asked for. */
export interface Lock {
  release(): Promise<void>;
}

/** What several processes share when `REDIS_URL` is set. Everything works without it: Redis never decides that something fails. */
@Injectable()
export class RedisConnection implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger(RedisConnection.name);
  private client: RedisClient | null = null;
  private readonly prefix: string;
  private restUntil = 0;
  private warnedAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly config: Config,
    private readonly clock: Clock,
    private readonly metrics: Metrics,
  ) {
    this.prefix = `${config.keyPrefix}:${config.region}:`;
  }

  /** Waits a moment for the connection; without it the process starts all the same, and goes on trying. */
  async onModuleInit(): Promise<void> {
    const { redisUrl } = this.config;
    if (redisUrl === null) return;
    this.client = await clientFor(redisUrl, this.clock);
    this.client.on('error', (error: unknown) => this.warn(error));
    await within(CONNECT_MILLISECONDS, this.connect(this.client)).catch((error: unknown) => this.fallBack(error));
  }

  onApplicationShutdown(): void {
    if (this.client?.isOpen) this.client.destroy();
    this.client = null;
  }

  /** Whether there is one, out of reach or not. */
  get isUsed(): boolean {
    return this.client !== null;
  }

  /** What the script answers for the one key; null = there is no Redis, or none that answers. */
  async evaluate(script: string, name: string, args: readonly (string | number)[]): Promise<readonly number[] | null> {
    if (!this.client) return null;
    try {
      if (!this.client.isReady || this.isResting) throw new Error('There is no connection to Redis');
      const asked = this.client.eval(script, { keys: [this.prefix + name], arguments: args.map(String) });
      const reply = await within(ANSWER_MILLISECONDS, asked);
      return Array.isArray(reply) ? reply.map(Number) : null;
    } catch (error) {
      this.fallBack(error);
      return null;
    }
  }

  /** `held` = somebody else has it; null = there is no Redis to keep it. */
  async lock(name: string, seconds: number): Promise<Lock | 'held' | null> {
    const owner = randomUUID();
    const milliseconds = seconds * 1000;
    const reply = await this.evaluate(ACQUIRE, `lock:${name}`, [owner, milliseconds]);
    if (!reply) this.letGo(name, owner); // it may have been made, and only the answer is late
    if (!reply) return null;
    if (reply[0] !== 1) return 'held';
    const renew = () => void this.evaluate(RENEW, `lock:${name}`, [owner, milliseconds]);
    const renewal = setInterval(renew, milliseconds / 3).unref();
    return {
      release: async () => {
        clearInterval(renewal);
        if ((await this.evaluate(RELEASE, `lock:${name}`, [owner])) === null) this.letGo(name, owner);
      },
    };
  }

  /** Nobody waits for it: Redis works off in order what it is sent, however slowly. */
  private letGo(name: string, owner: string): void {
    if (!this.client?.isReady) return;
    this.client.eval(RELEASE, { keys: [`${this.prefix}lock:${name}`], arguments: [owner] }).catch(() => undefined);
  }

  /** Whether no other process for this user pool has claimed it within so many seconds. Without Redis everybody's claim is good. */
  async claim(name: string, seconds: number): Promise<boolean> {
    const claim = `claim:${this.config.userPoolId}:${name}`;
    const reply = await this.evaluate(ACQUIRE, claim, [randomUUID(), seconds * 1000]);
    return reply?.[0] !== 0;
  }

  private get isResting(): boolean {
    this.restUntil = Math.min(this.restUntil, this.now() + REST_MILLISECONDS); // whatever was done to the clock
    return this.now() < this.restUntil;
  }

  private async connect(client: RedisClient): Promise<void> {
    await client.connect().catch((error: unknown) => this.fallBack(error));
  }

  /** A Redis that is slow, or takes no writes, is left alone for a second, so that not every call waits for it. */
  private fallBack(error: unknown): void {
    this.metrics.redisFallbacks.inc();
    const isNoPrimary = error instanceof Error && NO_PRIMARY.test(error.message);
    if (isNoPrimary && !this.isResting) this.reconnect();
    if (isNoPrimary || error instanceof SlowRedisError) this.restUntil = this.now() + REST_MILLISECONDS;
    this.warn(error);
  }

  /** The same address may lead to another Redis by now. */
  private reconnect(): void {
    if (!this.client?.isOpen) return;
    this.client.destroy();
    void this.connect(this.client);
  }

  private warn(error: unknown): void {
    if (this.now() - this.warnedAt < WARN_MILLISECONDS) return;
    this.warnedAt = this.now();
    const { name, message } = describeFault(error);
    this.logger.warn({ redis: "Out of reach: this process keeps to its own share of AWS's rates", name, message });
  }

  private now(): number {
    return this.clock.now().getTime();
  }
}

class SlowRedisError extends Error {}

type RedisClient = Awaited<ReturnType<typeof clientFor>>;

/** Never gives up connecting, and never keeps a command for later. Loaded here: who has no Redis starts without it. */
async function clientFor(url: string, clock: Clock) {
  const { createClient } = await import('@redis/client');
  const reconnectStrategy = (attempt: number) => Math.min(50 * 2 ** attempt, 1000) * (0.5 + clock.chance());
  return createClient({
    url,
    // The pings keep an idle connection, and the limit ends one whose other side is gone without a word.
    pingInterval: 2000,
    socket: { connectTimeout: CONNECT_MILLISECONDS, socketTimeout: 5000, reconnectStrategy },
    disableOfflineQueue: true,
    commandsQueueMaxLength: 1000,
  });
}

/**
 * On the machine's own time: Redis is another machine. A process that was busy has neither asked nor listened; it does both
 * between two looks at the clock, and listens once more after the second.
 */
function within<T>(milliseconds: number, reply: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const isLate = () => reject(new SlowRedisError(`Redis did not answer within ${milliseconds} ms`));
    let timer = setTimeout(() => {
      timer = setTimeout(() => setImmediate(isLate), milliseconds / 2);
    }, milliseconds / 2);
    reply.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

@Module({ imports: [ClockModule, MetricsModule], providers: [RedisConnection], exports: [RedisConnection] })
export class RedisModule {}
