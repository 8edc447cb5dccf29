import type { PutIntegrationCommandInput, PutIntegrationResponseCommandInput } from '@aws-sdk/client-api-gateway';
import { type Row, type World } from '../gateway-rows.js';

const DOC = 'DOC how-to-mock-integration';
const VARIABLES = 'DOC api-gateway-mapping-template-reference';

interface Mock {
  readonly integration?: Partial<PutIntegrationCommandInput>;
  /** The template of the request, which says the status code. */
  readonly request?: string;
  readonly responses: readonly Partial<PutIntegrationResponseCommandInput>[];
  readonly promised?: readonly string[];
}

async function mockApi(world: World, { integration, request, responses, promised }: Mock): Promise<string> {
  const { sdk } = world;
  const { id: restApiId = '', rootResourceId } = await sdk.createRestApi({ name: world.name('mock') });
  const { id: resourceId = '' } = await sdk.createResource({ restApiId, parentId: rootResourceId, pathPart: '{id}' });
  const address = { restApiId, resourceId, httpMethod: 'ANY' };
  await sdk.putMethod({ ...address, authorizationType: 'NONE' });
  const requestTemplates = { 'application/json': request ?? '{"statusCode": 200}' };
  await sdk.putIntegration({ ...address, type: 'MOCK', requestTemplates, ...integration });
  for (const statusCode of promised ?? responses.map(({ statusCode = '200' }) => statusCode))
    await sdk.putMethodResponse({
      ...address,
      statusCode,
      responseParameters: { 'method.response.header.X-Told': false },
    });
  for (const response of responses) await sdk.putIntegrationResponse({ ...address, statusCode: '200', ...response });
  await sdk.createDeployment({ restApiId, stageName: 'dev', variables: { colour: 'red' } });
  return `${restApiId}/dev`;
}

function mockRow(
  id: string,
  what: string,
  mock: Mock,
  [path, init]: [string, RequestInit?],
  expected: unknown,
  [basis, source]: [Row['basis'], string] = ['docs', DOC],
): Row {
  const run = async (world: World) => {
    const reply = await world.fetch(`${await mockApi(world, mock)}/${path}`, init);
    return [reply.status, reply.headers.get('x-told') ?? (await reply.text())];
  };
  return { id, call: `${init?.method ?? 'GET'} /${path} (mock)`, what, run, expected, basis, source, needs: ['gate'] };
}

const says = (template: string, rest: object = {}) => ({
  responseTemplates: { 'application/json': template },
  ...rest,
});
const told = (mapping: string) => ({ responseParameters: { 'method.response.header.X-Told': mapping } });
const FAILED = [500, '{"message":"Internal server error"}'];

export const MOCKS: readonly Row[] = [
  mockRow('MO1', 'answers what its response says', { responses: [says('{"a":1}')] }, ['7'], [200, '{"a":1}']),
  mockRow(
    'MO2',
    'the status code of the request’s template selects by pattern',
    {
      request: '{"statusCode": 404}',
      responses: [says('ok'), says('gone', { statusCode: '404', selectionPattern: '404' })],
    },
    ['7'],
    [404, 'gone'],
  ),
  mockRow(
    'MO3',
    'a status code that no pattern fits gets the response without a pattern',
    {
      request: '{"statusCode": 500}',
      responses: [says('ok'), says('gone', { statusCode: '404', selectionPattern: '404' })],
    },
    ['7'],
    [200, 'ok'],
  ),
  mockRow(
    'MO4',
    'a pattern may be an expression',
    {
      request: '{"statusCode": 503}',
      responses: [says('ok'), says('broken', { statusCode: '500', selectionPattern: '5\\d{2}' })],
    },
    ['7'],
    [500, 'broken'],
  ),
  mockRow(
    'MO5',
    'a request’s template without a status code',
    { request: '{}', responses: [says('ok')] },
    ['7'],
    FAILED,
  ),
  mockRow(
    'MO6',
    'a response that the method does not promise',
    { responses: [says('ok')], promised: [] },
    ['7'],
    FAILED,
    ['inference', 'an answer outside the contract of the method is a configuration error'],
  ),
  mockRow('MO7', 'no response at all', { responses: [], promised: ['200'] }, ['7'], FAILED),
  mockRow(
    'MO8',
    'parameters of path, query and header are filled in',
    { responses: [says("$input.params('id') $input.params('q') $input.params('x-h')")] },
    ['7?q=8', { headers: { 'x-h': '9' } }],
    [200, '7 8 9'],
    ['docs', VARIABLES],
  ),
  mockRow(
    'MO9',
    'the context is filled in',
    { responses: [says('$context.stage $context.httpMethod $context.resourcePath')] },
    ['7'],
    [200, 'dev GET /{id}'],
    ['docs', VARIABLES],
  ),
  mockRow(
    'MO10',
    'variables of the stage are filled in',
    { responses: [says('$stageVariables.colour')] },
    ['7'],
    [200, 'red'],
    ['docs', VARIABLES],
  ),
  mockRow(
    'MO11',
    'the request’s template may take the status code from the query',
    {
      request: `{"statusCode": $input.params('code')}`,
      responses: [says('ok'), says('teapot', { statusCode: '418', selectionPattern: '418' })],
    },
    ['7?code=418'],
    [418, 'teapot'],
    ['docs', VARIABLES],
  ),
  mockRow('MO12', 'a header from a literal', { responses: [told("'here'")] }, ['7'], [200, 'here']),
  mockRow(
    'MO13',
    'a header from the context',
    { responses: [told('context.stage')] },
    ['7'],
    [200, 'dev'],
    ['docs', VARIABLES],
  ),
  mockRow(
    'MO14',
    'a content type without a template, where none passes',
    { integration: { passthroughBehavior: 'NEVER' }, responses: [says('ok')] },
    ['7', { method: 'POST', body: 'x', headers: { 'content-type': 'text/plain' } }],
    [415, '{"message":"Unsupported Media Type"}'],
    ['docs', 'DOC integration-passthrough-behaviors'],
  ),
  mockRow(
    'MO15',
    'a content type without a template, where bodies pass as they are',
    { responses: [says('ok')] },
    ['7', { method: 'POST', body: '{"statusCode": 200}', headers: { 'content-type': 'text/plain' } }],
    [200, 'ok'],
    ['docs', 'DOC integration-passthrough-behaviors'],
  ),
  mockRow(
    'MO16',
    'a template in the form the caller accepts',
    { responses: [{ responseTemplates: { 'application/json': '{}', 'application/xml': '<a/>' } }] },
    ['7', { headers: { accept: 'application/xml' } }],
    [200, '<a/>'],
  ),
];
