import { Module } from '@nestjs/common';
import { AwsModule } from '../aws/aws.module.js';
import { ClockModule } from '../clock.js';
import { PlanCatalogue } from './plan-catalogue.service.js';
import { PlansResolver } from './plans.resolver.js';

@Module({
  imports: [AwsModule, ClockModule],
  providers: [PlanCatalogue, PlansResolver],
  exports: [PlanCatalogue],
})
export class PlansModule {}
