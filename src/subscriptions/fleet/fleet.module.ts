import { Module } from '@nestjs/common';
import { AwsModule } from '../../aws/aws.module.js';
import { PlansModule } from '../../plans/plans.module.js';
import { SubscriptionsModule } from '../subscriptions.module.js';
import { SweepModule } from '../sweep/sweep.module.js';
import { CustomerSearch } from './customer-search.service.js';

@Module({
  imports: [AwsModule, PlansModule, SubscriptionsModule, SweepModule],
  providers: [CustomerSearch],
  exports: [CustomerSearch],
})
export class FleetModule {}
