import { Module } from '@nestjs/common';
import { AwsModule } from '../../aws/aws.module.js';
import { ClockModule } from '../../clock.js';
import { MetricsModule } from '../../metrics.js';
import { PlansModule } from '../../plans/plans.module.js';
import { RedisModule } from '../../redis.js';
import { SubscriptionsModule } from '../subscriptions.module.js';
import { Departures } from './departures.service.js';
import { Inspection } from './inspection.service.js';
import { Listing } from './listing.service.js';
import { Mending } from './mending.service.js';
import { Rehearsal } from './rehearsal.service.js';
import { Sweeper } from './sweeper.service.js';

@Module({
  imports: [AwsModule, ClockModule, MetricsModule, PlansModule, RedisModule, SubscriptionsModule],
  providers: [Departures, Inspection, Listing, Mending, Rehearsal, Sweeper],
  exports: [Departures, Sweeper],
})
export class SweepModule {}
