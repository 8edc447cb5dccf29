import type {
  CreateUserPoolClientCommandInput,
  CreateUserPoolCommandInput,
  SchemaAttributeType,
  UserStatusType,
} from '@aws-sdk/client-cognito-identity-provider';
import type { SandboxClock } from '../sandbox-clock.js';
import type { Store, Table } from '../store.js';
import { ServiceFailure } from '../wire.js';
import type { SrpVerifier } from './sign-in/srp.js';

/** An operation's input once its required members are known to be there. */
export type Given<I> = { [K in keyof I]: Record<never, never> extends Pick<I, K> ? I[K] : Exclude<I[K], undefined> };

/** What an operation answers; the SDK adds `$metadata` itself. */
export type Output<O> = Omit<O, '$metadata'>;

export interface Pool {
  readonly id: string;
  readonly settings: Omit<Given<CreateUserPoolCommandInput>, 'Schema'>;
  readonly attributes: readonly SchemaAttributeType[];
  readonly createdAt: string;
  readonly modifiedAt: string;
}

export interface Client {
  readonly id: string;
  readonly poolId: string;
  readonly secret: string | null;
  readonly settings: Given<CreateUserPoolClientCommandInput>;
  readonly createdAt: string;
  readonly modifiedAt: string;
}

export interface User {
  readonly poolId: string;
  readonly username: string;
  readonly sub: string;
  /** Everything but `sub`. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly status: UserStatusType;
  readonly enabled: boolean;
  readonly passwordHash: string | null;
  readonly srp?: SrpVerifier | null;
  readonly passwordSetAt: string;
  readonly groups: readonly string[];
  readonly createdAt: string;
  readonly modifiedAt: string;
}

export interface Group {
  readonly poolId: string;
  readonly name: string;
  readonly description?: string | undefined;
  readonly precedence?: number | undefined;
  readonly roleArn?: string | undefined;
  readonly createdAt: string;
  readonly modifiedAt: string;
}

const PAGE_TOKEN_LIFE_SECONDS = 3600;

/** The pools and who is in them: look-ups with AWS's rules for names, and the only writer of users. */
export class Pools {
  readonly pools: Table<Pool>;
  readonly clients: Table<Client>;
  readonly groups: Table<Group>;
  private readonly users: Table<User>;
  /** Aliases and subs to user keys; a hint that every look-up checks again, so it never needs clearing. */
  private readonly hints = new Map<string, string>();

  constructor(
    readonly store: Store,
    readonly clock: SandboxClock,
  ) {
    this.pools = store.table<Pool>('cognito.pools');
    this.clients = store.table<Client>('cognito.clients');
    this.groups = store.table<Group>('cognito.groups');
    this.users = store.table<User>('cognito.users');
    for (const user of this.users.values()) this.remember(user);
  }

  now(): string {
    return this.clock.now().toISOString();
  }

  pool(id: string): Pool {
    const pool = this.pools.get(id);
    if (pool) return pool;
    if (!/^[\w-]+_[0-9a-zA-Z]+$/.test(id)) {
      throw invalidValue(`'${id}'`, 'userPoolId', 'satisfy regular expression pattern: [\\w-]+_[0-9a-zA-Z]+');
    }
    throw new ServiceFailure('ResourceNotFoundException', `User pool ${id} does not exist.`);
  }

  client(clientId: string, poolId?: string): Client {
    const client = this.clients.get(clientId);
    if (client && (poolId === undefined || client.poolId === poolId)) return client;
    throw new ServiceFailure('ResourceNotFoundException', `User pool client ${clientId} does not exist.`);
  }

  group(pool: Pool, name: string): Group {
    const group = this.groups.get(`${pool.id}/${name}`);
    if (!group) throw new ServiceFailure('ResourceNotFoundException', 'Group not found.');
    return group;
  }

  user(pool: Pool, name: string): User {
    const user = this.findUser(pool, name);
    if (!user) throw new ServiceFailure('UserNotFoundException', 'User does not exist.');
    return user;
  }

  /** By username, then by alias, then by `sub`; the last two never find a federated user. */
  findUser(pool: Pool, name: string): User | undefined {
    const named = this.users.get(this.userKey(pool, name));
    if (named) return named;
    const folded = fold(pool, name);
    return (
      this.aliasOwner(pool, `email|${folded}`) ??
      this.aliasOwner(pool, `phone_number|${folded}`) ??
      this.aliasOwner(pool, `sub|${name}`)
    );
  }

  usersOf(poolId: string): User[] {
    return this.users.filter((user) => user.poolId === poolId);
  }

  groupsOf(user: User): Group[] {
    const lowestWins = (group: Group) => group.precedence ?? Number.MAX_SAFE_INTEGER;
    return user.groups
      .map((name) => this.groups.get(`${user.poolId}/${name}`))
      .filter((group) => group !== undefined)
      .sort((a, b) => lowestWins(a) - lowestWins(b) || (a.name < b.name ? -1 : 1));
  }

  /** Lays a change over the newest state of the user, so that waiting for a hash in between loses nothing. */
  change(user: User, change: Partial<Omit<User, 'poolId' | 'username' | 'sub'>>): User {
    const pool = this.pool(user.poolId);
    const current = this.users.get(this.userKey(pool, user.username));
    if (current?.sub !== user.sub) throw new ServiceFailure('UserNotFoundException', 'User does not exist.');
    return this.save({ ...current, ...change, modifiedAt: this.now() });
  }

  save(user: User): User {
    const pool = this.pool(user.poolId);
    for (const alias of aliases(pool, user)) {
      const owner = this.aliasOwner(pool, alias);
      if (owner && owner.sub !== user.sub) {
        const kind = alias.startsWith('email') ? 'email' : 'phone_number';
        throw new ServiceFailure('AliasExistsException', `An account with the given ${kind} already exists.`);
      }
    }
    this.users.put(this.userKey(pool, user.username), user);
    this.remember(user);
    return user;
  }

  remove(user: User): void {
    this.users.delete(this.userKey(this.pool(user.poolId), user.username));
  }

  removePool({ id }: Pool): void {
    for (const user of this.usersOf(id)) this.remove(user);
    for (const client of this.clients.filter(({ poolId }) => poolId === id)) this.clients.delete(client.id);
    for (const group of this.groups.filter(({ poolId }) => poolId === id)) this.groups.delete(`${id}/${group.name}`);
    this.pools.delete(id);
  }

  /** One page of `rows` in the order of their names; `scope` keeps a token from being used with another list. */
  page<T>(rows: readonly T[], nameOf: (row: T) => string, scope: string, limit = 60, token?: string) {
    const after = token === undefined ? '' : this.readToken(token, scope);
    const rest = rows.filter((row) => nameOf(row) > after).sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
    const shown = rest.slice(0, limit || 60);
    const last = shown.at(-1);
    const isLastPage = last === undefined || shown.length === rest.length;
    const next = isLastPage ? undefined : JSON.stringify([scope, nameOf(last), this.clock.seconds()]);
    return { rows: shown, next: next && Buffer.from(next).toString('base64url') };
  }

  private readToken(token: string, scope: string): string {
    try {
      const [of, after, issuedAt] = JSON.parse(Buffer.from(token, 'base64url').toString()) as unknown[];
      const age = this.clock.seconds() - Number(issuedAt);
      if (of === scope && typeof after === 'string' && age <= PAGE_TOKEN_LIFE_SECONDS) return after;
    } catch {
      // answered below: a token is opaque to the caller
    }
    throw new ServiceFailure('InvalidParameterException', 'Invalid pagination token.');
  }

  private userKey(pool: Pool, username: string): string {
    return `${pool.id}/${fold(pool, username)}`;
  }

  private aliasOwner(pool: Pool, alias: string): User | undefined {
    const user = this.users.get(this.hints.get(`${pool.id}|${alias}`) ?? '');
    return user && aliases(pool, user).includes(alias) ? user : undefined;
  }

  private remember(user: User): void {
    const pool = this.pools.get(user.poolId);
    if (!pool) return;
    for (const alias of aliases(pool, user)) this.hints.set(`${pool.id}|${alias}`, this.userKey(pool, user.username));
  }
}

/** A pool tells usernames and aliases apart by case unless it was made to ignore it. */
function fold(pool: Pool, name: string): string {
  return pool.settings.UsernameConfiguration?.CaseSensitive === false ? name.toLowerCase() : name;
}

/** Other names a local user answers to. One of AliasAttributes counts once it is verified, others from the start. */
function aliases(pool: Pool, user: User): string[] {
  if (user.status === 'EXTERNAL_PROVIDER') return [];
  const named = (['email', 'phone_number'] as const)
    .filter((name) => user.attributes[name] !== undefined)
    .filter(
      (name) =>
        pool.settings.UsernameAttributes?.includes(name) ||
        (pool.settings.AliasAttributes?.includes(name) && user.attributes[`${name}_verified`] === 'true'),
    )
    .map((name) => `${name}|${fold(pool, user.attributes[name] ?? '')}`);
  return [`sub|${user.sub}`, ...named];
}

export function invalid(message: string): ServiceFailure {
  return new ServiceFailure('InvalidParameterException', message);
}

export function notAuthorized(message: string): ServiceFailure {
  return new ServiceFailure('NotAuthorizedException', message);
}

export function notModelled(what: string): ServiceFailure {
  return new ServiceFailure('NotImplementedException', `${what} is not modelled by the sandbox`, 501);
}

/** A breach of the service model, in AWS's words; `value` is empty where AWS keeps it to itself. */
export function invalidValue(value: string, member: string, must: string): ServiceFailure {
  const at = value === '' ? `at '${member}'` : `${value} at '${member}'`;
  return invalid(`1 validation error detected: Value ${at} failed to satisfy constraint: Member must ${must}`);
}

export function refuseOutside(member: string, value: number | undefined, least: number, most: number): void {
  if (value === undefined) return;
  if (value < least) throw invalidValue(`'${value}'`, member, `have value greater than or equal to ${least}`);
  if (value > most) throw invalidValue(`'${value}'`, member, `have value less than or equal to ${most}`);
}
