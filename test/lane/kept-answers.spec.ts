import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TRUSTED_OPERATIONS } from '../../src/graphql/lane/trusted-operations.js';
import { PlanCatalogue } from '../../src/plans/plan-catalogue.service.js';
import { Customers } from '../../src/subscriptions/customers/customers.service.js';
import { FleetUsage } from '../../src/subscriptions/fleet/fleet-usage.service.js';
import { ReadSources } from '../../src/usage/read-sources.service.js';
import { act } from '../support/admin.js';
import type { Customer } from '../support/customer.js';
import { expectAlike, post } from '../support/in-lane.js';
import { keyOf } from '../support/outcomes.js';
import { makePlan, tagPlan } from '../support/plans.js';
import { World } from '../support/world.js';

const ME = TRUSTED_OPERATIONS.find((text) => /query Me {/.test(text)) ?? '';
const PLANS = TRUSTED_OPERATIONS.find((text) => /query Plans {/.test(text)) ?? '';

describe('answers that are kept', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({ USAGE_LAG_SECONDS: '1800', MANAGE_PLANS: 'true' });
  });
  afterAll(() => world.close());

  /** How often somebody had to look a customer up while that happened. */
  async function lookups(work: () => Promise<unknown>): Promise<number> {
    const { reads } = world.app.get(Customers);
    const count = () => reads.hit + reads.miss + reads.stale;
    const before = count();
    await work();
    return count() - before;
  }

  /** Asked until the answer is one that was kept. */
  async function kept(who: Customer, query = ME): Promise<void> {
    for (let time = 0; time < 3; time += 1) await post(world, who, { query });
    if (query === ME) expect(await lookups(() => post(world, who, { query }))).toBe(0);
  }

  describe('an answer is given again for as long as what it was made from is the same; it is the one of the general path', () => {
    it('after one’s own changes, and those of an admin', async () => {
      const ada = await world.customer();
      const admin = await world.admin();
      await kept(ada);
      const { id } = keyOf(await ada.subscribe('free'));
      expect(await expectAlike(world, ada, ME)).toContain('"free"');
      await kept(ada);
      await ada.rotate(id, 3600);
      expect(await expectAlike(world, ada, ME)).not.toContain('"overlappingKey":null');
      await kept(ada);
      await act(admin, 'suspendUser', { userId: ada.sub, code: 'PAYMENT' });
      expect(await expectAlike(world, ada, ME)).toContain('"PAYMENT"');
      await kept(ada);
      await act(admin, 'resumeUser', { userId: ada.sub });
      await kept(ada);
      await ada.cancel();
      expect(await expectAlike(world, ada, ME)).toContain('"subscription":null');
    });

    it('after a minute, in which somebody else may have changed something', async () => {
      const ada = await world.customer();
      await ada.subscribe('free');
      await kept(ada);
      world.forward(61);
      expect(await lookups(() => post(world, ada, { query: ME }))).toBeGreaterThan(0);
    });

    it('after usage was read anew', async () => {
      const ada = await world.customer();
      const { value } = keyOf(await ada.subscribe('free'));
      await kept(ada);
      await ada.call(value, 3);
      await world.app.get(FleetUsage).refresh();
      await expectAlike(world, ada, ME);
      await kept(ada);
      world.forward(30); // within the minute
      await world.app.get(FleetUsage).refresh();
      await expectAlike(world, ada, ME);
    });

    it('on another day, when another period may have begun', async () => {
      const untilMidnight = () => 86_400 - (Math.floor(world.sandbox.clock.now().getTime() / 1000) % 86_400);
      world.forward(untilMidnight() - 20);
      const ada = await world.customer();
      await ada.subscribe('free');
      await kept(ada);
      world.forward(untilMidnight() + 1); // within the minute
      expect(await lookups(() => expectAlike(world, ada, ME))).toBe(2);
    });

    it('is nobody else’s, whoever asks for the same', async () => {
      const [ada, eve] = [await world.customer(), await world.customer()];
      await kept(ada);
      await kept(eve);
      expect((await post(world, eve, { query: ME })).text).toContain(eve.sub);
      expect((await post(world, ada, { query: ME })).text).toContain(ada.sub);
    });

    it('plans are shown as the catalogue has them now, and to admins all of them', async () => {
      const ada = await world.customer();
      const admin = await world.admin();
      await kept(ada, PLANS);
      await kept(admin, PLANS);
      const { data } = await admin.gql('mutation { retirePlan(code: "pro", reason: "a test") { __typename } }');
      expect(data).toEqual({ retirePlan: { __typename: 'PlanRetired' } });
      expect(await expectAlike(world, ada, PLANS)).not.toContain('"pro"');
      expect(await expectAlike(world, admin, PLANS)).toContain('"pro"');
    });

    it('whatever its letters are', async () => {
      const ada = await world.customer();
      const id = await makePlan(world, 'letters');
      for (const title of ['Dépôt', 'Größe ÿ', '計画']) {
        await tagPlan(world, id, { 'turnpike:title': title });
        await kept(ada, PLANS);
        expect(await expectAlike(world, ada, PLANS)).toContain(`"${title}"`);
      }
    });

    it('a refusal or a fault is never given again', async () => {
      const ada = await world.customer();
      world.sandbox.habits.addFault({ operation: '*', kind: 'before' });
      for (let time = 0; time < 3; time += 1)
        expect((await post(world, ada, { query: ME })).text).toContain('"errors"');
      world.sandbox.habits.reset();
      world.forward(61);
      expect((await post(world, ada, { query: ME })).text).not.toContain('"errors"');
    });
  });

  it('an answer that is kept holds nothing of what AWS reported of everybody', async () => {
    await world.app.get(PlanCatalogue).refresh();
    await world.app.get(FleetUsage).refresh();
    const caller = { sub: 'nobody', username: 'nobody', isAdmin: false };
    const sources = world.app.get(ReadSources).of(caller, ['plans', 'reports']) ?? [];
    expect(sources.length).toBeGreaterThan(3);
    expect(sources.filter((source) => typeof source === 'object')).toEqual([]);
  });

  describe('an answer is made each time', () => {
    it.each([
      ['where a variable says what is asked', 'query Q($all: Boolean = true) { me { id email @include(if: $all) } }'],
      ['where a field asks AWS', '{ me { id dailyUsage(from: "2026-01-01", to: "2026-01-02") { used } } }'],
    ])('%s', async (_, query) => {
      const ada = await world.customer();
      for (let time = 0; time < 9; time += 1) await post(world, ada, { query });
      expect(await lookups(() => post(world, ada, { query }))).toBeGreaterThan(0);
    });
  });
});
