import { createHmac, randomUUID } from 'node:crypto';
import { type AuthFlowType, CognitoIdentityProvider } from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Cognito } from '../../src/sandbox/cognito/cognito.js';
import { hashPassword } from '../../src/sandbox/cognito/passwords.js';
import type { SeedClient, SeedPool } from '../../src/sandbox/cognito/seeds.js';
import type { PoolTriggers } from '../../src/sandbox/cognito/triggers/events.js';
import { listen } from '../../src/sandbox/http.js';
import { SandboxClock } from '../../src/sandbox/sandbox-clock.js';
import { Store } from '../../src/sandbox/store.js';

/** One fact about Amazon Cognito, and where it is known from. */
export interface Row {
  readonly id: string;
  readonly what: string;
  readonly run: (world: World) => Promise<unknown>;
  readonly expected: unknown;
  /** `recorded` on AWS, said by AWS's `docs`, reported from the `field`, or our `inference` where nothing is known. */
  readonly basis: 'recorded' | 'docs' | 'field' | 'inference';
  readonly source: string;
}

export const POOL = 'us-east-1_Conform01';
export const CLIENT = 'conformclient0000000000001';
export const PASSWORD = 'Turnpike-1';
export const OTHER_PASSWORD = 'Another-one-2';

/** Runs each row against one Cognito; rows make the users, clients and pools they need. */
export function conform(title: string, rows: readonly Row[], triggers: PoolTriggers = {}): void {
  describe(title, () => {
    let world: World;
    beforeAll(async () => {
      world = await World.start(triggers);
    });
    afterAll(() => world.close());
    it.each(rows)('$id $what [$basis: $source]', async ({ run, expected }) => {
      expect(await run(world)).toEqual(expected);
    });
  });
}

export interface Somebody {
  readonly email: string;
  readonly sub: string;
  readonly at: { readonly UserPoolId: string; readonly Username: string };
}

/** A Cognito with one pool, whose usernames are addresses, and the real SDK in front of it. */
export class World {
  private made = 0;

  private constructor(
    readonly cognito: Cognito,
    readonly clock: SandboxClock,
    readonly aws: CognitoIdentityProvider,
    readonly url: string,
    private readonly bareHash: string,
    private readonly stop: () => Promise<void>,
  ) {}

  static async start(triggers: PoolTriggers): Promise<World> {
    const clock = new SandboxClock();
    const cognito = new Cognito(new Store(null), clock, undefined, { [POOL]: triggers });
    const server = await listen(0, (request) => cognito.answer(request));
    const endpoint = `http://127.0.0.1:${server.port}`;
    const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
    const aws = new CognitoIdentityProvider({ endpoint, region: 'us-east-1', credentials, maxAttempts: 1 });
    await cognito.seedPool({ id: POOL, name: 'conformance', customAttributes: ['plan'] });
    cognito.seedClient({ poolId: POOL, clientId: CLIENT, settings: { ExplicitAuthFlows: [...FLOWS] } });
    return new World(cognito, clock, aws, endpoint, await hashPassword(PASSWORD), server.close);
  }

  async close(): Promise<void> {
    this.aws.destroy();
    await this.stop();
  }

  address(): string {
    return `${randomUUID()}@example.com`;
  }

  async pool(settings: SeedPool['settings'] = {}): Promise<string> {
    this.made += 1;
    const id = `us-east-1_Made${String(this.made).padStart(5, '0')}`;
    await this.cognito.seedPool({ id, name: id, settings });
    return id;
  }

  /** Answers its id. */
  client(settings: SeedClient['settings'] = {}, more: Partial<SeedClient> = {}): string {
    this.made += 1;
    const clientId = `madeclient${String(this.made).padStart(16, '0')}`;
    const all = { ExplicitAuthFlows: [...FLOWS], ...settings };
    this.cognito.seedClient({ poolId: POOL, clientId, settings: all, ...more });
    return clientId;
  }

  async someone(attributes: Record<string, string> = {}, groups: string[] = []): Promise<Somebody> {
    const email = this.address();
    const sub = await this.cognito.seedUser({ poolId: POOL, username: email, password: PASSWORD, attributes, groups });
    return { email, sub, at: { UserPoolId: POOL, Username: sub } };
  }

  /** Somebody of whom only a hash of the password was ever seen. */
  async bulkSeeded(): Promise<Somebody> {
    const email = this.address();
    const sub = await this.cognito.seedUser({ poolId: POOL, username: email, password: { hash: this.bareHash } });
    return { email, sub, at: { UserPoolId: POOL, Username: sub } };
  }

  async invited(poolId = POOL): Promise<string> {
    const email = this.address();
    await this.aws.adminCreateUser({
      UserPoolId: poolId,
      Username: email,
      TemporaryPassword: PASSWORD,
      UserAttributes: [{ Name: 'email_verified', Value: 'true' }],
    });
    return email;
  }

  start(flow: AuthFlowType, parameters: Record<string, string>, client = CLIENT) {
    return this.aws.initiateAuth({ ClientId: client, AuthFlow: flow, AuthParameters: parameters });
  }

  async signIn(username: string, client = CLIENT, password = PASSWORD) {
    const reply = await this.start('USER_PASSWORD_AUTH', { USERNAME: username, PASSWORD: password }, client);
    const { AccessToken = '', IdToken = '', RefreshToken = '' } = reply.AuthenticationResult ?? {};
    return { AccessToken, IdToken, RefreshToken, reply };
  }

  refresh(token: string, client = CLIENT) {
    return this.start('REFRESH_TOKEN_AUTH', { REFRESH_TOKEN: token }, client);
  }

  forgot(username: string, client = CLIENT) {
    return this.aws.forgotPassword({ ClientId: client, Username: username });
  }

  resetWith(code: string, username: string, password = OTHER_PASSWORD) {
    const what = { ConfirmationCode: code, Username: username, Password: password };
    return this.aws.confirmForgotPassword({ ClientId: CLIENT, ...what });
  }

  /** The newest code sent there. */
  code(email: string): string {
    return this.cognito.mail().findLast(({ to }) => to === email)?.code ?? 'no letter';
  }

  async status({ at }: Pick<Somebody, 'at'>) {
    return (await this.aws.adminGetUser(at)).UserStatus;
  }

  async attributes(Username: string, UserPoolId = POOL): Promise<Record<string, string>> {
    const { UserAttributes = [] } = await this.aws.adminGetUser({ UserPoolId, Username });
    return Object.fromEntries(UserAttributes.map(({ Name, Value }) => [Name, Value]));
  }
}

const FLOWS = [
  'ALLOW_USER_PASSWORD_AUTH',
  'ALLOW_ADMIN_USER_PASSWORD_AUTH',
  'ALLOW_USER_SRP_AUTH',
  'ALLOW_REFRESH_TOKEN_AUTH',
] as const;

export const list = (pairs: Record<string, string>) => Object.entries(pairs).map(([Name, Value]) => ({ Name, Value }));

export function claims(token = ''): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
}

export function secretHash(secret: string, username: string, client: string): string {
  return createHmac('sha256', secret).update(`${username}${client}`).digest('base64');
}

/** The failure as `Name: message`; a success is spelled out so that the row fails readably. */
export async function refusal(call: Promise<unknown>): Promise<string> {
  try {
    return `no failure but ${JSON.stringify(await call)}`;
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
}
