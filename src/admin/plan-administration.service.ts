import { Injectable } from '@nestjs/common';
import { AwsUnavailableError } from '../aws/failures.js';
import { Governor } from '../aws/governor.js';
import { KeyStore } from '../aws/key-store.js';
import { UsagePlans } from '../aws/usage-plans.js';
import type { NewPlanInput, PlanChangeInput } from '../plans/plan.input.js';
import { Plan } from '../plans/plan.model.js';
import { PlanManagement } from '../plans/plan-management.service.js';
import { TryAgainError } from '../problem.js';
import { KeyIdentity } from '../subscriptions/reconcile/key-identity.js';
import { PlanCreated, PlanRetired, PlanUpdated } from './plans.results.js';

/** What an admin does to plans, and whom it concerns. */
@Injectable()
export class PlanAdministration {
  constructor(
    private readonly plans: PlanManagement,
    private readonly usagePlans: UsagePlans,
    private readonly keys: KeyStore,
    private readonly identity: KeyIdentity,
    private readonly governor: Governor,
  ) {}

  async create(input: NewPlanInput) {
    const made = await this.plans.create(input);
    return made instanceof Plan ? new PlanCreated(made) : made;
  }

  async update(code: string, input: PlanChangeInput) {
    const changed = await this.plans.update(code, input);
    return changed instanceof Plan ? new PlanUpdated(changed) : changed;
  }

  /** That it is retired holds, whether or not its customers can be counted. */
  async retire(code: string) {
    const retired = await this.plans.retire(code);
    if (!(retired instanceof Plan)) return retired;
    return new PlanRetired(retired, await this.governor.interactive(() => this.customersOf(retired)).catch(unknown));
  }

  /** By the names of the live keys in the plan. */
  private async customersOf({ id }: Plan): Promise<string[]> {
    const inPlan = new Set(await this.usagePlans.keysIn(id));
    const keys = inPlan.size > 0 ? await this.keys.list(this.identity.fleetPrefix) : [];
    const live = keys.filter((key) => key.enabled && inPlan.has(key.id));
    return [...new Set(live.flatMap(({ name }) => this.identity.owner(name) ?? []))].sort();
  }
}

function unknown(error: unknown): null {
  if (error instanceof AwsUnavailableError || error instanceof TryAgainError) return null;
  throw error;
}
