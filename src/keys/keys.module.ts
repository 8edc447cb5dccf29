import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { AwsModule } from '../aws/aws.module.js';
import { ClockModule } from '../clock.js';
import { PlansModule } from '../plans/plans.module.js';
import { SubscriptionsModule } from '../subscriptions/subscriptions.module.js';
import { Adoption } from './adoption.service.js';
import { ForeignKeys } from './foreign-keys.service.js';
import { KeyForToken } from './key-for-token.service.js';
import { KeysResolver } from './keys.resolver.js';
import { KeysService } from './keys.service.js';

@Module({
  imports: [AuthModule, AwsModule, ClockModule, PlansModule, SubscriptionsModule],
  providers: [Adoption, ForeignKeys, KeyForToken, KeysResolver, KeysService],
  exports: [Adoption, KeyForToken, KeysService],
})
export class KeysModule {}
