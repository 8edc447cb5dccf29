import type { CreateUsagePlanCommandInput } from '@aws-sdk/client-api-gateway';
import { type Row, type World } from '../gateway-rows.js';

const THROTTLING = 'DOC api-gateway-request-throttling';
const PLANS = 'DOC api-gateway-api-usage-plans';
const SLOW = { rateLimit: 0.01, burstLimit: 1 };
const DAY_SECONDS = 86_400;

/** The seeded stage with throttles of its own for some methods. */
function seededStage(
  world: World,
  throttle: Record<string, typeof SLOW>,
): NonNullable<CreateUsagePlanCommandInput['apiStages']> {
  return [{ ...world.stage, throttle }];
}

async function today(world: World, planId: string, keyId: string) {
  const date = world.today();
  const { items = {} } = await world.sdk.getUsage({ usagePlanId: planId, keyId, startDate: date, endDate: date });
  return items[keyId];
}

export const METHOD_LIMITS: readonly Row[] = [
  {
    id: 'LM1',
    call: 'GET a deployed API',
    what: 'the root is named //GET',
    run: async (world) => {
      const { restApiId, rootResourceId: resourceId } = await world.deployed('x');
      const address = { restApiId, resourceId, httpMethod: 'GET' };
      await world.sdk.putMethod({ ...address, authorizationType: 'NONE', apiKeyRequired: true });
      await world.mock(address, '{}');
      await world.deploy(restApiId);
      const apiStages = [{ apiId: restApiId, stage: 'dev', throttle: { '//GET': SLOW } }];
      const { value } = await world.subscriber({ apiStages });
      return world.statuses(2, `${restApiId}/dev/`, { 'x-api-key': value });
    },
    expected: [200, 429],
    basis: 'docs',
    source: 'DOC patch-operations: "//GET" for the root resource',
    needs: ['gate'],
  },
  {
    id: 'LM2',
    call: 'UpdateUsagePlan replace /apiStages/{api:stage}/throttle',
    what: 'is felt without a deployment',
    run: async (world) => {
      const { planId, value } = await world.subscriber();
      const before = await world.statuses(3, world.open, { 'x-api-key': value });
      const path = `/apiStages/${world.sold.apiId}:v1/throttle`;
      const patchOperations = [{ op: 'replace' as const, path, value: JSON.stringify({ '/open/GET': SLOW }) }];
      await world.sdk.updateUsagePlan({ usagePlanId: planId, patchOperations });
      return [before, await world.statuses(2, world.open, { 'x-api-key': value })];
    },
    expected: [
      [200, 200, 200],
      [200, 429],
    ],
    basis: 'docs',
    source: PLANS,
    needs: ['gate'],
  },
  {
    id: 'LM3',
    call: 'UpdateUsagePlan remove /apiStages/{api:stage}/throttle/{path}/{METHOD}',
    what: 'takes the throttle of one method away',
    run: async (world) => {
      const { planId, value } = await world.subscriber({ apiStages: seededStage(world, { '/open/GET': SLOW }) });
      const before = await world.statuses(2, world.open, { 'x-api-key': value });
      const path = `/apiStages/${world.sold.apiId}:v1/throttle/~1open/GET`;
      await world.sdk.updateUsagePlan({ usagePlanId: planId, patchOperations: [{ op: 'remove', path }] });
      return [...before, ...(await world.statuses(2, world.open, { 'x-api-key': value }))];
    },
    expected: [200, 429, 200, 200],
    basis: 'docs',
    source: 'DOC patch-operations; the escaping of the path is inferred',
    needs: ['gate'],
  },
  {
    id: 'LM4',
    call: 'GET a deployed API',
    what: 'each key has a bucket of its own for the method',
    run: async (world) => {
      const { planId, value } = await world.subscriber({ apiStages: seededStage(world, { '/open/GET': SLOW }) });
      const other = await world.key();
      await world.attach(planId, other.id);
      return [
        await world.statuses(2, world.open, { 'x-api-key': value }),
        await world.statuses(2, world.open, { 'x-api-key': other.value }),
      ];
    },
    expected: [
      [200, 429],
      [200, 429],
    ],
    basis: 'docs',
    source: `${THROTTLING}: per-client, per-method limits`,
    needs: ['gate'],
  },
  {
    id: 'LM5',
    call: 'GET a deployed API',
    what: 'the bucket of a method gains what its rate says',
    run: async (world) => {
      const throttle = { '/open/GET': { rateLimit: 1, burstLimit: 2 } };
      const { value } = await world.subscriber({ apiStages: seededStage(world, throttle) });
      const before = await world.statuses(2, world.open, { 'x-api-key': value });
      world.clock.forward(60);
      return [before, (await world.statuses(3, world.open, { 'x-api-key': value })).slice(0, 2)];
    },
    expected: [
      [200, 200],
      [200, 200],
    ],
    basis: 'docs',
    source: `${THROTTLING}: token bucket`,
    needs: ['clock', 'gate'],
  },
  {
    id: 'LM6',
    call: 'GET a deployed API',
    what: 'a call over throttle and quota is told of the throttle',
    run: async (world) => {
      const { value } = await world.subscriber({ throttle: SLOW, quota: { limit: 1, period: 'MONTH' } });
      await world.call(world.open, { 'x-api-key': value });
      return (await world.call(world.open, { 'x-api-key': value })).body;
    },
    expected: '{"message":"Too Many Requests"}',
    basis: 'inference',
    source: `${THROTTLING} does not say which comes first`,
    needs: ['gate'],
  },
  {
    id: 'LM7',
    call: 'GET a deployed API',
    what: 'a plan counts the calls to all of its stages together',
    run: async (world) => {
      const [one, two] = [
        await world.deployed('one', { apiKeyRequired: true }),
        await world.deployed('two', { apiKeyRequired: true }),
      ];
      const apiStages = [one, two].map(({ restApiId }) => ({ apiId: restApiId, stage: 'dev' }));
      const { value } = await world.subscriber({ apiStages, quota: { limit: 2, period: 'MONTH' } });
      const first = await world.statuses(1, `${one.restApiId}/dev/one`, { 'x-api-key': value });
      return [...first, ...(await world.statuses(2, `${two.restApiId}/dev/two`, { 'x-api-key': value }))];
    },
    expected: [200, 200, 429],
    basis: 'docs',
    source: `${PLANS}: aggregated across all API stages within a usage plan`,
    needs: ['gate'],
  },
  {
    id: 'LM8',
    call: 'GetUsage',
    what: 'in a plan by the week the rest goes down from day to day until the week ends',
    run: async (world) => {
      const { planId, keyId, value } = await world.subscriber({ quota: { limit: 10, period: 'WEEK' } });
      const day = world.now().getUTCDay();
      world.clock.forward(((8 - day) % 7) * DAY_SECONDS);
      const rests: unknown[] = [];
      for (let at = 0; at < 8; at += 1) {
        await world.call(world.open, { 'x-api-key': value });
        rests.push(await today(world, planId, keyId));
        world.clock.forward(DAY_SECONDS);
      }
      return rests.flat();
    },
    expected: [9, 8, 7, 6, 5, 4, 3, 9].map((rest) => [1, rest]),
    basis: 'inference',
    source: 'that weeks begin on Monday, UTC, is a guess',
    needs: ['clock', 'gate', 'reports'],
  },
  {
    id: 'LM9',
    call: 'GetUsage',
    what: 'in a plan by the day every day is fresh',
    run: async (world) => {
      const { planId, keyId, value } = await world.subscriber({ quota: { limit: 2, period: 'DAY' } });
      const statuses = await world.statuses(3, world.open, { 'x-api-key': value });
      world.clock.forward(DAY_SECONDS);
      await world.call(world.open, { 'x-api-key': value });
      return [statuses, await today(world, planId, keyId)];
    },
    expected: [[200, 200, 429], [[1, 1]]],
    basis: 'field',
    source: 'one user report: UTC calendar day',
    needs: ['clock', 'gate', 'reports'],
  },
  {
    id: 'LM10',
    call: 'GetApiKeys',
    what: 'a page holds 500 keys at most',
    run: async (world) => {
      const name = world.name('crowd');
      for (let at = 0; at < 501; at += 1) world.sandbox.gateway.apiKeys.create({ name: `${name}${at}` });
      const { items = [], position } = await world.sdk.getApiKeys({ nameQuery: name, limit: 1000 });
      return [items.length, (await world.sdk.getApiKeys({ nameQuery: name, limit: 500, position })).items?.length];
    },
    expected: [500, 1],
    basis: 'docs',
    source: 'DOC API_GetApiKeys: the maximum is 500',
    needs: ['insides'],
  },
  {
    id: 'LM11',
    call: 'CreateUsagePlan',
    what: 'a period that is none is refused by the model',
    run: async (world) => {
      const { status, type } = await world.wire('POST', '/usageplans', {
        name: 'p',
        quota: { limit: 1, period: 'YEAR' },
      });
      return [status, type];
    },
    expected: [400, 'ValidationException'],
    basis: 'inference',
    source: 'as other values outside their enumeration are, on AWS',
  },
  {
    id: 'LM12',
    call: 'GET a deployed API',
    what: 'browsers of any origin may read the refusals of the seeded API',
    run: async (world) => {
      const replies = await Promise.all(
        ['pets', 'open', 'nothing'].map((path) => world.fetch(`${world.sold.apiId}/v1/${path}`)),
      );
      return replies.map(({ status, headers }) => [status, headers.get('access-control-allow-origin')]);
    },
    expected: [
      [401, '*'],
      [403, '*'],
      [403, '*'],
    ],
    basis: 'docs',
    source: 'DOC how-to-cors: headers on DEFAULT_4XX and DEFAULT_5XX',
    needs: ['gate'],
  },
];
