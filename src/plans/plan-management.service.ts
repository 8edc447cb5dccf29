import { Injectable } from '@nestjs/common';
import type * as z from 'zod';
import { Governor } from '../aws/governor.js';
import { Config } from '../config.js';
import { BadUserInputError } from '../problem.js';
import type { NewPlanInput, PlanChangeInput } from './plan.input.js';
import { mistakesOf, planChange, planSettings } from './plan-settings.js';
import { PlanWriter } from './plan-writer.service.js';
import { PlansNotManaged, UnknownPlan } from './plans.problems.js';

/** What is on offer, changed by an admin: look, refuse, write, and read the catalogue anew. */
@Injectable()
export class PlanManagement {
  constructor(
    private readonly writer: PlanWriter,
    private readonly governor: Governor,
    private readonly config: Config,
  ) {}

  /** Repeatable: the very same plan is answered as it is. */
  create(input: NewPlanInput) {
    return this.managing(() => this.writer.create(checked(planSettings, input)));
  }

  /** Changes what is given, and leaves the rest. */
  update(code: string, input: PlanChangeInput) {
    return this.managing(async () => {
      const plan = await this.writer.find(code);
      if (!plan) return new UnknownPlan();
      return this.writer.change(plan, { ...plan.settings, ...checked(planChange, input) });
    });
  }

  /** Nobody new; those who have it keep it. */
  retire(code: string) {
    return this.managing(async () => {
      const plan = await this.writer.find(code);
      if (!plan) return new UnknownPlan();
      return this.writer.change(plan, { ...plan.settings, retired: true });
    });
  }

  private async managing<T>(work: () => Promise<T>): Promise<T | PlansNotManaged> {
    if (!this.config.managePlans) return new PlansNotManaged();
    return this.governor.interactive(work);
  }
}

/** @throws BadUserInputError naming everything that is wrong. */
function checked<T extends z.ZodType>(schema: T, input: object): z.output<T> {
  const { data, error } = schema.safeParse({ ...input });
  if (error) throw new BadUserInputError(`The plan cannot be so: ${mistakesOf(error).join('; ')}.`);
  return data;
}
