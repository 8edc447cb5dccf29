import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { ClockModule } from '../clock.js';
import { PlansModule } from '../plans/plans.module.js';
import { GraphiqlController } from './graphiql.controller.js';
import { HealthController } from './health.controller.js';
import { ReadinessService } from './readiness.service.js';

@Module({
  imports: [AuthModule, ClockModule, PlansModule],
  controllers: [GraphiqlController, HealthController],
  providers: [ReadinessService],
})
export class OperationModule {}
