import { createHmac } from 'node:crypto';
import type {
  AdminInitiateAuthCommandInput,
  AdminInitiateAuthCommandOutput,
  AdminRespondToAuthChallengeCommandInput,
  AdminRespondToAuthChallengeCommandOutput,
  InitiateAuthCommandInput,
  InitiateAuthCommandOutput,
  RespondToAuthChallengeCommandInput,
  RespondToAuthChallengeCommandOutput,
} from '@aws-sdk/client-cognito-identity-provider';
import { ServiceFailure } from '../wire.js';
import type { Passwords } from './passwords.js';
import {
  type Client,
  type Given,
  invalid,
  notAuthorized,
  notModelled,
  type Output,
  type Pools,
  type User,
} from './pools.js';
import type { Sessions } from './sessions.js';
import { NewPassword } from './sign-in/new-password.js';
import { type Parameters, required } from './sign-in/parameters.js';
import { rotates } from './sign-in/refresh-tokens.js';
import { SrpSignIn } from './sign-in/srp-sign-in.js';
import type { TokenSource } from './triggers/events.js';

type Answer = Output<InitiateAuthCommandOutput>;

/** The ExplicitAuthFlows that allow each flow; the names without ALLOW_ are the older spelling. */
const ALLOWED_BY: ReadonlyMap<string, readonly string[]> = new Map([
  ['USER_SRP_AUTH', ['ALLOW_USER_SRP_AUTH', 'ADMIN_NO_SRP_AUTH', 'USER_PASSWORD_AUTH']],
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

/** Signs users in: by password, by SRP, by refresh token, and with a new password after a temporary one. */
export class SignIn {
  private readonly newPassword: NewPassword;
  private readonly srp: SrpSignIn;

  constructor(
    private readonly pools: Pools,
    private readonly passwords: Passwords,
    private readonly sessions: Sessions,
  ) {
    this.newPassword = new NewPassword(pools, passwords);
    this.srp = new SrpSignIn(pools, passwords);
  }

  async start(client: Client, flow: string, parameters: Parameters): Promise<Answer> {
    refuseDisallowed(client, flow);
    if (flow === 'REFRESH_TOKEN_AUTH') return this.byRefreshToken(client, parameters);
    const username = required(parameters, 'USERNAME');
    if (flow === 'USER_SRP_AUTH') return this.bySrp(client, username, parameters);
    const password = required(parameters, 'PASSWORD');
    refuseWrongSecret(client, username, parameters.SECRET_HASH);
    return this.admitted(client, await this.userBehind(client, username, password));
  }

  async respond(client: Client, response: Response): Promise<Answer> {
    const { ChallengeName, ChallengeResponses: responses = {}, Session = '', ClientMetadata } = response;
    if (ChallengeName !== 'NEW_PASSWORD_REQUIRED' && ChallengeName !== 'PASSWORD_VERIFIER') {
      throw notModelled(`The challenge ${ChallengeName}`);
    }
    const username = required(responses, 'USERNAME');
    refuseWrongSecret(client, username, responses.SECRET_HASH);
    const user = this.pools.findUser(this.pools.pool(client.poolId), username);
    if (ChallengeName === 'PASSWORD_VERIFIER') {
      const proven = await this.srp.proven(client, user, responses);
      return this.admitted(client, mayEnter(proven), ClientMetadata);
    }
    const confirmed = await this.newPassword.answered(client, user, Session, responses);
    return this.tokensFor(client, confirmed, 'TokenGeneration_NewPasswordChallenge', ClientMetadata);
  }

  /**
   * Who this password belongs to, if they may sign in; the hosted pages ask too. Somebody with a temporary password
   * (FORCE_CHANGE_PASSWORD) has to choose another before there are tokens.
   */
  async userBehind(client: Client, username: string, password: string): Promise<User> {
    const pool = this.pools.pool(client.poolId);
    const found = this.knownUser(client, username);
    if (!found) throw notAuthorized('Incorrect username or password.');
    await this.passwords.refuseWrong(found, password);
    return mayEnter(this.pools.user(pool, found.username));
  }

  private bySrp(client: Client, username: string, parameters: Parameters): Answer {
    refuseWrongSecret(client, username, parameters.SECRET_HASH);
    return this.srp.ask(client, this.knownUser(client, username), parameters);
  }

  private async byRefreshToken(client: Client, parameters: Parameters): Promise<Answer> {
    const token = required(parameters, 'REFRESH_TOKEN');
    refuseWrongSecret(client, this.sessions.usernameOf(token), parameters.SECRET_HASH);
    return { ChallengeParameters: {}, AuthenticationResult: await this.sessions.renew(client, token) };
  }

  /** Undefined only for clients that hide who exists. */
  private knownUser({ poolId, settings }: Client, username: string): User | undefined {
    const user = this.pools.findUser(this.pools.pool(poolId), username);
    if (!user && settings.PreventUserExistenceErrors !== 'ENABLED') {
      throw new ServiceFailure('UserNotFoundException', 'User does not exist.');
    }
    if (user?.enabled === false) throw notAuthorized('User is disabled.');
    if (user?.status === 'RESET_REQUIRED') {
      throw new ServiceFailure('PasswordResetRequiredException', 'Password reset required for the user');
    }
    return user;
  }

  private admitted(client: Client, user: User, metadata?: Metadata): Promise<Answer> | Answer {
    if (user.status === 'FORCE_CHANGE_PASSWORD') return this.newPassword.ask(client, user);
    return this.tokensFor(client, user, 'TokenGeneration_Authentication', metadata);
  }

  private async tokensFor(client: Client, user: User, source: TokenSource, clientMetadata?: Metadata): Promise<Answer> {
    const AuthenticationResult = await this.sessions.admit(user, client, { source, clientMetadata });
    return { ChallengeParameters: {}, AuthenticationResult };
  }
}

function mayEnter(user: User): User {
  if (user.status !== 'UNCONFIRMED') return user;
  throw new ServiceFailure('UserNotConfirmedException', 'User is not confirmed.');
}

type Metadata = Readonly<Record<string, string>> | undefined;
type Response = Pick<
  RespondToAuthChallengeCommandInput,
  'ChallengeName' | 'ChallengeResponses' | 'Session' | 'ClientMetadata'
>;

function modelled(authFlow: string): string {
  const flow = NEWER_NAME.get(authFlow) ?? authFlow;
  if (!ALLOWED_BY.has(flow)) throw notModelled(`The flow ${authFlow}`);
  return flow;
}

function refuseDisallowed(client: Client, flow: string): void {
  const { ExplicitAuthFlows: flows = [] } = client.settings;
  const allowed = flows.length > 0 ? flows : DEFAULT_FLOWS;
  const isReplaced = flow === 'REFRESH_TOKEN_AUTH' && rotates(client); // by GetTokensFromRefreshToken
  if (!isReplaced && allowed.some((name) => ALLOWED_BY.get(flow)?.includes(name))) return;
  const subject = flow === 'ADMIN_USER_PASSWORD_AUTH' ? 'Auth' : flow;
  throw invalid(`${subject} flow not enabled for this client`);
}

export const signInOperations = (
  pools: Pools,
  passwords: Passwords,
  sessions: Sessions,
  signIn = new SignIn(pools, passwords, sessions),
) => {
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
