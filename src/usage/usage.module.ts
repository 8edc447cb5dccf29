import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { AwsModule } from '../aws/aws.module.js';
import { ClockModule } from '../clock.js';
import { MetricsModule } from '../metrics.js';
import { PlansModule } from '../plans/plans.module.js';
import { SubscriptionsModule } from '../subscriptions/subscriptions.module.js';
import { SweepModule } from '../subscriptions/sweep/sweep.module.js';
import { DailyUsages } from './daily-usage.service.js';
import { Overshoot } from './overshoot.service.js';
import { ReadSources } from './read-sources.service.js';
import { ReportReading } from './report/report-reading.service.js';
import { UsageReports } from './report/usage-report.service.js';
import { UsageResolver } from './usage.resolver.js';
import { UsageService } from './usage.service.js';

@Module({
  imports: [AuthModule, AwsModule, ClockModule, MetricsModule, PlansModule, SubscriptionsModule, SweepModule],
  providers: [DailyUsages, Overshoot, ReadSources, ReportReading, UsageReports, UsageResolver, UsageService],
  exports: [ReadSources, UsageReports],
})
export class UsageModule {}
