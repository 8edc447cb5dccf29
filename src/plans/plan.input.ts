import { Field, Float, InputType, Int } from '@nestjs/graphql';
import { CountScalar } from '../scalars.js';
import { QuotaPeriod } from './plan.model.js';
import type { QuotaPeriodName } from './quota-period.js';

@InputType({ description: 'How many calls a plan includes in each period.' })
export class QuotaInput {
  @Field(() => CountScalar, { description: '1 to 2147483647.' })
  readonly limit!: number;

  @Field(() => QuotaPeriod, { description: 'After which time they are there anew.' })
  readonly period!: QuotaPeriodName;
}

@InputType({ description: 'How fast a key may call.' })
export class ThrottleInput {
  @Field(() => Float, { description: 'Calls a second in the long run, above 0.' })
  readonly rateLimit!: number;

  @Field(() => Int, { description: 'Calls at once, 1 or more.' })
  readonly burstLimit!: number;
}

const TAG_TEXT = 'Letters, digits, spaces and `_ . : / = + - @`, at most 256: AWS allows no other character here.';
const STAGES = 'Where its keys are good: deployed stages, each as `<api id>:<stage>`. At least one.';

@InputType({ description: 'A new plan.' })
export class NewPlanInput {
  @Field(() => String, { description: 'Its name for good, which `subscribe` takes: 1 to 32 of `a-z`, `0-9` and `-`.' })
  readonly code!: string;

  @Field(() => String, { description: `The name to show. ${TAG_TEXT}` })
  readonly title!: string;

  @Field(() => String, { nullable: true, description: 'What the plan is for; at most 1,000 characters.' })
  readonly description?: string | null;

  @Field(() => String, { nullable: true, description: `The price as text to show. ${TAG_TEXT}` })
  readonly price?: string | null;

  @Field(() => Int, { nullable: true, description: 'Position in lists, 0 to 1000000; null = last.' })
  readonly order?: number | null;

  @Field(() => Boolean, { defaultValue: false, description: 'Whether customers may choose it themselves.' })
  readonly selfService!: boolean;

  @Field(() => QuotaInput, { nullable: true, description: 'To be given; null means unlimited.' })
  readonly quota?: QuotaInput | null;

  @Field(() => ThrottleInput, { nullable: true, description: 'To be given; null means unlimited.' })
  readonly throttle?: ThrottleInput | null;

  @Field(() => [String], { description: STAGES })
  readonly stages!: readonly string[];
}

@InputType({ description: 'What of a plan is to change: what is not given stays, and null takes it away.' })
export class PlanChangeInput {
  @Field(() => String, { nullable: true, description: `The name to show. ${TAG_TEXT}` })
  readonly title?: string;

  @Field(() => String, { nullable: true, description: 'What the plan is for; at most 1,000 characters.' })
  readonly description?: string | null;

  @Field(() => String, { nullable: true, description: `The price as text to show. ${TAG_TEXT}` })
  readonly price?: string | null;

  @Field(() => Int, { nullable: true, description: 'Position in lists, 0 to 1000000; null = last.' })
  readonly order?: number | null;

  @Field(() => Boolean, { nullable: true, description: 'Whether customers may choose it themselves.' })
  readonly selfService?: boolean;

  @Field(() => QuotaInput, {
    nullable: true,
    description: 'Null means unlimited. Calls already made in the period count towards the new quota.',
  })
  readonly quota?: QuotaInput | null;

  @Field(() => ThrottleInput, { nullable: true, description: 'Null means unlimited.' })
  readonly throttle?: ThrottleInput | null;

  @Field(() => [String], { nullable: true, description: STAGES })
  readonly stages?: readonly string[];
}
