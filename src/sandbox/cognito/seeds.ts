import { randomUUID } from 'node:crypto';
import { listed, schemaOf } from './attributes.js';
import { keptPassword } from './passwords.js';
import type { Client, Pool, Pools, User } from './pools.js';
import { newUser } from './sign-up/newcomers.js';
import type { Tokens } from './tokens.js';

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
  /** In clear, or as `hashPassword` gave it, for many users at once: they sign in by password first, then by SRP too. */
  readonly password: string | { readonly hash: string };
  readonly groups?: readonly string[];
  readonly attributes?: Readonly<Record<string, string>>;
}

export type SeedFederatedUser = Omit<SeedUser, 'password'>;

/** What a sandbox begins with. Whatever exists already is left alone. */
export class Seeds {
  constructor(
    private readonly pools: Pools,
    private readonly tokens: Tokens,
  ) {}

  async pool({ id, name, customAttributes = [], settings = {} }: SeedPool): Promise<void> {
    if (this.pools.pools.get(id)) return;
    await this.tokens.makeKeys(id);
    const StringAttributeConstraints = { MinLength: '0', MaxLength: '2048' };
    const attributes = schemaOf(customAttributes.map((Name) => ({ Name, StringAttributeConstraints })));
    const byEmail: Partial<Pool['settings']> = {
      UsernameAttributes: ['email'],
      AutoVerifiedAttributes: ['email'],
      UsernameConfiguration: { CaseSensitive: false },
    };
    this.pools.pools.put(id, { id, settings: { PoolName: name, ...byEmail, ...settings }, attributes, ...this.made() });
  }

  client({ poolId, clientId, name = clientId, secret = null, settings = {}, ...lists }: SeedClient): void {
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
    this.pools.clients.put(clientId, { id: clientId, poolId, secret, settings: merged, ...this.made() });
  }

  group({ poolId, name, precedence, description }: SeedGroup): void {
    if (this.pools.groups.get(`${poolId}/${name}`)) return;
    this.pools.groups.put(`${poolId}/${name}`, { poolId, name, precedence, description, ...this.made() });
  }

  async user({ poolId, username, password, groups = [], attributes = {} }: SeedUser): Promise<string> {
    const pool = this.pools.pool(poolId);
    const existing = this.pools.findUser(pool, username);
    if (existing) return existing.sub;
    const all = listed({ email_verified: 'true', ...attributes }); // without an address nothing is kept of it
    const user = newUser(this.pools, pool, { username, attributes: all, status: 'CONFIRMED' });
    const isClear = typeof password === 'string';
    const kept = isClear ? await keptPassword(pool, user.username, password) : { passwordHash: password.hash };
    return this.pools.save({ ...user, ...kept, groups }).sub;
  }

  federatedUser({ poolId, username, attributes = {}, groups = [] }: SeedFederatedUser): string {
    const existing = this.pools.findUser(this.pools.pool(poolId), username);
    if (existing) return existing.sub;
    const [providerName = '', ...userId] = username.split('_');
    const group = `${poolId}_${providerName}`;
    this.group({ poolId, name: group });
    const identity = { userId: userId.join('_'), providerName, providerType: providerName, primary: true };
    const made = this.made();
    const user: User = {
      poolId,
      username,
      sub: randomUUID(),
      attributes: { identities: JSON.stringify([identity]), ...attributes },
      status: 'EXTERNAL_PROVIDER',
      enabled: true,
      passwordHash: null,
      passwordSetAt: made.createdAt,
      groups: [group, ...groups],
      ...made,
    };
    return this.pools.save(user).sub;
  }

  private made() {
    return { createdAt: this.pools.now(), modifiedAt: this.pools.now() };
  }
}
