import { Injectable } from '@nestjs/common';
import { type DayUsage, UsagePlans } from '../aws/usage-plans.js';
import { Clock, dayOf } from '../clock.js';
import type { Plan } from '../plans/plan.model.js';
import { PlanCatalogue } from '../plans/plan-catalogue.service.js';
import { firstDay, nextPeriodStart, periodStart } from '../plans/quota-period.js';
import type { Customer } from '../subscriptions/customer.js';
import { type FleetReports, FleetUsage } from '../subscriptions/fleet/fleet-usage.service.js';
import { ListedCustomers } from '../subscriptions/fleet/listed-customers.service.js';
import { reportedFrom } from '../subscriptions/ledger/calls.js';
import { Allowance } from '../subscriptions/reconcile/allowance.service.js';
import type { OwnKey } from '../subscriptions/reconcile/key-ring.js';
import { type CountedPair, callsByDay, callsInPeriod, type KeyOnPlan, pairsOf } from './counted-pairs.js';
import { expectRange } from './date-range.js';
import { DailyUsage, Usage } from './usage.model.js';

/** What AWS reports of a key on a plan. */
type ReportOf = (plan: Plan, key: OwnKey) => Promise<readonly DayUsage[]>;

/** How much a customer called, for people to read: over all the keys and plans that the period has seen. */
@Injectable()
export class UsageService {
  private readonly answers = new WeakMap<Customer, Promise<Usage | null>>();

  constructor(
    private readonly fleet: FleetUsage,
    private readonly listed: ListedCustomers,
    private readonly catalogue: PlanCatalogue,
    private readonly usagePlans: UsagePlans,
    private readonly allowance: Allowance,
    private readonly clock: Clock,
  ) {}

  /**
   * Null = no subscription. From what was read for all, where all are listed too; else asked for this customer, and kept as
   * long as they.
   */
  async of(customer: Customer): Promise<Usage | null> {
    const known = this.listed.isFresh ? await this.fleet.forMany().catch(() => null) : this.fleet.known();
    if (known) return this.counted(customer, known.asOf, async (plan, key) => known.of(plan.id, key.id));
    const answer = this.answers.get(customer) ?? this.asked(customer);
    this.answers.set(customer, answer);
    answer.catch(() => this.answers.delete(customer));
    return answer;
  }

  /**
   * Calls of the period beyond the most that the customer was allowed in it: after a change to a smaller plan the larger
   * one counts, and beyond a plan without a quota there is nothing.
   */
  async beyond(customer: Customer, reports: FleetReports): Promise<number> {
    const usage = await this.counted(customer, reports.asOf, async (plan, key) => reports.of(plan.id, key.id));
    if (!usage?.periodStart || !customer.plan) return 0;
    const since = dayOf(usage.periodStart);
    const codes = customer.ring.ledger.entries.filter(({ lastDay }) => lastDay >= since).map(({ plan }) => plan);
    const plans = (await this.catalogue.all()).filter(({ code }) => codes.includes(code));
    const limits = [customer.plan, ...plans].map(({ quota }) => quota?.limit ?? Number.POSITIVE_INFINITY);
    return Math.max(0, usage.used - usage.granted - Math.max(...limits));
  }

  /** Days without calls are left out. */
  async daily(customer: Customer, from: string, to: string): Promise<DailyUsage[]> {
    expectRange(from, to);
    const today = dayOf(this.clock.now());
    if (from > today) return [];
    const reportOf = this.asking(from, to < today ? to : today);
    const counted = await this.pairs(customer, reportOf);
    const pairs = [...counted, ...(await this.reported(await this.forgotten(customer, counted), reportOf))];
    return callsByDay(pairs, customer.ring.ledger, from, to);
  }

  private asked(customer: Customer): Promise<Usage | null> {
    const now = this.clock.now();
    return this.counted(customer, now, this.asking(reportedFrom(now), dayOf(now)));
  }

  private async counted(customer: Customer, asOf: Date, reportOf: ReportOf): Promise<Usage | null> {
    const { plan, state, desired, ring } = customer;
    if (!plan || state === null) return null;
    const now = this.clock.now();
    const period = plan.quota?.period ?? 'MONTH';
    const pairs = await this.pairs(customer, reportOf);
    const { lagSeconds, ...moment } = this.allowance.now();
    const knownUntil = asOf.getTime() / 1000 - lagSeconds;
    const used = callsInPeriod(pairs, ring.ledger, plan, { ...moment, lagSeconds: 0 }, knownUntil);
    const granted = this.allowance.granted(plan, desired);
    const limit = plan.quota && plan.quota.limit + granted;
    return new Usage({
      limit,
      used,
      remaining: limit === null ? null : Math.max(0, limit - used),
      granted,
      periodStart: plan.quota && periodStart(period, now),
      resetsAt: plan.quota && nextPeriodStart(period, now),
      asOf,
      daily: callsByDay(pairs, ring.ledger, firstDay(period, now), dayOf(now)),
    });
  }

  private async pairs(customer: Customer, reportOf: ReportOf): Promise<CountedPair[]> {
    return this.reported(pairsOf(customer, await this.catalogue.all()), reportOf);
  }

  /** Retired keys of which the books hold nothing any more, on the plans that they were left in: AWS still reports them. */
  private async forgotten({ ring }: Customer, counted: readonly KeyOnPlan[]): Promise<KeyOnPlan[]> {
    if (ring.ledger.entries.some(({ plan }) => plan === '')) return []; // made of several, and calls of such keys are in it
    const plans = await this.catalogue.all();
    const keys = ring.keys.filter(({ id }) => !counted.some(({ key }) => key.id === id));
    const pairs = keys.map(async (key) => {
      const ids = await this.usagePlans.plansOf(key.id);
      return plans.filter(({ id }) => ids.includes(id)).map((plan) => ({ plan, key, slot: null }));
    });
    return (await Promise.all(pairs)).flat();
  }

  private async reported(pairs: readonly KeyOnPlan[], reportOf: ReportOf): Promise<CountedPair[]> {
    const days = await Promise.all(pairs.map(({ plan, key }) => reportOf(plan, key)));
    return pairs.map((pair, index) => ({ ...pair, days: days[index] ?? [] }));
  }

  private asking(from: string, to: string): ReportOf {
    return (plan, key) => this.usagePlans.usage(plan.id, key.id, from, to);
  }
}
