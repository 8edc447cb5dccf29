import type { GatewayResponseType, Op, PutGatewayResponseCommandInput } from '@aws-sdk/client-api-gateway';
import { expect } from '@jest/globals';
import { type Row, refusal, type World } from '../gateway-rows.js';
import { madeApi } from './made-api.js';

const PUT = 'LocalStack test_gateway_response_put snapshot 2024-06';
const CRUD = 'LocalStack test_gateway_response_crud and _validation snapshots 2024-04';
const UPDATE = 'LocalStack test_update_gateway_response snapshot 2024-04';
const DEFAULT_TEMPLATES = { 'application/json': '{"message":$context.error.messageString}' };
const WRONG_TYPE =
  "400 ValidationException: 1 validation error detected: Value 'FAKE' at 'responseType' failed to satisfy constraint: Member must satisfy enum value set: [REQUEST_TOO_LARGE, RESOURCE_NOT_FOUND, AUTHORIZER_CONFIGURATION_ERROR, MISSING_AUTHENTICATION_TOKEN, BAD_REQUEST_BODY, INVALID_SIGNATURE, INVALID_API_KEY, BAD_REQUEST_PARAMETERS, AUTHORIZER_FAILURE, UNAUTHORIZED, INTEGRATION_TIMEOUT, ACCESS_DENIED, DEFAULT_4XX, DEFAULT_5XX, WAF_FILTERED, QUOTA_EXCEEDED, THROTTLED, API_CONFIGURATION_ERROR, UNSUPPORTED_MEDIA_TYPE, INTEGRATION_FAILURE, EXPIRED_TOKEN]";
const NO_API = '404 NotFoundException: Invalid API identifier specified {account}:nosuchapi0';
const STATUSES = {
  ACCESS_DENIED: '403',
  API_CONFIGURATION_ERROR: '500',
  AUTHORIZER_CONFIGURATION_ERROR: '500',
  AUTHORIZER_FAILURE: '500',
  BAD_REQUEST_BODY: '400',
  BAD_REQUEST_PARAMETERS: '400',
  DEFAULT_4XX: undefined,
  DEFAULT_5XX: undefined,
  EXPIRED_TOKEN: '403',
  INTEGRATION_FAILURE: '504',
  INTEGRATION_TIMEOUT: '504',
  INVALID_API_KEY: '403',
  INVALID_SIGNATURE: '403',
  MISSING_AUTHENTICATION_TOKEN: '403',
  QUOTA_EXCEEDED: '429',
  REQUEST_TOO_LARGE: '413',
  RESOURCE_NOT_FOUND: '404',
  THROTTLED: '429',
  UNAUTHORIZED: '401',
  UNSUPPORTED_MEDIA_TYPE: '415',
  WAF_FILTERED: '403',
};

async function newApi(world: World): Promise<string> {
  return (await world.sdk.createRestApi({ name: world.name('words') })).id ?? '';
}

async function bare(sent: Promise<object>): Promise<object> {
  const { $metadata, ...answer } = (await sent) as { $metadata?: unknown };
  return answer;
}

type Words = Omit<PutGatewayResponseCommandInput, 'restApiId'>;

function putRow(id: string, what: string, words: Words, expected: object): Row {
  const run = async (world: World) => bare(world.sdk.putGatewayResponse({ restApiId: await newApi(world), ...words }));
  const whole = {
    defaultResponse: false,
    responseType: words.responseType,
    responseParameters: {},
    responseTemplates: DEFAULT_TEMPLATES,
    ...expected,
  };
  return { id, call: 'PutGatewayResponse', what, run, expected: whole, basis: 'recorded', source: PUT };
}

/** A patch of DEFAULT_4XX, which has a header and a template of its own. */
function patchRow(id: string, [op, path, value]: [Op, string | undefined, string?], expected: unknown): Row {
  const run = async (world: World) => {
    const restApiId = await newApi(world);
    const responseParameters = { 'gatewayresponse.header.Access-Control-Allow-Origin': "'a.b.c'" };
    const words = { restApiId, responseType: 'DEFAULT_4XX' as const };
    await world.sdk.putGatewayResponse({ ...words, statusCode: '404', responseParameters });
    try {
      return await bare(world.sdk.updateGatewayResponse({ ...words, patchOperations: [{ op, path, value }] }));
    } catch (error) {
      return refusal(Promise.reject(error));
    }
  };
  return {
    id,
    call: 'UpdateGatewayResponse',
    what: `${op} ${path} ${value ?? ''}`,
    run,
    expected,
    basis: 'recorded',
    source: UPDATE,
  };
}

export const GATEWAY_RESPONSES: readonly Row[] = [
  {
    id: 'GR1',
    call: 'GetGatewayResponses',
    what: 'an API has a response of every type, in the order of their names',
    run: async (world) => {
      const { items = [] } = await world.sdk.getGatewayResponses({ restApiId: await newApi(world) });
      return items.map(({ responseType, statusCode, defaultResponse, responseTemplates }) => [
        responseType,
        statusCode,
        defaultResponse,
        responseTemplates?.['application/json'],
      ]);
    },
    expected: Object.entries(STATUSES).map(([type, status]) => [
      type,
      status,
      true,
      '{"message":$context.error.messageString}',
    ]),
    basis: 'recorded',
    source: CRUD,
  },
  putRow(
    'GR2',
    'a status alone keeps the usual words',
    { responseType: 'MISSING_AUTHENTICATION_TOKEN', statusCode: '404' },
    { statusCode: '404' },
  ),
  putRow(
    'GR3',
    'headers alone keep the usual status',
    {
      responseType: 'MISSING_AUTHENTICATION_TOKEN',
      responseParameters: { 'gatewayresponse.header.x': 'method.request.header.Accept' },
    },
    { statusCode: '403', responseParameters: { 'gatewayresponse.header.x': 'method.request.header.Accept' } },
  ),
  putRow(
    'GR4',
    'words alone keep the usual status',
    { responseType: 'MISSING_AUTHENTICATION_TOKEN', responseTemplates: { 'application/json': '{}' } },
    { statusCode: '403', responseTemplates: { 'application/json': '{}' } },
  ),
  {
    id: 'GR5',
    call: 'PutGatewayResponse',
    what: 'what an API says for DEFAULT_5XX holds for all of its class that say nothing of their own',
    run: async (world) => {
      const restApiId = await newApi(world);
      const responseParameters = { 'gatewayresponse.header.foo': "'bar'" };
      await world.sdk.putGatewayResponse({ restApiId, responseType: 'DEFAULT_5XX', statusCode: '599' });
      await world.sdk.putGatewayResponse({ restApiId, responseType: 'AUTHORIZER_FAILURE', responseParameters });
      const { items = [] } = await world.sdk.getGatewayResponses({ restApiId });
      const serverErrors = items.filter(({ statusCode }) => statusCode?.startsWith('5'));
      return serverErrors.map(({ responseType, statusCode, defaultResponse }) => [
        responseType,
        statusCode,
        defaultResponse,
      ]);
    },
    expected: [
      ['API_CONFIGURATION_ERROR', '599', true],
      ['AUTHORIZER_CONFIGURATION_ERROR', '599', true],
      ['AUTHORIZER_FAILURE', '500', false],
      ['DEFAULT_5XX', '599', false],
      ['INTEGRATION_FAILURE', '599', true],
      ['INTEGRATION_TIMEOUT', '599', true],
    ],
    basis: 'recorded',
    source: PUT,
  },
  {
    id: 'GR6',
    call: 'DeleteGatewayResponse',
    what: 'answers 202 and brings the usual words back',
    run: async (world) => {
      const words = { restApiId: await newApi(world), responseType: 'THROTTLED' as const };
      await world.sdk.putGatewayResponse({ ...words, statusCode: '420' });
      const { $metadata } = await world.sdk.deleteGatewayResponse(words);
      return [$metadata.httpStatusCode, await bare(world.sdk.getGatewayResponse(words))];
    },
    expected: [
      202,
      {
        responseType: 'THROTTLED',
        statusCode: '429',
        defaultResponse: true,
        responseParameters: {},
        responseTemplates: DEFAULT_TEMPLATES,
      },
    ],
    basis: 'recorded',
    source: CRUD,
  },
  {
    id: 'GR7',
    call: 'DeleteGatewayResponse',
    what: 'what was not set cannot be deleted',
    run: async (world) =>
      refusal(world.sdk.deleteGatewayResponse({ restApiId: await newApi(world), responseType: 'DEFAULT_4XX' })),
    expected: '404 NotFoundException: Gateway response type not defined on api',
    basis: 'recorded',
    source: CRUD,
  },
  ...(['GET', 'PUT', 'PATCH', 'DELETE'] as const).map(
    (method, at): Row => ({
      id: `GR8.${at + 1}`,
      call: `${method} /restapis/{id}/gatewayresponses/{type}`,
      what: 'a type that is none is answered with all types, whether or not the API exists',
      run: async (world) => {
        const body = method === 'GET' || method === 'DELETE' ? undefined : {};
        const path = `/restapis/${await newApi(world)}/gatewayresponses/FAKE`;
        const { status, type, body: answer } = await world.wire(method, path, body);
        return `${status} ${type}: ${(JSON.parse(answer) as { message: string }).message}`;
      },
      expected: WRONG_TYPE,
      basis: 'recorded',
      source: CRUD,
    }),
  ),
  {
    id: 'GR9',
    call: 'Get-, Update-, DeleteGatewayResponse',
    what: 'an API that does not exist is named',
    run: async ({ sdk }) => {
      const words = { restApiId: 'nosuchapi0', responseType: 'DEFAULT_4XX' as const };
      return [
        await refusal(sdk.getGatewayResponses(words)),
        await refusal(sdk.getGatewayResponse(words)),
        await refusal(sdk.updateGatewayResponse({ ...words, patchOperations: [] })),
        await refusal(sdk.deleteGatewayResponse(words)),
      ];
    },
    expected: [NO_API, NO_API, NO_API, NO_API],
    basis: 'recorded',
    source: CRUD,
  },
  {
    id: 'GR10',
    call: 'UpdateGatewayResponse',
    what: 'a response that was not set is set by its first patch',
    run: async (world) =>
      bare(
        world.sdk.updateGatewayResponse({
          restApiId: await newApi(world),
          responseType: 'DEFAULT_4XX',
          patchOperations: [{ op: 'replace', path: '/statusCode', value: '444' }],
        }),
      ),
    expected: {
      responseType: 'DEFAULT_4XX',
      statusCode: '444',
      defaultResponse: false,
      responseParameters: {},
      responseTemplates: DEFAULT_TEMPLATES,
    },
    basis: 'recorded',
    source: UPDATE,
  },
  patchRow('GR11', ['replace', '/statusCode', '444'], expect.objectContaining({ statusCode: '444' })),
  patchRow(
    'GR12',
    ['replace', '/responseParameters/gatewayresponse.header.Access-Control-Allow-Origin', "'example.com'"],
    expect.objectContaining({
      responseParameters: { 'gatewayresponse.header.Access-Control-Allow-Origin': "'example.com'" },
    }),
  ),
  patchRow(
    'GR13',
    ['add', '/responseTemplates/application~1xml', '<a/>'],
    expect.objectContaining({ responseTemplates: { ...DEFAULT_TEMPLATES, 'application/xml': '<a/>' } }),
  ),
  patchRow('GR14', ['add', '/statusCode', '444'], '400 BadRequestException: Invalid patch path /statusCode'),
  patchRow('GR15', ['remove', '/statusCode'], '400 BadRequestException: Invalid patch path /statusCode'),
  patchRow(
    'GR16',
    ['replace', '/responseParameters/gatewayresponse.header.Other', "'x'"],
    '404 NotFoundException: Invalid parameter name specified',
  ),
  patchRow('GR17', ['add', undefined, "'x'"], '400 BadRequestException: Invalid patch path null'),
  patchRow('GR18', ['add', '/wrongPath', "'x'"], '400 BadRequestException: Invalid patch path /wrongPath'),
  patchRow(
    'GR19',
    ['replace', '/responseTemplates/application~1json'],
    '400 BadRequestException: Invalid null or empty value in responseTemplates',
  ),
  patchRow(
    'GR20',
    ['replace', '/responseParameters/gatewayresponse.header.Access-Control-Allow-Origin'],
    '400 BadRequestException: Invalid null or empty value in responseParameters',
  ),
];

/** An API that wants a key, with words of its own for some refusals. */
async function worded(world: World, ...words: readonly Words[]) {
  const { restApiId, path } = await madeApi(world, { method: { apiKeyRequired: true } });
  for (const one of words) await world.sdk.putGatewayResponse({ restApiId, ...one });
  await world.deploy(restApiId);
  return { restApiId, path, elsewhere: `${restApiId}/dev/elsewhere` };
}

/** What a caller without a key is told, by an API that words INVALID_API_KEY so. */
function spokenRow(
  id: string,
  what: string,
  words: Partial<Words>,
  ask: RequestInit,
  expected: object,
  basis: Row['basis'] = 'docs',
): Row {
  const run = async (world: World) => {
    const { path } = await worded(world, { responseType: 'INVALID_API_KEY', ...words });
    const reply = await world.fetch(`${path}?q=asked`, ask);
    return {
      status: reply.status,
      x: reply.headers.get('x-told'),
      type: reply.headers.get('content-type'),
      body: await reply.text(),
    };
  };
  const source = 'DOC api-gateway-gatewayResponse-definition, supported-gateway-response-types';
  return {
    id,
    call: 'GET a deployed API',
    what,
    run,
    expected: expect.objectContaining(expected),
    basis,
    source,
    needs: ['functions', 'gate'],
  };
}

const told = (mapping: string) => ({ responseParameters: { 'gatewayresponse.header.X-Told': mapping } });
const words = (template: string, type = 'application/json') => ({ responseTemplates: { [type]: template } });

export const SPOKEN: readonly Row[] = [
  spokenRow('GS1', 'its own status', { statusCode: '402' }, {}, { status: 402, body: '{"message":"Forbidden"}' }),
  spokenRow('GS2', 'a header with a literal', told("'*'"), {}, { x: '*', status: 403 }),
  spokenRow(
    'GS3',
    'a header from the request’s header',
    told('method.request.header.Accept-Language'),
    { headers: { 'accept-language': 'de' } },
    { x: 'de' },
  ),
  spokenRow('GS4', 'a header from the query', told('method.request.querystring.q'), {}, { x: 'asked' }),
  spokenRow('GS5', 'a header from the context', told('context.error.responseType'), {}, { x: 'INVALID_API_KEY' }),
  spokenRow(
    'GS6',
    'a header whose source is absent is left out',
    told('method.request.header.Nothing'),
    {},
    { x: null },
    'inference',
  ),
  spokenRow(
    'GS7',
    '$context.error.message bare, messageString quoted',
    words('{"a":"$context.error.message","b":$context.error.messageString}'),
    {},
    { body: '{"a":"Forbidden","b":"Forbidden"}' },
  ),
  spokenRow(
    'GS8',
    'type, stage, path and method from the context',
    words('$context.error.responseType $context.stage $context.resourcePath $context.httpMethod'),
    {},
    { body: 'INVALID_API_KEY dev /it GET' },
  ),
  spokenRow(
    'GS9',
    'a template in the form the caller accepts',
    words('<told>$context.error.message</told>', 'application/xml'),
    { headers: { accept: 'application/xml' } },
    { type: 'application/xml', body: '<told>Forbidden</told>' },
  ),
  {
    id: 'GS10',
    call: 'GET a deployed API',
    what: 'DEFAULT_4XX brings its headers to every refusal of its class: so browsers may read them',
    run: async (world) => {
      const headers = { 'gatewayresponse.header.Access-Control-Allow-Origin': "'*'" };
      const { path, elsewhere } = await worded(world, { responseType: 'DEFAULT_4XX', responseParameters: headers });
      const replies = [await world.fetch(path), await world.fetch(elsewhere)];
      return replies.map((reply) => [reply.status, reply.headers.get('access-control-allow-origin')]);
    },
    expected: [
      [403, '*'],
      [403, '*'],
    ],
    basis: 'docs',
    source: 'DOC supported-gateway-response-types: types that are unspecified default to DEFAULT_4XX',
    needs: ['functions', 'gate'],
  },
  {
    id: 'GS11',
    call: 'GET a deployed API',
    what: 'the status of DEFAULT_4XX changes that of all others that have none of their own',
    run: async (world) => {
      const { path, elsewhere } = await worded(
        world,
        { responseType: 'DEFAULT_4XX', statusCode: '499' },
        { responseType: 'INVALID_API_KEY', statusCode: '402' },
      );
      return [(await world.call(path)).status, (await world.call(elsewhere)).status];
    },
    expected: [402, 499],
    basis: 'docs',
    source: 'DOC supported-gateway-response-types: changing the status code of this fallback changes all other 4XX',
    needs: ['functions', 'gate'],
  },
  {
    id: 'GS12',
    call: 'GET a deployed API',
    what: 'the header x-amzn-ErrorType stays as it was',
    run: async (world) => {
      const { path } = await worded(world, { responseType: 'INVALID_API_KEY', statusCode: '402' });
      return (await world.call(path)).type;
    },
    expected: 'ForbiddenException',
    basis: 'inference',
    source: 'the header is not among what a gateway response sets',
    needs: ['functions', 'gate'],
  },
  ...(
    [
      ['QUOTA_EXCEEDED', { quota: { limit: 1, period: 'MONTH' } }],
      ['THROTTLED', { throttle: { rateLimit: 0.01, burstLimit: 1 } }],
    ] as const
  ).map(
    ([responseType, plan], at): Row => ({
      id: `GS${13 + at}`,
      call: 'GET a deployed API',
      what: `the words for ${responseType}`,
      run: async (world) => {
        const { restApiId, path } = await worded(world, {
          responseType: responseType satisfies GatewayResponseType,
          statusCode: '402',
        });
        const { value } = await world.subscriber({ apiStages: [{ apiId: restApiId, stage: 'dev' }], ...plan });
        return world.statuses(2, path, { 'x-api-key': value });
      },
      expected: [200, 402],
      basis: 'docs',
      source: 'DOC supported-gateway-response-types',
      needs: ['functions', 'gate'],
    }),
  ),
  {
    id: 'GS15',
    call: 'GET a deployed API',
    what: 'the words for UNAUTHORIZED, with a variable of the stage',
    run: async (world) => {
      const { restApiId, path } = await madeApi(world, { authorizer: { type: 'COGNITO_USER_POOLS' } });
      const responseTemplates = { 'application/json': '{"login":"$stageVariables.login"}' };
      await world.sdk.putGatewayResponse({ restApiId, responseType: 'UNAUTHORIZED', responseTemplates });
      await world.sdk.createDeployment({ restApiId, stageName: 'dev', variables: { login: 'here' } });
      return world.call(path);
    },
    expected: { status: 401, type: 'UnauthorizedException', body: '{"login":"here"}' },
    basis: 'docs',
    source: 'DOC api-gateway-gatewayResponse-definition',
    needs: ['functions', 'gate'],
  },
];
