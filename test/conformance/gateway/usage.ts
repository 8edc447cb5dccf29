import {
  DeleteApiKeyCommand,
  DeleteUsagePlanKeyCommand,
  GetUsageCommand,
  type GetUsageCommandInput,
  type Op,
  UpdateUsageCommand,
  UpdateUsagePlanCommand,
} from '@aws-sdk/client-api-gateway';
import { type Row, refusal, type World } from '../gateway-rows.js';

const MONTHLY = { quota: { limit: 10, period: 'MONTH' } } as const;
const DAY_SECONDS = 86_400;

export const USAGE: readonly Row[] = [
  {
    id: 'G1',
    call: 'GET a deployed API, GetUsage',
    what: 'the report maps key ids to [used, remaining] of each day',
    run: async (world) => {
      const made = await called(world, 3);
      const { items = {} } = await report(world, made.planId);
      return [Object.keys(items).every((id) => id === made.keyId), Object.values(items)];
    },
    expected: [true, [[[3, 7]]]],
    basis: 'recorded',
    source: 'live capture in GH floci-io/floci#3561',
    needs: ['gate', 'reports'],
  },
  {
    id: 'G2',
    call: 'GetUsage',
    what: 'on the wire the map is `values`, beside plan and dates',
    run: async (world) => {
      const { planId, keyId } = await called(world, 1);
      const dates = `startDate=${world.today()}&endDate=${world.today()}`;
      const { body } = await world.wire('GET', `/usageplans/${planId}/usage?${dates}`);
      return body.replaceAll(planId, 'P').replaceAll(keyId, 'K').replaceAll(world.today(), 'D');
    },
    expected: '{"usagePlanId":"P","startDate":"D","endDate":"D","values":{"K":[[1,9]]}}',
    basis: 'recorded',
    source: 'live capture in GH floci-io/floci#3561',
    needs: ['gate'],
  },
  {
    id: 'G3',
    call: 'GetUsage',
    what: 'there is one pair for each day from the start, none after today',
    run: async (world) => {
      const { planId, keyId } = await world.subscriber({ quota: { limit: 10, period: 'DAY' } });
      const startDate = world.today();
      const { value } = { value: await keyValue(world, keyId) };
      for (const calls of [2, 0, 3]) {
        await world.statuses(calls, world.open, { 'x-api-key': value });
        world.clock.forward(DAY_SECONDS);
      }
      const { items } = await report(world, planId, { startDate, endDate: daysAfter(world.today(), 9) });
      return items?.[keyId];
    },
    expected: [
      [2, 8],
      [0, 10],
      [3, 7],
      [0, 10],
    ],
    basis: 'recorded',
    source: 'live capture in GH floci-io/floci#3561; days without calls inferred',
    needs: ['clock', 'gate', 'reports'],
  },
  {
    id: 'G4',
    call: 'GetUsage',
    what: 'a key without calls is absent from the report',
    run: async (world) => (await report(world, (await world.subscriber(MONTHLY)).planId)).items,
    expected: {},
    basis: 'field',
    source: 'GH localstack/localstack#11393',
  },
  {
    id: 'G5',
    call: 'GET a deployed API, GetUsage',
    what: 'a report of one key leaves the others out',
    run: async (world) => {
      const { planId, keyId } = await called(world, 1);
      const other = await world.key();
      await world.attach(planId, other.id);
      await world.call(world.open, { 'x-api-key': other.value });
      const { items = {} } = await report(world, planId, { keyId });
      return [Object.keys(items).length, Object.keys((await report(world, planId)).items ?? {}).length];
    },
    expected: [1, 2],
    basis: 'docs',
    source: 'DOC API_GetUsage',
    needs: ['gate', 'reports'],
  },
  {
    id: 'G6',
    call: 'GET a deployed API, GetUsage',
    what: 'a report is cut into pages by key',
    run: async (world) => {
      const { planId } = await called(world, 1);
      const other = await world.key();
      await world.attach(planId, other.id);
      await world.call(world.open, { 'x-api-key': other.value });
      const first = await report(world, planId, { limit: 1 });
      const second = await report(world, planId, { limit: 1, position: first.position });
      const ids = [first, second].flatMap(({ items = {} }) => Object.keys(items));
      return [new Set(ids).size, second.position];
    },
    expected: [2, undefined],
    basis: 'docs',
    source: 'DOC API_GetUsage',
    needs: ['gate', 'reports'],
  },
  {
    id: 'G7',
    call: 'GetUsage',
    what: 'a report of an unknown plan is refused',
    run: (world) => refusal(report(world, 'nosuch')),
    expected: '404 NotFoundException: Invalid Usage Plan ID specified',
    basis: 'docs',
    source: 'DOC API_GetUsage declares NotFoundException',
  },
  {
    id: 'G8',
    call: 'GetUsage',
    what: 'a report of a key that is not in the plan is empty',
    run: async (world) => {
      const [plan, key] = [await world.plan(MONTHLY), await world.key()];
      return (await report(world, plan.id, { keyId: key.id })).items;
    },
    expected: {},
    basis: 'inference',
    source: 'GH aws/aws-cli#5344 reports 404 instead; both are to be expected',
  },
  {
    id: 'G9',
    call: 'GetUsage',
    what: 'a date that is none is refused',
    run: async (world) => (await refusal(report(world, (await world.plan()).id, { startDate: '1 May' }))).slice(0, 23),
    expected: '400 BadRequestException',
    basis: 'docs',
    source: 'DOC API_GetUsage: dates are YYYY-MM-DD',
  },
  {
    id: 'G10',
    call: 'GET a deployed API, GetUsage',
    what: 'without a quota calls are counted and nothing remains',
    run: async (world) => {
      const { planId, keyId } = await called(world, 2, {});
      return (await report(world, planId)).items?.[keyId];
    },
    expected: [[2, 0]],
    basis: 'inference',
    source: 'DOC API_GetUsage does not say',
    needs: ['gate', 'reports'],
  },
  {
    id: 'G11',
    call: 'GET a deployed API, DeleteApiKey, GetUsage',
    what: 'a key deleted takes its usage along',
    run: async (world) => {
      const { planId, keyId } = await called(world, 2);
      await world.sdk.send(new DeleteApiKeyCommand({ apiKey: keyId }));
      return (await report(world, planId)).items;
    },
    expected: {},
    basis: 'inference',
    source: 'to be assumed: AWS promises nothing',
    needs: ['gate', 'reports'],
  },
  {
    id: 'G12',
    call: 'GET a deployed API, DeleteUsagePlanKey, GetUsage',
    what: 'a key that leaves a plan and comes back finds its counter',
    run: async (world) => {
      const { planId, keyId } = await called(world, 2);
      await world.sdk.send(new DeleteUsagePlanKeyCommand({ usagePlanId: planId, keyId }));
      await world.attach(planId, keyId);
      return (await report(world, planId)).items?.[keyId];
    },
    expected: [[2, 8]],
    basis: 'inference',
    source: 'DOC api-gateway-api-usage-plans does not say',
    needs: ['gate', 'reports'],
  },
  {
    id: 'G13',
    call: 'GET a deployed API, DeleteUsagePlanKey, GetUsage',
    what: 'with countersSurviveDetach off it finds a fresh one',
    run: async (world) => {
      const { usage } = world.sandbox.gateway;
      const { planId, keyId, value } = await called(world, 2);
      usage.countersSurviveDetach = false;
      await world.sdk.send(new DeleteUsagePlanKeyCommand({ usagePlanId: planId, keyId }));
      usage.countersSurviveDetach = true;
      await world.attach(planId, keyId);
      await world.call(world.open, { 'x-api-key': value });
      return (await report(world, planId)).items?.[keyId];
    },
    expected: [[1, 9]],
    basis: 'inference',
    source: 'DOC api-gateway-api-usage-plans does not say',
    needs: ['insides', 'gate', 'reports'],
  },
  {
    id: 'G14',
    call: 'GetUsage',
    what: 'a report covers at most 90 days, the first and the last included',
    run: async (world) => {
      const { id } = await world.plan();
      const reportOf = (days: number) =>
        report(world, id, { startDate: daysAfter(world.today(), 1 - days), endDate: world.today() });
      return [(await reportOf(90)).items, (await refusal(reportOf(92))).slice(0, 23)];
    },
    expected: [{}, '400 BadRequestException'],
    basis: 'docs',
    source:
      'https://aws.amazon.com/premiumsupport/knowledge-center/api-gateway-usage-key/: “The usage date range can’t exceed 90 days”; words not known, nor whether 91 days pass',
  },
];

export const UPDATES: readonly Row[] = [
  {
    id: 'R1',
    call: 'GET a deployed API, UpdateUsage',
    what: 'UpdateUsage sets what is left, and answers with the usage map',
    run: async (world) => {
      const { planId, keyId } = await called(world, 4);
      const { items, startDate, endDate } = await setRemaining(world, planId, keyId, '5000');
      return [items?.[keyId], startDate === endDate];
    },
    expected: [[[4, 5000]], true],
    basis: 'docs',
    source: 'DOC api-gateway-usage-plan-manage-usage',
    needs: ['gate'],
  },
  {
    id: 'R2',
    call: 'UpdateUsage, GET a deployed API',
    what: 'it works before the key’s first call',
    run: async (world) => {
      const { planId, keyId, value } = await world.subscriber(MONTHLY);
      await setRemaining(world, planId, keyId, '2');
      return world.statuses(3, world.open, { 'x-api-key': value });
    },
    expected: [200, 200, 429],
    basis: 'inference',
    source: 'DOC API_UpdateUsage does not say',
    needs: ['gate'],
  },
  {
    id: 'R3',
    call: 'GET a deployed API, UpdateUsage',
    what: '0 stops the key at once',
    run: async (world) => {
      const { planId, keyId, value } = await called(world, 1);
      await setRemaining(world, planId, keyId, '0');
      return world.statuses(1, world.open, { 'x-api-key': value });
    },
    expected: [429],
    basis: 'docs',
    source: 'DOC api-gateway-usage-plan-manage-usage',
    needs: ['gate'],
  },
  {
    id: 'R4',
    call: 'UpdateUsage',
    what: 'only `replace /remaining` is allowed',
    run: async (world) => {
      const { planId, keyId } = await world.subscriber(MONTHLY);
      return refusal(setRemaining(world, planId, keyId, '1', 'add'));
    },
    expected:
      "400 BadRequestException: Invalid patch path  '/remaining' specified for op 'add'. Must be one of: [/remaining]",
    basis: 'docs',
    source: 'DOC patch-operations',
  },
  {
    id: 'R5',
    call: 'UpdateUsage',
    what: 'what is left is a whole number',
    run: async (world) => {
      const { planId, keyId } = await world.subscriber(MONTHLY);
      return (await refusal(setRemaining(world, planId, keyId, '1.5'))).slice(0, 23);
    },
    expected: '400 BadRequestException',
    basis: 'docs',
    source: 'DOC patch-operations',
  },
  {
    id: 'R6',
    call: 'UpdateUsage',
    what: 'a key that is not in the plan has no usage to set',
    run: async (world) => {
      const [plan, key] = [await world.plan(MONTHLY), await world.key()];
      return refusal(setRemaining(world, plan.id, key.id, '1'));
    },
    expected: '404 NotFoundException: Invalid Key identifier specified',
    basis: 'field',
    source: 'GH aws/aws-cli#5344',
  },
  {
    id: 'R7',
    call: 'GET a deployed API, UpdateUsagePlan',
    what: 'a greater limit of the plan is felt at once',
    run: async (world) => {
      const { planId, value } = await called(world, 2, { quota: { limit: 2, period: 'MONTH' } });
      const before = await world.statuses(1, world.open, { 'x-api-key': value });
      const patchOperations = [{ op: 'replace' as const, path: '/quota/limit', value: '3' }];
      await world.sdk.send(new UpdateUsagePlanCommand({ usagePlanId: planId, patchOperations }));
      return [...before, ...(await world.statuses(2, world.open, { 'x-api-key': value }))];
    },
    expected: [429, 200, 429],
    basis: 'inference',
    source: 'DOC API_UpdateUsagePlan does not say',
    needs: ['gate'],
  },
];

/** Uses up a plan in one period and goes to the first moment of the next. */
function periodRow(
  id: string,
  period: 'DAY' | 'WEEK' | 'MONTH',
  nextStart: (today: Date) => Date,
  source: string,
): Row {
  const run = async (world: World) => {
    const { planId, keyId, value } = await world.subscriber({ quota: { limit: 1, period } });
    const headers = { 'x-api-key': value };
    const used = await world.statuses(2, world.open, headers);
    await setRemaining(world, planId, keyId, '1');
    const granted = await world.statuses(2, world.open, headers);
    const now = world.now();
    world.clock.forward((nextStart(now).getTime() - now.getTime()) / 1000 - 30);
    const before = await world.statuses(1, world.open, headers);
    world.clock.forward(60);
    return [...used, ...granted, ...before, ...(await world.statuses(2, world.open, headers))];
  };
  const expected = [200, 429, 200, 429, 429, 200, 429];
  return {
    id,
    call: 'GET a deployed API',
    what: `a ${period} quota starts anew, whatever UpdateUsage set`,
    run,
    expected,
    basis: 'inference',
    source,
    needs: ['clock', 'gate'],
  };
}

export const PERIODS: readonly Row[] = [
  periodRow('T1', 'DAY', (now) => utc(now, 0, 1), 'one user report: UTC calendar day'),
  periodRow('T2', 'WEEK', (now) => utc(now, 0, 8 - (now.getUTCDay() || 7)), 'Monday is a guess'),
  periodRow(
    'T3',
    'MONTH',
    (now) => utc(now, 1),
    'DOC api-gateway-create-usage-plans: "resets at the beginning of the month"',
  ),
];

/** Midnight UTC, some days on, or on the 1st some months on. */
function utc(now: Date, months: number, days = 0): Date {
  const day = months > 0 ? 1 : now.getUTCDate() + days;
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + months, day));
}

async function called(world: World, calls: number, plan: Parameters<World['plan']>[0] = MONTHLY) {
  const made = await world.subscriber(plan);
  await world.statuses(calls, world.open, { 'x-api-key': made.value });
  return made;
}

async function keyValue(world: World, keyId: string): Promise<string> {
  const { body } = await world.wire('GET', `/apikeys/${keyId}?includeValue=true`);
  return (JSON.parse(body) as { value: string }).value;
}

function daysAfter(day: string, days: number): string {
  return new Date(Date.parse(day) + days * DAY_SECONDS * 1000).toISOString().slice(0, 10);
}

function report(world: World, usagePlanId: string, given: Partial<GetUsageCommandInput> = {}) {
  const today = world.today();
  return world.sdk.send(new GetUsageCommand({ usagePlanId, startDate: today, endDate: today, ...given }));
}

function setRemaining(world: World, usagePlanId: string, keyId: string, value: string, op: Op = 'replace') {
  const patchOperations = [{ op, path: '/remaining', value }];
  return world.sdk.send(new UpdateUsageCommand({ usagePlanId, keyId, patchOperations }));
}
