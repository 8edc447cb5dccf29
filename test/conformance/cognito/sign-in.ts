import { PASSWORD, type Row, refusal } from '../cognito-rows.js';

export const SIGN_INS: readonly Row[] = [
  {
    id: 'sign-in.wrong-password',
    call: 'InitiateAuth',
    what: 'a wrong password',
    run: async (world) => refusal(world.signIn((await world.someone()).email, world.clientId, 'Wrong-word-1')),
    expected: 'NotAuthorizedException: Incorrect username or password.',
    basis: 'field',
    source: 'FIELD',
  },
  {
    id: 'sign-in.unknown-user',
    call: 'InitiateAuth',
    what: 'LEGACY says that nobody has this name, ENABLED does not',
    run: (world) =>
      Promise.all(
        [world.clientId, world.guardedId].map((client) => refusal(world.signIn('nobody@example.com', client))),
      ),
    expected: [
      'UserNotFoundException: User does not exist.',
      'NotAuthorizedException: Incorrect username or password.',
    ],
    basis: 'docs',
    source: 'DOC cognito-user-pool-managing-errors',
  },
  {
    id: 'sign-in.lockout',
    call: 'InitiateAuth',
    what: 'five failures lock the user out for a second, the right password too',
    run: async (world) => {
      const { email } = await world.someone();
      for (let i = 0; i < 5; i++) await refusal(world.signIn(email, world.clientId, 'Wrong-word-1'));
      const locked = await refusal(world.signIn(email));
      world.clock.forward(2);
      return [locked, (await world.signIn(email)).ExpiresIn];
    },
    expected: ['NotAuthorizedException: Password attempts exceeded', 3600],
    basis: 'docs',
    source: 'DOC authentication (lockout behavior)',
    needs: ['clock'],
  },
  {
    id: 'sign-in.flow-not-enabled',
    call: 'InitiateAuth',
    what: 'ExplicitAuthFlows is enforced; a client without any has no password flow',
    run: async (world) => {
      const { email } = await world.someone();
      const bare = await world.newClient({ ExplicitAuthFlows: undefined });
      return refusal(world.signIn(email, bare));
    },
    expected: 'InvalidParameterException: USER_PASSWORD_AUTH flow not enabled for this client',
    basis: 'field',
    source: 'FIELD; DOC API_CreateUserPoolClient (default flows)',
  },
  {
    id: 'sign-in.admin-flow',
    call: 'AdminInitiateAuth, InitiateAuth',
    what: 'ADMIN_USER_PASSWORD_AUTH is for AdminInitiateAuth',
    run: async (world) => {
      const { email } = await world.someone();
      const how = {
        AuthFlow: 'ADMIN_USER_PASSWORD_AUTH' as const,
        AuthParameters: { USERNAME: email, PASSWORD },
        ClientId: world.clientId,
      };
      const { AuthenticationResult } = await world.aws.adminInitiateAuth({ UserPoolId: world.poolId, ...how });
      return [AuthenticationResult?.TokenType, await refusal(world.aws.initiateAuth(how))];
    },
    expected: ['Bearer', 'InvalidParameterException: Initiate Auth method not supported.'],
    basis: 'field',
    source: 'DOC API_AdminInitiateAuth; FIELD for the wording',
  },
  {
    id: 'sign-in.missing-parameter',
    call: 'InitiateAuth',
    what: 'a missing parameter is named',
    run: (world) =>
      refusal(world.aws.initiateAuth({ ClientId: world.clientId, AuthFlow: 'USER_PASSWORD_AUTH', AuthParameters: {} })),
    expected: 'InvalidParameterException: Missing required parameter USERNAME',
    basis: 'field',
    source: 'FIELD',
  },
  {
    id: 'sign-in.other-flows',
    call: 'InitiateAuth',
    what: 'a flow the sandbox lacks, or nobody has, is said to be lacking',
    run: async (world) => {
      const start = (AuthFlow: string) =>
        world.raw('InitiateAuth', JSON.stringify({ ClientId: world.clientId, AuthFlow, AuthParameters: {} }));
      return (await Promise.all(['CUSTOM_AUTH', 'constructor'].map(start))).map(({ status }) => status);
    },
    expected: [501, 501],
    basis: 'inference',
    source: 'never a silent 200',
  },
  {
    id: 'sign-in.disabled',
    call: 'AdminDisableUser',
    what: 'a disabled user cannot sign in or refresh, and old access tokens are refused by Cognito',
    run: async (world) => {
      const { at, email, AccessToken, RefreshToken } = await world.signedIn();
      await world.aws.adminDisableUser(at);
      return [
        await refusal(world.signIn(email)),
        await refusal(world.refresh(RefreshToken)),
        await refusal(world.aws.getUser({ AccessToken })),
        (await world.aws.adminGetUser(at)).Enabled,
        await world.isSigned(AccessToken),
      ];
    },
    expected: [
      'NotAuthorizedException: User is disabled.',
      'NotAuthorizedException: User is disabled.',
      'NotAuthorizedException: Access Token has been revoked',
      false,
      true,
    ],
    basis: 'docs',
    source: 'DOC API_AdminDisableUser; DOC token-revocation',
  },
  {
    id: 'sign-in.enabled-again',
    call: 'AdminEnableUser',
    what: 'enabling a user does not revive old tokens',
    run: async (world) => {
      const { at, email, AccessToken, RefreshToken } = await world.signedIn();
      await world.aws.adminDisableUser(at);
      await world.aws.adminEnableUser(at);
      return [
        await refusal(world.aws.getUser({ AccessToken })),
        await refusal(world.refresh(RefreshToken)),
        (await world.signIn(email)).ExpiresIn,
      ];
    },
    expected: [
      'NotAuthorizedException: Access Token has been revoked',
      'NotAuthorizedException: Refresh Token has been revoked',
      3600,
    ],
    basis: 'docs',
    source: 'DOC API_AdminDisableUser',
  },
  {
    id: 'sign-in.change-password',
    call: 'ChangePassword',
    what: 'a changed password replaces the old one',
    run: async (world) => {
      const { AccessToken, email } = await world.signedIn();
      const change = (PreviousPassword: string) =>
        world.aws.changePassword({ AccessToken, PreviousPassword, ProposedPassword: 'Another-one-2' });
      const wrong = await refusal(change('Wrong-word-1'));
      await change(PASSWORD);
      return [
        wrong,
        await refusal(world.signIn(email)),
        (await world.signIn(email, world.clientId, 'Another-one-2')).ExpiresIn,
      ];
    },
    expected: [
      'NotAuthorizedException: Incorrect username or password.',
      'NotAuthorizedException: Incorrect username or password.',
      3600,
    ],
    basis: 'docs',
    source: 'DOC API_ChangePassword',
  },
];
