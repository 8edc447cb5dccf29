import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type StackCustomer, StackWorld } from '../support/template/stack-world.js';

const FREE_CALLS = 100;
const UPGRADE = 'https://petstore.example.com/plans';

describe('what infra/template.yaml makes', () => {
  let world: StackWorld;
  const confirmed: unknown[] = [];
  beforeAll(async () => {
    const postConfirmation = async (event: never) => {
      confirmed.push(event);
      return event;
    };
    world = await StackWorld.start({
      parameters: { UpgradeUrl: UPGRADE },
      handlers: { 'lambda.postConfirmation': postConfirmation },
    });
  });
  afterAll(() => world.close());

  /** Uses calls up, never faster than the plan's throttle. */
  async function use(customer: StackCustomer, key: string, times: number): Promise<void> {
    for (let i = 0; i < times; i++) {
      if (i % 10 === 0) world.sandbox.clock.forward(1);
      expect((await customer.call(key)).status).toBe(200);
    }
  }

  it('is safe to the pre-flight, and nothing in it is worth a warning', async () => {
    const { outcome, findings, unanswered } = await world.look();
    expect({ outcome, findings, unanswered }).toEqual({ outcome: 'safe', findings: [], unanswered: [] });
  });

  it('carries a customer from the sign-up to the end: subscribe, call, use up, rotate, cancel', async () => {
    const ada = await world.newcomer();
    const key = await ada.issued('subscribe(plan: "free")');
    const { status, body } = await ada.call(key.value);
    expect({ status, ...body }).toMatchObject({
      status: 200,
      claims: { sub: ada.sub, email: ada.email },
      keyId: key.id,
    });
    await use(ada, key.value, FREE_CALLS - 1);
    world.sandbox.clock.forward(1);
    const over = await ada.call(key.value);
    expect(over).toMatchObject({ status: 429, body: { code: 'QUOTA_EXCEEDED', upgrade: UPGRADE } });
    const next = await ada.issued(`rotateKey(keyId: "${key.id}")`);
    expect(next.value).not.toBe(key.value);
    expect(await ada.call(key.value)).toMatchObject({ status: 403, body: { code: 'INVALID_API_KEY' } });
    expect(await ada.call(next.value)).toMatchObject({ status: 429, body: { code: 'QUOTA_EXCEEDED' } });
    await ada.gql('mutation { cancelSubscription { __typename } }');
    expect(await ada.call(next.value)).toMatchObject({ status: 403, body: { code: 'INVALID_API_KEY' } });
    expect(await ada.enabledKeys()).toEqual([]);
  });
});
