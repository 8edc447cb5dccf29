import { Injectable } from '@nestjs/common';
import { AwsUnavailableError } from '../../aws/failures.js';
import { UsagePlans } from '../../aws/usage-plans.js';
import type { Plan } from '../../plans/plan.model.js';
import { PlanCatalogue } from '../../plans/plan-catalogue.service.js';
import { Allowance } from './allowance.service.js';
import type { Books } from './books.js';
import type { OwnKey } from './key-ring.js';
import { Keyring } from './keyring.service.js';
import { hasLeft } from './ledger.js';

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

  /** Out of these plans and into `to`; null = into none. What was called on a plan left is written down first. */
  async move(
    books: Books,
    key: OwnKey,
    from: readonly Plan[],
    to: Plan | null,
    basis: (plan: Plan) => number,
  ): Promise<void> {
    const leaving = from.filter(({ id }) => id !== to?.id);
    const joining = to && !from.some(({ id }) => id === to.id) ? to : null;
    for (const left of leaving) await this.allowance.leave(books, key, left);
    if (joining) await this.allowance.join(books, key, joining, basis(joining));
    await this.keyring.keep(books);
    for (const { id } of leaving) await this.usagePlans.detach(id, key.id);
    if (joining && !(await this.usagePlans.attach(joining.id, key.id))) {
      this.keyring.forget(key);
      throw new AwsUnavailableError('CreateUsagePlanKey', 1);
    }
  }

  /** Writes down what the key called on the plans it is in, as it is about to be retired or replaced. */
  async leaveAll(books: Books, key: OwnKey): Promise<void> {
    const slot = books.slotOf(key);
    const { ledger } = books;
    const isInTheBooks = ledger.entries.some(({ plan, generation }) => {
      return generation === key.generation && hasLeft(ledger, slot, plan, generation);
    });
    if (isInTheBooks && (slot === null || ledger[slot] === null)) return;
    for (const plan of await this.plansOf(key)) await this.allowance.leave(books, key, plan);
  }
}
