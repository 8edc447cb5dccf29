import {
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  randomUUID,
  sign,
  verify,
} from 'node:crypto';
import { promisify } from 'node:util';
import type { Table } from '../store.js';
import { readable, within } from './attributes.js';
import type { Client, Pools, User } from './pools.js';
import type { GroupConfiguration } from './triggers/events.js';
import {
  groupConfiguration,
  NO_OVERRIDES,
  type TokenOverrides,
  withChanges,
  withScopes,
} from './triggers/token-overrides.js';

type Use = 'id' | 'access';
export type Claims = Record<string, unknown>;
export type Verdict = { ok: true; claims: Claims } | { ok: false; expired: boolean };

interface SigningKey {
  readonly kid: string;
  /** PKCS #8. */
  readonly pem: string;
}

const generate = promisify(generateKeyPair);
const MODULUS_BITS = 2048;

/** In PKCS #8; made once in a process, for whichever sandbox asks next: each takes a third of a second. */
const made: Promise<string>[] = [];

/** What a sign-in gives all tokens made from it, refreshed ones too. */
export interface Origin {
  readonly eventId: string;
  readonly originJti: string;
  readonly authTime: number;
}

/** The scope of every sign-in that is made through the API and not in a browser. */
export const API_SCOPE = 'aws.cognito.signin.user.admin';

export interface TokenWishes {
  /** What the hosted pages were asked for; a sign-in through the API has none. */
  readonly scopes?: readonly string[] | undefined;
  readonly nonce?: string | undefined;
  readonly overrides?: TokenOverrides;
}

/** Signs and checks JWTs; each pool has one key for ID and another for access tokens. */
export class Tokens {
  private readonly keys: Table<Record<Use, SigningKey>>;
  private readonly parsed = new Map<string, KeyObject>();
  private taken = 0;

  constructor(private readonly pools: Pools) {
    this.keys = pools.store.table<Record<Use, SigningKey>>('cognito.keys');
  }

  async makeKeys(poolId: string): Promise<void> {
    const [id, access] = await Promise.all([this.newKey(), this.newKey()]);
    this.keys.put(poolId, { id, access });
  }

  /** No two of one sandbox are the same. */
  private async newKey(): Promise<SigningKey> {
    const place = this.taken++;
    made[place] ??= newPem();
    const pem = await made[place];
    const isHeld = this.keys.values().some(({ id, access }) => id.pem === pem || access.pem === pem);
    return isHeld ? this.newKey() : asSigningKey(pem);
  }

  dropKeys(poolId: string): void {
    this.keys.delete(poolId);
  }

  jwks(poolId: string): { keys: Claims[] } {
    const keys = this.keysOf(poolId);
    const jwk = ({ kid, pem }: SigningKey) => {
      const { e, n } = createPublicKey(this.privateKey(pem)).export({ format: 'jwk' });
      return { alg: 'RS256', e, kid, kty: 'RSA', n, use: 'sig' };
    };
    return { keys: [jwk(keys.id), jwk(keys.access)] };
  }

  verify(poolId: string, token: string): Verdict {
    const [head = '', body = '', signature = '', ...rest] = token.split('.');
    const header = parse(head);
    const keys = this.keys.get(poolId);
    const [use, key] = Object.entries(keys ?? {}).find(([, { kid }]) => kid === header.kid) ?? [];
    if (!key || header.alg !== 'RS256' || rest.length > 0) return { ok: false, expired: false };
    const bytes = Buffer.from(signature, 'base64url');
    const isSigned = verify('RSA-SHA256', Buffer.from(`${head}.${body}`), this.publicKey(key.pem), bytes);
    const claims = parse(body);
    if (!isSigned || claims.iss !== issuer(poolId) || claims.token_use !== use) return { ok: false, expired: false };
    return Number(claims.exp) > this.pools.clock.seconds() ? { ok: true, claims } : { ok: false, expired: true };
  }

  /** The ID and the access token of one sign-in or refresh. */
  issue(user: User, client: Client, origin: Origin, { scopes, nonce, overrides = NO_OVERRIDES }: TokenWishes = {}) {
    const lives = lifetimes(client);
    const iat = this.pools.clock.seconds();
    const groups = overrides.groups ?? groupConfiguration(this.pools, user);
    const common = {
      sub: user.sub,
      ...(groups.groupsToOverride.length > 0 && { 'cognito:groups': groups.groupsToOverride }),
      iss: issuer(user.poolId),
      ...(client.settings.EnableTokenRevocation !== false && { origin_jti: origin.originJti }),
      event_id: origin.eventId,
      auth_time: origin.authTime,
      iat,
    };
    const access = {
      ...common,
      client_id: client.id,
      token_use: 'access',
      scope: withScopes(scopes ?? [API_SCOPE], overrides.access),
      version: 2,
      exp: iat + lives.accessSeconds,
      jti: randomUUID(),
      username: user.username,
    };
    const id = {
      ...common,
      ...profile(user, client, groups, scopes),
      ...(nonce !== undefined && { nonce }),
      aud: client.id,
      token_use: 'id',
      exp: iat + lives.idSeconds,
      jti: randomUUID(),
    };
    return {
      AccessToken: this.sign(user.poolId, 'access', withChanges(access, overrides.access, client.id)),
      IdToken: this.sign(user.poolId, 'id', withChanges(id, overrides.id, client.id)),
      ExpiresIn: lives.accessSeconds,
      TokenType: 'Bearer',
    };
  }

  /** A pool that was not seeded gets its keys when they are first needed: making them takes a while. */
  private keysOf(poolId: string): Record<Use, SigningKey> {
    return this.keys.get(poolId) ?? this.keys.put(poolId, { id: keyNow(), access: keyNow() });
  }

  private sign(poolId: string, use: Use, claims: Readonly<Claims>): string {
    const key = this.keysOf(poolId)[use];
    const text = `${encoded({ kid: key.kid, alg: 'RS256' })}.${encoded(claims)}`;
    return `${text}.${sign('RSA-SHA256', Buffer.from(text), this.privateKey(key.pem)).toString('base64url')}`;
  }

  private privateKey(pem: string): KeyObject {
    return this.kept(pem, () => createPrivateKey(pem));
  }

  private publicKey(pem: string): KeyObject {
    return this.kept(`public ${pem}`, () => createPublicKey(pem));
  }

  private kept(name: string, make: () => KeyObject): KeyObject {
    const key = this.parsed.get(name) ?? make();
    this.parsed.set(name, key);
    return key;
  }
}

function profile(user: User, client: Client, groups: GroupConfiguration, scopes: TokenWishes['scopes']): Claims {
  const seen = scopes === undefined ? readable(client, user) : within(scopes, readable(client, user));
  const claims = Object.entries(seen).map(([name, value]) => [name, claim(name, value)]);
  return {
    ...Object.fromEntries(claims),
    'cognito:username': user.username,
    ...(groups.iamRolesToOverride.length > 0 && { 'cognito:roles': groups.iamRolesToOverride }),
    ...(groups.preferredRole !== null && { 'cognito:preferred_role': groups.preferredRole }),
  };
}

export function issuer(poolId: string): string {
  return `https://cognito-idp.${poolId.split('_')[0]}.amazonaws.com/${poolId}`;
}

/** The pool a token says it is from; nothing is checked yet. */
export function poolNamedBy(token: string): string {
  return String(parse(token.split('.')[1] ?? '').iss ?? '')
    .split('/')
    .slice(-1)
    .join('');
}

const SECONDS = { seconds: 1, minutes: 60, hours: 3600, days: 86_400 };

export function lifetimes({ settings }: Pick<Client, 'settings'>) {
  const units = settings.TokenValidityUnits;
  return {
    accessSeconds: (settings.AccessTokenValidity ?? 0) * SECONDS[units?.AccessToken ?? 'hours'] || 3600,
    idSeconds: (settings.IdTokenValidity ?? 0) * SECONDS[units?.IdToken ?? 'hours'] || 3600,
    refreshSeconds: (settings.RefreshTokenValidity || 30) * SECONDS[units?.RefreshToken ?? 'days'],
  };
}

/** Attributes are text; a few of them have another type in the token. */
function claim(name: string, value: string): unknown {
  if (name === 'email_verified' || name === 'phone_number_verified') return value === 'true';
  if (name === 'identities') return JSON.parse(value);
  return value;
}

async function newPem(): Promise<string> {
  return pemOf(await generate('rsa', { modulusLength: MODULUS_BITS }));
}

function keyNow(): SigningKey {
  return asSigningKey(pemOf(generateKeyPairSync('rsa', { modulusLength: MODULUS_BITS })));
}

function asSigningKey(pem: string): SigningKey {
  return { kid: randomBytes(32).toString('base64'), pem };
}

function pemOf({ privateKey }: { readonly privateKey: KeyObject }): string {
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function encoded(value: Readonly<Claims>): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function parse(part: string): Claims {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
