import { setImmediate as turn } from 'node:timers/promises';
import {
  CreateUsagePlanCommand,
  DeleteUsagePlanCommand,
  GetUsagePlansCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-api-gateway';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PlanCatalogue } from '../../src/plans/plan-catalogue.service.js';
import { World } from '../support/world.js';

const FOREIGN = 5;
/** More than are read at a time, which is MOST. */
const MANY = 30;
const MOST = 10;
const HOUR_SECONDS = 3600;

/** Lists of plans carry no tags: what others have in the account is known by reading each of them. */
describe('usage plans of others in the account', () => {
  let world: World;
  let catalogue: PlanCatalogue;
  const ids: string[] = [];

  beforeAll(async () => {
    world = await World.start();
    catalogue = world.app.get(PlanCatalogue);
    for (let number = 1; number <= FOREIGN; number++) {
      const { id = '' } = await world.gateway.send(new CreateUsagePlanCommand({ name: `Others ${number}` }));
      ids.push(id);
    }
    await catalogue.refresh();
  });
  afterAll(() => world.close());

  const arn = (id: string) => `arn:aws:apigateway:us-east-1::/usageplans/${id}`;
  const tag = (id: string, code: string) =>
    world.gateway.send(new TagResourceCommand({ resourceArn: arn(id), tags: { 'turnpike:plan': code } }));
  const ours = () => world.sandbox.info().plans.length;
  const codes = async () => (await catalogue.all()).map(({ code }) => code);

  /** What the reading costs that comes with a question after a minute, in the background. */
  async function readingAfter(seconds: number): Promise<number> {
    world.forward(seconds);
    const calls = await world.callsDuring(async () => {
      await catalogue.all();
      while (catalogue.held === null) await turn();
    });
    return calls.filter((name) => name === 'GetUsagePlan').length;
  }

  it('are not read each minute, but once in an hour', async () => {
    expect(await readingAfter(61)).toBe(ours());
    expect(await readingAfter(61)).toBe(ours());
    expect(await readingAfter(HOUR_SECONDS)).toBe(ours() + FOREIGN);
    expect(await readingAfter(61)).toBe(ours());
  });

  it('are ours an hour after they were tagged at the latest, at once for whoever names the code, and read each minute then', async () => {
    const [first = '', second = ''] = ids;
    const before = ours();
    await tag(first, 'first');
    expect(await readingAfter(61)).toBe(before);
    expect(await codes()).not.toContain('first');
    world.forward(31);
    expect((await catalogue.find('first'))?.id).toBe(first);
    await tag(second, 'second');
    expect(await readingAfter(HOUR_SECONDS)).toBe(before + FOREIGN);
    expect(await codes()).toContain('second');
    expect(await readingAfter(61)).toBe(before + 2);
  });

  it('are all read where a whole reading is asked for: by a sweep, by plans as code, for a plan that is made', async () => {
    const [, , third = '', fourth = ''] = ids;
    await tag(third, 'third');
    expect((await catalogue.refresh()).managed.map(({ id }) => id)).toContain(third);
    await tag(fourth, 'fourth');
    expect((await catalogue.reread()).managed.map(({ id }) => id)).toContain(fourth);
  });

  it('are many in some accounts: a few are read at a time, the longest unread first, and a new one always', async () => {
    const made: string[] = [];
    for (let number = 1; number <= MANY; number++) {
      const { id = '' } = await world.gateway.send(new CreateUsagePlanCommand({ name: `Of many ${number}` }));
      made.push(id);
    }
    const read = async () => {
      const calls = await world.callsDuring(() => catalogue.reread());
      return calls.filter((name) => name === 'GetUsagePlan').length;
    };
    expect(await read()).toBeGreaterThanOrEqual(MANY); // for the first time
    const managed = (await catalogue.reread()).managed.length;
    expect(await read()).toBe(managed + MOST);
    await tag(made.at(-1) ?? '', 'of-many');
    for (let reading = 0; reading < MANY / MOST + 1; reading++)
      expect(await read()).toBeLessThanOrEqual(managed + 1 + MOST);
    expect(await codes()).toContain('of-many');
    const { id = '' } = await world.gateway.send(
      new CreateUsagePlanCommand({ name: 'New', tags: { 'turnpike:plan': 'newest' } }),
    );
    expect((await catalogue.reread()).managed.map((plan) => plan.id)).toContain(id);
    await world.gateway.send(new DeleteUsagePlanCommand({ usagePlanId: id }));
    for (const planId of made.slice(0, MANY / 2))
      await world.gateway.send(new DeleteUsagePlanCommand({ usagePlanId: planId }));
    await tag(made.at(-2) ?? '', 'behind-what-is-gone');
    for (let reading = 0; reading < MANY / MOST + 1; reading++) await catalogue.reread();
    expect(await codes()).toContain('behind-what-is-gone');
  });

  it('are none of those that were ours: a tag that is set again counts at the next reading', async () => {
    const { items = [] } = await world.gateway.send(new GetUsagePlansCommand({}));
    const { id = '' } = items.find(({ name }) => name === 'Pro') ?? {};
    await world.gateway.send(new UntagResourceCommand({ resourceArn: arn(id), tagKeys: ['turnpike:plan'] }));
    await readingAfter(61);
    expect(await codes()).not.toContain('pro');
    await tag(id, 'pro');
    await readingAfter(61);
    expect(await codes()).toContain('pro');
  });
});
