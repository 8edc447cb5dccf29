import {
  CreateDeploymentCommand,
  CreateResourceCommand,
  CreateStageCommand,
  DeleteRestApiCommand,
  GetAuthorizersCommand,
  GetResourcesCommand,
  GetRestApisCommand,
  GetStageCommand,
  PutIntegrationCommand,
  PutMethodCommand,
  UpdateApiKeyCommand,
  UpdateUsagePlanCommand,
} from '@aws-sdk/client-api-gateway';
import { expect } from '@jest/globals';
import { type Answer, type Row, refusal, type World } from '../gateway-rows.js';

const UNAUTHORIZED: Answer = { status: 401, type: 'UnauthorizedException', body: '{"message":"Unauthorized"}' };
const FORBIDDEN: Answer = { status: 403, type: 'ForbiddenException', body: '{"message":"Forbidden"}' };
const NO_METHOD: Answer = {
  status: 403,
  type: 'MissingAuthenticationTokenException',
  body: '{"message":"Missing Authentication Token"}',
};
const THROTTLED: Answer = { status: 429, type: 'TooManyRequestsException', body: '{"message":"Too Many Requests"}' };
const QUOTA: Answer = { status: 429, type: 'LimitExceededException', body: '{"message":"Limit Exceeded"}' };
const SIGN_IN_SCOPE = 'aws.cognito.signin.user.admin';
const COGNITO = { authorizationType: 'COGNITO_USER_POOLS' } as const;

export const AUTHORIZERS: readonly Row[] = [
  {
    id: 'A1',
    call: 'GET a deployed API',
    what: 'no token and no key',
    run: (world) => world.call(world.pets),
    expected: UNAUTHORIZED,
    basis: 'docs',
    source: 'DOC apigateway-enable-cognito-user-pool',
    needs: ['gate'],
  },
  {
    id: 'A2',
    call: 'GET a deployed API',
    what: 'no token and a good key: the authorizer comes first',
    run: async (world) => world.call(world.pets, { 'x-api-key': (await world.subscriber()).value }),
    expected: UNAUTHORIZED,
    basis: 'field',
    source: 're:Post "API Gateway logs": after the authorizer it verifies the usage plan',
    needs: ['gate'],
  },
  {
    id: 'A3',
    call: 'GET a deployed API',
    what: 'a good token and no key',
    run: async (world) => world.call(world.pets, { authorization: (await world.tokens()).id }),
    expected: FORBIDDEN,
    basis: 'docs',
    source: 'DOC supported-gateway-response-types INVALID_API_KEY',
    needs: ['gate'],
  },
  {
    id: 'A4',
    call: 'GET a deployed API',
    what: 'a good token and a good key',
    run: async (world) => pets(world, (await world.tokens()).id),
    expected: 200,
    basis: 'docs',
    source: 'DOC apigateway-integrate-with-cognito',
    needs: ['gate'],
  },
  {
    id: 'A5',
    call: 'GET a deployed API',
    what: 'a token after `Bearer `',
    run: async (world) => pets(world, `Bearer ${(await world.tokens()).id}`),
    expected: 200,
    basis: 'field',
    source: 'GH amazon-archives/amazon-cognito-identity-js#165',
    needs: ['gate'],
  },
  {
    id: 'A6',
    call: 'GET a deployed API',
    what: 'an access token on a method without scopes',
    run: async (world) => pets(world, (await world.tokens()).access),
    expected: 401,
    basis: 'docs',
    source: 'DOC apigateway-enable-cognito-user-pool',
    needs: ['gate'],
  },
  {
    id: 'A7',
    call: 'GET a deployed API',
    what: 'a token that is none',
    run: (world) => world.call(world.pets, { authorization: 'not-a-token' }),
    expected: UNAUTHORIZED,
    basis: 'docs',
    source: 'DOC apigateway-integrate-with-cognito',
    needs: ['gate'],
  },
  {
    id: 'A8',
    call: 'GET a deployed API',
    what: 'a token whose payload was changed',
    run: async (world) => {
      const [head, , signature] = (await world.tokens()).id.split('.');
      const forged = Buffer.from('{"sub":"x","token_use":"id","exp":9999999999}').toString('base64url');
      return world.call(world.pets, { authorization: [head, forged, signature].join('.') });
    },
    expected: UNAUTHORIZED,
    basis: 'docs',
    source: 'DOC apigateway-integrate-with-cognito',
    needs: ['gate'],
  },
  {
    id: 'A9',
    call: 'GET a deployed API',
    what: 'the authorizer reads the header it is told to',
    run: async (world) => {
      const { restApiId } = await world.deployed('mine', COGNITO);
      const { id } = await world.tokens();
      const path = `${restApiId}/dev/mine`;
      return [
        (await world.call(path, { 'x-token': id })).status,
        (await world.call(path, { authorization: id })).status,
      ];
    },
    expected: [200, 401],
    basis: 'docs',
    source: 'DOC apigateway-enable-cognito-user-pool',
    needs: ['gate'],
  },
  {
    id: 'A10',
    call: 'GET a deployed API',
    what: 'a method with scopes takes an access token that has one of them',
    run: (world) => scoped(world, [SIGN_IN_SCOPE, 'other/scope'], 'access'),
    expected: 200,
    basis: 'docs',
    source: 'DOC apigateway-enable-cognito-user-pool',
    needs: ['gate'],
  },
  {
    id: 'A11',
    call: 'GET a deployed API',
    what: 'a method with scopes refuses an access token without any of them',
    run: (world) => scoped(world, ['other/scope'], 'access'),
    expected: 401,
    basis: 'docs',
    source: 'DOC apigateway-enable-cognito-user-pool',
    needs: ['gate'],
  },
  {
    id: 'A12',
    call: 'GET a deployed API',
    what: 'a method with scopes refuses an ID token',
    run: (world) => scoped(world, [SIGN_IN_SCOPE], 'id'),
    expected: 401,
    basis: 'docs',
    source: 'DOC apigateway-enable-cognito-user-pool',
    needs: ['gate'],
  },
  {
    id: 'A13',
    call: 'GET a deployed API',
    what: 'an expired token says so',
    run: async (world) => {
      const { id } = await world.tokens();
      world.clock.forward(3601);
      return world.call(world.pets, { authorization: id });
    },
    expected: { ...UNAUTHORIZED, body: '{"message":"The incoming token has expired"}' },
    basis: 'field',
    source: 'GH aws-amplify/amplify-js#6060',
    needs: ['clock', 'gate'],
  },
];

export const API_KEYS: readonly Row[] = [
  {
    id: 'D1',
    call: 'GET a deployed API',
    what: 'a good key, the header in any case',
    run: async (world) => {
      const { value } = await world.subscriber();
      return [
        await world.statuses(1, world.open, { 'X-API-Key': value }),
        await world.statuses(1, world.open, { 'x-api-key': value }),
      ];
    },
    expected: [[200], [200]],
    basis: 'recorded',
    source: 'LocalStack test_api_key_required_for_methods 2023-07',
    needs: ['gate'],
  },
  {
    id: 'D2',
    call: 'GET a deployed API',
    what: 'no key',
    run: (world) => world.call(world.open),
    expected: FORBIDDEN,
    basis: 'recorded',
    source: 'LocalStack test_api_key_required_for_methods 2023-07',
    needs: ['gate'],
  },
  {
    id: 'D3',
    call: 'GET a deployed API',
    what: 'an unknown key',
    run: (world) => world.call(world.open, { 'x-api-key': world.value() }),
    expected: FORBIDDEN,
    basis: 'docs',
    source: 'DOC supported-gateway-response-types INVALID_API_KEY',
    needs: ['gate'],
  },
  {
    id: 'D4',
    call: 'GET a deployed API',
    what: 'a key in no plan',
    run: async (world) => world.call(world.open, { 'x-api-key': (await world.key()).value }),
    expected: FORBIDDEN,
    basis: 'docs',
    source: 'DOC api-gateway-api-usage-plans',
    needs: ['gate'],
  },
  {
    id: 'D5',
    call: 'GET a deployed API',
    what: 'a key in a plan of another stage',
    run: async (world) => {
      const { restApiId } = await world.deployed('elsewhere');
      const { value } = await world.subscriber({ apiStages: [{ apiId: restApiId, stage: 'dev' }] });
      return world.call(world.open, { 'x-api-key': value });
    },
    expected: FORBIDDEN,
    basis: 'docs',
    source: 'DOC api-gateway-api-usage-plans',
    needs: ['gate'],
  },
  {
    id: 'D6',
    call: 'UpdateApiKey, GET a deployed API',
    what: 'a disabled key, and the same key enabled again',
    run: async (world) => {
      const { keyId, value } = await world.subscriber();
      const set = (enabled: string) =>
        world.sdk.send(
          new UpdateApiKeyCommand({
            apiKey: keyId,
            patchOperations: [{ op: 'replace', path: '/enabled', value: enabled }],
          }),
        );
      await set('false');
      const disabled = await world.call(world.open, { 'x-api-key': value });
      await set('true');
      return [disabled, (await world.call(world.open, { 'x-api-key': value })).status];
    },
    expected: [FORBIDDEN, 200],
    basis: 'recorded',
    source: 'LocalStack test_api_key_required_for_methods 2023-07',
    needs: ['gate'],
  },
  {
    id: 'D7',
    call: 'GET a deployed API',
    what: 'a method that requires no key ignores the one it is given',
    run: async (world) => {
      const { restApiId } = await world.deployed('free');
      const { planId, value } = await world.subscriber({
        apiStages: [{ apiId: restApiId, stage: 'dev' }],
        quota: { limit: 1, period: 'MONTH' },
      });
      const statuses = await world.statuses(3, `${restApiId}/dev/free`, { 'x-api-key': value });
      const dates = `startDate=${world.today()}&endDate=${world.today()}`;
      const { body } = await world.wire('GET', `/usageplans/${planId}/usage?${dates}`);
      return [statuses, body.includes('"values":{}')];
    },
    expected: [[200, 200, 200], true],
    basis: 'docs',
    source: 'DOC api-gateway-api-usage-plans',
    needs: ['gate'],
  },
  {
    id: 'D8',
    call: 'GET a deployed API',
    what: 'answers carry their ids and no rate headers',
    run: async (world) => {
      const reply = await world.fetch(world.open);
      const names = ['x-amzn-requestid', 'x-amz-apigw-id', 'content-type', 'retry-after', 'x-ratelimit-limit'];
      return names.map((name) => reply.headers.has(name));
    },
    expected: [true, true, true, false, false],
    basis: 'field',
    source: 'user reports of 403 and 429 answers',
    needs: ['gate'],
  },
];

export const LIMITS: readonly Row[] = [
  {
    id: 'L1',
    call: 'GET a deployed API',
    what: 'over the quota',
    run: async (world) => {
      const { value } = await world.subscriber({ quota: { limit: 2, period: 'MONTH' } });
      const statuses = await world.statuses(2, world.open, { 'x-api-key': value });
      return [statuses, await world.call(world.open, { 'x-api-key': value })];
    },
    expected: [[200, 200], QUOTA],
    basis: 'field',
    source: 'DOC supported-gateway-response-types QUOTA_EXCEEDED; user reports of the body',
    needs: ['gate'],
  },
  {
    id: 'L2',
    call: 'GET a deployed API',
    what: 'over the burst, and again after the bucket has gained a token',
    run: async (world) => {
      const { value } = await world.subscriber({ throttle: { rateLimit: 0.01, burstLimit: 2 } });
      const statuses = await world.statuses(2, world.open, { 'x-api-key': value });
      const throttled = await world.call(world.open, { 'x-api-key': value });
      world.clock.forward(150);
      return [statuses, throttled, await world.statuses(2, world.open, { 'x-api-key': value })];
    },
    expected: [[200, 200], THROTTLED, [200, 429]],
    basis: 'docs',
    source: 'DOC api-gateway-request-throttling; THROTTLED response type',
    needs: ['clock', 'gate'],
  },
  {
    id: 'L3',
    call: 'GET a deployed API',
    what: 'each key has a bucket of its own',
    run: async (world) => {
      const { planId, value } = await world.subscriber({ throttle: { rateLimit: 0.01, burstLimit: 1 } });
      const other = await world.key();
      await world.attach(planId, other.id);
      const first = await world.statuses(2, world.open, { 'x-api-key': value });
      return [first, await world.statuses(1, world.open, { 'x-api-key': other.value })];
    },
    expected: [[200, 429], [200]],
    basis: 'docs',
    source: 'DOC api-gateway-api-usage-plans: limits apply to individual API keys',
    needs: ['gate'],
  },
  {
    id: 'L4',
    call: 'GET a deployed API',
    what: 'throttled calls do not count against the quota',
    run: async (world) => {
      const { value } = await world.subscriber({
        throttle: { rateLimit: 0.01, burstLimit: 1 },
        quota: { limit: 2, period: 'MONTH' },
      });
      const statuses = await world.statuses(4, world.open, { 'x-api-key': value });
      world.clock.forward(150);
      return [...statuses, ...(await world.statuses(1, world.open, { 'x-api-key': value }))];
    },
    expected: [200, 429, 429, 429, 200],
    basis: 'field',
    source: 'user reports; not documented',
    needs: ['clock', 'gate'],
  },
  {
    id: 'L5',
    call: 'GET a deployed API',
    what: 'calls without a good token do not count against the quota',
    run: async (world) => {
      const { value } = await world.subscriber({ quota: { limit: 1, period: 'MONTH' } });
      await world.statuses(3, world.pets, { 'x-api-key': value });
      return world.statuses(2, world.open, { 'x-api-key': value });
    },
    expected: [200, 429],
    basis: 'inference',
    source: 'the authorizer comes first',
    needs: ['gate'],
  },
  {
    id: 'L6',
    call: 'GET a deployed API',
    what: 'calls to paths that do not exist do not count',
    run: async (world) => {
      const { value } = await world.subscriber({ quota: { limit: 1, period: 'MONTH' } });
      await world.statuses(3, `${world.sold.apiId}/v1/nothing`, { 'x-api-key': value });
      return world.statuses(2, world.open, { 'x-api-key': value });
    },
    expected: [200, 429],
    basis: 'field',
    source: 'classmethod 2025-05 on what a usage plan counts',
    needs: ['gate'],
  },
  {
    id: 'L7',
    call: 'GET a deployed API',
    what: 'a method throttle of the plan binds that method alone',
    run: async (world) => {
      const throttle = { '/open/GET': { rateLimit: 0.01, burstLimit: 1 } };
      const { value } = await world.subscriber({ apiStages: [{ ...world.stage, throttle }] });
      const { id } = await world.tokens();
      const open = await world.statuses(2, world.open, { 'x-api-key': value });
      return [open, await world.statuses(2, world.pets, { 'x-api-key': value, authorization: id })];
    },
    expected: [
      [200, 429],
      [200, 200],
    ],
    basis: 'docs',
    source: 'DOC api-gateway-request-throttling',
    needs: ['gate'],
  },
  {
    id: 'L8',
    call: 'GET a deployed API, UpdateUsagePlan',
    what: 'a changed throttle is felt without a deployment',
    run: async (world) => {
      const { planId, value } = await world.subscriber({ throttle: { rateLimit: 0.01, burstLimit: 1 } });
      const before = await world.statuses(2, world.open, { 'x-api-key': value });
      const patchOperations = [{ op: 'remove' as const, path: '/throttle' }];
      await world.sdk.send(new UpdateUsagePlanCommand({ usagePlanId: planId, patchOperations }));
      return [...before, ...(await world.statuses(1, world.open, { 'x-api-key': value }))];
    },
    expected: [200, 429, 200],
    basis: 'docs',
    source: 'DOC api-gateway-api-usage-plans',
    needs: ['gate'],
  },
];

export const ROUTES: readonly Row[] = [
  {
    id: 'S1',
    call: 'GET a deployed API',
    what: 'an unknown path',
    run: (world) => world.call(`${world.sold.apiId}/v1/nothing`),
    expected: NO_METHOD,
    basis: 'docs',
    source: 'DOC supported-gateway-response-types MISSING_AUTHENTICATION_TOKEN',
    needs: ['gate'],
  },
  {
    id: 'S2',
    call: 'GET a deployed API',
    what: 'an unknown method of a known path',
    run: (world) => world.call(world.open, {}, 'DELETE'),
    expected: NO_METHOD,
    basis: 'docs',
    source: 'DOC supported-gateway-response-types MISSING_AUTHENTICATION_TOKEN',
    needs: ['gate'],
  },
  {
    id: 'S3',
    call: 'GET a deployed API',
    what: 'an unknown stage',
    run: (world) => world.call(`${world.sold.apiId}/v9/open`),
    expected: FORBIDDEN,
    basis: 'field',
    source: 're:Post api-gateway-troubleshoot-403-forbidden: a stage that does not exist',
    needs: ['gate'],
  },
  {
    id: 'S4',
    call: 'GET a deployed API',
    what: 'a path parameter takes any one part, a greedy one the rest, a literal wins',
    run: async (world) => {
      const { restApiId, resourceId, rootResourceId } = await world.api('{any}');
      for (const [parentId, pathPart] of [
        [rootResourceId, 'exact'],
        [resourceId, '{proxy+}'],
      ] as const) {
        const child = await world.sdk.send(new CreateResourceCommand({ restApiId, parentId, pathPart }));
        const address = { restApiId, resourceId: child.id ?? '', httpMethod: 'GET' };
        await world.sdk.send(new PutMethodCommand({ ...address, authorizationType: 'NONE' }));
        await world.mock(address, JSON.stringify(pathPart));
      }
      await world.deploy(restApiId);
      const paths = ['whatever', 'exact', 'a/b/c', ''];
      const answers = await Promise.all(paths.map((path) => world.call(`${restApiId}/dev/${path}`)));
      return answers.map(({ status, body }) => (status === 200 ? body : status));
    },
    expected: ['{"ok":true}', '"exact"', '"{proxy+}"', 403],
    basis: 'docs',
    source: 'DOC api-gateway-method-settings-method-request',
    needs: ['gate'],
  },
  {
    id: 'S5',
    call: 'OPTIONS a deployed API',
    what: 'a preflight needs neither token nor key and allows every origin',
    run: async (world) => {
      const reply = await world.fetch(world.pets, { method: 'OPTIONS' });
      const names = ['origin', 'headers', 'methods'].map((name) => `access-control-allow-${name}`);
      return [reply.status, ...names.map((name) => reply.headers.get(name))];
    },
    expected: [200, '*', 'Authorization,Content-Type,X-Api-Key', 'GET,OPTIONS'],
    basis: 'docs',
    source: 'DOC how-to-cors',
    needs: ['gate'],
  },
  {
    id: 'S6',
    call: 'GET a deployed API',
    what: 'a method that comes after the deployment serves with the next one',
    run: async (world) => {
      const address = await world.deployed('late');
      const post = { ...address, httpMethod: 'POST' };
      await world.sdk.send(new PutMethodCommand({ ...post, authorizationType: 'NONE' }));
      await world.mock(post, '{"posted":true}');
      const path = `${address.restApiId}/dev/late`;
      const before = await world.call(path, {}, 'POST');
      await world.deploy(address.restApiId);
      return [before.status, (await world.call(path, {}, 'POST')).body];
    },
    expected: [403, '{"posted":true}'],
    basis: 'docs',
    source: 'DOC how-to-deploy-api',
    needs: ['gate'],
  },
  {
    id: 'S7',
    call: 'CreateDeployment',
    what: 'an API without methods cannot be deployed',
    run: async (world) => {
      const { body } = await world.wire('POST', '/restapis', { name: 'empty' });
      const { id } = JSON.parse(body) as { id: string };
      return refusal(world.sdk.send(new CreateDeploymentCommand({ restApiId: id })));
    },
    expected: "400 BadRequestException: The REST API doesn't contain any methods",
    basis: 'field',
    source: 'GH anomalyco/sst#3976',
  },
  {
    id: 'S8',
    call: 'CreateDeployment',
    what: 'a method without an integration cannot be deployed',
    run: async (world) => {
      const { restApiId, resourceId } = await world.api('half');
      await world.sdk.send(
        new PutMethodCommand({ restApiId, resourceId, httpMethod: 'POST', authorizationType: 'NONE' }),
      );
      return refusal(world.sdk.send(new CreateDeploymentCommand({ restApiId })));
    },
    expected: '400 BadRequestException: No integration defined for method',
    basis: 'field',
    source: 'GH hashicorp/terraform-provider-aws#21210',
  },
  {
    id: 'S9',
    call: 'PutMethod',
    what: 'a Cognito method needs an authorizer that exists',
    run: async (world) => {
      const { restApiId, resourceId } = await world.api('guarded');
      const method = { restApiId, resourceId, httpMethod: 'POST', ...COGNITO, authorizerId: 'nosuch' };
      return refusal(world.sdk.send(new PutMethodCommand(method)));
    },
    expected:
      '400 BadRequestException: Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a valid authorizer.',
    basis: 'field',
    source: 'GH aws/aws-cdk#5618',
  },
  {
    id: 'S10',
    call: 'CreateStage, GetStage, GET a deployed API',
    what: 'stages serve deployments, and exist once',
    run: async (world) => {
      const { restApiId } = await world.api('staged');
      const { id: deploymentId } = await world.sdk.send(new CreateDeploymentCommand({ restApiId }));
      const stage = { restApiId, stageName: 'qa', deploymentId };
      await world.sdk.send(new CreateStageCommand(stage));
      const again = await refusal(world.sdk.send(new CreateStageCommand(stage)));
      const kept = await world.sdk.send(new GetStageCommand({ restApiId, stageName: 'qa' }));
      return [kept.deploymentId === deploymentId, again, (await world.call(`${restApiId}/qa/staged`)).status];
    },
    expected: [true, '409 ConflictException: Stage already exists', 200],
    basis: 'docs',
    source: 'DOC API_CreateStage',
    needs: ['gate'],
  },
  {
    id: 'S11',
    call: 'GetResources, GetAuthorizers',
    what: 'resources and authorizers are listed',
    run: async (world) => {
      const { restApiId } = await world.api('listed');
      const { items: resources = [] } = await world.sdk.send(new GetResourcesCommand({ restApiId }));
      const { items: authorizers = [] } = await world.sdk.send(new GetAuthorizersCommand({ restApiId }));
      return [resources.map(({ path }) => path).sort(), authorizers.map(({ name, authType }) => [name, authType])];
    },
    expected: [['/', '/listed'], [['customers', 'cognito_user_pools']]],
    basis: 'docs',
    source: 'DOC API_GetResources, API_GetAuthorizers',
  },
  {
    id: 'S12',
    call: 'DeleteRestApi, GetRestApis, GET a deployed API',
    what: 'a deleted API answers no more',
    run: async (world) => {
      const { restApiId } = await world.deployed('gone');
      await world.sdk.send(new DeleteRestApiCommand({ restApiId }));
      const { items = [] } = await world.sdk.send(new GetRestApisCommand({ limit: 500 }));
      return [items.some(({ id }) => id === restApiId), (await world.call(`${restApiId}/dev/gone`)).status];
    },
    expected: [false, 403],
    basis: 'inference',
    source: 'on AWS the host name itself is gone',
    needs: ['gate'],
  },
  {
    id: 'S13',
    call: 'PutIntegration',
    what: 'integrations other than MOCK say that they are not modelled',
    run: async (world) => {
      const address = await world.api('proxied');
      const put = new PutIntegrationCommand({ ...address, type: 'HTTP_PROXY', uri: 'http://127.0.0.1' });
      return (await refusal(world.sdk.send(put))).slice(0, 27);
    },
    expected: expect.stringMatching(/^501 NotImplementedException/),
    basis: 'inference',
    source: 'never a silent 200',
  },
];

async function pets(world: World, authorization: string): Promise<number> {
  const { value } = await world.subscriber();
  return (await world.call(world.pets, { authorization, 'x-api-key': value })).status;
}

async function scoped(world: World, authorizationScopes: string[], kind: 'id' | 'access'): Promise<number> {
  const { restApiId } = await world.deployed('scoped', { ...COGNITO, authorizationScopes });
  return (await world.call(`${restApiId}/dev/scoped`, { 'x-token': (await world.tokens())[kind] })).status;
}
