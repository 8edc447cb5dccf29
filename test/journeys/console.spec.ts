import {
  CreateUsagePlanCommand,
  CreateUsagePlanKeyCommand,
  DeleteApiKeyCommand,
  DeleteUsagePlanKeyCommand,
  UpdateApiKeyCommand,
} from '@aws-sdk/client-api-gateway';
import { AdminDisableUserCommand, AdminEnableUserCommand } from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { REST_API_ID, STAGE, USER_POOL_ID } from '../../src/sandbox/seed.js';
import { Sweeper } from '../../src/subscriptions/sweep/sweeper.service.js';
import type { Customer } from '../support/customer.js';
import { keyOf, subscriptionOf } from '../support/outcomes.js';
import { makePlan, tagPlan, untagPlan } from '../support/plans.js';
import { World } from '../support/world.js';

const ALIVE = { 200: 1 };
const DEAD = { 403: 1 };
const OWN_WRITES_SECONDS = 61; // how long the server lays what it just did over what AWS lists

describe('when a person works in the AWS console', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
  });
  afterAll(() => world.close());

  async function subscriber(plan = 'free') {
    const ada = await world.customer();
    return { ada, key: keyOf(await ada.subscribe(plan)) };
  }

  const deleteKey = (id: string) => world.gateway.send(new DeleteApiKeyCommand({ apiKey: id }));
  const patchKey = (id: string, path: string, value: string) =>
    world.gateway.send(new UpdateApiKeyCommand({ apiKey: id, patchOperations: [{ op: 'replace', path, value }] }));
  const generations = async (ada: Customer) => (await ada.keys()).map(({ name }) => name.slice(-6));
  const planIdOf = (code: string) => world.sandbox.info().plans.find((plan) => plan.code === code)?.usagePlanId ?? '';

  async function foreignPlan(onStage: boolean): Promise<string> {
    const apiStages = onStage ? [{ apiId: REST_API_ID, stage: STAGE }] : [];
    const { id = '' } = await world.gateway.send(new CreateUsagePlanCommand({ name: 'somebody else’s', apiStages }));
    return id;
  }

  const attach = (usagePlanId: string, keyId: string) =>
    world.gateway.send(new CreateUsagePlanKeyCommand({ usagePlanId, keyId, keyType: 'API_KEY' }));
  const detach = (usagePlanId: string, keyId: string) =>
    world.gateway.send(new DeleteUsagePlanKeyCommand({ usagePlanId, keyId }));

  describe('and deletes the live key', () => {
    it.each([
      ['long after it was made', OWN_WRITES_SECONDS],
      ['right after it was made', 0],
    ])('%s, the next subscribe gives one of the next generation, and the old value stays dead', async (_, seconds) => {
      const { ada, key } = await subscriber();
      world.forward(seconds);
      await deleteKey(key.id);
      const fresh = keyOf(await ada.subscribe('free'));
      expect(fresh.value).not.toBe(key.value);
      expect(await generations(ada)).toEqual(['000002']);
      expect(await ada.call(key.value)).toEqual(DEAD);
      expect(await ada.call(fresh.value)).toEqual(ALIVE);
    });

    it('shows no key in `me`, and changes nothing by looking', async () => {
      const { ada, key } = await subscriber();
      world.forward(OWN_WRITES_SECONDS);
      await deleteKey(key.id);
      expect((await ada.me()).subscription).toMatchObject({ planCode: 'free', state: 'PROVISIONING', apiKey: null });
      expect(await ada.keys()).toEqual([]);
    });

    it('lets the customer cancel', async () => {
      const { ada, key } = await subscriber();
      world.forward(OWN_WRITES_SECONDS);
      await deleteKey(key.id);
      expect(await ada.cancel()).toMatchObject({ __typename: 'SubscriptionCancelled', subscription: null });
      expect(await ada.keys()).toEqual([]);
    });

    it('during an overlap, leaves no older key alive in its place', async () => {
      const { ada, key } = await subscriber();
      const fresh = keyOf(await ada.rotate(key.id, 3600));
      world.forward(OWN_WRITES_SECONDS);
      await deleteKey(fresh.id);
      const next = keyOf(await ada.subscribe('free'));
      expect([key.value, fresh.value]).not.toContain(next.value);
      expect(await ada.call(fresh.value)).toEqual(DEAD);
      expect(await ada.liveKeys()).toContainEqual(expect.objectContaining({ id: next.id, plans: ['free'] }));
      expect((await generations(ada))[0]).toBe('000003');
    });
  });

  describe('and disables a key', () => {
    it('counts it as retired: the next one is made, and the old one is never enabled again', async () => {
      const { ada, key } = await subscriber();
      await patchKey(key.id, '/enabled', 'false');
      const fresh = keyOf(await ada.subscribe('free'));
      expect(fresh.id).not.toBe(key.id);
      expect(await ada.call(key.value)).toEqual(DEAD);
      expect(await ada.call(fresh.value)).toEqual(ALIVE);
      expect((await ada.keys()).map(({ enabled }) => enabled)).toEqual([true, false]);
    });

    it('and enables a retired one, it is retired again', async () => {
      const { ada, key } = await subscriber();
      const fresh = keyOf(await ada.rotate(key.id));
      world.forward(OWN_WRITES_SECONDS);
      await patchKey(key.id, '/enabled', 'true');
      await ada.subscribe('free');
      expect(await ada.call(key.value)).toEqual(DEAD);
      expect((await ada.liveKeys()).map(({ id }) => id)).toEqual([fresh.id]);
    });
  });

  describe('and renames the live key', () => {
    it.each([
      ['long after it was made', OWN_WRITES_SECONDS],
      ['right after it was made', 0],
    ])('%s, it gets its name back and goes on working', async (_, seconds) => {
      const { ada, key } = await subscriber();
      const [before] = await ada.keys();
      world.forward(seconds);
      await patchKey(key.id, '/name', 'ada, do not touch');
      expect(keyOf(await ada.subscribe('free'))).toEqual(key);
      world.forward(OWN_WRITES_SECONDS);
      expect(keyOf(await ada.subscribe('free'))).toEqual(key);
      expect(await ada.keys()).toEqual([before]);
      expect(await ada.call(key.value)).toEqual(ALIVE);
    });
  });

  describe('and takes the live key out of its plan', () => {
    it('puts it back at the next subscribe, with what was left of the quota', async () => {
      const { ada, key } = await subscriber();
      await ada.use(key.value, 30);
      await detach(planIdOf('free'), key.id);
      expect(await ada.call(key.value)).toEqual(DEAD);
      expect(keyOf(await ada.subscribe('free'))).toEqual(key);
      expect(await ada.use(key.value, 130)).toBe(70);
    });

    it('into another plan of ours, moves it back, and the calls made there count', async () => {
      const { ada, key } = await subscriber();
      await ada.use(key.value, 30);
      await detach(planIdOf('free'), key.id);
      await attach(planIdOf('pro'), key.id);
      await ada.use(key.value, 30);
      expect(keyOf(await ada.subscribe('free'))).toEqual(key);
      expect(await ada.keys()).toEqual([expect.objectContaining({ plans: ['free'] })]);
      expect(await ada.use(key.value, 130)).toBeLessThanOrEqual(70);
    });
  });

  describe('and disables the user', () => {
    it('refuses every change, shows the customer as suspended, and forgets nothing', async () => {
      const { ada, key } = await subscriber();
      const user = { UserPoolId: USER_POOL_ID, Username: ada.username };
      await world.cognito.send(new AdminDisableUserCommand(user));
      world.forward(2);
      const { errors } = await ada.gql('mutation { subscribe(plan: "pro") { __typename } }');
      expect(errors.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN']);
      expect((await ada.me()).subscription).toMatchObject({
        planCode: 'free',
        state: 'PROVISIONING',
        suspension: 'ADMIN',
      });
      await world.cognito.send(new AdminEnableUserCommand(user));
      expect(keyOf(await ada.subscribe('free'))).toEqual(key);
      expect(await ada.call(key.value)).toEqual(ALIVE);
    });
  });

  describe('and edits the plan in the user’s attributes', () => {
    it('changes nothing: not the key, not the plan shown, not by looking and not by asking for the key', async () => {
      const { ada, key } = await subscriber();
      const [keys, { subscription }] = [await ada.keys(), await ada.me()];
      await ada.setAttributes({ 'custom:plan': 'pro' });
      world.forward(2);
      expect((await ada.me()).subscription).toEqual(subscription);
      expect(keyOf(await ada.reveal())).toEqual(key);
      expect(await ada.keys()).toEqual(keys);
    });

    it('grants no plan that is not for sale', async () => {
      await makePlan(world, 'partners', { tags: { 'turnpike:self-service': 'false' } });
      const { ada, key } = await subscriber();
      await ada.setAttributes({ 'custom:plan': 'partners' });
      expect(await ada.subscribe('partners')).toMatchObject({ __typename: 'PlanNotForSale' });
      expect(await ada.keys()).toEqual([expect.objectContaining({ id: key.id, plans: ['free'] })]);
    });

    it('with the signature of another plan or another customer grants nothing either', async () => {
      const { ada, key } = await subscriber();
      const { ada: eve } = await subscriber('pro');
      await ada.setAttributes({
        'custom:plan': 'pro',
        'custom:plan_sig': (await eve.attributes())['custom:plan_sig'] ?? '',
      });
      await ada.reveal();
      expect(await ada.keys()).toEqual([expect.objectContaining({ id: key.id, plans: ['free'] })]);
    });

    it('gives no key to one who never had a plan', async () => {
      const ada = await world.customer();
      await ada.setAttributes({ 'custom:plan': 'pro' });
      await ada.gql('mutation { revealKey { __typename } }');
      world.forward(2);
      await ada.me();
      expect(await ada.keys()).toEqual([]);
    });

    it('is mended by the customer choosing a plan', async () => {
      const { ada, key } = await subscriber();
      await ada.setAttributes({ 'custom:plan': 'pro' });
      expect(keyOf(await ada.subscribe('free'))).toEqual(key);
      expect(await ada.keys()).toEqual([expect.objectContaining({ id: key.id, plans: ['free'] })]);
    });
  });

  describe('and spoils the catalogue', () => {
    async function onOwnPlan(code: string) {
      const planId = await makePlan(world, code, { quota: { limit: 50, period: 'MONTH' } });
      const { ada, key } = await subscriber(code);
      return { planId, ada, key, keys: await ada.keys(), attributes: await ada.attributes() };
    }

    it('by removing a plan’s tag: its customers keep key and plan, and get their plan back with the tag', async () => {
      const { planId, ada, key, attributes } = await onOwnPlan('untagged');
      await untagPlan(world, planId, 'turnpike:plan');
      expect((await ada.me()).subscription).toMatchObject({ planCode: 'untagged', apiKey: { id: key.id } });
      expect(await ada.subscribe('untagged')).toMatchObject({ __typename: 'UnknownPlan' });
      await ada.gql('mutation { revealKey { __typename } }');
      expect(await ada.call(key.value)).toEqual(ALIVE);
      expect(await ada.keys()).toEqual([expect.objectContaining({ id: key.id, enabled: true, plans: [planId] })]);
      expect(await ada.attributes()).toEqual(attributes);
      await tagPlan(world, planId, { 'turnpike:plan': 'untagged' });
      expect(subscriptionOf(await ada.subscribe('untagged'))).toMatchObject({
        state: 'ACTIVE',
        apiKey: { id: key.id },
      });
    });

    it('by giving two plans one code: its customers keep key and plan, and nobody is put into either', async () => {
      const { ada, key, keys, attributes } = await onOwnPlan('twice');
      const other = await makePlan(world, 'twice');
      expect(await ada.subscribe('twice')).toMatchObject({ __typename: 'UnknownPlan' });
      expect(await (await world.customer()).subscribe('twice')).toMatchObject({ __typename: 'UnknownPlan' });
      await ada.gql('mutation { revealKey { __typename } }');
      expect(await ada.keys()).toEqual(keys);
      expect(await ada.attributes()).toEqual(attributes);
      expect(await ada.call(key.value)).toEqual(ALIVE);
      await untagPlan(world, other, 'turnpike:plan');
      expect(subscriptionOf(await ada.subscribe('twice')).state).toBe('ACTIVE');
      expect(await ada.keys()).toEqual(keys);
    });

    it('by removing a tag while a customer is to be suspended, does not call active what is to stop', async () => {
      const { planId, ada, key } = await onOwnPlan('unstoppable');
      await untagPlan(world, planId, 'turnpike:plan');
      const user = { UserPoolId: USER_POOL_ID, Username: ada.username };
      await world.cognito.send(new AdminDisableUserCommand(user));
      world.forward(2);
      expect((await ada.me()).subscription).toMatchObject({ state: 'PROVISIONING', suspension: 'ADMIN' });
      expect(await ada.call(key.value)).toEqual(ALIVE);
      await tagPlan(world, planId, { 'turnpike:plan': 'unstoppable' });
      await world.app.get(Sweeper).sweep();
      expect((await ada.me()).subscription).toMatchObject({ state: 'SUSPENDED', apiKey: { id: key.id } });
      expect(await ada.call(key.value)).toEqual(DEAD);
    });

    describe('so that a customer’s own plan does not resolve, counts what they called before once', () => {
      /** Called 40 times on free, then 30 times on a plan that is then spoiled; `mend` undoes that. */
      async function onSpoiledPlan(code: string, spoil: (planId: string) => Promise<() => Promise<void>>) {
        const planId = await makePlan(world, code, { quota: { limit: 100, period: 'MONTH' } });
        const { ada, key } = await subscriber();
        await ada.use(key.value, 40);
        await ada.subscribe(code);
        await ada.use(key.value, 30);
        return { ada, key, mend: await spoil(planId) };
      }
      const untag = (code: string) => async (planId: string) => {
        await untagPlan(world, planId, 'turnpike:plan');
        return () => tagPlan(world, planId, { 'turnpike:plan': code });
      };
      const duplicate = (code: string) => async () => {
        const twin = await makePlan(world, code);
        return () => untagPlan(world, twin, 'turnpike:plan');
      };

      it.each([
        ['no plan bears its code', 'lost', untag('lost')],
        ['two plans bear its code', 'doubled', duplicate('doubled')],
      ])('when they change to another while %s', async (_, code, spoil) => {
        const { ada, key, mend } = await onSpoiledPlan(code, spoil);
        expect(subscriptionOf(await ada.subscribe('free'))).toMatchObject({ planCode: 'free', state: 'PROVISIONING' });
        await mend();
        await world.app.get(Sweeper).sweep();
        expect((await ada.me()).usage).toMatchObject({ used: 70, remaining: 30 });
        expect(await ada.use(key.value, 100)).toBe(30);
      });

      it('when they think better of it as soon as it resolves', async () => {
        const { ada, key, mend } = await onSpoiledPlan('regretted', untag('regretted'));
        await ada.subscribe('free');
        await mend();
        expect(keyOf(await ada.subscribe('regretted'))).toEqual(key);
        expect(await ada.use(key.value, 100)).toBe(30);
      });

      describe('where reports are late', () => {
        let late: World;
        beforeAll(async () => {
          late = await World.start({ USAGE_LAG_SECONDS: '3600' });
        });
        afterAll(() => late.close());

        /** Takes the plan's tag away; what it answers gives it back. */
        const lose = async (code: string) => {
          const id = late.sandbox.info().plans.find((plan) => plan.code === code)?.usagePlanId ?? '';
          await untagPlan(late, id, 'turnpike:plan');
          return () => tagPlan(late, id, { 'turnpike:plan': code });
        };

        it('when they cancel, and come back within the lag', async () => {
          const ada = await late.customer();
          const key = keyOf(await ada.subscribe('free'));
          await ada.use(key.value, 90);
          const restore = await lose('free');
          await ada.cancel();
          await restore();
          const again = keyOf(await ada.subscribe('free'));
          expect(await ada.use(again.value, 100)).toBe(10);
        });

        it('when the code is lost as reports can be believed: an estimate waits for it', async () => {
          const ada = await late.customer();
          const key = keyOf(await ada.subscribe('free'));
          await ada.use(key.value, 10);
          await ada.subscribe('basic');
          await ada.use(key.value, 5);
          await ada.cancel();
          await ada.subscribe('pro');
          const restore = await lose('basic');
          late.forward(3700);
          await late.app.get(Sweeper).sweep();
          await restore();
          await late.app.get(Sweeper).sweep();
          late.forward(3700);
          expect((await (await late.signIn(ada.email)).me()).usage).toMatchObject({ used: 15 });
        });
      });
    });

    it('by removing a tag, does not keep a customer from leaving', async () => {
      const { planId, ada, key } = await onOwnPlan('leavable');
      await untagPlan(world, planId, 'turnpike:plan');
      expect(await ada.cancel()).toMatchObject({ __typename: 'SubscriptionCancelled', subscription: null });
      expect(await ada.call(key.value)).toEqual(DEAD);
    });
  });

  describe('and adds our key to a plan that is not ours', () => {
    it('leaves it there, whatever the customer does', async () => {
      const { ada, key } = await subscriber();
      const foreign = await foreignPlan(false);
      await attach(foreign, key.id);
      await ada.subscribe('basic');
      expect((await ada.keys())[0]?.plans.toSorted()).toEqual(['basic', foreign].toSorted());
      const fresh = keyOf(await ada.rotate(key.id));
      await ada.cancel();
      const keys = await ada.keys();
      expect(keys.find(({ id }) => id === key.id)).toMatchObject({ enabled: false });
      expect(keys.find(({ id }) => id === key.id)?.plans).toContain(foreign);
      expect(keys.find(({ id }) => id === fresh.id)?.plans).not.toContain(foreign);
    });

    it('on the same stage, says that the key is not where it should be, and touches nothing of the other plan', async () => {
      const { ada, key } = await subscriber();
      const foreign = await foreignPlan(true);
      await detach(planIdOf('free'), key.id);
      await attach(foreign, key.id);
      const { subscription, key: issued } = await ada.subscribe('free');
      expect(subscription).toMatchObject({ planCode: 'free', state: 'PROVISIONING' });
      expect(issued).toBeNull();
      expect((await ada.keys())[0]?.plans).toEqual([foreign]);
      await detach(foreign, key.id);
      expect(keyOf(await ada.subscribe('free'))).toEqual(key);
    });
  });
});
