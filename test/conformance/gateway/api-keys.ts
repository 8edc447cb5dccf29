import {
  CreateApiKeyCommand,
  DeleteApiKeyCommand,
  GetApiKeyCommand,
  GetApiKeysCommand,
  GetTagsCommand,
  GetUsagePlanKeysCommand,
  paginateGetApiKeys,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateApiKeyCommand,
} from '@aws-sdk/client-api-gateway';
import { expect } from '@jest/globals';
import { type Row, refusal, type World } from '../gateway-rows.js';

export const KEYS: readonly Row[] = [
  {
    id: 'K1',
    call: 'CreateApiKey',
    what: 'a key made without `enabled` is disabled, has a 40 character value and no tags',
    run: async ({ sdk }) => {
      const { $metadata, ...key } = await sdk.send(new CreateApiKeyCommand({ name: 'plain' }));
      return { ...key, status: $metadata.httpStatusCode };
    },
    expected: {
      id: expect.stringMatching(/^[a-z0-9]{10}$/),
      name: 'plain',
      value: expect.stringMatching(/^[A-Za-z0-9]{40}$/),
      enabled: false,
      createdDate: expect.any(Date),
      lastUpdatedDate: expect.any(Date),
      stageKeys: [],
      status: 201,
    },
    basis: 'recorded',
    source: 'LocalStack apigateway snapshots 2024-10',
  },
  {
    id: 'K2',
    call: 'CreateApiKey',
    what: 'an empty name is no name',
    run: async ({ sdk }) => 'name' in (await sdk.send(new CreateApiKeyCommand({ name: '' }))),
    expected: false,
    basis: 'recorded',
    source: 'LocalStack apigateway snapshots 2024-10',
  },
  {
    id: 'K3',
    call: 'CreateApiKey',
    what: 'an empty value has one generated',
    run: async (world) => (await world.key({ value: '' })).value.length,
    expected: 40,
    basis: 'recorded',
    source: 'LocalStack apigateway snapshots 2024-10',
  },
  {
    id: 'K4',
    call: 'CreateApiKey',
    what: 'a value of 19 characters is too short',
    run: (world) => refusal(world.key({ value: 'a'.repeat(19) })),
    expected: '400 BadRequestException: API Key value should be at least 20 characters',
    basis: 'recorded',
    source: 'LocalStack apigateway snapshots 2024-10',
  },
  {
    id: 'K5',
    call: 'CreateApiKey',
    what: 'a value of 129 characters is too long',
    run: (world) => refusal(world.key({ value: 'a'.repeat(129) })),
    expected: '400 BadRequestException: API Key value exceeds maximum size of 128 characters',
    basis: 'recorded',
    source: 'LocalStack apigateway snapshots 2024-10',
  },
  {
    id: 'K6',
    call: 'CreateApiKey',
    what: 'a name of 1,025 characters is too long',
    run: (world) => refusal(world.key({ name: 'a'.repeat(1025) })),
    expected: '400 BadRequestException: Invalid API Key name, can be at most 1024 characters.',
    basis: 'recorded',
    source: 'LocalStack apigateway snapshots 2024-10',
  },
  {
    id: 'K7',
    call: 'CreateApiKey',
    what: 'a very long description is refused',
    run: (world) => refusal(world.key({ description: 'a'.repeat(125_001) })),
    expected: '400 BadRequestException: Invalid API Key description specified.',
    basis: 'recorded',
    source: 'LocalStack apigateway snapshots 2024-10',
  },
  {
    id: 'K8',
    call: 'CreateApiKey',
    what: 'a second key with the same value is refused',
    run: async (world) => {
      const { value } = await world.key();
      return refusal(world.key({ value }));
    },
    expected: '409 ConflictException: API Key already exists',
    basis: 'field',
    source: 'GH serverless/serverless#6458; rrahul963/serverless-add-api-key#27',
  },
  {
    id: 'K9',
    call: 'GetApiKeys',
    what: 'names need not be unique',
    run: async (world) => {
      const name = world.name('twin');
      await Promise.all([world.key({ name }), world.key({ name })]);
      return (await world.sdk.send(new GetApiKeysCommand({ nameQuery: name }))).items?.length;
    },
    expected: 2,
    basis: 'docs',
    source: 'DOC api-gateway-api-usage-plans',
  },
  {
    id: 'K10',
    call: 'DeleteApiKey, CreateApiKey',
    what: 'the value of a deleted key is free again',
    run: async (world) => {
      const { id, value } = await world.key();
      await world.sdk.send(new DeleteApiKeyCommand({ apiKey: id }));
      return refusal(world.key({ value }));
    },
    expected: 'accepted',
    basis: 'inference',
    source: 'uniqueness is among existing keys',
  },
  {
    id: 'K11',
    call: 'GetApiKey',
    what: 'GetApiKey hides the value unless asked for it',
    run: async (world) => {
      const { id, value } = await world.key();
      const hidden = await world.sdk.send(new GetApiKeyCommand({ apiKey: id }));
      const shown = await world.sdk.send(new GetApiKeyCommand({ apiKey: id, includeValue: true }));
      return [hidden.value, shown.value === value];
    },
    expected: [undefined, true],
    basis: 'docs',
    source: 'DOC API_GetApiKey',
  },
  {
    id: 'K12',
    call: 'GetApiKeys',
    what: 'GetApiKeys hides values unless asked for them',
    run: async (world) => {
      const { name, value } = await world.key();
      const list = (includeValues: boolean) =>
        world.sdk.send(new GetApiKeysCommand({ nameQuery: name, includeValues }));
      const [hidden, shown] = [await list(false), await list(true)];
      return [hidden.items?.[0]?.value, shown.items?.[0]?.value === value];
    },
    expected: [undefined, true],
    basis: 'docs',
    source: 'DOC API_GetApiKeys',
  },
  {
    id: 'K13',
    call: 'GetApiKey',
    what: 'an unknown key is not found',
    run: ({ sdk }) => refusal(sdk.send(new GetApiKeyCommand({ apiKey: 'nosuchkey0' }))),
    expected: '404 NotFoundException: Invalid API Key identifier specified',
    basis: 'field',
    source: 'moto test_apigateway; user reports',
  },
  ...['find me', 'find', 'ind me', 'me', 'Find me', ''].map(
    (query, at): Row => ({
      id: `K14.${at}`,
      call: 'GetApiKeys',
      what: `nameQuery '${query}' is a case-sensitive prefix`,
      run: async (world) => {
        const made = await world.key({ name: `find me ${at}` });
        const { items = [] } = await world.sdk.send(new GetApiKeysCommand({ nameQuery: query, limit: 500 }));
        return items.some(({ id }) => id === made.id);
      },
      expected: ['find me', 'find', ''].includes(query),
      basis: 'recorded',
      source: 'LocalStack apigateway snapshots 2024-10',
    }),
  ),
  {
    id: 'K15',
    call: 'GetApiKeys',
    what: 'customerId filters exactly',
    run: async (world) => {
      await Promise.all([
        world.key({ customerId: 'c-1', name: 'one' }),
        world.key({ customerId: 'c-11', name: 'two' }),
      ]);
      return (await world.sdk.send(new GetApiKeysCommand({ customerId: 'c-1' }))).items?.map(({ name }) => name);
    },
    expected: ['one'],
    basis: 'inference',
    source: 'DOC API_GetApiKeys does not say',
  },
  {
    id: 'K16',
    call: 'GetApiKeys',
    what: 'keys are listed newest first',
    run: async (world) => {
      const prefix = world.name('order');
      for (const letter of ['a', 'c', 'b']) await world.key({ name: `${prefix}${letter}` });
      const { items = [] } = await world.sdk.send(new GetApiKeysCommand({ nameQuery: prefix }));
      return items.map(({ name }) => name?.slice(-1));
    },
    expected: ['b', 'c', 'a'],
    basis: 'recorded',
    source: 'LocalStack apigateway snapshots 2024-10',
  },
  {
    id: 'K17',
    call: 'GetApiKeys',
    what: 'pages of 2 bring every key once, and the last page has no position',
    run: async (world) => {
      const prefix = world.name('paged');
      for (const letter of 'abcde') await world.key({ name: `${prefix}${letter}` });
      const pages: string[] = [];
      for await (const { items = [] } of paginateGetApiKeys({ client: world.sdk, pageSize: 2 }, { nameQuery: prefix }))
        pages.push(items.map(({ name }) => name?.slice(-1)).join(''));
      return pages;
    },
    expected: ['ed', 'cb', 'a'],
    basis: 'docs',
    source: 'DOC API_GetApiKeys',
  },
  {
    id: 'K18',
    call: 'GetApiKeys',
    what: 'a page holds 25 keys unless asked otherwise',
    run: async (world) => {
      const prefix = world.name('many');
      await Promise.all(Array.from({ length: 27 }, (_, at) => world.key({ name: `${prefix}${at}` })));
      const { items = [], position } = await world.sdk.send(new GetApiKeysCommand({ nameQuery: prefix }));
      return [items.length, typeof position];
    },
    expected: [25, 'string'],
    basis: 'docs',
    source: 'DOC API_GetApiKeys',
  },
  {
    id: 'K19',
    call: 'GetApiKeys',
    what: 'a limit of -1 is accepted',
    run: ({ sdk }) => refusal(sdk.send(new GetApiKeysCommand({ limit: -1 }))),
    expected: 'accepted',
    basis: 'recorded',
    source: 'LocalStack apigateway snapshots 2025-07',
  },
  {
    id: 'K20',
    call: 'UpdateApiKey',
    what: 'UpdateApiKey answers without the value and with tags',
    run: async (world) => {
      const { id } = await world.key();
      const { $metadata, ...updated } = await patchKey(world, id, 'replace', '/enabled', 'false');
      return updated;
    },
    expected: {
      id: expect.any(String),
      name: expect.any(String),
      enabled: false,
      createdDate: expect.any(Date),
      lastUpdatedDate: expect.any(Date),
      stageKeys: [],
      tags: {},
    },
    basis: 'recorded',
    source: 'LocalStack test_api_key_required_for_methods snapshot 2023-07',
  },
  {
    id: 'K21',
    call: 'UpdateApiKey',
    what: 'a word that is no boolean disables a key',
    run: async (world) => (await patchKey(world, (await world.key()).id, 'replace', '/enabled', 'maybe')).enabled,
    expected: false,
    basis: 'recorded',
    source: 'LocalStack apigateway snapshots 2025-07',
  },
  {
    id: 'K22',
    call: 'UpdateApiKey, GetApiKeys',
    what: 'name, description and customerId can be replaced',
    run: async (world) => {
      const { id } = await world.key();
      await patchKey(world, id, 'replace', '/name', 'renamed for K22');
      await patchKey(world, id, 'replace', '/description', 'told');
      await patchKey(world, id, 'replace', '/customerId', 'c-22');
      const { items = [] } = await world.sdk.send(new GetApiKeysCommand({ nameQuery: 'renamed for K22' }));
      return items.map(({ name, description, customerId }) => ({ name, description, customerId }));
    },
    expected: [{ name: 'renamed for K22', description: 'told', customerId: 'c-22' }],
    basis: 'docs',
    source: 'DOC patch-operations',
  },
  {
    id: 'K23',
    call: 'UpdateApiKey',
    what: 'the id cannot be replaced',
    run: async (world) => refusal(patchKey(world, (await world.key()).id, 'replace', '/id', 'other')),
    expected:
      "400 BadRequestException: Invalid patch path  '/id' specified for op 'replace'. Must be one of: [/description, /enabled, /name, /customerId]",
    basis: 'recorded',
    source: 'LocalStack apigateway snapshots 2025-07',
  },
  {
    id: 'K24',
    call: 'UpdateApiKey',
    what: 'the value cannot be replaced',
    run: async (world) =>
      (await refusal(patchKey(world, (await world.key()).id, 'replace', '/value', 'x'.repeat(30)))).slice(0, 3),
    expected: '400',
    basis: 'docs',
    source: 'DOC api-gateway-setup-api-keys',
  },
  {
    id: 'K25',
    call: 'DeleteApiKey',
    what: 'DeleteApiKey answers 202 without a body',
    run: async (world) => world.wire('DELETE', `/apikeys/${(await world.key()).id}`),
    expected: { status: 202, type: null, body: '' },
    basis: 'docs',
    source: 'DOC API_DeleteApiKey',
  },
  {
    id: 'K26',
    call: 'DeleteApiKey',
    what: 'a key that is gone cannot be deleted',
    run: ({ sdk }) => refusal(sdk.send(new DeleteApiKeyCommand({ apiKey: 'nosuchkey0' }))),
    expected: '404 NotFoundException: Invalid API Key identifier specified',
    basis: 'docs',
    source: 'DOC API_DeleteApiKey',
  },
  {
    id: 'K27',
    call: 'DeleteApiKey, GetUsagePlanKeys',
    what: 'a deleted key disappears from its plan',
    run: async (world) => {
      const { planId, keyId } = await world.subscriber();
      await world.sdk.send(new DeleteApiKeyCommand({ apiKey: keyId }));
      return (await world.sdk.send(new GetUsagePlanKeysCommand({ usagePlanId: planId }))).items;
    },
    expected: [],
    basis: 'recorded',
    source: 'LocalStack apigateway snapshots 2025-09',
  },
  {
    id: 'K28',
    call: 'TagResource, UntagResource, GetTags',
    what: 'tags given at creation come back; TagResource adds, UntagResource removes',
    run: async (world) => {
      const key = await world.key({ tags: { a: '1' } });
      const resourceArn = world.arn(`/apikeys/${key.id}`);
      await world.sdk.send(new TagResourceCommand({ resourceArn, tags: { b: '2', c: '3' } }));
      await world.sdk.send(new UntagResourceCommand({ resourceArn, tagKeys: ['a', 'c'] }));
      return [key.tags, (await world.sdk.send(new GetTagsCommand({ resourceArn }))).tags];
    },
    expected: [{ a: '1' }, { b: '2' }],
    basis: 'docs',
    source: 'DOC API_TagResource, API_UntagResource',
  },
  {
    id: 'K29',
    call: 'CreateApiKey',
    what: 'a tag key that starts with aws: is refused',
    run: async (world) => (await refusal(world.key({ tags: { 'aws:x': '1' } }))).slice(0, 23),
    expected: '400 BadRequestException',
    basis: 'docs',
    source: 'DOC apigateway-tagging',
  },
];

export const WIRE: readonly Row[] = [
  {
    id: 'W1',
    call: 'GetApiKeys',
    what: 'lists are under `item`, and creation times are epoch seconds',
    run: async (world) => {
      const name = world.name('wire');
      await world.key({ name });
      const { body } = await world.wire('GET', `/apikeys?name=${name}`);
      const { item } = JSON.parse(body) as { item: { createdDate: number }[] };
      return item.map(({ createdDate }) => Number.isInteger(createdDate));
    },
    expected: [true],
    basis: 'docs',
    source: 'botocore apigateway 2015-07-09 service model',
  },
  {
    id: 'W2',
    call: 'GET /apikeys',
    what: 'a call without a signature is refused',
    run: (world) => world.unsigned('GET', '/apikeys'),
    expected: {
      status: 403,
      type: 'MissingAuthenticationTokenException',
      body: '{"message":"Missing Authentication Token"}',
    },
    basis: 'inference',
    source: 'SigV4 services answer so',
  },
  {
    id: 'W3',
    call: 'GET /apikeys',
    what: 'a bearer token is no signature',
    run: async (world) => (await world.unsigned('GET', '/apikeys', { authorization: 'Bearer x' })).status,
    expected: 403,
    basis: 'inference',
    source: 'SigV4 services answer so',
  },
  {
    id: 'W4',
    call: 'GetDomainNames',
    what: 'an operation of the model that the sandbox lacks says so',
    run: (world) => world.wire('GET', '/domainnames'),
    expected: {
      status: 501,
      type: 'NotImplementedException',
      body: '{"message":"GetDomainNames is not modelled by the sandbox"}',
    },
    basis: 'inference',
    source: 'never a silent 200',
  },
  {
    id: 'W5',
    call: 'GET /nothing/here',
    what: 'a path that is no operation says so',
    run: async (world) => (await world.wire('GET', '/nothing/here')).type,
    expected: 'UnknownOperationException',
    basis: 'inference',
    source: 'AWS REST-JSON services',
  },
  {
    id: 'W6',
    call: 'CreateApiKey',
    what: 'a body that is not JSON is refused without the parser’s words',
    run: (world) => world.wire('POST', '/apikeys', '{"name":'),
    expected: { status: 400, type: 'SerializationException', body: '{"message":"Invalid JSON in request body"}' },
    basis: 'inference',
    source: 'AWS REST-JSON services',
  },
  {
    id: 'W7',
    call: 'CreateApiKey',
    what: 'a member of the wrong type is refused',
    run: async (world) => (await world.wire('POST', '/apikeys', { name: 7 })).type,
    expected: 'SerializationException',
    basis: 'inference',
    source: 'AWS REST-JSON services',
  },
  {
    id: 'W8',
    call: 'CreateUsagePlan',
    what: 'a required member that is missing is named',
    run: (world) => world.wire('POST', '/usageplans', {}),
    expected: {
      status: 400,
      type: 'BadRequestException',
      body: `{"message":"1 validation error detected: Value null at 'createUsagePlanInput.name' failed to satisfy constraint: Member must not be null"}`,
    },
    basis: 'inference',
    source: 'wording of AWS validation errors',
  },
  {
    id: 'W9',
    call: 'CreateApiKey',
    what: 'members the service does not know are ignored',
    run: async (world) => (await world.wire('POST', '/apikeys', { name: 'odd', surprise: true })).status,
    expected: 201,
    basis: 'inference',
    source: 'AWS REST-JSON services',
  },
  {
    id: 'W10',
    call: 'GetApiKeys',
    what: 'every answer has a request id',
    run: async (world) => (await world.sdk.send(new GetApiKeysCommand({}))).$metadata.requestId?.length,
    expected: 36,
    basis: 'docs',
    source: 'DOC common response headers',
  },
];

function patchKey(world: World, apiKey: string, op: 'replace' | 'add', path: string, value: string) {
  return world.sdk.send(new UpdateApiKeyCommand({ apiKey, patchOperations: [{ op, path, value }] }));
}
