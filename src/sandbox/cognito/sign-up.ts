import { randomUUID } from 'node:crypto';
import type {
  AdminConfirmSignUpCommandInput,
  AdminConfirmSignUpCommandOutput,
  AdminCreateUserCommandInput,
  AdminCreateUserCommandOutput,
  AttributeType,
  ConfirmSignUpCommandInput,
  ConfirmSignUpCommandOutput,
  ResendConfirmationCodeCommandInput,
  ResendConfirmationCodeCommandOutput,
  SignUpCommandInput,
  SignUpCommandOutput,
  UserStatusType,
} from '@aws-sdk/client-cognito-identity-provider';
import { ServiceFailure } from '../wire.js';
import { changed, isEmail, refuseMissing, refuseUnwritable, userType } from './attributes.js';
import { delivery, type Mailbox } from './mailbox.js';
import { hashPassword, refuseWeak, temporaryPassword } from './passwords.js';
import {
  type Client,
  type Given,
  invalid,
  invalidValue,
  notAuthorized,
  type Output,
  type Pool,
  type Pools,
  type User,
} from './pools.js';
import { refuseWrongSecret } from './sign-in.js';

export interface Newcomer {
  readonly username: string;
  readonly attributes: readonly AttributeType[];
  readonly status: UserStatusType;
  readonly passwordHash: string | null;
}

/** Where an address is the username, AWS makes up the real one, and it is the `sub`. */
export function addUser(pools: Pools, pool: Pool, newcomer: Newcomer, ifTaken = 'User already exists'): User {
  const sub = randomUUID();
  const named = pool.settings.UsernameAttributes?.length ? byAddress(pool, newcomer) : null;
  if (named === null && pool.settings.AliasAttributes?.includes('email') && isEmail(newcomer.username)) {
    throw invalid('Username cannot be of email format, since user pool is configured for email alias.');
  }
  const taken = pools.findUser(pool, newcomer.username);
  if (taken && named) {
    throw new ServiceFailure('UsernameExistsException', `An account with the given ${named.by} already exists.`);
  }
  if (taken?.username.toLowerCase() === newcomer.username.toLowerCase()) {
    throw new ServiceFailure('UsernameExistsException', ifTaken);
  }
  const attributes = changed(pool, {}, named?.attributes ?? newcomer.attributes, true);
  refuseMissing(pool, attributes);
  const now = pools.now();
  return pools.save({
    poolId: pool.id,
    username: named ? sub : newcomer.username,
    sub,
    attributes,
    status: newcomer.status,
    enabled: true,
    passwordHash: newcomer.passwordHash,
    passwordSetAt: now,
    groups: [],
    createdAt: now,
    modifiedAt: now,
  });
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

function refuseBadName(username: string): void {
  if (username.length < 1) throw invalidValue('', 'username', 'have length greater than or equal to 1');
  if (username.length > 128) throw invalidValue('', 'username', 'have length less than or equal to 128');
  if (!/^[\p{L}\p{M}\p{S}\p{N}\p{P}]+$/u.test(username)) {
    throw invalidValue('', 'username', 'satisfy regular expression pattern: [\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}]+');
  }
}

function unknownName({ settings }: Client): ServiceFailure {
  return settings.PreventUserExistenceErrors === 'ENABLED'
    ? new ServiceFailure('ExpiredCodeException', 'Invalid code provided, please request a code again.')
    : new ServiceFailure('UserNotFoundException', 'Username/client id combination not found.');
}

function refuseConfirmed({ status }: User): void {
  if (status !== 'UNCONFIRMED') throw notAuthorized(`User cannot be confirmed. Current status is ${status}`);
}

export const signUpOperations = (pools: Pools, mailbox: Mailbox) => ({
  async SignUp(input: Given<SignUpCommandInput>): Promise<Output<SignUpCommandOutput>> {
    const { Username, Password = '', UserAttributes = [] } = input;
    const client = pools.client(input.ClientId);
    const pool = pools.pool(client.poolId);
    refuseWrongSecret(client, Username, input.SecretHash);
    refuseBadName(Username);
    if (pool.settings.AdminCreateUserConfig?.AllowAdminCreateUserOnly) {
      throw notAuthorized('SignUp is not permitted for this user pool');
    }
    refuseUnwritable(
      client,
      UserAttributes.map(({ Name }) => Name),
    );
    refuseWeak(pool, Password);
    const passwordHash = await hashPassword(Password);
    const attributes = [...UserAttributes, { Name: 'email_verified', Value: 'false' }];
    const newcomer = { username: Username, attributes, status: 'UNCONFIRMED', passwordHash } as const;
    const user = addUser(pools, pool, newcomer);
    const CodeDeliveryDetails = mailbox.sendCode(pool, user, 'sign-up');
    return { UserConfirmed: false, UserSub: user.sub, ...(CodeDeliveryDetails && { CodeDeliveryDetails }) };
  },

  ConfirmSignUp(input: Given<ConfirmSignUpCommandInput>): Output<ConfirmSignUpCommandOutput> {
    const client = pools.client(input.ClientId);
    const pool = pools.pool(client.poolId);
    refuseWrongSecret(client, input.Username, input.SecretHash);
    const user = pools.findUser(pool, input.Username);
    if (!user) throw unknownName(client);
    refuseConfirmed(user);
    const attribute = mailbox.redeem(user, 'sign-up', input.ConfirmationCode);
    pools.change(user, { status: 'CONFIRMED', attributes: { ...user.attributes, [`${attribute}_verified`]: 'true' } });
    return {};
  },

  ResendConfirmationCode(
    input: Given<ResendConfirmationCodeCommandInput>,
  ): Output<ResendConfirmationCodeCommandOutput> {
    const client = pools.client(input.ClientId);
    const pool = pools.pool(client.poolId);
    refuseWrongSecret(client, input.Username, input.SecretHash);
    const user = pools.findUser(pool, input.Username);
    if (!user && client.settings.PreventUserExistenceErrors === 'ENABLED') {
      return { CodeDeliveryDetails: delivery('email', input.Username) };
    }
    if (!user) throw unknownName(client);
    if (user.status !== 'UNCONFIRMED') throw invalid('User is already confirmed.');
    const details = mailbox.sendCode(pool, user, 'sign-up');
    if (!details) throw invalid('Cannot resend codes. Auto verification not turned on.');
    return { CodeDeliveryDetails: details };
  },

  AdminConfirmSignUp(input: Given<AdminConfirmSignUpCommandInput>): Output<AdminConfirmSignUpCommandOutput> {
    const user = pools.user(pools.pool(input.UserPoolId), input.Username);
    refuseConfirmed(user);
    pools.change(user, { status: 'CONFIRMED' });
    return {};
  },

  async AdminCreateUser(input: Given<AdminCreateUserCommandInput>): Promise<Output<AdminCreateUserCommandOutput>> {
    const { Username, MessageAction, UserAttributes = [] } = input;
    const pool = pools.pool(input.UserPoolId);
    refuseBadName(Username);
    const password = input.TemporaryPassword ?? temporaryPassword(pool);
    refuseWeak(pool, password);
    const passwordHash = await hashPassword(password);
    const status = 'FORCE_CHANGE_PASSWORD';
    const user =
      MessageAction === 'RESEND'
        ? pools.change(awaiting(pools.user(pool, Username)), { passwordHash, passwordSetAt: pools.now() })
        : addUser(
            pools,
            pool,
            { username: Username, attributes: UserAttributes, status, passwordHash },
            'User account already exists',
          );
    if (MessageAction !== 'SUPPRESS') mailbox.sendInvitation(user, password);
    return { User: userType(user) };
  },
});

function awaiting(user: User): User {
  if (user.status === 'FORCE_CHANGE_PASSWORD') return user;
  throw new ServiceFailure(
    'UnsupportedUserStateException',
    `Resend not possible. ${user.username}'s status is not FORCE_CHANGE_PASSWORD`,
  );
}
