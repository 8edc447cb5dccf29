import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { World } from '../support/world.js';

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
});
