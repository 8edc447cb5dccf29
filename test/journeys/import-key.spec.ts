import {
  CreateApiKeyCommand,
  CreateUsagePlanCommand,
  CreateUsagePlanKeyCommand,
  DeleteApiKeyCommand,
  GetApiKeyCommand,
  TagResourceCommand,
  UpdateApiKeyCommand,
} from '@aws-sdk/client-api-gateway';
import { AdminDeleteUserCommand } from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AwsClients } from '../../src/aws/aws-clients.js';
import { PlanCatalogue } from '../../src/plans/plan-catalogue.service.js';
import { REST_API_ID, STAGE, USER_POOL_ID } from '../../src/sandbox/seed.js';
import { act } from '../support/admin.js';
import type { Customer } from '../support/customer.js';
import { keyOf } from '../support/outcomes.js';
import { arnOf } from '../support/plans.js';
import { World } from '../support/world.js';

const DEAD = { 403: 1 };
const ALIVE = { 200: 1 };

describe('a key that was sold before Turnpike', () => {
  let world: World;
  let admin: Customer;
  beforeAll(async () => {
    world = await World.start();
    admin = await world.admin();
  });
  afterAll(() => world.close());

  const planIdOf = (code: string) => world.sandbox.info().plans.find((plan) => plan.code === code)?.usagePlanId ?? '';

  async function madeByHand(usagePlanId: string | null, { enabled = true, name = 'Old customer Ltd' } = {}) {
    const { id = '', value = '' } = await world.gateway.send(new CreateApiKeyCommand({ name, enabled }));
    if (usagePlanId) await attach(usagePlanId, id);
    return { id, value };
  }

  const attach = (usagePlanId: string, keyId: string) =>
    world.gateway.send(new CreateUsagePlanKeyCommand({ usagePlanId, keyId, keyType: 'API_KEY' }));

  const deleted = ({ username }: Customer) =>
    world.cognito.send(new AdminDeleteUserCommand({ UserPoolId: USER_POOL_ID, Username: username }));

  const release = (apiKey: string, customerId: string) => {
    const name = { op: 'replace', path: '/name', value: 'Old customer Ltd' } as const;
    const patchOperations = [name, { op: 'replace' as const, path: '/customerId', value: customerId }];
    return world.gateway.send(new UpdateApiKeyCommand({ apiKey, patchOperations }));
  };

  const importKey = (ada: Customer, keyId: string) => act(admin, 'importKey', { userId: ada.sub, keyId });

  it('works on with the same value, as the one live key of its customer, on its plan', async () => {
    const ada = await world.customer();
    const old = await madeByHand(planIdOf('basic'));
    for (let repeat = 0; repeat < 2; repeat++) {
      const outcome = await importKey(ada, old.id);
      expect(outcome).toMatchObject({
        user: { subscription: { planCode: 'basic', state: 'ACTIVE', apiKey: { id: old.id } } },
      });
    }
    expect(await ada.call(old.value)).toEqual(ALIVE);
    expect(await ada.keys()).toMatchObject([{ id: old.id, value: old.value, enabled: true, plans: ['basic'] }]);
    expect(keyOf(await ada.reveal())).toEqual(old);
    expect((await ada.me()).subscription).toMatchObject({ planCode: 'basic', apiKey: { id: old.id } });
    await act(admin, 'sweep', {});
    expect(await ada.call(old.value)).toEqual(ALIVE);
  });

  it('brings the calls it made in the period with it, and no more', async () => {
    const ada = await world.customer();
    const old = await madeByHand(planIdOf('free'));
    expect(await ada.use(old.value, 30)).toBe(30);
    await importKey(ada, old.id);
    expect((await ada.me()).usage).toMatchObject({ limit: 100, used: 30, remaining: 70 });
    const fresh = keyOf(await ada.rotate(old.id));
    expect(await ada.call(old.value)).toEqual(DEAD);
    expect(await ada.use(fresh.value, 100)).toBe(70);
  });

  it('is no second allowance beside the calls that the customer made before', async () => {
    const ada = await world.customer();
    const own = keyOf(await ada.subscribe('free'));
    await ada.use(own.value, 20);
    const old = await madeByHand(planIdOf('free'));
    await ada.use(old.value, 30);
    await importKey(ada, old.id);
    expect(await ada.call(own.value)).toEqual(DEAD);
    expect((await ada.liveKeys()).map(({ id }) => id)).toEqual([old.id]);
    expect(await ada.use(old.value, 100)).toBe(50);
  });

  it('comes after keys that the customer had and lost, so that none of them is ever live again', async () => {
    const ada = await world.customer();
    const first = keyOf(await ada.subscribe('free'));
    const second = keyOf(await ada.rotate(first.id));
    await ada.cancel();
    const old = await madeByHand(planIdOf('free'));
    await importKey(ada, old.id);
    expect((await ada.keys()).map(({ name, enabled }) => [name.slice(-6), enabled])).toEqual([
      ['000003', true],
      ['000002', false],
      ['000001', false],
    ]);
    for (const { value } of [first, second]) expect(await ada.call(value)).toEqual(DEAD);
    expect(await ada.call(old.value)).toEqual(ALIVE);
  });

  it('is taken over as soon as its plan is tagged, also where the server has read the plan as somebody else’s before', async () => {
    const ada = await world.customer();
    const apiStages = [{ apiId: REST_API_ID, stage: STAGE }];
    const { id: planId = '' } = await world.gateway.send(
      new CreateUsagePlanCommand({ name: 'sold before', apiStages }),
    );
    const old = await madeByHand(planId);
    await world.app.get(PlanCatalogue).reread();
    expect(await importKey(ada, old.id)).toMatchObject({ code: 'API_KEY_IN_OTHER_PLAN' });
    const tags = { 'turnpike:plan': 'sold-before' };
    await world.gateway.send(new TagResourceCommand({ resourceArn: arnOf(planId), tags }));
    expect(await importKey(ada, old.id)).toMatchObject({
      user: { subscription: { planCode: 'sold-before', state: 'ACTIVE', apiKey: { id: old.id } } },
    });
    expect(await ada.call(old.value)).toEqual(ALIVE);
  });

  it.each(['', 'released'])(
    'goes to another user than the wrong one once its name is changed by hand, and its customer id is %j',
    async (customerId) => {
      const [wrong, right] = [await world.customer(), await world.customer()];
      const old = await madeByHand(planIdOf('free'));
      expect(await wrong.use(old.value, 10)).toBe(10);
      await importKey(wrong, old.id);
      expect(await importKey(right, old.id)).toMatchObject({ code: 'API_KEY_TAKEN' });
      await release(old.id, customerId);
      await act(admin, 'sweep', {});
      expect(await importKey(right, old.id)).toMatchObject({ user: { subscription: { state: 'ACTIVE' } } });
      await act(admin, 'cancelSubscriptionFor', { userId: wrong.sub });
      await act(admin, 'sweep', {});
      expect((await right.liveKeys()).map(({ id }) => id)).toEqual([old.id]);
      expect((await right.me()).usage).toMatchObject({ limit: 100, used: 10, remaining: 90 });
      expect(await right.call(old.value)).toEqual(ALIVE);
      expect(await wrong.liveKeys()).toEqual([]);
    },
  );

  it('may be one that Turnpike made, released by hand, of a user deleted by mistake: value and calls stay, a key got meanwhile goes', async () => {
    const before = await world.customer();
    const own = keyOf(await before.subscribe('free'));
    expect(await before.use(own.value, 10)).toBe(10);
    await deleted(before);
    const again = await world.customer();
    const meanwhile = keyOf(await again.subscribe('free'));
    await release(own.id, 'released');
    expect(await importKey(again, own.id)).toMatchObject({ user: { subscription: { state: 'ACTIVE' } } });
    await act(admin, 'sweep', {});
    expect((await again.liveKeys()).map(({ id }) => id)).toEqual([own.id]);
    expect(keyOf(await again.reveal())).toEqual(own);
    expect((await again.me()).usage).toMatchObject({ limit: 100, used: 10, remaining: 90 });
    expect(await again.call(own.value)).toEqual(ALIVE);
    expect(await again.call(meanwhile.value)).toEqual(DEAD);
  });

  it('is finished by the next request when the import was cut off after the plan was recorded, and says so', async () => {
    const ada = await world.customer();
    const old = await madeByHand(planIdOf('free'));
    world.sandbox.habits.addFault({ operation: 'UpdateApiKey', kind: 'before', times: 3 });
    const { errors } = await admin.gql(
      `mutation { importKey(userId: "${ada.sub}", keyId: "${old.id}", reason: "a test") { __typename } }`,
    );
    expect(errors).toMatchObject([{ extensions: { code: 'TRY_AGAIN' } }]);
    expect(errors[0]?.message).toMatch(/^The plan is recorded, but .* Send the same request again/);
    expect(await ada.attributes()).toMatchObject({ 'custom:plan': 'free' });
    world.sandbox.habits.clearFaults();
    expect(await importKey(ada, old.id)).toMatchObject({ user: { subscription: { state: 'ACTIVE' } } });
    expect((await ada.liveKeys()).map(({ id }) => id)).toEqual([old.id]);
    expect(await ada.call(old.value)).toEqual(ALIVE);
  });

  it.each(['is deleted', 'is to be deleted'])('is left as it is when its customer %s meanwhile', async (what) => {
    const ada = await world.customer();
    const old = await madeByHand(planIdOf('free'));
    const { middlewareStack } = world.app.get(AwsClients).gateway;
    let isThere = true;
    const leaves = { name: 'leaves', step: 'initialize' } as const;
    middlewareStack.add((next, { commandName }) => {
      return async (args) => {
        const reply = await next(args);
        if (isThere && commandName === 'GetApiKeyCommand') {
          isThere = false;
          if (what === 'is deleted') await deleted(ada);
          else await ada.setAttributes({ 'custom:deleting': '2026-11-01T00:00:00.000Z' });
        }
        return reply;
      };
    }, leaves);
    await importKey(ada, old.id);
    middlewareStack.remove('leaves');
    expect(isThere).toBe(false);
    await act(admin, 'sweep', {});
    const { name, enabled } = await world.gateway.send(new GetApiKeyCommand({ apiKey: old.id }));
    expect({ name, enabled }).toEqual({ name: 'Old customer Ltd', enabled: true });
    expect(await ada.call(old.value)).toEqual(ALIVE);
  });

  it('leaves its customer on the plan that was recorded, with a key of their own, when somebody deletes it meanwhile', async () => {
    const ada = await world.customer();
    const old = await madeByHand(planIdOf('free'));
    const { middlewareStack } = world.app.get(AwsClients).cognito;
    let isThere = true;
    const deletes = { name: 'deletes', step: 'initialize' } as const;
    middlewareStack.add((next, { commandName }) => {
      return async (args) => {
        const reply = await next(args);
        if (isThere && commandName === 'AdminUpdateUserAttributesCommand') {
          isThere = false;
          await world.gateway.send(new DeleteApiKeyCommand({ apiKey: old.id }));
        }
        return reply;
      };
    }, deletes);
    const outcome = await importKey(ada, old.id);
    middlewareStack.remove('deletes');
    expect(isThere).toBe(false);
    expect(outcome).toMatchObject({ user: { subscription: { state: 'ACTIVE', planCode: 'free' } } });
    expect((await ada.liveKeys()).map(({ id }) => id)).not.toContain(old.id);
    expect(await ada.liveKeys()).toHaveLength(1);
  });

  describe('is refused, and nothing is changed,', () => {
    const apiStages = [{ apiId: REST_API_ID, stage: STAGE }];
    const foreignPlan = async () =>
      (await world.gateway.send(new CreateUsagePlanCommand({ name: 'not ours', apiStages }))).id ?? '';

    async function expectRefused(code: string, keyId: string): Promise<void> {
      const ada = await world.customer();
      expect(await importKey(ada, keyId)).toMatchObject({ code });
      expect(await ada.attributes()).not.toHaveProperty('custom:plan');
      expect(await ada.keys()).toEqual([]);
    }

    it('when there is none with this id', async () => {
      await expectRefused('UNKNOWN_API_KEY', 'nokey');
      await expectRefused('UNKNOWN_API_KEY', 'no/such ?key#');
      await expectRefused('UNKNOWN_API_KEY', '');
    });

    it('when it is switched off', async () => {
      await expectRefused('API_KEY_DISABLED', (await madeByHand(planIdOf('free'), { enabled: false })).id);
    });

    it('when it is in no plan', async () => {
      await expectRefused('API_KEY_WITHOUT_PLAN', (await madeByHand(null)).id);
    });

    it('when its plan has no tag of ours', async () => {
      const { id } = await madeByHand(await foreignPlan());
      await expectRefused('API_KEY_IN_OTHER_PLAN', id);
      const { name } = await world.gateway.send(new GetApiKeyCommand({ apiKey: id }));
      expect(name).toBe('Old customer Ltd');
    });

    it('when it is a key of ours, another customer’s or the same one’s retired one', async () => {
      const ada = await world.customer();
      const first = keyOf(await ada.subscribe('free'));
      await expectRefused('API_KEY_TAKEN', first.id);
      keyOf(await ada.rotate(first.id));
      expect(await importKey(ada, first.id)).toMatchObject({ code: 'API_KEY_TAKEN' });
      const name = `turnpike.${world.sandbox.info().userPoolId}.nearly`;
      await expectRefused('API_KEY_TAKEN', (await madeByHand(planIdOf('free'), { name })).id);
    });

    it('when it is a key of another deployment, which shares a plan', async () => {
      const name = `turnpike.us-east-1_Other0001.${(await world.customer()).sub}.000001`;
      const { id } = await madeByHand(planIdOf('free'), { name });
      await expectRefused('API_KEY_TAKEN', id);
      expect((await world.gateway.send(new GetApiKeyCommand({ apiKey: id }))).name).toBe(name);
    });
  });
});
