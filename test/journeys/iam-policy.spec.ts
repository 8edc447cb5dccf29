import { readFileSync } from 'node:fs';
import { CreateUsagePlanCommand, GetUsagePlanCommand, GetUsagePlansCommand } from '@aws-sdk/client-api-gateway';
import { AdminDeleteUserCommand } from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Preflight } from '../../src/operation/preflight/preflight.service.js';
import { PlanCatalogue } from '../../src/plans/plan-catalogue.service.js';
import { REST_API_ID, STAGE, USER_POOL_ID } from '../../src/sandbox/seed.js';
import { Sweeper } from '../../src/subscriptions/sweep/sweeper.service.js';
import { act } from '../support/admin.js';
import { keyOf } from '../support/outcomes.js';
import { World } from '../support/world.js';

/** What each operation of API Gateway is to IAM: the verb of its request, and its path with a star for each id. */
const GATEWAY: Readonly<Record<string, string>> = {
  CreateApiKey: 'POST /apikeys',
  GetApiKeys: 'GET /apikeys',
  GetApiKey: 'GET /apikeys/*',
  UpdateApiKey: 'PATCH /apikeys/*',
  DeleteApiKey: 'DELETE /apikeys/*',
  GetUsagePlans: 'GET /usageplans',
  GetUsagePlan: 'GET /usageplans/*',
  GetUsagePlanKeys: 'GET /usageplans/*/keys',
  GetUsage: 'GET /usageplans/*/usage',
  CreateUsagePlanKey: 'POST /usageplans/*/keys',
  DeleteUsagePlanKey: 'DELETE /usageplans/*/keys/*',
  UpdateUsage: 'PATCH /usageplans/*/keys/*/usage',
  GetStage: 'GET /restapis/*/stages/*',
  CreateUsagePlan: 'POST /usageplans',
  UpdateUsagePlan: 'PATCH /usageplans/*',
  DeleteUsagePlan: 'DELETE /usageplans/*',
  TagResource: 'PUT /tags/*',
  UntagResource: 'DELETE /tags/*',
};

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
}

/** Each right that a policy gives, as `apigateway:GET /apikeys` or `cognito-idp:ListUsers`. */
function rightsOf(file: string): { action: string; path: string }[] {
  const { Statement } = JSON.parse(readFileSync(file, 'utf8')) as { Statement: Statement[] };
  return Statement.flatMap(({ Effect, Action, Resource }) => {
    expect(Effect).toBe('Allow');
    const resources = [Resource].flat();
    return [Action]
      .flat()
      .flatMap((action) => resources.map((resource) => ({ action, path: pathOf(action, resource) })));
  });
}

function pathOf(action: string, resource: string): string {
  const prefix = action.startsWith('apigateway:')
    ? 'arn:aws:apigateway:REGION::'
    : 'arn:aws:cognito-idp:REGION:ACCOUNT:userpool/POOL_ID';
  expect(resource.startsWith(prefix)).toBe(true);
  return resource.slice(prefix.length);
}

/** In IAM a star stands for slashes too. */
function covers(right: { action: string; path: string }, need: { action: string; path: string }): boolean {
  const pattern = right.path
    .split('*')
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*');
  return right.action === need.action && new RegExp(`^${pattern}$`).test(need.path);
}

function needOf(operation: string): { action: string; path: string } {
  const [verb, path] = (GATEWAY[operation] ?? '').split(' ');
  return verb && path ? { action: `apigateway:${verb}`, path } : { action: `cognito-idp:${operation}`, path: '' };
}

describe('the IAM policy in infra/iam-policy.json', () => {
  let world: World;
  let operations: string[];
  const rights = rightsOf('infra/iam-policy.json');

  beforeAll(async () => {
    world = await World.start();
    await live(world);
    operations = [...new Set(world.awsCalls)];
  });
  afterAll(() => world.close());

  it('allows every call that is made in the life of a customer, a sweep and a pre-flight', () => {
    const denied = operations.filter((operation) => !rights.some((right) => covers(right, needOf(operation))));
    expect(denied).toEqual([]);
    expect(operations.length).toBeGreaterThan(15);
  });

  it('allows nothing that is not called', () => {
    const needs = operations.map(needOf);
    const unused = rights.filter((right) => !needs.some((need) => covers(right, need)));
    expect(unused).toEqual([]);
  });

  it('has no action with a star, and no resource that is one', () => {
    for (const { action, path } of rights) {
      expect(action).not.toContain('*');
      expect(path).not.toMatch(/^\/?\*/);
    }
  });
});

describe('the IAM policy in infra/iam-policy-plans.json', () => {
  it('allows, beside the other one, every call that managing plans makes, and nothing else', async () => {
    const world = await World.start({ MANAGE_PLANS: 'true' });
    const plans = rightsOf('infra/iam-policy-plans.json');
    const calls = await world.callsDuring(() => managePlans(world));
    await world.close();
    const needs = [...new Set(calls)].map(needOf);
    const rights = [...plans, ...rightsOf('infra/iam-policy.json')];
    expect(needs.filter((need) => !rights.some((right) => covers(right, need)))).toEqual([]);
    expect(plans.filter((right) => !needs.some((need) => covers(right, need)))).toEqual([]);
  });
});

/** A plan is made, made once more beside one alike that somebody made by hand, changed and retired. */
async function managePlans(world: World): Promise<void> {
  const admin = await world.admin();
  const input = `{ code: "gold", title: "Gold", price: "5 USD", selfService: true, order: 9, quota: null, throttle: null, stages: ["${REST_API_ID}:${STAGE}"] }`;
  const create = `mutation { createPlan(input: ${input}, reason: "a test") { __typename ... on Problem { code message } } }`;
  expect((await admin.gql(create)).data).toEqual({ createPlan: { __typename: 'PlanCreated' } });
  const { items = [] } = await world.gateway.send(new GetUsagePlansCommand({ limit: 500 }));
  const gold = items.find(({ name }) => name === 'Gold');
  const { tags } = await world.gateway.send(new GetUsagePlanCommand({ usagePlanId: gold?.id }));
  const apiStages = [{ apiId: REST_API_ID, stage: STAGE }];
  await world.gateway.send(new CreateUsagePlanCommand({ name: gold?.name, tags, apiStages }));
  expect((await admin.gql(create)).data).toEqual({ createPlan: { __typename: 'PlanCreated' } });
  const change = 'input: { price: null, quota: { limit: 5, period: DAY } }';
  await admin.gql(`mutation { updatePlan(code: "gold", ${change}, reason: "a test") { __typename } }`);
  await admin.gql('mutation { retirePlan(code: "gold", reason: "a test") { __typename } }');
}

/** Everything that makes Turnpike call AWS, at least once. */
async function live(world: World): Promise<void> {
  const ada = await world.customer();
  const key = keyOf(await ada.subscribe('free'));
  await ada.me();
  await ada.reveal();
  await ada.call(key.value);
  const next = keyOf(await ada.rotate(key.id, 3600));
  await ada.subscribe('basic');
  await ada.rotate(next.id);
  for (let i = 0; i < 4; i++) await ada.rotate(keyOf(await ada.reveal()).id);
  const gone = await world.customer();
  await gone.subscribe('free');
  const user = { UserPoolId: USER_POOL_ID, Username: gone.username };
  await world.cognito.send(new AdminDeleteUserCommand(user));
  for (let i = 0; i < 3; i++) {
    await world.app.get(Sweeper).sweep({ confirm: true });
    world.forward(2 * 86_400);
  }
  const leaving = await world.customer();
  await leaving.subscribe('free');
  await act(await world.admin(), 'deleteUser', { userId: leaving.sub });
  await world.app.get(Preflight).look((inspection) => inspection.countKeys());
  await world.app.get(PlanCatalogue).refresh();
}
