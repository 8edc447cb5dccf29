import type { Cognito } from './cognito/cognito.js';
import type { SeedClient } from './cognito/seeds.js';
import type { Gateway } from './gateway/gateway.js';
import type { Store } from './store.js';

export const REGION = 'us-east-1';
export const USER_POOL_ID = 'us-east-1_Sandbox01';
export const CLIENT_ID = 'turnpikesandboxclient00001';
export const REST_API_ID = 'sandboxapi';
export const STAGE = 'v1';

export const USERS = [
  { username: 'ada@example.com', password: 'Turnpike-1', groups: [] },
  { username: 'admin@example.com', password: 'Turnpike-1', groups: ['admin'] },
] as const;

const CUSTOM_ATTRIBUTES = [
  'plan',
  'plan_sig',
  'suspended',
  'quota_grant',
  'deleting',
  'key_floor',
  'api_key_id',
  'key_gen',
];

const READ_ATTRIBUTES = ['email', 'email_verified', 'name', 'custom:plan', 'custom:api_key_id', 'custom:key_gen'];

/** Where the server listens unless it is told otherwise. */
export const SERVER_PORT = 3000;

/** Where pages of this machine are served while they are made: by Turnpike, Vite and others. */
const WEBSITE_PORTS = [SERVER_PORT, 5173, 8080];
const HOSTS = ['localhost', '127.0.0.1'];
const AFTER_SIGN_IN = ['', '/', '/callback', '/portal', '/graphql'];
const AFTER_SIGN_OUT = ['', '/', '/portal', '/graphql'];

const HOSTED_UI = {
  SupportedIdentityProviders: ['COGNITO'],
  AllowedOAuthFlowsUserPoolClient: true,
  AllowedOAuthFlows: ['code'],
  AllowedOAuthScopes: ['openid', 'email', 'profile', 'phone', 'aws.cognito.signin.user.admin'],
  CallbackURLs: addresses(WEBSITE_PORTS, AFTER_SIGN_IN),
  LogoutURLs: addresses(WEBSITE_PORTS, AFTER_SIGN_OUT),
} satisfies SeedClient['settings'];

const PLANS = [
  { code: 'free', title: 'Free', price: '0 USD / month', calls: 100, callsPerSecond: 20 },
  { code: 'basic', title: 'Basic', price: '49 USD / month', calls: 10_000, callsPerSecond: 50 },
  { code: 'pro', title: 'Pro', price: '499 USD / month', calls: 1_000_000, callsPerSecond: 100 },
];

const PETS = [
  { id: 1, type: 'dog', price: 249.99 },
  { id: 2, type: 'cat', price: 124.99 },
  { id: 3, type: 'fish', price: 0.99 },
];

/** Fills a store that was never seeded; the mark is set last, so a start that was cut short begins again. */
export async function seed(store: Store, cognito: Cognito, gateway: Gateway): Promise<void> {
  await seedUsers(cognito);
  seedApi(gateway);
  seedPlans(gateway);
  seedMark(store).put('seeded', true);
}

export function isSeeded(store: Store): boolean {
  return seedMark(store).get('seeded') === true;
}

/** What each plan of the seed is called by customers, and its id in API Gateway. */
export function seededPlans(gateway: Gateway): { code: string; usagePlanId: string }[] {
  const { items } = gateway.usagePlans.operations.GetUsagePlans({ limit: 500 });
  const withTags = items.map(({ id }) => gateway.usagePlans.operations.GetUsagePlan({ usagePlanId: id }));
  return withTags
    .map(({ id, tags }) => ({ code: tags['turnpike:plan'] ?? '', usagePlanId: id }))
    .filter(({ code }) => code !== '')
    .reverse();
}

/** Lets the hosted pages send people back to a website on one more port of this machine. */
export function allowWebsite({ pools: { clients } }: Cognito, port: number): void {
  const client = clients.get(CLIENT_ID);
  if (!client) return; // somebody has deleted it
  const { CallbackURLs = [], LogoutURLs = [] } = client.settings;
  const urls = {
    CallbackURLs: [...new Set([...CallbackURLs, ...addresses([port], AFTER_SIGN_IN)])],
    LogoutURLs: [...new Set([...LogoutURLs, ...addresses([port], AFTER_SIGN_OUT)])],
  };
  if (urls.CallbackURLs.length + urls.LogoutURLs.length === CallbackURLs.length + LogoutURLs.length) return;
  clients.put(CLIENT_ID, { ...client, settings: { ...client.settings, ...urls } });
}

function addresses(ports: readonly number[], paths: readonly string[]): string[] {
  return HOSTS.flatMap((host) => ports.flatMap((port) => paths.map((path) => `http://${host}:${port}${path}`)));
}

function seedMark(store: Store) {
  return store.table<boolean>('seed');
}

async function seedUsers(cognito: Cognito): Promise<void> {
  await cognito.seedPool({ id: USER_POOL_ID, name: 'turnpike-sandbox', customAttributes: CUSTOM_ATTRIBUTES });
  cognito.seedClient({
    poolId: USER_POOL_ID,
    clientId: CLIENT_ID,
    name: 'Pet Store',
    readAttributes: READ_ATTRIBUTES,
    writeAttributes: ['email', 'name'],
    settings: {
      ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH', 'ALLOW_USER_SRP_AUTH'],
      PreventUserExistenceErrors: 'ENABLED',
      EnableTokenRevocation: true,
      ...HOSTED_UI,
    },
  });
  cognito.seedGroup({ poolId: USER_POOL_ID, name: 'admin', description: 'May use the admin operations' });
  for (const user of USERS) await cognito.seedUser({ poolId: USER_POOL_ID, ...user });
}

function seedApi(gateway: Gateway): void {
  const { restApis, authorizers, resources, gatewayResponses, deployments } = gateway.drawings;
  const { rootResourceId } = restApis.create({ name: 'pet-store', description: 'The API that is sold' }, REST_API_ID);
  const { id: authorizerId } = authorizers.create({
    restApiId: REST_API_ID,
    name: 'customers',
    type: 'COGNITO_USER_POOLS',
    providerARNs: [`arn:aws:cognito-idp:${REGION}:000000000000:userpool/${USER_POOL_ID}`],
    identitySource: 'method.request.header.Authorization',
  });
  const pets = resources.create({ restApiId: REST_API_ID, parentId: rootResourceId, pathPart: 'pets' });
  const open = resources.create({ restApiId: REST_API_ID, parentId: rootResourceId, pathPart: 'open' });
  seedMethod(gateway, pets.id, { authorizationType: 'COGNITO_USER_POOLS', authorizerId, reply: PETS });
  seedMethod(gateway, open.id, { authorizationType: 'NONE', reply: { message: 'The key is good.' } });
  for (const responseType of ['DEFAULT_4XX', 'DEFAULT_5XX'] as const) {
    const responseParameters = {
      'gatewayresponse.header.Access-Control-Allow-Origin': "'*'",
      'gatewayresponse.header.Access-Control-Expose-Headers': "'x-amzn-RequestId,x-amzn-ErrorType'",
    };
    gatewayResponses.put({ restApiId: REST_API_ID, responseType, responseParameters });
  }
  deployments.create({ restApiId: REST_API_ID, stageName: STAGE });
}

interface SeedMethod {
  readonly authorizationType: string;
  readonly authorizerId?: string;
  readonly reply: unknown;
}

/** A GET that wants a key, and the OPTIONS that AWS's "Enable CORS" adds to a resource. */
function seedMethod(
  { drawings: { methods, integrations } }: Gateway,
  resourceId: string,
  { reply, ...authorization }: SeedMethod,
): void {
  const get = { restApiId: REST_API_ID, resourceId, httpMethod: 'GET' };
  const options = { restApiId: REST_API_ID, resourceId, httpMethod: 'OPTIONS' };
  methods.create({ ...get, ...authorization, apiKeyRequired: true });
  methods.create({ ...options, authorizationType: 'NONE' });
  const allowOrigin = { 'method.response.header.Access-Control-Allow-Origin': "'*'" };
  const exposed = { 'method.response.header.Access-Control-Expose-Headers': "'x-amzn-RequestId'" };
  const preflight = {
    'method.response.header.Access-Control-Allow-Headers': "'Authorization,Content-Type,X-Api-Key'",
    'method.response.header.Access-Control-Allow-Methods': "'GET,OPTIONS'",
  };
  const answers = [
    { method: get, headers: { ...allowOrigin, ...exposed }, body: JSON.stringify(reply) },
    { method: options, headers: { ...allowOrigin, ...preflight }, body: '' },
  ];
  for (const { method, headers, body } of answers) {
    const requestTemplates = { 'application/json': '{"statusCode": 200}' };
    integrations.put({ ...method, type: 'MOCK', requestTemplates });
    const declared = Object.fromEntries(Object.keys(headers).map((name) => [name, false]));
    methods.putResponse({ ...method, statusCode: '200', responseParameters: declared });
    const responseTemplates = { 'application/json': body };
    integrations.putResponse({ ...method, statusCode: '200', responseParameters: headers, responseTemplates });
  }
}

function seedPlans({ usagePlans }: Gateway): void {
  PLANS.forEach(({ code, title, price, calls, callsPerSecond }, index) => {
    usagePlans.create({
      name: title,
      description: `${calls.toLocaleString('en')} calls a month`,
      apiStages: [{ apiId: REST_API_ID, stage: STAGE }],
      throttle: { rateLimit: callsPerSecond, burstLimit: callsPerSecond },
      quota: { limit: calls, offset: 0, period: 'MONTH' },
      tags: {
        'turnpike:plan': code,
        'turnpike:title': title,
        'turnpike:price': price,
        'turnpike:order': String(index + 1),
        'turnpike:self-service': 'true',
      },
    });
  });
}
