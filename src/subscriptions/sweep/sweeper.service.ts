import { Injectable, Logger } from '@nestjs/common';
import { Governor } from '../../aws/governor.js';
import { Clock } from '../../clock.js';
import { Metrics } from '../../metrics.js';
import { type Inspected, Inspection, isMendable } from './inspection.service.js';
import { Mending } from './mending.service.js';
import type { Drift, SweepReport } from './sweep-report.js';

const MOST_RETIRED = 10;
const MOST_RETIRED_SHARE = 0.01;
const MOST_DRIFT_SHOWN = 1000;

export interface SweepOptions {
  /** Looks, and changes nothing. */
  readonly isDryRun?: boolean;
  /** Somebody has seen how many keys would be switched off, and wants it. */
  readonly confirm?: boolean;
}

/** Finishes what nobody asks for again: compares everything by pages, and reconciles those customers who differ. */
@Injectable()
export class Sweeper {
  private readonly logger = new Logger(Sweeper.name);
  private latest: SweepReport | null = null;

  constructor(
    private readonly inspection: Inspection,
    private readonly mending: Mending,
    private readonly governor: Governor,
    private readonly metrics: Metrics,
    private readonly clock: Clock,
  ) {}

  /** What the last sweep of this process found; null = there was none. */
  get report(): SweepReport | null {
    return this.latest;
  }

  /** Several processes may sweep at once: they find the same, and `reconcile` bears company. */
  sweep(options: SweepOptions = {}): Promise<SweepReport> {
    return this.governor.background(() => this.inspectAndMend(options));
  }

  private async inspectAndMend({ isDryRun = false, confirm = false }: SweepOptions): Promise<SweepReport> {
    const asOf = this.clock.now();
    const inspected = await this.inspection.ofAll();
    const mendable = inspected.findings.filter(isMendable);
    const heldBack = confirm ? 0 : heldBackOf(inspected);
    const due = mendable.filter(({ retires }) => heldBack === 0 || retires === 0);
    const done = isDryRun ? { mended: 0, unfinished: mendable.length, drift: [] } : await this.mending.of(due);
    const drift: readonly Drift[] = [...inspected.findings.flatMap((finding) => finding.drift), ...done.drift];
    this.latest = {
      asOf,
      seconds: Math.round((this.clock.now().getTime() - asOf.getTime()) / 1000),
      isDryRun,
      users: inspected.users,
      keys: inspected.keys,
      enabledKeys: inspected.enabledKeys,
      driftCount: drift.length,
      drift: drift.slice(0, MOST_DRIFT_SHOWN),
      mended: done.mended,
      unfinished: mendable.length - done.mended,
      heldBack,
    };
    this.say(this.latest);
    return this.latest;
  }

  private say({ drift, ...report }: SweepReport): void {
    if (report.heldBack > 0) {
      this.logger.error(`${report.heldBack} keys would be switched off at once; none was. Look, then sweep confirmed.`);
    }
    this.metrics.sweeps.inc();
    this.metrics.drift.set(report.driftCount);
    this.metrics.heldBack.set(report.heldBack);
    this.logger.log({ sweep: report });
  }
}

/** The brake: so many keys are switched off at once by mistake only, be it ours or somebody's with the user pool. */
function heldBackOf({ findings, enabledKeys }: Inspected): number {
  const retires = findings.filter(isMendable).reduce((sum, finding) => sum + finding.retires, 0);
  return retires > Math.max(MOST_RETIRED, enabledKeys * MOST_RETIRED_SHARE) ? retires : 0;
}
