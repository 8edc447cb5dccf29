import { createHash, createHmac, randomBytes } from 'node:crypto';
import type {
  AdminInitiateAuthCommandInput,
  AdminInitiateAuthCommandOutput,
  AdminRespondToAuthChallengeCommandInput,
  AdminRespondToAuthChallengeCommandOutput,
  AttributeType,
  InitiateAuthCommandInput,
  InitiateAuthCommandOutput,
  RespondToAuthChallengeCommandInput,
  RespondToAuthChallengeCommandOutput,
} from '@aws-sdk/client-cognito-identity-provider';
import type { Table } from '../store.js';
import { ServiceFailure } from '../wire.js';
import { changed, readable, refuseUnwritable } from './attributes.js';
import { type Passwords, policyOf } from './passwords.js';
import {
  type Client,
  type Given,
  invalid,
  notAuthorized,
  notModelled,
  type Output,
  type Pool,
  type Pools,
  type User,
} from './pools.js';
import type { Sessions } from './sessions.js';

type Parameters = Readonly<Record<string, string>>;
type Answer = Output<InitiateAuthCommandOutput>;

/** The ExplicitAuthFlows that allow each flow; the names without ALLOW_ are the older spelling. */
const ALLOWED_BY: ReadonlyMap<string, readonly string[]> = new Map([
  ['USER_PASSWORD_AUTH', ['ALLOW_USER_PASSWORD_AUTH', 'USER_PASSWORD_AUTH']],
  ['ADMIN_USER_PASSWORD_AUTH', ['ALLOW_ADMIN_USER_PASSWORD_AUTH', 'ADMIN_NO_SRP_AUTH']],
  [
    'REFRESH_TOKEN_AUTH',
    ['ALLOW_REFRESH_TOKEN_AUTH', 'ADMIN_NO_SRP_AUTH', 'USER_PASSWORD_AUTH', 'CUSTOM_AUTH_FLOW_ONLY'],
  ],
]);
const DEFAULT_FLOWS = ['ALLOW_REFRESH_TOKEN_AUTH', 'ALLOW_USER_SRP_AUTH', 'ALLOW_CUSTOM_AUTH'];
const NEWER_NAME: ReadonlyMap<string, string> = new Map([
  ['REFRESH_TOKEN', 'REFRESH_TOKEN_AUTH'],
  ['ADMIN_NO_SRP_AUTH', 'ADMIN_USER_PASSWORD_AUTH'],
]);

/** A client with a secret proves it with every request that names a user. */
export function refuseWrongSecret(client: Client, username: string, secretHash: string | undefined): void {
  if (client.secret === null) return;
  if (secretHash === undefined) {
    throw notAuthorized(`Client ${client.id} is configured with secret but SECRET_HASH was not received`);
  }
  const expected = createHmac('sha256', client.secret).update(`${username}${client.id}`).digest('base64');
  if (secretHash !== expected) throw notAuthorized(`Unable to verify secret hash for client ${client.id}`);
}

interface Challenge {
  readonly clientId: string;
  readonly sub: string;
  readonly expiresAt: number;
}

/** Signs users in: by password, by refresh token, and with a new password after a temporary one. */
class SignIn {
  private readonly challenges: Table<Challenge>;

  constructor(
    private readonly pools: Pools,
    private readonly passwords: Passwords,
    private readonly sessions: Sessions,
  ) {
    this.challenges = pools.store.table<Challenge>('cognito.challenges');
  }

  start(client: Client, flow: string, parameters: Parameters): Promise<Answer> | Answer {
    refuseDisallowed(client, flow);
    if (flow !== 'REFRESH_TOKEN_AUTH') return this.byPassword(client, parameters);
    const token = required(parameters, 'REFRESH_TOKEN');
    refuseWrongSecret(client, this.sessions.usernameOf(token), parameters.SECRET_HASH);
    return { ChallengeParameters: {}, AuthenticationResult: this.sessions.refresh(client, token) };
  }

  async respond(client: Client, { ChallengeName, ChallengeResponses = {}, Session = '' }: Response): Promise<Answer> {
    if (ChallengeName !== 'NEW_PASSWORD_REQUIRED') throw notModelled(`The challenge ${ChallengeName}`);
    const username = required(ChallengeResponses, 'USERNAME');
    const password = required(ChallengeResponses, 'NEW_PASSWORD');
    refuseWrongSecret(client, username, ChallengeResponses.SECRET_HASH);
    const pool = this.pools.pool(client.poolId);
    const user = this.pools.findUser(pool, username);
    const challenge = this.challenges.get(hashed(Session));
    if (!user || challenge?.clientId !== client.id || challenge.sub !== user.sub) {
      throw notAuthorized('Invalid session for the user.');
    }
    if (challenge.expiresAt <= this.pools.clock.seconds()) {
      throw notAuthorized('Invalid session for the user, session is expired.');
    }
    if (!user.enabled) throw notAuthorized('User is disabled.');
    const changes = this.attributesIn(client, ChallengeResponses);
    changed(pool, user.attributes, changes); // refused before the password is set
    const current = await this.passwords.set(user, password, 'CONFIRMED');
    this.challenges.delete(hashed(Session));
    const confirmed = this.pools.change(current, { attributes: changed(pool, current.attributes, changes) });
    return { ChallengeParameters: {}, AuthenticationResult: this.sessions.open(confirmed, client) };
  }

  private async byPassword(client: Client, parameters: Parameters): Promise<Answer> {
    const username = required(parameters, 'USERNAME');
    const password = required(parameters, 'PASSWORD');
    refuseWrongSecret(client, username, parameters.SECRET_HASH);
    const pool = this.pools.pool(client.poolId);
    const found = this.pools.findUser(pool, username);
    if (!found) throw unknownUser(client);
    if (!found.enabled) throw notAuthorized('User is disabled.');
    await this.passwords.refuseWrong(found, password);
    const user = this.pools.user(pool, found.username);
    if (user.status === 'UNCONFIRMED') {
      throw new ServiceFailure('UserNotConfirmedException', 'User is not confirmed.');
    }
    if (user.status === 'FORCE_CHANGE_PASSWORD') return this.challenge(client, pool, user);
    return { ChallengeParameters: {}, AuthenticationResult: this.sessions.open(user, client) };
  }

  private challenge(client: Client, pool: Pool, user: User): Answer {
    const validDays = policyOf(pool).TemporaryPasswordValidityDays ?? 7;
    const ageMs = this.pools.clock.now().getTime() - Date.parse(user.passwordSetAt);
    if (ageMs > validDays * 86_400_000) {
      throw notAuthorized('Temporary password has expired and must be reset by an administrator.');
    }
    const session = randomBytes(96).toString('base64url');
    const expiresAt = this.pools.clock.seconds() + (client.settings.AuthSessionValidity ?? 3) * 60;
    this.challenges.put(hashed(session), { clientId: client.id, sub: user.sub, expiresAt });
    const { sub: _sub, ...attributes } = readable(client, user);
    const missing = pool.attributes.filter(
      ({ Name = '', Required }) => Required && Name !== 'sub' && !user.attributes[Name],
    );
    return {
      ChallengeName: 'NEW_PASSWORD_REQUIRED',
      Session: session,
      ChallengeParameters: {
        USER_ID_FOR_SRP: user.username,
        requiredAttributes: JSON.stringify(missing.map(({ Name }) => `userAttributes.${Name}`)),
        userAttributes: JSON.stringify(attributes),
      },
    };
  }

  private attributesIn(client: Client, responses: Parameters): AttributeType[] {
    const prefix = 'userAttributes.';
    const changes = Object.entries(responses)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, Value]) => ({ Name: name.slice(prefix.length), Value }));
    refuseUnwritable(
      client,
      changes.map(({ Name }) => Name),
    );
    return changes;
  }
}

type Response = Pick<RespondToAuthChallengeCommandInput, 'ChallengeName' | 'ChallengeResponses' | 'Session'>;

function modelled(authFlow: string): string {
  const flow = NEWER_NAME.get(authFlow) ?? authFlow;
  if (!ALLOWED_BY.has(flow)) throw notModelled(`The flow ${authFlow}`);
  return flow;
}

function refuseDisallowed(client: Client, flow: string): void {
  const allowed = client.settings.ExplicitAuthFlows ?? DEFAULT_FLOWS;
  if (allowed.some((name) => ALLOWED_BY.get(flow)?.includes(name))) return;
  const subject = flow === 'ADMIN_USER_PASSWORD_AUTH' ? 'Auth' : flow;
  throw invalid(`${subject} flow not enabled for this client`);
}

function unknownUser({ settings }: Client): ServiceFailure {
  if (settings.PreventUserExistenceErrors === 'ENABLED') return notAuthorized('Incorrect username or password.');
  return new ServiceFailure('UserNotFoundException', 'User does not exist.');
}

function required(parameters: Parameters, name: string): string {
  const value = parameters[name];
  if (!value) throw invalid(`Missing required parameter ${name}`);
  return value;
}

function hashed(session: string): string {
  return createHash('sha256').update(session).digest('hex');
}

export const signInOperations = (pools: Pools, passwords: Passwords, sessions: Sessions) => {
  const signIn = new SignIn(pools, passwords, sessions);
  return {
    async InitiateAuth({
      ClientId,
      AuthFlow,
      AuthParameters = {},
    }: Given<InitiateAuthCommandInput>): Promise<Output<InitiateAuthCommandOutput>> {
      const client = pools.client(ClientId);
      const flow = modelled(AuthFlow);
      if (flow === 'ADMIN_USER_PASSWORD_AUTH') throw invalid('Initiate Auth method not supported.');
      return signIn.start(client, flow, AuthParameters);
    },

    async AdminInitiateAuth({
      UserPoolId,
      ClientId,
      AuthFlow,
      AuthParameters = {},
    }: Given<AdminInitiateAuthCommandInput>): Promise<Output<AdminInitiateAuthCommandOutput>> {
      const client = pools.client(ClientId, pools.pool(UserPoolId).id);
      return signIn.start(client, modelled(AuthFlow), AuthParameters);
    },

    RespondToAuthChallenge(
      input: Given<RespondToAuthChallengeCommandInput>,
    ): Promise<Output<RespondToAuthChallengeCommandOutput>> {
      return signIn.respond(pools.client(input.ClientId), input);
    },

    async AdminRespondToAuthChallenge(
      input: Given<AdminRespondToAuthChallengeCommandInput>,
    ): Promise<Output<AdminRespondToAuthChallengeCommandOutput>> {
      return signIn.respond(pools.client(input.ClientId, pools.pool(input.UserPoolId).id), input);
    },
  };
};
