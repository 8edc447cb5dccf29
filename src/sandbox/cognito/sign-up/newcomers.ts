import { randomUUID } from 'node:crypto';
import type { AttributeType, UserStatusType } from '@aws-sdk/client-cognito-identity-provider';
import { ServiceFailure } from '../../wire.js';
import { changed, isEmail, refuseMissing } from '../attributes.js';
import { invalid, invalidValue, type Pool, type Pools, type User } from '../pools.js';

export interface Newcomer {
  readonly username: string;
  readonly attributes: readonly AttributeType[];
  readonly status: UserStatusType;
}

/** Not in the pool yet, and without a password. Where an address is the username, AWS makes up the real one, and it is the `sub`. */
export function newUser(pools: Pools, pool: Pool, newcomer: Newcomer, ifTaken?: string): User {
  const sub = randomUUID();
  const named = pool.settings.UsernameAttributes?.length ? byAddress(pool, newcomer) : null;
  if (named === null && pool.settings.AliasAttributes?.includes('email') && isEmail(newcomer.username)) {
    throw invalid('Username cannot be of email format, since user pool is configured for email alias.');
  }
  refuseTaken(pools, pool, newcomer, ifTaken);
  const attributes = changed(pool, {}, named?.attributes ?? newcomer.attributes, true);
  if (newcomer.status !== 'FORCE_CHANGE_PASSWORD') refuseMissing(pool, attributes); // may follow with the password
  const now = pools.now();
  return {
    poolId: pool.id,
    username: named ? sub : newcomer.username,
    sub,
    attributes,
    status: newcomer.status,
    enabled: true,
    passwordHash: null,
    passwordSetAt: now,
    groups: [],
    createdAt: now,
    modifiedAt: now,
  };
}

export function refuseTaken(pools: Pools, pool: Pool, newcomer: Newcomer, ifTaken = 'User already exists'): void {
  const taken = pools.findUser(pool, newcomer.username);
  const named = pool.settings.UsernameAttributes?.length ? byAddress(pool, newcomer) : null;
  if (taken && named) {
    throw new ServiceFailure('UsernameExistsException', `An account with the given ${named.by} already exists.`);
  }
  if (taken?.username.toLowerCase() === newcomer.username.toLowerCase()) {
    throw new ServiceFailure('UsernameExistsException', ifTaken);
  }
}

function byAddress(pool: Pool, { username, attributes }: Newcomer) {
  const allowed = pool.settings.UsernameAttributes ?? [];
  const by = isEmail(username) ? 'email' : 'phone_number';
  if (!allowed.includes(by) || (by === 'phone_number' && !/^\+\d+$/.test(username))) {
    const either = allowed.length > 1 ? 'either an email or a phone number' : `an ${allowed[0]}`;
    throw invalid(
      `Username should be ${allowed[0] === 'phone_number' && allowed.length === 1 ? 'a phone number' : either}.`,
    );
  }
  const others = attributes.filter(({ Name }) => Name !== by);
  const sent = attributes.find(({ Name }) => Name === by)?.Value;
  if (sent !== undefined && sent.toLowerCase() !== username.toLowerCase()) {
    throw invalid(`Username and ${by} should be the same.`);
  }
  return { by, attributes: [{ Name: by, Value: username }, ...others] };
}

export function refuseBadName(username: string): void {
  if (username.length < 1) throw invalidValue('', 'username', 'have length greater than or equal to 1');
  if (username.length > 128) throw invalidValue('', 'username', 'have length less than or equal to 128');
  if (!/^[\p{L}\p{M}\p{S}\p{N}\p{P}]+$/u.test(username)) {
    throw invalidValue('', 'username', 'satisfy regular expression pattern: [\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}]+');
  }
}
