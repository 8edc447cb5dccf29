import { UpdateUsagePlanCommand } from '@aws-sdk/client-api-gateway';
import { InitiateAuthCommand } from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CLIENT_ID, REST_API_ID, STAGE, USER_POOL_ID, USERS } from '../../src/sandbox/seed.js';
import { brokenPromises } from '../support/template/promises.js';
import { StackCustomer, StackWorld } from '../support/template/stack-world.js';
import { claimsOf } from '../support/world.js';

const FREE_CALLS = 100;
const UPGRADE = 'https://petstore.example.com/plans';

describe('what infra/template.yaml makes', () => {
  let world: StackWorld;
  const confirmed: { triggerSource: string; userPoolId: string; userName: string }[] = [];
  beforeAll(async () => {
    const postConfirmation = async (event: never) => {
      confirmed.push(event);
      return event;
    };
    const parameters = { UpgradeUrl: UPGRADE };
    world = await StackWorld.start({ parameters, handlers: { 'lambda.postConfirmation': postConfirmation } });
  });
  afterAll(() => world.close());

  /** Uses calls up, never faster than the plan's throttle. */
  async function use(customer: StackCustomer, key: string, times: number): Promise<void> {
    for (let i = 0; i < times; i++) {
      if (i % 10 === 0) world.sandbox.clock.forward(1);
      expect((await customer.call(key)).status).toBe(200);
    }
  }

  const throttle = (usagePlanId: string, rate: number, burst: number) =>
    world.gateway.send(
      new UpdateUsagePlanCommand({
        usagePlanId,
        patchOperations: [
          { op: 'replace', path: '/throttle/rateLimit', value: String(rate) },
          { op: 'replace', path: '/throttle/burstLimit', value: String(burst) },
        ],
      }),
    );

  it('is safe to the pre-flight, and keeps what is promised to customers', async () => {
    expect(await brokenPromises(world)).toEqual([]);
    expect(await world.look()).toMatchObject({ outcome: 'safe', findings: [], unanswered: [] });
  });

  it('carries a customer from the sign-up to the end: subscribe, call, use up, rotate, cancel', async () => {
    const ada = await world.newcomer();
    const key = await ada.issued('subscribe(plan: "free")');
    const { status, body } = await ada.call(key.value);
    const claims = { sub: ada.sub, email: ada.email };
    expect({ status, ...body }).toMatchObject({ status: 200, claims, keyId: key.id });
    await use(ada, key.value, FREE_CALLS - 1);
    world.sandbox.clock.forward(1);
    const over = await ada.call(key.value);
    expect(over).toMatchObject({ status: 429, body: { code: 'QUOTA_EXCEEDED', upgrade: UPGRADE } });
    expect(over.body.resets).toMatch(/1st of the next month, 00:00 UTC/);
    expect(over.body.requestTimeEpoch).toEqual(expect.any(Number));
    const next = await ada.issued(`rotateKey(keyId: "${key.id}")`);
    expect(next.value).not.toBe(key.value);
    expect(await ada.call(key.value)).toMatchObject({ status: 403, body: { code: 'INVALID_API_KEY' } });
    expect(await ada.call(next.value)).toMatchObject({ status: 429, body: { code: 'QUOTA_EXCEEDED' } });
    await ada.gql('mutation { cancelSubscription { __typename } }');
    expect(await ada.call(next.value)).toMatchObject({ status: 403, body: { code: 'INVALID_API_KEY' } });
    expect(await ada.enabledKeys()).toEqual([]);
  });

  it('shows in the ID token which plan and key are a customer’s, once they sign in again', async () => {
    const ada = await world.newcomer();
    const key = await ada.issued('subscribe(plan: "free")');
    expect(await ada.attributes()).toMatchObject({ 'custom:plan': 'free', 'custom:api_key_id': key.id });
    const again = await world.returning(ada);
    const { body } = await again.call(key.value);
    expect(body.claims).toMatchObject({ 'custom:plan': 'free', 'custom:api_key_id': key.id, 'custom:key_gen': '1' });
    expect(Object.keys(Object(body.claims))).not.toContain('custom:plan_sig');
  });

  it('tells whoever calls too fast when to come back, so that a page can read it', async () => {
    const ada = await world.newcomer();
    const key = await ada.issued('subscribe(plan: "free")');
    const { ref } = world.stack.resource('FreePlan');
    await throttle(ref, 0.001, 1);
    await ada.call(key.value);
    const { status, headers, body } = await ada.call(key.value);
    await throttle(ref, 20, 20);
    expect({ status, code: body.code, retryAfter: headers.get('retry-after') }).toEqual({
      status: 429,
      code: 'THROTTLED',
      retryAfter: '1',
    });
    expect(headers.get('access-control-expose-headers')).toBe('Retry-After');
    expect(headers.get('access-control-allow-origin')).toBe('*');
  });

  it('calls the function for newcomers once for each, by the name that the pool knows', async () => {
    const before = confirmed.length;
    const ada = await world.newcomer();
    expect(confirmed.slice(before)).toEqual([
      expect.objectContaining({
        triggerSource: 'PostConfirmation_ConfirmSignUp',
        userPoolId: world.userPoolId,
        userName: ada.sub,
      }),
    ]);
  });

  it('signs nobody in by a password that is sent as it is', async () => {
    const asked = { AuthFlow: 'USER_PASSWORD_AUTH', ClientId: world.clientId } as const;
    const AuthParameters = { USERNAME: 'ada@example.com', PASSWORD: 'any' };
    const refused = world.cognito.send(new InitiateAuthCommand({ ...asked, AuthParameters }));
    await expect(refused).rejects.toMatchObject({ name: 'InvalidParameterException' });
  });
});

describe('with CallWith=token, claims in access tokens and a header of one’s own', () => {
  let world: StackWorld;
  /** By customer; the bundle's function derives it, and has tests of its own. */
  const keys = new Map<string, string>();
  beforeAll(async () => {
    const authorizer = async ({ authorizationToken, methodArn }: Record<string, string>) => ({
      principalId: String(claimsOf(authorizationToken ?? '').sub),
      policyDocument: {
        Version: '2012-10-17',
        Statement: [{ Action: 'execute-api:Invoke', Effect: 'Allow', Resource: methodArn }],
      },
      context: { plan: 'basic' },
      usageIdentifierKey: keys.get(String(claimsOf(authorizationToken ?? '').sub)),
    });
    const preTokenGeneration = async (event: Record<string, unknown>) => {
      const claimsToAddOrOverride = { 'custom:plan': 'as the function says' };
      const response = { claimsAndScopeOverrideDetails: { accessTokenGeneration: { claimsToAddOrOverride } } };
      return { ...event, response };
    };
    world = await StackWorld.start({
      parameters: {
        CallWith: 'token',
        TokenHeader: 'X-Customer-Token',
        PlanInAccessTokens: 'yes',
        PaidPlansForAnybody: 'yes',
        KeyPrefix: 'acme',
      },
      handlers: {
        'lambda.authorizer': authorizer as (event: never) => unknown,
        'lambda.preTokenGeneration': preTokenGeneration as (event: never) => unknown,
      },
    });
  });
  afterAll(() => world.close());

  it('the token alone opens the API, and the calls are counted on the customer’s plan', async () => {
    const ada = await world.newcomer();
    const key = await ada.issued('subscribe(plan: "basic")');
    keys.set(ada.sub, key.value);
    const { status, body } = await ada.call(null, ada.idToken, 'x-customer-token');
    expect({ status, ...body }).toEqual({ status: 200, claims: { sub: ada.sub, plan: 'basic' }, keyId: key.id });
    const { me } = await ada.gql('{ me { usage { used } subscription { planCode } } }');
    expect(me).toEqual({ usage: { used: 1 }, subscription: { planCode: 'basic' } });
  });

  it('nobody gets in by the usual header, or with a token to which no key is found', async () => {
    const ada = await world.newcomer();
    expect(await ada.call(null)).toMatchObject({ status: 401, body: { code: 'UNAUTHORIZED' } });
    expect(await ada.call(null, ada.idToken, 'x-customer-token')).toMatchObject({ status: 403 });
  });

  it('the access token carries what the function says', async () => {
    const ada = await world.newcomer();
    expect(claimsOf(ada.accessToken)).toMatchObject({ 'custom:plan': 'as the function says' });
  });
});

describe('attached to a user pool and an API that are there', () => {
  it('makes plans on that API alone, finds it safe, and serves a customer of that pool', async () => {
    const existing = { ExistingUserPoolId: USER_POOL_ID, ExistingClientIds: CLIENT_ID, ExistingApiId: REST_API_ID };
    const world = await StackWorld.start({ parameters: { ...existing, ExistingApiStage: STAGE, DomainPrefix: '' } });
    const typeOf = (id: string) => world.stack.template.Resources[id]?.Type ?? '';
    const made = [...world.stack.made.keys()].filter((id) => /Cognito|Serverless::Api/.test(typeOf(id)));
    const verdict = await world.look();
    const [{ username, password }] = USERS;
    const AuthParameters = { USERNAME: username, PASSWORD: password };
    const { AuthenticationResult: tokens } = await world.cognito.send(
      new InitiateAuthCommand({ AuthFlow: 'USER_PASSWORD_AUTH', ClientId: CLIENT_ID, AuthParameters }),
    );
    const ada = new StackCustomer(world, username, tokens?.AccessToken ?? '', tokens?.IdToken ?? '');
    const { value } = await ada.issued('subscribe(plan: "free")');
    const { invokeUrl } = world.sandbox.info();
    const headers = { authorization: ada.idToken, 'x-api-key': value };
    const { status } = await fetch(`${invokeUrl}/pets`, { headers });
    await world.close();
    expect({ made, findings: verdict.findings, status }).toEqual({ made: [], findings: [], status: 200 });
  });
});
