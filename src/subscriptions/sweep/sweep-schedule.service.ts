import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Clock } from '../../clock.js';
import { Config } from '../../config.js';
import { describeFault } from '../../log.js';
import { Sweeper } from './sweeper.service.js';

/** Sweeps every `SWEEP_INTERVAL_SECONDS`, give or take a half, so that processes started together do not sweep together. */
@Injectable()
export class SweepSchedule implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(SweepSchedule.name);
  private timer: NodeJS.Timeout | undefined;
  private isOver = false;

  constructor(
    private readonly sweeper: Sweeper,
    private readonly clock: Clock,
    private readonly config: Config,
  ) {}

  onApplicationBootstrap(): void {
    if (this.config.sweepIntervalSeconds > 0) this.wait();
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
    await this.sweeper.sweep().catch((error: unknown) => this.logger.error({ fault: describeFault(error) }));
    this.wait();
  }
}
