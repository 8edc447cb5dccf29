import { Module } from '@nestjs/common';
import { AwsModule } from '../aws/aws.module.js';
import { ClockModule } from '../clock.js';
import { PlansModule } from '../plans/plans.module.js';
import { SubscriptionsModule } from '../subscriptions/subscriptions.module.js';
import { UsageResolver } from './usage.resolver.js';
import { UsageService } from './usage.service.js';

@Module({
  imports: [AwsModule, ClockModule, PlansModule, SubscriptionsModule],
  providers: [UsageResolver, UsageService],
})
export class UsageModule {}
