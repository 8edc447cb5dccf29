import { Injectable, Logger, Module, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Clock, ClockModule } from '../../clock.js';
import { Config } from '../../config.js';
import { describeFault } from '../../log.js';
import { RedisConnection, RedisModule } from '../../redis.js';
import { FleetIndex } from '../fleet/fleet-index.js';
import { SubscriptionsModule } from '../subscriptions.module.js';
import { SweepModule } from './sweep.module.js';
import { Sweeper } from './sweeper.service.js';

/** The rest is for clocks that differ: two processes' turns must not slip past each other. */
const SHARE_OF_INTERVAL = 0.9;
/** With one that is older a process would have none for its readers before its next turn, which comes after one and a half. */
const MOST_INTERVALS = 1.5;

/**
 * Sweeps every `SWEEP_INTERVAL_SECONDS`, give or take a half, so that processes started together do not sweep together;
 * with Redis one of them does in an interval, and another one the next time if that one died. The others look, and mend
 * nothing, as often as their own readers want a new listing.
 */
@Injectable()
export class SweepSchedule implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(SweepSchedule.name);
  private timer: NodeJS.Timeout | undefined;
  private isOver = false;

  constructor(
    private readonly sweeper: Sweeper,
    private readonly fleet: FleetIndex,
    private readonly clock: Clock,
    private readonly config: Config,
    private readonly redis: RedisConnection,
  ) {}

  onApplicationBootstrap(): void {
    if (this.config.sweepIntervalSeconds > 0) this.wait();
    else this.sweeper.tellWhileNew();
  }

  onApplicationShutdown(): void {
    this.isOver = true;
    clearTimeout(this.timer);
  }

  private wait(): void {
    if (this.isOver) return;
    const milliseconds = this.config.sweepIntervalSeconds * 1000 * (0.5 + this.clock.chance());
    this.timer = setTimeout(() => void this.sweep(), milliseconds).unref();
  }

  private async sweep(): Promise<void> {
    const seconds = Math.ceil(this.config.sweepIntervalSeconds * SHARE_OF_INTERVAL);
    const isOurTurn = await this.redis.claim('sweep', seconds);
    const failed = (error: unknown) => this.logger.error({ fault: describeFault(error) });
    if (isOurTurn) await this.sweeper.sweep().catch(failed);
    else if (!this.fleet.isYoungerThan(MOST_INTERVALS * this.config.sweepIntervalSeconds))
      await this.sweeper.look().catch(failed);
    this.wait();
  }
}

/** For the server alone: a command that looks, or sweeps once, must not begin a sweep of its own beside it. */
@Module({ imports: [ClockModule, RedisModule, SubscriptionsModule, SweepModule], providers: [SweepSchedule] })
export class SweepScheduleModule {}
