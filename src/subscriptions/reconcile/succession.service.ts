import { Injectable } from '@nestjs/common';
import { KeyQuotaExceededError } from '../../aws/failures.js';
import type { StoredKey } from '../../aws/key-store.js';
import type { Plan } from '../../plans/plan.model.js';
import { Books } from '../ledger/books.js';
import { EMPTY_LEDGER, type Ledger, rewrite } from '../ledger/ledger.js';
import { datedPairNow, pairNow, rebased } from '../ledger/pair.js';
import { Allowance } from './allowance.service.js';
import { CleanUp } from './clean-up.service.js';
import type { Desired } from './desired-state.service.js';
import type { KeyRing, OwnKey } from './key-ring.js';
import { Keyring } from './keyring.service.js';
import { Placement } from './placement.service.js';

/** Makes the key of the next generation, with the ledger carried whole: one atomic record, before anything dies. */
@Injectable()
export class Succession {
  constructor(
    private readonly keyring: Keyring,
    private readonly placement: Placement,
    private readonly allowance: Allowance,
    private readonly cleanUp: CleanUp,
  ) {}

  /**
   * `graceSeconds`: how long its predecessor stays alive; 0 = it retires at once.
   * @throws KeyQuotaExceededError when the account has no room for another key, and none can be made.
   */
  async makeNext(desired: Desired, ring: KeyRing, plan: Plan, graceSeconds: number): Promise<OwnKey> {
    const until = graceSeconds > 0 ? this.allowance.now().seconds + graceSeconds : 0;
    const ledger = await this.ledgerOfNext(desired, ring, plan, until);
    const made = await this.create(desired, ring.nextGeneration, ledger);
    await this.endBy(Books.ofNew(made), until || this.allowance.now().seconds);
    return made;
  }

  /**
   * Makes a key that somebody made by hand, and that is in the plan already, the customer's next one. What it called stays
   * on its own counter, so nothing is known of that pair yet. Nothing is done when the key is gone, or another's by now.
   */
  async adopt(desired: Desired, ring: KeyRing, plan: Plan, key: StoredKey): Promise<void> {
    const { entries } = await this.ledgerOfNext(desired, ring, plan, 0);
    await this.keyring.adopt(desired, key, ring.nextGeneration, { ...EMPTY_LEDGER, entries });
  }

  /** Where the account is full, the customer's own retired keys make room. */
  private async create(desired: Desired, generation: number, ledger: Ledger): Promise<OwnKey> {
    try {
      return await this.keyring.create(desired, generation, ledger);
    } catch (error) {
      const isFull = error instanceof KeyQuotaExceededError;
      if (!isFull || !(await this.cleanUp.makeRoom(desired))) throw error;
      return this.keyring.create(desired, generation, ledger);
    }
  }

  /** Somebody else may have made the key at the same time, with more patience for the old one. */
  private async endBy(books: Books, until: number): Promise<void> {
    if (books.ledger.until <= until) return;
    books.ledger = { ...books.ledger, until };
    await this.keyring.keep(books);
  }

  /** Brings the deadline of the overlapping key forward, never back; one gone by = the next reconcile retires it. */
  async shortenOverlap(desired: Desired, ring: KeyRing, graceSeconds: number): Promise<void> {
    const books = Books.of(ring);
    if (!books) return;
    const until = Math.min(books.ledger.until, this.allowance.now().seconds + graceSeconds);
    books.ledger = { ...books.ledger, until };
    await this.keyring.keep(books).catch(async (error: unknown) => {
      if ((await this.keyring.read(desired)).ledger.until > until) throw error;
    });
  }

  private async ledgerOfNext(desired: Desired, ring: KeyRing, plan: Plan, until: number): Promise<Ledger> {
    const books = Books.of(ring);
    if (!books) return this.carried(desired, ring.ledger, plan);
    const current = until > 0 ? ring.current : null;
    const isOnPlan = current !== null && (await this.placement.isOn(books, current, plan));
    const { holder } = books;
    const dying = ring.keys.filter((key) => key.enabled && key.id !== holder.id);
    for (const key of isOnPlan ? dying : [...dying, holder]) await this.placement.leaveAll(books, key);
    if (!current) return this.carried(desired, books.ledger, plan);
    if (!isOnPlan) return this.halved(desired, books.ledger, plan, until);
    return plan.quota ? this.shared(desired, books, current, plan, until) : overlapped(books.ledger, until);
  }

  /** All pairs are left: what they called is taken off the new one's limit. A customer's very first key has it whole. */
  private carried(desired: Desired, left: Ledger, plan: Plan): Ledger {
    const now = this.allowance.now();
    const ledger: Ledger = { ...left, until: 0, pair: pairNow(null, plan, now), overlap: null };
    if (!plan.quota || left.entries.length === 0) return ledger;
    return { ...ledger, pair: rebased(plan, 0, this.allowance.total(ledger, plan, desired), now) };
  }

  /** The same where the old key is still to join the plan, with the other half. */
  private halved(desired: Desired, left: Ledger, plan: Plan, until: number): Ledger {
    const ledger: Ledger = { ...left, until, pair: null, overlap: null };
    if (!plan.quota) return ledger;
    const total = this.allowance.total(ledger, plan, desired);
    const half = Math.floor(Math.max(0, total) / 2);
    return { ...ledger, pair: rebased(plan, 0, total - half, this.allowance.now()) };
  }

  /** The rest of the allowance is split between the key that stays for a while and the new one. */
  private async shared(desired: Desired, books: Books, current: OwnKey, plan: Plan, until: number): Promise<Ledger> {
    const now = this.allowance.now();
    const { pair } = books.ledger;
    const { used, certain } = await this.allowance.counted(books.ledger, datedPairNow(pair, plan, now), plan, current);
    const total = this.allowance.total(books.ledger, plan, desired);
    const half = Math.floor(Math.max(0, total - used) / 2);
    const staying = rebased(plan, used, used + half, now, certain);
    const ledger = { ...books.ledger, until, pair: rebased(plan, 0, total - staying.basis, now), overlap: null };
    return rewrite(ledger, { slot: 'overlap', pair: staying, plan, generation: current.generation, now });
  }
}

/** On a plan without quota there is nothing to share: the old key's pair goes on as it is. */
function overlapped(ledger: Ledger, until: number): Ledger {
  return { ...ledger, until, pair: null, overlap: ledger.pair };
}
