import { Injectable } from '@nestjs/common';
import type { Plan } from '../../plans/plan.model.js';
import { Allowance } from './allowance.service.js';
import { Books } from './books.js';
import type { Desired } from './desired-state.service.js';
import type { KeyRing, OwnKey } from './key-ring.js';
import { Keyring } from './keyring.service.js';
import { callsOn, type Ledger, pairNow } from './ledger.js';
import { Placement } from './placement.service.js';

/** Makes the key of the next generation, with the ledger carried whole: one atomic record, before anything dies. */
@Injectable()
export class Succession {
  constructor(
    private readonly keyring: Keyring,
    private readonly placement: Placement,
    private readonly allowance: Allowance,
  ) {}

  /** `graceSeconds`: how long its predecessor stays alive; 0 = it retires at once. */
  async makeNext(desired: Desired, ring: KeyRing, plan: Plan, graceSeconds: number): Promise<OwnKey> {
    const until = graceSeconds > 0 ? this.allowance.now().seconds + graceSeconds : 0;
    return this.keyring.create(desired, ring.nextGeneration, await this.ledgerOfNext(desired, ring, plan, until));
  }

  /** Brings the deadline of the overlapping key forward, never back; one gone by = the next reconcile retires it. */
  async shortenOverlap(ring: KeyRing, graceSeconds: number): Promise<void> {
    const books = Books.of(ring);
    if (!books) return;
    const until = Math.min(books.ledger.until, this.allowance.now().seconds + graceSeconds);
    books.ledger = { ...books.ledger, until };
    await this.keyring.keep(books);
  }

  private async ledgerOfNext(desired: Desired, ring: KeyRing, plan: Plan, until: number): Promise<Ledger> {
    const books = Books.of(ring);
    if (!books) return this.carried(desired, ring.ledger, plan);
    if (ring.overlapping) await this.placement.leaveAll(books, ring.overlapping);
    const current = until > 0 ? ring.current : null;
    if (current)
      return plan.quota ? this.shared(desired, books, current, plan, until) : overlapped(books.ledger, until);
    await this.placement.leaveAll(books, books.holder);
    return this.carried(desired, books.ledger, plan);
  }

  /** All pairs are left: what they called is taken off the new one's limit. */
  private carried(desired: Desired, { entries }: Ledger, plan: Plan): Ledger {
    const ledger: Ledger = { until: 0, pair: null, overlap: null, entries };
    const basis = this.allowance.total(ledger, plan, desired);
    if (!plan.quota || basis === plan.quota.limit) return ledger;
    const at = this.allowance.now().seconds;
    return {
      ...ledger,
      pair: { plan: plan.code, basis, used: 0, set: Math.max(0, basis), at, pending: plan.quota.limit },
    };
  }

  /** The rest of the allowance is split between the key that stays for a while and the new one. */
  private async shared(desired: Desired, books: Books, current: OwnKey, plan: Plan, until: number): Promise<Ledger> {
    const now = this.allowance.now();
    const before = pairNow(books.ledger.pair, plan, now);
    const report = await this.allowance.report(plan, current.id);
    const used = callsOn(before, plan, report, now);
    const total = this.allowance.total(books.ledger, plan, desired);
    const set = Math.floor(Math.max(0, total - used) / 2);
    const written = { plan: plan.code, at: now.seconds };
    const overlap = { ...written, basis: used + set, used, set, pending: report?.remaining ?? before.set };
    const basis = total - overlap.basis;
    const pair = { ...written, basis, used: 0, set: Math.max(0, basis), pending: plan.quota?.limit ?? 0 };
    return { until, pair, overlap, entries: books.ledger.entries };
  }
}

/** On a plan without quota there is nothing to share: the old key's pair goes on as it is. */
function overlapped({ pair, entries }: Ledger, until: number): Ledger {
  return { until, pair: null, overlap: pair, entries };
}
