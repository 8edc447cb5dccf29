import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Config } from '../config.js';
import { noteRequestIds } from './request-ids.js';

/**
 * The SDK has no time limit of its own: without these a silent connection is waited for without end, and without the last one
 * an answer that stops in its middle. Repeating is the governor's business: the SDK knows neither the rates nor how much time
 * is left.
 */
export const CLIENT_SETTINGS = {
  requestHandler: { connectionTimeout: 500, requestTimeout: 2000, throwOnRequestTimeout: true, socketTimeout: 2000 },
  maxAttempts: 1,
};

/** The two SDK clients, one of each per process. Endpoints and credentials come from the standard AWS variables. */
@Injectable()
export class AwsClients implements OnApplicationShutdown {
  readonly gateway: APIGatewayClient;
  readonly cognito: CognitoIdentityProviderClient;

  constructor({ region }: Config) {
    this.gateway = new APIGatewayClient({ region, ...CLIENT_SETTINGS });
    this.cognito = new CognitoIdentityProviderClient({ region, ...CLIENT_SETTINGS });
    noteRequestIds(this.gateway, this.cognito);
  }

  onApplicationShutdown(): void {
    this.gateway.destroy();
    this.cognito.destroy();
  }
}
