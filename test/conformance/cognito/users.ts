import { expect } from '@jest/globals';
import { claims, list, PASSWORD, type Row, refusal } from '../cognito-rows.js';

const PERMISSIONS = 'DOC user-pool-settings-attributes#user-pool-settings-attribute-permissions-and-scopes';

export const USERS: readonly Row[] = [
  {
    id: 'users.shown',
    call: 'AdminGetUser',
    what: 'shows name, attributes, both times, whether enabled and the status, and no MFA where there is none',
    run: async (world) => {
      const { at } = await world.someone();
      const { $metadata, ...user } = await world.aws.adminGetUser(at);
      return { ...user, isSub: user.Username === at.Username };
    },
    expected: {
      Username: expect.any(String),
      isSub: true,
      UserAttributes: expect.arrayContaining([{ Name: 'email_verified', Value: 'true' }]),
      UserCreateDate: expect.any(Date),
      UserLastModifiedDate: expect.any(Date),
      Enabled: true,
      UserStatus: 'CONFIRMED',
    },
    basis: 'docs',
    source: 'DOC API_AdminGetUser',
  },
  {
    id: 'users.listed-whole',
    call: 'ListUsers',
    what: 'shows custom attributes too, the same as AdminGetUser',
    run: async (world) => {
      const { at, email } = await world.someone({ 'custom:plan': 'pro' });
      const { Users } = await world.aws.listUsers({ UserPoolId: world.poolId, Filter: `email = "${email}"` });
      const listed = Users?.[0]?.Attributes?.map(({ Name, Value }) => [Name, Value]) ?? [];
      const shown = Object.entries(await world.attributes(at.Username));
      return [listed.sort().join() === shown.sort().join(), listed.some(([name]) => name === 'custom:plan')];
    },
    expected: [true, true],
    basis: 'docs',
    source: 'DOC API_ListUsers, how-to-manage-user-accounts',
  },
  {
    id: 'users.disabled-listed',
    call: 'ListUsers',
    what: 'shows disabled users, as disabled',
    run: async (world) => {
      const { at, email } = await world.someone();
      await world.aws.adminDisableUser(at);
      const { Users } = await world.aws.listUsers({ UserPoolId: world.poolId, Filter: `email = "${email}"` });
      return Users?.map(({ Enabled, UserStatus }) => [Enabled, UserStatus]);
    },
    expected: [[false, 'CONFIRMED']],
    basis: 'docs',
    source: 'DOC API_AdminDisableUser: the user still appears in ListUsers',
  },
  {
    id: 'users.group-limit',
    call: 'ListUsersInGroup',
    what: 'Limit ends at 60',
    run: (world) => refusal(world.aws.listUsersInGroup({ UserPoolId: world.poolId, GroupName: 'beta', Limit: 61 })),
    expected: expect.stringContaining("Value '61' at 'limit' failed to satisfy constraint"),
    basis: 'docs',
    source: 'botocore QueryLimitType',
  },
  {
    id: 'users.sign-up-reveals',
    call: 'SignUp',
    what: 'tells that an address is taken, even through a client that does not tell who exists',
    run: async (world) => {
      const { email } = await world.someone();
      const what = { ClientId: world.guardedId, Username: email, Password: PASSWORD };
      return (await refusal(world.aws.signUp(what))).split(':')[0];
    },
    expected: 'UsernameExistsException',
    basis: 'docs',
    source: 'DOC cognito-user-pool-managing-errors (SignUp)',
  },
  {
    id: 'users.sign-up-writes-all',
    call: 'SignUp',
    what: 'through a client without WriteAttributes newcomers set their own custom attributes',
    run: async (world) => {
      const { email } = await world.signUp(world.clientId, { 'custom:plan': 'pro' });
      return (await world.attributes(email))['custom:plan'];
    },
    expected: 'pro',
    basis: 'docs',
    source: PERMISSIONS,
  },
  {
    id: 'users.later-attributes',
    call: 'AddCustomAttributes, UpdateUserAttributes',
    what: 'an attribute that is added later is in no list of a client that was set before',
    run: async (world) => {
      const UserPoolId = await world.pool();
      const client = await world.client({ UserPoolId, WriteAttributes: ['email'], ReadAttributes: ['email'] });
      const CustomAttributes = [{ Name: 'later', AttributeDataType: 'String' as const, Mutable: true }];
      await world.aws.addCustomAttributes({ UserPoolId, CustomAttributes });
      const username = world.address();
      await world.user({ poolId: UserPoolId, username, attributes: { 'custom:later': 'hidden' } });
      const { AccessToken, IdToken } = await world.signIn(username, client);
      const UserAttributes = list({ 'custom:later': 'mine' });
      const write = await refusal(world.aws.updateUserAttributes({ AccessToken, UserAttributes }));
      return [write, 'custom:later' in claims(IdToken)];
    },
    expected: ['NotAuthorizedException: A client attempted to write unauthorized attribute', false],
    basis: 'docs',
    source: PERMISSIONS,
  },
  {
    id: 'users.numbers-are-text',
    call: 'AdminUpdateUserAttributes',
    what: 'an attribute of the type Number is sent, shown and put into tokens as text',
    run: async (world) => {
      const Schema = [{ Name: 'seats', AttributeDataType: 'Number' as const, Mutable: true }];
      const poolId = await world.pool({ Schema });
      const client = await world.client({ UserPoolId: poolId });
      const username = world.address();
      await world.user({ poolId, username });
      const at = { UserPoolId: poolId, Username: username };
      await world.aws.adminUpdateUserAttributes({ ...at, UserAttributes: list({ 'custom:seats': '7' }) });
      const { IdToken } = await world.signIn(username, client);
      return [(await world.attributes(username, poolId))['custom:seats'], claims(IdToken)['custom:seats']];
    },
    expected: ['7', '7'],
    basis: 'docs',
    source: 'DOC user-pool-settings-attributes: always sent and returned as strings',
  },
  {
    id: 'users.attributes-at-once',
    call: 'AddCustomAttributes',
    what: 'adds 25 attributes at once at most',
    run: async (world) => {
      const UserPoolId = await world.newPool();
      const some = (count: number) => Array.from({ length: count }, (_, at) => ({ Name: `a${at}` }));
      return refusal(world.aws.addCustomAttributes({ UserPoolId, CustomAttributes: some(26) }));
    },
    expected: expect.stringMatching(/^InvalidParameterException: 1 validation error detected: .*'customAttributes'/),
    basis: 'docs',
    source: 'botocore CustomAttributesListType',
  },
  {
    id: 'users.most-attributes',
    call: 'AddCustomAttributes',
    what: 'a pool has 50 custom attributes at most',
    run: async (world) => {
      const UserPoolId = await world.newPool();
      const some = (from: number, count: number) =>
        Array.from({ length: count }, (_, at) => ({ Name: `a${from + at}` }));
      const add = (from: number, count: number) =>
        world.aws.addCustomAttributes({ UserPoolId, CustomAttributes: some(from, count) });
      await add(0, 25);
      await add(25, 25);
      return (await refusal(add(50, 1))).split(':')[0];
    },
    expected: expect.stringMatching(/^(InvalidParameter|LimitExceeded)Exception$/),
    basis: 'docs',
    source: 'DOC quotas: 50 custom attributes; which error it is, is not said',
  },
  {
    id: 'users.one-group',
    call: 'InitiateAuth',
    what: 'one group is an array of one in both tokens',
    run: async (world) => {
      const { AccessToken, IdToken } = await world.signedIn({}, { groups: ['beta'] });
      return [AccessToken, IdToken].map((token) => claims(token)['cognito:groups']);
    },
    expected: [['beta'], ['beta']],
    basis: 'docs',
    source: 'DOC amazon-cognito-user-pools-using-the-access-token, …-the-id-token',
  },
];
