import { randomBytes } from 'node:crypto';
import { createContext, runInContext } from 'node:vm';
import { CreateUsagePlanCommand } from '@aws-sdk/client-api-gateway';
import {
  CreateGroupCommand,
  CreateUserPoolClientCommand,
  CreateUserPoolCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import type { SandboxFunction } from '../../../src/sandbox/gateway/data-plane/functions.js';
import { NOT_PASSED } from './not-created.js';
import { createApi } from './open-api.js';
import type { Made, Place } from './stack.js';
import type { Properties } from './template-file.js';

type Created = Omit<Made, 'properties'>;
type Creator = (properties: Properties, place: Place) => Promise<Created>;

/** Properties that go to the operation under the name they have. */
const POOL =
  'AccountRecoverySetting AdminCreateUserConfig AutoVerifiedAttributes DeletionProtection EmailConfiguration LambdaConfig ' +
  'Policies Schema UserPoolTier UsernameAttributes UsernameConfiguration';
const CLIENT =
  'AccessTokenValidity AllowedOAuthFlows AllowedOAuthFlowsUserPoolClient AllowedOAuthScopes CallbackURLs ClientName ' +
  'EnableTokenRevocation ExplicitAuthFlows GenerateSecret IdTokenValidity LogoutURLs PreventUserExistenceErrors ReadAttributes ' +
  'RefreshTokenValidity SupportedIdentityProviders TokenValidityUnits UserPoolId WriteAttributes';
const FUNCTION =
  'Architectures Code CodeUri Description Environment FunctionName Handler LoggingConfig MemorySize ' +
  'ReservedConcurrentExecutions Role Runtime Timeout';

/** How each type of resource is made; CloudFormation makes the same calls with the same members. */
export const CREATORS: Readonly<Record<string, Creator>> = {
  'AWS::Cognito::UserPool': async (properties, { cognito }) => {
    const { UserPoolName, ...settings } = only('AWS::Cognito::UserPool', properties, `UserPoolName ${POOL}`);
    const { UserPool } = await cognito.send(new CreateUserPoolCommand({ ...settings, PoolName: String(UserPoolName) }));
    return { ref: UserPool?.Id ?? '', attributes: { Arn: UserPool?.Arn ?? '' } };
  },

  'AWS::Cognito::UserPoolGroup': async (properties, { cognito }) => {
    const given = only('AWS::Cognito::UserPoolGroup', properties, 'UserPoolId GroupName Description');
    await cognito.send(new CreateGroupCommand(given as never));
    return { ref: String(given.GroupName), attributes: {} };
  },

  'AWS::Cognito::UserPoolClient': async (properties, { cognito }) => {
    const given = only('AWS::Cognito::UserPoolClient', properties, CLIENT);
    const { UserPoolClient } = await cognito.send(new CreateUserPoolClientCommand(given as never));
    return { ref: UserPoolClient?.ClientId ?? '', attributes: {} };
  },

  'AWS::Serverless::Api': createApi,

  'AWS::ApiGateway::UsagePlan': async (properties, { gateway }) => {
    const type = 'AWS::ApiGateway::UsagePlan';
    const { UsagePlanName, Description, ApiStages, Quota, Throttle, Tags } = only(
      type,
      properties,
      'UsagePlanName Description ApiStages Quota Throttle Tags',
    ) as Record<string, never>;
    const stages = (ApiStages ?? []) as readonly Properties[];
    const tags = ((Tags ?? []) as readonly Properties[]).map(({ Key, Value }) => [String(Key), String(Value)]);
    const { id = '' } = await gateway.send(
      new CreateUsagePlanCommand({
        name: UsagePlanName,
        description: Description,
        apiStages: stages.map(({ ApiId, Stage }) => ({ apiId: String(ApiId), stage: String(Stage) })),
        quota: lowered(Quota),
        throttle: lowered(Throttle),
        tags: Object.fromEntries(tags),
      }),
    );
    return { ref: id, attributes: { Id: id } };
  },

  'AWS::Lambda::Function': async (properties, { functions }) => {
    const { FunctionName, Code, Environment } = only('AWS::Lambda::Function', properties, FUNCTION);
    functions[String(FunctionName)] = inline(String(Object(Code).ZipFile), Object(Environment).Variables);
    return functionNamed(FunctionName);
  },

  'AWS::Serverless::Function': async (properties, { functions, handlers }) => {
    const { FunctionName, Handler } = only('AWS::Serverless::Function', properties, FUNCTION);
    const handler = handlers[String(Handler)];
    if (handler) functions[String(FunctionName)] = handler;
    return functionNamed(FunctionName);
  },

  'AWS::SecretsManager::Secret': async (properties) => {
    const { GenerateSecretString } = only(
      'AWS::SecretsManager::Secret',
      properties,
      'Description GenerateSecretString',
    );
    const { PasswordLength, ExcludePunctuation, ...others } = Object(GenerateSecretString);
    if (ExcludePunctuation !== true || Object.keys(others).length > 0)
      throw new Error('The loader makes plain secrets only');
    const SecretString = randomBytes(PasswordLength).toString('hex').slice(0, PasswordLength);
    return {
      ref: 'arn:aws:secretsmanager:us-east-1:000000000000:secret:KeySecret-a1b2c3',
      attributes: { SecretString },
    };
  },

  /** Only its address counts here: it is where the app client sends people back to. */
  'AWS::ApiGatewayV2::Api': async (properties) => {
    only('AWS::ApiGatewayV2::Api', properties, 'Name ProtocolType');
    return { ref: 'serverapi1', attributes: { ApiEndpoint: 'https://serverapi1.execute-api.us-east-1.amazonaws.com' } };
  },
};

/** The properties without those that are knowingly left out; one that nobody has thought of is an error. */
export function only(type: string, properties: Properties, names: string): Properties {
  const passed = names.split(' ');
  const left = Object.keys(NOT_PASSED[type] ?? {});
  const unknown = Object.keys(properties).find((name) => !passed.includes(name) && !left.includes(name));
  if (unknown) throw new Error(`The loader does not know the property ${unknown} of ${type}`);
  return Object.fromEntries(Object.entries(properties).filter(([name]) => passed.includes(name)));
}

/** CloudFormation writes members of API Gateway with a capital. */
function lowered(value: unknown): Record<string, never> | undefined {
  if (value === undefined) return undefined;
  const entries = Object.entries(Object(value)).map(([name, part]) => [
    name.charAt(0).toLowerCase() + name.slice(1),
    part,
  ]);
  return Object.fromEntries(entries);
}

function functionNamed(name: unknown): Created {
  return { ref: String(name), attributes: { Arn: `arn:aws:lambda:us-east-1:000000000000:function:${name}` } };
}

/** Code that stands in the template, run as Lambda would: a CommonJS file of its own. */
function inline(code: string, env: unknown): SandboxFunction {
  const context = createContext({ exports: {}, process: { env } });
  runInContext(code, context);
  const { handler } = context.exports as { handler?: SandboxFunction };
  if (!handler) throw new Error('The inline code exports no handler');
  return handler;
}
