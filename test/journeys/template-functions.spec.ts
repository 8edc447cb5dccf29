import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import * as lambda from '../../src/lambda.js';
import type { SandboxFunction } from '../../src/sandbox/gateway/data-plane/functions.js';
import { StackWorld } from '../support/template/stack-world.js';
import { claimsOf } from '../support/world.js';

/** The functions of the bundle, under the names that the template gives them. */
const HANDLERS = Object.fromEntries(
  Object.entries(lambda).map(([name, handler]) => [`lambda.${name}`, handler as SandboxFunction]),
);

describe('a stack with the functions of the bundle', () => {
  let world: StackWorld;

  beforeAll(async () => {
    const parameters = { CallWith: 'token', PlanInAccessTokens: 'yes' };
    world = await StackWorld.start({ parameters, handlers: HANDLERS, overrides: { LOG_LEVEL: 'error' } });
    // All functions share this process, and of what each is told the authorizer's alone differs.
    process.env.COGNITO_TOKEN_USE = world.stack.environmentOf('AuthorizerFunction').COGNITO_TOKEN_USE;
    await lambda.sweep({ dryRun: true });
    Logger.overrideLogger(false); // which the application of the functions took over as it started
  });

  afterAll(() => world.close());

  it('gives whoever signs up a plan and a key, shows both in both tokens, and opens the API to the token alone', async () => {
    const ada = await world.newcomer();
    expect(await ada.attributes()).toMatchObject({ 'custom:plan': 'free', 'custom:key_gen': '1' });
    const [keyId] = await ada.enabledKeys();
    const again = await world.returning(ada);
    const shown = { 'custom:plan': 'free', 'custom:api_key_id': keyId };
    expect([claimsOf(again.accessToken), claimsOf(again.idToken)]).toMatchObject([shown, shown]);
    const body = { keyId, claims: { sub: ada.sub, plan: 'free' } };
    expect(await again.call(null)).toMatchObject({ status: 200, body });
    await ada.gql('mutation { cancelSubscription { __typename } }');
    expect(await again.call(null)).toMatchObject({ status: 403 });
  });

  it('sweeps, and finds the account safe', async () => {
    expect(await lambda.sweep()).toMatchObject({ heldBack: 0, unfinished: 0 });
  });
});
