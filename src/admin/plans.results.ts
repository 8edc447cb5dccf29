import { createUnionType, Field, ID, Int, ObjectType } from '@nestjs/graphql';
import { Plan } from '../plans/plan.model.js';
import { PlanExists, PlansNotManaged, UnknownPlan, UnknownStage } from '../plans/plans.problems.js';

@ObjectType({ description: 'The plan is there. Other processes know it within a minute, this one at once.' })
export class PlanCreated {
  @Field(() => Plan, { description: 'As it is in API Gateway.' })
  readonly plan: Plan;

  constructor(plan: Plan) {
    this.plan = plan;
  }
}

@ObjectType({ description: 'The plan is changed. Other processes know it within a minute, this one at once.' })
export class PlanUpdated {
  @Field(() => Plan, { description: 'As it is now.' })
  readonly plan: Plan;

  constructor(plan: Plan) {
    this.plan = plan;
  }
}

@ObjectType({ description: 'The plan takes nobody new. Those who have it keep it: move them with `assignPlan`.' })
export class PlanRetired {
  @Field(() => Plan, { description: 'As it is now, with `retired`.' })
  readonly plan: Plan;

  @Field(() => Int, {
    nullable: true,
    description:
      'How many customers are on it, suspended ones too. Null = they could not be counted just now: ask again, it is ' +
      'repeatable.',
  })
  readonly customerCount: number | null;

  @Field(() => [ID], { description: 'Who they are: the first hundred by id; `users(plan: …)` shows them all.' })
  readonly customerIds: readonly string[];

  constructor(plan: Plan, customerIds: readonly string[] | null) {
    this.plan = plan;
    this.customerCount = customerIds?.length ?? null;
    this.customerIds = customerIds?.slice(0, 100) ?? [];
  }
}

export const CreatePlanResult = createUnionType({
  name: 'CreatePlanResult',
  description: 'What `createPlan` answers: one type for success, the others say why not.',
  types: () => [PlanCreated, PlanExists, UnknownStage, PlansNotManaged] as const,
});

export const UpdatePlanResult = createUnionType({
  name: 'UpdatePlanResult',
  description: 'What `updatePlan` answers: one type for success, the others say why not.',
  types: () => [PlanUpdated, UnknownPlan, UnknownStage, PlansNotManaged] as const,
});

export const RetirePlanResult = createUnionType({
  name: 'RetirePlanResult',
  description: 'What `retirePlan` answers: one type for success, the others say why not.',
  types: () => [PlanRetired, UnknownPlan, PlansNotManaged] as const,
});
