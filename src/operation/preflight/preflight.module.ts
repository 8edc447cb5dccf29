import { Module } from '@nestjs/common';
import { AwsModule } from '../../aws/aws.module.js';
import { MetricsModule } from '../../metrics.js';
import { PlansModule } from '../../plans/plans.module.js';
import { SubscriptionsModule } from '../../subscriptions/subscriptions.module.js';
import { Preflight } from './preflight.service.js';
import { Survey } from './survey.service.js';

@Module({
  imports: [AwsModule, MetricsModule, PlansModule, SubscriptionsModule],
  providers: [Preflight, Survey],
  exports: [Preflight],
})
export class PreflightModule {}
