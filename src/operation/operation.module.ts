import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { AwsModule } from '../aws/aws.module.js';
import { ClockModule } from '../clock.js';
import { MetricsModule } from '../metrics.js';
import { PlansModule } from '../plans/plans.module.js';
import { SubscriptionsModule } from '../subscriptions/subscriptions.module.js';
import { SweepModule } from '../subscriptions/sweep/sweep.module.js';
import { Tracing } from '../tracing/tracing.service.js';
import { HealthController } from './health.controller.js';
import { MetricsServer } from './metrics-server.service.js';
import { PlaygroundController } from './playground/playground.controller.js';
import { PortalController } from './portal/portal.controller.js';
import { PreflightModule } from './preflight/preflight.module.js';
import { PreflightSchedule } from './preflight-schedule.service.js';
import { ReadinessService } from './readiness.service.js';
import { ScrapedMetrics } from './scraped-metrics.service.js';

@Module({
  imports: [
    AuthModule,
    AwsModule,
    ClockModule,
    MetricsModule,
    PlansModule,
    PreflightModule,
    SubscriptionsModule,
    SweepModule,
  ],
  controllers: [PlaygroundController, HealthController, PortalController],
  providers: [MetricsServer, PreflightSchedule, ReadinessService, ScrapedMetrics, Tracing],
  exports: [ReadinessService],
})
export class OperationModule {}
