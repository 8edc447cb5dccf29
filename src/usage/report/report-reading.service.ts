import { Injectable } from '@nestjs/common';
import { Governor } from '../../aws/governor.js';
import { type DayUsage, UsagePlans } from '../../aws/usage-plans.js';
import { dayOf } from '../../clock.js';
import type { Plan } from '../../plans/plan.model.js';
import type { CalendarDate } from '../../scalars.js';
import { FleetIndex } from '../../subscriptions/fleet/fleet-index.js';
import { bookedFrom } from '../../subscriptions/ledger/ledger.js';
import { Allowance } from '../../subscriptions/reconcile/allowance.service.js';
import { Sweeper } from '../../subscriptions/sweep/sweeper.service.js';
import type { Range } from './booked-calls.js';
import { asReported, callsOnPlan, type PlanCalls, type Reports } from './calls-on-plan.js';
import { type UsageReport, UsageReportRow } from './usage-report.model.js';

/** What AWS reports of a plan, and the books of all customers, which come with the list of their keys. */
@Injectable()
export class ReportReading {
  private readonly find = (sub: string) => this.index.find(sub);

  constructor(
    private readonly usagePlans: UsagePlans,
    private readonly index: FleetIndex,
    private readonly sweeper: Sweeper,
    private readonly governor: Governor,
    private readonly allowance: Allowance,
  ) {}

  /** @throws TryAgainError while all are listed, where that takes longer than a request may last. */
  async read(plan: Plan, from: CalendarDate, to: CalendarDate): Promise<UsageReport> {
    const { date: asOf } = this.allowance.now();
    const today = dayOf(asOf);
    await this.sweeper.recent();
    if (from > today) return { asOf, isComplete: true, rows: [] };
    const range = { from, to: to < today ? to : today };
    const reports = await this.governor.background(() => this.usagePlans.usageByKey(plan.id, range.from, range.to));
    return { asOf, isComplete: from >= bookedFrom(today), rows: this.rowsOf(plan, range, reports) };
  }

  /** One row a customer; a key of nobody that the index knows has a row of its own. */
  private rowsOf(plan: Plan, range: Range, reports: Reports): UsageReportRow[] {
    const reportsBySub = new Map<string, Map<string, readonly DayUsage[]>>();
    for (const [keyId, days] of reports) {
      const owner = this.index.ownerOf(keyId) ?? keyId;
      reportsBySub.set(owner, (reportsBySub.get(owner) ?? new Map()).set(keyId, days));
    }
    const now = this.allowance.now();
    const rows: UsageReportRow[] = [];
    for (const customer of this.index.evenDeparted()) {
      const { sub } = customer.desired;
      const calls = callsOnPlan(customer, plan, range, reportsBySub.get(sub) ?? new Map(), now);
      reportsBySub.delete(sub);
      if (calls) rows.push(new UsageReportRow(sub, this.find, calls));
    }
    for (const [owner, reported] of reportsBySub) rows.push(this.rowOfNobody(owner, asReported(reported)));
    return rows.sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** Of a user who is gone, or of a key that is none of ours. */
  private rowOfNobody(owner: string, calls: PlanCalls): UsageReportRow {
    const isKnown = this.index.ownerOf(calls.keyIds[0] ?? '') !== null;
    return new UsageReportRow(isKnown ? owner : null, this.find, calls);
  }
}
