import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Governor } from '../aws/governor.js';
import { type DayUsage, UsagePlans } from '../aws/usage-plans.js';
import { agingBy } from '../cache-options.js';
import { Clock, dayOf } from '../clock.js';
import { type PageArgs, pageOf } from '../paging.js';
import { PlanCatalogue } from '../plans/plan-catalogue.service.js';
import { BadUserInputError } from '../problem.js';
import type { CalendarDate } from '../scalars.js';
import { FleetIndex } from '../subscriptions/fleet/fleet-index.js';
import { LongWork } from '../subscriptions/fleet/long-work.js';
import { Sweeper } from '../subscriptions/sweep/sweeper.service.js';
import { expectRange } from './date-range.js';
import { UsageReportConnection, UsageReportRow } from './usage-report.model.js';

const KEPT_SECONDS = 60;
const MAX_KEPT = 20;
const PATIENCE_SECONDS = 8;

/** Calls on one plan over some days, by customer, in the order of their ids. */
export interface UsageReport {
  readonly asOf: Date;
  readonly rows: readonly UsageReportRow[];
}

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
    private readonly usagePlans: UsagePlans,
    private readonly catalogue: PlanCatalogue,
    private readonly index: FleetIndex,
    private readonly sweeper: Sweeper,
    private readonly governor: Governor,
    private readonly clock: Clock,
  ) {
    this.kept = new LRUCache({
      max: MAX_KEPT,
      ttl: KEPT_SECONDS * 1000,
      ...agingBy(() => clock.now().getTime()),
    });
  }

  async page({ plan, from, to }: Asked, page: PageArgs): Promise<UsageReportConnection> {
    const { asOf, rows } = await this.of({ plan, from, to });
    const list = JSON.stringify(['usageReport', plan, from, to]);
    // By nothing that changes: whoever calls more between two pages, which may be of two reports, is on one of them.
    return new UsageReportConnection(
      pageOf(list, rows, ({ id }) => [id], page),
      asOf,
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
    const reading = this.reading.get(name) ?? new LongWork(this.clock, () => this.keep(name, plan.id, asked));
    this.reading.set(name, reading);
    return reading.within(PATIENCE_SECONDS);
  }

  private async keep(name: string, planId: string, asked: Asked): Promise<UsageReport> {
    const report = await this.read(planId, asked);
    this.kept.set(name, report);
    return report;
  }

  private async read(planId: string, { from, to }: Asked): Promise<UsageReport> {
    const asOf = this.clock.now();
    const today = dayOf(asOf);
    await this.sweeper.recent();
    if (from > today) return { asOf, rows: [] };
    const days = await this.governor.background(() =>
      this.usagePlans.usageByKey(planId, from, to < today ? to : today),
    );
    return { asOf, rows: this.rowsOf(days) };
  }

  /** One row a customer; a key of nobody that the index knows has a row of its own. */
  private rowsOf(days: ReadonlyMap<string, readonly DayUsage[]>): UsageReportRow[] {
    const keysBySub = new Map<string, string[]>();
    for (const keyId of days.keys()) {
      const owner = this.index.ownerOf(keyId) ?? keyId;
      keysBySub.set(owner, [...(keysBySub.get(owner) ?? []), keyId]);
    }
    const rows = [...keysBySub].map(([owner, keyIds]) => {
      const customer = this.index.find(owner);
      const isKnown = this.index.ownerOf(keyIds[0] ?? '') !== null;
      return new UsageReportRow(
        isKnown ? owner : null,
        customer,
        keyIds,
        keyIds.flatMap((id) => days.get(id) ?? []),
      );
    });
    return rows.sort((a, b) => (a.id < b.id ? -1 : 1));
  }
}
