import * as sdk from '@aws-sdk/client-cognito-identity-provider';
import type { SandboxFunctions } from '../gateway/data-plane/functions.js';
import { NO_HABITS, type ServiceHabits } from '../habits/service-habits.js';
import type { SandboxReply, SandboxRequest } from '../http.js';
import { json, missing, regionOf, requireSignature } from '../json-protocol.js';
import type { SandboxClock } from '../sandbox-clock.js';
import type { Store } from '../store.js';
import { decodeJson, encode, MissingMembers, type Operation, operationsOf, ServiceFailure } from '../wire.js';
import { forgottenPasswordOperations } from './forgotten-passwords.js';
import { groupOperations } from './groups.js';
import { type Letter, Mailbox } from './mailbox.js';
import { Passwords, passwordOperations } from './passwords.js';
import { notModelled, Pools } from './pools.js';
import { PUBLIC_OPERATIONS } from './public-operations.js';
import {
  type SeedClient,
  type SeedFederatedUser,
  type SeedGroup,
  type SeedPool,
  Seeds,
  type SeedUser,
} from './seeds.js';
import { Sessions, sessionOperations } from './sessions.js';
import { SignIn, signInOperations } from './sign-in.js';
import { invitationOperations } from './sign-up/invitations.js';
import { signUpOperations } from './sign-up.js';
import { issuer, Tokens, type Verdict } from './tokens.js';
import type { PoolTriggers } from './triggers/events.js';
import { triggersOf } from './triggers/lambda-config.js';
import { Triggers } from './triggers/triggers.js';
import { appClientOperations, userPoolOperations } from './user-pools.js';
import { adminUserOperations, listUsersOperations, ownUserOperations } from './users.js';

const OPERATIONS: ReadonlyMap<string, Operation> = new Map(operationsOf(sdk).map((one) => [one.name, one]));
const POOL_ID = /^[a-z\d-]+_[A-Za-z\d]+$/;
const TARGET = 'AWSCognitoIdentityProviderService.';

type Handler = (input: never, region: string) => unknown;

/** Amazon Cognito user pools over their real wire protocol, and their front for the rest of the sandbox. */
export class Cognito {
  readonly pools: Pools;
  readonly tokens: Tokens;
  readonly sessions: Sessions;
  readonly passwords: Passwords;
  readonly signIn: SignIn;
  /** Without the wire: by the operation's name and with its input, for the hosted pages. */
  readonly operations: ReturnType<typeof operationsWith>;
  private readonly mailbox: Mailbox;
  private readonly seeds: Seeds;

  /** `triggers` are by user pool, beside those that a pool's LambdaConfig names among `functions`. */
  constructor(
    store: Store,
    clock: SandboxClock,
    private readonly habits: ServiceHabits = NO_HABITS,
    triggers: Readonly<Record<string, PoolTriggers>> = {},
    functions: SandboxFunctions = {},
  ) {
    this.pools = new Pools(store, clock);
    const lambdas = new Triggers((poolId) => {
      const { LambdaConfig } = this.pools.pools.get(poolId)?.settings ?? {};
      return { ...triggersOf(LambdaConfig, functions), ...triggers[poolId] };
    });
    this.tokens = new Tokens(this.pools);
    this.mailbox = new Mailbox(this.pools);
    this.sessions = new Sessions(this.pools, this.tokens, lambdas);
    this.passwords = new Passwords(this.pools);
    this.signIn = new SignIn(this.pools, this.passwords, this.sessions);
    this.seeds = new Seeds(this.pools, this.tokens);
    this.operations = operationsWith(this, this.mailbox, lambdas);
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

  /** The pool's keys and discovery document; null when the path is not ours. */
  wellKnown({ method, url }: SandboxRequest): SandboxReply | null {
    const [, poolId = '', document] = /^\/([^/]+)\/\.well-known\/([^/]+)$/.exec(url.pathname) ?? [];
    if (method !== 'GET' || !POOL_ID.test(poolId)) return null;
    if (!this.pools.pools.get(poolId)) return json(404, { message: `User pool ${poolId} does not exist.` });
    if (document === 'jwks.json') return json(200, this.tokens.jwks(poolId), { 'content-type': 'application/json' });
    if (document !== 'openid-configuration') return null;
    const discovery = {
      issuer: issuer(poolId),
      ...endpointsAt(url.origin),
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

  /** E-mail addresses, in any case, are the usernames unless `settings` says otherwise. An existing pool is left alone. */
  seedPool(pool: SeedPool): Promise<void> {
    return this.seeds.pool(pool);
  }

  /** Signs in by password and refresh token unless `settings` says otherwise. An existing client is left alone. */
  seedClient(client: SeedClient): void {
    this.seeds.client(client);
  }

  seedGroup(group: SeedGroup): void {
    this.seeds.group(group);
  }

  /** A confirmed user with a verified address, in groups that exist. Answers the `sub`, of an existing user too. */
  seedUser(user: SeedUser): Promise<string> {
    return this.seeds.user(user);
  }

  /** Somebody who signed in through a provider: `Google_123` in the pool's group of that provider. Answers the `sub`. */
  seedFederatedUser(user: SeedFederatedUser): string {
    return this.seeds.federatedUser(user);
  }

  private async run(operation: Operation, request: SandboxRequest): Promise<unknown> {
    const handlers: Readonly<Record<string, Handler>> = this.operations;
    const handler = Object.hasOwn(handlers, operation.name) ? handlers[operation.name] : undefined;
    if (!handler) throw notModelled(operation.name);
    const input = decodeJson(operation, request.body) as never; // the schema has checked what the handler's type says
    return encode(operation.output, await handler(input, regionOf(request))) ?? {};
  }
}

type Parts = Pick<Cognito, 'pools' | 'tokens' | 'sessions' | 'passwords' | 'signIn'>;

function operationsWith({ pools, tokens, sessions, passwords, signIn }: Parts, mailbox: Mailbox, triggers: Triggers) {
  return {
    ...userPoolOperations(pools, tokens),
    ...appClientOperations(pools),
    ...signUpOperations(pools, mailbox, triggers),
    ...invitationOperations(pools, mailbox, triggers),
    ...forgottenPasswordOperations(pools, passwords, mailbox, triggers),
    ...signInOperations(pools, passwords, sessions, signIn),
    ...sessionOperations(pools, sessions),
    ...passwordOperations(pools, passwords, sessions),
    ...adminUserOperations(pools, sessions),
    ...ownUserOperations(pools, sessions, mailbox),
    ...listUsersOperations(pools),
    ...groupOperations(pools),
  };
}

function operationOf(request: SandboxRequest): Operation {
  const target = request.headers['x-amz-target'] ?? '';
  const operation = target.startsWith(TARGET) ? OPERATIONS.get(target.slice(TARGET.length)) : undefined;
  if (!operation) throw new ServiceFailure('UnknownOperationException', 'Unknown operation');
  if (!PUBLIC_OPERATIONS.has(operation.name)) requireSignature(request);
  return operation;
}

/** On AWS these are on the pool's own domain. */
function endpointsAt(origin: string) {
  return {
    authorization_endpoint: `${origin}/oauth2/authorize`,
    token_endpoint: `${origin}/oauth2/token`,
    userinfo_endpoint: `${origin}/oauth2/userInfo`,
    revocation_endpoint: `${origin}/oauth2/revoke`,
    end_session_endpoint: `${origin}/logout`,
  };
}

function failure(error: unknown): ServiceFailure {
  if (error instanceof ServiceFailure) return error;
  if (error instanceof MissingMembers) {
    return new ServiceFailure('InvalidParameterException', missing(error.members, 'Value'));
  }
  console.error('sandbox fault', error);
  return new ServiceFailure('InternalErrorException', 'Internal server error', 500);
}
