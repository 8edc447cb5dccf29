import { Injectable } from '@nestjs/common';
import { AwsUnavailableError } from '../../aws/failures.js';
import { UsagePlans } from '../../aws/usage-plans.js';
import { dayOf } from '../../clock.js';
import type { Plan } from '../../plans/plan.model.js';
import { PlanCatalogue } from '../../plans/plan-catalogue.service.js';
import type { Books } from '../ledger/books.js';
import { isOf } from '../ledger/calls.js';
import { hasLeft, isUnread, leaveUnread } from '../ledger/ledger.js';
import { Allowance } from './allowance.service.js';
import type { OwnKey } from './key-ring.js';
import { Keyring } from './keyring.service.js';

/** Which plans a key is in, and moving it from one to another. */
@Injectable()
export class Placement {
  constructor(
    private readonly usagePlans: UsagePlans,
    private readonly catalogue: PlanCatalogue,
    private readonly allowance: Allowance,
    private readonly keyring: Keyring,
  ) {}

  /** The plans of ours that the key is in. Others are not ours to touch. */
  async plansOf(key: OwnKey): Promise<readonly Plan[]> {
    const ids = await this.usagePlans.plansOf(key.id);
    return (await this.catalogue.all()).filter(({ id }) => ids.includes(id));
  }

  /** Whether the key is on the plan, for the books and for API Gateway. */
  async isOn(books: Books, key: OwnKey, plan: Plan): Promise<boolean> {
    if (books.ledger[books.liveSlotOf(key)]?.plan !== plan.code) return false;
    return (await this.plansOf(key)).some(({ id }) => id === plan.id);
  }

  /** Ids of the plans that somebody else put the key into. */
  async foreignPlansOf({ id }: { readonly id: string }): Promise<readonly string[]> {
    const ours = (await this.catalogue.all()).map((plan) => plan.id);
    return (await this.usagePlans.plansOf(id)).filter((planId) => !ours.includes(planId));
  }

  /** Whether the key is in the plan, and the books do not say that it has left. */
  isSettledIn(books: Books, key: OwnKey, from: readonly Plan[], { id, code }: Plan): boolean {
    return from.some((plan) => plan.id === id) && !hasLeft(books.ledger, books.slotOf(key), code, key.generation);
  }

  /** Out of these plans, which are in the books as left, and into `to`; null = into none. Whether it was put there now. */
  async move(books: Books, key: OwnKey, from: readonly Plan[], to: Plan | null): Promise<boolean> {
    await this.keyring.keep(books);
    for (const { id } of from) if (id !== to?.id) await this.usagePlans.detach(id, key.id);
    if (!to || from.some(({ id }) => id === to.id)) return false;
    const attached = await this.usagePlans.attach(to.id, key.id);
    if (attached !== 'gone') return attached === 'attached';
    this.keyring.forget(key);
    await this.catalogue.refresh();
    throw new AwsUnavailableError('CreateUsagePlanKey', 1);
  }

  /** Writes down what the key called on the plans it is in, as it is about to be retired or replaced. */
  async leaveAll(books: Books, key: OwnKey): Promise<void> {
    const slot = books.slotOf(key);
    const plans = await this.plansOf(key);
    for (const plan of plans) {
      const isInTheBooks = hasLeft(books.ledger, slot, plan.code, key.generation) && !this.isOld(books, key, plan);
      if (!isInTheBooks || (slot !== null && books.ledger[slot] !== null))
        await this.allowance.leave(books, key, plan, true);
    }
    await this.leaveRecorded(books, key, plans);
  }

  /** Whether calls may have been made since the key was written down as having left the plan: it is still in it. */
  private isOld({ ledger: { entries } }: Books, { generation }: OwnKey, { code }: Plan): boolean {
    const entry = entries.findLast((one) => isOf(one, code, generation));
    return (
      entry !== undefined && (entry.open === 0 || isUnread(entry) || entry.lastDay < dayOf(this.allowance.now().date))
    );
  }

  /**
   * The books have the key on a plan that it is not in: somebody else took it out, or the list is behind. What it called
   * there is written down all the same; of a plan only meant for it there is nothing to write. Where no usage plan bears the
   * plan's code just now, the pair is written down as it is on record, and is read once one does.
   */
  async leaveRecorded(books: Books, key: OwnKey, from: readonly Plan[], to: Plan | null = null): Promise<boolean> {
    const slot = books.slotOf(key);
    const recorded = slot && books.ledger[slot];
    if (!recorded || recorded.plan === to?.code || from.some(({ code }) => code === recorded.plan)) return false;
    const plan = await this.catalogue.find(recorded.plan);
    if (plan && (await this.allowance.isUntouched(books, key, plan, recorded))) return false;
    if (plan) await this.allowance.leave(books, key, plan);
    else books.ledger = leaveUnread(books.ledger, slot, key.generation, this.allowance.now());
    return true;
  }
}
