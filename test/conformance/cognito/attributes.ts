import { expect } from '@jest/globals';
import { claims, list, type Row, refusal } from '../cognito-rows.js';

export const ATTRIBUTES: readonly Row[] = [
  {
    id: 'attributes.unknown',
    call: 'AdminUpdateUserAttributes',
    what: 'an attribute outside of the schema, and nothing else of that call is written',
    run: async (world) => {
      const { at } = await world.someone();
      const UserAttributes = list({ 'custom:plan': 'pro', 'custom:teamId': '1' });
      const answer = await refusal(world.aws.adminUpdateUserAttributes({ ...at, UserAttributes }));
      return [answer, (await world.attributes(at.Username))['custom:plan']];
    },
    expected: ['InvalidParameterException: user.custom:teamId: Attribute does not exist in the schema.\n', undefined],
    basis: 'field',
    source: 'FIELD',
  },
  {
    id: 'attributes.blank-deletes',
    call: 'AdminUpdateUserAttributes',
    what: 'a blank value deletes',
    run: async (world) => {
      const { at } = await world.someone({ 'custom:plan': 'pro', name: 'Ada' });
      await world.aws.adminUpdateUserAttributes({ ...at, UserAttributes: list({ 'custom:plan': '', name: 'Eve' }) });
      const { name, ...rest } = await world.attributes(at.Username);
      return [name, 'custom:plan' in rest];
    },
    expected: ['Eve', false],
    basis: 'docs',
    source: 'DOC API_AdminUpdateUserAttributes',
  },
  {
    id: 'attributes.delete-absent',
    call: 'AdminDeleteUserAttributes',
    what: 'deleting an absent attribute is no error',
    run: async (world) => {
      const { at } = await world.someone({ 'custom:plan': 'pro' });
      const UserAttributeNames = ['custom:plan', 'custom:key'];
      await world.aws.adminDeleteUserAttributes({ ...at, UserAttributeNames });
      return 'custom:plan' in (await world.attributes(at.Username));
    },
    expected: false,
    basis: 'inference',
    source: 'the plainest reading of DOC API_AdminDeleteUserAttributes',
  },
  {
    id: 'attributes.too-long',
    call: 'AdminUpdateUserAttributes',
    what: 'a value has at most 2,048 characters',
    run: async (world) => {
      const { at } = await world.someone();
      const write = (length: number) =>
        world.aws.adminUpdateUserAttributes({ ...at, UserAttributes: list({ 'custom:plan': 'x'.repeat(length) }) });
      await write(2048);
      return refusal(write(2049));
    },
    expected: expect.stringContaining('have length less than or equal to 2048'),
    basis: 'docs',
    source: 'botocore AttributeValueType',
  },
  {
    id: 'attributes.immutable',
    call: 'AdminUpdateUserAttributes',
    what: 'an immutable attribute is written at creation only',
    run: async (world) => {
      const id = await world.newPool({ Schema: [{ Name: 'born', AttributeDataType: 'String', Mutable: false }] });
      const at = { UserPoolId: id, Username: 'ada' };
      await world.aws.adminCreateUser({ ...at, UserAttributes: list({ 'custom:born': '1815' }) });
      return refusal(world.aws.adminUpdateUserAttributes({ ...at, UserAttributes: list({ 'custom:born': '1852' }) }));
    },
    expected: expect.stringMatching(/^InvalidParameterException: .*Attribute cannot be updated\./),
    basis: 'field',
    source: 'measured live by GH mohamedsorour1998/Grace',
  },
  {
    id: 'attributes.email-unverifies',
    call: 'AdminUpdateUserAttributes',
    what: 'a new address is unverified unless the same call says otherwise',
    run: async (world) => {
      const { at } = await world.someone();
      const change = async (more: Record<string, string>) => {
        await world.aws.adminUpdateUserAttributes({ ...at, UserAttributes: list({ email: world.address(), ...more }) });
        return (await world.attributes(at.Username)).email_verified;
      };
      return [await change({}), await change({ email_verified: 'true' })];
    },
    expected: ['false', 'true'],
    basis: 'docs',
    source: 'DOC API_AdminUpdateUserAttributes',
  },
  {
    id: 'attributes.email-taken',
    call: 'AdminUpdateUserAttributes',
    what: 'an address in use cannot be taken over',
    run: async (world) => {
      const [ada, eve] = [await world.someone(), await world.someone()];
      return refusal(world.aws.adminUpdateUserAttributes({ ...eve.at, UserAttributes: list({ email: ada.email }) }));
    },
    expected: 'AliasExistsException: An account with the given email already exists.',
    basis: 'docs',
    source: 'DOC API_AdminUpdateUserAttributes (errors)',
  },
  {
    id: 'attributes.email-renames',
    call: 'AdminUpdateUserAttributes',
    what: 'after a change the new address signs in and the old one does not',
    run: async (world) => {
      const { at, email } = await world.someone();
      const newer = world.address();
      await world.aws.adminUpdateUserAttributes({
        ...at,
        UserAttributes: list({ email: newer, email_verified: 'true' }),
      });
      return [await refusal(world.signIn(email)), claims((await world.signIn(newer)).IdToken).sub === at.Username];
    },
    expected: ['UserNotFoundException: User does not exist.', true],
    basis: 'docs',
    source: 'DOC user-pool-settings-attributes#user-pool-settings-aliases',
  },
  {
    id: 'attributes.unset-writes-all',
    call: 'UpdateUserAttributes',
    what: 'through a client without WriteAttributes users may set their own custom attributes',
    run: async (world) => {
      const { AccessToken, sub } = await world.signedIn();
      await world.aws.updateUserAttributes({ AccessToken, UserAttributes: list({ 'custom:plan': 'pro' }) });
      return (await world.attributes(sub))['custom:plan'];
    },
    expected: 'pro',
    basis: 'field',
    source: 'measured live by GH mohamedsorour1998/Grace',
  },
  {
    id: 'attributes.write-denied',
    call: 'UpdateUserAttributes, DeleteUserAttributes, SignUp',
    what: 'WriteAttributes bounds updates, deletions and sign-up, and nothing of the call is written',
    run: async (world) => {
      const { AccessToken, sub } = await world.signedIn({ 'custom:plan': 'free' }, { client: world.guardedId });
      const UserAttributes = list({ name: 'Eve', 'custom:plan': 'pro' });
      return [
        await refusal(world.aws.updateUserAttributes({ AccessToken, UserAttributes })),
        await refusal(world.aws.deleteUserAttributes({ AccessToken, UserAttributeNames: ['custom:plan'] })),
        await refusal(world.signUp(world.guardedId, { 'custom:plan': 'pro' })),
        await world.attributes(sub),
      ];
    },
    expected: [
      'NotAuthorizedException: A client attempted to write unauthorized attribute',
      'NotAuthorizedException: A client attempted to write unauthorized attribute',
      'NotAuthorizedException: A client attempted to write unauthorized attribute',
      expect.not.objectContaining({ name: 'Eve' }),
    ],
    basis: 'field',
    source: 'FIELD; DOC user-pool-settings-attributes#user-pool-settings-attribute-permissions-and-scopes',
  },
  {
    id: 'attributes.verified-not-writable',
    call: 'UpdateUserAttributes',
    what: 'nobody may verify their own address by writing it',
    run: async (world) => {
      const { AccessToken } = await world.signedIn();
      return refusal(world.aws.updateUserAttributes({ AccessToken, UserAttributes: list({ email_verified: 'true' }) }));
    },
    expected: expect.stringContaining('NotAuthorizedException'),
    basis: 'docs',
    source: 'DOC user-pool-settings-attributes',
  },
  {
    id: 'attributes.admin-ignores-client',
    call: 'AdminUpdateUserAttributes',
    what: 'admin operations ignore client permissions',
    run: async (world) => {
      const { at } = await world.signedIn({}, { client: world.guardedId });
      await world.aws.adminUpdateUserAttributes({ ...at, UserAttributes: list({ 'custom:plan': 'pro' }) });
      return (await world.attributes(at.Username))['custom:plan'];
    },
    expected: 'pro',
    basis: 'docs',
    source: 'DOC user-pool-settings-attributes#user-pool-settings-attribute-permissions-and-scopes',
  },
  {
    id: 'attributes.read-bounded',
    call: 'GetUser',
    what: 'ReadAttributes bounds GetUser and the ID token',
    run: async (world) => {
      const own = { name: 'Ada', 'custom:plan': 'pro', 'custom:key': 'hidden' };
      const { AccessToken, IdToken } = await world.signedIn(own, { client: world.guardedId });
      const { UserAttributes = [] } = await world.aws.getUser({ AccessToken });
      const token = claims(IdToken);
      const shown = ['custom:plan', 'custom:key', 'name', 'email_verified'].map((name) => name in token);
      return [UserAttributes.map(({ Name }) => Name).sort(), shown];
    },
    expected: [
      ['custom:plan', 'email', 'sub'],
      [true, false, false, false],
    ],
    basis: 'docs',
    source: 'DOC user-pool-settings-attributes#user-pool-settings-attribute-permissions-and-scopes',
  },
  {
    id: 'attributes.verify-own',
    call: 'UpdateUserAttributes, VerifyUserAttribute',
    what: 'a user verifies a changed address with the code that was sent there',
    run: async (world) => {
      const { AccessToken, sub } = await world.signedIn();
      const email = world.address();
      const { CodeDeliveryDetailsList } = await world.aws.updateUserAttributes({
        AccessToken,
        UserAttributes: list({ email }),
      });
      const before = (await world.attributes(sub)).email_verified;
      const Code = world.code(email);
      await world.aws.verifyUserAttribute({ AccessToken, AttributeName: 'email', Code });
      return [CodeDeliveryDetailsList?.length, before, (await world.attributes(sub)).email_verified];
    },
    expected: [1, 'false', 'true'],
    basis: 'docs',
    source: 'DOC API_VerifyUserAttribute',
    needs: ['mail'],
  },
];
