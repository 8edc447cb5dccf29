import { expect } from '@jest/globals';
import { type Answer, type Row, type World } from '../gateway-rows.js';
import { type ApiOrder, echoed, madeApi, member } from './made-api.js';

const EVENT = 'LocalStack test_lambda_aws_proxy_integration snapshot 2024-07';
const ANSWER = 'LocalStack test_aws_proxy_response_payload_format_validation, run on AWS';
const OUTPUT = 'DOC set-up-lambda-proxy-integrations: output format';
const CLAIMS = 'captures in GH amazon-archives/amazon-cognito-identity-js#92 and re:Post 2023';
const ISSUES = 'DOC api-gateway-known-issues';
const FAILED: Answer = {
  status: 500,
  type: 'InternalServerErrorException',
  body: '{"message":"Internal server error"}',
};
const MALFORMED: Answer = { ...FAILED, status: 502 };

/** Parts of the event that a function behind `/{proxy+}` is given. */
function eventRow(
  id: string,
  what: string,
  [path, init]: [string, RequestInit?],
  expected: Record<string, unknown>,
  [basis, source]: [Row['basis'], string] = ['recorded', EVENT],
  order: ApiOrder = {},
): Row {
  const run = async (world: World) => {
    const method = { httpMethod: 'ANY', ...order.method };
    const { restApiId } = await madeApi(world, { pathPart: '{proxy+}', ...order, method });
    const event = await echoed(world, `${restApiId}/dev/${path}`, init);
    return Object.fromEntries(Object.keys(expected).map((name) => [name, member(event, ...name.split('/'))]));
  };
  return {
    id,
    call: `${init?.method ?? 'GET'} /${path}`,
    what,
    run,
    expected,
    basis,
    source,
    needs: ['functions', 'gate'],
  };
}

/** What a caller gets when a function answers so. */
function answerRow(
  id: string,
  what: string,
  answer: unknown,
  expected: unknown,
  [basis, source]: [Row['basis'], string] = ['recorded', ANSWER],
): Row {
  const run = async (world: World) => {
    const { path } = await madeApi(world, { integration: { function: 'answer' } });
    const reply = await world.call(`${path}?with=${encodeURIComponent(JSON.stringify(answer))}`);
    return reply.status < 300 ? [reply.status, reply.body] : reply;
  };
  return { id, call: 'a function answers', what, run, expected, basis, source, needs: ['functions', 'gate'] };
}

/** One header of the reply when a function answers so. */
function headerRow(
  id: string,
  what: string,
  answer: object,
  name: string,
  expected: unknown,
  [basis, source]: [Row['basis'], string] = ['docs', OUTPUT],
): Row {
  const run = async (world: World) => {
    const { path } = await madeApi(world, { integration: { function: 'answer' } });
    const reply = await world.fetch(`${path}?with=${encodeURIComponent(JSON.stringify(answer))}`);
    return name === 'set-cookie' ? reply.headers.getSetCookie() : reply.headers.get(name);
  };
  return { id, call: 'a function answers', what, run, expected, basis, source, needs: ['functions', 'gate'] };
}

const identity = 'requestContext/identity';

export const PROXY_EVENTS: readonly Row[] = [
  eventRow('PE1', 'resource, path without the stage, method and parameter', ['test-path'], {
    resource: '/{proxy+}',
    path: '/test-path',
    httpMethod: 'GET',
    pathParameters: { proxy: 'test-path' },
    stageVariables: null,
    body: null,
    isBase64Encoded: false,
  }),
  eventRow('PE2', 'no query is null, not an empty object', ['test-path'], {
    queryStringParameters: null,
    multiValueQueryStringParameters: null,
  }),
  eventRow('PE3', 'a slash at the end stays in the path and not in the parameter', ['test-path/'], {
    path: '/test-path/',
    pathParameters: { proxy: 'test-path' },
    'requestContext/path': '/dev/test-path/',
  }),
  eventRow('PE4', 'a path stays percent-encoded', ['user/test%2Balias@gmail.com/plus'], {
    path: '/user/test%2Balias@gmail.com/plus',
    pathParameters: { proxy: 'user/test%2Balias@gmail.com/plus' },
  }),
  eventRow(
    'PE5',
    'a query is decoded',
    ['api?email=test%2Balias@gmail.com&plus=a+b&url=https%3A%2F%2Fx%2F&white=foo%20bar'],
    {
      queryStringParameters: { email: 'test+alias@gmail.com', plus: 'a b', url: 'https://x/', white: 'foo bar' },
    },
  ),
  eventRow(
    'PE6',
    'of a repeated parameter the last is the value, and the list has all',
    ['api?price=10&price=20&price=30'],
    {
      queryStringParameters: { price: '30' },
      multiValueQueryStringParameters: { price: ['10', '20', '30'] },
    },
  ),
  eventRow('PE7', 'a body is text', ['api', { method: 'POST', body: '{"message":"hello"}' }], {
    httpMethod: 'POST',
    body: '{"message":"hello"}',
    isBase64Encoded: false,
  }),
  eventRow('PE8', 'the request context', ['test-path'], {
    'requestContext/resourcePath': '/{proxy+}',
    'requestContext/httpMethod': 'GET',
    'requestContext/path': '/dev/test-path',
    'requestContext/protocol': 'HTTP/1.1',
    'requestContext/stage': 'dev',
    'requestContext/accountId': '{account}',
    'requestContext/apiId': expect.stringMatching(/^[a-z0-9]{10}$/),
    'requestContext/domainPrefix': expect.stringMatching(/^[a-z0-9]{10}$/),
    'requestContext/domainName': expect.stringMatching(/^[a-z0-9]{10}\.execute-api\.us-east-1\.amazonaws\.com$/),
    'requestContext/deploymentId': expect.stringMatching(/^[a-z0-9]{6}$/),
    'requestContext/resourceId': expect.stringMatching(/^[a-z0-9]{6}$/),
    'requestContext/requestId': expect.stringMatching(/^[0-9a-f-]{36}$/),
    'requestContext/extendedRequestId': expect.stringMatching(/=$/),
    'requestContext/requestTime': expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
    'requestContext/requestTimeEpoch': expect.any(Number),
  }),
  eventRow(
    'PE9',
    'the identity of a caller without key and authorizer',
    ['x', { headers: { 'user-agent': 'tester' } }],
    {
      [identity]: {
        accessKey: null,
        accountId: null,
        caller: null,
        cognitoAuthenticationProvider: null,
        cognitoAuthenticationType: null,
        cognitoIdentityId: null,
        cognitoIdentityPoolId: null,
        principalOrgId: null,
        sourceIp: '127.0.0.1',
        user: null,
        userAgent: 'tester',
        userArn: null,
      },
      'requestContext/authorizer': undefined,
    },
  ),
  {
    id: 'PE10',
    call: 'GET a deployed API',
    what: 'variables of the stage',
    run: async (world) => {
      const { restApiId, path } = await madeApi(world);
      await world.sdk.createDeployment({ restApiId, stageName: 'dev', variables: { a: '1' } });
      return (await echoed(world, path)).stageVariables;
    },
    expected: { a: '1' },
    basis: 'docs',
    source: 'DOC set-up-lambda-proxy-integrations: input format',
    needs: ['functions', 'gate'],
  },
  eventRow('PE11', 'headers keep their case; host and forwarding are the gateway’s', ['x'], {
    'headers/Host': expect.stringMatching(/\.execute-api\.us-east-1\.amazonaws\.com$/),
    'headers/X-Forwarded-Port': '443',
    'headers/X-Forwarded-Proto': 'https',
    'headers/X-Forwarded-For': expect.any(String),
    'headers/X-Amzn-Trace-Id': expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/),
    'multiValueHeaders/X-Forwarded-Proto': ['https'],
    'headers/connection': undefined,
  }),
  eventRow(
    'PE12',
    'a body of a binary media type is base64',
    ['x', { method: 'POST', body: Buffer.from([255, 0, 1]), headers: { 'content-type': 'image/png' } }],
    { body: '/wAB', isBase64Encoded: true },
    ['docs', 'DOC lambda-proxy-binary-media'],
    { api: { binaryMediaTypes: ['image/png'] } },
  ),
  {
    id: 'PE13',
    call: 'GET with a key',
    what: 'key and key id are in the identity when the method required a key',
    run: async (world) => {
      const { restApiId, path } = await madeApi(world, { method: { apiKeyRequired: true } });
      const { value, keyId } = await world.subscriber({ apiStages: [{ apiId: restApiId, stage: 'dev' }] });
      const event = await echoed(world, path, { headers: { 'x-api-key': value } });
      const found = member(event, 'requestContext', 'identity');
      return [member(found, 'apiKey') === value, member(found, 'apiKeyId') === keyId];
    },
    expected: [true, true],
    basis: 'docs',
    source: 'DOC api-gateway-mapping-template-reference',
    needs: ['functions', 'gate'],
  },
  {
    id: 'PE14',
    call: 'GET with a token',
    what: 'claims are strings, exp and iat are dates in words, auth_time is a number in words',
    run: async (world) => {
      const { path } = await madeApi(world, { authorizer: { type: 'COGNITO_USER_POOLS' } });
      const { id } = await world.tokens();
      const event = await echoed(world, path, { headers: { authorization: id } });
      const claims = member(event, 'requestContext', 'authorizer', 'claims');
      const payload: unknown = JSON.parse(Buffer.from(id.split('.')[1] ?? '', 'base64url').toString());
      return ['email', 'email_verified', 'token_use', 'exp', 'iat', 'auth_time', 'aud'].map((name) => [
        member(claims, name),
        name === 'auth_time' ? String(member(payload, name)) === member(claims, name) : typeof member(claims, name),
      ]);
    },
    expected: [
      ['ada@example.com', 'string'],
      ['true', 'string'],
      ['id', 'string'],
      [expect.stringMatching(/^[A-Z][a-z]{2} [A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d UTC \d{4}$/), 'string'],
      [expect.stringMatching(/^[A-Z][a-z]{2} [A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d UTC \d{4}$/), 'string'],
      [expect.stringMatching(/^\d{10}$/), true],
      ['{client}', 'string'],
    ],
    basis: 'recorded',
    source: CLAIMS,
    needs: ['functions', 'gate'],
  },
  {
    id: 'PE15',
    call: 'GET with a token',
    what: 'several groups are one text with commas',
    run: async (world) => {
      const { cognito } = world.sandbox;
      cognito.seedGroup({ poolId: world.sold.poolId, name: 'a-team', description: '' });
      cognito.seedGroup({ poolId: world.sold.poolId, name: 'b-team', description: '' });
      const [username, password] = ['team@example.com', 'Turnpike-1'];
      await cognito.seedUser({ poolId: world.sold.poolId, username, password, groups: ['a-team', 'b-team'] });
      const { path } = await madeApi(world, { authorizer: { type: 'COGNITO_USER_POOLS' } });
      const { id } = await world.tokens(username);
      const event = await echoed(world, path, { headers: { authorization: id } });
      const groups = member(event, 'requestContext', 'authorizer', 'claims', 'cognito:groups');
      return String(groups).split(',').sort();
    },
    expected: ['a-team', 'b-team'],
    basis: 'field',
    source: 'an article by openillumi on REST APIs; GH guidance-for-claude-code#803 on the difference to HTTP APIs',
    needs: ['functions', 'insides', 'gate'],
  },
  {
    id: 'PE16',
    call: 'GET with an access token',
    what: 'a method with scopes hands the claims of the access token on',
    run: async (world) => {
      const { path } = await madeApi(world, {
        authorizer: { type: 'COGNITO_USER_POOLS' },
        method: { authorizationScopes: ['aws.cognito.signin.user.admin'] },
      });
      const event = await echoed(world, path, { headers: { authorization: (await world.tokens()).access } });
      const claims = member(event, 'requestContext', 'authorizer', 'claims');
      return [member(claims, 'token_use'), member(claims, 'email'), member(claims, 'scope')];
    },
    expected: ['access', undefined, 'aws.cognito.signin.user.admin'],
    basis: 'docs',
    source: 'DOC apigateway-enable-cognito-user-pool',
    needs: ['functions', 'gate'],
  },
];

export const PROXY_ANSWERS: readonly Row[] = [
  answerRow('PA1', 'status and body', { statusCode: 201, body: 'made' }, [201, 'made']),
  answerRow('PA2', 'a status without a body', { statusCode: 200 }, [200, '']),
  answerRow('PA3', 'headers alone', { headers: { 'test-header': 'value' } }, [200, '']),
  answerRow('PA4', 'an empty object is an empty 200', {}, [200, '']),
  answerRow('PA5', 'a member that is none of the format', { statusCode: 200, wrongValue: 'x' }, MALFORMED),
  answerRow('PA6', 'a body that is no text', { statusCode: 200, body: { a: 1 } }, MALFORMED, ['docs', OUTPUT]),
  answerRow('PA7', 'nothing at all', null, MALFORMED, ['docs', OUTPUT]),
  answerRow('PA8', 'a text instead of an object', 'hello', MALFORMED, ['docs', OUTPUT]),
  answerRow(
    'PA9',
    'a status as text',
    { statusCode: '202', body: 'x' },
    [202, 'x'],
    ['inference', 'the gateway reads numbers in text elsewhere'],
  ),
  answerRow('PA10', 'a status that is none', { statusCode: 'wrong' }, MALFORMED, [
    'inference',
    'what is no number cannot be a status',
  ]),
  answerRow('PA11', 'a list among the headers', { statusCode: 200, headers: { a: ['b'] } }, MALFORMED, [
    'inference',
    'DOC set-up-lambda-proxy-integrations: lists go into multiValueHeaders',
  ]),
  headerRow(
    'PA12',
    'JSON unless the function says otherwise',
    { statusCode: 200, body: '{}' },
    'content-type',
    'application/json',
    ['recorded', 'LocalStack test_invocation_trace_id snapshot 2024-08'],
  ),
  headerRow(
    'PA13',
    'its own type',
    { headers: { 'Content-Type': 'text/plain' }, body: 'x' },
    'content-type',
    'text/plain',
  ),
  headerRow('PA14', 'several cookies', { multiValueHeaders: { 'Set-Cookie': ['a=1', 'b=2'] } }, 'set-cookie', [
    'a=1',
    'b=2',
  ]),
  headerRow(
    'PA15',
    'where both maps name a header the lists win',
    { headers: { 'X-A': 'one' }, multiValueHeaders: { 'X-A': ['two'] } },
    'x-a',
    'two',
  ),
  headerRow('PA16', 'a boolean is a word', { headers: { 'X-A': true } }, 'x-a', 'true', [
    'inference',
    'LocalStack does so',
  ]),
  headerRow(
    'PA17',
    'WWW-Authenticate arrives under another name',
    { statusCode: 401, headers: { 'WWW-Authenticate': 'Basic' } },
    'x-amzn-remapped-www-authenticate',
    'Basic',
    ['docs', ISSUES],
  ),
  headerRow(
    'PA18',
    'a trace id is added, which mocks do not have',
    { statusCode: 200 },
    'x-amzn-trace-id',
    expect.stringMatching(/^Root=1-/),
    ['recorded', 'LocalStack test_invocation_trace_id snapshot 2024-08'],
  ),
  {
    id: 'PA19',
    call: 'a function answers',
    what: 'with base64 as bytes, where the caller accepts a binary media type of the API',
    run: async (world) => {
      const api = { binaryMediaTypes: ['image/png'] };
      const { path } = await madeApi(world, { api, integration: { function: 'answer' } });
      const answer = encodeURIComponent(JSON.stringify({ body: '/wAB', isBase64Encoded: true }));
      const bytes = async (accept: string) =>
        Buffer.from(await (await world.fetch(`${path}?with=${answer}`, { headers: { accept } })).arrayBuffer());
      return [(await bytes('image/png')).toString('hex'), (await bytes('text/plain')).toString()];
    },
    expected: ['ff0001', '/wAB'],
    basis: 'docs',
    source: 'DOC lambda-proxy-binary-media',
    needs: ['functions', 'gate'],
  },
  ...(
    [
      [
        'PA20',
        'a function that throws',
        { function: 'failing' },
        MALFORMED,
        'docs',
        'DOC handle-errors-in-lambda-integration: 502',
      ],
      [
        'PA21',
        'a function that does not exist',
        { function: 'nosuch' },
        FAILED,
        'docs',
        'DOC handle-errors-in-lambda-integration: 500',
      ],
      [
        'PA22',
        'an integration that does not call with POST',
        { integrationHttpMethod: 'GET' },
        FAILED,
        'recorded',
        'LocalStack test_lambda_aws_proxy_integration_non_post_method snapshot 2024-03',
      ],
      [
        'PA23',
        'a function that does not answer in time',
        { function: 'endless', timeoutInMillis: 50 },
        { status: 504, type: 'InternalServerErrorException', body: '{"message":"Endpoint request timed out"}' },
        'docs',
        'DOC supported-gateway-response-types INTEGRATION_TIMEOUT; the type is not known',
      ],
    ] as const
  ).map(
    ([id, what, integration, expected, basis, source]): Row => ({
      id,
      call: 'GET a deployed API',
      what,
      run: async (world) => world.call((await madeApi(world, { integration })).path),
      expected,
      basis,
      source,
      needs: ['functions', 'gate'],
    }),
  ),
  {
    id: 'PA24',
    call: 'GET a deployed API',
    what: 'calls whose function fails count against the quota',
    run: async (world) => {
      const { restApiId, path } = await madeApi(world, {
        method: { apiKeyRequired: true },
        integration: { function: 'failing' },
      });
      const plan = { apiStages: [{ apiId: restApiId, stage: 'dev' }], quota: { limit: 2, period: 'MONTH' as const } };
      const { value } = await world.subscriber(plan);
      return world.statuses(3, path, { 'x-api-key': value });
    },
    expected: [502, 502, 429],
    basis: 'field',
    source: 'classmethod 2025-05 on what a usage plan counts',
    needs: ['functions', 'gate'],
  },
  {
    id: 'PA25',
    call: 'GET a deployed API',
    what: 'the function is not asked when the key is refused',
    run: async (world) => {
      const { path } = await madeApi(world, { method: { apiKeyRequired: true } });
      const before = world.invocations.length;
      await world.call(path);
      return world.invocations.length - before;
    },
    expected: 0,
    basis: 'docs',
    source: 'DOC api-gateway-api-usage-plans',
    needs: ['functions', 'gate'],
  },
  {
    id: 'PA26',
    call: 'GET a deployed API',
    what: 'the reply carries the request id that the function saw',
    run: async (world) => {
      const { path } = await madeApi(world);
      const reply = await world.fetch(path);
      const event: unknown = await reply.json();
      const { headers } = reply;
      return [
        headers.get('x-amzn-requestid') === member(event, 'requestContext', 'requestId'),
        headers.get('x-amz-apigw-id') === member(event, 'requestContext', 'extendedRequestId'),
      ];
    },
    expected: [true, true],
    basis: 'docs',
    source: 'DOC api-gateway-mapping-template-reference: $context.requestId, extendedRequestId',
    needs: ['functions', 'gate'],
  },
  {
    id: 'PA27',
    call: 'a function answers',
    what: 'in the wrong form: 502, unless the API has a status of its own for DEFAULT_5XX',
    run: async (world) => {
      const { restApiId, path } = await madeApi(world, { integration: { function: 'failing' } });
      const before = (await world.call(path)).status;
      await world.sdk.putGatewayResponse({ restApiId, responseType: 'DEFAULT_5XX', statusCode: '599' });
      await world.deploy(restApiId);
      return [before, (await world.call(path)).status];
    },
    expected: [502, 599],
    basis: 'docs',
    source: 'DOC supported-gateway-response-types DEFAULT_5XX',
    needs: ['functions', 'gate'],
  },
];
