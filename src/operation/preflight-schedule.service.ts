import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Config } from '../config.js';
import { Sweeper } from '../subscriptions/sweep/sweeper.service.js';
import { within } from '../within.js';
import { brief, type Verdict } from './preflight/finding.js';
import { Preflight } from './preflight/preflight.service.js';

const AGAIN_MILLISECONDS = 3_600_000;
const UNANSWERED_MILLISECONDS = 15_000;

/**
 * Looks when the process starts, soon again while AWS does not answer, and every hour. A process that has passed once
 * goes on serving when something unsafe is found later: that is for people to mend, and is said in log and metrics.
 * On Lambda instances come by the dozen and stand still between requests: there the one that sweeps looks instead.
 */
@Injectable()
export class PreflightSchedule implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('Preflight');
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<Verdict> | null = null;
  private latest: Verdict | null = null;
  private hasPassed = false;
  private isOver = false;

  constructor(
    private readonly preflight: Preflight,
    private readonly sweeper: Sweeper,
    private readonly config: Config,
  ) {}

  onApplicationBootstrap(): void {
    if (!this.config.isOnLambda) void this.look();
  }

  onApplicationShutdown(): void {
    this.isOver = true;
    clearTimeout(this.timer);
  }

  /** Why not to send requests here, as far as the pre-flight goes; null = no reason. */
  get objection(): string | null {
    if (this.hasPassed || this.config.isOnLambda) return null;
    if (this.latest?.outcome !== 'unsafe') return 'the pre-flight: AWS has not answered all of it yet';
    return `the pre-flight found: ${[...new Set(this.latest.unsafe.map(({ name }) => name))].join(', ')}`;
  }

  /** The first verdict; null when it takes longer than that, or where nobody looks. */
  async first(milliseconds: number): Promise<Verdict | null> {
    if (this.config.isOnLambda) return null;
    return this.latest ?? within(milliseconds, this.looking ?? this.look());
  }

  private look(): Promise<Verdict> {
    // Counting all keys takes twenty calls; a process that sweeps knows how many of them are ours.
    this.looking = this.preflight.look(async () => {
      const { report } = this.sweeper;
      return report && { all: report.keys, enabledNames: null };
    });
    this.looking.then(
      (verdict) => this.conclude(verdict),
      (error: unknown) => this.logger.error(error),
    );
    return this.looking;
  }

  private conclude(verdict: Verdict): void {
    this.say(verdict);
    this.latest = verdict;
    this.hasPassed ||= verdict.outcome === 'safe';
    if (this.isOver) return;
    const milliseconds = verdict.outcome === 'unknown' ? UNANSWERED_MILLISECONDS : AGAIN_MILLISECONDS;
    this.timer = setTimeout(() => void this.look(), milliseconds).unref();
  }

  /** What was said an hour ago, or a quarter of a minute ago, is not said again. */
  private say({ unsafe, tolerated, warnings, unanswered }: Verdict): void {
    const said = new Set(this.latest?.findings.map(({ what }) => what));
    for (const finding of unsafe) if (!said.has(finding.what)) this.logger.error({ unsafe: brief(finding) });
    for (const finding of tolerated) if (!said.has(finding.what)) this.logger.warn({ allowed: brief(finding) });
    for (const finding of warnings) if (!said.has(finding.what)) this.logger.warn({ warning: brief(finding) });
    if (unanswered.length > 0 && !this.latest?.unanswered.length) this.logger.warn({ unanswered });
  }
}
