import {
  APIGatewayClient,
  CreateRestApiCommand,
  CreateUsagePlanCommand,
  DeleteApiKeyCommand,
  GetApiKeyCommand,
} from '@aws-sdk/client-api-gateway';
import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  AdminDeleteUserCommand,
  AdminDisableUserCommand,
  AdminRemoveUserFromGroupCommand,
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
  CreateGroupCommand,
  CreateUserPoolCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { ApiGatewayKeyStore } from '../../src/aws/api-gateway-key-store.js';
import { ApiGatewayUsagePlans } from '../../src/aws/api-gateway-usage-plans.js';
import { AwsClients } from '../../src/aws/aws-clients.js';
import { CognitoUserDirectory } from '../../src/aws/cognito-user-directory.js';
import type { KeyStore } from '../../src/aws/key-store.js';
import { ApiGatewayPlanStore } from '../../src/aws/plan-store/api-gateway-plan-store.js';
import type { PlanStore } from '../../src/aws/plan-store/plan-store.js';
import type { ApiStage, UsagePlan, UsagePlans } from '../../src/aws/usage-plans.js';
import type { UserDirectory } from '../../src/aws/user-directory.js';
import { Clock } from '../../src/clock.js';
import { Config } from '../../src/config.js';
import { REGION, REST_API_ID, STAGE } from '../../src/sandbox/seed.js';
import { Sandbox } from '../../src/sandbox/server.js';
import { ServiceFailure } from '../../src/sandbox/wire.js';
import { Secret } from '../../src/secret.js';
import { FakeKeyStore } from './fakes/fake-key-store.js';
import { FakePlanStore } from './fakes/fake-plan-store.js';
import { FAKE_STAGE, FakeUsagePlans } from './fakes/fake-usage-plans.js';
import { FakeUserDirectory } from './fakes/fake-user-directory.js';
import { governorFor } from './governor.js';
import { Moto, motoIsMissing } from './moto.js';
import { environment } from './world.js';

/** What a cloud does as AWS does it. Where it says false, the suite pins the wrong answer instead. */
export interface Abilities {
  readonly getUsage: boolean;
  readonly keepsOnePlanPerStage: boolean;
  readonly noticesAttached: boolean;
  readonly pages: boolean;
  readonly knowsUnknownPlans: boolean;
  readonly managesPlans: boolean;
  readonly detachesTwice: boolean;
  readonly forgetsDeletedKeys: boolean;
  readonly removesBlankAttributes: boolean;
  readonly knowsItsSchema: boolean;
  readonly limitsKeys: boolean;
  /** Whether a test can let time go by. */
  readonly movesTime: boolean;
}

const AS_AWS: Abilities = {
  getUsage: true,
  keepsOnePlanPerStage: true,
  noticesAttached: true,
  pages: true,
  knowsUnknownPlans: true,
  managesPlans: true,
  detachesTwice: true,
  forgetsDeletedKeys: true,
  removesBlankAttributes: true,
  knowsItsSchema: true,
  limitsKeys: true,
  movesTime: true,
};

export type NewPlan = Partial<Pick<UsagePlan, 'name' | 'description' | 'tags' | 'quota' | 'throttle'>> & {
  /** Every plan is for the same stage, unless it says that it is for none. */
  readonly isStageless?: boolean;
};

/** The ports before one cloud, and what somebody with IAM rights or a key does to it past them. */
export interface Cloud {
  readonly users: UserDirectory;
  readonly keys: KeyStore;
  readonly plans: UsagePlans;
  readonly planStore: PlanStore;
  /** One that is deployed. */
  readonly stage: ApiStage;
  /** For asking past the port; null where nothing speaks AWS's protocol. */
  readonly gateway: APIGatewayClient | null;
  readonly now: () => Date;
  forward(seconds: number): void;
  addUser(): Promise<{ readonly sub: string; readonly username: string; readonly email: string }>;
  disableUser(username: string): Promise<void>;
  deleteUser(username: string): Promise<void>;
  /** Makes these the groups of a user who is in none; each is made for it. */
  join(username: string, groups: readonly string[]): Promise<void>;
  leave(username: string, group: string): Promise<void>;
  deleteKey(id: string): Promise<void>;
  /** Makes many keys fast, each with that prefix. */
  addKeys(prefix: string, count: number): Promise<void>;
  /** Puts a key into a plan, fast. */
  attach(planId: string, keyId: string): Promise<unknown>;
  /** Makes keys until the account has no room for another one. */
  fillUp(): Promise<void>;
  addPlan(plan?: NewPlan): Promise<string>;
  /** Makes calls with the key, one after the other; answers how many the plan let through. */
  serve(planId: string, keyId: string, calls: number): Promise<number>;
  close(): Promise<void>;
}

export interface CloudKind {
  readonly name: string;
  readonly can: Abilities;
  /** Why it cannot be had here; null = it can. */
  readonly missing: string | null;
  start(): Promise<Cloud>;
}

/** A clock that a test moves. */
export class ManualClock extends Clock {
  constructor(private moment = new Date('2026-11-17T12:00:00.000Z')) {
    super();
  }

  override now(): Date {
    return new Date(this.moment);
  }

  forward(seconds: number): void {
    this.moment = new Date(this.moment.getTime() + seconds * 1000);
  }
}

async function startFake(): Promise<Cloud> {
  const clock = new ManualClock();
  const users = new FakeUserDirectory(clock);
  const keys = new FakeKeyStore(clock);
  const plans = new FakeUsagePlans(clock, keys);
  return {
    users,
    keys,
    plans,
    planStore: new FakePlanStore(plans),
    stage: FAKE_STAGE,
    gateway: null,
    now: () => clock.now(),
    forward: (seconds) => clock.forward(seconds),
    addUser: async () => {
      const email = 'ada@example.com';
      return { ...users.add({ email }), email };
    },
    disableUser: async (username) => users.disable(username),
    deleteUser: async (username) => users.remove(username),
    join: async (username, groups) => users.setGroups(username, groups),
    leave: async (username, group) => {
      const others = (await users.groupsOf(username)).filter((name) => name !== group);
      users.setGroups(username, others);
    },
    deleteKey: async (id) => keys.delete(id),
    addKeys: async (prefix, count) => {
      for (let i = 0; i < count; i++) {
        const value = new Secret(`${prefix}${i}`.padEnd(40, '-'));
        await keys.create({ name: `${prefix}${i}`, value, description: '', username: null });
      }
    },
    attach: (planId, keyId) => plans.attach(planId, keyId),
    fillUp: async () => {
      keys.room = (await keys.list('')).length;
    },
    addPlan: async ({ isStageless, ...plan } = {}) => plans.add({ ...plan, ...(isStageless ? { stages: [] } : {}) }).id,
    serve: (planId, keyId, calls) => plans.serve(planId, keyId, calls),
    close: async () => {},
  };
}

/** The adapters before an AWS that answers at `url`. */
async function adapters(url: string, overrides: Record<string, string> = {}) {
  const env = environment(url, overrides);
  Object.assign(process.env, env); // the SDK reads its endpoints and credentials from here
  const config = Config.read(env);
  const clients = new AwsClients(config);
  const governor = governorFor(config);
  const users = new CognitoUserDirectory(clients, config, governor);
  const keys = new ApiGatewayKeyStore(clients, governor);
  const plans = new ApiGatewayUsagePlans(clients, governor);
  const planStore = new ApiGatewayPlanStore(clients, governor, config);
  const { gateway, cognito } = clients;
  let count = 0;
  const { userPoolId } = config;
  return {
    clients,
    gateway,
    users,
    keys,
    plans,
    planStore,
    addUser: async () => {
      const email = `user-${++count}@example.com`;
      const { User } = await cognito.send(
        new AdminCreateUserCommand({
          UserPoolId: userPoolId,
          Username: email,
          MessageAction: 'SUPPRESS',
          UserAttributes: [{ Name: 'email', Value: email }],
        }),
      );
      const username = User?.Username ?? '';
      const password = { UserPoolId: userPoolId, Username: username, Password: 'Test-Passw0rd', Permanent: true };
      await cognito.send(new AdminSetUserPasswordCommand(password));
      return { sub: User?.Attributes?.find(({ Name }) => Name === 'sub')?.Value ?? '', username, email };
    },
    disableUser: async (username: string) => {
      await cognito.send(new AdminDisableUserCommand({ UserPoolId: userPoolId, Username: username }));
    },
    deleteUser: async (username: string) => {
      await cognito.send(new AdminDeleteUserCommand({ UserPoolId: userPoolId, Username: username }));
    },
    join: async (username: string, groups: readonly string[]) => {
      for (const GroupName of groups) {
        await cognito.send(new CreateGroupCommand({ UserPoolId: userPoolId, GroupName }));
        const member = { UserPoolId: userPoolId, Username: username, GroupName };
        await cognito.send(new AdminAddUserToGroupCommand(member));
      }
    },
    leave: async (username: string, GroupName: string) => {
      const member = { UserPoolId: userPoolId, Username: username, GroupName };
      await cognito.send(new AdminRemoveUserFromGroupCommand(member));
    },
    deleteKey: async (id: string) => {
      await gateway.send(new DeleteApiKeyCommand({ apiKey: id }));
    },
    addPlan: async ({ isStageless, quota, throttle, name = 'plan', description, tags }: NewPlan, apiId: string) => {
      const { id = '' } = await gateway.send(
        new CreateUsagePlanCommand({
          name,
          description: description ?? undefined,
          tags: { ...tags },
          quota: quota ? { ...quota } : undefined,
          throttle: throttle ? { ...throttle } : undefined,
          apiStages: isStageless ? [] : [{ apiId, stage: STAGE }],
        }),
      );
      return id;
    },
  };
}

async function startSandbox(): Promise<Cloud> {
  const sandbox = await Sandbox.start({ port: 0, directory: null });
  const { clients, addPlan, ...ports } = await adapters(sandbox.url);
  return {
    ...ports,
    stage: { apiId: REST_API_ID, stage: STAGE },
    now: () => sandbox.clock.now(),
    forward: (seconds) => sandbox.clock.forward(seconds),
    addKeys: async (prefix, count) => {
      for (let i = 0; i < count; i++) sandbox.gateway.apiKeys.create({ name: `${prefix}${i}` });
    },
    attach: async (usagePlanId, keyId) =>
      sandbox.gateway.usagePlanKeys.create({ usagePlanId, keyId, keyType: 'API_KEY' }),
    fillUp: async () => {
      try {
        for (;;) sandbox.gateway.apiKeys.create({ name: 'one of many' });
      } catch (error) {
        if (!(error instanceof ServiceFailure)) throw error;
      }
    },
    addPlan: (plan = {}) => addPlan(plan, REST_API_ID),
    serve: async (_planId, keyId, calls) => {
      const { value = '' } = await clients.gateway.send(new GetApiKeyCommand({ apiKey: keyId, includeValue: true }));
      let served = 0;
      for (let i = 0; i < calls; i++) {
        const { status } = await fetch(`${sandbox.info().invokeUrl}/open`, { headers: { 'x-api-key': value } });
        if (status === 200) served++;
      }
      return served;
    },
    close: async () => {
      clients.onApplicationShutdown();
      await sandbox.close();
    },
  };
}

async function startMoto(): Promise<Cloud> {
  const moto = await Moto.start();
  // Not with the server's own clients: moto takes longer over the first request to a service than those wait.
  const patient = { region: REGION, endpoint: moto.url, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
  const [cognito, gateway] = [new CognitoIdentityProviderClient(patient), new APIGatewayClient(patient)];
  const Schema = ['plan', 'key_gen', 'key_floor'].map((Name) => ({
    Name,
    AttributeDataType: 'String' as const,
    Mutable: true,
  }));
  const pool = new CreateUserPoolCommand({ PoolName: 'contract', UsernameAttributes: ['email'], Schema });
  const { UserPool } = await cognito.send(pool);
  const { id: apiId = '' } = await gateway.send(new CreateRestApiCommand({ name: 'sold' }));
  for (const client of [cognito, gateway]) client.destroy();
  const { clients, addPlan, ...ports } = await adapters(moto.url, { COGNITO_USER_POOL_ID: UserPool?.Id ?? '' });
  return {
    ...ports,
    stage: { apiId, stage: STAGE },
    now: () => new Date(),
    forward: () => {
      throw new Error('moto has no clock to move');
    },
    addKeys: async (prefix, count) => {
      const make = (i: number) => ({
        name: `${prefix}${i}`,
        value: new Secret(`${prefix}${i}`.padEnd(40, '-')),
        description: '',
        username: null,
      });
      for (let i = 0; i < count; i++) await ports.keys.create(make(i));
    },
    attach: (planId, keyId) => ports.plans.attach(planId, keyId),
    fillUp: async () => {
      throw new Error('moto has room for any number of keys');
    },
    addPlan: (plan = {}) => addPlan(plan, apiId),
    serve: async () => {
      throw new Error('moto counts no calls');
    },
    close: async () => {
      clients.onApplicationShutdown();
      await moto.close();
    },
  };
}

/** Where the ports' promises are put to the test. */
export const clouds: readonly CloudKind[] = [
  { name: 'the fake', can: AS_AWS, missing: null, start: startFake },
  { name: 'the sandbox', can: AS_AWS, missing: null, start: startSandbox },
  {
    name: 'moto',
    can: {
      getUsage: false,
      keepsOnePlanPerStage: false,
      noticesAttached: false,
      pages: false,
      knowsUnknownPlans: false,
      managesPlans: false,
      detachesTwice: false,
      forgetsDeletedKeys: false,
      removesBlankAttributes: false,
      knowsItsSchema: false,
      limitsKeys: false,
      movesTime: false,
    },
    missing:
      process.env.CLOUD === 'moto' ? motoIsMissing : 'it is asked for with CLOUD=moto, as `npm run test:slow` does',
    start: startMoto,
  },
];
