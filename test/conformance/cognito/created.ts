import { PASSWORD, type Row, refusal } from '../cognito-rows.js';

export const CREATED: readonly Row[] = [
  {
    id: 'created.temporary-password',
    call: 'RespondToAuthChallenge',
    what: 'a user made by an admin must choose a password first',
    run: async (world) => {
      const email = world.address();
      const made = await world.aws.adminCreateUser({
        UserPoolId: world.poolId,
        Username: email,
        TemporaryPassword: 'Temporary-1',
        MessageAction: 'SUPPRESS',
      });
      const { reply } = await world.signIn(email, world.clientId, 'Temporary-1');
      const done = await world.aws.respondToAuthChallenge({
        ClientId: world.clientId,
        ChallengeName: 'NEW_PASSWORD_REQUIRED',
        Session: reply.Session,
        ChallengeResponses: { USERNAME: email, NEW_PASSWORD: PASSWORD },
      });
      const { UserStatus } = await world.aws.adminGetUser({ UserPoolId: world.poolId, Username: email });
      const tokens = done.AuthenticationResult?.TokenType;
      return [made.User?.UserStatus, reply.ChallengeName, reply.AuthenticationResult, tokens, UserStatus];
    },
    expected: ['FORCE_CHANGE_PASSWORD', 'NEW_PASSWORD_REQUIRED', undefined, 'Bearer', 'CONFIRMED'],
    basis: 'docs',
    source: 'DOC amazon-cognito-user-pools-authentication-flow',
  },
  {
    id: 'created.session-once',
    call: 'RespondToAuthChallenge',
    what: 'a session counts for its user, for three minutes, once',
    run: async (world) => {
      const [email, other] = [world.address(), (await world.someone()).email];
      await world.aws.adminCreateUser({ UserPoolId: world.poolId, Username: email, TemporaryPassword: 'Temporary-1' });
      const { reply } = await world.signIn(email, world.clientId, 'Temporary-1');
      const respond = (USERNAME: string) =>
        world.aws.respondToAuthChallenge({
          ClientId: world.clientId,
          ChallengeName: 'NEW_PASSWORD_REQUIRED',
          Session: reply.Session,
          ChallengeResponses: { USERNAME, NEW_PASSWORD: PASSWORD },
        });
      const foreign = await refusal(respond(other));
      world.clock.forward(3 * 60);
      return [foreign, await refusal(respond(email))];
    },
    expected: [
      'NotAuthorizedException: Invalid session for the user.',
      'NotAuthorizedException: Invalid session for the user, session is expired.',
    ],
    basis: 'docs',
    source: 'DOC API_CreateUserPoolClient (AuthSessionValidity); FIELD for the wording',
    needs: ['clock'],
  },
  {
    id: 'created.set-password',
    call: 'AdminSetUserPassword',
    what: 'AdminSetUserPassword with Permanent confirms the user',
    run: async (world) => {
      const email = world.address();
      const at = { UserPoolId: world.poolId, Username: email };
      await world.aws.adminCreateUser({ ...at, MessageAction: 'SUPPRESS' });
      await world.aws.adminSetUserPassword({ ...at, Password: PASSWORD, Permanent: true });
      return [(await world.aws.adminGetUser(at)).UserStatus, (await world.signIn(email)).ExpiresIn];
    },
    expected: ['CONFIRMED', 3600],
    basis: 'docs',
    source: 'DOC API_AdminSetUserPassword',
  },
  {
    id: 'created.invitation',
    call: 'AdminCreateUser',
    what: 'the invitation is sent unless it is suppressed',
    run: async (world) => {
      const [loud, quiet] = [world.address(), world.address()];
      await world.aws.adminCreateUser({ UserPoolId: world.poolId, Username: loud });
      await world.aws.adminCreateUser({ UserPoolId: world.poolId, Username: quiet, MessageAction: 'SUPPRESS' });
      return [world.letters(loud), world.letters(quiet)];
    },
    expected: [['invitation'], []],
    basis: 'docs',
    source: 'DOC API_AdminCreateUser',
    needs: ['mail'],
  },
  {
    id: 'created.temporary-password-expires',
    call: 'InitiateAuth',
    what: 'a temporary password is good for seven days',
    run: async (world) => {
      const email = world.address();
      await world.aws.adminCreateUser({ UserPoolId: world.poolId, Username: email, TemporaryPassword: 'Temporary-1' });
      world.clock.forward(7 * 86_400 + 1);
      return refusal(world.signIn(email, world.clientId, 'Temporary-1'));
    },
    expected: 'NotAuthorizedException: Temporary password has expired and must be reset by an administrator.',
    basis: 'field',
    source: 'FIELD; DOC how-to-create-user-accounts',
    needs: ['clock'],
  },
];
