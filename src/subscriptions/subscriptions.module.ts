import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { AwsModule } from '../aws/aws.module.js';
import { ClockModule } from '../clock.js';
import { MetricsModule } from '../metrics.js';
import { PlansModule } from '../plans/plans.module.js';
import { RedisModule } from '../redis.js';
import { Changes } from './customers/changes.service.js';
import { CustomerLook } from './customers/customer-look.service.js';
import { Customers } from './customers/customers.service.js';
import { OneAtATime } from './customers/one-at-a-time.js';
import { FleetIndex } from './fleet/fleet-index.js';
import { FleetUsage } from './fleet/fleet-usage.service.js';
import { ListedCustomers } from './fleet/listed-customers.service.js';
import { Oversight } from './oversight.service.js';
import { Welcome } from './pool/welcome.service.js';
import { Allowance } from './reconcile/allowance.service.js';
import { CleanUp } from './reconcile/clean-up.service.js';
import { DesiredState } from './reconcile/desired-state.service.js';
import { KeyIdentity } from './reconcile/key-identity.js';
import { Keyring } from './reconcile/keyring.service.js';
import { Placement } from './reconcile/placement.service.js';
import { Provisioning } from './reconcile/provisioning.service.js';
import { ObservedReconciler, Reconciler } from './reconcile/reconciler.service.js';
import { Succession } from './reconcile/succession.service.js';
import { SubscriptionsResolver } from './subscriptions.resolver.js';
import { SubscriptionsService } from './subscriptions.service.js';

@Module({
  imports: [AuthModule, AwsModule, ClockModule, MetricsModule, PlansModule, RedisModule],
  providers: [
    Allowance,
    Changes,
    CleanUp,
    CustomerLook,
    Customers,
    DesiredState,
    FleetIndex,
    FleetUsage,
    KeyIdentity,
    Keyring,
    ListedCustomers,
    OneAtATime,
    Oversight,
    Placement,
    Provisioning,
    { provide: Reconciler, useClass: ObservedReconciler },
    SubscriptionsResolver,
    SubscriptionsService,
    Succession,
    Welcome,
  ],
  exports: [
    Allowance,
    Changes,
    CleanUp,
    Customers,
    DesiredState,
    FleetIndex,
    FleetUsage,
    KeyIdentity,
    Keyring,
    ListedCustomers,
    OneAtATime,
    Oversight,
    Placement,
    Provisioning,
    Reconciler,
    SubscriptionsService,
    Succession,
    Welcome,
  ],
})
export class SubscriptionsModule {}
