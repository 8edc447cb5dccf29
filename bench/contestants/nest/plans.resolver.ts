import { Query, Resolver } from '@nestjs/graphql';
import { Plan } from './models.js';
import { PlansService } from './plans.service.js';

@Resolver(() => Plan)
export class PlansResolver {
  constructor(private readonly plansService: PlansService) {}

  @Query(() => [Plan])
  plans(): readonly Plan[] {
    return this.plansService.findAll();
  }
}
