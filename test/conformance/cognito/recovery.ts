import { expect } from '@jest/globals';
import { list, OTHER_PASSWORD, PASSWORD, type Row, refusal, secretHash, type World } from '../cognito-rows.js';

const MISMATCH = 'CodeMismatchException: Invalid verification code provided, please try again.';
const EXPIRED = 'ExpiredCodeException: Invalid code provided, please request a code again.';
const TOO_MANY = 'LimitExceededException: Attempt limit exceeded, please try after some time.';
const UNREACHABLE =
  'InvalidParameterException: Cannot reset password for the user as there is no registered/verified email or phone_number';

const hiding = (world: World) => world.client({ PreventUserExistenceErrors: 'ENABLED' });

export const FORGOTTEN: readonly Row[] = [
  {
    id: 'forgot.reset',
    call: 'ForgotPassword, ConfirmForgotPassword',
    what: 'a code goes to the verified address; with it the password is another, once',
    run: async (world) => {
      const { email } = await world.someone();
      const { CodeDeliveryDetails } = await world.forgot(email);
      const code = world.code(email);
      await world.resetWith(code, email);
      return [
        CodeDeliveryDetails,
        await refusal(world.signIn(email)),
        (await world.signIn(email, world.clientId, OTHER_PASSWORD)).reply.AuthenticationResult?.ExpiresIn,
        await refusal(world.resetWith(code, email, PASSWORD)),
      ];
    },
    expected: [
      { AttributeName: 'email', DeliveryMedium: 'EMAIL', Destination: expect.stringMatching(/^.\*\*\*@e\*\*\*$/) },
      'NotAuthorizedException: Incorrect username or password.',
      3600,
      EXPIRED,
    ],
    basis: 'docs',
    source: 'API_ForgotPassword, API_ConfirmForgotPassword',
    needs: ['mail'],
  },
  {
    id: 'forgot.old-password',
    call: 'ForgotPassword',
    what: 'asking for a code changes nothing yet',
    run: async (world) => {
      const { email } = await world.someone();
      await world.forgot(email);
      return (await world.signIn(email)).reply.AuthenticationResult?.ExpiresIn;
    },
    expected: 3600,
    basis: 'docs',
    source: 'API_ForgotPassword',
  },
  {
    id: 'forgot.wrong-code',
    call: 'ForgotPassword, ConfirmForgotPassword',
    what: 'a wrong code, and a code without having asked',
    run: async (world) => {
      const [asked, silent] = [await world.someone(), await world.someone()];
      await world.forgot(asked.email);
      return [await refusal(world.resetWith('nope', asked.email)), await refusal(world.resetWith('1', silent.email))];
    },
    expected: [MISMATCH, EXPIRED],
    basis: 'field',
    source: 'the messages of every client; cognito-user-pool-managing-errors',
  },
  {
    id: 'forgot.expiry',
    call: 'ForgotPassword, ConfirmForgotPassword',
    what: 'a code lives for an hour, and a newer one replaces it',
    run: async (world) => {
      const { email } = await world.someone();
      await world.forgot(email);
      const first = world.code(email);
      world.clock.forward(3600);
      const late = await refusal(world.resetWith(first, email));
      await world.forgot(email);
      const [second] = [world.code(email)];
      const replaced = first === second ? MISMATCH : await refusal(world.resetWith(first, email));
      world.clock.forward(3590);
      await world.resetWith(second, email);
      return [late, replaced];
    },
    expected: [EXPIRED, MISMATCH],
    basis: 'docs',
    source: 'how-to-recover-a-user-account',
    needs: ['clock', 'mail'],
  },
  {
    id: 'forgot.weak-password',
    call: 'ForgotPassword, ConfirmForgotPassword',
    what: 'a password against the policy leaves the code good',
    run: async (world) => {
      const { email } = await world.someone();
      await world.forgot(email);
      const weak = await refusal(world.resetWith(world.code(email), email, 'weak'));
      await world.resetWith(world.code(email), email);
      return weak;
    },
    expected: 'InvalidPasswordException: Password did not conform with policy: Password not long enough',
    basis: 'inference',
    source: 'API_ConfirmForgotPassword says nothing of the order',
    needs: ['mail'],
  },
  {
    id: 'forgot.attempts',
    call: 'ForgotPassword, ConfirmForgotPassword',
    what: 'a user asks for five codes an hour and tries fifteen',
    run: async (world) => {
      const { email } = await world.someone();
      for (let i = 0; i < 5; i++) await world.forgot(email);
      const asked = await refusal(world.forgot(email));
      for (let i = 0; i < 15; i++) await refusal(world.resetWith('nope', email));
      const tried = await refusal(world.resetWith(world.code(email), email));
      world.clock.forward(3600);
      await world.forgot(email);
      await world.resetWith(world.code(email), email);
      return [asked, tried];
    },
    expected: [TOO_MANY, TOO_MANY],
    basis: 'docs',
    source: 'quotas (operations of a user per hour: 5 to 20 and 15)',
    needs: ['clock', 'mail'],
  },
  {
    id: 'forgot.unknown',
    call: 'ForgotPassword, ConfirmForgotPassword',
    what: 'LEGACY says that nobody has this name; ENABLED pretends, and takes no code',
    run: async (world) => {
      const nobody = 'nobody@example.com';
      const client = await hiding(world);
      const what = { ClientId: client, Username: nobody, ConfirmationCode: '123456', Password: OTHER_PASSWORD };
      return [
        await refusal(world.forgot(nobody)),
        await refusal(world.resetWith('123456', nobody)),
        (await world.forgot(nobody, client)).CodeDeliveryDetails?.Destination,
        await refusal(world.aws.confirmForgotPassword(what)),
        world.code(nobody),
      ];
    },
    expected: [
      'UserNotFoundException: Username/client id combination not found.',
      'UserNotFoundException: Username/client id combination not found.',
      'n***@e***',
      MISMATCH,
      'no letter',
    ],
    basis: 'docs',
    source: 'cognito-user-pool-managing-errors',
    needs: ['mail'],
  },
  {
    id: 'forgot.disabled',
    call: 'AdminDisableUser, ForgotPassword',
    what: 'a disabled user is told so, unless the client hides who exists',
    run: async (world) => {
      const { email, at } = await world.someone();
      await world.aws.adminDisableUser(at);
      const pretended = await world.forgot(email, await hiding(world));
      return [await refusal(world.forgot(email)), pretended.CodeDeliveryDetails?.AttributeName, world.code(email)];
    },
    expected: ['NotAuthorizedException: User is disabled.', 'email', 'no letter'],
    basis: 'docs',
    source: 'cognito-user-pool-managing-errors; the message is a field report',
    needs: ['mail'],
  },
  {
    id: 'forgot.unverified',
    call: 'ForgotPassword',
    what: 'without a verified address there is nowhere to send a code',
    run: async (world) => refusal(world.forgot((await world.someone({ email_verified: 'false' })).email)),
    expected: UNREACHABLE,
    basis: 'docs',
    source: 'API_ForgotPassword; repost.aws knowledge-center/cognito-forgot-password',
  },
  {
    id: 'forgot.invited',
    call: 'ForgotPassword',
    what: 'somebody who never chose a password cannot have forgotten it',
    run: async (world) => refusal(world.forgot(await world.invited())),
    expected: 'NotAuthorizedException: User password cannot be reset in the current state.',
    basis: 'field',
    source: 'repost.aws knowledge-center/cognito-forgot-password; the message of many clients',
  },
  {
    id: 'forgot.recovery-order',
    call: 'ForgotPassword',
    what: 'AccountRecoverySetting says where the code goes, or that only an admin may help',
    run: async (world) => {
      const to = async (settings: Parameters<World['pool']>[0]) => {
        const poolId = await world.pool(settings);
        const client = await world.client({ UserPoolId: poolId });
        const email = world.address();
        const attributes = { phone_number: '+15550100', phone_number_verified: 'true' };
        await world.user({ poolId, username: email, attributes });
        return world.forgot(email, client).then(({ CodeDeliveryDetails }) => CodeDeliveryDetails?.AttributeName);
      };
      const ordered = (...names: ('verified_email' | 'verified_phone_number' | 'admin_only')[]) => ({
        AccountRecoverySetting: { RecoveryMechanisms: names.map((Name, i) => ({ Name, Priority: i + 1 })) },
      });
      return [
        await to({}),
        await to(ordered('verified_email', 'verified_phone_number')),
        await to(ordered('verified_phone_number', 'verified_email')),
        await refusal(to(ordered('admin_only'))),
      ];
    },
    expected: ['phone_number', 'email', 'phone_number', expect.stringMatching(/^NotAuthorizedException: /)],
    basis: 'docs',
    source: 'how-to-recover-a-user-account; the refusal is inferred',
  },
  {
    id: 'forgot.secret-hash',
    call: 'ForgotPassword, ConfirmForgotPassword',
    what: 'a client with a secret proves it at both steps',
    run: async (world) => {
      const client = await world.client({ GenerateSecret: true });
      const { email: Username } = await world.someone();
      const SecretHash = secretHash(world.secretOf(client), Username, client);
      const bare = await refusal(world.forgot(Username, client));
      await world.aws.forgotPassword({ ClientId: client, Username, SecretHash });
      const what = { ClientId: client, Username, ConfirmationCode: world.code(Username), Password: OTHER_PASSWORD };
      const unproven = await refusal(world.aws.confirmForgotPassword(what));
      await world.aws.confirmForgotPassword({ ...what, SecretHash });
      return [bare, unproven];
    },
    expected: [expect.stringContaining('SECRET_HASH was not received'), expect.stringContaining('SECRET_HASH was not')],
    basis: 'docs',
    source: 'API_ForgotPassword (SecretHash)',
    needs: ['mail'],
  },
];

export const RESETS: readonly Row[] = [
  {
    id: 'reset.required',
    call: 'AdminResetUserPassword, ConfirmForgotPassword',
    what: 'after an admin’s reset no password signs in until the mailed code has set one',
    run: async (world) => {
      const somebody = await world.someone();
      await world.aws.adminResetUserPassword(somebody.at);
      const status = await world.status(somebody);
      const before = await refusal(world.signIn(somebody.email));
      const bySrp = await refusal(world.start('USER_SRP_AUTH', { USERNAME: somebody.email, SRP_A: '2' }));
      await world.resetWith(world.code(somebody.email), somebody.email);
      const after = await world.signIn(somebody.email, world.clientId, OTHER_PASSWORD);
      return [status, before, bySrp, await world.status(somebody), after.reply.AuthenticationResult?.ExpiresIn];
    },
    expected: [
      'RESET_REQUIRED',
      'PasswordResetRequiredException: Password reset required for the user',
      'PasswordResetRequiredException: Password reset required for the user',
      'CONFIRMED',
      3600,
    ],
    basis: 'docs',
    source: 'API_AdminResetUserPassword; the message is a field report',
    needs: ['mail'],
  },
  {
    id: 'reset.refused',
    call: 'AdminResetUserPassword',
    what: 'who never chose a password, or cannot be reached, is not reset',
    run: async (world) => {
      const Username = await world.invited();
      const unreachable = await world.someone({ email_verified: 'false' });
      return [
        await refusal(world.aws.adminResetUserPassword({ UserPoolId: world.poolId, Username })),
        await refusal(world.aws.adminResetUserPassword(unreachable.at)),
        await world.status(unreachable),
      ];
    },
    expected: ['NotAuthorizedException: User password cannot be reset in the current state.', UNREACHABLE, 'CONFIRMED'],
    basis: 'field',
    source: 'reports of AdminResetUserPassword',
  },
];

async function needingName(world: World, mutable = true) {
  const reply = await world.aws.createUserPool({
    PoolName: 'named',
    UsernameAttributes: ['email'],
    AutoVerifiedAttributes: ['email'],
    Schema: [{ Name: 'name', Required: true, Mutable: mutable }],
  });
  const poolId = reply.UserPool?.Id ?? '';
  const client = await world.client({ UserPoolId: poolId });
  const email = await world.invited(poolId);
  const { reply: asked } = await world.signIn(email, client);
  const answer = (more: Record<string, string>, Session = asked.Session) =>
    world.aws.respondToAuthChallenge({
      ClientId: client,
      ChallengeName: 'NEW_PASSWORD_REQUIRED',
      Session,
      ChallengeResponses: { USERNAME: email, NEW_PASSWORD: OTHER_PASSWORD, ...more },
    });
  return { poolId, email, asked, answer };
}

export const NEW_PASSWORDS: readonly Row[] = [
  {
    id: 'new-password.required-attributes',
    call: 'RespondToAuthChallenge',
    what: 'required attributes that an admin left out are asked for, and must come with the new password',
    run: async (world) => {
      const { poolId, email, asked, answer } = await needingName(world);
      const without = await refusal(answer({}));
      const { AuthenticationResult } = await answer({ 'userAttributes.name': 'Grace' });
      const parameters = asked.ChallengeParameters ?? {};
      return [
        parameters.requiredAttributes,
        JSON.parse(parameters.userAttributes ?? ''),
        without,
        AuthenticationResult?.TokenType,
        (await world.attributes(email, poolId)).name,
      ];
    },
    expected: [
      '["userAttributes.name"]',
      { email: expect.any(String), email_verified: 'true' },
      'InvalidParameterException: Invalid attributes given, name is missing',
      'Bearer',
      'Grace',
    ],
    basis: 'field',
    source: 'API_RespondToAuthChallenge; GH aws-amplify/aws-sdk-android#1402 for the message',
  },
  {
    id: 'new-password.weak',
    call: 'RespondToAuthChallenge',
    what: 'a password against the policy leaves the challenge open',
    run: async (world) => {
      const { answer } = await needingName(world);
      const weak = await refusal(answer({ NEW_PASSWORD: 'weak', 'userAttributes.name': 'Grace' }));
      return [weak, (await answer({ 'userAttributes.name': 'Grace' })).AuthenticationResult?.ExpiresIn];
    },
    expected: ['InvalidPasswordException: Password did not conform with policy: Password not long enough', 3600],
    basis: 'inference',
    source: 'a form that is filled in again',
  },
  {
    id: 'new-password.write-attributes',
    call: 'RespondToAuthChallenge',
    what: 'attributes that the client may not write are refused, and the password stays the temporary one',
    run: async (world) => {
      const client = await world.client({ WriteAttributes: ['email'] });
      const email = await world.invited();
      const { reply } = await world.signIn(email, client);
      const refused = await refusal(
        world.aws.respondToAuthChallenge({
          ClientId: client,
          ChallengeName: 'NEW_PASSWORD_REQUIRED',
          Session: reply.Session,
          ChallengeResponses: { USERNAME: email, NEW_PASSWORD: OTHER_PASSWORD, 'userAttributes.custom:plan': 'pro' },
        }),
      );
      return [refused, (await world.signIn(email, client)).reply.ChallengeName];
    },
    expected: ['NotAuthorizedException: A client attempted to write unauthorized attribute', 'NEW_PASSWORD_REQUIRED'],
    basis: 'docs',
    source: 'user-pool-settings-attributes#user-pool-settings-attribute-permissions-and-scopes',
  },
];

export const CODES: readonly Row[] = [
  {
    id: 'codes.verify-email',
    call: 'GetUserAttributeVerificationCode, VerifyUserAttribute',
    what: 'somebody signed in asks for a code to verify an address, five times an hour',
    run: async (world) => {
      const { email, sub } = await world.someone({ email_verified: 'false' });
      const { AccessToken } = await world.signIn(email);
      const ask = () => world.aws.getUserAttributeVerificationCode({ AccessToken, AttributeName: 'email' });
      const { CodeDeliveryDetails } = await ask();
      await world.aws.verifyUserAttribute({ AccessToken, AttributeName: 'email', Code: world.code(email) });
      for (let i = 1; i < 5; i++) await ask();
      return [CodeDeliveryDetails?.AttributeName, (await world.attributes(sub)).email_verified, await refusal(ask())];
    },
    expected: ['email', 'true', TOO_MANY],
    basis: 'docs',
    source: 'API_GetUserAttributeVerificationCode; quotas',
    needs: ['mail'],
  },
  {
    id: 'codes.absent-attribute',
    call: 'GetUserAttributeVerificationCode',
    what: 'there is no code for an attribute one does not have, or that has none',
    run: async (world) => {
      const { AccessToken } = await world.signIn((await world.someone({ name: 'Grace' })).email);
      const ask = (AttributeName: string) => world.aws.getUserAttributeVerificationCode({ AccessToken, AttributeName });
      return [await refusal(ask('phone_number')), await refusal(ask('name'))];
    },
    expected: [
      expect.stringMatching(/^InvalidParameterException/),
      expect.stringMatching(/^InvalidParameterException/),
    ],
    basis: 'inference',
    source: 'API_GetUserAttributeVerificationCode (errors)',
  },
  {
    id: 'codes.sign-up-attempts',
    call: 'SignUp, ConfirmSignUp, ResendConfirmationCode',
    what: 'a newcomer tries fifteen codes an hour and is sent five more',
    run: async (world) => {
      const Username = world.address();
      const confirm = (ConfirmationCode: string) =>
        world.aws.confirmSignUp({ ClientId: world.clientId, Username, ConfirmationCode });
      await world.aws.signUp({ ClientId: world.clientId, Username, Password: PASSWORD });
      for (let i = 0; i < 15; i++) await refusal(confirm('nope'));
      const tried = await refusal(confirm(world.code(Username)));
      const again = () => world.aws.resendConfirmationCode({ ClientId: world.clientId, Username });
      for (let i = 0; i < 5; i++) await again();
      const asked = await refusal(again());
      world.clock.forward(3600);
      await confirm(world.code(Username));
      return [tried, asked];
    },
    expected: [TOO_MANY, TOO_MANY],
    basis: 'docs',
    source: 'quotas (operations of a user per hour)',
    needs: ['clock', 'mail'],
  },
];

export const SCHEMA: readonly Row[] = [
  {
    id: 'schema.bounds',
    call: 'SignUp, AdminUpdateUserAttributes',
    what: 'strings keep to their length and numbers to their range, for admins and at sign-up',
    run: async (world) => {
      const { UserPool } = await world.aws.createUserPool({
        PoolName: 'bounded',
        Schema: [
          { Name: 'code', AttributeDataType: 'String', StringAttributeConstraints: { MinLength: '2', MaxLength: '4' } },
          { Name: 'age', AttributeDataType: 'Number', NumberAttributeConstraints: { MinValue: '18', MaxValue: '120' } },
        ],
      });
      const UserPoolId = UserPool?.Id ?? '';
      const at = { UserPoolId, Username: 'grace' };
      await world.aws.adminCreateUser(at);
      const set = (name: string, value: string) =>
        refusal(world.aws.adminUpdateUserAttributes({ ...at, UserAttributes: list({ [`custom:${name}`]: value }) }));
      const signUp = world.aws.signUp({
        ClientId: await world.client({ UserPoolId }),
        Username: 'ada',
        Password: PASSWORD,
        UserAttributes: list({ 'custom:code': 'toolong' }),
      });
      const tried = [
        await set('code', 'x'),
        await set('code', 'xxxxx'),
        await set('age', '17'),
        await set('age', '121'),
        await set('age', 'old'),
        await refusal(signUp),
        await set('code', 'xx'),
        await set('age', '18'),
      ];
      return tried.map((text) => text.split(':')[0]);
    },
    expected: [
      ...Array.from({ length: 6 }, () => 'InvalidParameterException'),
      ...Array.from({ length: 2 }, () => 'no failure but {"$metadata"'),
    ],
    basis: 'docs',
    source: 'API_SchemaAttributeType',
  },
  {
    id: 'schema.own-immutable',
    call: 'SignUp, ConfirmSignUp, UpdateUserAttributes',
    what: 'nobody changes their own immutable attribute, though they gave it at sign-up',
    run: async (world) => {
      const { UserPool } = await world.aws.createUserPool({
        PoolName: 'fixed',
        UsernameAttributes: ['email'],
        AutoVerifiedAttributes: ['email'],
        Schema: [{ Name: 'born', AttributeDataType: 'String', Mutable: false }],
      });
      const poolId = UserPool?.Id ?? '';
      const ClientId = await world.client({ UserPoolId: poolId });
      const Username = world.address();
      const UserAttributes = list({ 'custom:born': '1906' });
      await world.aws.signUp({ ClientId, Username, Password: PASSWORD, UserAttributes });
      await world.aws.confirmSignUp({ ClientId, Username, ConfirmationCode: world.code(Username) });
      const { AccessToken } = await world.signIn(Username, ClientId);
      const changed = await refusal(
        world.aws.updateUserAttributes({ AccessToken, UserAttributes: list({ 'custom:born': '1912' }) }),
      );
      return [changed, (await world.attributes(Username, poolId))['custom:born']];
    },
    expected: [expect.stringMatching(/^InvalidParameterException: .*Attribute cannot be updated\./), '1906'],
    basis: 'field',
    source: 'measured live by GH mohamedsorour1998/Grace',
    needs: ['mail'],
  },
  {
    id: 'schema.required-by-sign-up',
    call: 'SignUp',
    what: 'an admin may leave a required attribute to the user, the user may not',
    run: async (world) => {
      const { poolId, email } = await needingName(world);
      const ClientId = await world.client({ UserPoolId: poolId });
      return [
        (await world.attributes(email, poolId)).name,
        await refusal(world.aws.signUp({ ClientId, Username: world.address(), Password: PASSWORD })),
      ];
    },
    expected: [
      undefined,
      expect.stringMatching(
        /^InvalidParameterException: Attributes did not conform to the schema: name: The attribute/,
      ),
    ],
    basis: 'docs',
    source: 'API_AdminCreateUser (UserAttributes)',
  },
];
