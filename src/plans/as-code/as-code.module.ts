import { Module } from '@nestjs/common';
import { AwsModule } from '../../aws/aws.module.js';
import { ClockModule } from '../../clock.js';
import { PlansModule } from '../plans.module.js';
import { PlansAsCode } from './plans-as-code.service.js';

@Module({
  imports: [AwsModule, ClockModule, PlansModule],
  providers: [PlansAsCode],
  exports: [PlansAsCode],
})
export class AsCodeModule {}
