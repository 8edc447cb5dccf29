import { createHmac, createPublicKey, createVerify, randomUUID } from 'node:crypto';
import {
  type AuthFlowType,
  type CognitoIdentityProvider,
  type CreateUserPoolClientCommandInput,
  type CreateUserPoolCommandInput,
} from '@aws-sdk/client-cognito-identity-provider';
import type { Cognito } from '../../src/sandbox/cognito/cognito.js';
import { hashPassword } from '../../src/sandbox/cognito/passwords.js';
import type { Cloud } from './cloud.js';
import { sendRaw } from './clouds/observed.js';
import type * as row from './row.js';

/** One fact about Amazon Cognito. */
export type Row = row.Row<CognitoWorld>;
export type Section = row.Section<CognitoWorld>;
export type World = CognitoWorld;

export const PASSWORD = 'Turnpike-1';
export const OTHER_PASSWORD = 'Another-one-2';

export interface Somebody {
  readonly email: string;
  readonly sub: string;
  readonly at: { readonly UserPoolId: string; readonly Username: string };
}

export interface NewUser {
  readonly poolId?: string;
  readonly username: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly groups?: readonly string[];
  /** Signs in by SRP from the first time on; what that takes is slow to compute. */
  readonly bySrp?: boolean;
}

type PoolSettings = Partial<CreateUserPoolCommandInput>;
type ClientSettings = Partial<CreateUserPoolClientCommandInput>;

/** What rows find in a Cognito: pools with addresses and with chosen usernames, and their clients. */
export interface Made {
  readonly poolId: string;
  readonly clientId: string;
  readonly namesId: string;
  readonly namedId: string;
  readonly guardedId: string;
  readonly secretId: string;
}

/** A Cognito with one pool whose usernames are addresses and one whose are chosen, and the real SDK in front of it. */
export class CognitoWorld implements Made {
  readonly aws: CognitoIdentityProvider;
  readonly poolId: string;
  readonly clientId: string;
  /** A pool whose users have chosen names, and its client. */
  readonly namesId: string;
  readonly namedId: string;
  /** A client that reads and writes a few attributes only, and does not tell who exists. */
  readonly guardedId: string;
  /** A client with a secret. */
  readonly secretId: string;
  private bareHash: string | null = null;
  private readonly secrets = new Map<string, string>();

  private constructor(
    readonly cloud: Cloud,
    made: Made,
  ) {
    this.aws = cloud.options.cognito;
    this.poolId = made.poolId;
    this.clientId = made.clientId;
    this.namesId = made.namesId;
    this.namedId = made.namedId;
    this.guardedId = made.guardedId;
    this.secretId = made.secretId;
  }

  static async open(cloud: Cloud): Promise<CognitoWorld> {
    const nothing = { poolId: '', clientId: '', namesId: '', namedId: '', guardedId: '', secretId: '' };
    const maker = new CognitoWorld(cloud, nothing);
    const Schema = ['plan', 'key'].map((Name) => ({ Name, AttributeDataType: 'String' as const, Mutable: true }));
    const poolId = await maker.pool({ PoolName: 'conformance', Schema });
    const namesId = await maker.pool({ PoolName: 'names', UsernameAttributes: undefined });
    const of = (UserPoolId: string, settings: ClientSettings = {}) => maker.client({ UserPoolId, ...settings });
    const guarded: ClientSettings = {
      ReadAttributes: ['email', 'custom:plan'],
      WriteAttributes: ['email', 'name'],
      PreventUserExistenceErrors: 'ENABLED',
    };
    const world = new CognitoWorld(cloud, {
      poolId,
      namesId,
      clientId: await of(poolId),
      namedId: await of(namesId),
      guardedId: await of(poolId, guarded),
      secretId: await of(poolId, { GenerateSecret: true }),
    });
    for (const [client, secret] of maker.secrets) world.secrets.set(client, secret);
    await world.aws.createGroup({ UserPoolId: poolId, GroupName: 'admin', Precedence: 1 });
    await world.aws.createGroup({ UserPoolId: poolId, GroupName: 'beta', Precedence: 2 });
    cloud.call(poolId, '{pool}');
    cloud.call(world.clientId, '{client}');
    cloud.call(world.secretId, '{secretClient}');
    return world;
  }

  get clock() {
    return this.cloud.clock;
  }

  get cognito(): Cognito {
    return this.cloud.insides.cognito;
  }

  address(): string {
    return `${randomUUID()}@example.com`;
  }

  /** Answers the id of a pool like the one all rows share, which ignores case, unless told otherwise. */
  async pool(settings: PoolSettings = {}): Promise<string> {
    const like = {
      PoolName: 'made',
      UsernameAttributes: ['email' as const],
      AutoVerifiedAttributes: ['email' as const],
      UsernameConfiguration: { CaseSensitive: false },
    };
    return this.newPool({ ...like, ...settings });
  }

  /** Answers the id of a pool that has what it is told and AWS's defaults. */
  async newPool(settings: PoolSettings = {}): Promise<string> {
    const { UserPool } = await this.aws.createUserPool({ PoolName: 'made', ...settings });
    return UserPool?.Id ?? '';
  }

  /** Answers the id of a client that has all flows of passwords and refresh tokens, unless told otherwise. */
  async client(settings: ClientSettings = {}): Promise<string> {
    return this.newClient({ ExplicitAuthFlows: [...FLOWS], ...settings });
  }

  async newClient(settings: ClientSettings = {}): Promise<string> {
    const flows = { ExplicitAuthFlows: [...FLOWS.filter((flow) => !/ADMIN|SRP/.test(flow))] };
    const how = { UserPoolId: this.poolId, ClientName: 'made', ...flows, ...settings };
    const { UserPoolClient: { ClientId = '', ClientSecret = '' } = {} } = await this.aws.createUserPoolClient(how);
    this.secrets.set(ClientId, ClientSecret);
    return ClientId;
  }

  /** The secret of a client that was made with `GenerateSecret`. */
  secretOf(client: string): string {
    return this.secrets.get(client) ?? '';
  }

  /** Answers the sub of somebody with the password of all; an address that is told is verified. */
  async user({
    poolId = this.poolId,
    username,
    attributes = {},
    groups = [],
    bySrp = false,
  }: NewUser): Promise<string> {
    const { insides } = this.cloud.options;
    if (insides) {
      this.bareHash ??= await hashPassword(PASSWORD);
      const password = bySrp ? PASSWORD : { hash: this.bareHash };
      return insides.cognito.seedUser({ poolId, username, password, attributes, groups: [...groups] });
    }
    const at = { UserPoolId: poolId, Username: username };
    const all: Record<string, string> = { ...(username.includes('@') && { email: username }), ...attributes };
    if (all.email !== undefined) all.email_verified ??= 'true';
    const made = await this.aws.adminCreateUser({ ...at, MessageAction: 'SUPPRESS', UserAttributes: list(all) });
    await this.aws.adminSetUserPassword({ ...at, Password: PASSWORD, Permanent: true });
    for (const GroupName of groups) await this.aws.adminAddUserToGroup({ ...at, GroupName });
    return made.User?.Attributes?.find(({ Name }) => Name === 'sub')?.Value ?? '';
  }

  async someone(attributes: Record<string, string> = {}, groups: readonly string[] = []): Promise<Somebody> {
    return this.named({ attributes, groups });
  }

  /** Somebody who may sign in by SRP at once. */
  async someoneBySrp(): Promise<Somebody> {
    return this.named({ bySrp: true });
  }

  private async named(how: Partial<NewUser>): Promise<Somebody> {
    const email = this.address();
    const sub = await this.user({ username: email, ...how });
    return { email, sub, at: { UserPoolId: this.poolId, Username: sub } };
  }

  /** Somebody of whom only a hash of the password was ever seen. */
  async bulkSeeded(): Promise<Somebody> {
    const email = this.address();
    const password = { hash: await hashPassword(PASSWORD) };
    const sub = await this.cognito.seedUser({ poolId: this.poolId, username: email, password });
    return { email, sub, at: { UserPoolId: this.poolId, Username: sub } };
  }

  async invited(poolId = this.poolId): Promise<string> {
    const email = this.address();
    await this.aws.adminCreateUser({
      UserPoolId: poolId,
      Username: email,
      TemporaryPassword: PASSWORD,
      UserAttributes: [{ Name: 'email_verified', Value: 'true' }],
    });
    return email;
  }

  start(flow: AuthFlowType, parameters: Record<string, string>, client = this.clientId) {
    return this.aws.initiateAuth({ ClientId: client, AuthFlow: flow, AuthParameters: parameters });
  }

  async signIn(username: string, client = this.clientId, password = PASSWORD) {
    const reply = await this.start('USER_PASSWORD_AUTH', { USERNAME: username, PASSWORD: password }, client);
    const { AccessToken = '', IdToken = '', RefreshToken = '', ExpiresIn } = reply.AuthenticationResult ?? {};
    return { AccessToken, IdToken, RefreshToken, ExpiresIn, reply };
  }

  async signedIn(
    attributes: Record<string, string> = {},
    { client = this.clientId, groups = [] as readonly string[] } = {},
  ) {
    const user = await this.someone(attributes, groups);
    return { ...user, ...(await this.signIn(user.email, client)) };
  }

  async signUp(client = this.clientId, attributes: Record<string, string> = {}) {
    const email = this.address();
    const how = { ClientId: client, Username: email, Password: PASSWORD, UserAttributes: list(attributes) };
    return { email, reply: await this.aws.signUp(how) };
  }

  refresh(token: string, client = this.clientId) {
    return this.start('REFRESH_TOKEN_AUTH', { REFRESH_TOKEN: token }, client);
  }

  forgot(username: string, client = this.clientId) {
    return this.aws.forgotPassword({ ClientId: client, Username: username });
  }

  resetWith(code: string, username: string, password = OTHER_PASSWORD) {
    const what = { ConfirmationCode: code, Username: username, Password: password };
    return this.aws.confirmForgotPassword({ ClientId: this.clientId, ...what });
  }

  /** The newest code sent there. */
  code(email: string): string {
    return this.cloud.mail().findLast(({ to }) => to === email)?.code ?? 'no letter';
  }

  /** What was sent there, oldest first. */
  letters(email: string): string[] {
    return this.cloud.mail().flatMap(({ to, kind }) => (to === email ? [kind] : []));
  }

  async status({ at }: Pick<Somebody, 'at'>) {
    return (await this.aws.adminGetUser(at)).UserStatus;
  }

  async attributes(Username: string, UserPoolId = this.poolId): Promise<Record<string, string>> {
    const { UserAttributes = [] } = await this.aws.adminGetUser({ UserPoolId, Username });
    return Object.fromEntries(UserAttributes.map(({ Name, Value }) => [Name, Value]));
  }

  /** The usernames that a filter finds. */
  async find(Filter: string, UserPoolId = this.poolId) {
    const { Users } = await this.aws.listUsers({ UserPoolId, Filter });
    return Users?.map(({ Username }) => Username);
  }

  /** One of the pool's public documents. */
  wellKnown(document: 'jwks.json' | 'openid-configuration', poolId = this.poolId): Promise<Response> {
    return this.cloud.fetch(`${this.cloud.options.cognitoUrl}/${poolId}/.well-known/${document}`);
  }

  /** Whether the token is signed by the pool, as somebody finds who does not ask Cognito about it. */
  async isSigned(token: string, poolId = this.poolId): Promise<boolean> {
    const [head = '', body = '', signature = ''] = token.split('.');
    const { keys } = (await (await this.wellKnown('jwks.json', poolId)).json()) as { keys: { kid: string }[] };
    const { kid } = JSON.parse(Buffer.from(head, 'base64url').toString()) as { kid: string };
    const key = keys.find((one) => one.kid === kid);
    if (!key) return false;
    const verifier = createVerify('RSA-SHA256').update(`${head}.${body}`);
    return verifier.verify(createPublicKey({ key, format: 'jwk' }), Buffer.from(signature, 'base64url'));
  }

  /** A request as it is on the wire, without a signature. */
  async raw(operation: string | null, body: string) {
    const target: Record<string, string> = operation === null ? {} : { 'x-amz-target': `${TARGET}.${operation}` };
    const headers = { 'content-type': JSON_1_1, ...target };
    const reply = await this.cloud.fetch(`${this.cloud.options.cognitoUrl}/`, { method: 'POST', body, headers });
    return { status: reply.status, type: reply.headers.get('content-type'), body: parsed(await reply.text()) };
  }

  /** The same, signed. */
  async signed(operation: string | null, body: string) {
    const target: Record<string, string> = operation === null ? {} : { 'x-amz-target': `${TARGET}.${operation}` };
    const headers = { 'content-type': JSON_1_1, ...target };
    const reply = await sendRaw(this.aws, { method: 'POST', path: '/', headers, body });
    return { status: reply.status, type: reply.headers['content-type'], body: parsed(reply.body) };
  }
}

const TARGET = 'AWSCognitoIdentityProviderService';
const JSON_1_1 = 'application/x-amz-json-1.1';

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
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
