import { Module } from '@nestjs/common';
import { AwsModule } from '../aws/aws.module.js';
import { PlansModule } from '../plans/plans.module.js';
import { SubscriptionsModule } from '../subscriptions/subscriptions.module.js';
import { PlanAdministration } from './plan-administration.service.js';
import { AdminPlansResolver } from './plans.resolver.js';

@Module({
  imports: [AwsModule, PlansModule, SubscriptionsModule],
  providers: [AdminPlansResolver, PlanAdministration],
})
export class AdminModule {}
