import { randomBytes, randomInt, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type {
  AdminSetUserPasswordCommandInput,
  AdminSetUserPasswordCommandOutput,
  ChangePasswordCommandInput,
  ChangePasswordCommandOutput,
  PasswordPolicyType,
} from '@aws-sdk/client-cognito-identity-provider';
import type { Table } from '../store.js';
import { ServiceFailure } from '../wire.js';
import { type Given, notAuthorized, type Output, type Pool, type Pools, type User } from './pools.js';
import type { Sessions } from './sessions.js';
import { srpVerifier } from './sign-in/srp.js';

const derive = promisify<string, Buffer, number, { N: number }, Buffer>(scrypt);
const COST = 2 ** 12; // about 10 ms: enough not to keep clear text, cheap enough for suites

const FREE_ATTEMPTS = 5;
const LONGEST_LOCK_SECONDS = 15 * 60;

/** The policy of a pool that was made without one. */
export const STRICT: PasswordPolicyType = {
  MinimumLength: 8,
  RequireUppercase: true,
  RequireLowercase: true,
  RequireNumbers: true,
  RequireSymbols: true,
};

/** For bulk seeding: hash once, hand the result to every user. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(password, salt, 32, { N: COST });
  return `${salt.toString('base64url')}.${key.toString('base64url')}`;
}

/** What is kept of a user's password; by SRP it is good for that username only. */
export async function keptPassword(pool: Pool, username: string, password: string) {
  return { passwordHash: await hashPassword(password), srp: srpVerifier(pool.id, username, password) };
}

async function matches(password: string, hash: string): Promise<boolean> {
  const [salt = '', key = ''] = hash.split('.');
  const derived = await derive(password, Buffer.from(salt, 'base64url'), 32, { N: COST });
  return timingSafeEqual(derived, Buffer.from(key, 'base64url'));
}

export function policyOf(pool: Pool): PasswordPolicyType {
  return pool.settings.Policies?.PasswordPolicy ?? STRICT;
}

export function refuseWeak(pool: Pool, password: string): void {
  const policy = policyOf(pool);
  const trouble = [
    password.length < (policy.MinimumLength ?? 8) && 'Password not long enough',
    policy.RequireUppercase && !/[A-Z]/.test(password) && 'Password must have uppercase characters',
    policy.RequireLowercase && !/[a-z]/.test(password) && 'Password must have lowercase characters',
    policy.RequireNumbers && !/\d/.test(password) && 'Password must have numeric characters',
    policy.RequireSymbols &&
      !/[\^$*.[\]{}()?"!@#%&/\\,><':;|_~`=+\- ]/.test(password) &&
      'Password must have symbol characters',
  ].find((text) => typeof text === 'string');
  if (trouble) throw new ServiceFailure('InvalidPasswordException', `Password did not conform with policy: ${trouble}`);
}

export function temporaryPassword(pool: Pool): string {
  const length = Math.max(8, policyOf(pool).MinimumLength ?? 8);
  const pick = (from: string) => from.charAt(randomInt(from.length));
  const rest = Array.from({ length: length - 4 }, () => pick('abcdefghijkmnpqrstuvwxyz'));
  return [
    pick('ABCDEFGHJKLMNPQRSTUVWXYZ'),
    ...rest,
    pick('abcdefghijkmnpqrstuvwxyz'),
    pick('23456789'),
    pick('!#%-'),
  ].join('');
}

interface Failures {
  readonly count: number;
  readonly lockedUntil: number;
}

/** Checks passwords; from the fifth failure on it locks the user out for a second, then twice as long each time. */
export class Passwords {
  private readonly failures: Table<Failures>;

  constructor(private readonly pools: Pools) {
    this.failures = pools.store.table<Failures>('cognito.failures');
  }

  /** The first password that matches a bare hash also makes SRP possible for that user. */
  async refuseWrong(user: User, password: string): Promise<void> {
    const hash = user.passwordHash;
    await this.refuseUnproven(user, async () => hash !== null && (await matches(password, hash)));
    if (user.srp) return;
    const pool = this.pools.pool(user.poolId);
    const current = this.pools.user(pool, user.username);
    if (current.passwordHash !== hash) return;
    this.pools.save({ ...current, srp: srpVerifier(pool.id, user.username, password) });
  }

  async refuseUnproven(user: User, isProven: () => Promise<boolean> | boolean): Promise<void> {
    const key = `${user.poolId}/${user.sub}`;
    const before = this.failures.get(key);
    if (before && before.lockedUntil > this.pools.clock.now().getTime()) {
      throw notAuthorized('Password attempts exceeded');
    }
    if (await isProven()) return this.failures.delete(key);
    const count = (this.failures.get(key)?.count ?? 0) + 1;
    const lockSeconds = count < FREE_ATTEMPTS ? 0 : Math.min(2 ** (count - FREE_ATTEMPTS), LONGEST_LOCK_SECONDS);
    this.failures.put(key, { count, lockedUntil: this.pools.clock.now().getTime() + lockSeconds * 1000 });
    throw notAuthorized('Incorrect username or password.');
  }

  async set(user: User, password: string, status: 'CONFIRMED' | 'FORCE_CHANGE_PASSWORD' | null): Promise<User> {
    const pool = this.pools.pool(user.poolId);
    refuseWeak(pool, password);
    const kept = await keptPassword(pool, user.username, password);
    this.failures.delete(`${user.poolId}/${user.sub}`);
    return this.pools.change(user, { ...kept, passwordSetAt: this.pools.now(), ...(status && { status }) });
  }
}

export const passwordOperations = (pools: Pools, passwords: Passwords, sessions: Sessions) => ({
  async ChangePassword({
    AccessToken,
    PreviousPassword = '',
    ProposedPassword,
  }: Given<ChangePasswordCommandInput>): Promise<Output<ChangePasswordCommandOutput>> {
    const { user } = sessions.authenticated(AccessToken);
    await passwords.refuseWrong(user, PreviousPassword);
    await passwords.set(user, ProposedPassword, null);
    return {};
  },

  async AdminSetUserPassword({
    UserPoolId,
    Username,
    Password,
    Permanent = false,
  }: Given<AdminSetUserPasswordCommandInput>): Promise<Output<AdminSetUserPasswordCommandOutput>> {
    const user = pools.user(pools.pool(UserPoolId), Username);
    if (user.status === 'EXTERNAL_PROVIDER') {
      throw new ServiceFailure('InvalidParameterException', 'User is an external user and cannot have a password.');
    }
    await passwords.set(user, Password, Permanent ? 'CONFIRMED' : 'FORCE_CHANGE_PASSWORD');
    return {};
  },
});
