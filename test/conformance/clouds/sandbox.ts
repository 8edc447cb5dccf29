import { APIGateway } from '@aws-sdk/client-api-gateway';
import { CognitoIdentityProvider } from '@aws-sdk/client-cognito-identity-provider';
import { ACCOUNT_ID } from '../../../src/sandbox/gateway/rest-api/drafts.js';
import { Sandbox } from '../../../src/sandbox/server.js';
import { Cloud } from '../cloud.js';
import { type FunctionEvent, rowFunctions } from '../gateway/functions.js';

/** A fresh sandbox with the functions of the rows. */
export async function sandboxCloud(): Promise<Cloud> {
  const invocations: { name: string; event: FunctionEvent }[] = [];
  const functions = rowFunctions((name, event) => void invocations.push({ name, event }));
  const sandbox = await Sandbox.start({ port: 0, directory: null, functions });
  return cloudAround(sandbox, invocations);
}

/** A sandbox that somebody else started and closes. */
export function cloudAround(sandbox: Sandbox, invocations: { name: string; event: FunctionEvent }[] = []): Cloud {
  const { url, clock, cognito } = sandbox;
  return new Cloud({
    name: 'sandbox',
    region: 'us-east-1',
    accountId: ACCOUNT_ID,
    ...clientsAt(url),
    executeUrl: (apiId) => `${url}/_aws/execute-api/${apiId}`,
    lacks: {},
    insides: { clock, cognito, sandbox, invocations },
    stop: () => sandbox.close(),
  });
}

/** Both SDK clients before an emulator that takes any credentials. */
export function clientsAt(url: string) {
  const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
  const how = { region: 'us-east-1', endpoint: url, credentials, maxAttempts: 1 };
  return {
    gateway: new APIGateway(how),
    cognito: new CognitoIdentityProvider(how),
    gatewayUrl: url,
    cognitoUrl: url,
  };
}
