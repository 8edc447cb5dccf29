import { AdminDisableUserCommand, AdminEnableUserCommand } from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { USER_POOL_ID } from '../../src/sandbox/seed.js';
import { act } from '../support/admin.js';
import type { Customer } from '../support/customer.js';
import { keyOf } from '../support/outcomes.js';
import { tagPlan } from '../support/plans.js';
import { World } from '../support/world.js';

const DEAD = { 403: 1 };
const ALIVE = { 200: 1 };
const USED_UP = { 429: 1 };
const A_MONTH = 32 * 86_400;
const STATE = 'query State($userId: ID!) { user(id: $userId) { subscription { state } } }';

describe('an admin', () => {
  let world: World;
  let admin: Customer;
  beforeAll(async () => {
    world = await World.start();
    admin = await world.admin();
  });
  afterEach(() => world.sandbox.habits.clearFaults());
  afterAll(() => world.close());

  const planIdOf = (code: string) => world.sandbox.info().plans.find((plan) => plan.code === code)?.usagePlanId ?? '';
  const user = ({ username }: Customer) => ({ UserPoolId: USER_POOL_ID, Username: username });

  async function subscriber(plan = 'free') {
    const ada = await world.customer();
    const key = keyOf(await ada.subscribe(plan));
    return { ada, key, userId: ada.sub };
  }

  describe('assigns a plan', () => {
    it('to a customer without one, and to one who has another; calls made count on', async () => {
      const ada = await world.customer();
      expect(await act(admin, 'assignPlan', { userId: ada.sub, plan: 'basic' })).toMatchObject({
        user: { id: ada.sub, subscription: { planCode: 'basic', state: 'ACTIVE' } },
      });
      const { value } = keyOf(await ada.reveal());
      await ada.use(value, 30);
      await act(admin, 'assignPlan', { userId: ada.sub, plan: 'free' });
      expect(await ada.use(value, 100)).toBe(70);
    });

    it('that is not for self-service, and the customer may ask for it again, but not for another such one', async () => {
      await tagPlan(world, planIdOf('pro'), { 'turnpike:self-service': 'false' });
      world.forward(61);
      const { ada } = await subscriber();
      await ada.subscribe('free');
      expect(await ada.subscribe('pro')).toMatchObject({ code: 'PLAN_NOT_FOR_SALE' });
      await act(admin, 'assignPlan', { userId: ada.sub, plan: 'pro' });
      expect(await ada.subscribe('pro')).toMatchObject({ subscription: { planCode: 'pro', state: 'ACTIVE' } });
      await tagPlan(world, planIdOf('pro'), { 'turnpike:self-service': 'true' });
      world.forward(61);
    });

    it('that takes nobody new to those alone who have it', async () => {
      const { ada } = await subscriber('basic');
      const bob = await world.customer();
      await tagPlan(world, planIdOf('basic'), { 'turnpike:retired': 'true' });
      world.forward(61);
      await world.stranger.gql('{ plans { code } }'); // an old catalogue is answered once more while it is read anew
      const assign = ({ sub }: Customer) => act(admin, 'assignPlan', { userId: sub, plan: 'basic' });
      await assign(ada);
      expect(await assign(ada)).toMatchObject({ user: { subscription: { planCode: 'basic' } } });
      expect(await assign(bob)).toMatchObject({ code: 'PLAN_RETIRED' });
      expect(await bob.keys()).toEqual([]);
      await tagPlan(world, planIdOf('basic'), { 'turnpike:retired': 'false' });
      world.forward(61);
      await world.stranger.gql('{ plans { code } }');
    });

    it('to a suspended customer, who gets it when the suspension is lifted', async () => {
      const { ada, key, userId } = await subscriber();
      await act(admin, 'suspendUser', { userId, code: 'PAYMENT' });
      await act(admin, 'assignPlan', { userId, plan: 'basic' });
      expect(await ada.call(key.value)).toEqual(DEAD);
      await act(admin, 'resumeUser', { userId });
      expect(await ada.liveKeys()).toMatchObject([{ id: key.id, plans: ['basic'] }]);
    });
  });

  describe('suspends', () => {
    it('and the same key works again afterwards, as often as it is done', async () => {
      const { ada, key, userId } = await subscriber();
      await ada.use(key.value, 10);
      for (let round = 0; round < 2; round++) {
        for (let repeat = 0; repeat < 2; repeat++) {
          const outcome = await act(admin, 'suspendUser', { userId, code: 'ABUSE' });
          expect(outcome).toMatchObject({ user: { suspension: 'ABUSE', subscription: { state: 'SUSPENDED' } } });
        }
        expect(await ada.call(key.value)).toEqual(DEAD);
        expect((await ada.me()).usage).toMatchObject({ limit: 100, used: 10, remaining: 90 });
        for (let repeat = 0; repeat < 2; repeat++) {
          const outcome = await act(admin, 'resumeUser', { userId });
          expect(outcome).toMatchObject({ user: { suspension: null, subscription: { state: 'ACTIVE' } } });
        }
      }
      expect((await ada.keys()).map(({ id }) => id)).toEqual([key.id]);
      expect(await ada.use(key.value, 100)).toBe(90);
    });

    it('somebody who has no plan, and then may not choose one', async () => {
      const ada = await world.customer();
      await act(admin, 'suspendUser', { userId: ada.sub, code: 'ADMIN' });
      expect(await ada.subscribe('free')).toMatchObject({ code: 'ACCOUNT_SUSPENDED' });
      await act(admin, 'resumeUser', { userId: ada.sub });
      expect(await ada.subscribe('free')).toMatchObject({ subscription: { state: 'ACTIVE' } });
    });

    it('and resumes though Cognito shows what was written a while later', async () => {
      const { ada, key, userId } = await subscriber();
      world.sandbox.habits.set({ staleWrites: 1, staleReads: true });
      await act(admin, 'suspendUser', { userId, code: 'PAYMENT' });
      await act(admin, 'resumeUser', { userId });
      world.sandbox.habits.set({ staleWrites: 0, staleReads: false });
      expect((await ada.attributes())['custom:suspended']).toBeUndefined();
      await act(admin, 'repairUser', { userId });
      expect(await ada.call(key.value)).toEqual(ALIVE);
    });

    it('and says so only once the key works no longer', async () => {
      const { ada, key, userId } = await subscriber();
      const stateNow = async () => {
        const { data } = await admin.gql<{ user: { subscription: { state: string } } }>(STATE, { userId });
        return data?.user.subscription.state;
      };
      world.sandbox.habits.addFault({ operation: 'DeleteUsagePlanKey', kind: 'before' });
      const outcome = await act(admin, 'suspendUser', { userId, code: 'ABUSE' });
      expect(outcome).toMatchObject({ user: { suspension: 'ABUSE', subscription: { state: 'PROVISIONING' } } });
      expect(await ada.call(key.value)).toEqual(ALIVE);
      expect(await stateNow()).toBe('PROVISIONING');
      world.sandbox.habits.clearFaults();
      await act(admin, 'repairUser', { userId });
      expect(await ada.call(key.value)).toEqual(DEAD);
      expect(await stateNow()).toBe('SUSPENDED');
    });

    it('nobody who is disabled in Cognito is resumed by lifting the suspension alone', async () => {
      const { ada, key, userId } = await subscriber();
      await world.cognito.send(new AdminDisableUserCommand(user(ada)));
      expect(await act(admin, 'resumeUser', { userId })).toMatchObject({ code: 'USER_DISABLED' });
      await act(admin, 'repairUser', { userId });
      expect(await ada.call(key.value)).toEqual(DEAD);
      await world.cognito.send(new AdminEnableUserCommand(user(ada)));
      await act(admin, 'resumeUser', { userId });
      expect(await ada.call(key.value)).toEqual(ALIVE);
    });
  });

  describe('replaces a key', () => {
    it('and never sees its value; the customer does', async () => {
      const { ada, key, userId } = await subscriber();
      await ada.use(key.value, 40);
      const outcome = await act(admin, 'rotateKeyFor', { userId, keyId: key.id });
      const fresh = keyOf(await ada.reveal());
      expect(outcome.user?.subscription?.apiKey).toMatchObject({ id: fresh.id, lastFour: fresh.value.slice(-4) });
      expect(JSON.stringify(outcome)).not.toContain(fresh.value);
      expect(await ada.call(key.value)).toEqual(DEAD);
      expect(await ada.use(fresh.value, 100)).toBe(60);
    });

    it('of a suspended customer: the new one waits, and neither works until then', async () => {
      const { ada, key, userId } = await subscriber();
      await ada.use(key.value, 40);
      await act(admin, 'suspendUser', { userId, code: 'ABUSE' });
      const outcome = await act(admin, 'rotateKeyFor', { userId, keyId: key.id });
      expect(outcome).toMatchObject({ user: { subscription: { state: 'SUSPENDED' } } });
      expect(await ada.liveKeys()).toEqual([]);
      await act(admin, 'resumeUser', { userId });
      const fresh = keyOf(await ada.reveal());
      expect(await ada.call(key.value)).toEqual(DEAD);
      expect(await ada.use(fresh.value, 100)).toBe(60);
    });

    it('of a suspended customer with time for the old one: both wait, and share what is left', async () => {
      const { ada, key, userId } = await subscriber();
      await ada.use(key.value, 40);
      world.forward(2); // so that the report has them
      await act(admin, 'suspendUser', { userId, code: 'ABUSE' });
      await act(admin, 'rotateKeyFor', { userId, keyId: key.id, graceSeconds: 7200 });
      expect(await ada.call(key.value)).toEqual(DEAD);
      await act(admin, 'resumeUser', { userId });
      const fresh = keyOf(await ada.reveal());
      const served = (await ada.use(key.value, 100)) + (await ada.use(fresh.value, 100));
      expect(served).toBe(60);
    });

    it('of the user meant alone: another one’s key is unknown', async () => {
      const [{ userId }, { ada: bob, key }] = [await subscriber(), await subscriber()];
      expect(await act(admin, 'rotateKeyFor', { userId, keyId: key.id })).toMatchObject({ code: 'UNKNOWN_KEY' });
      expect(await bob.call(key.value)).toEqual(ALIVE);
    });
  });

  describe('grants calls', () => {
    it('in total of the period, so that repeating it adds none; they survive a rotation and a sweep', async () => {
      const { ada, key, userId } = await subscriber();
      expect(await ada.use(key.value, 101)).toBe(100);
      for (let repeat = 0; repeat < 2; repeat++) {
        const outcome = await act(admin, 'grantQuota', { userId, requests: 50 });
        expect(outcome).toMatchObject({ user: { usage: { limit: 150, granted: 50, remaining: 50 } } });
      }
      expect(await ada.use(key.value, 20)).toBe(20);
      const fresh = keyOf(await ada.rotate(key.id));
      await act(admin, 'sweep', {});
      expect(await ada.use(fresh.value, 100)).toBe(30);
    });

    it('and takes them away with 0', async () => {
      const { ada, key, userId } = await subscriber();
      await ada.use(key.value, 60);
      await act(admin, 'grantQuota', { userId, requests: 50 });
      expect(await act(admin, 'grantQuota', { userId, requests: 0 })).toMatchObject({
        user: { usage: { granted: 0 } },
      });
      expect(await ada.use(key.value, 100)).toBe(40);
    });

    it('until the period ends, and not a call longer', async () => {
      const { ada, userId } = await subscriber();
      await act(admin, 'grantQuota', { userId, requests: 50 });
      world.forward(A_MONTH);
      const later = await world.signIn(ada.email);
      admin = await world.signIn(admin.email);
      await act(admin, 'sweep', {});
      const { value } = keyOf(await later.reveal());
      expect(await later.use(value, 130)).toBe(100);
      expect((await later.me()).usage).toMatchObject({ limit: 100, granted: 0 });
      expect(await later.call(value)).toEqual(USED_UP);
    });

    it('only where there is a quota, and no more than API Gateway counts', async () => {
      const { userId } = await subscriber();
      const grant = (requests: number, who = userId) => act(admin, 'grantQuota', { userId: who, requests });
      expect(await grant(2 ** 31 - 1)).toEqual({ code: 'BAD_USER_INPUT' });
      for (const absurd of [2 ** 53, -1, 1.5]) {
        expect(await grant(absurd)).toEqual({ code: 'GRAPHQL_VALIDATION_FAILED' });
      }
      expect(await grant(2 ** 31 - 1 - 100)).toMatchObject({ user: { usage: { granted: 2_147_483_547 } } });
      expect(await grant(5, (await world.customer()).sub)).toMatchObject({ code: 'NO_SUBSCRIPTION' });
    });
  });

  describe('deletes a user', () => {
    it('with every key dead before the user is gone', async () => {
      const { ada, key, userId } = await subscriber();
      keyOf(await ada.rotate(key.id, 3600));
      const calls = await world.callsDuring(async () => {
        const outcome = await act(admin, 'deleteUser', { userId });
        expect(outcome).toMatchObject({ isFinished: true, user: { id: userId, subscription: null } });
      });
      expect(calls.indexOf('AdminDeleteUser')).toBeGreaterThan(calls.lastIndexOf('UpdateApiKey'));
      expect(calls).toContain('AdminUserGlobalSignOut');
      expect((await ada.keys()).map(({ enabled }) => enabled)).toEqual([false, false]);
      await expect(ada.attributes()).rejects.toThrow('User does not exist.');
      expect((await ada.gql('{ me { id } }')).errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
      expect(await act(admin, 'deleteUser', { userId })).toMatchObject({ code: 'UNKNOWN_USER' });
    });

    it('and the next sweep finishes what was cut off; until then there is no such user for anybody', async () => {
      const { ada, key, userId } = await subscriber();
      world.sandbox.habits.addFault({ operation: 'AdminDeleteUser', kind: 'before' });
      expect(await act(admin, 'deleteUser', { userId })).toMatchObject({ isFinished: false });
      expect(await ada.call(key.value)).toEqual(DEAD);
      const again = await world.signIn(ada.email);
      expect((await again.gql('{ me { id } }')).errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
      expect(await act(admin, 'assignPlan', { userId, plan: 'free' })).toMatchObject({ code: 'UNKNOWN_USER' });
      world.sandbox.habits.clearFaults();
      await act(admin, 'sweep', {});
      await expect(ada.attributes()).rejects.toThrow('User does not exist.');
    });

    it('and may ask for it again after a crash', async () => {
      const { ada, userId } = await subscriber();
      await ada.setAttributes({ 'custom:deleting': '2026-11-17T12:00:00.000Z' });
      expect(await act(admin, 'deleteUser', { userId })).toMatchObject({ isFinished: true });
      await expect(ada.attributes()).rejects.toThrow('User does not exist.');
      expect(await ada.liveKeys()).toEqual([]);
    });
  });

  it('repairs a user whose plan somebody wrote in the console', async () => {
    const { ada, key, userId } = await subscriber();
    await ada.setAttributes({ 'custom:plan': 'basic' });
    await act(admin, 'sweep', {});
    const { data } = await admin.gql<{ drift: { drift: { userId: string; kind: string }[] } }>(
      '{ drift { drift { userId kind text } } }',
    );
    expect(data?.drift.drift.filter((item) => item.userId === userId)).toMatchObject([{ kind: 'PLAN_NOT_SIGNED' }]);
    expect(await ada.liveKeys()).toMatchObject([{ id: key.id, plans: ['free'] }]);
    await act(admin, 'repairUser', { userId });
    expect(await ada.liveKeys()).toMatchObject([{ id: key.id, plans: ['basic'] }]);
  });

  it('cancels a subscription, and may repeat it', async () => {
    const { ada, key, userId } = await subscriber();
    expect(await act(admin, 'cancelSubscriptionFor', { userId })).toMatchObject({ user: { subscription: null } });
    expect(await ada.call(key.value)).toEqual(DEAD);
    expect(await act(admin, 'cancelSubscriptionFor', { userId })).toMatchObject({ code: 'NO_SUBSCRIPTION' });
  });

  it('cannot suspend or delete themself', async () => {
    const userId = admin.sub;
    expect(await act(admin, 'suspendUser', { userId, code: 'ADMIN' })).toMatchObject({ code: 'OWN_ACCOUNT' });
    expect(await act(admin, 'deleteUser', { userId })).toMatchObject({ code: 'OWN_ACCOUNT' });
    expect(await admin.attributes()).not.toHaveProperty('custom:deleting');
  });

  const MUTATIONS: readonly [string, Record<string, string | number>][] = [
    ['assignPlan', { plan: 'basic' }],
    ['cancelSubscriptionFor', {}],
    ['suspendUser', { code: 'ABUSE' }],
    ['resumeUser', {}],
    ['rotateKeyFor', { keyId: 'nokey' }],
    ['grantQuota', { requests: 5 }],
    ['importKey', { keyId: 'nokey' }],
    ['deleteUser', {}],
    ['repairUser', {}],
  ];

  describe.each(MUTATIONS)('with %s', (mutation, args) => {
    it.each(['', '   ', 'x'.repeat(501), 'a\u0000b'])(
      'needs a reason, and %j is none; nothing is changed',
      async (reason) => {
        const { ada, key, userId } = await subscriber();
        const before = await ada.attributes();
        expect(await act(admin, mutation, { userId, ...args, reason })).toEqual({ code: 'BAD_USER_INPUT' });
        expect(await ada.attributes()).toEqual(before);
        expect(await ada.liveKeys()).toMatchObject([{ id: key.id, plans: ['free'] }]);
      },
    );

    it.each(['00000000-0000-4000-8000-000000000000', 'nobody', '" or sub ^= "', '\\', 'x'.repeat(300), ''])(
      'of the unknown user %j says so',
      async (userId) => {
        expect(await act(admin, mutation, { userId, ...args })).toMatchObject({ code: 'UNKNOWN_USER' });
      },
    );
  });
});
