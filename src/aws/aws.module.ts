import { Module } from '@nestjs/common';
import { ClockModule } from '../clock.js';
import { Config } from '../config.js';
import { MetricsModule } from '../metrics.js';
import { RedisModule } from '../redis.js';
import { ApiGatewayKeyStore } from './api-gateway-key-store.js';
import { ApiGatewayUsagePlans } from './api-gateway-usage-plans.js';
import { AwsClients } from './aws-clients.js';
import { CognitoUserDirectory } from './cognito-user-directory.js';
import { Governor } from './governor.js';
import { AccountInspection } from './inspection/account-inspection.js';
import { AwsAccountInspection } from './inspection/aws-account-inspection.js';
import { KeyStore } from './key-store.js';
import { ApiGatewayPlanStore } from './plan-store/api-gateway-plan-store.js';
import { PlanStore } from './plan-store/plan-store.js';
import { ConfiguredKeySecrets } from './secrets/configured-key-secrets.js';
import { KeySecrets } from './secrets/key-secrets.js';
import { KmsKeySecrets } from './secrets/kms-key-secrets.js';
import { KmsMacMaker } from './secrets/kms-mac-maker.js';
import { MacMaker } from './secrets/mac-maker.js';
import { UsagePlans } from './usage-plans.js';
import { UserDirectory } from './user-directory.js';
import { CognitoVisitors } from './visitors/cognito-visitors.js';
import { Visitors } from './visitors/visitors.js';

/** From KMS where a key of it is named, else from the environment. */
function keySecrets(config: Config, governor: Governor, kms: MacMaker): KeySecrets {
  return config.kmsKeyIds.length > 0 ? new KmsKeySecrets(config, governor, kms) : new ConfiguredKeySecrets(config);
}

@Module({
  imports: [ClockModule, MetricsModule, RedisModule],
  providers: [
    AwsClients,
    Governor,
    { provide: UserDirectory, useClass: CognitoUserDirectory },
    { provide: KeyStore, useClass: ApiGatewayKeyStore },
    { provide: UsagePlans, useClass: ApiGatewayUsagePlans },
    { provide: PlanStore, useClass: ApiGatewayPlanStore },
    { provide: AccountInspection, useClass: AwsAccountInspection },
    { provide: MacMaker, useFactory: (config: Config) => new KmsMacMaker(config), inject: [Config] },
    { provide: KeySecrets, useFactory: keySecrets, inject: [Config, Governor, MacMaker] },
    { provide: Visitors, useClass: CognitoVisitors },
  ],
  exports: [
    AwsClients,
    Governor,
    UserDirectory,
    KeyStore,
    UsagePlans,
    PlanStore,
    AccountInspection,
    KeySecrets,
    Visitors,
  ],
})
export class AwsModule {}
