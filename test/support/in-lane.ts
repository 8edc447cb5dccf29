import { expect } from '@jest/globals';
import { LaneCounts } from '../../src/graphql/lane/lane-counts.js';
import { Metrics } from '../../src/metrics.js';
import { type Answered, between, GENERAL } from './both-ways.js';
import type { Customer } from './customer.js';
import type { World } from './world.js';

/** How many answers came out of the lane while that happened. */
export async function inLane(world: World, work: () => Promise<unknown>): Promise<number> {
  const { laneAnswers } = world.app.get(Metrics);
  const counts = world.app.get(LaneCounts, { strict: false });
  const count = async () => {
    counts.count();
    return (await laneAnswers.get()).values[0]?.value ?? 0;
  };
  const before = await count();
  await work();
  return (await count()) - before;
}

/** As a client sends it, without looking at what comes back. */
export async function post(
  world: World,
  { accessToken }: Customer,
  body: object | string,
  headers: Record<string, string> = {},
): Promise<Answered> {
  const reply = await fetch(`${world.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${accessToken}`, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { reply, text: await reply.text() };
}

/** The lane and the general path answer the same; and the lane is what it is said to be. */
export async function expectAlike(
  world: World,
  who: Customer,
  query: string,
  variables = {},
  headers = {},
): Promise<string> {
  const general = await post(world, who, { query, variables, ...GENERAL }, headers);
  let answer = general;
  const taken = await inLane(world, async () => {
    answer = await post(world, who, { query, variables }, headers);
  });
  expect(taken).toBe(1);
  expect(between(answer, general)).toBeUndefined();
  return answer.text;
}
