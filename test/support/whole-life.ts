import {
  CreateApiKeyCommand,
  CreateUsagePlanCommand,
  CreateUsagePlanKeyCommand,
  GetUsagePlanCommand,
  GetUsagePlansCommand,
} from '@aws-sdk/client-api-gateway';
import { AdminDeleteUserCommand } from '@aws-sdk/client-cognito-identity-provider';
import { expect } from '@jest/globals';
import { Preflight } from '../../src/operation/preflight/preflight.service.js';
import { PlanCatalogue } from '../../src/plans/plan-catalogue.service.js';
import { REST_API_ID, STAGE, USER_POOL_ID } from '../../src/sandbox/seed.js';
import { Sweeper } from '../../src/subscriptions/sweep/sweeper.service.js';
import { act } from './admin.js';
import type { Customer } from './customer.js';
import { keyOf } from './outcomes.js';
import type { World } from './world.js';

/** Everything that makes Turnpike call AWS, at least once: a customer's life, a sweep, a pre-flight, a deletion. */
export async function live(world: World): Promise<void> {
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

/** All that an admin does for somebody, and all that an admin reads. Answers the reply of each, by its name. */
export async function administer(world: World): Promise<Record<string, unknown>> {
  const admin = await world.admin();
  const ada = await world.customer();
  const userId = ada.sub;
  const done: Record<string, unknown> = {};
  const does = async (mutation: string, args: Parameters<typeof act>[2]) => {
    const { code, user } = await act(admin, mutation, args);
    done[mutation] = code ?? user?.subscription?.state ?? null;
  };
  await does('assignPlan', { userId, plan: 'pro' });
  await does('suspendUser', { userId, code: 'PAYMENT' });
  await does('resumeUser', { userId });
  await does('grantQuota', { userId, requests: 50 });
  await does('rotateKeyFor', { userId, keyId: keyOf(await ada.reveal()).id });
  await does('repairUser', { userId });
  const { id: keyId = '' } = await world.gateway.send(new CreateApiKeyCommand({ name: 'by hand', enabled: true }));
  const usagePlanId = world.sandbox.info().plans.find(({ code }) => code === 'basic')?.usagePlanId;
  await world.gateway.send(new CreateUsagePlanKeyCommand({ usagePlanId, keyId, keyType: 'API_KEY' }));
  await does('importKey', { userId, keyId });
  await does('cancelSubscriptionFor', { userId });
  return { ...done, ...(await looksAround(world, admin, userId)) };
}

async function looksAround(world: World, admin: Customer, id: string): Promise<Record<string, unknown>> {
  const day = world.sandbox.clock.now().toISOString().slice(0, 10);
  const queries = {
    user: `{ user(id: "${id}") { id usage { used } } }`,
    users: '{ users { edges { node { id } } } }',
    drift: '{ drift { heldBack } }',
    usageReport: `{ usageReport(plan: "pro", from: "${day}", to: "${day}") { edges { node { used } } } }`,
    auditEvents: '{ auditEvents { edges { node { id } } } }',
  };
  const read: Record<string, unknown> = {};
  for (const [name, query] of Object.entries(queries)) read[name] = (await admin.gql(query)).errors;
  return read;
}

/** A plan is made, made once more beside one alike that somebody made by hand, changed and retired. */
export async function managePlans(world: World): Promise<void> {
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
