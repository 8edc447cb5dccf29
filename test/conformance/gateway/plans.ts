import {
  DeleteUsagePlanCommand,
  DeleteUsagePlanKeyCommand,
  GetUsagePlanCommand,
  GetUsagePlanKeyCommand,
  GetUsagePlanKeysCommand,
  GetUsagePlansCommand,
  type Op,
  paginateGetUsagePlanKeys,
  TagResourceCommand,
  UpdateUsagePlanCommand,
} from '@aws-sdk/client-api-gateway';
import { expect } from '@jest/globals';
import { type Row, refusal, type World } from '../gateway-rows.js';

const LIMITS = { throttle: { rateLimit: 2, burstLimit: 4 }, quota: { limit: 10, period: 'DAY' } } as const;

export const PLANS: readonly Row[] = [
  {
    id: 'P1',
    call: 'CreateUsagePlan',
    what: 'a new plan shows what was given, offset 0, and tags only when given',
    run: async (world) => {
      const { $metadata, ...plan } = await world.plan({ name: 'full', ...LIMITS, tags: { a: '1' } });
      return [$metadata.httpStatusCode, plan];
    },
    expected: [
      201,
      {
        id: expect.stringMatching(/^[a-z0-9]{6}$/),
        name: 'full',
        apiStages: [{ apiId: '{api}', stage: 'v1' }],
        throttle: { rateLimit: 2, burstLimit: 4 },
        quota: { limit: 10, offset: 0, period: 'DAY' },
        tags: { a: '1' },
      },
    ],
    basis: 'recorded',
    source: 'LocalStack test_api_key_required_for_methods snapshot 2023-07',
  },
  {
    id: 'P2',
    call: 'CreateUsagePlan',
    what: 'a plan without throttle, quota and tags shows none of them when created',
    run: async (world) => Object.keys(await world.plan({ name: 'bare' })).sort(),
    expected: ['$metadata', 'apiStages', 'id', 'name'],
    basis: 'recorded',
    source: 'LocalStack test_usage_plan_crud snapshot 2023-07',
  },
  {
    id: 'P3',
    call: 'GetUsagePlan',
    what: 'GetUsagePlan always shows tags',
    run: async (world) => {
      const { id } = await world.plan();
      return (await world.sdk.send(new GetUsagePlanCommand({ usagePlanId: id }))).tags;
    },
    expected: {},
    basis: 'recorded',
    source: 'LocalStack test_usage_plan_crud snapshot 2023-07',
  },
  {
    id: 'P4',
    call: 'GetUsagePlans',
    what: 'lists of plans never show tags',
    run: async (world) => {
      await world.plan({ tags: { a: '1' } });
      const { items = [] } = await world.sdk.send(new GetUsagePlansCommand({ limit: 500 }));
      return items.filter((plan) => 'tags' in plan).length;
    },
    expected: 0,
    basis: 'recorded',
    source: 'LocalStack test_usage_plan_crud snapshot 2023-07',
  },
  {
    id: 'P5',
    call: 'GetUsagePlan',
    what: 'an unknown plan is not found',
    run: ({ sdk }) => refusal(sdk.send(new GetUsagePlanCommand({ usagePlanId: 'nosuch' }))),
    expected: '404 NotFoundException: Invalid Usage Plan ID specified',
    basis: 'recorded',
    source: 'LocalStack apigateway snapshots 2024-03',
  },
  {
    id: 'P6',
    call: 'CreateUsagePlan',
    what: 'a stage that was never deployed cannot be in a plan',
    run: (world) => refusal(world.plan({ apiStages: [{ apiId: world.sold.apiId, stage: 'dev' }] })),
    expected: expect.stringMatching(
      /^404 NotFoundException: Invalid API Stage {api: {api}, stage: dev} specified for usageplan \w{6}$/,
    ),
    basis: 'recorded',
    source: 'LocalStack apigateway snapshots 2024-03',
  },
  {
    id: 'P7',
    call: 'CreateUsagePlan',
    what: 'the burst may exceed the rate',
    run: async (world) => (await world.plan({ throttle: { rateLimit: 1, burstLimit: 100 } })).throttle,
    expected: { rateLimit: 1, burstLimit: 100 },
    basis: 'recorded',
    source: 'LocalStack test_usage_plan_crud snapshot 2023-07',
  },
  {
    id: 'P8',
    call: 'CreateUsagePlan',
    what: 'names need not be unique',
    run: async (world) => {
      await world.plan({ name: 'same' });
      return refusal(world.plan({ name: 'same' }));
    },
    expected: 'accepted',
    basis: 'docs',
    source: 'DOC API_CreateUsagePlan has no such rule',
  },
  {
    id: 'P9',
    call: 'DeleteUsagePlan',
    what: 'a plan with stages cannot be deleted',
    run: async (world) => {
      const { id } = await world.plan();
      const refused = await refusal(world.sdk.send(new DeleteUsagePlanCommand({ usagePlanId: id })));
      return refused.replace(id, 'X');
    },
    expected:
      '400 BadRequestException: Cannot delete Usage Plan X because there are API Stages associated with it, including {api}:v1',
    basis: 'field',
    source: 'GH aws/aws-sdk-js#3841; serverless/serverless#4006',
  },
  {
    id: 'P10',
    call: 'DeleteUsagePlan',
    what: 'a plan without stages is deleted with 202 and no body, also while keys are in it',
    run: async (world) => {
      const { planId } = await world.subscriber({ apiStages: [] });
      return world.wire('DELETE', `/usageplans/${planId}`);
    },
    expected: { status: 202, type: null, body: '' },
    basis: 'inference',
    source: 'DOC API_DeleteUsagePlan does not say',
  },
  {
    id: 'P11',
    call: 'TagResource',
    what: 'TagResource on a plan shows in GetUsagePlan',
    run: async (world) => {
      const { id } = await world.plan({ tags: { a: '1' } });
      const resourceArn = world.arn(`/usageplans/${id}`);
      await world.sdk.send(new TagResourceCommand({ resourceArn, tags: { b: '2' } }));
      return (await world.sdk.send(new GetUsagePlanCommand({ usagePlanId: id }))).tags;
    },
    expected: { a: '1', b: '2' },
    basis: 'docs',
    source: 'DOC API_TagResource',
  },
  {
    id: 'P12',
    call: 'TagResource',
    what: 'the tags of what does not exist are not found',
    run: (world) => {
      const resourceArn = world.arn('/usageplans/nosuch');
      return refusal(world.sdk.send(new TagResourceCommand({ resourceArn, tags: {} }))).then((line) =>
        line.slice(0, 3),
      );
    },
    expected: '404',
    basis: 'docs',
    source: 'DOC API_TagResource',
  },
];

/** A plan with limits, one patch, and the plan or the refusal after it. */
function patchRow(id: string, [op, path, value]: [Op, string, string?], expected: unknown, source: string): Row {
  const basis = source.startsWith('DOC') ? 'docs' : source.startsWith('LocalStack') ? 'recorded' : 'inference';
  const run = async (world: World) => {
    const plan = await world.plan(LIMITS);
    try {
      return await patchPlan(world, plan.id, op, world.filled(path), value && world.filled(value));
    } catch (error) {
      return (await refusal(Promise.reject(error))).replaceAll(plan.id, 'X');
    }
  };
  const call = 'UpdateUsagePlan';
  return { id, call, what: `${op} ${path} ${value ?? ''}`, run, expected, basis, source };
}

export const PATCHES: readonly Row[] = [
  patchRow(
    'U1',
    ['replace', '/name', 'new'],
    expect.objectContaining({ name: 'new', tags: {} }),
    'DOC patch-operations',
  ),
  patchRow(
    'U2',
    ['replace', '/description', 'd'],
    expect.objectContaining({ description: 'd' }),
    'DOC patch-operations',
  ),
  patchRow(
    'U3',
    ['replace', '/throttle/rateLimit', '7.5'],
    expect.objectContaining({ throttle: { rateLimit: 7.5, burstLimit: 4 } }),
    'DOC patch-operations',
  ),
  patchRow(
    'U4',
    ['add', '/throttle/burstLimit', '9'],
    expect.objectContaining({ throttle: { rateLimit: 2, burstLimit: 9 } }),
    'DOC patch-operations',
  ),
  patchRow(
    'U5',
    ['remove', '/throttle'],
    expect.not.objectContaining({ throttle: expect.anything() }),
    'DOC patch-operations',
  ),
  patchRow(
    'U6',
    ['remove', '/quota'],
    expect.not.objectContaining({ quota: expect.anything() }),
    'DOC patch-operations',
  ),
  patchRow(
    'U7',
    ['replace', '/quota/limit', '99'],
    expect.objectContaining({ quota: { limit: 99, offset: 0, period: 'DAY' } }),
    'DOC patch-operations',
  ),
  patchRow(
    'U8',
    ['replace', '/quota/period', 'MONTH'],
    expect.objectContaining({ quota: { limit: 10, offset: 0, period: 'MONTH' } }),
    'DOC patch-operations',
  ),
  patchRow('U9', ['add', '/productCode', 'p'], expect.objectContaining({ productCode: 'p' }), 'DOC patch-operations'),
  patchRow(
    'U10',
    ['remove', '/apiStages', '{api}:v1'],
    expect.objectContaining({ apiStages: [] }),
    'DOC patch-operations',
  ),
  patchRow(
    'U11',
    ['add', '/apiStages/{api}:v1/throttle', '{"/pets/GET":{"rateLimit":1.0,"burstLimit":1}}'],
    expect.objectContaining({
      apiStages: [{ apiId: '{api}', stage: 'v1', throttle: { '/pets/GET': { rateLimit: 1, burstLimit: 1 } } }],
    }),
    'DOC patch-operations',
  ),
  patchRow(
    'U12',
    ['replace', '/apiStages/{api}:v1/throttle/~1pets/GET/rateLimit', '3'],
    expect.objectContaining({
      apiStages: [{ apiId: '{api}', stage: 'v1', throttle: { '/pets/GET': { rateLimit: 3 } } }],
    }),
    'the escaping of / is not documented',
  ),
  patchRow(
    'U13',
    ['remove', '/apiStages'],
    '400 BadRequestException: Invalid API Stage specified',
    'LocalStack apigateway snapshots 2024-03',
  ),
  patchRow(
    'U14',
    ['remove', '/apiStages', 'malformed'],
    '400 BadRequestException: Invalid API Stage specified',
    'LocalStack apigateway snapshots 2024-03',
  ),
  patchRow(
    'U15',
    ['remove', '/apiStages', '{api}:dev'],
    '404 NotFoundException: Invalid API Stage {api: {api}, stage: dev} specified for usageplan X',
    'LocalStack apigateway snapshots 2024-03',
  ),
  patchRow(
    'U16',
    ['add', '/apiStages', 'nosuchapi0:v1'],
    '404 NotFoundException: Invalid API Stage {api: nosuchapi0, stage: v1} specified for usageplan X',
    'LocalStack apigateway snapshots 2024-03',
  ),
  patchRow(
    'U17',
    ['replace', '/id', 'x'],
    expect.stringMatching(
      /^400 BadRequestException: Invalid patch path {2}'\/id' specified for op 'replace'\. Must be one of: \[/,
    ),
    'DOC patch-operations; GH boto/boto3#2629',
  ),
  patchRow(
    'U18',
    ['replace', '/quota/limit', 'ten'],
    expect.stringMatching(/^400 BadRequestException/),
    'a limit is a number',
  ),
];

export const MEMBERSHIPS: readonly Row[] = [
  {
    id: 'M1',
    call: 'CreateUsagePlanKey',
    what: 'attaching answers 201 with the key’s value',
    run: async (world) => {
      const [plan, key] = [await world.plan(), await world.key({ name: 'shown' })];
      const { $metadata, ...attached } = await world.attach(plan.id, key.id);
      return [
        $metadata.httpStatusCode,
        attached.id === key.id,
        attached.value === key.value,
        attached.type,
        attached.name,
      ];
    },
    expected: [201, true, true, 'API_KEY', 'shown'],
    basis: 'recorded',
    source: 'LocalStack test_api_key_required_for_methods snapshot 2023-07',
  },
  {
    id: 'M2',
    call: 'GetUsagePlanKeys',
    what: 'lists of a plan’s keys show values without being asked',
    run: async (world) => {
      const { planId, value } = await world.subscriber();
      const { items = [] } = await world.sdk.send(new GetUsagePlanKeysCommand({ usagePlanId: planId }));
      return items.map((key) => [key.value === value, key.type]);
    },
    expected: [[true, 'API_KEY']],
    basis: 'recorded',
    source: 'LocalStack apigateway snapshots 2025-09',
  },
  {
    id: 'M3',
    call: 'GetUsagePlanKeys',
    what: 'an unknown plan has no keys, with status 200',
    run: async ({ sdk }) => {
      const { items, $metadata } = await sdk.send(new GetUsagePlanKeysCommand({ usagePlanId: 'nosuch' }));
      return [$metadata.httpStatusCode, items];
    },
    expected: [200, []],
    basis: 'recorded',
    source: 'LocalStack apigateway snapshots 2025-09',
  },
  {
    id: 'M4',
    call: 'GetUsagePlanKeys',
    what: 'nameQuery on a plan’s keys is a case-sensitive prefix',
    run: async (world) => {
      const { id } = await world.plan();
      for (const name of ['alpha', 'alphabet', 'Alpha', 'beta']) await world.attach(id, (await world.key({ name })).id);
      const { items = [] } = await world.sdk.send(new GetUsagePlanKeysCommand({ usagePlanId: id, nameQuery: 'alpha' }));
      return items.map(({ name }) => name);
    },
    expected: ['alphabet', 'alpha'],
    basis: 'recorded',
    source: 'LocalStack apigateway snapshots 2025-09',
  },
  {
    id: 'M5',
    call: 'GetUsagePlanKeys',
    what: 'a plan’s keys come in pages, newest first',
    run: async (world) => {
      const { id } = await world.plan();
      for (const name of ['a', 'b', 'c']) await world.attach(id, (await world.key({ name })).id);
      const pages: (string | undefined)[][] = [];
      const paged = paginateGetUsagePlanKeys({ client: world.sdk, pageSize: 2 }, { usagePlanId: id });
      for await (const { items = [] } of paged) pages.push(items.map(({ name }) => name));
      return pages;
    },
    expected: [['c', 'b'], ['a']],
    basis: 'docs',
    source: 'DOC API_GetUsagePlanKeys; order inferred from API keys',
  },
  {
    id: 'M6',
    call: 'CreateUsagePlanKey',
    what: 'attaching to an unknown plan is refused',
    run: async (world) => refusal(world.attach('nosuch', (await world.key()).id)),
    expected: '404 NotFoundException: Invalid Usage Plan ID specified',
    basis: 'recorded',
    source: 'LocalStack apigateway snapshots 2024-03',
  },
  {
    id: 'M7',
    call: 'CreateUsagePlanKey',
    what: 'attaching an unknown key is refused',
    run: async (world) => (await refusal(world.attach((await world.plan()).id, 'nosuchkey0'))).slice(0, 21),
    expected: '404 NotFoundException',
    basis: 'docs',
    source: 'DOC API_CreateUsagePlanKey',
  },
  {
    id: 'M8',
    call: 'CreateUsagePlanKey',
    what: 'attaching a second time is a conflict',
    run: async (world) => {
      const { planId, keyId } = await world.subscriber();
      return (await refusal(world.attach(planId, keyId))).slice(0, 21);
    },
    expected: '409 ConflictException',
    basis: 'field',
    source: 'moto test_apigateway; the text is not known',
  },
  {
    id: 'M9',
    call: 'CreateUsagePlanKey',
    what: 'a key may be in one plan per stage',
    run: async (world) => {
      const { keyId } = await world.subscriber();
      return (await refusal(world.attach((await world.plan()).id, keyId))).slice(0, 21);
    },
    expected: '409 ConflictException',
    basis: 'docs',
    source: 'DOC api-gateway-api-usage-plans; the text is not known',
  },
  {
    id: 'M10',
    call: 'CreateUsagePlanKey',
    what: 'a key may be in plans of different stages',
    run: async (world) => {
      const { keyId } = await world.subscriber();
      const { restApiId } = await world.deployed('other');
      return refusal(world.attach((await world.plan({ apiStages: [{ apiId: restApiId, stage: 'dev' }] })).id, keyId));
    },
    expected: 'accepted',
    basis: 'docs',
    source: 'DOC api-gateway-api-usage-plans',
  },
  {
    id: 'M11',
    call: 'UpdateUsagePlan add /apiStages',
    what: 'a stage that a key of the plan already has elsewhere cannot be added',
    run: async (world) => {
      const { keyId } = await world.subscriber();
      const { id } = await world.plan({ apiStages: [] });
      await world.attach(id, keyId);
      return (await refusal(patchPlan(world, id, 'add', '/apiStages', `${world.sold.apiId}:v1`))).slice(0, 21);
    },
    expected: '409 ConflictException',
    basis: 'inference',
    source: 'the rule of DOC api-gateway-api-usage-plans',
  },
  {
    id: 'M12',
    call: 'GetUsagePlans',
    what: 'GetUsagePlans by keyId names the plans of a key',
    run: async (world) => {
      const { planId, keyId } = await world.subscriber();
      const { items = [] } = await world.sdk.send(new GetUsagePlansCommand({ keyId }));
      return items.map(({ id }) => id === planId);
    },
    expected: [true],
    basis: 'docs',
    source: 'DOC API_GetUsagePlans',
  },
  {
    id: 'M13',
    call: 'GetUsagePlanKey',
    what: 'GetUsagePlanKey of a key that is elsewhere is not found',
    run: async (world) => {
      const [plan, key] = [await world.plan(), await world.key()];
      const get = new GetUsagePlanKeyCommand({ usagePlanId: plan.id, keyId: key.id });
      return (await refusal(world.sdk.send(get))).slice(0, 21);
    },
    expected: '404 NotFoundException',
    basis: 'docs',
    source: 'DOC API_GetUsagePlanKey; the text is not known',
  },
  {
    id: 'M14',
    call: 'DeleteUsagePlanKey',
    what: 'detaching answers 202 without a body; a second time it is not found',
    run: async (world) => {
      const { planId, keyId } = await world.subscriber();
      const first = await world.wire('DELETE', `/usageplans/${planId}/keys/${keyId}`);
      const again = new DeleteUsagePlanKeyCommand({ usagePlanId: planId, keyId });
      return [first.status, first.body, (await refusal(world.sdk.send(again))).slice(0, 21)];
    },
    expected: [202, '', '404 NotFoundException'],
    basis: 'docs',
    source: 'DOC API_DeleteUsagePlanKey',
  },
  {
    id: 'M15',
    call: 'DeleteUsagePlanKey',
    what: 'after detaching, the key may join another plan of the stage',
    run: async (world) => {
      const { planId, keyId } = await world.subscriber();
      await world.sdk.send(new DeleteUsagePlanKeyCommand({ usagePlanId: planId, keyId }));
      return refusal(world.attach((await world.plan()).id, keyId));
    },
    expected: 'accepted',
    basis: 'docs',
    source: 'DOC api-gateway-api-usage-plans',
  },
];

async function patchPlan(world: World, usagePlanId: string, op: Op, path: string, value?: string) {
  const patchOperations = [{ op, path, value }];
  const { $metadata, ...plan } = await world.sdk.send(new UpdateUsagePlanCommand({ usagePlanId, patchOperations }));
  return plan;
}
