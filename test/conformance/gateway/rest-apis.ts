import type { Op, PatchOperation } from '@aws-sdk/client-api-gateway';
import { expect } from '@jest/globals';
import { type Row, refusal, type World } from '../gateway-rows.js';

const API_2025 = 'LocalStack TestApiGatewayApiRestApi snapshots 2025-07';

const made = {
  id: expect.stringMatching(/^[a-z0-9]{10}$/),
  rootResourceId: expect.stringMatching(/^[a-z0-9]{10}$/),
  name: 'one',
  createdDate: expect.any(Date),
  apiKeySource: 'HEADER',
  disableExecuteApiEndpoint: false,
  endpointConfiguration: { types: ['EDGE'], ipAddressType: 'ipv4' },
};

async function created(world: World, input: Parameters<World['sdk']['createRestApi']>[0]) {
  const { $metadata, ...api } = await world.sdk.createRestApi(input);
  return api;
}

/** What a patch makes of an API, or the refusal. */
async function patchedApi(world: World, operations: readonly PatchOperation[]) {
  const { id } = await world.sdk.createRestApi({ name: 'one', description: 'told' });
  try {
    const { $metadata, ...api } = await world.sdk.updateRestApi({ restApiId: id, patchOperations: [...operations] });
    return api;
  } catch (error) {
    return refusal(Promise.reject(error));
  }
}

function patchRow(id: string, [op, path, value]: [Op, string, string?], expected: unknown, source = API_2025): Row {
  const basis = source.startsWith('LocalStack') ? 'recorded' : source.startsWith('DOC') ? 'docs' : 'inference';
  const run = (world: World) => patchedApi(world, [{ op, path, value }]);
  return { id, call: 'UpdateRestApi', what: `${op} ${path} ${value ?? ''}`, run, expected, basis, source };
}

function createRow(id: string, what: string, input: object, expected: unknown): Row {
  const run = async (world: World) => {
    const { status, type, body } = await world.wire('POST', '/restapis', { name: 'one', ...input });
    return status === 201
      ? JSON.parse(body)
      : `${status} ${type}: ${(JSON.parse(body) as { message: string }).message}`;
  };
  return { id, call: 'CreateRestApi', what, run, expected, basis: 'recorded', source: API_2025 };
}

const endpoint = (types: string[], ipAddressType?: string) => ({ endpointConfiguration: { types, ipAddressType } });
const TYPES_WRONG =
  "Value '[wrong]' at 'createRestApiInput.endpointConfiguration.types' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [PRIVATE, EDGE, REGIONAL]]";
const ADDRESS_WRONG =
  "Value 'wrong' at 'createRestApiInput.endpointConfiguration.ipAddressType' failed to satisfy constraint: Member must satisfy enum value set: [ipv4, dualstack]";

export const REST_APIS: readonly Row[] = [
  {
    id: 'RA1',
    call: 'CreateRestApi',
    what: 'a new API is an edge API that takes keys from the header, and shows no tags',
    run: (world) => created(world, { name: 'one' }),
    expected: made,
    basis: 'recorded',
    source: API_2025,
  },
  {
    id: 'RA2',
    call: 'CreateRestApi',
    what: 'tags that were given come back',
    run: (world) => created(world, { name: 'one', tags: { MY_TAG1: 'MY_VALUE1' } }),
    expected: { ...made, tags: { MY_TAG1: 'MY_VALUE1' } },
    basis: 'recorded',
    source: API_2025,
  },
  {
    id: 'RA3',
    call: 'GetRestApis',
    what: 'a list shows the tags of an API that has some',
    run: async (world) => {
      const { id } = await created(world, { name: 'one', tags: { a: '1' } });
      const { items = [] } = await world.sdk.getRestApis({ limit: 500 });
      return items.find((api) => api.id === id)?.tags;
    },
    expected: { a: '1' },
    basis: 'recorded',
    source: API_2025,
  },
  createRow(
    'RA4',
    'an empty description is refused',
    { description: '' },
    '400 BadRequestException: Description cannot be an empty string',
  ),
  createRow(
    'RA5',
    'an empty list of binary media types is none',
    { binaryMediaTypes: [] },
    expect.not.objectContaining({ binaryMediaTypes: expect.anything() }),
  ),
  createRow(
    'RA6',
    'binary media types are kept',
    { binaryMediaTypes: ['image/png'] },
    expect.objectContaining({ binaryMediaTypes: ['image/png'] }),
  ),
  createRow(
    'RA7',
    'a compression size below 0 is refused',
    { minimumCompressionSize: -1 },
    '400 BadRequestException: Invalid minimum compression size, must be between 0 and 10485760',
  ),
  createRow(
    'RA8',
    'an API has an endpoint type',
    endpoint([]),
    '400 BadRequestException: REGIONAL Configuration and EDGE Configuration cannot be both DISABLED.',
  ),
  createRow(
    'RA9',
    'an API has one endpoint type',
    endpoint(['EDGE', 'REGIONAL']),
    '400 BadRequestException: Cannot create an api with multiple Endpoint Types.',
  ),
  createRow(
    'RA10',
    'a regional API has addresses of version 4',
    endpoint(['REGIONAL']),
    expect.objectContaining({ endpointConfiguration: { types: ['REGIONAL'], ipAddressType: 'ipv4' } }),
  ),
  createRow(
    'RA11',
    'a private API is dual stack',
    endpoint(['PRIVATE']),
    expect.objectContaining({ endpointConfiguration: { types: ['PRIVATE'], ipAddressType: 'dualstack' } }),
  ),
  createRow(
    'RA12',
    'a private API is nothing but dual stack',
    endpoint(['PRIVATE'], 'ipv4'),
    '400 BadRequestException: Only dualstack ipAddressType is supported for Private APIs.',
  ),
  createRow(
    'RA13',
    'an address type that is none is refused',
    endpoint(['EDGE'], 'wrong'),
    `400 ValidationException: 1 validation error detected: ${ADDRESS_WRONG}`,
  ),
  createRow(
    'RA14',
    'an endpoint type that is none is refused',
    endpoint(['wrong']),
    `400 ValidationException: 1 validation error detected: ${TYPES_WRONG}`,
  ),
  createRow(
    'RA15',
    'all that is wrong is told at once',
    endpoint(['wrong'], 'wrong'),
    `400 ValidationException: 2 validation errors detected: ${TYPES_WRONG}; ${ADDRESS_WRONG}`,
  ),
  createRow(
    'RA16',
    'the model comes before the description',
    { ...endpoint(['wrong']), description: '' },
    `400 ValidationException: 1 validation error detected: ${TYPES_WRONG}`,
  ),
  createRow(
    'RA17',
    'the description comes before the types',
    { ...endpoint(['EDGE', 'REGIONAL']), description: '' },
    '400 BadRequestException: Description cannot be an empty string',
  ),
  {
    id: 'RA18',
    call: 'GetRestApi',
    what: 'an API that does not exist is named with the account; letters have their case',
    run: async (world) => {
      const { id = '' } = await created(world, { name: 'one' });
      return refusal(world.sdk.getRestApi({ restApiId: `X${id.toUpperCase()}` })).then((line) =>
        line.replace(id.toUpperCase(), ''),
      );
    },
    expected: '404 NotFoundException: Invalid API identifier specified {account}:X',
    basis: 'recorded',
    source: 'LocalStack test_get_api_case_insensitive snapshot 2024-04',
  },
  {
    id: 'RA19',
    call: 'UpdateRestApi',
    what: 'an API that does not exist cannot be changed',
    run: ({ sdk }) => refusal(sdk.updateRestApi({ restApiId: 'api_id', patchOperations: [] })),
    expected: '404 NotFoundException: Invalid API identifier specified {account}:api_id',
    basis: 'recorded',
    source: API_2025,
  },
  {
    id: 'RA20',
    call: 'DeleteRestApi',
    what: 'answers 202 without a body',
    run: async (world) => world.wire('DELETE', `/restapis/${(await created(world, { name: 'one' })).id}`),
    expected: { status: 202, type: null, body: '' },
    basis: 'recorded',
    source: API_2025,
  },
  patchRow('RA21', ['replace', '/name', 'two'], { ...made, name: 'two', description: 'told', tags: {} }),
  patchRow('RA22', ['remove', '/description'], { ...made, tags: {} }),
  patchRow(
    'RA23',
    ['add', '/binaryMediaTypes/image~1png'],
    expect.objectContaining({ binaryMediaTypes: ['image/png'] }),
  ),
  patchRow(
    'RA24',
    ['add', '/binaryMediaTypes', 'image/png'],
    '400 BadRequestException: Invalid patch path /binaryMediaTypes',
  ),
  patchRow(
    'RA25',
    ['replace', '/minimumCompressionSize', '10'],
    expect.objectContaining({ minimumCompressionSize: 10 }),
  ),
  patchRow('RA26', ['replace', '/minimumCompressionSize', '0'], expect.objectContaining({ minimumCompressionSize: 0 })),
  patchRow('RA27', ['replace', '/minimumCompressionSize'], { ...made, description: 'told', tags: {} }),
  patchRow(
    'RA28',
    ['replace', '/minimumCompressionSize', '-1'],
    '400 BadRequestException: Invalid minimum compression size, must be between 0 and 10485760',
  ),
  patchRow(
    'RA29',
    ['replace', '/minimumCompressionSize', 'many'],
    '400 BadRequestException: Invalid minimum compression size, must be between 0 and 10485760',
  ),
  patchRow(
    'RA30',
    ['add', '/minimumCompressionSize', '10'],
    '400 BadRequestException: Invalid patch operation specified. Must be one of: [replace]',
  ),
  patchRow(
    'RA31',
    ['replace', '/endpointConfiguration/ipAddressType', 'dualstack'],
    expect.objectContaining({ endpointConfiguration: { types: ['EDGE'], ipAddressType: 'dualstack' } }),
  ),
  patchRow(
    'RA32',
    ['replace', '/endpointConfiguration/ipAddressType', 'wrong'],
    '400 BadRequestException: ipAddressType must be either ipv4 or dualstack.',
  ),
  patchRow(
    'RA33',
    ['add', '/endpointConfiguration/ipAddressType', 'ipv4'],
    '400 BadRequestException: Invalid patch operation specified. Must be one of: [replace]',
  ),
  patchRow(
    'RA34',
    ['replace', '/endpointConfiguration/types/EDGE', 'wrong'],
    '400 BadRequestException: Invalid EndpointTypes specified. Valid options are REGIONAL,EDGE,PRIVATE',
  ),
  patchRow(
    'RA35',
    ['replace', '/apiKeySource', 'AUTHORIZER'],
    expect.objectContaining({ apiKeySource: 'AUTHORIZER' }),
    'DOC api-gateway-api-key-source',
  ),
  patchRow(
    'RA36',
    ['replace', '/apiKeySource', 'elsewhere'],
    expect.stringMatching(/^400 BadRequestException/),
    'the words are not known',
  ),
  {
    id: 'RA37',
    call: 'UpdateRestApi',
    what: 'operations that do not exist are told one by one',
    run: async (world) => {
      const { id } = await created(world, { name: 'one' });
      const patchOperations = [
        { op: 'wrong', path: '/name' },
        { op: 'replace', path: '/name', value: 'two' },
        { op: 'wrong' },
      ];
      const { status, type, body } = await world.wire('PATCH', `/restapis/${id}`, { patchOperations });
      return [status, type, (JSON.parse(body) as { message: string }).message];
    },
    expected: [
      400,
      'ValidationException',
      "2 validation errors detected: Value 'wrong' at 'updateRestApiInput.patchOperations.1.member.op' failed to satisfy constraint: Member must satisfy enum value set: [add, remove, move, test, replace, copy]; Value 'wrong' at 'updateRestApiInput.patchOperations.3.member.op' failed to satisfy constraint: Member must satisfy enum value set: [add, remove, move, test, replace, copy]",
    ],
    basis: 'recorded',
    source: API_2025,
  },
  {
    id: 'RA38',
    call: 'UpdateRestApi',
    what: 'when one operation is refused none is applied',
    run: async (world) => {
      const { id } = await created(world, { name: 'one' });
      const patchOperations: PatchOperation[] = [
        { op: 'replace', path: '/name', value: 'two' },
        { op: 'replace', path: '/nothing', value: 'x' },
      ];
      await refusal(world.sdk.updateRestApi({ restApiId: id, patchOperations }));
      return (await world.sdk.getRestApi({ restApiId: id })).name;
    },
    expected: 'one',
    basis: 'inference',
    source: 'DOC patch-operations does not say',
  },
  {
    id: 'RA39',
    call: 'CreateRestApi',
    what: 'resource policies are not modelled and say so',
    run: (world) => refusal(created(world, { name: 'one', policy: '{}' })),
    expected: expect.stringMatching(/^501 NotImplementedException/),
    basis: 'inference',
    source: 'never a silent 201',
  },
];
