import { randomUUID } from 'node:crypto';
import * as sdk from '@aws-sdk/client-cognito-identity-provider';
import { NO_HABITS, type ServiceHabits } from '../habits/service-habits.js';
import type { SandboxReply, SandboxRequest } from '../http.js';
import type { SandboxClock } from '../sandbox-clock.js';
import type { Store } from '../store.js';
import { decodeJson, encode, MissingMembers, type Operation, operationsOf, ServiceFailure } from '../wire.js';
import { listed, schemaOf } from './attributes.js';
import { groupOperations } from './groups.js';
import { type Letter, Mailbox } from './mailbox.js';
import { hashPassword, Passwords, passwordOperations } from './passwords.js';
import { type Client, notModelled, type Pool, Pools, type User } from './pools.js';
import { PUBLIC_OPERATIONS } from './public-operations.js';
import { Sessions, sessionOperations } from './sessions.js';
import { signInOperations } from './sign-in.js';
import { addUser, signUpOperations } from './sign-up.js';
import { issuer, Tokens, type Verdict } from './tokens.js';
import { appClientOperations, userPoolOperations } from './user-pools.js';
import { adminUserOperations, listUsersOperations, ownUserOperations } from './users.js';

const OPERATIONS: ReadonlyMap<string, Operation> = new Map(operationsOf(sdk).map((one) => [one.name, one]));
const TARGET = 'AWSCognitoIdentityProviderService.';

type Handler = (input: never, region: string) => unknown;

/** Amazon Cognito user pools over their real wire protocol, and their front for the rest of the sandbox. */
export class Cognito {
  private readonly pools: Pools;
  private readonly tokens: Tokens;
  private readonly mailbox: Mailbox;
  private readonly handlers: Readonly<Record<string, Handler>>;

  constructor(
    store: Store,
    clock: SandboxClock,
    private readonly habits: ServiceHabits = NO_HABITS,
  ) {
    this.pools = new Pools(store, clock);
    this.tokens = new Tokens(this.pools);
    this.mailbox = new Mailbox(this.pools);
    const sessions = new Sessions(this.pools, this.tokens);
    const passwords = new Passwords(this.pools);
    this.handlers = {
      ...userPoolOperations(this.pools, this.tokens),
      ...appClientOperations(this.pools),
      ...signUpOperations(this.pools, this.mailbox),
      ...signInOperations(this.pools, passwords, sessions),
      ...sessionOperations(this.pools, sessions),
      ...passwordOperations(this.pools, passwords, sessions),
      ...adminUserOperations(this.pools, sessions),
      ...ownUserOperations(this.pools, sessions, this.mailbox),
      ...listUsersOperations(this.pools),
      ...groupOperations(this.pools),
    };
  }

  /** `POST /` with `X-Amz-Target: AWSCognitoIdentityProviderService.<Operation>`. */
  async answer(request: SandboxRequest): Promise<SandboxReply> {
    try {
      const operation = operationOf(request);
      const call = { service: 'cognito', operation: operation.name, request } as const;
      return await this.habits.around(call, async () => json(200, await this.run(operation, request)));
    } catch (error) {
      const { type, message, status, headers } = failure(error);
      return json(status, { __type: type, message }, headers);
    }
  }

  /** The pool's keys and discovery document; null when the path or the pool is not ours. */
  wellKnown({ method, url }: SandboxRequest): SandboxReply | null {
    const [, poolId = '', document] = /^\/([^/]+)\/\.well-known\/([^/]+)$/.exec(url.pathname) ?? [];
    if (method !== 'GET' || !this.pools.pools.get(poolId)) return null;
    if (document === 'jwks.json') return json(200, this.tokens.jwks(poolId), { 'content-type': 'application/json' });
    if (document !== 'openid-configuration') return null;
    const discovery = {
      issuer: issuer(poolId),
      jwks_uri: `${issuer(poolId)}/.well-known/jwks.json`,
      id_token_signing_alg_values_supported: ['RS256'],
      response_types_supported: ['code', 'token'],
      scopes_supported: ['openid', 'email', 'phone', 'profile'],
      subject_types_supported: ['public'],
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    };
    return json(200, discovery, { 'content-type': 'application/json' });
  }

  /** Signature, issuer, expiry and kind of an ID or access token; like API Gateway it knows nothing of revocation. */
  verify(poolId: string, token: string): Verdict {
    return this.tokens.verify(poolId, token);
  }

  /** What would have been sent to users, oldest first. */
  mail(): Letter[] {
    return this.mailbox.mail();
  }

  /** E-mail addresses are the usernames unless `settings` says otherwise. An existing pool is left alone. */
  async seedPool({ id, name, customAttributes = [], settings = {} }: SeedPool): Promise<void> {
    if (this.pools.pools.get(id)) return;
    await this.tokens.makeKeys(id);
    const StringAttributeConstraints = { MinLength: '0', MaxLength: '2048' };
    const attributes = schemaOf(customAttributes.map((Name) => ({ Name, StringAttributeConstraints })));
    const byEmail: Partial<Pool['settings']> = { UsernameAttributes: ['email'], AutoVerifiedAttributes: ['email'] };
    const at = { createdAt: this.pools.now(), modifiedAt: this.pools.now() };
    this.pools.pools.put(id, { id, settings: { PoolName: name, ...byEmail, ...settings }, attributes, ...at });
  }

  /** Signs in by password and refresh token unless `settings` says otherwise. An existing client is left alone. */
  seedClient({ poolId, clientId, name = clientId, secret = null, settings = {}, ...lists }: SeedClient): void {
    if (this.pools.clients.get(clientId)) return;
    const { readAttributes, writeAttributes } = lists;
    const flows = ['ALLOW_USER_PASSWORD_AUTH', 'ALLOW_ADMIN_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'] as const;
    const merged: Client['settings'] = {
      UserPoolId: this.pools.pool(poolId).id,
      ClientName: name,
      ExplicitAuthFlows: [...flows],
      ...(readAttributes && { ReadAttributes: [...readAttributes] }),
      ...(writeAttributes && { WriteAttributes: [...writeAttributes] }),
      ...settings,
    };
    const at = { createdAt: this.pools.now(), modifiedAt: this.pools.now() };
    this.pools.clients.put(clientId, { id: clientId, poolId, secret, settings: merged, ...at });
  }

  seedGroup({ poolId, name, precedence, description }: SeedGroup): void {
    if (this.pools.groups.get(`${poolId}/${name}`)) return;
    const at = { createdAt: this.pools.now(), modifiedAt: this.pools.now() };
    this.pools.groups.put(`${poolId}/${name}`, { poolId, name, precedence, description, ...at });
  }

  /** A confirmed user with a verified address, in groups that exist. Answers the `sub`, of an existing user too. */
  async seedUser({ poolId, username, password, groups = [], attributes = {} }: SeedUser): Promise<string> {
    const pool = this.pools.pool(poolId);
    const existing = this.pools.findUser(pool, username);
    if (existing) return existing.sub;
    const passwordHash = typeof password === 'string' ? await hashPassword(password) : password.hash;
    const all = listed({ email_verified: 'true', ...attributes }); // without an address nothing is kept of it
    const user = addUser(this.pools, pool, { username, attributes: all, status: 'CONFIRMED', passwordHash });
    return this.pools.change(user, { groups }).sub;
  }

  /** Somebody who signed in through a provider: `Google_123` in the pool's group of that provider. Answers the `sub`. */
  seedFederatedUser({ poolId, username, attributes = {}, groups = [] }: SeedFederatedUser): string {
    const existing = this.pools.findUser(this.pools.pool(poolId), username);
    if (existing) return existing.sub;
    const [providerName = '', ...userId] = username.split('_');
    const group = `${poolId}_${providerName}`;
    this.seedGroup({ poolId, name: group });
    const identity = { userId: userId.join('_'), providerName, providerType: providerName, primary: true };
    const now = this.pools.now();
    const user: User = {
      poolId,
      username,
      sub: randomUUID(),
      attributes: { identities: JSON.stringify([identity]), ...attributes },
      status: 'EXTERNAL_PROVIDER',
      enabled: true,
      passwordHash: null,
      passwordSetAt: now,
      groups: [group, ...groups],
      createdAt: now,
      modifiedAt: now,
    };
    return this.pools.save(user).sub;
  }

  private async run(operation: Operation, { headers, body }: SandboxRequest): Promise<unknown> {
    const handler = this.handlers[operation.name];
    if (!handler) throw notModelled(operation.name);
    const input = decodeJson(operation, body) as never; // the schema has checked what the handler's type says
    const region = /Credential=[^/]+\/\d+\/([a-z0-9-]+)\//.exec(headers.authorization ?? '')?.[1] ?? 'us-east-1';
    return encode(operation.output, await handler(input, region)) ?? {};
  }
}

function operationOf({ headers }: SandboxRequest): Operation {
  const target = headers['x-amz-target'] ?? '';
  const operation = target.startsWith(TARGET) ? OPERATIONS.get(target.slice(TARGET.length)) : undefined;
  if (!operation) throw new ServiceFailure('UnknownOperationException', 'Unknown operation');
  const isSigned = headers.authorization?.startsWith('AWS4-HMAC-SHA256 ') === true;
  if (!PUBLIC_OPERATIONS.has(operation.name) && !isSigned)
    throw new ServiceFailure('MissingAuthenticationTokenException', 'Missing Authentication Token');
  return operation;
}

export interface SeedPool {
  readonly id: string;
  readonly name: string;
  /** Without the prefix `custom:`. */
  readonly customAttributes?: readonly string[];
  readonly settings?: Partial<Pool['settings']>;
}

export interface SeedClient {
  readonly poolId: string;
  readonly clientId: string;
  readonly name?: string;
  readonly secret?: string | null;
  readonly readAttributes?: readonly string[];
  readonly writeAttributes?: readonly string[];
  readonly settings?: Partial<Client['settings']>;
}

export interface SeedGroup {
  readonly poolId: string;
  readonly name: string;
  readonly precedence?: number;
  readonly description?: string;
}

export interface SeedUser {
  readonly poolId: string;
  readonly username: string;
  /** In clear, or as `hashPassword` gave it, for many users at once. */
  readonly password: string | { readonly hash: string };
  readonly groups?: readonly string[];
  readonly attributes?: Readonly<Record<string, string>>;
}

export type SeedFederatedUser = Omit<SeedUser, 'password'>;

function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): SandboxReply {
  return { status, headers: { 'content-type': 'application/x-amz-json-1.1', ...headers }, body: JSON.stringify(value) };
}

function failure(error: unknown): ServiceFailure {
  if (error instanceof ServiceFailure) return error;
  if (error instanceof MissingMembers) {
    const texts = error.members.map(
      (member) =>
        `Value at '${member.charAt(0).toLowerCase()}${member.slice(1)}' failed to satisfy constraint: Member must not be null`,
    );
    const count = `${texts.length} validation error${texts.length === 1 ? '' : 's'} detected`;
    return new ServiceFailure('InvalidParameterException', `${count}: ${texts.join('; ')}`);
  }
  console.error('sandbox fault', error);
  return new ServiceFailure('InternalErrorException', 'Internal server error', 500);
}
