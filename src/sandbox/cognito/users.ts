import type {
  AdminDeleteUserAttributesCommandInput,
  AdminDeleteUserAttributesCommandOutput,
  AdminDeleteUserCommandInput,
  AdminDeleteUserCommandOutput,
  AdminDisableUserCommandInput,
  AdminDisableUserCommandOutput,
  AdminEnableUserCommandInput,
  AdminEnableUserCommandOutput,
  AdminGetUserCommandInput,
  AdminGetUserCommandOutput,
  AdminUpdateUserAttributesCommandInput,
  AdminUpdateUserAttributesCommandOutput,
  AttributeType,
  DeleteUserAttributesCommandInput,
  DeleteUserAttributesCommandOutput,
  DeleteUserCommandInput,
  DeleteUserCommandOutput,
  GetUserAttributeVerificationCodeCommandInput,
  GetUserAttributeVerificationCodeCommandOutput,
  GetUserCommandInput,
  GetUserCommandOutput,
  ListUsersCommandInput,
  ListUsersCommandOutput,
  UpdateUserAttributesCommandInput,
  UpdateUserAttributesCommandOutput,
  VerifyUserAttributeCommandInput,
  VerifyUserAttributeCommandOutput,
} from '@aws-sdk/client-cognito-identity-provider';
import { changed, listed, readable, refuseUnwritable, userType } from './attributes.js';
import type { Attribute, Mailbox } from './mailbox.js';
import { type Given, invalid, invalidValue, type Output, type Pools, refuseOutside, type User } from './pools.js';
import type { Sessions } from './sessions.js';

/** Deleting an attribute is giving it a blank value. */
const blanks = (names: readonly string[]): AttributeType[] => names.map((Name) => ({ Name, Value: '' }));

const update = (pools: Pools, user: User, changes: readonly AttributeType[]) =>
  pools.change(user, { attributes: changed(pools.pool(user.poolId), user.attributes, changes) });

/** A user as the pool's owner sees them; app clients' permissions do not count here. */
export const adminUserOperations = (pools: Pools, sessions: Sessions) => {
  const named = ({ UserPoolId, Username }: { UserPoolId: string; Username: string }) =>
    pools.user(pools.pool(UserPoolId), Username);
  return {
    AdminGetUser(input: Given<AdminGetUserCommandInput>): Output<AdminGetUserCommandOutput> {
      const { Attributes, ...user } = userType(named(input));
      return { ...user, UserAttributes: Attributes };
    },

    AdminUpdateUserAttributes(
      input: Given<AdminUpdateUserAttributesCommandInput>,
    ): Output<AdminUpdateUserAttributesCommandOutput> {
      update(pools, named(input), input.UserAttributes);
      return {};
    },

    AdminDeleteUserAttributes(
      input: Given<AdminDeleteUserAttributesCommandInput>,
    ): Output<AdminDeleteUserAttributesCommandOutput> {
      update(pools, named(input), blanks(input.UserAttributeNames));
      return {};
    },

    AdminDisableUser(input: Given<AdminDisableUserCommandInput>): Output<AdminDisableUserCommandOutput> {
      const user = pools.change(named(input), { enabled: false });
      sessions.revokeAll(user);
      return {};
    },

    AdminEnableUser(input: Given<AdminEnableUserCommandInput>): Output<AdminEnableUserCommandOutput> {
      pools.change(named(input), { enabled: true });
      return {};
    },

    AdminDeleteUser(input: Given<AdminDeleteUserCommandInput>): Output<AdminDeleteUserCommandOutput> {
      pools.remove(named(input));
      return {};
    },
  };
};

/** Users and their own profile, by access token and within what the app client may read and write. */
export const ownUserOperations = (pools: Pools, sessions: Sessions, mailbox: Mailbox) => ({
  GetUser({ AccessToken }: Given<GetUserCommandInput>): Output<GetUserCommandOutput> {
    const { user, client } = sessions.authenticated(AccessToken);
    return { Username: user.username, UserAttributes: listed(readable(client, user)) };
  },

  UpdateUserAttributes(input: Given<UpdateUserAttributesCommandInput>): Output<UpdateUserAttributesCommandOutput> {
    const { user: before, client } = sessions.authenticated(input.AccessToken);
    refuseUnwritable(
      client,
      input.UserAttributes.map(({ Name }) => Name),
    );
    const user = update(pools, before, input.UserAttributes);
    const sent = (['email', 'phone_number'] as const)
      .filter((name) => user.attributes[name] !== before.attributes[name])
      .map((name) => mailbox.sendCode(pools.pool(user.poolId), user, name))
      .filter((details) => details !== undefined);
    return { CodeDeliveryDetailsList: sent };
  },

  GetUserAttributeVerificationCode(
    input: Given<GetUserAttributeVerificationCodeCommandInput>,
  ): Output<GetUserAttributeVerificationCodeCommandOutput> {
    const { user } = sessions.authenticated(input.AccessToken);
    const name = verifiable(input.AttributeName);
    if (!user.attributes[name]) throw invalid(`User does not have ${name} set.`);
    mailbox.refuseTooMany(user, 'ask-verification', name);
    return { CodeDeliveryDetails: mailbox.sendCodeTo(name, user, name) };
  },

  VerifyUserAttribute(input: Given<VerifyUserAttributeCommandInput>): Output<VerifyUserAttributeCommandOutput> {
    const { user } = sessions.authenticated(input.AccessToken);
    const name = verifiable(input.AttributeName);
    mailbox.redeem(user, name, input.Code);
    pools.change(user, { attributes: { ...user.attributes, [`${name}_verified`]: 'true' } });
    return {};
  },

  DeleteUserAttributes(input: Given<DeleteUserAttributesCommandInput>): Output<DeleteUserAttributesCommandOutput> {
    const { user, client } = sessions.authenticated(input.AccessToken);
    refuseUnwritable(client, input.UserAttributeNames);
    update(pools, user, blanks(input.UserAttributeNames));
    return {};
  },

  DeleteUser({ AccessToken }: Given<DeleteUserCommandInput>): Output<DeleteUserCommandOutput> {
    pools.remove(sessions.authenticated(AccessToken).user);
    return {};
  },
});

function verifiable(name: string): Attribute {
  if (name === 'email' || name === 'phone_number') return name;
  throw invalid(`${name} cannot be verified.`);
}

const MAX_FILTER_LENGTH = 256;

/** How each searchable attribute is read and whether its case counts; custom attributes cannot be searched. */
const SEARCHABLE: Readonly<Record<string, { read: (user: User) => string | undefined; foldsCase: boolean }>> = {
  username: { read: (user) => user.username, foldsCase: false },
  sub: { read: (user) => user.sub, foldsCase: false },
  status: { read: (user) => (user.enabled ? 'Enabled' : 'Disabled'), foldsCase: false },
  'cognito:user_status': { read: (user) => user.status, foldsCase: true },
  ...Object.fromEntries(
    ['email', 'phone_number', 'name', 'given_name', 'family_name', 'preferred_username'].map((name) => [
      name,
      { read: (user: User) => user.attributes[name], foldsCase: true },
    ]),
  ),
};

/** `attribute = "value"` or `attribute ^= "prefix"`, one condition only; a quote in the value is written `\"`. */
function predicate(filter: string): (user: User) => boolean {
  const parsed = /^\s*([\w:]+)\s*(\^?=)\s*"((?:[^"\\]|\\.)*)"\s*$/s.exec(filter);
  if (!parsed) throw invalid('Error while parsing filter.');
  const [, name = '', operator, quoted = ''] = parsed;
  const attribute = Object.hasOwn(SEARCHABLE, name) ? SEARCHABLE[name] : undefined;
  if (!attribute) throw invalid(`Invalid search attribute: ${name}`);
  const fold = (text: string) => (attribute.foldsCase ? text.toLowerCase() : text);
  const wanted = fold(quoted.replace(/\\(.)/gs, '$1'));
  return (user) => {
    const value = attribute.read(user);
    if (value === undefined) return false;
    return operator === '=' ? fold(value) === wanted : fold(value).startsWith(wanted);
  };
}

export const listUsersOperations = (pools: Pools) => ({
  ListUsers(input: Given<ListUsersCommandInput>): Output<ListUsersCommandOutput> {
    const { UserPoolId, Filter = '', Limit, PaginationToken, AttributesToGet } = input;
    const pool = pools.pool(UserPoolId);
    refuseOutside('limit', Limit, 0, 60);
    if (Filter.length > MAX_FILTER_LENGTH) {
      throw invalidValue(`'${Filter}'`, 'filter', `have length less than or equal to ${MAX_FILTER_LENGTH}`);
    }
    const matching = Filter === '' ? pools.usersOf(pool.id) : pools.usersOf(pool.id).filter(predicate(Filter));
    const scope = `ListUsers ${pool.id} ${Filter}`;
    const { rows, next } = pools.page(matching, ({ username }) => username, scope, Limit, PaginationToken);
    const Users = rows.map((user) => ({ ...userType(user), ...chosen(user, AttributesToGet) }));
    return { Users, ...(next && { PaginationToken: next }) };
  },
});

/** AWS refuses the whole page when one of its users lacks an attribute that was asked for. */
function chosen(user: User, names: readonly string[] | undefined) {
  if (names === undefined) return {};
  const isSet = (name: string) => Object.hasOwn(user.attributes, name);
  if (!names.every(isSet)) throw invalid('Input fails to satisfy the constraints.');
  const Attributes = names.map((Name) => ({ Name, Value: user.attributes[Name] }));
  return { Attributes };
}
