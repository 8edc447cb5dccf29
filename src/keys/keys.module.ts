import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { AwsModule } from '../aws/aws.module.js';
import { PlansModule } from '../plans/plans.module.js';
import { SubscriptionsModule } from '../subscriptions/subscriptions.module.js';
import { Adoption } from './adoption.service.js';
import { KeysResolver } from './keys.resolver.js';
import { KeysService } from './keys.service.js';

@Module({
  imports: [AuthModule, AwsModule, PlansModule, SubscriptionsModule],
  providers: [Adoption, KeysResolver, KeysService],
  exports: [Adoption, KeysService],
})
export class KeysModule {}
