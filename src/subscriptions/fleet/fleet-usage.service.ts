import { Injectable } from '@nestjs/common';
import { secondsBetween } from '../../aws/governor/rates.js';
import { Governor } from '../../aws/governor.js';
import { PAGE_SIZE } from '../../aws/pages.js';
import { type DayUsage, UsagePlans } from '../../aws/usage-plans.js';
import { Clock, dayOf } from '../../clock.js';
import { Config } from '../../config.js';
import { CacheReads } from '../../metrics.js';
import { PlanCatalogue } from '../../plans/plan-catalogue.service.js';
import { secondsLeft } from '../../request-trace.js';
import { reportedFrom } from '../ledger/calls.js';
import { LongWork } from './long-work.js';

const PATIENCE_SECONDS = 8;
const MAX_FRESH_SECONDS = 60;
/** How old a reading may be at most that is shown because AWS gives no newer one. */
const MAX_STALE_SECONDS = 3600;
/** What readings one after the other may use of the rates: of ten thousand keys one takes some 20 calls, every four minutes. */
const SHARE_OF_RATE = 0.01;

/** What AWS reported of every key of every plan of ours, for the days that a quota can depend on. */
export interface FleetReports {
  readonly asOf: Date;
  /** The first UTC day reported. */
  readonly from: string;
  of(planId: string, keyId: string): readonly DayUsage[];
}

/**
 * Usage by whole plans: 500 keys cost one call, where one after the other would cost 500. AWS's own reports are half an
 * hour late, so a reading of some minutes costs nobody anything.
 */
@Injectable()
export class FleetUsage {
  readonly reads = new CacheReads();
  private latest: FleetReports | null = null;
  private readings = 0;
  /** Until when the last reading is not read anew, and until when it can be shown, in milliseconds since 1970. */
  private freshUntil = Number.NEGATIVE_INFINITY;
  private shownUntil = Number.NEGATIVE_INFINITY;
  private readonly reading: LongWork<FleetReports>;

  constructor(
    private readonly usagePlans: UsagePlans,
    private readonly catalogue: PlanCatalogue,
    private readonly governor: Governor,
    private readonly clock: Clock,
    private readonly config: Config,
  ) {
    this.reading = new LongWork(clock, () => this.governor.shared(() => this.read()));
  }

  /** The last reading, however old; null = there was none. */
  get last(): FleetReports | null {
    return this.latest;
  }

  /** The last reading, to be shown to a customer when AWS is away; null = there was none in the last hour. */
  get lastResort(): FleetReports | null {
    const since = this.clock.now().getTime() - MAX_STALE_SECONDS * 1000;
    return this.latest && this.latest.asOf.getTime() >= since ? this.latest : null;
  }

  /** Whether the last reading can be shown to a customer. */
  get isFresh(): boolean {
    return this.clock.now().getTime() <= this.shownUntil;
  }

  /**
   * What was read lately enough to be shown to a customer; what is not quite fresh is answered while it is read anew.
   * Null = ask for that customer alone.
   */
  known(): FleetReports | null {
    const isKnown = this.isFresh;
    const isDue = this.clock.now().getTime() > this.freshUntil;
    this.reads[!isKnown ? 'miss' : isDue ? 'stale' : 'hit'] += 1;
    if (isKnown && isDue) void this.refresh();
    return isKnown ? this.latest : null;
  }

  /** Which reading can be shown to a customer, by its number; null = none. */
  get held(): number | null {
    return this.isFresh ? this.readings : null;
  }

  /**
   * For showing many.
   * @throws TryAgainError when it takes longer than a request may last; the reading goes on.
   */
  async forMany(): Promise<FleetReports> {
    const seconds = Math.max(0, Math.min(PATIENCE_SECONDS, secondsLeft(this.clock.now())));
    return this.known() ?? (await this.reading.within(seconds));
  }

  /** Reads all plans anew, unless that is going on. */
  refresh(): Promise<unknown> {
    return this.reading.begin().catch(() => undefined);
  }

  /** How long a reading that took so many calls is good for. */
  private freshSeconds(calls: number): number {
    const { awsRateFactor, processCount, usageLagSeconds } = this.config;
    const seconds = Math.min(MAX_FRESH_SECONDS, Math.max(1, usageLagSeconds / 60));
    const affordable = (calls * secondsBetween('GetUsage', awsRateFactor, processCount)) / SHARE_OF_RATE;
    return Math.max(seconds, Math.min(affordable, usageLagSeconds / 12));
  }

  private async read(): Promise<FleetReports> {
    const asOf = this.clock.now();
    const from = reportedFrom(asOf);
    const reports = new Map<string, ReadonlyMap<string, readonly DayUsage[]>>();
    for (const { id } of await this.catalogue.all()) {
      reports.set(id, await this.usagePlans.usageByKey(id, from, dayOf(asOf)));
    }
    const calls = [...reports.values()].reduce((sum, { size }) => sum + Math.max(1, Math.ceil(size / PAGE_SIZE)), 0);
    const seconds = this.freshSeconds(calls);
    this.freshUntil = asOf.getTime() + seconds * 1000;
    this.shownUntil = asOf.getTime() + Math.max(seconds, this.config.usageLagSeconds / 6) * 1000;
    this.readings += 1;
    this.latest = { asOf, from, of: (planId, keyId) => reports.get(planId)?.get(keyId) ?? [] };
    return this.latest;
  }
}
