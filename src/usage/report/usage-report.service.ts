import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { agingBy } from '../../cache-options.js';
import { Clock } from '../../clock.js';
import { type PageArgs, pageOf } from '../../paging.js';
import type { Plan } from '../../plans/plan.model.js';
import { PlanCatalogue } from '../../plans/plan-catalogue.service.js';
import { BadUserInputError } from '../../problem.js';
import type { CalendarDate } from '../../scalars.js';
import { LongWork } from '../../subscriptions/fleet/long-work.js';
import { expectRange } from '../date-range.js';
import { ReportReading } from './report-reading.service.js';
import { type UsageReport, UsageReportConnection } from './usage-report.model.js';

const KEPT_SECONDS = 60;
const MAX_KEPT = 20;
const PATIENCE_SECONDS = 8;

interface Asked {
  readonly plan: string;
  readonly from: CalendarDate;
  readonly to: CalendarDate;
}

/** Who called how much, for the whole fleet: 500 keys cost one call to AWS. */
@Injectable()
export class UsageReports {
  private readonly kept: LRUCache<string, UsageReport>;
  private readonly reading = new LRUCache<string, LongWork<UsageReport>>({ max: MAX_KEPT });

  constructor(
    private readonly reports: ReportReading,
    private readonly catalogue: PlanCatalogue,
    private readonly clock: Clock,
  ) {
    this.kept = new LRUCache({
      max: MAX_KEPT,
      ttl: KEPT_SECONDS * 1000,
      ...agingBy(() => clock.now().getTime()),
    });
  }

  /** How many reports are in memory. */
  get held(): number {
    return this.kept.size;
  }

  async page({ plan, from, to }: Asked, page: PageArgs): Promise<UsageReportConnection> {
    const { rows, ...report } = await this.of({ plan, from, to });
    const list = JSON.stringify(['usageReport', plan, from, to]);
    // By nothing that changes: whoever calls more between two pages, which may be of two reports, is on one of them.
    return new UsageReportConnection(
      pageOf(list, rows, ({ id }) => [id], page),
      report,
    );
  }

  /**
   * The whole report. One that takes longer than a request may last is read to its end all the same, and kept for a minute.
   * @throws TryAgainError then.
   */
  async of(asked: Asked): Promise<UsageReport> {
    expectRange(asked.from, asked.to);
    const plan = await this.catalogue.find(asked.plan);
    if (!plan) throw new BadUserInputError('There is no plan with this code. Ask `plans` for those there are.');
    const name = JSON.stringify([plan.id, asked.from, asked.to]); // the code may come to name another plan
    const kept = this.kept.get(name);
    if (kept) return kept;
    const reading = this.reading.get(name) ?? new LongWork(this.clock, () => this.keep(name, plan, asked));
    this.reading.set(name, reading);
    return reading.within(PATIENCE_SECONDS);
  }

  private async keep(name: string, plan: Plan, { from, to }: Asked): Promise<UsageReport> {
    const report = await this.reports.read(plan, from, to);
    this.kept.set(name, report);
    // Whatever the clock says then: nobody may ask for it again, and it may have a row for each of ten thousand.
    setTimeout(() => this.drop(name, report), KEPT_SECONDS * 1000).unref();
    return report;
  }

  /** The timer goes off late, when it is too old to be shown; a newer one of that name stays. */
  private drop(name: string, report: UsageReport): void {
    if (this.kept.peek(name, { allowStale: true }) === report) this.kept.delete(name);
  }
}
