import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Customer } from '../support/customer.js';
import { keyOf, subscriptionOf } from '../support/outcomes.js';
import { makePlan, tagPlan, untagPlan } from '../support/plans.js';
import { World } from '../support/world.js';

const DEAD = { 403: 1 };
const ALIVE = { 200: 1 };
const THIRTY_DAYS = 2_592_000;

describe('rotating and revoking keys', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
  });
  afterAll(() => world.close());

  async function subscriber(plan = 'free') {
    const ada = await world.customer();
    return { ada, old: keyOf(await ada.subscribe(plan)) };
  }

  /** Two keys that both work: the old one for `graceSeconds` more. */
  async function overlapping(graceSeconds = 600) {
    const { ada, old } = await subscriber();
    const rotated = await ada.rotate(old.id, graceSeconds);
    return { ada, old, fresh: keyOf(rotated), rotated: subscriptionOf(rotated) };
  }

  const suspend = async (ada: Customer) => {
    await ada.setAttributes({ 'custom:suspended': 'payment' });
    await ada.reveal(); // carries out what is meant, as a sweep does
  };

  /** As on a small share of AWS's rates: the time is up when the remaining calls are set, and no list is to be had after. */
  async function outOfTime<T>(work: () => Promise<T>): Promise<T> {
    const from = world.awsCalls.length;
    let isOver = false;
    const done = work().finally(() => {
      isOver = true;
    });
    while (!isOver && !world.awsCalls.slice(from).includes('UpdateUsage')) await new Promise(setImmediate);
    world.sandbox.habits.addFault({ operation: 'GetApiKeys', kind: 'before' });
    return done.finally(() => {
      world.sandbox.habits.clearFaults();
      world.forward(60); // so that AWS counts as away no more
    });
  }

  const liveIds = async (ada: Customer) => (await ada.liveKeys()).map(({ id }) => id);

  describe('without grace', () => {
    it('kills the old key at once, and gives one that works on the same plan', async () => {
      const { ada, old } = await subscriber('basic');
      const rotated = await ada.rotate(old.id);
      const fresh = keyOf(rotated);
      expect(rotated).toMatchObject({ __typename: 'KeyRotated', subscription: { planCode: 'basic', state: 'ACTIVE' } });
      expect(subscriptionOf(rotated)).toMatchObject({ apiKey: { id: fresh.id }, overlappingKey: null });
      expect(fresh.value).not.toBe(old.value);
      expect(await ada.call(old.value)).toEqual(DEAD);
      expect(await ada.call(fresh.value)).toEqual(ALIVE);
      expect(await ada.liveKeys()).toEqual([expect.objectContaining({ id: fresh.id, plans: ['basic'] })]);
      expect(await ada.attributes()).toMatchObject({ 'custom:api_key_id': fresh.id, 'custom:key_gen': '2' });
    });

    it('shows the last four characters of the new value, and never the value, in `me`', async () => {
      const { ada, old } = await subscriber();
      const fresh = keyOf(await ada.rotate(old.id));
      expect((await ada.me()).subscription?.apiKey).toMatchObject({ id: fresh.id, lastFour: fresh.value.slice(-4) });
    });

    it('answers a retry with the newer key and makes no third', async () => {
      const { ada, old } = await subscriber();
      const first = keyOf(await ada.rotate(old.id));
      const retried = keyOf(await ada.rotate(old.id));
      expect(retried).toEqual(first);
      expect(await ada.keys()).toHaveLength(2);
      expect(await liveIds(ada)).toEqual([first.id]);
    });

    it('makes one new key of three requests at once', async () => {
      const { ada, old } = await subscriber();
      const outcomes = await Promise.all([1, 2, 3].map(() => ada.rotate(old.id)));
      expect(new Set(outcomes.map((outcome) => keyOf(outcome).value)).size).toBe(1);
      expect(await ada.keys()).toHaveLength(2);
    });

    it('kills the old key at once and gives the new one although other changes are under way in the account', async () => {
      const { ada, old } = await subscriber();
      await ada.use(old.value, 30);
      const rotated = await world.amidOtherChanges(() => ada.rotate(old.id));
      expect(subscriptionOf(rotated)).toMatchObject({ planCode: 'free', state: 'ACTIVE' });
      const fresh = keyOf(rotated);
      expect(await ada.call(old.value)).toEqual(DEAD);
      expect(await liveIds(ada)).toEqual([fresh.id]);
      expect(await ada.use(fresh.value, 130)).toBe(70);
    });

    it('shows the new key in the end, although time is up each time that its remaining calls were set', async () => {
      const { ada, old } = await subscriber();
      await ada.use(old.value, 30);
      const rotated = await outOfTime(() => ada.rotate(old.id));
      expect(subscriptionOf(rotated)).toMatchObject({ state: 'PROVISIONING' });
      const fresh = keyOf(await outOfTime(() => ada.reveal()));
      expect(await liveIds(ada)).toEqual([fresh.id]);
      expect(await ada.use(fresh.value, 130)).toBe(70);
    });

    it('never gives a value twice, however often keys are replaced', async () => {
      const { ada, old } = await subscriber();
      const values = [old.value];
      let current = old;
      for (let i = 0; i < 5; i++) {
        current = keyOf(await ada.rotate(current.id));
        values.push(current.value);
      }
      expect(new Set(values).size).toBe(6);
      for (const dead of values.slice(0, -1)) expect(await ada.call(dead)).toEqual(DEAD);
      expect(await liveIds(ada)).toEqual([current.id]);
    });
  });

  describe('with grace', () => {
    it('lets both keys work, and says until when the old one does', async () => {
      const { ada, old } = await subscriber();
      const until = world.sandbox.clock.seconds() + 600;
      const rotated = await ada.rotate(old.id, 600);
      const { overlappingKey } = subscriptionOf(rotated);
      expect(overlappingKey?.id).toBe(old.id);
      expect(Math.abs(Date.parse(overlappingKey?.retiresAt ?? '') / 1000 - until)).toBeLessThanOrEqual(2);
      expect(await ada.call(old.value)).toEqual(ALIVE);
      expect(await ada.call(keyOf(rotated).value)).toEqual(ALIVE);
      expect((await ada.me()).subscription?.overlappingKey).toEqual(overlappingKey);
    });

    it('leaves only the new key alive once the time is up and anything is done', async () => {
      const { ada, old, fresh } = await overlapping(600);
      world.forward(601);
      expect(keyOf(await ada.subscribe('free'))).toEqual(fresh);
      expect(await ada.call(old.value)).toEqual(DEAD);
      expect(await ada.call(fresh.value)).toEqual(ALIVE);
      expect((await ada.me()).subscription).toMatchObject({ apiKey: { id: fresh.id }, overlappingKey: null });
      expect(await liveIds(ada)).toEqual([fresh.id]);
    });

    it('takes thirty days and no more', async () => {
      const { ada, old, rotated } = await overlapping(THIRTY_DAYS);
      expect(rotated.overlappingKey?.id).toBe(old.id);
      expect(await ada.liveKeys()).toHaveLength(2);
    });

    it('answers a retry with the newer key, makes no third and never lengthens the overlap', async () => {
      const { ada, old, fresh, rotated } = await overlapping(60);
      const retried = await ada.rotate(old.id, 3600);
      expect(keyOf(retried)).toEqual(fresh);
      expect(await ada.keys()).toHaveLength(2);
      expect(subscriptionOf(retried).overlappingKey).toEqual(rotated.overlappingKey);
      const shortened = subscriptionOf(await ada.rotate(old.id, 30)).overlappingKey?.retiresAt ?? '';
      expect(Date.parse(shortened)).toBeLessThan(Date.parse(rotated.overlappingKey?.retiresAt ?? ''));
      world.forward(61);
      await ada.subscribe('free');
      expect(await ada.call(old.value)).toEqual(DEAD);
    });

    it('ends an older overlap at once when the new key is replaced too', async () => {
      const { ada, old, fresh } = await overlapping(600);
      const third = await ada.rotate(fresh.id, 600);
      expect(subscriptionOf(third).overlappingKey?.id).toBe(fresh.id);
      expect(await ada.call(old.value)).toEqual(DEAD);
      expect(await ada.call(fresh.value)).toEqual(ALIVE);
      expect(await ada.call(keyOf(third).value)).toEqual(ALIVE);
    });

    it('ends everything but the newest key when the new key is replaced without grace', async () => {
      const { ada, old, fresh } = await overlapping(600);
      const third = keyOf(await ada.rotate(fresh.id, 0));
      expect(await ada.call(old.value)).toEqual(DEAD);
      expect(await ada.call(fresh.value)).toEqual(DEAD);
      expect(await liveIds(ada)).toEqual([third.id]);
    });

    it('ends the overlap now when asked to replace the old key again', async () => {
      const { ada, old, fresh } = await overlapping(600);
      const again = await ada.rotate(old.id, 0);
      expect(keyOf(again)).toEqual(fresh);
      expect(subscriptionOf(again).overlappingKey).toBeNull();
      expect(await ada.call(old.value)).toEqual(DEAD);
      expect(await ada.call(fresh.value)).toEqual(ALIVE);
    });

    it('moves both keys when the plan changes, and keeps the deadline', async () => {
      const { ada, old, fresh, rotated } = await overlapping(600);
      const upgraded = await ada.subscribe('basic');
      expect(subscriptionOf(upgraded)).toMatchObject({ planCode: 'basic', overlappingKey: rotated.overlappingKey });
      expect(await ada.liveKeys()).toEqual([
        expect.objectContaining({ id: fresh.id, plans: ['basic'] }),
        expect.objectContaining({ id: old.id, plans: ['basic'] }),
      ]);
      expect(await ada.call(old.value)).toEqual(ALIVE);
      expect(await ada.call(fresh.value)).toEqual(ALIVE);
    });

    it('stops both keys while the customer is suspended, and brings both back', async () => {
      const { ada, old, fresh } = await overlapping(600);
      await suspend(ada);
      expect(await ada.call(old.value)).toEqual(DEAD);
      expect(await ada.call(fresh.value)).toEqual(DEAD);
      expect((await ada.me()).subscription).toMatchObject({ state: 'SUSPENDED', suspension: 'PAYMENT' });
      await ada.setAttributes({ 'custom:suspended': '' });
      expect(keyOf(await ada.subscribe('free'))).toEqual(fresh);
      expect(await ada.call(old.value)).toEqual(ALIVE);
      expect(await ada.call(fresh.value)).toEqual(ALIVE);
    });

    it('kills both keys when the subscription is cancelled', async () => {
      const { ada, old, fresh } = await overlapping(600);
      await ada.cancel();
      expect(await ada.call(old.value)).toEqual(DEAD);
      expect(await ada.call(fresh.value)).toEqual(DEAD);
      expect((await ada.keys()).map(({ enabled }) => enabled)).toEqual([false, false]);
    });

    it('makes one new key of two requests at once', async () => {
      const { ada, old } = await subscriber();
      const [a, b] = await Promise.all([ada.rotate(old.id, 600), ada.rotate(old.id, 600)]);
      expect(keyOf(a)).toEqual(keyOf(b));
      expect(await ada.keys()).toHaveLength(2);
    });
  });

  describe('refusals', () => {
    it.each([-1, THIRTY_DAYS + 1, 1.5, '600', null, 3_000_000_000])(
      'refuses graceSeconds %p as bad input and changes nothing',
      async (graceSeconds) => {
        const { ada, old } = await subscriber();
        const before = await ada.keys();
        const calls = await world.callsDuring(async () => {
          const { data, errors } = await ada.gql(
            'mutation ($id: ID!, $grace: Int!) { rotateKey(keyId: $id, graceSeconds: $grace) { __typename } }',
            { id: old.id, grace: graceSeconds },
          );
          expect(data).toBeNull();
          expect(errors).toEqual([expect.objectContaining({ extensions: { code: 'BAD_USER_INPUT' } })]);
        });
        expect(calls).toEqual([]);
        expect(await ada.keys()).toEqual(before);
        expect(await ada.call(old.value)).toEqual(ALIVE);
      },
    );

    it('answers another customer’s key, and an id that cannot exist, exactly as one that is not there', async () => {
      const { ada } = await subscriber();
      const { ada: eve, old: eves } = await subscriber();
      const unknown = await ada.rotate('doesnotexist');
      expect(unknown).toMatchObject({ __typename: 'UnknownKey', code: 'UNKNOWN_KEY' });
      for (const id of [eves.id, '', '../../usageplans', 'ü'.repeat(2000), "' OR 1=1 --"]) {
        expect(await ada.rotate(id)).toEqual(unknown);
        expect(await ada.rotate(id, 600)).toEqual(unknown);
        expect(await ada.revoke(id)).toEqual(unknown);
      }
      expect(await eve.call(eves.value)).toEqual(ALIVE);
      expect(await eve.keys()).toHaveLength(1);
    });

    it('rotates nothing without a subscription', async () => {
      const ada = await world.customer();
      expect(await ada.rotate('anything')).toMatchObject({ __typename: 'NoSubscription', code: 'NO_SUBSCRIPTION' });
      expect(await ada.reveal()).toMatchObject({ __typename: 'NoSubscription' });
      expect(await ada.revoke('anything')).toMatchObject({ __typename: 'UnknownKey' });
      expect(await ada.keys()).toEqual([]);
    });

    it('rotates nothing after cancelling, so that the dead key gets no successor', async () => {
      const { ada, old } = await subscriber();
      await ada.cancel();
      expect(await ada.rotate(old.id)).toMatchObject({ __typename: 'NoSubscription' });
      expect(await ada.keys()).toHaveLength(1);
      expect(await ada.liveKeys()).toEqual([]);
    });

    it('lets a suspended customer revoke but not rotate', async () => {
      const { ada, old, fresh } = await overlapping(600);
      await suspend(ada);
      expect(await ada.rotate(fresh.id)).toMatchObject({ __typename: 'AccountSuspended', code: 'ACCOUNT_SUSPENDED' });
      expect(await ada.keys()).toHaveLength(2);
      expect(await ada.revoke(old.id)).toMatchObject({ __typename: 'KeyRevoked' });
      expect((await ada.keys()).filter(({ enabled }) => enabled).map(({ id }) => id)).toEqual([fresh.id]);
    });
  });

  describe('revoking', () => {
    it('ends the overlap now', async () => {
      const { ada, old, fresh } = await overlapping(600);
      const revoked = await ada.revoke(old.id);
      expect(revoked.__typename).toBe('KeyRevoked');
      expect(subscriptionOf(revoked)).toMatchObject({ apiKey: { id: fresh.id }, overlappingKey: null });
      expect(await ada.call(old.value)).toEqual(DEAD);
      expect(await ada.call(fresh.value)).toEqual(ALIVE);
    });

    it('may be repeated', async () => {
      const { ada, old, fresh } = await overlapping(600);
      await ada.revoke(old.id);
      expect(await ada.revoke(old.id)).toMatchObject({ __typename: 'KeyRevoked' });
      expect(await liveIds(ada)).toEqual([fresh.id]);
    });

    it('does not say that a key is dead which works on, while nobody can tell which plan is meant', async () => {
      const planId = await makePlan(world, 'lost');
      const { ada, old } = await subscriber('lost');
      await ada.rotate(old.id, 600);
      await untagPlan(world, planId, 'turnpike:plan');
      const { errors } = await ada.gql(`mutation { revokeKey(keyId: "${old.id}") { __typename } }`);
      expect(errors).toMatchObject([{ extensions: { code: 'TRY_AGAIN', retryAfterSeconds: 60 } }]);
      expect(await ada.call(old.value)).toEqual(ALIVE);
      await tagPlan(world, planId, { 'turnpike:plan': 'lost' });
      expect(await ada.me()).toMatchObject({ subscription: { overlappingKey: { id: old.id } } });
      expect((await ada.revoke(old.id)).__typename).toBe('KeyRevoked');
      expect(await ada.call(old.value)).toEqual(DEAD);
    });

    it('refuses to leave the customer without a key', async () => {
      const { ada, old } = await subscriber();
      expect(await ada.revoke(old.id)).toMatchObject({ __typename: 'KeyInUse', code: 'KEY_IN_USE' });
      expect(await ada.call(old.value)).toEqual(ALIVE);
    });
  });

  describe('revealing', () => {
    it('shows the value that API Gateway holds, after a rotation that of the new key', async () => {
      const { ada, old } = await subscriber();
      const [held] = await ada.keys();
      expect(keyOf(await ada.reveal())).toEqual({ id: held?.id, value: held?.value });
      const fresh = keyOf(await ada.rotate(old.id, 600));
      expect(keyOf(await ada.reveal())).toEqual(fresh);
    });

    it('changes nothing', async () => {
      const { ada } = await subscriber();
      const before = await ada.keys();
      const calls = await world.callsDuring(() => ada.reveal());
      expect(calls.filter((name) => !name.includes('Get'))).toEqual([]);
      expect(await ada.keys()).toEqual(before);
    });
  });
});
