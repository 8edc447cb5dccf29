import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  APIGatewayClient,
  CreateApiKeyCommand,
  CreateDeploymentCommand,
  CreateRestApiCommand,
  CreateUsagePlanCommand,
  CreateUsagePlanKeyCommand,
  GetApiKeysCommand,
  GetUsagePlansCommand,
  PutIntegrationCommand,
  PutMethodCommand,
} from '@aws-sdk/client-api-gateway';
import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  AdminGetUserCommand,
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
  CreateGroupCommand,
  CreateUserPoolClientCommand,
  CreateUserPoolCommand,
  InitiateAuthCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Moto, motoIsMissing, skipping } from '../support/moto.js';
import { environment } from '../support/world.js';

const BUILT = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const PASSWORD = 'Test-Passw0rd';
const ATTRIBUTES = 'plan plan_sig suspended quota_grant deleting key_floor api_key_id key_gen'.split(' ');
const SUBSCRIPTION = 'subscription { planCode state apiKey { id } } key { id value }';

const missing = motoIsMissing ?? (existsSync(BUILT) ? null : 'dist/main.js is not built (npm run build)');

/**
 * The server as it is delivered, against an AWS that nobody of this project wrote. What moto does not have, GetUsage and
 * UpdateUsage, is added in front of it by one small proxy, and left out again to see what becomes of it.
 */
describe('the built server against moto', () => {
  if (skipping('the built server against moto', missing)) {
    it.skip(`is not here: ${missing}`, () => {});
    return;
  }

  let moto: Moto;
  let front: Front;
  let server: ChildProcess;
  let url = '';
  let cloud: Awaited<ReturnType<typeof furnish>>;
  const log: string[] = [];

  beforeAll(async () => {
    moto = await Moto.start();
    front = await Front.before(moto.url);
    cloud = await furnish(moto.url);
    const env = environment(front.url, { COGNITO_USER_POOL_ID: cloud.poolId, COGNITO_CLIENT_ID: cloud.clientId });
    server = spawn(process.execPath, [BUILT], { env: { PATH: process.env.PATH, ...env } });
    url = await new Promise<string>((resolve, reject) => {
      server.stdout?.on('data', (chunk) => {
        log.push(String(chunk));
        const [, address] = /Listening on (http:[^"]+)/.exec(log.join('')) ?? [];
        if (address) resolve(address);
      });
      server.stderr?.on('data', (chunk) => log.push(String(chunk)));
      server.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${log.join('')}`)));
    });
  });
  afterAll(async () => {
    server?.kill('SIGKILL');
    cloud?.close();
    front?.close();
    await moto?.close();
  });

  async function gql(token: string | null, query: string): Promise<Reply> {
    const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
    const reply = await fetch(`${url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query }) });
    return (await reply.json()) as Reply;
  }

  const subscribe = (token: string, plan = 'free') =>
    gql(token, `mutation { subscribe(plan: "${plan}") { __typename ... on SubscriptionChanged { ${SUBSCRIPTION} } } }`);
  const rotate = (token: string, keyId: string) =>
    gql(token, `mutation { rotateKey(keyId: "${keyId}") { __typename ... on KeyRotated { ${SUBSCRIPTION} } } }`);
  const cancel = (token: string) =>
    gql(
      token,
      'mutation { cancelSubscription { __typename ... on SubscriptionCancelled { subscription { state } } } }',
    );

  it('becomes ready, and shows the plans in their order', async () => {
    for (let waited = 0; waited < 100 && !(await fetch(`${url}/readyz`)).ok; waited++) await delay(50);
    expect((await gql(null, '{ plans { code title quota { limit period } throttle { rateLimit } } }')).data).toEqual({
      plans: [
        { code: 'free', title: 'Free', quota: { limit: 100, period: 'MONTH' }, throttle: { rateLimit: 5 } },
        { code: 'basic', title: 'Basic', quota: { limit: 1000, period: 'MONTH' }, throttle: { rateLimit: 5 } },
      ],
    });
  });

  it('accepts the tokens that moto makes, of the kind that it was told to accept', async () => {
    const ada = await cloud.signUp('ada-1@example.com');
    expect((await gql(ada.accessToken, '{ me { id email subscription { planCode } } }')).data).toEqual({
      me: { id: ada.sub, email: 'ada-1@example.com', subscription: null },
    });
    expect((await gql(ada.idToken, '{ me { id } }')).errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
  });

  it('subscribes, changes the plan, rotates and cancels, and moto holds just that', async () => {
    const ada = await cloud.signUp('ada-2@example.com');
    const first = (await subscribe(ada.accessToken)).data?.subscribe;
    expect(first).toMatchObject({ subscription: { planCode: 'free', state: 'ACTIVE' } });
    expect(await cloud.keysOf(ada.sub)).toEqual([{ id: first?.key?.id, enabled: true, plans: ['free'] }]);

    const second = (await subscribe(ada.accessToken, 'basic')).data?.subscribe;
    expect(second).toMatchObject({ subscription: { planCode: 'basic', state: 'ACTIVE' }, key: first?.key });
    expect(await cloud.keysOf(ada.sub)).toEqual([{ id: first?.key?.id, enabled: true, plans: ['basic'] }]);

    const third = (await rotate(ada.accessToken, first?.key?.id ?? '')).data?.rotateKey;
    expect(third?.key?.value).not.toBe(first?.key?.value);
    expect(third).toMatchObject({ subscription: { planCode: 'basic', state: 'ACTIVE' } });
    expect(await cloud.keysOf(ada.sub)).toEqual([
      expect.objectContaining({ id: first?.key?.id, enabled: false }),
      { id: third?.key?.id, enabled: true, plans: ['basic'] },
    ]);
    expect(await cloud.attributesOf(ada.username)).toMatchObject({
      'custom:plan': 'basic',
      'custom:api_key_id': third?.key?.id,
    });

    expect((await cancel(ada.accessToken)).data?.cancelSubscription).toEqual({
      __typename: 'SubscriptionCancelled',
      subscription: null,
    });
    expect((await cloud.keysOf(ada.sub)).map(({ enabled }) => enabled)).toEqual([false, false]);
    expect((await gql(ada.accessToken, '{ me { subscription { planCode } } }')).data).toEqual({
      me: { subscription: null },
    });
  });

  it('lets an admin find, assign, suspend, resume, rotate, import, sweep and delete, and moto holds just that', async () => {
    const boss = await cloud.signUp('boss@example.com', 'admin');
    const ada = await cloud.signUp('ada-6@example.com');
    const ask = async (mutation: string, args: string) => {
      const user = '... on UserChanged { user { suspension subscription { planCode state apiKey { id } } } }';
      const { data, errors } = await gql(
        boss.accessToken,
        `mutation { ${mutation}(userId: "${ada.sub}", reason: "a test"${args}) { ${user} ... on Problem { code } } }`,
      );
      return data?.[mutation] ?? errors;
    };
    expect(await ask('assignPlan', ', plan: "basic"')).toMatchObject({
      user: { subscription: { planCode: 'basic', state: 'ACTIVE' } },
    });
    const [first] = await cloud.keysOf(ada.sub);
    expect(await ask('suspendUser', ', code: ABUSE')).toMatchObject({
      user: { suspension: 'ABUSE', subscription: { state: 'SUSPENDED' } },
    });
    expect(await cloud.keysOf(ada.sub)).toEqual([{ id: first?.id, enabled: true, plans: [] }]);
    expect(await ask('resumeUser', '')).toMatchObject({
      user: { suspension: null, subscription: { state: 'ACTIVE' } },
    });
    await ask('rotateKeyFor', `, keyId: "${first?.id}"`);
    const old = await cloud.keyMadeByHand('free');
    expect(await ask('importKey', `, keyId: "${old}"`)).toMatchObject({
      user: { subscription: { planCode: 'free', apiKey: { id: old } } },
    });
    expect((await cloud.keysOf(ada.sub)).map(({ id, enabled }) => [id === old, enabled])).toEqual([
      [false, false],
      [false, false],
      [true, true],
    ]);
    const sweep = 'mutation { sweep(reason: "a test") { ... on SweepRun { report { unfinished heldBack } } } }';
    expect((await gql(boss.accessToken, sweep)).data).toEqual({ sweep: { report: { unfinished: 0, heldBack: 0 } } });
    const { data } = await gql(
      boss.accessToken,
      '{ users(search: "ada-6") { edges { node { id subscription { planCode } } } } }',
    );
    expect(data).toEqual({ users: { edges: [{ node: { id: ada.sub, subscription: { planCode: 'free' } } }] } });
    const deletion = `mutation { deleteUser(userId: "${ada.sub}", reason: "a test") { ... on UserDeleted { isFinished } } }`;
    expect((await gql(boss.accessToken, deletion)).data).toEqual({ deleteUser: { isFinished: true } });
    expect((await cloud.keysOf(ada.sub)).filter(({ enabled }) => enabled)).toEqual([]);
    await expect(cloud.attributesOf(ada.username)).rejects.toThrow();
    expect((await gql(ada.accessToken, deletion)).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  });

  describe('without GetUsage and UpdateUsage, as moto is by itself', () => {
    beforeAll(() => front.lackUsage());

    it('subscribes for the first time, which needs neither', async () => {
      const ada = await cloud.signUp('ada-3@example.com');
      const { data } = await subscribe(ada.accessToken);
      expect(data?.subscribe).toMatchObject({ subscription: { state: 'ACTIVE' } });
    });

    it('does not rotate: a replacement that forgets what was called would refill the quota', async () => {
      const ada = await cloud.signUp('ada-4@example.com');
      const { data } = await subscribe(ada.accessToken);
      const keyId = data?.subscribe?.key?.id ?? '';
      const { errors } = await rotate(ada.accessToken, keyId);
      expect(errors?.[0]?.extensions.code).toBe('INTERNAL_SERVER_ERROR');
      expect(await cloud.keysOf(ada.sub)).toEqual([{ id: keyId, enabled: true, plans: ['free'] }]);
    });

    it('does not finish a cancellation, says so, and shows neither moto’s page nor an address', async () => {
      const ada = await cloud.signUp('ada-5@example.com');
      await subscribe(ada.accessToken);
      const reply = await cancel(ada.accessToken);
      expect(reply.data?.cancelSubscription).toMatchObject({ subscription: { state: 'ENDING' } });
      expect(JSON.stringify(reply)).not.toMatch(/doctype|127\.0\.0\.1|SyntaxError/);
    });
  });
});

interface Changed {
  readonly subscription: { readonly planCode: string; readonly state: string };
  readonly key: { readonly id: string; readonly value: string } | null;
}

interface Reply {
  readonly data:
    | ({ subscribe?: Changed; rotateKey?: Changed; cancelSubscription?: object } & Record<string, unknown>)
    | null;
  readonly errors?: readonly { readonly extensions: { readonly code: string } }[];
}

/** Hands everything on to moto, and answers GetUsage and UpdateUsage itself: nobody ever made a call. */
class Front {
  private hasUsage = true;

  private constructor(
    readonly url: string,
    private readonly server: Server,
  ) {}

  static async before(target: string): Promise<Front> {
    let front: Front | null = null;
    const server = createServer((request, reply) => {
      if (front?.hasUsage && /^\/usageplans\/[^/]+(\/keys\/[^/]+)?\/usage(\?|$)/.test(request.url ?? '')) {
        request.resume();
        return void reply.setHeader('content-type', 'application/json').end('{"values":{}}');
      }
      const { method, url: path, headers } = request;
      const onward = httpRequest(`${target}${path}`, { method, headers }, (answer) => {
        reply.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(reply);
      });
      onward.on('error', () => reply.destroy());
      request.pipe(onward);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    front = new Front(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, server);
    return front;
  }

  lackUsage(): void {
    this.hasUsage = false;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

/** A pool, a client, an API with a stage, and two plans, made as an operator would make them. */
async function furnish(endpoint: string) {
  const options = { region: 'us-east-1', endpoint, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
  const gateway = new APIGatewayClient(options);
  const cognito = new CognitoIdentityProviderClient(options);
  const Schema = ATTRIBUTES.map((Name) => ({ Name, AttributeDataType: 'String' as const, Mutable: true }));
  const { UserPool } = await cognito.send(
    new CreateUserPoolCommand({ PoolName: 'customers', UsernameAttributes: ['email'], Schema }),
  );
  const poolId = UserPool?.Id ?? '';
  const { UserPoolClient } = await cognito.send(
    new CreateUserPoolClientCommand({
      UserPoolId: poolId,
      ClientName: 'website',
      ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
      WriteAttributes: ['email'],
      PreventUserExistenceErrors: 'ENABLED',
    }),
  );
  const clientId = UserPoolClient?.ClientId ?? '';

  const { id: restApiId, rootResourceId: resourceId } = await gateway.send(new CreateRestApiCommand({ name: 'sold' }));
  const method = { restApiId, resourceId, httpMethod: 'GET' };
  await gateway.send(new PutMethodCommand({ ...method, authorizationType: 'NONE', apiKeyRequired: true }));
  await gateway.send(new PutIntegrationCommand({ ...method, type: 'MOCK' }));
  await gateway.send(new CreateDeploymentCommand({ restApiId, stageName: 'v1' }));
  const codes = new Map<string | undefined, string>();
  for (const [order, [code, limit]] of Object.entries([['free', 100] as const, ['basic', 1000] as const])) {
    const tags = { 'turnpike:plan': code, 'turnpike:order': order, 'turnpike:self-service': 'true' };
    const { id } = await gateway.send(
      new CreateUsagePlanCommand({
        name: code === 'free' ? 'Free' : 'Basic',
        apiStages: [{ apiId: restApiId, stage: 'v1' }],
        quota: { limit, period: 'MONTH' },
        throttle: { rateLimit: 5, burstLimit: 5 },
        tags,
      }),
    );
    codes.set(id, code);
  }

  return {
    poolId,
    clientId,
    /** An enabled key in that plan, as there was one before Turnpike. */
    async keyMadeByHand(plan: string): Promise<string> {
      const { id: keyId = '' } = await gateway.send(
        new CreateApiKeyCommand({ name: 'an old customer', enabled: true }),
      );
      const [usagePlanId] = [...codes].find(([, code]) => code === plan) ?? [];
      await gateway.send(new CreateUsagePlanKeyCommand({ usagePlanId, keyId, keyType: 'API_KEY' }));
      return keyId;
    },
    async signUp(email: string, group?: string) {
      const { User } = await cognito.send(
        new AdminCreateUserCommand({
          UserPoolId: poolId,
          Username: email,
          MessageAction: 'SUPPRESS',
          UserAttributes: [{ Name: 'email', Value: email }],
        }),
      );
      const user = { UserPoolId: poolId, Username: User?.Username };
      await cognito.send(new AdminSetUserPasswordCommand({ ...user, Password: PASSWORD, Permanent: true }));
      if (group) await cognito.send(new CreateGroupCommand({ UserPoolId: poolId, GroupName: group }));
      if (group) await cognito.send(new AdminAddUserToGroupCommand({ ...user, GroupName: group }));
      const AuthParameters = { USERNAME: email, PASSWORD };
      const { AuthenticationResult } = await cognito.send(
        new InitiateAuthCommand({ AuthFlow: 'USER_PASSWORD_AUTH', ClientId: clientId, AuthParameters }),
      );
      return {
        username: User?.Username ?? '',
        sub: User?.Attributes?.find(({ Name }) => Name === 'sub')?.Value ?? '',
        accessToken: AuthenticationResult?.AccessToken ?? '',
        idToken: AuthenticationResult?.IdToken ?? '',
      };
    },
    /** All keys of a user, oldest generation first. */
    async keysOf(sub: string) {
      const { items = [] } = await gateway.send(new GetApiKeysCommand({ nameQuery: `turnpike.${poolId}.${sub}.` }));
      const sorted = items.sort((a, b) => (String(a.name) < String(b.name) ? -1 : 1));
      return Promise.all(
        sorted.map(async ({ id, enabled }) => {
          const plans = await gateway.send(new GetUsagePlansCommand({ keyId: id }));
          return { id, enabled, plans: (plans.items ?? []).map((plan) => codes.get(plan.id)) };
        }),
      );
    },
    async attributesOf(username: string): Promise<Record<string, string | undefined>> {
      const { UserAttributes = [] } = await cognito.send(
        new AdminGetUserCommand({ UserPoolId: poolId, Username: username }),
      );
      return Object.fromEntries(UserAttributes.map(({ Name, Value }) => [Name, Value]));
    },
    close(): void {
      gateway.destroy();
      cognito.destroy();
    },
  };
}
