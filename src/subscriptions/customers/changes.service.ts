import { Injectable } from '@nestjs/common';
import { noteForAudit } from '../../audit/audit-notes.js';
import type { Caller } from '../../auth/caller.js';
import { URGENT } from '../../aws/governor/admission/admission.js';
import { Governor } from '../../aws/governor.js';
import { PlanCatalogue } from '../../plans/plan-catalogue.service.js';
import { ForbiddenError, NoAccountError } from '../../problem.js';
import { auditedIntent } from '../customer.js';
import { type Desired, DesiredState, type Who } from '../reconcile/desired-state.service.js';
import { UnknownUser } from '../subscriptions.problems.js';
import { CustomerLook } from './customer-look.service.js';
import { Customers } from './customers.service.js';
import { OneAtATime } from './one-at-a-time.js';

/** One change to a customer at a time, on a state read fresh from Cognito. */
@Injectable()
export class Changes {
  constructor(
    private readonly customers: Customers,
    private readonly look: CustomerLook,
    private readonly desiredState: DesiredState,
    private readonly turns: OneAtATime,
    private readonly catalogue: PlanCatalogue,
    private readonly governor: Governor,
  ) {}

  /**
   * By the customer. A token outlives its user, so Cognito is asked whether there still is one.
   * @throws TryAgainError when too much is under way already; nothing of `work` has begun then.
   */
  own<T>(caller: Caller, work: (desired: Desired) => Promise<T>): Promise<T> {
    const read = () => this.present(caller);
    return this.governor.interactive(() => this.inTurn(caller, read, work), caller.sub);
  }

  /**
   * By somebody else, to one who may be disabled. With `isLeavingToo` one whose deletion was asked for counts as a user
   * still.
   */
  of<T>(
    userId: string,
    work: (desired: Desired) => Promise<T>,
    { isLeavingToo = false } = {},
  ): Promise<T | UnknownUser> {
    return this.governor.interactive(async () => {
      const who = await this.look.whoIs(userId);
      if (!who) return new UnknownUser();
      const read = () => (isLeavingToo ? this.desiredState.readEvenLeaving(who) : this.desiredState.read(who));
      return this.inTurn<T | UnknownUser, Desired | null>(who, read, async (desired) => {
        if (!desired) return new UnknownUser();
        noteForAudit({ target: who.sub, before: auditedIntent(desired) });
        return work(desired);
      });
    }, URGENT);
  }

  /** From when the work begins, what AWS said before is not to be told any more. */
  private inTurn<T, D>({ sub }: Who, read: () => Promise<D>, work: (desired: D) => Promise<T>): Promise<T> {
    return this.turns.run(sub, async () => {
      this.customers.lookAgain(sub);
      const [desired] = await Promise.all([read(), this.catalogue.freshen()]);
      try {
        return await work(desired);
      } finally {
        this.customers.forget(sub);
      }
    });
  }

  private async present(caller: Caller): Promise<Desired> {
    const desired = await this.desiredState.read(caller);
    if (!desired) throw new NoAccountError();
    noteForAudit({ target: caller.sub, before: auditedIntent(desired) });
    if (!desired.user.enabled) throw new ForbiddenError('This account is disabled.');
    return desired;
  }
}
