import { Args, ArgsType, Field, Mutation, Resolver } from '@nestjs/graphql';
import { AdminOnly } from '../auth/access.decorator.js';
import { NewPlanInput, PlanChangeInput } from '../plans/plan.input.js';
import { PlanAdministration } from './plan-administration.service.js';
import { CreatePlanResult, RetirePlanResult, UpdatePlanResult } from './plans.results.js';
import { ReasonArgs, WithReason } from './reason.js';

@ArgsType()
class CreatePlanArgs extends ReasonArgs {
  @Field(() => NewPlanInput, { description: 'The plan.' })
  readonly input!: NewPlanInput;
}

@ArgsType()
class RetirePlanArgs extends ReasonArgs {
  @Field(() => String, { description: 'The code of the plan.' })
  readonly code!: string;
}

@ArgsType()
class UpdatePlanArgs extends RetirePlanArgs {
  @Field(() => PlanChangeInput, { description: 'What is to change; the rest stays.' })
  readonly input!: PlanChangeInput;
}

@AdminOnly()
@Resolver()
export class AdminPlansResolver {
  constructor(private readonly plans: PlanAdministration) {}

  @Mutation(() => CreatePlanResult, {
    description: 'Make a plan. Repeatable: the very same plan is answered as it is.',
  })
  createPlan(@Args(WithReason) { input }: CreatePlanArgs) {
    return this.plans.create(input);
  }

  @Mutation(() => UpdatePlanResult, {
    description:
      'Change what is given of a plan. AWS takes one change of quota, throttle, stages or description in twenty seconds; ' +
      'a second one is answered `TRY_AGAIN`. What customers called in the period counts towards a new quota.',
  })
  updatePlan(@Args(WithReason) { code, input }: UpdatePlanArgs) {
    return this.plans.update(code, input);
  }

  @Mutation(() => RetirePlanResult, { description: 'Let a plan take nobody new. Those who have it keep it.' })
  retirePlan(@Args(WithReason) { code }: RetirePlanArgs) {
    return this.plans.retire(code);
  }
}
