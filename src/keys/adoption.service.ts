import { Injectable } from '@nestjs/common';
import { noteForAudit } from '../audit/audit-notes.js';
import { AwsUnavailableError } from '../aws/failures.js';
import type { StoredKey } from '../aws/key-store.js';
import type { Plan } from '../plans/plan.model.js';
import { ImportUnfinishedError, Problem } from '../problem.js';
import { auditedIntent } from '../subscriptions/customer.js';
import { Changes } from '../subscriptions/customers/changes.service.js';
import { UserChanged } from '../subscriptions/oversight.results.js';
import { type Desired, DesiredState } from '../subscriptions/reconcile/desired-state.service.js';
import { Keyring } from '../subscriptions/reconcile/keyring.service.js';
import { Reconciler } from '../subscriptions/reconcile/reconciler.service.js';
import { Succession } from '../subscriptions/reconcile/succession.service.js';
import { toUser } from '../subscriptions/user.model.js';
import { ForeignKeys } from './foreign-keys.service.js';
import { UnknownApiKey } from './keys.problems.js';

/** Takes over what a business had before Turnpike: its customers keep their keys. */
@Injectable()
export class Adoption {
  constructor(
    private readonly changes: Changes,
    private readonly foreignKeys: ForeignKeys,
    private readonly desiredState: DesiredState,
    private readonly keyring: Keyring,
    private readonly succession: Succession,
    private readonly reconciler: Reconciler,
  ) {}

  /** Makes a key that was made by hand the user's current one, and its plan the user's. It works on until it is rotated. */
  importFor(userId: string, keyId: string) {
    return this.changes.of(userId, async (desired) => {
      const key = await this.foreignKeys.find(keyId);
      if (!key) return new UnknownApiKey();
      const isTheirs = await this.isCurrent(desired, keyId);
      const found = isTheirs ? null : await this.foreignKeys.planOf(key);
      if (found instanceof Problem) return found;
      const recorded = found ? await this.adopt(desired, key, found) : desired;
      return new UserChanged(toUser(await this.reconciler.run(recorded)));
    });
  }

  /**
   * The plan is recorded first: from then on the customer is meant to have what the key gives, and has a key of their own
   * where somebody else got hold of this one meanwhile. Of somebody who has left by then the key is not touched.
   * @throws ImportUnfinishedError when it is recorded, and AWS did not let the key be taken over.
   */
  private async adopt(desired: Desired, key: StoredKey, plan: Plan): Promise<Desired> {
    const recorded = await this.desiredState.writePlan(desired, plan.code);
    noteForAudit({ target: recorded.sub, after: auditedIntent(recorded) });
    try {
      const latest = await this.desiredState.again(recorded);
      if (!latest.isGone) await this.succession.adopt(latest, await this.keyring.read(latest), plan, key);
      return latest;
    } catch (error) {
      if (error instanceof AwsUnavailableError)
        throw new ImportUnfinishedError(error.retryAfterSeconds, { cause: error });
      throw error;
    }
  }

  /** A repeated import finds that it was done. */
  private async isCurrent(desired: Desired, keyId: string): Promise<boolean> {
    return desired.plan !== null && (await this.keyring.read(desired)).current?.id === keyId;
  }
}
