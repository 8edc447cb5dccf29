import {
  CreateApiKeyCommand,
  CreateAuthorizerCommand,
  CreateDeploymentCommand,
  CreateResourceCommand,
  CreateRestApiCommand,
  CreateUsagePlanKeyCommand,
  GetApiKeyCommand,
  PutIntegrationCommand,
  PutIntegrationResponseCommand,
  PutMethodCommand,
  PutMethodResponseCommand,
  UpdateApiKeyCommand,
  UpdateUsagePlanCommand,
} from '@aws-sdk/client-api-gateway';
import {
  AdminDeleteUserCommand,
  ConfirmForgotPasswordCommand,
  CreateUserPoolClientCommand,
  DeleteUserPoolClientCommand,
  ForgotPasswordCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { KeyForToken } from '../../src/keys/key-for-token.service.js';
import * as lambda from '../../src/lambda.js';
import { functionUri } from '../../src/sandbox/gateway/data-plane/functions.js';
import { CLIENT_ID, USER_POOL_ID } from '../../src/sandbox/seed.js';
import { Sweeper } from '../../src/subscriptions/sweep/sweeper.service.js';
import { act } from '../support/admin.js';
import type { Customer } from '../support/customer.js';
import { keyOf } from '../support/outcomes.js';
import { claimsOf, type World } from '../support/world.js';
import { codeFor, confirmation, endOf, listen, PASSWORD, signUp, worldWithHandlers } from './newcomers.js';

const ALIVE = { 200: 1 };
const DEAD = { 403: 1 };

// The handlers make an application of their own, which takes Nest's logger over (overrideLogger): not for a group.
describe('the handlers for AWS Lambda', () => {
  let world: World;

  beforeAll(async () => {
    world = await worldWithHandlers();
    await lambda.sweep({ dryRun: true });
    listen(world);
  });
  afterEach(() => world.sandbox.habits.reset());
  afterAll(() => endOf(world));

  describe('postConfirmation', () => {
    it('gives whoever signs up the default plan, with a key that works', async () => {
      const ada = await signUp(world);
      expect((await ada.me()).subscription).toMatchObject({ planCode: 'free', state: 'ACTIVE' });
      expect(await ada.call(keyOf(await ada.reveal()).value)).toEqual(ALIVE);
    });

    it('does nothing when a password is reset: who has cancelled stays without a plan', async () => {
      const ada = await signUp(world);
      await ada.cancel();
      const account = { ClientId: CLIENT_ID, Username: ada.email };
      await world.cognito.send(new ForgotPasswordCommand(account));
      const reset = { ...account, ConfirmationCode: codeFor(world, ada.email), Password: `${PASSWORD}2` };
      await world.cognito.send(new ConfirmForgotPasswordCommand(reset));
      expect((await ada.me()).subscription).toBeNull();
      expect(await ada.liveKeys()).toEqual([]);
    });

    it('brings nobody back who has left, and moves nobody to another plan, however often it is called', async () => {
      const [left, upgraded] = [await signUp(world), await signUp(world)];
      await left.cancel();
      await upgraded.subscribe('pro');
      for (const who of [left, upgraded]) await lambda.postConfirmation(confirmation(who));
      expect((await left.me()).subscription).toBeNull();
      expect((await upgraded.me()).subscription).toMatchObject({ planCode: 'pro' });
      expect((await upgraded.keys()).length).toBe(1);
    });
  });

  describe('preTokenGeneration', () => {
    it('puts plan, key id and generation into both tokens, and never the value', async () => {
      const ada = await signUp(world);
      const key = keyOf(await ada.reveal());
      const { accessToken, idToken } = await world.signIn(ada.email);
      const shown = { 'custom:plan': 'free', 'custom:api_key_id': key.id, 'custom:key_gen': '1' };
      for (const token of [accessToken ?? '', idToken]) {
        expect(claimsOf(token)).toMatchObject(shown);
        expect(JSON.stringify(claimsOf(token))).not.toContain(key.value);
      }
    });

    it('says who is suspended, and shows nothing of one without a plan', async () => {
      const ada = await signUp(world);
      await act(await world.admin(), 'suspendUser', { userId: ada.sub, code: 'PAYMENT' });
      const suspended = claimsOf((await world.signIn(ada.email)).accessToken ?? '');
      expect(suspended).toMatchObject({ 'custom:plan': 'free', 'custom:suspended': 'payment' });
      const nobody = claimsOf((await world.customer()).accessToken ?? '');
      expect(Object.keys(nobody).filter((name) => name.startsWith('custom:'))).toEqual([]);
    });

    it('asks AWS nothing, and hands back what it does not understand', async () => {
      const event = { version: '1', triggerSource: 'TokenGeneration_Authentication', userName: 'x', response: {} };
      const first = { ...event, request: { userAttributes: {} } };
      expect(await lambda.preTokenGeneration(first)).toBe(first);
      const broken: Parameters<typeof lambda.preTokenGeneration>[0] = JSON.parse(
        JSON.stringify({ ...event, version: '2', request: {} }),
      );
      expect(await lambda.preTokenGeneration(broken)).toBe(broken);
    });
  });

  describe('authorizer', () => {
    let path: string;
    let restApiId: string;

    beforeAll(async () => {
      restApiId = await keylessApi();
      path = `${world.sandbox.url}/_aws/execute-api/${restApiId}/dev/it`;
      for (const { usagePlanId } of world.sandbox.info().plans) {
        const patchOperations = [{ op: 'add' as const, path: '/apiStages', value: `${restApiId}:dev` }];
        await world.gateway.send(new UpdateUsagePlanCommand({ usagePlanId, patchOperations }));
      }
    });

    const statusFor = async (token: string, headers = {}) =>
      (await fetch(path, { headers: { authorization: token, ...headers } })).status;
    const signedInAgain = async ({ email }: Customer) => (await world.signIn(email)).accessToken ?? '';

    it('opens the API with the token alone, counts by the plan, and ends with the quota', async () => {
      const ada = await signUp(world);
      const token = await signedInAgain(ada);
      expect(await statusFor(token)).toBe(200);
      expect(await statusFor(`Bearer ${token}`)).toBe(200);
      expect((await ada.me()).usage?.used).toBe(2);
      await ada.use(keyOf(await ada.reveal()).value, 98);
      expect(await statusFor(token)).toBe(429);
    });

    it('turns away no token, a bad one, another pool’s kind, one without a plan, and a suspended customer, all alike', async () => {
      const ada = await signUp(world);
      const token = await signedInAgain(ada);
      const [head, claims, signature] = token.split('.');
      const grown = Buffer.from(JSON.stringify({ ...claimsOf(token), 'custom:key_gen': '2' })).toString('base64url');
      const nobody = await world.customer();
      await act(await world.admin(), 'suspendUser', { userId: ada.sub, code: 'ABUSE' });
      const suspended = await signedInAgain(ada);
      const tokens = [
        'nonsense',
        `${head}.${grown}.${signature}`,
        `${head}.${claims}.`,
        (await world.signIn(ada.email)).idToken,
        nobody.accessToken ?? '',
        suspended,
      ];
      for (const sent of tokens) {
        const reply = await fetch(path, { headers: { authorization: sent } });
        expect([reply.status, await reply.text()]).toEqual([401, '{"message":"Unauthorized"}']);
      }
      expect((await fetch(path)).status).toBe(401);
    });

    it('finds an imported key by its id, which has a value of its own', async () => {
      const ada = await world.customer();
      const keyId = await importedBy(ada);
      const token = await signedInAgain(ada);
      expect(claimsOf(token)).toMatchObject({ 'custom:api_key_id': keyId, 'custom:key_gen': '1;imported' });
      expect(await statusFor(token)).toBe(200);
      const fresh = keyOf(await ada.rotate(keyId));
      expect(claimsOf(await signedInAgain(ada))).toMatchObject({
        'custom:api_key_id': fresh.id,
        'custom:key_gen': '2',
      });
      expect(await statusFor(await signedInAgain(ada))).toBe(200);
    });

    it('finds it soon, when a token is quicker than what API Gateway shows, and does not ask for each call', async () => {
      const ada = await world.customer();
      const apiKey = await importedBy(ada);
      const token = await signedInAgain(ada);
      const keys = world.app.get(KeyForToken, { strict: false });
      const { name } = await world.gateway.send(new GetApiKeyCommand({ apiKey }));
      await rename(apiKey, 'as it was before');
      expect(await keys.admit(token)).toBeNull();
      await rename(apiKey, name);
      expect(await world.callsDuring(() => keys.admit(token))).toEqual([]);
      world.forward(6);
      expect(await keys.admit(token)).toMatchObject({ sub: ada.sub, plan: 'basic' });
    });

    it('takes no key of somebody else’s for the one that a token names', async () => {
      const [ada, eve] = [await signUp(world), await world.customer()];
      const key = keyOf(await ada.reveal());
      await eve.setAttributes({ 'custom:plan': 'pro', 'custom:api_key_id': key.id, 'custom:key_gen': '1;imported' });
      expect(await statusFor(await signedInAgain(eve))).toBe(401);
    });

    it('lets nobody in with a key that was replaced, until the customer has a new token', async () => {
      const ada = await signUp(world);
      const token = await signedInAgain(ada);
      await ada.rotate(keyOf(await ada.reveal()).id);
      expect(await statusFor(token)).toBe(403);
      expect(await statusFor(await signedInAgain(ada))).toBe(200);
    });

    it('answers for every method of the stage, with plan and sub, and nothing else of the customer', async () => {
      const ada = await signUp(world);
      const methodArn = `arn:aws:execute-api:us-east-1:123456789012:${restApiId}/dev/GET/it`;
      const headers = { Authorization: await signedInAgain(ada) };
      const { usageIdentifierKey, ...answer } = await lambda.authorizer({ methodArn, headers });
      const Resource = `arn:aws:execute-api:us-east-1:123456789012:${restApiId}/dev/*`;
      expect(answer).toEqual({
        principalId: ada.sub,
        policyDocument: {
          Version: '2012-10-17',
          Statement: [{ Action: 'execute-api:Invoke', Effect: 'Allow', Resource }],
        },
        context: { sub: ada.sub, plan: 'free' },
      });
      expect(usageIdentifierKey).toBe(keyOf(await ada.reveal()).value);
    });

    /** A key on the plan `basic` that somebody made by hand, and an admin has given to that customer. */
    async function importedBy({ sub }: Customer): Promise<string> {
      const { id: keyId = '' } = await world.gateway.send(new CreateApiKeyCommand({ name: 'by hand', enabled: true }));
      const usagePlanId = world.sandbox.info().plans.find(({ code }) => code === 'basic')?.usagePlanId;
      await world.gateway.send(new CreateUsagePlanKeyCommand({ usagePlanId, keyId, keyType: 'API_KEY' }));
      await act(await world.admin(), 'importKey', { userId: sub, keyId });
      return keyId;
    }

    const rename = (apiKey: string, value = '') =>
      world.gateway.send(
        new UpdateApiKeyCommand({ apiKey, patchOperations: [{ op: 'replace', path: '/name', value }] }),
      );

    /** `GET /it` on stage dev, behind the authorizer, with the key from there. */
    async function keylessApi(): Promise<string> {
      const { gateway } = world;
      const api = await gateway.send(new CreateRestApiCommand({ name: 'keyless', apiKeySource: 'AUTHORIZER' }));
      const restApi = { restApiId: api.id };
      const { id: authorizerId } = await gateway.send(
        new CreateAuthorizerCommand({
          ...restApi,
          name: 'turnpike',
          type: 'TOKEN',
          identitySource: 'method.request.header.Authorization',
          authorizerUri: functionUri('authorizer'),
          authorizerResultTtlInSeconds: 0,
        }),
      );
      const { id: resourceId } = await gateway.send(
        new CreateResourceCommand({ ...restApi, parentId: api.rootResourceId, pathPart: 'it' }),
      );
      const method = { ...restApi, resourceId, httpMethod: 'GET' };
      await gateway.send(
        new PutMethodCommand({ ...method, authorizationType: 'CUSTOM', authorizerId, apiKeyRequired: true }),
      );
      const requestTemplates = { 'application/json': '{"statusCode": 200}' };
      await gateway.send(new PutIntegrationCommand({ ...method, type: 'MOCK', requestTemplates }));
      await gateway.send(new PutMethodResponseCommand({ ...method, statusCode: '200' }));
      await gateway.send(new PutIntegrationResponseCommand({ ...method, statusCode: '200' }));
      await gateway.send(new CreateDeploymentCommand({ ...restApi, stageName: 'dev' }));
      return api.id ?? '';
    }
  });

  describe('userDeleted', () => {
    const remove = ({ username }: Customer) =>
      world.cognito.send(new AdminDeleteUserCommand({ UserPoolId: USER_POOL_ID, Username: username }));
    const recorded = (detail: object) => lambda.userDeleted({ detail: { eventName: 'AdminDeleteUser', ...detail } });
    const callOf = async (ada: Customer) => keyOf(await ada.reveal()).value;

    it('retires the key of a user who is gone, and of nobody else', async () => {
      const [ada, bob] = [await signUp(world), await signUp(world)];
      const [adas, bobs] = [await callOf(ada), await callOf(bob)];
      await remove(ada);
      expect(await recorded({ additionalEventData: { sub: ada.sub } })).toBe('RETIRED');
      expect([await ada.call(adas), await bob.call(bobs)]).toEqual([DEAD, ALIVE]);
    });

    it('sweeps where the record does not say whom', async () => {
      const ada = await signUp(world);
      const value = await callOf(ada);
      await remove(ada);
      expect(await recorded({ requestParameters: { username: 'HIDDEN_DUE_TO_SECURITY_REASONS' } })).toBe('SWEPT');
      expect(await ada.call(value)).toEqual(DEAD);
    });

    it('sweeps once for many who have left, and anew for whoever left after that sweep or was only looked at', async () => {
      const listings = async (secondsAgo: number) => {
        world.sandbox.habits.resetCalls();
        const eventTime = new Date(Date.now() - secondsAgo * 1000).toISOString();
        expect(await recorded({ eventTime })).toBe('SWEPT');
        return world.sandbox.habits.calls().ListUsers?.calls ?? 0;
      };
      expect(await listings(0)).toBeGreaterThan(0);
      expect([await listings(60), await listings(3600)]).toEqual([0, 0]);
      expect(await listings(0)).toBeGreaterThan(0);
      await lambda.sweep({ dryRun: true });
      expect(await listings(60)).toBeGreaterThan(0);
    });

    it('leaves the key of a user who is still there alone, whatever a record says', async () => {
      const ada = await signUp(world);
      const value = await callOf(ada);
      expect(await recorded({ additionalEventData: { sub: ada.sub } })).toBe('SWEPT');
      expect(await ada.call(value)).toEqual(ALIVE);
    });

    it('does nothing for a call that failed, or for another pool', async () => {
      const ada = await signUp(world);
      const value = await callOf(ada);
      await remove(ada);
      const additionalEventData = { sub: ada.sub };
      expect(await recorded({ additionalEventData, errorCode: 'AccessDenied' })).toBe('NOT_OURS');
      const requestParameters = { userPoolId: 'us-east-1_Another01' };
      expect(await recorded({ additionalEventData, requestParameters })).toBe('NOT_OURS');
      expect(await ada.call(value)).toEqual(ALIVE);
      await world.app.get(Sweeper).sweep();
    });
  });

  describe('sweep', () => {
    it('finishes what is not finished, and tells what it found', async () => {
      const ada = await signUp(world);
      world.sandbox.habits.addFault({ operation: 'CreateUsagePlanKey', kind: 'before' });
      await ada.subscribe('basic');
      world.sandbox.habits.reset();
      const report = await lambda.sweep();
      expect(report).toMatchObject({ isDryRun: false, heldBack: 0 });
      expect(report).not.toHaveProperty('drift');
      expect(await ada.liveKeys()).toMatchObject([{ plans: ['basic'] }]);
    });

    it('fails when the user pool has become unsafe', async () => {
      const client = { UserPoolId: USER_POOL_ID, ClientName: 'writes everything' };
      const { UserPoolClient } = await world.cognito.send(new CreateUserPoolClientCommand(client));
      await expect(lambda.sweep()).rejects.toThrow('writable-attributes');
      const { ClientId } = UserPoolClient ?? {};
      await world.cognito.send(new DeleteUserPoolClientCommand({ UserPoolId: USER_POOL_ID, ClientId }));
      expect(await lambda.sweep()).toMatchObject({ heldBack: 0 });
    });
  });
});
