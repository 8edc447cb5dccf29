import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ProbeModule } from '../../src/operation/probe/probe.module.js';
import { Probe } from '../../src/operation/probe/probe.service.js';
import { USER_POOL_ID } from '../../src/sandbox/seed.js';
import { live, managePlans } from '../support/whole-life.js';
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

describe('the IAM policy in infra/iam-policy-probe.json', () => {
  it('allows, beside the first one, every call that the doctor makes with a customer of its own, and nothing else', async () => {
    const world = await World.start({}, [ProbeModule]);
    const probe = rightsOf('infra/iam-policy-probe.json');
    const order = {
      plan: 'free',
      token: 'id',
      callWith: 'key',
      header: 'authorization',
      client: null,
      patienceSeconds: 0,
    } as const;
    const url = `${world.sandbox.info().invokeUrl}/pets`;
    const stop = new AbortController().signal;
    const calls = await world.callsDuring(() =>
      world.app.get(Probe, { strict: false }).run({ ...order, url, stop, userPoolId: USER_POOL_ID }),
    );
    await world.close();
    const needs = [...new Set(calls)].map(needOf);
    const rights = [...probe, ...rightsOf('infra/iam-policy.json')];
    expect(needs.filter((need) => !rights.some((right) => covers(right, need)))).toEqual([]);
    expect(probe.filter((right) => !needs.some((need) => covers(right, need)))).toEqual([]);
  });
});
