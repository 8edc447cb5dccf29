import { Module } from '@nestjs/common';
import { AwsModule } from '../aws/aws.module.js';
import { ClockModule } from '../clock.js';
import { PlanCatalogue } from './plan-catalogue.service.js';
import { PlanManagement } from './plan-management.service.js';
import { PlanWriter } from './plan-writer.service.js';
import { PlansResolver } from './plans.resolver.js';

@Module({
  imports: [AwsModule, ClockModule],
  providers: [PlanCatalogue, PlanManagement, PlanWriter, PlansResolver],
  exports: [PlanCatalogue, PlanManagement, PlanWriter],
})
export class PlansModule {}
