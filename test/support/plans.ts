import {
  CreateUsagePlanCommand,
  type CreateUsagePlanCommandInput,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-api-gateway';
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

/** Lets the server's minute-old catalogue pass, which the first question after it has read anew in the background. */
async function catalogueIsFresh(world: World): Promise<void> {
  world.forward(CATALOGUE_SECONDS);
  const plansRead = () => world.awsCalls.filter((name) => name === 'GetUsagePlan').length;
  const before = plansRead();
  const count = world.sandbox.gateway.usagePlans.operations.GetUsagePlans({ limit: 500 }).items.length;
  for (let turn = 0; turn < 2000 && plansRead() < before + count; turn++)
    await world.stranger.gql('{ plans { code } }');
  await world.stranger.gql('{ plans { code } }');
}

function arnOf(planId: string): string {
  return `arn:aws:apigateway:${REGION}::/usageplans/${planId}`;
}
