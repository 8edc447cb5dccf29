import { randomBytes } from 'node:crypto';
import type { StoredKey } from '../../src/aws/key-store.js';
import type { Plan } from '../../src/plans/plan.model.js';
import { Secret } from '../../src/secret.js';
import type { Books } from '../../src/subscriptions/ledger/books.js';
import type { Now } from '../../src/subscriptions/ledger/calls.js';
import { EMPTY_LEDGER, type Ledger } from '../../src/subscriptions/ledger/ledger.js';
import type { Pair } from '../../src/subscriptions/ledger/pair.js';
import { Allowance } from '../../src/subscriptions/reconcile/allowance.service.js';
import { type Desired, DesiredState } from '../../src/subscriptions/reconcile/desired-state.service.js';
import { KeyIdentity } from '../../src/subscriptions/reconcile/key-identity.js';
import type { KeyRing, OwnKey } from '../../src/subscriptions/reconcile/key-ring.js';
import { Keyring } from '../../src/subscriptions/reconcile/keyring.service.js';
import { Placement } from '../../src/subscriptions/reconcile/placement.service.js';
import type { SuspensionCode } from '../../src/subscriptions/subscription.model.js';
import type { SweepReport } from '../../src/subscriptions/sweep/sweep-report.js';
import { Sweeper } from '../../src/subscriptions/sweep/sweeper.service.js';

/** Turnpike with one idea taken out. Each must be noticed, or the suite proves nothing. */

/** Nothing collides any more: two processes make two keys. */
export class RandomValues extends KeyIdentity {
  override value(): Secret {
    return new Secret(randomBytes(20).toString('hex'));
  }
}

/** What changed while a process was at work goes unnoticed. */
export class NoSecondReading extends DesiredState {
  override async again(latest: Desired): Promise<Desired> {
    return latest;
  }
}

/** Whoever is not in the list of users is gone. */
export class AbsenceTakenForProof extends DesiredState {
  override async again(latest: Desired): Promise<Desired> {
    return latest.isGone ? latest : super.again(latest);
  }

  override async isProvenGone(): Promise<boolean> {
    return true;
  }
}

/** A new key starts with a fresh quota. */
export class NoLedgerCarried extends Keyring {
  override create(desired: Desired, generation: number, ledger: Ledger): Promise<OwnKey> {
    return super.create(desired, generation, {
      ...ledger,
      pair: null,
      entries: [],
    });
  }
}

/** A key replaced or cancelled stays enabled. */
export class NothingRetired extends Keyring {
  override async retire(): Promise<void> {}
}

/** A key that was switched off counts as the key again. */
export class RetiredKeyReused extends Keyring {
  override async read(desired: Desired): Promise<KeyRing> {
    const ring = await super.read(desired);
    return { ...ring, current: ring.current ?? ring.holder };
  }
}

/** Who comes back gets the value that was switched off. */
export class RetiredValueRevived extends Keyring {
  override async create(desired: Desired, generation: number, ledger: Ledger): Promise<OwnKey> {
    const { holder } = await super.read(desired);
    if (!holder || holder.enabled) return super.create(desired, generation, ledger);
    await super.delete(holder);
    return super.create(desired, holder.generation, ledger);
  }
}

/** A plan left leaves no trace in the ledger. */
export class NothingWrittenOnLeaving extends Allowance {
  override async leave(): Promise<void> {}
}

/** The counter of a new pair stays whole. */
export class NoCeiling extends Allowance {
  override async limit(): Promise<void> {}
}

/** What a report does not show yet counts as not called. */
export class LateReportsBelieved extends Allowance {
  override now(): Now {
    return { ...super.now(), lagSeconds: 0 };
  }
}

/** A pair recorded by a process that died counts as carried out. */
export class RecordTakenForDeed extends Allowance {
  override async limit(books: Books, key: OwnKey, plan: Plan, basis: number): Promise<void> {
    const slot = books.liveSlotOf(key);
    const pair: Pair | null = books.ledger[slot];
    if (pair?.pending && books.isFound(slot)) books.ledger = { ...books.ledger, [slot]: { ...pair, pending: false } };
    return super.limit(books, key, plan, basis);
  }
}

/** What remains is written down, and set by whoever comes next. */
export class CeilingPutOff extends Allowance {
  override async limit(books: Books, key: OwnKey, plan: Plan, basis: number): Promise<void> {
    const slot = books.liveSlotOf(key);
    if (!books.ledger[slot]?.pending || books.isFound(slot)) return super.limit(books, key, plan, basis);
  }
}

/** Whoever gets another key has called all that there was. */
export class RestLost extends Allowance {
  override total(): number {
    return 0;
  }
}

/** A key moves to another plan, and is not taken out of the first. */
export class NothingDetached extends Placement {
  override async move(books: Books, key: OwnKey, _from: readonly Plan[], to: Plan | null): Promise<boolean> {
    return super.move(books, key, [], to);
  }
}

/** A key is put into its new plan before it is taken out of the old one. */
export class AttachedBeforeDetached extends Placement {
  override async move(books: Books, key: OwnKey, from: readonly Plan[], to: Plan | null): Promise<boolean> {
    if (to && !from.some(({ id }) => id === to.id)) await super.move(books, key, [], to);
    const left = from.filter(({ id }) => id !== to?.id);
    return super.move(books, key, left, null);
  }
}

/** A key made by hand comes with a fresh quota. */
export class ImportResetsTheLedger extends Keyring {
  override adopt(desired: Desired, key: StoredKey, generation: number): Promise<void> {
    return super.adopt(desired, key, generation, EMPTY_LEDGER);
  }
}

/** A user whose deletion was asked for is deleted at once, and the keys after. */
export class UserDeletedBeforeTheKeys extends DesiredState {
  override async writeDeletion(desired: Desired): Promise<Desired> {
    const recorded = await super.writeDeletion(desired);
    await super.deleteUser(recorded);
    return recorded;
  }
}

/** Whoever this process suspended last counts as suspended, whatever Cognito says. */
export class SuspensionByOwnMemory extends DesiredState {
  private readonly last = new Map<string, SuspensionCode | null>();

  override async writeSuspension(desired: Desired, code: SuspensionCode | null): Promise<Desired> {
    if (this.last.get(desired.sub) === code) return desired;
    this.last.set(desired.sub, code);
    return super.writeSuspension(desired, code);
  }
}

/** Calls that are granted are not recorded. */
export class GrantForgotten extends DesiredState {
  override async writeGrant(desired: Desired): Promise<Desired> {
    return desired;
  }
}

/** However many keys a sweep would switch off, it does. */
export class NoBrake extends Sweeper {
  override sweep(): Promise<SweepReport> {
    return super.sweep({ confirm: true });
  }
}
