import { Injectable, Logger } from '@nestjs/common';
import { Governor } from '../../aws/governor.js';
import { Clock } from '../../clock.js';
import { Metrics } from '../../metrics.js';
import { FleetIndex } from '../fleet/fleet-index.js';
import { LongWork } from '../fleet/long-work.js';
import { DriftReport, SweepRun } from './drift.model.js';
import { type Finding, Inspection, isMendable } from './inspection.service.js';
import { Mending } from './mending.service.js';
import { SweepUnderWay } from './sweep.problems.js';
import type { Drift, SweepReport } from './sweep-report.js';

const MOST_RETIRED = 10;
const MOST_RETIRED_SHARE = 0.01;
/** How long the keys of users who are gone are held back: so long somebody has to notice a mistake. */
const HELD_BACK_SECONDS = 86_400;
const MOST_DRIFT_SHOWN = 1000;
const PATIENCE_SECONDS = 8;
const STALE_SECONDS = 600;
/** What somebody saw and confirmed is what there was then: a process may be frozen before it has looked. */
const CONFIRMED_SECONDS = 900;

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
  /** What the last sweep, or look, of this process found; null = there was none. */
  report: SweepReport | null = null;
  /** Since when no listing of this process has shown the users of these keys, in milliseconds, by `sub`. */
  private missingSince: ReadonlyMap<string, number> = new Map();
  private readonly looking: LongWork<SweepReport>;
  private readonly sweeping: LongWork<SweepReport>;
  private readonly sweepingConfirmed: LongWork<SweepReport>;

  constructor(
    private readonly inspection: Inspection,
    private readonly mending: Mending,
    private readonly fleet: FleetIndex,
    private readonly governor: Governor,
    private readonly metrics: Metrics,
    private readonly clock: Clock,
  ) {
    this.looking = new LongWork(clock, () => this.sweep({ isDryRun: true }));
    this.sweeping = new LongWork(clock, () => this.sweep());
    this.sweepingConfirmed = new LongWork(clock, () => this.sweep({ confirm: true }));
    fleet.listedBy((seconds) => this.looking.orNull(seconds));
  }

  /**
   * What the last sweep of this process found, however old; where there was none lately, all is looked at without a change
   * for whoever asks next.
   * @throws TryAgainError while the first look takes longer than a request may last; it goes on.
   */
  async latest(): Promise<SweepReport> {
    if (!this.report) return this.recent();
    if (isOld(this.report, this.clock.now())) void this.looking.begin();
    return this.report;
  }

  /**
   * The same for whoever must miss nobody: where there was no sweep lately, the look is waited for.
   * @throws TryAgainError while it takes longer than a request may last; it goes on.
   */
  async recent(): Promise<SweepReport> {
    if (this.report && !isOld(this.report, this.clock.now())) return this.report;
    return this.looking.within(PATIENCE_SECONDS);
  }

  /** Begins a sweep, or joins the one that is going on, which may last longer than a request. */
  async sweepNow(confirm: boolean): Promise<SweepRun | SweepUnderWay> {
    const [asked, other] = confirm ? [this.sweepingConfirmed, this.sweeping] : [this.sweeping, this.sweepingConfirmed];
    if (other.isRunning) return new SweepUnderWay();
    const report = await asked.orNull(PATIENCE_SECONDS);
    return new SweepRun(report && new DriftReport(report));
  }

  /** Several processes may sweep at once: they find the same, and `reconcile` bears company. */
  sweep(options: SweepOptions = {}): Promise<SweepReport> {
    const work = () => this.inspectAndMend(options);
    return options.isDryRun ? this.governor.shared(work) : this.governor.background(work); // people wait for a look
  }

  /** Nobody waits for it: what readers are answered from, and the report, are new after it. Nothing is changed. */
  look(): Promise<SweepReport> {
    return this.governor.background(() => this.inspectAndMend({ isDryRun: true }));
  }

  /** For a process that sweeps by no schedule: what a look found once says nothing of later, and would set off alerts for ever. */
  tellWhileNew(): void {
    const { drift, heldBack, keys } = this.metrics;
    this.metrics.onScrape(() => {
      if (this.report && isOld(this.report, this.clock.now()))
        for (const gauge of [drift, heldBack, keys]) gauge.remove();
    });
  }

  private async inspectAndMend({ isDryRun = false, confirm = false }: SweepOptions): Promise<SweepReport> {
    const asOf = this.clock.now();
    const inspected = await this.inspection.ofAll(asOf);
    this.fleet.replace({ asOf, ...inspected.listed });
    const mendable = inspected.findings.filter(isMendable);
    const isConfirmed = confirm && this.clock.now().getTime() - asOf.getTime() < CONFIRMED_SECONDS * 1000;
    const overdue = this.overdue(mendable, asOf.getTime());
    const isBraking = !isConfirmed && keysOf(mendable) > mostRetired(inspected.enabledKeys);
    const isHeld = (finding: Finding) => isBraking && finding.retires > 0 && !overdue.includes(finding);
    const due = mendable.filter((finding) => !isHeld(finding));
    const done = isDryRun ? { mended: 0, unfinished: mendable.length, drift: [] } : await this.mending.of(due);
    const drift: readonly Drift[] = [...inspected.findings.flatMap((finding) => finding.drift), ...done.drift];
    const report: SweepReport = {
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
      heldBack: keysOf(mendable.filter(isHeld)),
    };
    if (this.report === null || this.report.asOf <= asOf) this.report = report;
    this.say(report);
    return report;
  }

  /**
   * Users who have been missing for so long that the brake does not hold their keys any more: few at once, and all the same
   * only if Cognito says that they are gone. Else anybody who makes some accounts and leaves would hold it for everybody.
   */
  private overdue(findings: readonly Finding[], now: number): readonly Finding[] {
    const missing = findings.filter(({ isListed, desired }) => !isListed && desired.username !== '');
    const since = new Map(missing.map(({ desired: { sub } }) => [sub, this.missingSince.get(sub) ?? now]));
    this.missingSince = since;
    const until = now - HELD_BACK_SECONDS * 1000;
    const overdue = missing.filter(({ desired, retires }) => retires > 0 && (since.get(desired.sub) ?? now) <= until);
    return overdue.slice(0, MOST_RETIRED);
  }

  private say({ drift, ...report }: SweepReport): void {
    if (report.heldBack > 0) {
      this.logger.error(`${report.heldBack} keys would be switched off at once; none was. Look, then sweep confirmed.`);
    }
    this.metrics.sweeps.inc();
    this.metrics.drift.set(report.driftCount);
    this.metrics.heldBack.set(report.heldBack);
    this.metrics.keys.set(report.keys);
    this.logger.log({ sweep: report });
  }
}

function isOld({ asOf }: SweepReport, now: Date): boolean {
  return now.getTime() - asOf.getTime() > STALE_SECONDS * 1000;
}

/** The brake: more keys are switched off at once by mistake only, be it ours or somebody's with the user pool. */
function mostRetired(enabledKeys: number): number {
  return Math.max(MOST_RETIRED, enabledKeys * MOST_RETIRED_SHARE);
}

function keysOf(findings: readonly Finding[]): number {
  return findings.reduce((sum, { retires }) => sum + retires, 0);
}
