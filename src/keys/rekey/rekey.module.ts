import { Module } from '@nestjs/common';
import { AwsModule } from '../../aws/aws.module.js';
import { ClockModule } from '../../clock.js';
import { PlansModule } from '../../plans/plans.module.js';
import { SubscriptionsModule } from '../../subscriptions/subscriptions.module.js';
import { Listing } from '../../subscriptions/sweep/listing.service.js';
import { SweepModule } from '../../subscriptions/sweep/sweep.module.js';
import { KeysModule } from '../keys.module.js';
import { RekeySurvey } from './rekey-survey.service.js';
import { Rekeying } from './rekeying.service.js';
import { Room } from './room.service.js';
import { Signatures } from './signatures.service.js';

@Module({
  imports: [AwsModule, ClockModule, KeysModule, PlansModule, SubscriptionsModule, SweepModule],
  providers: [Listing, RekeySurvey, Rekeying, Room, Signatures],
  exports: [Rekeying],
})
export class RekeyModule {}
