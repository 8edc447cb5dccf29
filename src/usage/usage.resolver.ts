import { Args, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { FromSources } from '../from-sources.decorator.js';
import { User } from '../subscriptions/user.model.js';
import { DailyUsages } from './daily-usage.service.js';
import { DailyUsage, DailyUsageArgs, Usage } from './usage.model.js';
import { UsageService } from './usage.service.js';

@Resolver(() => User)
export class UsageResolver {
  constructor(
    private readonly usages: UsageService,
    private readonly dailyUsages: DailyUsages,
  ) {}

  @FromSources('customer', 'plans', 'reports')
  @ResolveField(() => Usage, {
    nullable: true,
    description:
      'Calls of the current period. Null = there is no subscription, or its plan is not to be found just now; with an ' +
      'error whose path leads here, they cannot be told now, and all else in the reply is good.',
  })
  usage(@Parent() { customer }: User): Promise<Usage | null> {
    return this.usages.of(customer);
  }

  @ResolveField(() => [DailyUsage], {
    description:
      'Calls by UTC day, over all keys and plans; days without calls are left out. They are kept for a minute; who asks for ' +
      'more than ten different ranges in a minute is answered TRY_AGAIN.',
  })
  dailyUsage(@Parent() { customer }: User, @Args() { from, to }: DailyUsageArgs): Promise<DailyUsage[]> {
    return this.dailyUsages.of(customer, from, to);
  }
}
