import { Module } from '@nestjs/common';
import { ApiGatewayKeyStore } from './api-gateway-key-store.js';
import { ApiGatewayUsagePlans } from './api-gateway-usage-plans.js';
import { AwsClients } from './aws-clients.js';
import { CognitoUserDirectory } from './cognito-user-directory.js';
import { KeyStore } from './key-store.js';
import { UsagePlans } from './usage-plans.js';
import { UserDirectory } from './user-directory.js';

@Module({
  providers: [
    AwsClients,
    { provide: UserDirectory, useClass: CognitoUserDirectory },
    { provide: KeyStore, useClass: ApiGatewayKeyStore },
    { provide: UsagePlans, useClass: ApiGatewayUsagePlans },
  ],
  exports: [AwsClients, UserDirectory, KeyStore, UsagePlans],
})
export class AwsModule {}
