import { Injectable } from '@nestjs/common';
import type { Caller } from '../auth/caller.js';
import { CallerLimits } from '../auth/limits/caller-limits.service.js';
import { PlanCatalogue } from '../plans/plan-catalogue.service.js';
import { BadUserInputError, Problem, TryAgainError } from '../problem.js';
import { type Customer, issuedKeyOf, presentSubscription } from '../subscriptions/customer.js';
import { Changes } from '../subscriptions/customers/changes.service.js';
import { UserChanged } from '../subscriptions/oversight.results.js';
import type { Desired } from '../subscriptions/reconcile/desired-state.service.js';
import { Keyring } from '../subscriptions/reconcile/keyring.service.js';
import { expectMeantPlan } from '../subscriptions/reconcile/provisioning.service.js';
import { Reconciler } from '../subscriptions/reconcile/reconciler.service.js';
import { Succession } from '../subscriptions/reconcile/succession.service.js';
import { AccountSuspended, NoSubscription } from '../subscriptions/subscriptions.problems.js';
import { toUser } from '../subscriptions/user.model.js';
import { KeyInUse, UnknownKey } from './keys.problems.js';
import { KeyRevealed, KeyRevoked, KeyRotated } from './keys.results.js';

const MAX_GRACE_SECONDS = 2_592_000;

/** The customer's key: shown, replaced, ended. */
@Injectable()
export class KeysService {
  constructor(
    private readonly changes: Changes,
    private readonly catalogue: PlanCatalogue,
    private readonly keyring: Keyring,
    private readonly succession: Succession,
    private readonly reconciler: Reconciler,
    private readonly limits: CallerLimits,
  ) {}

  /** "This key must go": a key that is gone already, or going, is answered with the one that took its place. */
  async rotate(caller: Caller, keyId: string, graceSeconds: number) {
    expectGrace(graceSeconds);
    return this.changes.own(caller, async (desired) => {
      if (desired.plan !== null && desired.suspension) return new AccountSuspended();
      const replaced = await this.replace(desired, keyId, graceSeconds, (make) => this.limits.rotation(caller, make));
      if (replaced instanceof Problem) return replaced;
      return new KeyRotated(presentSubscription(replaced, desired.plan ?? ''), issuedKeyOf(replaced));
    });
  }

  /** The same for somebody else; of a suspended customer too, whose new key then waits like the old one. */
  async rotateFor(userId: string, keyId: string, graceSeconds: number) {
    expectGrace(graceSeconds);
    return this.changes.of(userId, async (desired) => {
      const replaced = await this.replace(desired, keyId, graceSeconds, (make) => make());
      return replaced instanceof Problem ? replaced : new UserChanged(toUser(replaced));
    });
  }

  private async replace(
    desired: Desired,
    keyId: string,
    graceSeconds: number,
    limited: <T>(make: () => Promise<T>) => Promise<T>,
  ): Promise<Customer | NoSubscription | UnknownKey> {
    if (desired.plan === null) return new NoSubscription();
    const ring = await this.keyring.read(desired);
    if (!ring.keys.some(({ id }) => id === keyId)) return new UnknownKey();
    const plan = await expectMeantPlan(this.catalogue, desired);
    if (ring.current?.id === keyId) {
      await limited(() => this.succession.makeNext(desired, ring, plan, graceSeconds));
    }
    if (ring.overlapping?.id === keyId) await this.succession.shortenOverlap(desired, ring, graceSeconds);
    return this.reconciler.run(desired);
  }

  revoke(caller: Caller, keyId: string) {
    return this.changes.own(caller, async (desired) => {
      const ring = await this.keyring.read(desired);
      const isMine = ring.keys.some(({ id }) => id === keyId);
      if (!isMine || desired.plan === null) return new UnknownKey();
      if (ring.current?.id === keyId) return new KeyInUse();
      if (ring.overlapping?.id === keyId) {
        await expectMeantPlan(this.catalogue, desired);
        await this.succession.shortenOverlap(desired, ring, 0);
      }
      return new KeyRevoked(presentSubscription(await this.reconciler.run(desired), desired.plan));
    });
  }

  /** Also finishes what is half made, so that there is a key to show. */
  reveal(caller: Caller) {
    return this.changes.own(caller, async (desired) => {
      if (desired.plan === null) return new NoSubscription();
      const key = issuedKeyOf(await this.reconciler.run(desired));
      if (!key && desired.suspension) return new AccountSuspended();
      if (!key) throw new TryAgainError();
      return new KeyRevealed(key);
    });
  }
}

function expectGrace(graceSeconds: number): void {
  if (graceSeconds < 0 || graceSeconds > MAX_GRACE_SECONDS) {
    throw new BadUserInputError(`graceSeconds must be from 0 to ${MAX_GRACE_SECONDS} (30 days).`);
  }
}
