import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { CallerLimits } from '../auth/limits/caller-limits.service.js';
import { Governor } from '../aws/governor.js';
import { UsagePlans } from '../aws/usage-plans.js';
import { agingBy, roomFor } from '../cache-options.js';
import { Clock, dayOf } from '../clock.js';
import { PlanCatalogue } from '../plans/plan-catalogue.service.js';
import type { Customer } from '../subscriptions/customer.js';
import { Customers } from '../subscriptions/customers/customers.service.js';
import { MERGED } from '../subscriptions/ledger/calls.js';
import { callsByDay, type KeyOnPlan, pairsOf, type ReportOf, reported } from './counted-pairs.js';
import { expectRange } from './date-range.js';
import type { DailyUsage } from './usage.model.js';

/** Of 92 days each that is some ten megabytes. */
const MAX_KEPT = 2000;

/** How much a customer called on days of somebody's choice: no reading for all has those, so AWS is asked for each customer. */
@Injectable()
export class DailyUsages {
  private readonly kept: LRUCache<string, Promise<DailyUsage[]>>;

  constructor(
    private readonly customers: Customers,
    private readonly catalogue: PlanCatalogue,
    private readonly usagePlans: UsagePlans,
    private readonly limits: CallerLimits,
    private readonly governor: Governor,
    private readonly clock: Clock,
  ) {
    this.kept = new LRUCache({ ...roomFor(MAX_KEPT), ...agingBy(() => clock.now().getTime()) });
  }

  /**
   * Days without calls are left out. What was asked lately is answered from memory, for as long as a customer is.
   * @throws TooOftenError for too many different days, TryAgainError when too many ask AWS.
   */
  async of(customer: Customer, from: string, to: string): Promise<DailyUsage[]> {
    expectRange(from, to);
    const today = dayOf(this.clock.now());
    return from > today ? [] : this.lately(customer, from, to < today ? to : today);
  }

  private lately(customer: Customer, from: string, to: string): Promise<DailyUsage[]> {
    const { sub } = customer.desired;
    const name = JSON.stringify([sub, from, to]);
    const known = this.kept.get(name);
    if (known) return known;
    const asking = this.limits.dailyUsage(sub, () => this.governor.interactive(() => this.ask(customer, from, to)));
    this.kept.set(name, asking, { ttl: this.customers.freshSeconds * 1000 });
    asking.catch(() => this.kept.peek(name) === asking && this.kept.delete(name));
    return asking;
  }

  private async ask(customer: Customer, from: string, to: string): Promise<DailyUsage[]> {
    const reportOf: ReportOf = (plan, key) => this.usagePlans.usage(plan.id, key.id, from, to);
    const counted = await reported(pairsOf(customer, await this.catalogue.all()), reportOf);
    const forgotten = await reported(await this.forgotten(customer, counted), reportOf);
    return callsByDay([...counted, ...forgotten], customer.ring.ledger, from, to);
  }

  /** Retired keys of which the books hold nothing any more, on the plans that they were left in: AWS still reports them. */
  private async forgotten({ ring }: Customer, counted: readonly KeyOnPlan[]): Promise<KeyOnPlan[]> {
    if (ring.ledger.entries.some(({ plan }) => plan === MERGED)) return []; // made of several, and calls of such keys are in it
    const plans = await this.catalogue.all();
    const keys = ring.keys.filter(({ id }) => !counted.some(({ key }) => key.id === id));
    const pairs = keys.map(async (key) => {
      const ids = await this.usagePlans.plansOf(key.id);
      return plans.filter(({ id }) => ids.includes(id)).map((plan) => ({ plan, key, slot: null }));
    });
    return (await Promise.all(pairs)).flat();
  }
}
