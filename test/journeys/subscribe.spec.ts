import { TagResourceCommand } from '@aws-sdk/client-api-gateway';
import { AdminCreateUserCommand, AdminDeleteUserCommand } from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { UsagePlans } from '../../src/aws/usage-plans.js';
import { PlanCatalogue } from '../../src/plans/plan-catalogue.service.js';
import { USER_POOL_ID } from '../../src/sandbox/seed.js';
import { DesiredState } from '../../src/subscriptions/reconcile/desired-state.service.js';
import { Reconciler } from '../../src/subscriptions/reconcile/reconciler.service.js';
import { Customer } from '../support/customer.js';
import { keyOf, subscriptionOf } from '../support/outcomes.js';
import { arnOf, makePlan, tagPlan } from '../support/plans.js';
import { federatedCustomer, tokensOf } from '../support/tokens.js';
import { claimsOf, World } from '../support/world.js';

const ALIVE = { 200: 1 };
const DEAD = { 403: 1 };
const WRITES = /^(Create|Update|Delete|Tag|Untag|Admin(?!GetUser))/;

describe('subscribing', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
  });
  afterAll(() => world.close());

  it('gives a key that works on the plan, and says which', async () => {
    const ada = await world.customer();
    const { key, subscription } = await ada.subscribe('free');
    expect(subscription).toMatchObject({ planCode: 'free', state: 'ACTIVE', overlappingKey: null });
    expect(await ada.call(key?.value ?? '', 2, '/pets')).toEqual({ 200: 2 });
    expect(await ada.liveKeys()).toEqual([expect.objectContaining({ id: key?.id, plans: ['free'] })]);
    expect(await ada.attributes()).toMatchObject({ 'custom:plan': 'free', 'custom:api_key_id': key?.id });
  });

  it('takes at most 3 API Gateway and 4 Cognito calls the first time, and 2 + 2 when nothing changes', async () => {
    const ada = await world.customer();
    await world.stranger.gql('{ plans { code } }');
    const first = await world.callsDuring(() => ada.subscribe('free'));
    const repeat = await world.callsDuring(() => ada.subscribe('free'));
    expect(first.sort()).toEqual([
      'AdminGetUser',
      'AdminGetUser',
      'AdminUpdateUserAttributes',
      'AdminUpdateUserAttributes',
      'CreateApiKey',
      'CreateUsagePlanKey',
      'GetApiKeys',
    ]);
    expect(repeat.sort()).toEqual(['AdminGetUser', 'AdminGetUser', 'GetApiKeys', 'GetUsagePlans']);
  });

  async function subscriber(plan = 'free') {
    const ada = await world.customer();
    return { ada, key: keyOf(await ada.subscribe(plan)) };
  }

  const writesDuring = async (work: () => Promise<unknown>) =>
    (await world.callsDuring(work)).filter((name) => WRITES.test(name));

  const suspend = (ada: Customer) => ada.setAttributes({ 'custom:suspended': 'payment' });

  describe('again', () => {
    it('answers the same key and writes nothing', async () => {
      const { ada, key } = await subscriber();
      const before = [await ada.keys(), await ada.attributes()];
      const writes = await writesDuring(async () => expect(keyOf(await ada.subscribe('free'))).toEqual(key));
      expect(writes).toEqual([]);
      expect([await ada.keys(), await ada.attributes()]).toEqual(before);
    });

    it('makes one key of three requests at once', async () => {
      const ada = await world.customer();
      const outcomes = await Promise.all([1, 2, 3].map(() => ada.subscribe('free')));
      expect(new Set(outcomes.map((outcome) => keyOf(outcome).value)).size).toBe(1);
      expect(await ada.keys()).toHaveLength(1);
      expect(await ada.liveKeys()).toHaveLength(1);
    });

    it('ends in one plan, one key and one answer when three plans are asked for at once', async () => {
      const ada = await world.customer();
      await Promise.all(['free', 'basic', 'pro'].map((plan) => ada.subscribe(plan)));
      const { subscription } = await ada.me();
      expect(await ada.keys()).toEqual([
        expect.objectContaining({ id: subscription?.apiKey?.id, enabled: true, plans: [subscription?.planCode] }),
      ]);
      expect((await ada.attributes())['custom:plan']).toBe(subscription?.planCode);
    });
  });

  describe('to another plan', () => {
    it('keeps the key, moves it, and leaves it in one plan', async () => {
      const { ada, key } = await subscriber();
      for (const plan of ['basic', 'pro', 'free']) {
        const changed = await ada.subscribe(plan);
        expect(keyOf(changed)).toEqual(key);
        expect(subscriptionOf(changed)).toMatchObject({ planCode: plan, state: 'ACTIVE' });
        expect(await ada.keys()).toEqual([expect.objectContaining({ id: key.id, enabled: true, plans: [plan] })]);
        expect(await ada.call(key.value)).toEqual(ALIVE);
        expect((await ada.me()).subscription).toEqual(changed.subscription);
      }
    });

    it('lets the key of one customer alone while another changes plan', async () => {
      const { ada } = await subscriber();
      const { ada: eve, key: eves } = await subscriber();
      const before = await eve.keys();
      await ada.subscribe('basic');
      await ada.cancel();
      expect(await eve.keys()).toEqual(before);
      expect(await eve.call(eves.value)).toEqual(ALIVE);
    });
  });

  describe('to a plan that cannot be had', () => {
    it.each([
      ['no plan has', 'gold'],
      ['is empty', ''],
      ['differs in case', 'FREE'],
      ['differs by a space', 'free '],
      ['is a name of the language', '__proto__'],
      ['is very long', 'x'.repeat(5000)],
    ])('answers UnknownPlan to a code that %s, and writes nothing', async (_, plan) => {
      const ada = await world.customer();
      const writes = await writesDuring(async () =>
        expect(await ada.subscribe(plan)).toMatchObject({ __typename: 'UnknownPlan', code: 'UNKNOWN_PLAN' }),
      );
      expect(writes).toEqual([]);
      expect(await ada.keys()).toEqual([]);
    });

    it('keeps the plan and key that a customer has', async () => {
      const { ada, key } = await subscriber();
      const before = await ada.me();
      await ada.subscribe('gold');
      expect((await ada.me()).subscription).toEqual(before.subscription);
      expect(await ada.call(key.value)).toEqual(ALIVE);
    });

    it.each([
      ['that only an admin assigns', 'assigned', { 'turnpike:self-service': 'false' }],
      ['that is retired', 'bygone', { 'turnpike:retired': 'true' }],
      ['whose self-service is not said', 'unsaid', { 'turnpike:self-service': '' }],
    ])('answers PlanNotForSale to one %s, and does not list it', async (_, code, tags) => {
      await makePlan(world, code, { tags });
      const { ada, key } = await subscriber();
      const writes = await writesDuring(async () =>
        expect(await ada.subscribe(code)).toMatchObject({ __typename: 'PlanNotForSale', code: 'PLAN_NOT_FOR_SALE' }),
      );
      expect(writes).toEqual([]);
      expect(await ada.keys()).toEqual([expect.objectContaining({ id: key.id, plans: ['free'] })]);
      const { data } = await world.stranger.gql<{ plans: { code: string }[] }>('{ plans { code } }');
      expect(data?.plans.map((plan) => plan.code)).not.toContain(code);
    });

    it('sells none by what was on offer when somebody last asked, hours ago', async () => {
      const planId = await makePlan(world, 'ended');
      const ada = await world.customer();
      await world.gateway.send(
        new TagResourceCommand({ resourceArn: arnOf(planId), tags: { 'turnpike:retired': 'true' } }),
      );
      world.forward(3 * 3600);
      expect(await ada.subscribe('ended')).toMatchObject({ code: 'PLAN_NOT_FOR_SALE' });
      expect(await ada.keys()).toEqual([]);
    });

    it.each([
      ['before somebody asks', 'frozen-before'],
      ['while somebody waits for it', 'frozen-meanwhile'],
    ])('sells none by a reading that was frozen with its process, and goes on %s', async (when, code) => {
      const planId = await makePlan(world, code);
      const [ada, catalogue, plans] = [await world.customer(), world.app.get(PlanCatalogue), world.app.get(UsagePlans)];
      const seen = await plans.list();
      let thaw = () => {};
      const thawed = new Promise<void>((resolve) => {
        thaw = resolve;
      });
      const list = jest.spyOn(plans, 'list').mockImplementationOnce(() => thawed.then(() => seen));
      world.forward(61);
      await world.stranger.gql('{ plans { code } }');
      await world.gateway.send(
        new TagResourceCommand({ resourceArn: arnOf(planId), tags: { 'turnpike:retired': 'true' } }),
      );
      world.forward(2400);
      const waiting = when.startsWith('while') ? catalogue.freshen() : null;
      thaw();
      await waiting;
      expect(await ada.subscribe(code)).toMatchObject({ code: 'PLAN_NOT_FOR_SALE' });
      expect(await ada.keys()).toEqual([]);
      list.mockRestore();
    });

    it('goes by what was on offer last while AWS does not say', async () => {
      world.sandbox.habits.addFault({ operation: 'GetUsagePlan', kind: 'hang', milliseconds: 5000 });
      world.forward(3600);
      const ada = await world.customer();
      const key = keyOf(await ada.subscribe('free'));
      world.sandbox.habits.clearFaults();
      expect(await ada.call(key.value)).toEqual(ALIVE);
    });

    it.each([
      ['no longer for sale', 'withdrawn', { 'turnpike:self-service': 'false' }],
      ['retired', 'outdated', { 'turnpike:retired': 'true' }],
    ])('is success for a customer who has it already: %s', async (_, code, tags) => {
      const planId = await makePlan(world, code);
      const { ada, key } = await subscriber(code);
      await tagPlan(world, planId, tags);
      const again = await ada.subscribe(code);
      expect(keyOf(again)).toEqual(key);
      expect(subscriptionOf(again)).toMatchObject({ planCode: code, state: 'ACTIVE' });
      await ada.subscribe('free');
      expect(await ada.subscribe(code)).toMatchObject({ __typename: 'PlanNotForSale' });
      expect(await ada.liveKeys()).toEqual([expect.objectContaining({ id: key.id, plans: ['free'] })]);
    });
  });

  describe('while suspended', () => {
    it('is refused, and changes nothing', async () => {
      const { ada } = await subscriber();
      await suspend(ada);
      await ada.reveal();
      for (const plan of ['free', 'basic']) {
        expect(await ada.subscribe(plan)).toMatchObject({ __typename: 'AccountSuspended', code: 'ACCOUNT_SUSPENDED' });
      }
      expect((await ada.me()).subscription).toMatchObject({
        planCode: 'free',
        state: 'SUSPENDED',
        suspension: 'PAYMENT',
      });
      expect(await ada.liveKeys()).toEqual([]);
    });

    it('is refused to one who never had a plan', async () => {
      const ada = await world.customer();
      await suspend(ada);
      expect(await ada.subscribe('free')).toMatchObject({ __typename: 'AccountSuspended' });
      expect(await ada.keys()).toEqual([]);
    });

    it('works again with the same key once the suspension is lifted', async () => {
      const { ada, key } = await subscriber();
      await suspend(ada);
      await ada.reveal();
      expect(await ada.call(key.value)).toEqual(DEAD);
      await ada.setAttributes({ 'custom:suspended': '' });
      expect(keyOf(await ada.subscribe('free'))).toEqual(key);
      expect(await ada.call(key.value)).toEqual(ALIVE);
    });

    it('can be ended by cancelling', async () => {
      const { ada, key } = await subscriber();
      await suspend(ada);
      expect(await ada.cancel()).toMatchObject({ __typename: 'SubscriptionCancelled', subscription: null });
      expect(await ada.keys()).toEqual([expect.objectContaining({ id: key.id, enabled: false })]);
    });

    it('shows a reason that nobody knows as ADMIN, for its presence counts', async () => {
      const { ada } = await subscriber();
      await ada.setAttributes({ 'custom:suspended': 'because' });
      world.forward(2);
      expect((await ada.me()).subscription?.suspension).toBe('ADMIN');
    });
  });

  describe('cancelling', () => {
    it('kills the key at once and for good, and leaves no plan', async () => {
      const { ada, key } = await subscriber('basic');
      expect(await ada.cancel()).toEqual({
        __typename: 'SubscriptionCancelled',
        plan: { code: 'basic' },
        subscription: null,
      });
      expect(await ada.call(key.value)).toEqual(DEAD);
      expect(await ada.keys()).toEqual([expect.objectContaining({ id: key.id, enabled: false })]);
      expect(await ada.me()).toMatchObject({ subscription: null, usage: null });
      expect((await ada.attributes())['custom:plan']).toBeUndefined();
      expect((await ada.attributes())['custom:plan_sig']).toBeUndefined();
    });

    it('kills the key at once although other changes are under way in the account', async () => {
      const { ada, key } = await subscriber('basic');
      expect(await world.amidOtherChanges(() => ada.cancel())).toMatchObject({ subscription: null });
      expect(await ada.call(key.value)).toEqual(DEAD);
      expect(await ada.liveKeys()).toEqual([]);
    });

    it('answers NoSubscription the second time, and to one who never had a plan', async () => {
      const { ada } = await subscriber();
      await ada.cancel();
      const again = await ada.cancel();
      expect(again).toMatchObject({ __typename: 'NoSubscription', code: 'NO_SUBSCRIPTION' });
      expect(await (await world.customer()).cancel()).toEqual(again);
    });

    it('followed by subscribing makes the next generation with another value, and the old one stays dead', async () => {
      const { ada, key } = await subscriber();
      await ada.cancel();
      const fresh = keyOf(await ada.subscribe('basic'));
      expect(fresh.id).not.toBe(key.id);
      expect(fresh.value).not.toBe(key.value);
      expect(await ada.call(key.value)).toEqual(DEAD);
      expect(await ada.call(fresh.value)).toEqual(ALIVE);
      expect((await ada.keys()).map(({ name }) => name.slice(-6))).toEqual(['000002', '000001']);
      await ada.subscribe('free');
      expect(await ada.call(key.value)).toEqual(DEAD);
    });
  });

  describe('for users of every kind', () => {
    it('works for one who signed in through a provider', async () => {
      const ada = federatedCustomer(world, 'Google_1078123456789');
      const key = keyOf(await ada.subscribe('free'));
      expect(await ada.me()).toMatchObject({ id: ada.sub, username: 'Google_1078123456789', email: null });
      expect(await ada.call(key.value)).toEqual(ALIVE);
      expect(await ada.keys()).toEqual([expect.objectContaining({ id: key.id, plans: ['free'] })]);
      expect(keyOf(await ada.rotate(key.id)).id).not.toBe(key.id);
      expect(await ada.cancel()).toMatchObject({ subscription: null });
    });

    it('finds no user when the name now belongs to somebody else', async () => {
      const ada = federatedCustomer(world, 'Google_42');
      await ada.subscribe('free');
      const before = await ada.keys();
      await world.cognito.send(new AdminDeleteUserCommand({ UserPoolId: USER_POOL_ID, Username: 'Google_42' }));
      const heir = federatedCustomer(world, 'Google_42');
      const { errors } = await ada.gql('mutation { cancelSubscription { __typename } }');
      expect(errors.map(({ extensions }) => extensions.code)).toEqual(['UNAUTHENTICATED']);
      expect(await heir.cancel()).toMatchObject({ __typename: 'NoSubscription' });
      expect(await heir.me()).toMatchObject({ subscription: null });
      expect(await ada.keys()).toEqual(before);
    });

    it('a deletion that was ordered for one does not fall upon whoever bears the name now', async () => {
      const ada = federatedCustomer(world, 'Google_43');
      await ada.subscribe('free');
      const desiredState = world.app.get(DesiredState);
      const desired = await desiredState.read({ sub: ada.sub, username: 'Google_43' });
      if (!desired) throw new Error('Nobody is there');
      const listed = await desiredState.writeDeletion(desired); // as a sweep lists her, and comes to her later
      await world.cognito.send(new AdminDeleteUserCommand({ UserPoolId: USER_POOL_ID, Username: 'Google_43' }));
      const heir = federatedCustomer(world, 'Google_43');
      const key = keyOf(await heir.subscribe('free'));
      await world.app.get(Reconciler).run(listed);
      expect(await ada.keys()).toMatchObject([{ enabled: false }]);
      expect(await heir.me()).toMatchObject({ id: heir.sub, subscription: { state: 'ACTIVE' } });
      expect(await heir.call(key.value)).toEqual(ALIVE);
    });
  });
});

describe('subscribing in a pool where users choose their names', () => {
  const CLIENT = 'chosennamesclient000000001';
  const POOL = 'us-east-1_ChosenNames';
  let world: World;
  beforeAll(async () => {
    world = await World.start({ COGNITO_USER_POOL_ID: POOL, COGNITO_CLIENT_ID: CLIENT });
    const customAttributes = ['plan', 'plan_sig', 'suspended', 'quota_grant', 'deleting', 'key_floor', 'api_key_id'];
    await world.sandbox.cognito.seedPool({
      id: POOL,
      name: 'chosen-names',
      customAttributes: [...customAttributes, 'key_gen'],
      settings: { UsernameAttributes: undefined },
    });
    world.sandbox.cognito.seedClient({ poolId: POOL, clientId: CLIENT });
    world.forward(60); // the server found no keys of the pool at its start, and asks again after a while
  });
  afterAll(() => world.close());

  async function user(username: string): Promise<Customer> {
    await world.cognito.send(new AdminCreateUserCommand({ UserPoolId: POOL, Username: username }));
    const { AccessToken, IdToken } = tokensOf(world, username, 0, POOL, CLIENT);
    const { sub } = claimsOf(AccessToken);
    return new Customer(world, { sub: String(sub), username, email: '', accessToken: AccessToken, idToken: IdToken });
  }

  it('tells a user apart from one whose name is that user’s sub', async () => {
    const ada = await user('ada');
    const mallory = await user(ada.sub);
    expect(mallory.sub).not.toBe(ada.sub);
    const adas = keyOf(await ada.subscribe('pro'));
    const mallorys = keyOf(await mallory.subscribe('free'));
    expect(mallorys.value).not.toBe(adas.value);
    expect(await ada.me()).toMatchObject({ id: ada.sub, username: 'ada', subscription: { planCode: 'pro' } });
    expect(await mallory.me()).toMatchObject({
      id: mallory.sub,
      username: ada.sub,
      subscription: { planCode: 'free' },
    });
    await mallory.cancel();
    expect((await ada.me()).subscription).toMatchObject({ planCode: 'pro', apiKey: { id: adas.id } });
    expect(await ada.call(adas.value)).toEqual(ALIVE);
    expect(await ada.call(mallorys.value)).toEqual(DEAD);
  });
});
