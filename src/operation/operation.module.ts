import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { ClockModule } from '../clock.js';
import { MetricsModule } from '../metrics.js';
import { PlansModule } from '../plans/plans.module.js';
import { GraphiqlController } from './graphiql.controller.js';
import { HealthController } from './health.controller.js';
import { MetricsServer } from './metrics-server.service.js';
import { ReadinessService } from './readiness.service.js';

@Module({
  imports: [AuthModule, ClockModule, MetricsModule, PlansModule],
  controllers: [GraphiqlController, HealthController],
  providers: [MetricsServer, ReadinessService],
})
export class OperationModule {}
