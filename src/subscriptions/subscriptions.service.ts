import { Injectable } from '@nestjs/common';
import type { Caller } from '../auth/caller.js';
import { CallerLimits } from '../auth/limits/caller-limits.service.js';
import type { Plan } from '../plans/plan.model.js';
import { PlanCatalogue } from '../plans/plan-catalogue.service.js';
import { UnknownPlan } from '../plans/plans.problems.js';
import { type Customer, issuedKeyOf, presentSubscription, subscriptionOf } from './customer.js';
import { Changes } from './customers/changes.service.js';
import { type Desired, DesiredState } from './reconcile/desired-state.service.js';
import { Provisioning } from './reconcile/provisioning.service.js';
import { Reconciler } from './reconcile/reconciler.service.js';
import { AccountSuspended, NoSubscription, PlanNotForSale } from './subscriptions.problems.js';
import { SubscriptionCancelled, SubscriptionChanged } from './subscriptions.results.js';

/** What a customer is meant to have, changed by the customer: look, refuse, record, reconcile. */
@Injectable()
export class SubscriptionsService {
  constructor(
    private readonly changes: Changes,
    private readonly catalogue: PlanCatalogue,
    private readonly desiredState: DesiredState,
    private readonly reconciler: Reconciler,
    private readonly provisioning: Provisioning,
    private readonly limits: CallerLimits,
  ) {}

  /** First subscription, upgrade, downgrade, or a repeat of any of them. */
  subscribe(caller: Caller, code: string) {
    return this.changes.own(caller, async (desired) => {
      const plan = await this.catalogue.find(code);
      if (!plan) return new UnknownPlan();
      if (desired.suspension) return new AccountSuspended();
      const hasIt = desired.plan === code && desired.isPlanSigned;
      if (!hasIt && !plan.forSale) return new PlanNotForSale();
      const customer = await this.reconciler.run(await this.record(caller, desired, code));
      return new SubscriptionChanged(presentSubscription(customer, code), issuedKeyOf(customer));
    });
  }

  /** A plan that nobody had to ask for. Null = there is one, or was one: whoever left is not brought back. */
  begin(caller: Caller, code: string): Promise<Customer | null> {
    return this.changes.own(caller, async (desired) => {
      if (desired.plan !== null || desired.suspension || comesBack(desired)) return null;
      return this.reconciler.run(await this.desiredState.writePlan(desired, code));
    });
  }

  cancel(caller: Caller) {
    return this.changes.own(caller, async (desired) => {
      const ended = await this.end(desired);
      if (ended instanceof NoSubscription) return ended;
      return new SubscriptionCancelled(ended.plan, subscriptionOf(ended.customer));
    });
  }

  /** Records that there is to be no plan, and carries it out: the plan that was left, and the customer on the way out of it. */
  async end(desired: Desired): Promise<{ readonly plan: Plan | null; readonly customer: Customer } | NoSubscription> {
    const before = desired.plan === null ? await this.provisioning.look(desired) : null;
    if (before?.state === null) return new NoSubscription();
    const plan = desired.plan === null ? (before?.plan ?? null) : await this.catalogue.find(desired.plan);
    const customer = await this.reconciler.run(await this.desiredState.writePlan(desired, null));
    return { plan, customer: { ...customer, plan: customer.plan ?? plan } };
  }

  /** A key that is new to a plan has its whole quota until what is left is set: so coming back and other plans are limited. */
  private record(caller: Caller, desired: Desired, code: string): Promise<Desired> {
    const write = () => this.desiredState.writePlan(desired, code);
    if (comesBack(desired)) return this.limits.rotation(caller, write);
    const isChange = desired.plan !== null && desired.plan !== code;
    return isChange ? this.limits.planChange(caller, write) : write();
  }
}

/** Who left and comes back gets a new key, like one who replaces it; the account has room for a fixed number of them. */
function comesBack({ plan, key, floor }: Desired): boolean {
  return plan === null && (key !== null || floor !== null);
}
