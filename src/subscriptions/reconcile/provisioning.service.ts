import { Injectable } from '@nestjs/common';
import { AwsUnavailableError } from '../../aws/failures.js';
import type { Plan } from '../../plans/plan.model.js';
import { PlanCatalogue } from '../../plans/plan-catalogue.service.js';
import { TryAgainError } from '../../problem.js';
import { type Customer, stateOf, type Wanted } from '../customer.js';
import { Books } from '../ledger/books.js';
import { Allowance } from './allowance.service.js';
import type { Desired } from './desired-state.service.js';
import { type KeyRing, type OwnKey, predecessorOf } from './key-ring.js';
import { Keyring } from './keyring.service.js';
import { Placement } from './placement.service.js';
import { Succession } from './succession.service.js';

const UNRESOLVED_RETRY_SECONDS = 60;

/** Looks at what a customer has, and applies the difference to what the customer is meant to have. */
@Injectable()
export class Provisioning {
  constructor(
    private readonly catalogue: PlanCatalogue,
    private readonly keyring: Keyring,
    private readonly placement: Placement,
    private readonly succession: Succession,
    private readonly allowance: Allowance,
  ) {}

  /** What there is, with nothing changed. */
  async look(desired: Desired): Promise<Customer> {
    const wanted = await this.wanted(desired);
    return this.seen(desired, wanted, await this.keyring.read(desired));
  }

  /** The same of a customer as listed, with the plans of ours that the current key was listed in. */
  async ofListed(desired: Desired, ring: KeyRing, plans: readonly Plan[]): Promise<Customer> {
    const wanted = await this.wanted(desired);
    return { desired, ring, plan: planOf(wanted, plans), state: stateOf(wanted, ring, plans) };
  }

  /**
   * Retires first, then makes what is missing, moves keys into the plan, and sets the ceiling. `again` reads the desired
   * state once more: that there is no plan must be known right before a key is switched off, or one that was just made, or
   just handed out again, would be.
   */
  async apply(desired: Desired, again: () => Promise<Desired>): Promise<Customer> {
    const wanted = await this.wanted(desired);
    const found = await this.keyring.read(desired);
    if (wanted.kind === 'unresolved') return this.seen(desired, wanted, found);
    if (wanted.kind === 'nothing') return this.end(desired, found, again);
    const plan = wanted.kind === 'plan' ? wanted.plan : null;
    const before = Books.of(found);
    if (before) {
      await this.leave(before, found.surplus);
      await this.retire(desired, before, found.surplus);
    }
    const retired = { ...this.keyring.after(found, desired), ledger: before?.ledger ?? found.ledger };
    const made = plan && !found.current ? await this.succession.makeNext(desired, retired, plan, 0) : null;
    const ring = made ? this.keyring.after({ ...found, keys: [...found.keys, made] }, desired) : retired;
    const books = made ? Books.ofNew(made) : before;
    if (books && ring.current) {
      await this.allowance.settleDue(books, ring.keys);
      await this.leaveEnded(books, ring);
      await this.place(desired, books, ring, plan, made);
    }
    const state = stateOf(wanted, ring, plan ? [plan] : []);
    return { desired, ring: withBooks(ring, books), plan: planOf(wanted, []), state };
  }

  /** Both live keys into the plan, the one that is on its way out first: its share must shrink before the other's grows. */
  private async place(
    desired: Desired,
    books: Books,
    { current, overlapping }: KeyRing,
    plan: Plan | null,
    made: OwnKey | null,
  ): Promise<void> {
    if (plan && current && overlapping) {
      const total = this.allowance.total(books.ledger, plan, desired);
      await this.allowance.share(books, current, overlapping, plan, total);
    }
    const live = [overlapping, current].filter((key) => key !== null);
    const plans = new Map<OwnKey, readonly Plan[]>();
    for (const key of live) {
      const from = key.id === made?.id ? [] : await this.placement.plansOf(key);
      plans.set(key, from);
      for (const left of from) if (left.id !== plan?.id) await this.allowance.leave(books, key, left);
      const isLeft = await this.placement.leaveRecorded(books, key, from, plan);
      if (isLeft && plan && from.some(({ id }) => id === plan.id)) this.allowance.stay(books, key, plan);
    }
    let refused: AwsUnavailableError | null = null;
    for (const key of live) {
      const share = () => (plan ? this.allowance.shareOf(books, key, plan, desired, overlapping !== null) : 0);
      const putIn = this.putIn(books, key, key.id === made?.id ? null : (plans.get(key) ?? []), plan, share);
      await putIn.catch((error: unknown) => {
        // A key on its way out that AWS lets into no plan calls nothing: the other one is not to wait for it.
        if (key === current || !isAttachingRefused(error)) throw error;
        refused = error;
      });
    }
    await this.keyring.keep(books);
    if (refused) throw refused;
  }

  /** Out of those plans and into this one, with its share of what is left. A key made just now comes from nowhere. */
  private async putIn(
    books: Books,
    key: OwnKey,
    from: readonly Plan[] | null,
    plan: Plan | null,
    share: () => number,
  ): Promise<void> {
    const isJoining = plan && from && !this.placement.isSettledIn(books, key, from, plan);
    const isBack = isJoining && this.allowance.isOn(books, key, plan);
    if (isJoining && !isBack) this.allowance.join(books, key, plan, share());
    const isPutThere = await this.placement.move(books, key, from ?? [], plan);
    if (isBack && isPutThere) await this.allowance.rejoin(books, key, plan);
    if (plan) await this.allowance.limit(books, key, plan, share());
  }

  /** The books have an overlap whose key is switched off: what it called is written down all the same. */
  private async leaveEnded(books: Books, { keys, overlapping }: KeyRing): Promise<void> {
    const { overlap } = books.ledger;
    const ended = predecessorOf(keys, books.holder);
    const plan = overlap && !overlapping ? await this.catalogue.find(overlap.plan) : null;
    if (plan && ended) await this.allowance.leave(books, ended, plan);
  }

  /**
   * No plan: every key is switched off, with its calls written down in the same step, as are those of one that somebody
   * else switched off; later they are settled.
   */
  private async end(desired: Desired, ring: KeyRing, again: () => Promise<Desired>): Promise<Customer> {
    const books = Books.of(ring);
    const alive = ring.keys.filter(({ enabled }) => enabled);
    if (books) {
      const leaving = ring.keys.filter((key) => key.enabled || books.hasOnPlan(key));
      await this.leave(books, leaving);
      books.ledger = { ...books.ledger, pair: null, overlap: null }; // a plan that its key never got into has no calls
    }
    if (books && alive.length > 0) {
      await this.retire(desired, books, alive, async () => {
        if ((await again()).plan !== null) throw new AwsUnavailableError('AdminGetUser', 1);
      });
    } else if (books) {
      await this.allowance.settleDue(books, ring.keys);
      await this.keyring.keep(books);
    }
    return { desired, ring: withBooks(this.keyring.after(ring, desired), books), plan: null, state: null };
  }

  private async leave(books: Books, keys: readonly OwnKey[]): Promise<void> {
    for (const key of keys) await this.placement.leaveAll(books, key);
  }

  /** Keys of which the books have what they called. */
  private async retire(
    desired: Desired,
    books: Books,
    keys: readonly OwnKey[],
    expectDue?: () => Promise<void>,
  ): Promise<void> {
    for (const key of keys) {
      if (key.id !== books.holder.id) await this.keyring.keep(books);
      await this.keyring.retire(desired.sub, key, key.id === books.holder.id ? books : null, expectDue);
    }
  }

  private async seen(desired: Desired, wanted: Wanted, ring: KeyRing): Promise<Customer> {
    const plans = ring.current ? await this.placement.plansOf(ring.current) : [];
    const isLost = wanted.kind === 'unresolved' && plans.length === 0;
    const elsewhere = isLost && ring.current ? await this.placement.foreignPlansOf(ring.current) : [];
    const isWorking = plans.length + elsewhere.length > 0;
    return { desired, ring, plan: planOf(wanted, plans), state: stateOf(wanted, ring, plans, isWorking) };
  }

  /** Unresolved: signed by nobody, or a code that no usage plan bears just now. Then nothing is changed. */
  private async wanted(desired: Desired): Promise<Wanted> {
    if (desired.plan === null) return { kind: 'nothing' };
    const plan = await meantPlan(this.catalogue, desired);
    if (!plan) return { kind: 'unresolved', isSuspended: desired.suspension !== null };
    return desired.suspension ? { kind: 'parked', plan } : { kind: 'plan', plan };
  }
}

/** The ring with its ledger as it was written: whoever reads the customer from the index counts by it. */
function withBooks(ring: KeyRing, books: Books | null): KeyRing {
  return books ? { ...ring, ledger: books.ledger } : ring;
}

/** The plan a customer is meant to be on. Null = none, one that nobody signed, or a code that no usage plan bears just now. */
export async function meantPlan(catalogue: PlanCatalogue, { plan, isPlanSigned }: Desired): Promise<Plan | null> {
  return plan !== null && isPlanSigned ? catalogue.find(plan) : null;
}

/** The same for whoever has a plan. @throws TryAgainError while there is no telling which: nothing is to be changed then. */
export async function expectMeantPlan(catalogue: PlanCatalogue, desired: Desired): Promise<Plan> {
  const plan = await meantPlan(catalogue, desired);
  if (!plan) throw new TryAgainError(UNRESOLVED_RETRY_SECONDS);
  return plan;
}

/** The plan meant; where that is not to be told, the one that the key is in. */
function planOf(wanted: Wanted, plans: readonly Plan[]): Plan | null {
  return 'plan' in wanted ? wanted.plan : (plans[0] ?? null);
}

function isAttachingRefused(error: unknown): error is AwsUnavailableError {
  return error instanceof AwsUnavailableError && error.operation === 'CreateUsagePlanKey';
}
