import {
  CreateUsagePlanCommand,
  type CreateUsagePlanCommandInput,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-api-gateway';
import { PlanCatalogue } from '../../src/plans/plan-catalogue.service.js';
import { REGION, REST_API_ID, STAGE } from '../../src/sandbox/seed.js';
import type { World } from './world.js';

const CATALOGUE_SECONDS = 61;

/** A usage plan as an operator makes one: on the sold API's stage and for sale, unless told otherwise. */
export async function makePlan(
  world: World,
  code: string,
  { tags = {}, ...settings }: Partial<CreateUsagePlanCommandInput> = {},
): Promise<string> {
  const { id = '' } = await world.gateway.send(
    new CreateUsagePlanCommand({
      name: code,
      apiStages: [{ apiId: REST_API_ID, stage: STAGE }],
      ...settings,
      tags: { 'turnpike:plan': code, 'turnpike:self-service': 'true', ...tags },
    }),
  );
  await catalogueIsFresh(world);
  return id;
}

export async function tagPlan(world: World, planId: string, tags: Record<string, string>): Promise<void> {
  await world.gateway.send(new TagResourceCommand({ resourceArn: arnOf(planId), tags }));
  await catalogueIsFresh(world);
}

export async function untagPlan(world: World, planId: string, ...tagKeys: string[]): Promise<void> {
  await world.gateway.send(new UntagResourceCommand({ resourceArn: arnOf(planId), tagKeys }));
  await catalogueIsFresh(world);
}

/** Lets the minute pass for which the server keeps its catalogue, and waits for a reading that was begun after the change. */
async function catalogueIsFresh(world: World): Promise<void> {
  world.forward(CATALOGUE_SECONDS);
  await world.app.get(PlanCatalogue).reread();
}

export function arnOf(planId: string): string {
  return `arn:aws:apigateway:${REGION}::/usageplans/${planId}`;
}
