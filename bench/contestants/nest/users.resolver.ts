import { Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import type { Claims } from '../shared/tokens.js';
import { CurrentUser } from './auth.guard.js';
import { Subscription, Usage, User } from './models.js';
import { UsersService } from './users.service.js';

@Resolver(() => User)
export class UsersResolver {
  constructor(private readonly usersService: UsersService) {}

  @Query(() => User)
  me(@CurrentUser() user: Claims): Promise<User> {
    return this.usersService.findOne(user.sub);
  }

  @ResolveField(() => Subscription, { nullable: true })
  subscription(@Parent() { id }: User): Promise<Subscription> {
    return this.usersService.subscriptionOf(id);
  }

  @ResolveField(() => Usage, { nullable: true })
  usage(@Parent() { id }: User): Promise<Usage> {
    return this.usersService.usageOf(id);
  }
}
