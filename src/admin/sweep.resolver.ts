import { Args, ArgsType, Field, Mutation, Query, Resolver } from '@nestjs/graphql';
import { AdminOnly } from '../auth/access.decorator.js';
import { DriftReport, SweepResult } from '../subscriptions/sweep/drift.model.js';
import { Sweeper } from '../subscriptions/sweep/sweeper.service.js';
import { ReasonArgs, WithReason } from './reason.js';

@ArgsType()
class SweepArgs extends ReasonArgs {
  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Switch off even as many keys at once as `drift { heldBack }` says. Look at them first.',
  })
  readonly confirm!: boolean;
}

/** What differs, and mending it. */
@AdminOnly()
@Resolver()
export class SweepResolver {
  constructor(private readonly sweeper: Sweeper) {}

  @Query(() => DriftReport, {
    description: 'What differs from what is meant, as the last sweep found it. The first time it may say TRY_AGAIN.',
  })
  async drift(): Promise<DriftReport> {
    return new DriftReport(await this.sweeper.latest());
  }

  @Mutation(() => SweepResult, {
    description: 'Compare everybody with what is meant, and bring those who differ there.',
  })
  sweep(@Args(WithReason) { confirm }: SweepArgs) {
    return this.sweeper.sweepNow(confirm);
  }
}
