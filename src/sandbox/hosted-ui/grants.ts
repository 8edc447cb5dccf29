import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import type { AuthenticationResultType } from '@aws-sdk/client-cognito-identity-provider';
import type { Cognito } from '../cognito/cognito.js';
import { type Client, notAuthorized, type User } from '../cognito/pools.js';
import type { Table } from '../store.js';
import { ServiceFailure } from '../wire.js';
import { type AuthorizationRequest, answerTo, Declined } from './authorization-request.js';

/** What a code stands for until it is redeemed. */
interface Grant {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly scopes: readonly string[];
  readonly nonce: string | null;
  readonly challenge: string | null;
  readonly username: string;
  readonly sub: string;
  readonly expiresAt: number;
}

export interface Redemption {
  readonly code: string;
  readonly redirectUri: string;
  readonly verifier: string | null;
}

const CODE_LIFE_SECONDS = 5 * 60;

/** What an app gets for somebody who signed in: a code to redeem once, or tokens at once where it asks for those. */
export class Grants {
  private readonly grants: Table<Grant>;

  constructor(private readonly cognito: Cognito) {
    const { store, clock } = cognito.pools;
    this.grants = store.table<Grant>('hosted-ui.grants');
    for (const [key, { expiresAt }] of this.grants.entries()) {
      if (expiresAt <= clock.seconds()) this.grants.delete(key);
    }
  }

  /** The app's address with the answer to what it asked. @throws Declined */
  async give(asked: AuthorizationRequest, user: User): Promise<string> {
    if (asked.responseType === 'code') return answerTo(asked, { code: this.code(asked, user) });
    try {
      const { IdToken, AccessToken = '', ExpiresIn } = await this.admit(asked.client, user, asked);
      const tokens = { ...(IdToken !== undefined && { id_token: IdToken }), access_token: AccessToken };
      return answerTo(asked, { ...tokens, token_type: 'Bearer', expires_in: String(ExpiresIn) });
    } catch (error) {
      if (!(error instanceof ServiceFailure)) throw error;
      throw new Declined(answerTo(asked, { error: 'invalid_request', error_description: error.message }));
    }
  }

  /** The code is used up whatever comes of it. @throws ServiceFailure */
  redeem(client: Client, { code, redirectUri, verifier }: Redemption): Promise<AuthenticationResultType> {
    const { pools } = this.cognito;
    const grant = this.grants.get(hashed(code));
    if (!grant || grant.clientId !== client.id) throw notAuthorized('The code is unknown or used up.');
    this.grants.delete(hashed(code));
    if (grant.expiresAt <= pools.clock.seconds()) throw notAuthorized('The code has expired.');
    if (grant.redirectUri !== redirectUri) throw notAuthorized('The code was given for another redirect_uri.');
    if (!isProven(grant.challenge, verifier)) throw notAuthorized('The code_verifier is wrong.');
    const user = pools.user(pools.pool(client.poolId), grant.username);
    if (user.sub !== grant.sub) throw notAuthorized('The user is gone.');
    return this.admit(client, user, grant);
  }

  private code({ client, redirectUri, scopes, nonce, challenge }: AuthorizationRequest, user: User): string {
    const code = randomUUID();
    const expiresAt = this.cognito.pools.clock.seconds() + CODE_LIFE_SECONDS;
    const { username, sub } = user;
    const grant = { clientId: client.id, redirectUri, scopes, nonce, challenge, username, sub, expiresAt };
    this.grants.put(hashed(code), grant);
    return code;
  }

  private admit(client: Client, user: User, { scopes, nonce }: Pick<Grant, 'scopes' | 'nonce'>) {
    return this.cognito.sessions.admit(user, client, {
      source: 'TokenGeneration_HostedAuth',
      scopes,
      ...(nonce !== null && { nonce }),
    });
  }
}

function isProven(challenge: string | null, verifier: string | null): boolean {
  if (challenge === null || verifier === null) return challenge === verifier;
  const derived = createHash('sha256').update(verifier).digest();
  const expected = Buffer.from(challenge, 'base64url');
  return derived.length === expected.length && timingSafeEqual(derived, expected);
}

function hashed(code: string): string {
  return createHash('sha256').update(code).digest('hex');
}
