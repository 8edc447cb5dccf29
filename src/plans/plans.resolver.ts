import { Query, Resolver } from '@nestjs/graphql';
import { Public } from '../auth/access.decorator.js';
import type { Caller } from '../auth/caller.js';
import { CurrentUser } from '../auth/current-user.decorator.js';
import { FromSources } from '../from-sources.decorator.js';
import { Plan } from './plan.model.js';
import { PlanCatalogue } from './plan-catalogue.service.js';

@Resolver(() => Plan)
export class PlansResolver {
  constructor(private readonly catalogue: PlanCatalogue) {}

  @FromSources('plans')
  @Public()
  @Query(() => [Plan], { description: 'The plans for sale, in order; an admin sees all of them. Needs no token.' })
  plans(@CurrentUser() caller: Caller | null): Promise<Plan[]> {
    return this.catalogue.onOffer(caller);
  }
}
