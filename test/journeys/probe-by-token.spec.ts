import {
  CreateAuthorizerCommand,
  CreateDeploymentCommand,
  CreateResourceCommand,
  CreateRestApiCommand,
  PutIntegrationCommand,
  PutIntegrationResponseCommand,
  PutMethodCommand,
  PutMethodResponseCommand,
  UpdateMethodCommand,
  UpdateUsagePlanCommand,
} from '@aws-sdk/client-api-gateway';
import { ListUsersCommand, UpdateUserPoolClientCommand } from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { KeyForToken } from '../../src/keys/key-for-token.service.js';
import { asTable } from '../../src/operation/probe/expectations.js';
import { ProbeModule } from '../../src/operation/probe/probe.module.js';
import { Probe, type ProbeOrder } from '../../src/operation/probe/probe.service.js';
import { functionUri } from '../../src/sandbox/gateway/data-plane/functions.js';
import { CLIENT_ID, USER_POOL_ID } from '../../src/sandbox/seed.js';
import { claimChanges } from '../../src/subscriptions/pool/token-claims.js';
import { World } from '../support/world.js';

describe('the probe of an API that has its keys from the authorizer', () => {
  let world: World;
  let restApiId: string;
  let resourceId: string;

  beforeAll(async () => {
    world = await World.start({}, [ProbeModule], {
      functions: { authorizer },
      triggers: { PreTokenGenerationV2: preTokenGeneration },
    });
    const ExplicitAuthFlows = ['ALLOW_ADMIN_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'] as const;
    const client = { UserPoolId: USER_POOL_ID, ClientId: CLIENT_ID, ExplicitAuthFlows: [...ExplicitAuthFlows] };
    await world.cognito.send(new UpdateUserPoolClientCommand(client));
    await deployed();
  });
  afterAll(() => world.close());

  /** Lets a token in with the key that it names. */
  async function authorizer({ authorizationToken, methodArn }: Record<string, string>) {
    const admitted = await world.app.get(KeyForToken, { strict: false }).admit(authorizationToken ?? '');
    if (!admitted) throw new Error('Unauthorized');
    const Statement = [{ Action: 'execute-api:Invoke', Effect: 'Allow', Resource: methodArn }];
    return {
      principalId: admitted.sub,
      policyDocument: { Version: '2012-10-17', Statement },
      usageIdentifierKey: admitted.value.reveal(),
    };
  }

  /** Says in tokens which plan and key the customer has. */
  async function preTokenGeneration(event: { readonly request: { readonly userAttributes: Record<string, string> } }) {
    const accessTokenGeneration = claimChanges(event.request.userAttributes);
    return { ...event, response: { claimsAndScopeOverrideDetails: { accessTokenGeneration } } };
  }

  /** `GET /it` on stage dev, in the plan free; what the authorizer says is kept for five minutes. */
  async function deployed(): Promise<void> {
    const { gateway, sandbox } = world;
    const made = await gateway.send(new CreateRestApiCommand({ name: 'keyless', apiKeySource: 'AUTHORIZER' }));
    restApiId = made.id ?? '';
    const identitySource = 'method.request.header.Authorization';
    const { id: authorizerId } = await gateway.send(
      new CreateAuthorizerCommand({
        restApiId,
        name: 'turnpike',
        type: 'TOKEN',
        identitySource,
        authorizerUri: functionUri('authorizer'),
        authorizerResultTtlInSeconds: 300,
      }),
    );
    const parentId = made.rootResourceId;
    const resource = await gateway.send(new CreateResourceCommand({ restApiId, parentId, pathPart: 'it' }));
    resourceId = resource.id ?? '';
    const method = { restApiId, resourceId, httpMethod: 'GET' };
    const authorization = { authorizationType: 'CUSTOM', authorizerId };
    await gateway.send(new PutMethodCommand({ ...method, ...authorization, apiKeyRequired: true }));
    const requestTemplates = { 'application/json': '{"statusCode": 200}' };
    await gateway.send(new PutIntegrationCommand({ ...method, type: 'MOCK', requestTemplates }));
    await gateway.send(new PutMethodResponseCommand({ ...method, statusCode: '200' }));
    await gateway.send(new PutIntegrationResponseCommand({ ...method, statusCode: '200' }));
    await gateway.send(new CreateDeploymentCommand({ restApiId, stageName: 'dev' }));
    const usagePlanId = sandbox.info().plans.find(({ code }) => code === 'free')?.usagePlanId;
    const stage = { op: 'add' as const, path: '/apiStages', value: `${restApiId}:dev` };
    await gateway.send(new UpdateUsagePlanCommand({ usagePlanId, patchOperations: [stage] }));
  }

  async function keyRequired(value: string): Promise<void> {
    const patchOperations = [{ op: 'replace' as const, path: '/apiKeyRequired', value }];
    await world.gateway.send(new UpdateMethodCommand({ restApiId, resourceId, httpMethod: 'GET', patchOperations }));
    await world.gateway.send(new CreateDeploymentCommand({ restApiId, stageName: 'dev' }));
  }

  const itself = () => `${world.sandbox.url}/_aws/execute-api/${restApiId}/dev/it`;

  async function probed(callWith: 'key' | 'token', { url = itself(), ...changes }: Partial<ProbeOrder> = {}) {
    const who = { plan: 'free', token: 'access', client: CLIENT_ID } as const;
    const order = { ...who, header: 'authorization', patienceSeconds: 0, callWith, url, ...changes };
    const stop = new AbortController().signal;
    const probe = world.app.get(Probe, { strict: false });
    const { rows, failure, left } = await probe.run({ ...order, stop, userPoolId: USER_POOL_ID });
    const { Users = [] } = await world.cognito.send(new ListUsersCommand({ UserPoolId: USER_POOL_ID }));
    expect(JSON.stringify(Users)).not.toContain('turnpike-probe-');
    expect([failure, left]).toEqual([null, []]);
    return rows;
  }
  const failing = (rows: Awaited<ReturnType<typeof probed>>) =>
    rows.filter(({ mend }) => mend !== null).map(({ what, seen }) => `${what}: ${seen}`);

  it('finds a good one good: the token is enough, until its key is replaced, and a new one until the calls are used up', async () => {
    expect((await probed('token')).map(({ what, seen, mend }) => [what, seen, mend])).toEqual([
      ['no token, no key', '401 UnauthorizedException', null],
      ['a key, no token', '401 UnauthorizedException', null],
      ['a token alone', '200', null],
      ['a new token, after the key was replaced', '200', null],
      ['the token from before the key was replaced', '403 ForbiddenException', null],
      ['a token with no calls left', '429 LimitExceededException', null],
    ]);
  });

  it('finds that no key is asked for, so that no plan counts', async () => {
    await keyRequired('false');
    const rows = await probed('token');
    await keyRequired('true');
    expect(failing(rows)).toEqual([
      'the token from before the key was replaced: 200',
      'a token with no calls left: 200',
    ]);
    expect(asTable(rows)).toMatch(/See that the method has "API key required"/);
  });

  it('finds an API that wants the key from the caller after all', async () => {
    const rows = await probed('token', { url: `${world.sandbox.info().invokeUrl}/pets`, token: 'id' });
    expect(failing(rows)).toEqual(['a token alone: 403 ForbiddenException']);
    expect(asTable(rows)).toContain('leave --call-with out');
  });

  it('says which client it needs, where the authorizer does not take tokens of the one that was made', async () => {
    const rows = await probed('token', { client: null });
    expect(failing(rows)).toEqual(['a token alone: 401 UnauthorizedException']);
    expect(asTable(rows)).toContain('--client with one of those');
  });

  it('says by which flag such an API is tried, where it was not given', async () => {
    const rows = await probed('key');
    expect(failing(rows)).toContain('a token, no key: 200');
    expect(asTable(rows)).toContain('try --call-with token');
  });
});
