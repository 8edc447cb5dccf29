import { Injectable } from '@nestjs/common';
import { AwsUnavailableError } from '../aws/failures.js';
import { UsagePlans } from '../aws/usage-plans.js';
import { Clock, dayOf } from '../clock.js';
import { PlanCatalogue } from '../plans/plan-catalogue.service.js';
import { firstDay, nextPeriodStart, periodStart } from '../plans/quota-period.js';
import { TryAgainError } from '../problem.js';
import type { Customer } from '../subscriptions/customer.js';
import { type FleetReports, FleetUsage } from '../subscriptions/fleet/fleet-usage.service.js';
import { ListedCustomers } from '../subscriptions/fleet/listed-customers.service.js';
import { reportedFrom } from '../subscriptions/ledger/calls.js';
import { Allowance } from '../subscriptions/reconcile/allowance.service.js';
import { callsByDay, callsInPeriod, pairsOf, type ReportOf, reported } from './counted-pairs.js';
import { Usage } from './usage.model.js';

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
   * long as they. When AWS is away, from what it last said of all.
   */
  async of(customer: Customer): Promise<Usage | null> {
    const known = this.listed.isFresh ? await this.fleet.forMany().catch(() => null) : this.fleet.known();
    if (known) return this.countedFrom(known, customer);
    try {
      return await this.alone(customer);
    } catch (error) {
      const isAway = error instanceof AwsUnavailableError || error instanceof TryAgainError;
      const earlier = this.fleet.lastResort;
      if (!isAway || !earlier) throw error;
      return this.countedFrom(earlier, customer);
    }
  }

  /**
   * Calls of the period beyond the most that the customer was allowed in it: after a change to a smaller plan the larger
   * one counts, and beyond a plan without a quota there is nothing.
   */
  async beyond(customer: Customer, reports: FleetReports): Promise<number> {
    const usage = await this.countedFrom(reports, customer);
    if (!usage?.periodStart || !customer.plan) return 0;
    const since = dayOf(usage.periodStart);
    const codes = customer.ring.ledger.entries.filter(({ lastDay }) => lastDay >= since).map(({ plan }) => plan);
    const plans = (await this.catalogue.all()).filter(({ code }) => codes.includes(code));
    const limits = [customer.plan, ...plans].map(({ quota }) => quota?.limit ?? Number.POSITIVE_INFINITY);
    return Math.max(0, usage.used - usage.granted - Math.max(...limits));
  }

  private countedFrom(reports: FleetReports, customer: Customer): Promise<Usage | null> {
    return this.counted(customer, reports.asOf, async (plan, key) => reports.of(plan.id, key.id));
  }

  private alone(customer: Customer): Promise<Usage | null> {
    const answer = this.answers.get(customer) ?? this.asked(customer);
    this.answers.set(customer, answer);
    answer.catch(() => this.answers.delete(customer));
    return answer;
  }

  private asked(customer: Customer): Promise<Usage | null> {
    const now = this.clock.now();
    const [from, to] = [reportedFrom(now), dayOf(now)];
    return this.counted(customer, now, (plan, key) => this.usagePlans.usage(plan.id, key.id, from, to));
  }

  private async counted(customer: Customer, asOf: Date, reportOf: ReportOf): Promise<Usage | null> {
    const { plan, state, desired, ring } = customer;
    if (!plan || state === null) return null;
    const now = this.clock.now();
    const period = plan.quota?.period ?? 'MONTH';
    const pairs = await reported(pairsOf(customer, await this.catalogue.all()), reportOf);
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
}
