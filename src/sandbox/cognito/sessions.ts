import { randomUUID } from 'node:crypto';
import type {
  AdminUserGlobalSignOutCommandInput,
  AdminUserGlobalSignOutCommandOutput,
  AuthenticationResultType,
  GetTokensFromRefreshTokenCommandInput,
  GetTokensFromRefreshTokenCommandOutput,
  GlobalSignOutCommandInput,
  GlobalSignOutCommandOutput,
  RevokeTokenCommandInput,
  RevokeTokenCommandOutput,
} from '@aws-sdk/client-cognito-identity-provider';
import type { Table } from '../store.js';
import { ServiceFailure } from '../wire.js';
import { type Client, type Given, notAuthorized, type Output, type Pools, type User } from './pools.js';
import {
  hashOf,
  isOneOf,
  newRefreshToken,
  type RefreshTokens,
  refuseReplaced,
  refuseWrongClientSecret,
  rotated,
  rotates,
  sessionIdIn,
} from './sign-in/refresh-tokens.js';
import { API_SCOPE, lifetimes, type Origin, poolNamedBy, type Tokens, type TokenWishes } from './tokens.js';
import type { TokenSource } from './triggers/events.js';
import { type TokenOverrides, tokenOverrides } from './triggers/token-overrides.js';
import { Triggers } from './triggers/triggers.js';

/** One sign-in: what its refresh token stands for, and whether its access tokens still count. */
interface Session extends Origin, RefreshTokens {
  readonly poolId: string;
  readonly clientId: string;
  readonly username: string;
  readonly sub: string;
  /** As for the tokens' own; a refresh keeps them. */
  readonly scopes?: readonly string[] | undefined;
  readonly expiresAt: number;
  readonly isRevoked: boolean;
}

export interface Admission {
  readonly source: TokenSource;
  readonly scopes?: readonly string[] | undefined;
  readonly nonce?: string | undefined;
  readonly clientMetadata?: Readonly<Record<string, string>> | undefined;
}

/** Who is signed in. Only Cognito's own endpoints ask here: a JWT verifies offline until it expires. */
export class Sessions {
  private readonly sessions: Table<Session>;

  constructor(
    private readonly pools: Pools,
    private readonly tokens: Tokens,
    private readonly triggers = new Triggers(),
  ) {
    this.sessions = pools.store.table<Session>('cognito.sessions');
    for (const [key, { expiresAt }] of this.sessions.entries()) {
      if (expiresAt <= pools.clock.seconds()) this.sessions.delete(key);
    }
  }

  /** Signs `user` in, after the pool's trigger has had its say about the tokens. */
  async admit(user: User, client: Client, { scopes, nonce, ...about }: Admission): Promise<AuthenticationResultType> {
    const occasion = { ...about, scopes: scopes ?? [API_SCOPE] };
    const overrides = await tokenOverrides(this.triggers, this.pools, user, client, occasion);
    const current = this.pools.user(this.pools.pool(user.poolId), user.username);
    if (current.sub !== user.sub || !current.enabled) throw notAuthorized('User is disabled.');
    return this.open(current, client, { scopes, nonce, overrides });
  }

  /** Without asking the trigger; see `admit`. */
  open(user: User, client: Client, { scopes, ...wishes }: TokenWishes = {}): AuthenticationResultType {
    const authTime = this.pools.clock.seconds();
    const eventId = randomUUID();
    const refreshToken = newRefreshToken(eventId);
    const session = this.sessions.put(eventId, {
      eventId,
      originJti: randomUUID(),
      authTime,
      poolId: user.poolId,
      clientId: client.id,
      username: user.username,
      sub: user.sub,
      ...(scopes && { scopes }),
      refreshHash: hashOf(refreshToken),
      expiresAt: authTime + lifetimes(client).refreshSeconds,
      isRevoked: false,
    });
    const issued = this.tokens.issue(user, client, session, { scopes, ...wishes });
    return { ...forScopes(scopes, issued), RefreshToken: refreshToken };
  }

  /** As `refresh`, after the pool's trigger has had its say. */
  async renew(
    client: Client,
    refreshToken: string,
    clientMetadata?: Admission['clientMetadata'],
  ): Promise<AuthenticationResultType> {
    const { user, session } = this.refreshable(client, refreshToken);
    const occasion = { source: 'TokenGeneration_RefreshTokens', clientMetadata } as const;
    const scopes = session.scopes ?? [API_SCOPE];
    const overrides = await tokenOverrides(this.triggers, this.pools, user, client, { ...occasion, scopes });
    return this.refresh(client, refreshToken, overrides);
  }

  /**
   * New tokens with the groups and attributes of now and the `auth_time` of then; a new refresh token where the client
   * rotates them, which lives no longer than the first.
   */
  refresh(client: Client, refreshToken: string, overrides?: TokenOverrides): AuthenticationResultType {
    const { user, session } = this.refreshable(client, refreshToken);
    const { scopes } = session;
    const issued = this.tokens.issue(user, client, session, { scopes, ...(overrides && { overrides }) });
    const result = forScopes(scopes, issued);
    if (!rotates(client)) return result;
    const made = newRefreshToken(session.eventId);
    const deadline = this.pools.clock.seconds() + (client.settings.RefreshTokenRotation?.RetryGracePeriodSeconds ?? 0);
    this.sessions.put(session.eventId, { ...session, ...rotated(session, refreshToken, made, deadline) });
    return { ...result, RefreshToken: made };
  }

  private refreshable(client: Client, refreshToken: string): { user: User; session: Session } {
    const session = this.ofRefreshToken(refreshToken);
    if (session?.clientId !== client.id) throw notAuthorized('Invalid Refresh Token');
    const user = this.userOf(session);
    if (!user) throw notAuthorized('Refresh Token has been revoked');
    if (!user.enabled) throw notAuthorized('User is disabled.');
    if (session.isRevoked) throw notAuthorized('Refresh Token has been revoked');
    if (session.expiresAt <= this.pools.clock.seconds()) throw notAuthorized('Refresh Token has expired');
    refuseReplaced(session, refreshToken, this.pools.clock.seconds());
    return { user, session };
  }

  /** Whose refresh token this is, for the SECRET_HASH that comes with it. */
  usernameOf(refreshToken: string): string {
    return this.ofRefreshToken(refreshToken)?.username ?? '';
  }

  authenticated(accessToken: string, scope = API_SCOPE): { user: User; client: Client; session: string } {
    const verdict = this.tokens.verify(poolNamedBy(accessToken), accessToken);
    if (!verdict.ok) throw notAuthorized(verdict.expired ? 'Access Token has expired' : 'Invalid Access Token');
    const { claims } = verdict;
    if (claims.token_use !== 'access') throw notAuthorized('Invalid Access Token');
    const session = this.sessions.get(String(claims.event_id));
    const user = this.pools.findUser(this.pools.pool(poolNamedBy(accessToken)), String(claims.username));
    if (!user || user.sub !== claims.sub) throw new ServiceFailure('UserNotFoundException', 'User does not exist.');
    if (!session || session.isRevoked) throw notAuthorized('Access Token has been revoked');
    if (!String(claims.scope).split(' ').includes(scope)) {
      throw notAuthorized('Access Token does not have required scopes');
    }
    return { user, client: this.pools.client(session.clientId, session.poolId), session: session.eventId };
  }

  revokeAll({ poolId, sub }: User): void {
    for (const [key, session] of this.sessions.entries()) {
      if (session.sub === sub && session.poolId === poolId) this.sessions.put(key, { ...session, isRevoked: true });
    }
  }

  /** Forgetting an unknown token is no error: the caller wanted it gone. */
  revoke(client: Client, refreshToken: string): void {
    const session = this.ofRefreshToken(refreshToken);
    if (!session) return;
    if (session.clientId !== client.id) throw new ServiceFailure('UnauthorizedException', 'Client mismatch.');
    this.sessions.put(session.eventId, { ...session, isRevoked: true });
  }

  private ofRefreshToken(token: string): Session | undefined {
    const session = this.sessions.get(sessionIdIn(token));
    return session && isOneOf(session, token) ? session : undefined;
  }

  private userOf({ poolId, username, sub }: Session): User | undefined {
    const user = this.pools.findUser(this.pools.pool(poolId), username);
    return user?.sub === sub ? user : undefined;
  }
}

/** Without `openid` the hosted pages give no ID token; a sign-in through the API, which has no scopes, always does. */
function forScopes(scopes: TokenWishes['scopes'], { IdToken, ...issued }: AuthenticationResultType) {
  return scopes === undefined || scopes.includes('openid') ? { ...issued, IdToken } : issued;
}

export const sessionOperations = (pools: Pools, sessions: Sessions) => ({
  GlobalSignOut({ AccessToken }: Given<GlobalSignOutCommandInput>): Output<GlobalSignOutCommandOutput> {
    sessions.revokeAll(sessions.authenticated(AccessToken).user);
    return {};
  },

  AdminUserGlobalSignOut({
    UserPoolId,
    Username,
  }: Given<AdminUserGlobalSignOutCommandInput>): Output<AdminUserGlobalSignOutCommandOutput> {
    sessions.revokeAll(pools.user(pools.pool(UserPoolId), Username));
    return {};
  },

  async GetTokensFromRefreshToken({
    ClientId,
    ClientSecret,
    RefreshToken,
    ClientMetadata,
  }: Given<GetTokensFromRefreshTokenCommandInput>): Promise<Output<GetTokensFromRefreshTokenCommandOutput>> {
    const client = pools.client(ClientId);
    refuseWrongClientSecret(client, ClientSecret);
    return { AuthenticationResult: await sessions.renew(client, RefreshToken, ClientMetadata) };
  },

  RevokeToken({ Token, ClientId, ClientSecret }: Given<RevokeTokenCommandInput>): Output<RevokeTokenCommandOutput> {
    const client = pools.client(ClientId);
    if (client.secret !== null && client.secret !== ClientSecret) {
      throw new ServiceFailure('UnauthorizedException', 'Invalid client secret.');
    }
    if (client.settings.EnableTokenRevocation === false) {
      throw new ServiceFailure('UnsupportedOperationException', 'Token revocation is not enabled for this client.');
    }
    if (Token.split('.').length === 3) {
      throw new ServiceFailure('UnsupportedTokenTypeException', 'Unsupported token type.');
    }
    sessions.revoke(client, Token);
    return {};
  },
});
