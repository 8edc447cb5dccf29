import type { Op } from '@aws-sdk/client-api-gateway';
import { expect } from '@jest/globals';
import { type Row, refusal, uriOf, type World } from '../gateway-rows.js';

const METHODS = 'LocalStack TestApiGatewayApiMethod snapshots 2024-04';
const INTEGRATIONS = 'LocalStack TestApigatewayIntegration snapshots 2024-04 to 2026-02';
const RESPONSES = 'LocalStack TestApigatewayIntegrationResponse snapshots 2025-06';
const METHOD_RESPONSES = 'LocalStack TestApigatewayMethodResponse snapshots 2025-07';
const NO_AUTHORIZER =
  '400 BadRequestException: Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a valid authorizer.';
const NO_RESOURCE = '404 NotFoundException: Invalid Resource identifier specified';
const NO_METHOD = '404 NotFoundException: Invalid Method identifier specified';
const NO_INTEGRATION = '404 NotFoundException: Invalid Integration identifier specified';
const NO_STATUS = '404 NotFoundException: Invalid Response status code specified';

async function root(world: World) {
  const { id: restApiId = '', rootResourceId: resourceId = '' } = await world.sdk.createRestApi({ name: world.name() });
  return { restApiId, resourceId, httpMethod: 'ANY' };
}

/** The root's method ANY, open to all. */
async function any(world: World) {
  const address = await root(world);
  await world.sdk.putMethod({ ...address, authorizationType: 'NONE' });
  return address;
}

/** What a call answers without its metadata, or the refusal. */
async function outcome(sent: Promise<object>): Promise<unknown> {
  try {
    const { $metadata, ...answer } = (await sent) as { $metadata?: unknown };
    return answer;
  } catch (error) {
    return refusal(Promise.reject(error));
  }
}

function putRow(id: string, what: string, input: object, expected: unknown): Row {
  const run = async ({ sdk }: World) => {
    const { id: restApiId = '', rootResourceId = '' } = await sdk.createRestApi({ name: 'm' });
    return outcome(
      sdk.putMethod({ restApiId, resourceId: rootResourceId, httpMethod: 'ANY', authorizationType: 'NONE', ...input }),
    );
  };
  return { id, call: 'PutMethod', what, run, expected, basis: 'recorded', source: METHODS };
}

function patchRow(id: string, [op, path, value]: [Op, string, string?], expected: unknown): Row {
  const run = async (world: World) =>
    outcome(world.sdk.updateMethod({ ...(await any(world)), patchOperations: [{ op, path, value }] }));
  return {
    id,
    call: 'UpdateMethod',
    what: `${op} ${path} ${value ?? ''}`,
    run,
    expected,
    basis: 'recorded',
    source: METHODS,
  };
}

const PLAIN = { apiKeyRequired: false, authorizationType: 'NONE', httpMethod: 'ANY' };

export const METHOD_ROWS: readonly Row[] = [
  putRow('MM1', 'a plain method', {}, PLAIN),
  putRow(
    'MM2',
    'parameters are kept, required or not',
    { requestParameters: { 'method.request.header.h': false, 'method.request.querystring.q': true } },
    { ...PLAIN, requestParameters: { 'method.request.header.h': false, 'method.request.querystring.q': true } },
  ),
  putRow(
    'MM3',
    'parameters have different names',
    { requestParameters: { 'method.request.header.same': false, 'method.request.querystring.same': true } },
    '400 BadRequestException: Parameter names must be unique across querystring, header and path',
  ),
  putRow('MM4', 'a resource that does not exist', { resourceId: 'nosuch' }, NO_RESOURCE),
  putRow('MM5', 'an API that does not exist', { restApiId: 'nosuchapi0' }, NO_RESOURCE),
  putRow(
    'MM6',
    'a method that is none',
    { httpMethod: 'WRONG' },
    '400 BadRequestException: Invalid HttpMethod specified. Valid options are GET,PUT,POST,DELETE,PATCH,OPTIONS,HEAD,ANY',
  ),
  putRow('MM7', 'CUSTOM without an authorizer', { authorizationType: 'CUSTOM' }, NO_AUTHORIZER),
  putRow(
    'MM8',
    'a validator that does not exist',
    { requestValidatorId: 'nosuch' },
    '400 BadRequestException: Invalid Request Validator identifier specified',
  ),
  putRow(
    'MM9',
    'a model that does not exist',
    { requestModels: { 'application/json': 'petModel' } },
    '400 BadRequestException: Invalid model identifier specified: petModel',
  ),
  {
    id: 'MM10',
    call: 'DeleteMethod',
    what: 'answers 204; then the method is gone',
    run: async (world) => {
      const address = await any(world);
      const { $metadata } = await world.sdk.deleteMethod(address);
      return [
        $metadata.httpStatusCode,
        await refusal(world.sdk.getMethod(address)),
        await refusal(world.sdk.deleteMethod(address)),
      ];
    },
    expected: [204, NO_METHOD, NO_METHOD],
    basis: 'recorded',
    source: METHODS,
  },
  patchRow('MM11', ['replace', '/apiKeyRequired', 'true'], { ...PLAIN, apiKeyRequired: true }),
  patchRow('MM12', ['replace', '/apiKeyRequired', 'whatever'], PLAIN),
  patchRow('MM13', ['replace', '/operationName', 'Named'], { ...PLAIN, operationName: 'Named' }),
  patchRow('MM14', ['add', '/requestParameters/method.request.querystring.optional', 'true'], {
    ...PLAIN,
    requestParameters: { 'method.request.querystring.optional': true },
  }),
  patchRow('MM15', ['add', '/requestModels/application~1json', 'Empty'], {
    ...PLAIN,
    requestModels: { 'application/json': 'Empty' },
  }),
  patchRow(
    'MM16',
    ['add', '/authorizationType', 'CUSTOM'],
    '400 BadRequestException: Invalid patch operation specified. Must be one of: [replace]',
  ),
  patchRow('MM17', ['replace', '/httpMethod', 'GET'], '400 BadRequestException: Invalid patch path /httpMethod'),
  patchRow(
    'MM18',
    ['add', '/requestParameters', 'x'],
    '400 BadRequestException: Invalid patch path /requestParameters',
  ),
  patchRow(
    'MM19',
    ['add', '/requestModels/application/json', 'Empty'],
    '400 BadRequestException: Invalid patch path /requestModels/application/json',
  ),
  patchRow('MM20', ['replace', '/authorizationType', 'CUSTOM'], NO_AUTHORIZER),
  patchRow('MM21', ['replace', '/authorizerId', 'abc123'], PLAIN),
  patchRow(
    'MM22',
    ['replace', '/requestValidatorId', 'nosuch'],
    '400 BadRequestException: Invalid Request Validator identifier specified',
  ),
  {
    id: 'MM23',
    call: 'UpdateMethod',
    what: 'scopes are added and removed by their value',
    run: async (world) => {
      const address = await any(world);
      const patch = (op: Op, value: string) =>
        world.sdk.updateMethod({ ...address, patchOperations: [{ op, path: '/authorizationScopes', value }] });
      await patch('add', 'one/read');
      await patch('add', 'two/read');
      return (await patch('remove', 'one/read')).authorizationScopes;
    },
    expected: ['two/read'],
    basis: 'docs',
    source: 'DOC patch-operations',
  },
  {
    id: 'MM24',
    call: 'PutMethod',
    what: 'AWS_IAM is not modelled and says so',
    run: async (world) => refusal(world.sdk.putMethod({ ...(await root(world)), authorizationType: 'AWS_IAM' })),
    expected: expect.stringMatching(/^501 NotImplementedException/),
    basis: 'inference',
    source: 'never a silent 201',
  },
  {
    id: 'MM25',
    call: 'PutMethodResponse',
    what: 'maps that were given come back, empty ones too',
    run: async (world) => {
      const address = { ...(await any(world)), statusCode: '200' };
      const put = await outcome(
        world.sdk.putMethodResponse({ ...address, responseParameters: {}, responseModels: {} }),
      );
      return [put, await outcome(world.sdk.getMethodResponse(address))];
    },
    expected: [
      { statusCode: '200', responseParameters: {}, responseModels: {} },
      { statusCode: '200', responseParameters: {}, responseModels: {} },
    ],
    basis: 'recorded',
    source: METHOD_RESPONSES,
  },
  {
    id: 'MM26',
    call: 'DeleteMethodResponse',
    what: 'answers 204; then the status code is not known',
    run: async (world) => {
      const address = { ...(await any(world)), statusCode: '200' };
      await world.sdk.putMethodResponse(address);
      const { $metadata } = await world.sdk.deleteMethodResponse(address);
      return [$metadata.httpStatusCode, await refusal(world.sdk.getMethodResponse(address))];
    },
    expected: [204, NO_STATUS],
    basis: 'recorded',
    source: METHOD_RESPONSES,
  },
  {
    id: 'MM27',
    call: 'PutMethodResponse',
    what: 'a status code is promised once',
    run: async (world) => {
      const address = { ...(await any(world)), statusCode: '200' };
      await world.sdk.putMethodResponse(address);
      return refusal(world.sdk.putMethodResponse(address));
    },
    expected: '409 ConflictException: Response already exists for this resource',
    basis: 'inference',
    source: 'as a second PutMethod is refused; the words are formed after it',
  },
];

/** ANY on the root with a mock behind it. */
async function mockAny(world: World) {
  const address = await any(world);
  const requestTemplates = { 'application/json': '{"statusCode": 200}' };
  await world.sdk.putIntegration({ ...address, type: 'MOCK', requestTemplates });
  return address;
}

function integrationRow(id: string, what: string, input: object, expected: unknown, source = INTEGRATIONS): Row {
  const run = async (world: World) => {
    const { restApiId, resourceId, httpMethod } = await any(world);
    const at = { resourceId, method: httpMethod, ...input };
    const path = `/restapis/${restApiId}/resources/${at.resourceId}/methods/${at.method}/integration`;
    const { status, type, body } = await world.wire('PUT', path, world.filled({ type: 'MOCK', ...input }));
    if (status !== 201) return `${status} ${type}: ${(JSON.parse(body) as { message: string }).message}`;
    return JSON.parse(body.replaceAll(resourceId, 'RESOURCE'));
  };
  const basis = source.startsWith('LocalStack') ? 'recorded' : source.startsWith('GH') ? 'field' : 'inference';
  return { id, call: 'PutIntegration', what, run, expected, basis, source };
}

const PROXY_URI = uriOf('echo');

export const INTEGRATION_ROWS: readonly Row[] = [
  integrationRow(
    'IN1',
    'a mock, with what AWS adds',
    {},
    {
      type: 'MOCK',
      passthroughBehavior: 'WHEN_NO_MATCH',
      timeoutInMillis: 29_000,
      cacheNamespace: 'RESOURCE',
      cacheKeyParameters: [],
    },
  ),
  integrationRow(
    'IN2',
    'a function behind a proxy integration',
    { type: 'AWS_PROXY', httpMethod: 'POST', uri: PROXY_URI },
    expect.objectContaining({ type: 'AWS_PROXY', httpMethod: 'POST', uri: PROXY_URI }),
  ),
  integrationRow(
    'IN3',
    'a type that is none',
    { type: 'HTTPS_PROXY' },
    "400 ValidationException: 1 validation error detected: Value 'HTTPS_PROXY' at 'putIntegrationInput.type' failed to satisfy constraint: Member must satisfy enum value set: [HTTP, MOCK, AWS_PROXY, HTTP_PROXY, AWS]",
  ),
  integrationRow('IN4', 'a method that does not exist', { method: 'GET' }, NO_METHOD),
  integrationRow('IN5', 'a resource that does not exist', { resourceId: 'nosuch' }, NO_RESOURCE),
  integrationRow(
    'IN6',
    'a proxy without a method of its own',
    { type: 'AWS_PROXY', uri: PROXY_URI },
    '400 BadRequestException: Enumeration value for HttpMethod must be non-empty',
    'GH aws/aws-cli#1605; hashicorp/terraform#10501',
  ),
  integrationRow(
    'IN7',
    'a proxy to what is no ARN',
    { type: 'AWS_PROXY', httpMethod: 'POST', uri: 'echo' },
    '400 BadRequestException: Invalid ARN specified in the request',
    'DOC API_PutIntegration: the form of the uri; the words are inferred',
  ),
  integrationRow(
    'IN8',
    'HTTP integrations are not modelled and say so',
    { type: 'HTTP', httpMethod: 'GET', uri: 'http://127.0.0.1' },
    expect.stringMatching(/^501 NotImplementedException/),
    'never a silent 201',
  ),
  integrationRow(
    'IN9',
    'a template with directives is not modelled and says so',
    { requestTemplates: { 'application/json': '#set($a = 1)' } },
    expect.stringMatching(/^501 NotImplementedException/),
    'never a silent 201',
  ),
  integrationRow(
    'IN10',
    'a timeout below 50 ms',
    { timeoutInMillis: 49 },
    '400 BadRequestException: Timeout should be between 50 ms and 29000 ms',
    'DOC limits: 50 ms to 29 s; the words are inferred',
  ),
  {
    id: 'IN11',
    call: 'GetIntegration',
    what: 'what is missing is named: resource, method, integration',
    run: async (world) => {
      const address = await any(world);
      const get = (other: object) => refusal(world.sdk.getIntegration({ ...address, ...other }));
      return [
        await get({ restApiId: 'nosuchapi0' }),
        await get({ resourceId: 'nosuch' }),
        await get({ httpMethod: 'GET' }),
        await get({}),
      ];
    },
    expected: [NO_RESOURCE, NO_RESOURCE, NO_METHOD, NO_INTEGRATION],
    basis: 'recorded',
    source: INTEGRATIONS,
  },
  {
    id: 'IN12',
    call: 'DeleteIntegration',
    what: 'answers 204; then there is none',
    run: async (world) => {
      const address = await mockAny(world);
      const { $metadata } = await world.sdk.deleteIntegration(address);
      return [$metadata.httpStatusCode, await refusal(world.sdk.getIntegration(address))];
    },
    expected: [204, NO_INTEGRATION],
    basis: 'recorded',
    source: 'LocalStack test_lambda_aws_integration_with_request_template snapshot 2023-05',
  },
  {
    id: 'IN13',
    call: 'PutIntegrationResponse',
    what: 'comes back as it was put, and is overwritten by the next',
    run: async (world) => {
      const address = { ...(await mockAny(world)), statusCode: '200' };
      const put = (selectionPattern: string, template: string) =>
        outcome(
          world.sdk.putIntegrationResponse({
            ...address,
            selectionPattern,
            responseTemplates: { 'application/json': template },
          }),
        );
      return [await put('', '"created"'), await put('pattern', 'overwrite')];
    },
    expected: [
      { statusCode: '200', selectionPattern: '', responseTemplates: { 'application/json': '"created"' } },
      { statusCode: '200', selectionPattern: 'pattern', responseTemplates: { 'application/json': 'overwrite' } },
    ],
    basis: 'recorded',
    source: RESPONSES,
  },
  {
    id: 'IN14',
    call: 'PutIntegrationResponse',
    what: 'a status code that is none',
    run: async (world) => refusal(world.sdk.putIntegrationResponse({ ...(await mockAny(world)), statusCode: 'wrong' })),
    expected:
      "400 ValidationException: 1 validation error detected: Value 'wrong' at 'statusCode' failed to satisfy constraint: Member must satisfy regular expression pattern: [1-5]\\d\\d",
    basis: 'recorded',
    source: RESPONSES,
  },
  {
    id: 'IN15',
    call: 'GetIntegrationResponse',
    what: 'without an integration, and without a response',
    run: async (world) => [
      await refusal(world.sdk.getIntegrationResponse({ ...(await any(world)), statusCode: '200' })),
      await refusal(world.sdk.getIntegrationResponse({ ...(await mockAny(world)), statusCode: '201' })),
    ],
    expected: [NO_INTEGRATION, NO_STATUS],
    basis: 'recorded',
    source: RESPONSES,
  },
  {
    id: 'IN16',
    call: 'DeleteIntegrationResponse',
    what: 'of a method that does not exist misses the integration',
    run: async (world) => {
      const address = await mockAny(world);
      await world.sdk.putIntegrationResponse({ ...address, statusCode: '200' });
      const remove = (other: object) =>
        refusal(world.sdk.deleteIntegrationResponse({ ...address, statusCode: '200', ...other }));
      return [
        await remove({ resourceId: 'nosuch' }),
        await remove({ httpMethod: 'GET' }),
        await remove({ statusCode: '201' }),
        await remove({}),
      ];
    },
    expected: [NO_RESOURCE, NO_INTEGRATION, NO_STATUS, 'accepted'],
    basis: 'recorded',
    source: 'LocalStack test_delete_integration_response_errors snapshot 2025-08',
  },
  {
    id: 'IN17',
    call: 'PutIntegrationResponse',
    what: 'a header that the method does not promise cannot be mapped',
    run: async (world) => {
      const responseParameters = { 'method.response.header.X-Mine': "'1'" };
      const address = { ...(await mockAny(world)), statusCode: '200' };
      await world.sdk.putMethodResponse(address);
      return refusal(world.sdk.putIntegrationResponse({ ...address, responseParameters }));
    },
    expected:
      '400 BadRequestException: Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression parameter specified: method.response.header.X-Mine]',
    basis: 'field',
    source: 'GH awslabs/aws-solutions-constructs#1130; deliveryhero/serverless-aws-documentation#91',
  },
  {
    id: 'IN18',
    call: 'PutIntegrationResponse',
    what: 'headers of an answer that the method does not promise at all',
    run: async (world) => {
      const responseParameters = { 'method.response.header.X-Mine': "'1'" };
      const address = { ...(await mockAny(world)), statusCode: '200' };
      return refusal(world.sdk.putIntegrationResponse({ ...address, responseParameters }));
    },
    expected:
      '400 BadRequestException: Invalid mapping expression specified: Validation Result: warnings : [], errors : [No method response exists for method.]',
    basis: 'field',
    source: 'GH amazon-archives/aws-apigateway-importer#121',
  },
  {
    id: 'IN19',
    call: 'PutIntegrationResponse',
    what: 'two responses differ in their pattern; only one has none',
    run: async (world) => {
      const address = await mockAny(world);
      await world.sdk.putIntegrationResponse({ ...address, statusCode: '200' });
      return [
        await refusal(world.sdk.putIntegrationResponse({ ...address, statusCode: '400' })),
        await refusal(world.sdk.putIntegrationResponse({ ...address, statusCode: '400', selectionPattern: '4..' })),
      ];
    },
    expected: ['409 ConflictException: Integration response with selection pattern default already exists', 'accepted'],
    basis: 'field',
    source: 'GH hashicorp/terraform#5893; carrot/terraform-api-gateway-method-module#2',
  },
];
