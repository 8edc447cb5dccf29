import { Args, ArgsType, Field, ID, Query, Resolver } from '@nestjs/graphql';
import { AdminOnly } from '../auth/access.decorator.js';
import { PageArgs } from '../paging.js';
import { CustomerSearch } from '../subscriptions/fleet/customer-search.service.js';
import { SubscriptionState } from '../subscriptions/subscription.model.js';
import { toUser, User } from '../subscriptions/user.model.js';
import { UserConnection } from './user-connection.model.js';

@ArgsType()
class UsersArgs extends PageArgs {
  @Field(() => String, {
    nullable: true,
    description: 'The beginning of an e-mail address (in any case) or of a user name, or a whole `id`.',
  })
  readonly search: string | null = null;

  @Field(() => String, { nullable: true, description: 'Only users on the plan with this code.' })
  readonly plan: string | null = null;

  @Field(() => SubscriptionState, { nullable: true, description: 'Only users whose subscription is in this state.' })
  readonly state: SubscriptionState | null = null;
}

/** Finds users. */
@AdminOnly()
@Resolver()
export class UsersResolver {
  constructor(private readonly search: CustomerSearch) {}

  @Query(() => User, { nullable: true, description: 'One user, by their `sub`; null = there is no such user.' })
  async user(@Args('id', { type: () => ID, description: 'The `sub` of the user.' }) id: string): Promise<User | null> {
    const customer = await this.search.find(id);
    return customer && toUser(customer);
  }

  @Query(() => UserConnection, {
    description:
      'Users, the newest first, from a listing some minutes old: see `asOf`. The first time it may say TRY_AGAIN.',
  })
  async users(@Args() { first, after, ...filter }: UsersArgs): Promise<UserConnection> {
    return new UserConnection(await this.search.list(filter, { first, after }));
  }
}
