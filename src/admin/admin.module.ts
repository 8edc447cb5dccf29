import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { KeysModule } from '../keys/keys.module.js';
import { PlansModule } from '../plans/plans.module.js';
import { FleetModule } from '../subscriptions/fleet/fleet.module.js';
import { SubscriptionsModule } from '../subscriptions/subscriptions.module.js';
import { SweepModule } from '../subscriptions/sweep/sweep.module.js';
import { UsageModule } from '../usage/usage.module.js';
import { AuditResolver } from './audit.resolver.js';
import { OversightResolver } from './oversight.resolver.js';
import { PlanAdministration } from './plan-administration.service.js';
import { AdminPlansResolver } from './plans.resolver.js';
import { ReportsResolver } from './reports/reports.resolver.js';
import { UsageCsvController } from './reports/usage-csv.controller.js';
import { SweepResolver } from './sweep.resolver.js';
import { UsersResolver } from './users.resolver.js';

/** The verbs of the other rooms, for somebody else. Every resolver here is for admins only. */
@Module({
  imports: [AuditModule, FleetModule, KeysModule, PlansModule, SubscriptionsModule, SweepModule, UsageModule],
  controllers: [UsageCsvController],
  providers: [
    AdminPlansResolver,
    AuditResolver,
    PlanAdministration,
    OversightResolver,
    ReportsResolver,
    SweepResolver,
    UsersResolver,
  ],
})
export class AdminModule {}
