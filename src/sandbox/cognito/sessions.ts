import { createHash, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import type {
  AdminUserGlobalSignOutCommandInput,
  AdminUserGlobalSignOutCommandOutput,
  AuthenticationResultType,
  GlobalSignOutCommandInput,
  GlobalSignOutCommandOutput,
  RevokeTokenCommandInput,
  RevokeTokenCommandOutput,
} from '@aws-sdk/client-cognito-identity-provider';
import type { Table } from '../store.js';
import { ServiceFailure } from '../wire.js';
import { type Client, type Given, notAuthorized, type Output, type Pools, type User } from './pools.js';
import { lifetimes, type Origin, poolNamedBy, type Tokens } from './tokens.js';

/** One sign-in: what its refresh token stands for, and whether its access tokens still count. */
interface Session extends Origin {
  readonly poolId: string;
  readonly clientId: string;
  readonly username: string;
  readonly sub: string;
  /** SHA-256 of the refresh token, which is kept nowhere. */
  readonly refreshHash: string;
  readonly expiresAt: number;
  readonly isRevoked: boolean;
}

/** Who is signed in. Only Cognito's own endpoints ask here: a JWT verifies offline until it expires. */
export class Sessions {
  private readonly sessions: Table<Session>;

  constructor(
    private readonly pools: Pools,
    private readonly tokens: Tokens,
  ) {
    this.sessions = pools.store.table<Session>('cognito.sessions');
    for (const [key, { expiresAt }] of this.sessions.entries()) {
      if (expiresAt <= pools.clock.seconds()) this.sessions.delete(key);
    }
  }

  open(user: User, client: Client): AuthenticationResultType {
    const authTime = this.pools.clock.seconds();
    const eventId = randomUUID();
    const refreshToken = `${Buffer.from(eventId).toString('base64url')}.${randomBytes(384).toString('base64url')}`;
    const session = this.sessions.put(eventId, {
      eventId,
      originJti: randomUUID(),
      authTime,
      poolId: user.poolId,
      clientId: client.id,
      username: user.username,
      sub: user.sub,
      refreshHash: sha256(refreshToken).toString('hex'),
      expiresAt: authTime + lifetimes(client).refreshSeconds,
      isRevoked: false,
    });
    return { ...this.tokens.issue(user, client, session), RefreshToken: refreshToken };
  }

  /** New tokens with the groups and attributes of now and the `auth_time` of then. */
  refresh(client: Client, refreshToken: string): AuthenticationResultType {
    const session = this.ofRefreshToken(refreshToken);
    if (session?.clientId !== client.id) throw notAuthorized('Invalid Refresh Token');
    const user = this.userOf(session);
    if (!user) throw notAuthorized('Refresh Token has been revoked');
    if (!user.enabled) throw notAuthorized('User is disabled.');
    if (session.isRevoked) throw notAuthorized('Refresh Token has been revoked');
    if (session.expiresAt <= this.pools.clock.seconds()) throw notAuthorized('Refresh Token has expired');
    return this.tokens.issue(user, client, session);
  }

  /** Whose refresh token this is, for the SECRET_HASH that comes with it. */
  usernameOf(refreshToken: string): string {
    return this.ofRefreshToken(refreshToken)?.username ?? '';
  }

  authenticated(accessToken: string): { user: User; client: Client; session: string } {
    const verdict = this.tokens.verify(poolNamedBy(accessToken), accessToken);
    if (!verdict.ok) throw notAuthorized(verdict.expired ? 'Access Token has expired' : 'Invalid Access Token');
    const { claims } = verdict;
    if (claims.token_use !== 'access') throw notAuthorized('Invalid Access Token');
    const session = this.sessions.get(String(claims.event_id));
    const user = this.pools.findUser(this.pools.pool(poolNamedBy(accessToken)), String(claims.username));
    if (!user || user.sub !== claims.sub) throw new ServiceFailure('UserNotFoundException', 'User does not exist.');
    if (!session || session.isRevoked) throw notAuthorized('Access Token has been revoked');
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
    const [eventId = ''] = token.split('.');
    const session = this.sessions.get(Buffer.from(eventId, 'base64url').toString());
    return session && timingSafeEqual(sha256(token), Buffer.from(session.refreshHash, 'hex')) ? session : undefined;
  }

  private userOf({ poolId, username, sub }: Session): User | undefined {
    const user = this.pools.findUser(this.pools.pool(poolId), username);
    return user?.sub === sub ? user : undefined;
  }
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
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
