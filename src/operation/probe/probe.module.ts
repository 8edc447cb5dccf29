import { Module } from '@nestjs/common';
import { AwsModule } from '../../aws/aws.module.js';
import { ClockModule } from '../../clock.js';
import { KeysModule } from '../../keys/keys.module.js';
import { PlansModule } from '../../plans/plans.module.js';
import { SubscriptionsModule } from '../../subscriptions/subscriptions.module.js';
import { Probe } from './probe.service.js';
import { Removal } from './removal.service.js';
import { ThrowAwayCustomer } from './throw-away-customer.service.js';

@Module({
  imports: [AwsModule, ClockModule, KeysModule, PlansModule, SubscriptionsModule],
  providers: [Probe, Removal, ThrowAwayCustomer],
  exports: [Probe],
})
export class ProbeModule {}
