import { setTimeout as delay } from 'node:timers/promises';
import { APIGateway } from '@aws-sdk/client-api-gateway';
import { CognitoIdentityProvider } from '@aws-sdk/client-cognito-identity-provider';
import { Cloud, type CloudOptions } from '../cloud.js';
import { Belongings, MARK } from './belongings.js';
import { Pace } from './pace.js';

type Env = Readonly<Record<string, string | undefined>>;

const NOT_OURS = 'AWS has no such switch';

export const AWS_LACKS: CloudOptions['lacks'] = {
  clock: NOT_OURS,
  functions: 'the run deploys no Lambda functions',
  triggers: 'the run deploys no Lambda functions',
  mail: 'letters go to addresses that nobody reads',
  insides: NOT_OURS,
  reports: 'reports of AWS are half an hour late',
  pages: 'the forms that the rows fill in are those of the sandbox',
  account: 'the account is somebody’s',
};

/** Why the rows are not run on AWS; null = they are. */
export function awsIsRefused(env: Env): string | null {
  const { COGNITO_USER_POOL_ID: pool = '', TEST_AWS_CONFIRM: confirmed = '', AWS_REGION: region = '' } = env;
  if (pool === '' || region === '') return 'AWS_REGION and COGNITO_USER_POOL_ID name no test pool';
  if (confirmed !== pool) return `TEST_AWS_CONFIRM is not ${pool}, the user pool of the account to be used`;
  return null;
}

/** A real account: all that rows make bears a name of its own and is deleted at the end, or by the next run. */
export async function awsCloud(env: Env): Promise<Cloud> {
  const refused = awsIsRefused(env);
  if (refused !== null) throw new Error(refused);
  const region = env.AWS_REGION ?? '';
  const pace = new Pace(Number(env.TEST_AWS_PACE ?? 1));
  const settleMilliseconds = Number(env.TEST_AWS_SETTLE_SECONDS ?? 60) * 1000;
  const gateway = new APIGateway({ region, maxAttempts: 5 });
  const cognito = new CognitoIdentityProvider({ region, maxAttempts: 5 });
  const UserPoolId = env.COGNITO_USER_POOL_ID ?? '';
  const { UserPool } = await cognito.describeUserPool({ UserPoolId });
  const accountId = UserPool?.Arn?.split(':')[4] ?? '';
  const belongings = new Belongings(gateway, cognito, env.TEST_AWS_JOURNAL ?? '.conformance-aws.ndjson');
  let written = 0;
  for (const client of [gateway, cognito])
    (client.middlewareStack as unknown as Stack).add(
      (next, { commandName = '' }) =>
        async (args) => {
          const operation = commandName.replace(/Command$/, '');
          await pace.turn(operation);
          const answer = await next(belongings.marked(operation, args));
          belongings.keep(operation, answer.output);
          if (!/^(Get|List|Describe|Admin|Initiate)/.test(operation)) written = Date.now();
          return answer;
        },
      { step: 'initialize', priority: 'high', name: 'pace' },
    );
  await belongings.clear();
  const executeHost = (apiId: string) => `https://${apiId}.execute-api.${region}.amazonaws.com`;
  const cloud = new Cloud({
    name: 'aws',
    region,
    accountId,
    gateway,
    cognito,
    gatewayUrl: env.AWS_ENDPOINT_URL_API_GATEWAY ?? `https://apigateway.${region}.amazonaws.com`,
    cognitoUrl: env.AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER ?? `https://cognito-idp.${region}.amazonaws.com`,
    executeUrl: (apiId) => (env.TEST_AWS_EXECUTE_URL ? `${env.TEST_AWS_EXECUTE_URL}/${apiId}` : executeHost(apiId)),
    lacks: AWS_LACKS,
    settle: async () => {
      const left = written + settleMilliseconds - Date.now();
      if (left > 0) await delay(left);
    },
    end: () => belongings.clear(),
    stop: async () => {},
  });
  cloud.call(MARK, '');
  return cloud;
}

type Handler = (args: { readonly input: object }) => Promise<{ readonly output: unknown }>;
interface Stack {
  add(
    middleware: (next: Handler, context: { readonly commandName?: string }) => Handler,
    options: { readonly step: 'initialize'; readonly priority: 'high'; readonly name: string },
  ): void;
}
