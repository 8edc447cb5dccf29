import PQueue from 'p-queue';
import type { Clock } from '../../clock.js';
import type { Config } from '../../config.js';
import type { Bottleneck } from './admission/admission.js';
import type { Place } from './place.js';
import { type Rate, taken } from './rates.js';
import type { Tokens } from './tokens.js';

const MOST_MILLISECONDS = 1000;
const WEIGHT = 0.2;
const MOST_TIMES_SLOWER = 20;

/** Those who wait for a token of one rate. Each token goes to whoever is first in line when it comes. */
export class Line implements Bottleneck {
  private readonly queue = new PQueue({ concurrency: 1, autoStart: false });
  /** Milliseconds from one token to the next: with all of the rate, with a share of it, and as it has lately been. */
  private readonly shortest: number;
  private readonly usual: number;
  private interval: number;
  private isServing = false;

  constructor(
    readonly rate: Rate,
    private readonly tokens: Tokens,
    private readonly clock: Clock,
    { awsRateFactor, processCount, redisUrl }: Config,
  ) {
    this.usual = 1000 / taken(rate, awsRateFactor, processCount).perSecond;
    this.shortest = redisUrl === null ? this.usual : 1000 / taken(rate, awsRateFactor).perSecond;
    this.interval = this.usual;
  }

  get name(): string {
    return this.rate.name;
  }

  /** How many calls wait here. */
  get length(): number {
    return this.queue.size;
  }

  /** Seconds until there is a token for one more; as far as this process knows. */
  get secondsToWait(): number {
    const tokens = this.tokens.available(this.rate) - this.queue.size;
    return Math.max(0, ((1 - tokens) * this.usual) / 1000);
  }

  get perSecond(): number {
    return 1000 / this.interval;
  }

  get perSecondOfAll(): number {
    return 1000 / this.shortest;
  }

  get available(): number {
    return this.queue.size > 0 ? 0 : this.tokens.available(this.rate);
  }

  /** @throws what aborted the errand, when its deadline is over first. */
  async token(place: Place): Promise<void> {
    const mine = place.in(this.queue, async () => undefined);
    if (!this.isServing) void this.serve();
    await mine;
  }

  async drain(): Promise<void> {
    await this.tokens.drain(this.rate);
  }

  private async serve(): Promise<void> {
    this.isServing = true;
    let previous: number | null = null;
    while (this.queue.size > 0) {
      const { isTaken, waitMilliseconds } = await this.tokens.take(this.rate);
      if (waitMilliseconds > 0) {
        previous ??= this.now();
        await this.clock.sleep(Math.min(waitMilliseconds, MOST_MILLISECONDS));
      }
      if (!isTaken) continue;
      this.learn(previous === null ? this.usual : this.now() - previous);
      if (previous !== null) previous = this.now();
      this.queue.start();
      this.queue.pause(); // after the first: it is done before the next token is taken
      await this.queue.onPendingZero();
    }
    this.isServing = false;
  }

  /** Other processes may take from the same tokens, so the pace is what it is found to be while some wait. */
  private learn(interval: number): void {
    const bounded = Math.min(Math.max(interval, this.shortest), this.usual * MOST_TIMES_SLOWER);
    this.interval += (bounded - this.interval) * WEIGHT;
  }

  private now(): number {
    return this.clock.now().getTime();
  }
}
