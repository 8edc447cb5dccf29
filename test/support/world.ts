import './one-realm.js';
import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
  InitiateAuthCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import type { Type } from '@nestjs/common';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { APP_OPTIONS, dress, httpAdapter } from '../../src/app.js';
import { appModule } from '../../src/app.module.js';
import { AwsClients } from '../../src/aws/aws-clients.js';
import { Clock } from '../../src/clock.js';
import { Config } from '../../src/config.js';
import { PreflightSchedule } from '../../src/operation/preflight-schedule.service.js';
import { CLIENT_ID, REGION, REST_API_ID, STAGE, USER_POOL_ID } from '../../src/sandbox/seed.js';
import { Sandbox, type SandboxOptions } from '../../src/sandbox/server.js';
import { Customer } from './customer.js';
import { LogRecorder } from './log-recorder.js';
import { SandboxTime } from './sandbox-time.js';

const PREFLIGHT_MILLISECONDS = 10_000;
const PASSWORD = 'Test-Passw0rd';
const ADMIN_ID = { accessKeyId: 'test', secretAccessKey: 'test' };
const GATEWAY_WRITES = [
  'CreateApiKey',
  'UpdateApiKey',
  'DeleteApiKey',
  'CreateUsagePlanKey',
  'DeleteUsagePlanKey',
  'UpdateUsage',
  'CreateUsagePlan',
  'UpdateUsagePlan',
  'DeleteUsagePlan',
  'TagResource',
  'UntagResource',
];

type Environment = Readonly<Record<string, string>>;

/** What every server under test is told; the same variables an operator sets. */
export function environment(sandboxUrl: string, overrides: Environment = {}): Record<string, string> {
  return {
    PORT: '0',
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: ADMIN_ID.accessKeyId,
    AWS_SECRET_ACCESS_KEY: ADMIN_ID.secretAccessKey,
    AWS_ENDPOINT_URL_API_GATEWAY: sandboxUrl,
    AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: sandboxUrl,
    AWS_ENDPOINT_URL_KMS: sandboxUrl,
    COGNITO_JWKS_ORIGIN: sandboxUrl,
    COGNITO_DOMAIN: sandboxUrl,
    API_URL: `${sandboxUrl}/_aws/execute-api/${REST_API_ID}/${STAGE}`,
    API_TRY_PATH: '/pets',
    COGNITO_USER_POOL_ID: USER_POOL_ID,
    COGNITO_CLIENT_ID: CLIENT_ID,
    KEY_SECRET: 'a-secret-for-tests-that-is-long-enough-0123456789',
    SWEEP_INTERVAL_SECONDS: '0',
    USAGE_LAG_SECONDS: '0',
    DRAIN_SECONDS: '0',
    AWS_RATE_FACTOR: '1000',
    LIMIT_MUTATIONS_PER_MINUTE: '0',
    LIMIT_ADMIN_MUTATIONS_PER_MINUTE: '0',
    LIMIT_ROTATIONS_PER_HOUR: '0',
    LIMIT_ROTATIONS_PER_DAY: '0',
    LIMIT_PLAN_CHANGES_PER_DAY: '0',
    LIMIT_ANONYMOUS_PER_MINUTE: '0',
    INTROSPECTION: 'admin',
    GRAPHIQL: 'on',
    ...overrides,
  };
}

/** The application as main.ts makes it, on a free port, with its clock and its log in the test's hands; `rooms` are added to it. */
export async function startApp(
  env: Environment,
  clock: Clock,
  log = new LogRecorder(),
  { rooms = [], waits = true }: { readonly rooms?: readonly Type[]; readonly waits?: boolean } = {},
) {
  Object.assign(process.env, env); // the SDK reads its endpoints and credentials from here
  const config = Config.read(env);
  const module = await Test.createTestingModule({ imports: [appModule(config), ...rooms] })
    .overrideProvider(Clock)
    .useValue(clock)
    .compile();
  const app = module.createNestApplication<NestFastifyApplication>(httpAdapter(config), {
    ...APP_OPTIONS,
    logger: log,
  });
  await dress(app).listen(0, '127.0.0.1');
  if (waits) await app.get(PreflightSchedule).first(PREFLIGHT_MILLISECONDS); // so that no test counts its calls as its own
  return { app, url: (await app.getUrl()).replace('[::1]', '127.0.0.1'), log };
}

/** A sandbox and a server against it: the world that a journey changes and then looks at. */
export class World {
  /** Names of the AWS calls that the server made, in order. */
  readonly awsCalls: string[] = [];
  readonly gateway: APIGatewayClient;
  readonly cognito: CognitoIdentityProviderClient;
  private readonly nobody: Customer;
  private count = 0;

  private constructor(
    readonly sandbox: Sandbox,
    readonly app: NestFastifyApplication,
    readonly url: string,
    readonly log: LogRecorder,
  ) {
    const client = { region: REGION, endpoint: sandbox.url, credentials: ADMIN_ID };
    this.gateway = new APIGatewayClient(client);
    this.cognito = new CognitoIdentityProviderClient(client);
    this.nobody = new Customer(this, { sub: '', username: '', email: '', accessToken: null, idToken: '' });
    const clients = app.get(AwsClients);
    const note = ({ commandName = '' }: { commandName?: string }) =>
      this.awsCalls.push(commandName.replace(/Command$/, ''));
    const first = { step: 'initialize' } as const;
    clients.gateway.middlewareStack.add((next, context) => {
      note(context);
      return next;
    }, first);
    clients.cognito.middlewareStack.add((next, context) => {
      note(context);
      return next;
    }, first);
  }

  static async start(
    overrides: Environment = {},
    rooms: readonly Type[] = [],
    options: Partial<SandboxOptions> = {},
  ): Promise<World> {
    const sandbox = await Sandbox.start({ port: 0, directory: null, ...options });
    const { app, url, log } = await startApp(
      environment(sandbox.url, overrides),
      new SandboxTime(sandbox),
      new LogRecorder(),
      { rooms },
    );
    return new World(sandbox, app, url, log);
  }

  async close(): Promise<void> {
    this.gateway.destroy();
    this.cognito.destroy();
    await this.app.close();
    await this.sandbox.close();
  }

  /** Somebody without a token. */
  get stranger(): Customer {
    return this.nobody;
  }

  /** A new, confirmed, signed-in user of the pool. */
  async customer(groups: readonly string[] = []): Promise<Customer> {
    const email = `customer-${++this.count}@example.com`;
    const { User } = await this.cognito.send(
      new AdminCreateUserCommand({
        UserPoolId: USER_POOL_ID,
        Username: email,
        MessageAction: 'SUPPRESS',
        UserAttributes: [
          { Name: 'email', Value: email },
          { Name: 'email_verified', Value: 'true' },
        ],
      }),
    );
    const user = { UserPoolId: USER_POOL_ID, Username: User?.Username };
    await this.cognito.send(new AdminSetUserPasswordCommand({ ...user, Password: PASSWORD, Permanent: true }));
    for (const GroupName of groups) await this.cognito.send(new AdminAddUserToGroupCommand({ ...user, GroupName }));
    return this.signIn(email);
  }

  /** New tokens for a refresh token. @throws as Cognito does where it takes it no more. */
  renewed(refreshToken: string) {
    const AuthParameters = { REFRESH_TOKEN: refreshToken };
    return this.cognito.send(
      new InitiateAuthCommand({ ClientId: CLIENT_ID, AuthFlow: 'REFRESH_TOKEN_AUTH', AuthParameters }),
    );
  }

  admin(): Promise<Customer> {
    return this.customer(['admin']);
  }

  async signIn(email: string, password = PASSWORD): Promise<Customer> {
    const { AuthenticationResult } = await this.cognito.send(
      new InitiateAuthCommand({
        AuthFlow: 'USER_PASSWORD_AUTH',
        ClientId: CLIENT_ID,
        AuthParameters: { USERNAME: email, PASSWORD: password },
      }),
    );
    const accessToken = AuthenticationResult?.AccessToken ?? '';
    const idToken = AuthenticationResult?.IdToken ?? '';
    const { sub, username } = claimsOf(accessToken);
    return new Customer(this, { sub: String(sub), username: String(username), email, accessToken, idToken });
  }

  /** Moves the clock of the sandbox and of the server. */
  forward(seconds: number): void {
    this.sandbox.clock.forward(seconds);
  }

  /** The AWS calls that `work` caused. */
  async callsDuring(work: () => Promise<unknown>): Promise<string[]> {
    const from = this.awsCalls.length;
    await work();
    return this.awsCalls.slice(from);
  }

  /** While `work` is done, API Gateway refuses each kind of write once, because another change is under way. */
  async amidOtherChanges<T>(work: () => Promise<T>): Promise<T> {
    for (const operation of GATEWAY_WRITES) this.sandbox.habits.addFault({ operation, kind: 'conflict', times: 1 });
    return work().finally(() => this.sandbox.habits.clearFaults());
  }
}

export function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
}
