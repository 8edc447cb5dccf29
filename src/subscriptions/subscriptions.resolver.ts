import { Args, Mutation, Query, Resolver } from '@nestjs/graphql';
import type { Caller } from '../auth/caller.js';
import { CurrentUser } from '../auth/current-user.decorator.js';
import { FromSources } from '../from-sources.decorator.js';
import { Customers } from './customers/customers.service.js';
import { CancelSubscriptionResult, SubscribeResult } from './subscriptions.results.js';
import { SubscriptionsService } from './subscriptions.service.js';
import { toUser, User } from './user.model.js';

@Resolver(() => User)
export class SubscriptionsResolver {
  constructor(
    private readonly subscriptions: SubscriptionsService,
    private readonly customers: Customers,
  ) {}

  @FromSources('customer')
  @Query(() => User, { description: 'You. Answers may be some minutes old; changes made here show at once.' })
  async me(@CurrentUser() caller: Caller): Promise<User> {
    return toUser(await this.customers.of(caller));
  }

  @Mutation(() => SubscribeResult, {
    description:
      'Make this my plan: first subscription, upgrade or downgrade. Repeatable. What was called in this period on ' +
      'another plan or key counts, so a lower plan may leave 0 calls until the quota resets. Who changes plans too often ' +
      'in a day is answered TRY_AGAIN; repeats do not count.',
  })
  subscribe(
    @CurrentUser() caller: Caller,
    @Args('plan', { type: () => String, description: 'The code of the plan.' }) plan: string,
  ) {
    return this.subscriptions.subscribe(caller, plan);
  }

  @Mutation(() => CancelSubscriptionResult, {
    description: 'End my subscription, at once and for good: the key is switched off.',
  })
  cancelSubscription(@CurrentUser() caller: Caller) {
    return this.subscriptions.cancel(caller);
  }
}
