import { Injectable } from '@nestjs/common';
import type { Caller } from '../auth/caller.js';
import { PlanCatalogue } from '../plans/plan-catalogue.service.js';
import { UnknownPlan } from '../plans/plans.problems.js';
import { BadUserInputError } from '../problem.js';
import { Changes } from './customers/changes.service.js';
import { UserChanged, UserDeleted } from './oversight.results.js';
import { type Desired, DesiredState } from './reconcile/desired-state.service.js';
import { expectMeantPlan } from './reconcile/provisioning.service.js';
import { Reconciler } from './reconcile/reconciler.service.js';
import type { SuspensionCode } from './subscription.model.js';
import { NoQuota, NoSubscription, OwnAccount, RetiredPlan, UserDisabled } from './subscriptions.problems.js';
import { SubscriptionsService } from './subscriptions.service.js';
import { toUser } from './user.model.js';

/** The most that API Gateway lets a quota be. */
const MAX_QUOTA = 2 ** 31 - 1;

/** What a customer is meant to have, changed by somebody who runs the API. Each may be repeated. */
@Injectable()
export class Oversight {
  constructor(
    private readonly changes: Changes,
    private readonly catalogue: PlanCatalogue,
    private readonly desiredState: DesiredState,
    private readonly reconciler: Reconciler,
    private readonly subscriptions: SubscriptionsService,
  ) {}

  /** Also a plan that is not for self-service; of a suspended customer it is recorded, and comes with `resume`. */
  assign(userId: string, code: string) {
    return this.changes.of(userId, async (desired) => {
      const plan = await this.catalogue.find(code);
      if (!plan) return new UnknownPlan();
      const hasIt = desired.plan === code && desired.isPlanSigned;
      if (plan.retired && !hasIt) return new RetiredPlan();
      return this.carriedOut(await this.desiredState.writePlan(desired, code));
    });
  }

  cancel(userId: string) {
    return this.changes.of(userId, async (desired) => {
      const ended = await this.subscriptions.end(desired);
      return ended instanceof NoSubscription ? ended : new UserChanged(toUser(ended.customer));
    });
  }

  suspend(admin: Caller, userId: string, code: SuspensionCode) {
    return this.changes.of(userId, async (desired) => {
      if (userId === admin.sub) return new OwnAccount();
      return this.carriedOut(await this.desiredState.writeSuspension(desired, code));
    });
  }

  resume(userId: string) {
    return this.changes.of(userId, async (desired) => {
      if (!desired.user.enabled) return new UserDisabled();
      return this.carriedOut(await this.desiredState.writeSuspension(desired, null));
    });
  }

  /** So many calls more in the period that is going on, in total: a later grant of the period takes its place. */
  grant(userId: string, calls: number) {
    return this.changes.of(userId, async (desired) => {
      if (desired.plan === null) return new NoSubscription();
      const plan = await expectMeantPlan(this.catalogue, desired);
      if (!plan.quota) return new NoQuota();
      const most = MAX_QUOTA - plan.quota.limit;
      if (calls > most)
        throw new BadUserInputError(`requests must be from 0 to ${most}: API Gateway counts no further.`);
      return this.carriedOut(await this.desiredState.writeGrant(desired, plan.quota.period, calls));
    });
  }

  /** Recorded first, so that a crash ends nothing half-way; the keys are dead before the user is gone. */
  delete(admin: Caller, userId: string) {
    const leaving = async (desired: Desired) => {
      if (userId === admin.sub) return new OwnAccount();
      const customer = await this.reconciler.run(await this.desiredState.writeDeletion(desired));
      return new UserDeleted(toUser(customer), customer.state === null);
    };
    return this.changes.of(userId, leaving, { isLeavingToo: true });
  }

  /** Brings what there is to what is meant, and takes over a plan that somebody else wrote on the user. */
  repair(userId: string) {
    return this.changes.of(userId, async (desired) => {
      if (desired.plan === null) return this.carriedOut(desired);
      if (!(await this.catalogue.find(desired.plan))) return new UnknownPlan();
      return this.carriedOut(await this.desiredState.writePlan(desired, desired.plan));
    });
  }

  private async carriedOut(desired: Desired): Promise<UserChanged> {
    return new UserChanged(toUser(await this.reconciler.run(desired)));
  }
}
