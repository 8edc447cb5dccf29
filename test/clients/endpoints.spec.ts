import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import {
  APIGatewayClient,
  CreateApiKeyCommand,
  CreateUsagePlanKeyCommand,
  GetUsageCommand,
  GetUsagePlansCommand,
} from '@aws-sdk/client-api-gateway';
import {
  AdminConfirmSignUpCommand,
  CognitoIdentityProviderClient,
  InitiateAuthCommand,
  SignUpCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SandboxProcess } from '../chaos/sandbox-process.js';
import { skipping } from '../support/moto.js';

const EMAIL = 'grace@example.com';
const PASSWORD = 'Turnpike-1';
const CALLS = 2;
const TWO_MINUTES = 120_000; // the CLI is a new process for each call
const run = promisify(execFile);

/** What a client saw of the plans, of the API with its own key and token, and of the usage: [used, remaining]. */
interface Seen {
  readonly plans: readonly string[];
  readonly statuses: readonly number[];
  readonly usage: readonly number[];
}

/** Where the sandbox is, as an operator would say it, and nothing else that a client is told. */
interface Place {
  readonly env: Readonly<Record<string, string>>;
  readonly poolId: string;
  readonly clientId: string;
  readonly petsUrl: string;
  readonly today: string;
}

async function callPets({ petsUrl }: Place, token: string, key: string): Promise<number> {
  return (await fetch(petsUrl, { headers: { authorization: token, 'x-api-key': key } })).status;
}

/** The SDK as a program of its own would use it: without an endpoint, a Region or credentials in its code. */
async function withSdk(place: Place): Promise<Seen> {
  Object.assign(process.env, place.env);
  const [users, gateway] = [new CognitoIdentityProviderClient(), new APIGatewayClient()];
  const { poolId: UserPoolId, clientId: ClientId, today } = place;
  await users.send(new SignUpCommand({ ClientId, Username: EMAIL, Password: PASSWORD }));
  await users.send(new AdminConfirmSignUpCommand({ UserPoolId, Username: EMAIL }));
  const AuthParameters = { USERNAME: EMAIL, PASSWORD };
  const signIn = new InitiateAuthCommand({ AuthFlow: 'USER_PASSWORD_AUTH', ClientId, AuthParameters });
  const token = (await users.send(signIn)).AuthenticationResult?.IdToken ?? '';
  const { items: plans = [] } = await gateway.send(new GetUsagePlansCommand());
  const usagePlanId = plans.find(({ name }) => name === 'Free')?.id;
  const { id: keyId = '', value = '' } = await gateway.send(new CreateApiKeyCommand({ name: 'sdk', enabled: true }));
  await gateway.send(new CreateUsagePlanKeyCommand({ usagePlanId, keyId, keyType: 'API_KEY' }));
  const statuses = [await callPets(place, token, value), await callPets(place, token, value)];
  const usage = { usagePlanId, keyId, startDate: today, endDate: today };
  const { items = {} } = await gateway.send(new GetUsageCommand(usage));
  for (const client of [users, gateway]) client.destroy();
  return { plans: plans.map(({ name = '' }) => name), statuses, usage: items[keyId]?.[0] ?? [] };
}

async function withCli(place: Place): Promise<Seen> {
  const { poolId, clientId, today } = place;
  const env = { PATH: process.env.PATH, AWS_EC2_METADATA_DISABLED: 'true', AWS_PAGER: '', ...place.env };
  const aws = async (...words: string[]) => {
    const { stdout } = await run('aws', [...words, '--output', 'json'], { env });
    return JSON.parse(stdout || '{}');
  };
  const [users, gateway] = ['cognito-idp', 'apigateway'];
  await aws(users, 'sign-up', '--client-id', clientId, '--username', EMAIL, '--password', PASSWORD);
  await aws(users, 'admin-confirm-sign-up', '--user-pool-id', poolId, '--username', EMAIL);
  const signIn = ['initiate-auth', '--auth-flow', 'USER_PASSWORD_AUTH', '--client-id', clientId];
  const signedIn = await aws(users, ...signIn, '--auth-parameters', `USERNAME=${EMAIL},PASSWORD=${PASSWORD}`);
  const { items: plans } = await aws(gateway, 'get-usage-plans');
  const plan = plans.find(({ name }: { name: string }) => name === 'Free').id;
  const key = await aws(gateway, 'create-api-key', '--name', 'cli', '--enabled');
  const pair = ['--usage-plan-id', plan, '--key-id', key.id];
  await aws(gateway, 'create-usage-plan-key', ...pair, '--key-type', 'API_KEY');
  const token = signedIn.AuthenticationResult.IdToken;
  const statuses = [await callPets(place, token, key.value), await callPets(place, token, key.value)];
  const { items } = await aws(gateway, 'get-usage', ...pair, '--start-date', today, '--end-date', today);
  return { plans: plans.map(({ name }: { name: string }) => name), statuses, usage: items[key.id][0] };
}

const BOTO3 = `
import boto3, json, sys, urllib.request
pool, client, url, today, email, password = sys.argv[1:]
users, gateway = boto3.client('cognito-idp'), boto3.client('apigateway')
users.sign_up(ClientId=client, Username=email, Password=password)
users.admin_confirm_sign_up(UserPoolId=pool, Username=email)
signed_in = users.initiate_auth(AuthFlow='USER_PASSWORD_AUTH', ClientId=client,
                                AuthParameters={'USERNAME': email, 'PASSWORD': password})
plans = gateway.get_usage_plans()['items']
pair = {'usagePlanId': next(plan['id'] for plan in plans if plan['name'] == 'Free')}
key = gateway.create_api_key(name='boto3', enabled=True)
pair['keyId'] = key['id']
gateway.create_usage_plan_key(**pair, keyType='API_KEY')
headers = {'authorization': signed_in['AuthenticationResult']['IdToken'], 'x-api-key': key['value']}
statuses = [urllib.request.urlopen(urllib.request.Request(url, headers=headers)).status for _ in range(2)]
usage = gateway.get_usage(**pair, startDate=today, endDate=today)['items'][key['id']][0]
print(json.dumps({'plans': [plan['name'] for plan in plans], 'statuses': statuses, 'usage': usage}))
`;

async function withBoto3({ env, poolId, clientId, petsUrl, today }: Place): Promise<Seen> {
  const words = ['-c', BOTO3, poolId, clientId, petsUrl, today, EMAIL, PASSWORD];
  const { stdout } = await run('python3', words, { env: { PATH: process.env.PATH, ...env } });
  return JSON.parse(stdout);
}

async function reasonWithout(command: string, ...words: string[]): Promise<string | null> {
  const isHere = await run(command, words).then(
    () => true,
    () => false,
  );
  return isHere ? null : `"${[command, ...words].join(' ')}" does not run on this machine`;
}

const CLIENTS: readonly [name: string, missing: string | null, use: (place: Place) => Promise<Seen>][] = [
  ['the AWS SDK for JavaScript', null, withSdk],
  ['the AWS CLI', await reasonWithout('aws', '--version'), withCli],
  ['boto3', await reasonWithout('python3', '-c', 'import boto3'), withBoto3],
];

describe.each(CLIENTS)('a sandbox of which %s knows the endpoint variables only', (name, missing, use) => {
  if (skipping(`the sandbox with ${name}`, missing)) {
    it.skip(`is not here: ${missing}`, () => {});
    return;
  }

  let sandbox: SandboxProcess;
  beforeAll(async () => {
    sandbox = await SandboxProcess.start();
  });
  afterAll(() => sandbox?.close());

  it(
    'signs somebody up and in, sells a key that opens the API, and counts its calls',
    async () => {
      const { region, userPoolId, clientId, invokeUrl } = sandbox.info;
      const env = {
        AWS_ENDPOINT_URL_API_GATEWAY: sandbox.url,
        AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: sandbox.url,
        AWS_REGION: region,
        AWS_DEFAULT_REGION: region,
        AWS_ACCESS_KEY_ID: 'any',
        AWS_SECRET_ACCESS_KEY: 'any',
      };
      const today = new Date().toISOString().slice(0, 10);
      const seen = await use({ env, poolId: userPoolId, clientId, petsUrl: `${invokeUrl}/pets`, today });
      expect([...seen.plans].sort()).toEqual(['Basic', 'Free', 'Pro']);
      expect(seen.statuses).toEqual([200, 200]);
      expect(seen.usage).toEqual([CALLS, 100 - CALLS]);
    },
    TWO_MINUTES,
  );
});
