import { Injectable } from '@nestjs/common';
import { AwsUnavailableError } from '../aws/failures.js';
import type { NewPlanInput, PlanChangeInput } from '../plans/plan.input.js';
import { Plan } from '../plans/plan.model.js';
import { PlanManagement } from '../plans/plan-management.service.js';
import { TryAgainError } from '../problem.js';
import { Customers } from '../subscriptions/customers/customers.service.js';
import { CustomerSearch } from '../subscriptions/fleet/customer-search.service.js';
import { PlanCreated, PlanRetired, PlanUpdated } from './plans.results.js';

/** What an admin does to plans, and whom it concerns. */
@Injectable()
export class PlanAdministration {
  constructor(
    private readonly plans: PlanManagement,
    private readonly search: CustomerSearch,
    private readonly customers: Customers,
  ) {}

  async create(input: NewPlanInput) {
    const made = await this.plans.create(input);
    return made instanceof Plan ? new PlanCreated(made) : made;
  }

  async update(code: string, input: PlanChangeInput) {
    const changed = await this.plans.update(code, input);
    if (!(changed instanceof Plan)) return changed;
    this.customers.lookAgainAtAll();
    return new PlanUpdated(changed);
  }

  /** That it is retired holds, whether or not its customers can be counted. */
  async retire(code: string) {
    const retired = await this.plans.retire(code);
    if (!(retired instanceof Plan)) return retired;
    this.customers.lookAgainAtAll();
    return new PlanRetired(retired, await this.search.onPlan(code).catch(unknown));
  }
}

function unknown(error: unknown): null {
  if (error instanceof AwsUnavailableError || error instanceof TryAgainError) return null;
  throw error;
}
