import type { CreateAuthorizerCommandInput } from '@aws-sdk/client-api-gateway';
import { expect } from '@jest/globals';
import { type Answer, type Row, type World } from '../gateway-rows.js';
import { echoed, madeApi, member } from './made-api.js';

const OUTPUT = 'DOC api-gateway-lambda-authorizer-output';
const INPUT = 'DOC api-gateway-lambda-authorizer-input';
const SOURCE = 'DOC api-gateway-api-key-source';
const BROKEN: Answer = { status: 500, type: 'AuthorizerConfigurationException', body: '{"message":null}' };
const UNAUTHORIZED: Answer = { status: 401, type: 'UnauthorizedException', body: '{"message":"Unauthorized"}' };
const FORBIDDEN: Answer = { status: 403, type: 'ForbiddenException', body: '{"message":"Forbidden"}' };
const ALLOW =
  '{"Version":"2012-10-17","Statement":[{"Action":"execute-api:Invoke","Effect":"Allow","Resource":"METHOD"}]}';

/** What a caller with this token gets from a method behind a TOKEN authorizer. */
function tokenRow(
  id: string,
  what: string,
  token: string | null,
  expected: unknown,
  authorizer: Partial<CreateAuthorizerCommandInput> = {},
  [basis, source]: [Row['basis'], string] = ['docs', OUTPUT],
): Row {
  const run = async (world: World) => {
    const { path } = await madeApi(world, { authorizer: { type: 'TOKEN', ...authorizer } });
    const { status, type, body } = await world.call(path, token === null ? {} : { authorization: token });
    return status === 200 ? status : { status, type, body };
  };
  return { id, call: 'GET a deployed API', what, run, expected, basis, source, needs: ['functions', 'gate'] };
}

const policyOutput = (policy: string) => `output {"principalId":"p","policyDocument":${policy}}`;
const statement = (rest: string) => policyOutput(`{"Statement":{"Effect":"Allow",${rest}}}`);
const denied = (how = ''): Answer => ({
  status: 403,
  type: 'AccessDeniedException',
  body: `{"Message":"User is not authorized to access this resource${how}"}`,
});

export const TOKEN_AUTHORIZERS: readonly Row[] = [
  tokenRow('LA1', 'a policy that allows the method', 'allow', 200),
  tokenRow('LA2', 'a policy that denies it', 'deny', denied(' with an explicit deny'), {}, [
    'inference',
    'DOC supported-gateway-response-types ACCESS_DENIED; the words are not documented',
  ]),
  tokenRow('LA3', 'a policy about another method', 'nothing', denied(), {}, [
    'field',
    'GH aws/chalice#1619: chalice imitates type and capital letter',
  ]),
  tokenRow('LA4', 'a policy about all methods of the stage', 'all', 200),
  tokenRow('LA5', 'no token: the function is not asked', null, UNAUTHORIZED),
  tokenRow(
    'LA6',
    'a token that does not fit the pattern',
    'allow',
    UNAUTHORIZED,
    { identityValidationExpression: 'Bearer .+' },
    ['docs', 'DOC configure-api-gateway-lambda-authorization'],
  ),
  tokenRow('LA7', 'a function that throws the text Unauthorized', 'unauthorized', UNAUTHORIZED),
  tokenRow('LA8', 'a function that throws anything else', 'broken', BROKEN, {}, [
    'field',
    'GH serverless/examples#305; aws/chalice#670',
  ]),
  tokenRow('LA9', 'a function that answers nothing of the kind', 'output {"statusCode":401}', BROKEN, {}, [
    'field',
    'GH serverless/examples#305',
  ]),
  tokenRow('LA10', 'an answer without principalId', `output {"policyDocument":${ALLOW}}`, BROKEN),
  tokenRow('LA11', 'a context that holds a list', 'context {"a":[1]}', BROKEN),
  tokenRow(
    'LA12',
    'a URI of a function that does not exist',
    'allow',
    BROKEN,
    {
      authorizerUri:
        'arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:{account}:function:nosuch/invocations',
    },
    ['docs', 'DOC supported-gateway-response-types AUTHORIZER_CONFIGURATION_ERROR'],
  ),
  tokenRow('LA13', 'a policy with * for the action', statement('"Action":"*","Resource":"METHOD"'), 200),
  tokenRow(
    'LA14',
    'a policy whose action has another case',
    statement('"Action":["EXECUTE-API:invoke"],"Resource":["METHOD"]'),
    200,
  ),
  tokenRow('LA15', 'a policy about another service', statement('"Action":"s3:*","Resource":"METHOD"'), denied()),
  tokenRow(
    'LA16',
    'a policy with wildcards in the resource',
    statement('"Action":"execute-api:Invoke","Resource":"arn:aws:execute-api:*:*:*/dev/GET/i?"'),
    200,
  ),
  tokenRow(
    'LA17',
    'a policy about all but another path',
    statement('"Action":"execute-api:Invoke","NotResource":"arn:aws:execute-api:*:*:*/dev/GET/other"'),
    200,
  ),
  tokenRow(
    'LA18',
    'an explicit denial outweighs a permission',
    policyOutput(
      `{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"*","Resource":"METHOD"}]}`,
    ),
    denied(' with an explicit deny'),
  ),
  tokenRow(
    'LA19',
    'a policy with conditions is not modelled, and is no permission',
    policyOutput('{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{}}]}'),
    BROKEN,
    {},
    ['inference', 'never a silent 200'],
  ),
  {
    id: 'LA20',
    call: 'GET a deployed API',
    what: 'the function gets type, token and the ARN of the method',
    run: async (world) => {
      const { path, restApiId } = await madeApi(world, { authorizer: { type: 'TOKEN' } });
      await world.call(path, { authorization: 'allow me' });
      const { event } = world.invocations.at(-2) ?? {};
      return JSON.parse(JSON.stringify(event ?? {}).replaceAll(restApiId, 'API'));
    },
    expected: {
      type: 'TOKEN',
      authorizationToken: 'allow me',
      methodArn: 'arn:aws:execute-api:us-east-1:{account}:API/dev/GET/it',
    },
    basis: 'docs',
    source: INPUT,
    needs: ['functions', 'gate'],
  },
  {
    id: 'LA21',
    call: 'GET a deployed API',
    what: 'the context reaches the function behind the method, as text, with principalId',
    run: async (world) => {
      const { path } = await madeApi(world, { authorizer: { type: 'TOKEN' } });
      const authorization = 'context {"plan":"pro","calls":5,"paid":true}';
      const event = await echoed(world, path, { headers: { authorization } });
      return member(event, 'requestContext', 'authorizer');
    },
    expected: { principalId: 'user-1', plan: 'pro', calls: '5', paid: 'true', integrationLatency: expect.any(Number) },
    basis: 'docs',
    source: OUTPUT,
    needs: ['functions', 'gate'],
  },
  {
    id: 'LA22',
    call: 'GET a deployed API',
    what: 'the result is kept for as long as the authorizer says',
    run: async (world) => {
      const { path } = await madeApi(world, { authorizer: { type: 'TOKEN', authorizerResultTtlInSeconds: 60 } });
      const asked = async () => {
        const before = world.invocations.length;
        await world.call(path, { authorization: 'allow' });
        return world.invocations.slice(before).filter(({ name }) => name === 'authorizer').length;
      };
      const first = [await asked(), await asked()];
      world.clock.forward(61);
      return [...first, await asked()];
    },
    expected: [1, 0, 1],
    basis: 'docs',
    source: 'DOC configure-api-gateway-lambda-authorization: authorization caching',
    needs: ['clock', 'functions', 'gate'],
  },
  {
    id: 'LA23',
    call: 'GET a deployed API',
    what: 'with 0 seconds the function is asked every time',
    run: async (world) => {
      const { path } = await madeApi(world, { authorizer: { type: 'TOKEN', authorizerResultTtlInSeconds: 0 } });
      const before = world.invocations.length;
      await world.statuses(2, path, { authorization: 'allow' });
      return world.invocations.slice(before).filter(({ name }) => name === 'authorizer').length;
    },
    expected: 2,
    basis: 'docs',
    source: 'DOC configure-api-gateway-lambda-authorization: authorization caching',
    needs: ['functions', 'gate'],
  },
  {
    id: 'LA24',
    call: 'GET a deployed API',
    what: 'a kept policy is held against each method: one that names its method alone denies the others',
    run: async (world) => {
      const { restApiId, resourceId, authorizerId, path } = await madeApi(world, { authorizer: { type: 'TOKEN' } });
      const post = { restApiId, resourceId, httpMethod: 'POST' };
      await world.sdk.putMethod({ ...post, authorizationType: 'CUSTOM', authorizerId });
      await world.mock(post, '{}');
      await world.deploy(restApiId);
      const first = await world.call(path, { authorization: 'allow' });
      const other = await world.call(path, { authorization: 'allow' }, 'POST');
      return [first.status, other.status];
    },
    expected: [200, 403],
    basis: 'field',
    source: 'GH serverless/serverless#6176: cached policies for a specific ARN',
    needs: ['functions', 'gate'],
  },
  {
    id: 'LA25',
    call: 'FlushStageAuthorizersCache',
    what: 'forgets what was kept',
    run: async (world) => {
      const { restApiId, path } = await madeApi(world, { authorizer: { type: 'TOKEN' } });
      await world.call(path, { authorization: 'allow' });
      const before = world.invocations.length;
      const { $metadata } = await world.sdk.flushStageAuthorizersCache({ restApiId, stageName: 'dev' });
      await world.call(path, { authorization: 'allow' });
      const asked = world.invocations.slice(before).filter(({ name }) => name === 'authorizer').length;
      return [$metadata.httpStatusCode, asked];
    },
    expected: [202, 1],
    basis: 'docs',
    source: 'DOC API_FlushStageAuthorizersCache',
    needs: ['functions', 'gate'],
  },
];

const REQUEST = {
  type: 'REQUEST',
  identitySource: 'method.request.header.authorization, method.request.querystring.q',
} as const;

export const REQUEST_AUTHORIZERS: readonly Row[] = [
  {
    id: 'LR1',
    call: 'GET a deployed API',
    what: 'the function gets the request without its body',
    run: async (world) => {
      const { path, restApiId } = await madeApi(world, { pathPart: '{part}', authorizer: REQUEST });
      await world.call(`${path.replace('{part}', 'one')}?q=1`, { authorization: 'allow' });
      const event = JSON.parse(JSON.stringify(world.invocations.at(-2)?.event).replaceAll(restApiId, 'API'));
      const { headers, multiValueHeaders, requestContext, ...rest } = event;
      return { ...rest, authorization: headers.authorization, stage: requestContext.stage };
    },
    expected: {
      type: 'REQUEST',
      methodArn: 'arn:aws:execute-api:us-east-1:{account}:API/dev/GET/one',
      resource: '/{part}',
      path: '/one',
      httpMethod: 'GET',
      queryStringParameters: { q: '1' },
      multiValueQueryStringParameters: { q: ['1'] },
      pathParameters: { part: 'one' },
      stageVariables: {},
      authorization: 'allow',
      stage: 'dev',
    },
    basis: 'docs',
    source: INPUT,
    needs: ['functions', 'gate'],
  },
  {
    id: 'LR2',
    call: 'GET a deployed API',
    what: 'when one identity source is absent nobody is asked',
    run: async (world) => {
      const { path } = await madeApi(world, { authorizer: REQUEST });
      const before = world.invocations.length;
      return [await world.call(path, { authorization: 'allow' }), world.invocations.length - before];
    },
    expected: [UNAUTHORIZED, 0],
    basis: 'docs',
    source: 'DOC configure-api-gateway-lambda-authorization: identity sources',
    needs: ['functions', 'gate'],
  },
  {
    id: 'LR3',
    call: 'GET a deployed API',
    what: 'results are kept by the values of all identity sources',
    run: async (world) => {
      const { path } = await madeApi(world, { authorizer: REQUEST });
      const before = world.invocations.length;
      for (const q of ['1', '1', '2']) await world.call(`${path}?q=${q}`, { authorization: 'allow' });
      return world.invocations.slice(before).filter(({ name }) => name === 'authorizer').length;
    },
    expected: 2,
    basis: 'docs',
    source: 'DOC configure-api-gateway-lambda-authorization: authorization caching',
    needs: ['functions', 'gate'],
  },
];

/** An API that takes keys from its authorizer, in the plan of a fresh key. */
async function keyless(world: World, quota = 2) {
  const { restApiId, path } = await madeApi(world, {
    api: { apiKeySource: 'AUTHORIZER' },
    authorizer: { type: 'TOKEN' },
    method: { apiKeyRequired: true },
  });
  const plan = { apiStages: [{ apiId: restApiId, stage: 'dev' }], quota: { limit: quota, period: 'MONTH' as const } };
  return { path, restApiId, ...(await world.subscriber(plan)) };
}

export const KEYS_FROM_AUTHORIZERS: readonly Row[] = [
  {
    id: 'LK1',
    call: 'GET a deployed API',
    what: 'the key an authorizer names opens the method and is counted',
    run: async (world) => {
      const { path, value } = await keyless(world);
      return world.statuses(3, path, { authorization: `key ${value}` });
    },
    expected: [200, 200, 429],
    basis: 'docs',
    source: SOURCE,
    needs: ['functions', 'gate'],
  },
  {
    id: 'LK2',
    call: 'GET a deployed API',
    what: 'the header X-API-Key counts for nothing there',
    run: async (world) => {
      const { path, value } = await keyless(world);
      return world.call(path, { authorization: 'allow', 'x-api-key': value });
    },
    expected: FORBIDDEN,
    basis: 'docs',
    source: SOURCE,
    needs: ['functions', 'gate'],
  },
  {
    id: 'LK3',
    call: 'GET a deployed API',
    what: 'a key the authorizer names that does not exist',
    run: async (world) => {
      const { path } = await keyless(world);
      return world.call(path, { authorization: `key ${world.value()}` });
    },
    expected: FORBIDDEN,
    basis: 'docs',
    source: SOURCE,
    needs: ['functions', 'gate'],
  },
  {
    id: 'LK4',
    call: 'GET a deployed API',
    what: 'where keys come from the header, the one an authorizer names is ignored',
    run: async (world) => {
      const { path, restApiId } = await madeApi(world, {
        authorizer: { type: 'TOKEN' },
        method: { apiKeyRequired: true },
      });
      const { value } = await world.subscriber({ apiStages: [{ apiId: restApiId, stage: 'dev' }] });
      return world.call(path, { authorization: `key ${value}` });
    },
    expected: FORBIDDEN,
    basis: 'docs',
    source: SOURCE,
    needs: ['functions', 'gate'],
  },
  {
    id: 'LK5',
    call: 'GET a deployed API',
    what: 'a user pool cannot name a key: such a method stays shut',
    run: async (world) => {
      const { path, restApiId } = await madeApi(world, {
        api: { apiKeySource: 'AUTHORIZER' },
        authorizer: { type: 'COGNITO_USER_POOLS' },
        method: { apiKeyRequired: true },
      });
      const { value } = await world.subscriber({ apiStages: [{ apiId: restApiId, stage: 'dev' }] });
      return world.call(path, { authorization: (await world.tokens()).id, 'x-api-key': value });
    },
    expected: FORBIDDEN,
    basis: 'docs',
    source: SOURCE,
    needs: ['functions', 'gate'],
  },
  {
    id: 'LK6',
    call: 'GET a deployed API',
    what: 'the function behind the method sees the key and its id',
    run: async (world) => {
      const { path, value, keyId } = await keyless(world);
      const event = await echoed(world, path, { headers: { authorization: `key ${value}` } });
      const identity = ['requestContext', 'identity'];
      return [member(event, ...identity, 'apiKey') === value, member(event, ...identity, 'apiKeyId') === keyId];
    },
    expected: [true, true],
    basis: 'docs',
    source: 'DOC api-gateway-mapping-template-reference: $context.identity.apiKey, apiKeyId',
    needs: ['functions', 'gate'],
  },
  {
    id: 'LK7',
    call: 'UpdateRestApi',
    what: 'a change of the source of keys waits for the next deployment',
    run: async (world) => {
      const { path, restApiId, value } = await keyless(world);
      const patchOperations = [{ op: 'replace' as const, path: '/apiKeySource', value: 'HEADER' }];
      await world.sdk.updateRestApi({ restApiId, patchOperations });
      const headers = { authorization: 'allow', 'x-api-key': value };
      const before = (await world.call(path, headers)).status;
      await world.deploy(restApiId);
      return [before, (await world.call(path, headers)).status];
    },
    expected: [403, 200],
    basis: 'docs',
    source: `${SOURCE}: redeploy the API`,
    needs: ['functions', 'gate'],
  },
];
