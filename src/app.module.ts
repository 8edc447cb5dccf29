import { type DynamicModule, Module } from '@nestjs/common';
import { AdminModule } from './admin/admin.module.js';
import { AuditModule } from './audit/audit.module.js';
import { AuthModule } from './auth/auth.module.js';
import { type Config, configModule } from './config.js';
import { LaneModule } from './graphql/lane/lane.module.js';
import { graphqlModule } from './graphql.js';
import { KeysModule } from './keys/keys.module.js';
import { OperationModule } from './operation/operation.module.js';
import { PlansModule } from './plans/plans.module.js';
import { SubscriptionsModule } from './subscriptions/subscriptions.module.js';
import { SweepScheduleModule } from './subscriptions/sweep/sweep-schedule.service.js';
import { UsageModule } from './usage/usage.module.js';

const rooms = [
  AuthModule,
  AuditModule,
  PlansModule,
  SubscriptionsModule,
  SweepScheduleModule,
  KeysModule,
  UsageModule,
  AdminModule,
  OperationModule,
];

@Module({})
export class AppModule {}

/** The whole application under one configuration. */
export function appModule(config: Config): DynamicModule {
  return { module: AppModule, imports: [configModule(config), graphqlModule(), ...rooms, LaneModule] };
}
