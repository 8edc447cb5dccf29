import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';
import { REGION } from '../../../src/sandbox/seed.js';
import { Sandbox } from '../../../src/sandbox/server.js';
import { Stack } from './stack.js';
import { readTemplate, type Template } from './template-file.js';

export const TEMPLATE = 'infra/template.yaml';
/** What nobody can choose for whoever deploys. */
export const CHOSEN = { DomainPrefix: 'petstore', KeyPrefix: 'turnpike' };

/** The resources of a template without a server before them, for those who look at what it says. */
export async function deployed(
  parameters: Readonly<Record<string, string>> = {},
  change: (template: Template) => void = () => {},
): Promise<Stack> {
  const sandbox = await Sandbox.start({ port: 0, directory: null });
  const client = {
    region: REGION,
    endpoint: sandbox.url,
    credentials: { accessKeyId: 'cloudformation', secretAccessKey: 'any' },
  };
  const gateway = new APIGatewayClient(client);
  const cognito = new CognitoIdentityProviderClient(client);
  const template = readTemplate(TEMPLATE);
  change(template);
  try {
    return await Stack.deploy(
      template,
      { ...CHOSEN, ...parameters },
      { gateway, cognito, functions: {}, handlers: {} },
    );
  } finally {
    gateway.destroy();
    cognito.destroy();
    await sandbox.close();
  }
}

/** Everything in it: each part of the way the most that the parameters allow. */
export const ALL_OF_IT = {
  CallWith: 'token',
  PlanInAccessTokens: 'yes',
  ManagePlans: 'yes',
  AlarmEmail: 'ops@example.com',
};
