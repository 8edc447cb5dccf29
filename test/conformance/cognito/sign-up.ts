import { expect } from '@jest/globals';
import { PASSWORD, type Row, refusal } from '../cognito-rows.js';

export const SIGN_UPS: readonly Row[] = [
  {
    id: 'sign-up.confirm',
    call: 'SignUp, ConfirmSignUp',
    what: 'sign-up, code, confirmation: the address is verified and the user may sign in',
    run: async (world) => {
      const { email, reply } = await world.signUp();
      const code = world.code(email);
      const before = await refusal(world.signIn(email));
      await world.aws.confirmSignUp({ ClientId: world.clientId, Username: email, ConfirmationCode: code });
      const { email_verified } = await world.attributes(email);
      const details = reply.CodeDeliveryDetails;
      return [before, email_verified, (await world.signIn(email)).reply.AuthenticationResult?.TokenType, details];
    },
    expected: [
      'UserNotConfirmedException: User is not confirmed.',
      'true',
      'Bearer',
      { AttributeName: 'email', DeliveryMedium: 'EMAIL', Destination: expect.stringMatching(/^.\*\*\*@e\*\*\*$/) },
    ],
    basis: 'docs',
    source: 'DOC signing-up-users-in-your-app',
    needs: ['mail'],
  },
  {
    id: 'sign-up.wrong-code',
    call: 'ConfirmSignUp',
    what: 'a wrong code',
    run: async (world) => {
      const { email } = await world.signUp();
      return refusal(world.aws.confirmSignUp({ ClientId: world.clientId, Username: email, ConfirmationCode: 'nope' }));
    },
    expected: 'CodeMismatchException: Invalid verification code provided, please try again.',
    basis: 'field',
    source: 'FIELD',
  },
  {
    id: 'sign-up.code-expires',
    call: 'ConfirmSignUp, ResendConfirmationCode',
    what: 'a code lives for a day, and a new one can be asked for',
    run: async (world) => {
      const { email } = await world.signUp();
      const code = world.code(email);
      world.clock.forward(24 * 3600 + 1);
      const late = await refusal(
        world.aws.confirmSignUp({ ClientId: world.clientId, Username: email, ConfirmationCode: code }),
      );
      await world.aws.resendConfirmationCode({ ClientId: world.clientId, Username: email });
      const newer = world.code(email);
      await world.aws.confirmSignUp({ ClientId: world.clientId, Username: email, ConfirmationCode: newer });
      return [late, (await world.aws.adminGetUser({ UserPoolId: world.poolId, Username: email })).UserStatus];
    },
    expected: ['ExpiredCodeException: Invalid code provided, please request a code again.', 'CONFIRMED'],
    basis: 'docs',
    source: 'DOC limits (validity of a confirmation code)',
    needs: ['clock', 'mail'],
  },
  {
    id: 'sign-up.username-is-sub',
    call: 'SignUp',
    what: 'where e-mail is the username the real one is a UUID, equal to sub',
    run: async (world) => {
      const { email, reply } = await world.signUp();
      const { Username } = await world.aws.adminGetUser({ UserPoolId: world.poolId, Username: email });
      return Username === reply.UserSub && (await world.attributes(email)).sub === Username;
    },
    expected: true,
    basis: 'field',
    source: 'moto test_cognitoidp.py, aws_verified',
  },
  {
    id: 'sign-up.twice',
    call: 'SignUp',
    what: 'an address is taken whatever its case, where the pool ignores case',
    run: async (world) => {
      const { email } = await world.signUp();
      return refusal(world.aws.signUp({ ClientId: world.clientId, Username: email.toUpperCase(), Password: PASSWORD }));
    },
    expected: 'UsernameExistsException: An account with the given email already exists.',
    basis: 'field',
    source: 'FIELD; DOC user-pool-case-sensitivity',
  },
  {
    id: 'sign-up.twice-named',
    call: 'SignUp',
    what: 'a chosen username is taken whatever its case, where the pool ignores case',
    run: async (world) => {
      await world.aws.signUp({ ClientId: world.namedId, Username: 'Grace', Password: PASSWORD });
      return refusal(world.aws.signUp({ ClientId: world.namedId, Username: 'grace', Password: PASSWORD }));
    },
    expected: 'UsernameExistsException: User already exists',
    basis: 'field',
    source: 'FIELD; DOC user-pool-case-sensitivity',
  },
  {
    id: 'sign-up.another-case',
    call: 'SignUp, AdminGetUser',
    what: 'a pool that is not told to ignore case takes another spelling for another user',
    run: async (world) => {
      const UserPoolId = await world.pool({ UsernameConfiguration: undefined });
      const ClientId = await world.client({ UserPoolId });
      const [lower, upper] = [world.address(), world.address().toUpperCase()];
      await world.aws.signUp({ ClientId, Username: lower, Password: PASSWORD });
      const other = await world.aws.signUp({ ClientId, Username: lower.toUpperCase(), Password: PASSWORD });
      await world.aws.signUp({ ClientId, Username: upper, Password: PASSWORD });
      const { Username } = await world.aws.adminGetUser({ UserPoolId, Username: lower.toUpperCase() });
      return [
        Username === other.UserSub,
        await refusal(world.aws.adminGetUser({ UserPoolId, Username: upper.toLowerCase() })),
      ];
    },
    expected: [true, 'UserNotFoundException: User does not exist.'],
    basis: 'docs',
    source: 'DOC API_UsernameConfigurationType: case sensitivity “is the default value”; user-pool-case-sensitivity',
  },
  {
    id: 'sign-up.not-an-address',
    call: 'SignUp',
    what: 'where e-mail is the username it must be one',
    run: (world) => refusal(world.aws.signUp({ ClientId: world.clientId, Username: 'ada', Password: PASSWORD })),
    expected: 'InvalidParameterException: Username should be an email.',
    basis: 'field',
    source: 'FIELD',
  },
  {
    id: 'sign-up.admin-only',
    call: 'SignUp',
    what: 'a pool may forbid sign-up',
    run: async (world) => {
      const id = await world.newPool({ AdminCreateUserConfig: { AllowAdminCreateUserOnly: true } });
      const ClientId = await world.newClient({ UserPoolId: id });
      return refusal(world.aws.signUp({ ClientId, Username: 'ada', Password: PASSWORD }));
    },
    expected: 'NotAuthorizedException: SignUp is not permitted for this user pool',
    basis: 'field',
    source: 'FIELD',
  },
  {
    id: 'sign-up.weak-password',
    call: 'SignUp',
    what: 'the default policy wants length, both cases, a number and a symbol',
    run: (world) =>
      Promise.all(
        ['Ab-1', 'turnpike-1', 'TURNPIKE-1', 'Turnpike-x', 'Turnpike1'].map((Password) =>
          refusal(world.aws.signUp({ ClientId: world.clientId, Username: world.address(), Password })),
        ),
      ),
    expected: [
      'Password not long enough',
      'Password must have uppercase characters',
      'Password must have lowercase characters',
      'Password must have numeric characters',
      'Password must have symbol characters',
    ].map((text) => `InvalidPasswordException: Password did not conform with policy: ${text}`),
    basis: 'field',
    source: 'FIELD; DOC managing-users-passwords',
  },
  {
    id: 'sign-up.required-attribute',
    call: 'SignUp',
    what: 'a required attribute must be sent',
    run: async (world) => {
      const id = await world.newPool({ Schema: [{ Name: 'name', Required: true }] });
      const ClientId = await world.newClient({ UserPoolId: id });
      return refusal(world.aws.signUp({ ClientId, Username: 'ada', Password: PASSWORD }));
    },
    expected: expect.stringContaining(
      'InvalidParameterException: Attributes did not conform to the schema: name: The attribute is required',
    ),
    basis: 'field',
    source: 'FIELD',
  },
  {
    id: 'sign-up.admin-confirm',
    call: 'AdminConfirmSignUp',
    what: 'an admin confirms without a code, once; the address stays unverified',
    run: async (world) => {
      const { email } = await world.signUp();
      const at = { UserPoolId: world.poolId, Username: email };
      await world.aws.adminConfirmSignUp(at);
      return [await refusal(world.aws.adminConfirmSignUp(at)), (await world.attributes(email)).email_verified];
    },
    expected: ['NotAuthorizedException: User cannot be confirmed. Current status is CONFIRMED', 'false'],
    basis: 'docs',
    source: 'DOC API_AdminConfirmSignUp; FIELD for the wording',
  },
  {
    id: 'sign-up.resend-simulated',
    call: 'ResendConfirmationCode',
    what: 'a client that hides who exists pretends to send a code',
    run: async (world) => {
      const ask = (ClientId: string) => world.aws.resendConfirmationCode({ ClientId, Username: 'nobody@example.com' });
      return [(await ask(world.guardedId)).CodeDeliveryDetails?.Destination, await refusal(ask(world.clientId))];
    },
    expected: ['n***@e***', 'UserNotFoundException: Username/client id combination not found.'],
    basis: 'docs',
    source: 'DOC cognito-user-pool-managing-errors',
  },
];
