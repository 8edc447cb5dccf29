import type {
  AdminConfirmSignUpCommandInput,
  AdminConfirmSignUpCommandOutput,
  AdminCreateUserCommandInput,
  AdminCreateUserCommandOutput,
} from '@aws-sdk/client-cognito-identity-provider';
import { ServiceFailure } from '../../wire.js';
import { userType } from '../attributes.js';
import type { Mailbox } from '../mailbox.js';
import { keptPassword, refuseWeak, temporaryPassword } from '../passwords.js';
import type { Given, Output, Pool, Pools, User } from '../pools.js';
import { refuseConfirmed, validationData } from '../sign-up.js';
import { postConfirmation, preSignUp } from '../triggers/sign-up-triggers.js';
import type { Triggers } from '../triggers/triggers.js';
import { newUser, refuseBadName, refuseTaken } from './newcomers.js';

const IF_TAKEN = 'User account already exists';

function awaiting(user: User): User {
  if (user.status === 'FORCE_CHANGE_PASSWORD') return user;
  throw new ServiceFailure(
    'UnsupportedUserStateException',
    `Resend not possible. ${user.username}'s status is not FORCE_CHANGE_PASSWORD`,
  );
}

/** Users whom the pool's owner makes or confirms. */
export const invitationOperations = (pools: Pools, mailbox: Mailbox, triggers: Triggers) => {
  async function invited(pool: Pool, input: Given<AdminCreateUserCommandInput>, password: string): Promise<User> {
    const { Username: username, UserAttributes: attributes = [], ClientMetadata: clientMetadata } = input;
    const newcomer = { username, attributes, status: 'FORCE_CHANGE_PASSWORD' } as const;
    const draft = newUser(pools, pool, newcomer, IF_TAKEN);
    const sent = { validationData: validationData(input.ValidationData), clientMetadata };
    await preSignUp(triggers, 'PreSignUp_AdminCreateUser', draft, null, sent);
    const kept = await keptPassword(pool, draft.username, password);
    refuseTaken(pools, pool, newcomer, IF_TAKEN);
    return pools.save({ ...draft, ...kept });
  }

  return {
    async AdminConfirmSignUp(
      input: Given<AdminConfirmSignUpCommandInput>,
    ): Promise<Output<AdminConfirmSignUpCommandOutput>> {
      const user = pools.user(pools.pool(input.UserPoolId), input.Username);
      refuseConfirmed(user);
      const confirmed = pools.change(user, { status: 'CONFIRMED' });
      await postConfirmation(triggers, 'PostConfirmation_ConfirmSignUp', confirmed, null, input.ClientMetadata);
      return {};
    },

    async AdminCreateUser(input: Given<AdminCreateUserCommandInput>): Promise<Output<AdminCreateUserCommandOutput>> {
      const pool = pools.pool(input.UserPoolId);
      refuseBadName(input.Username);
      const password = input.TemporaryPassword ?? temporaryPassword(pool);
      refuseWeak(pool, password);
      const again = input.MessageAction === 'RESEND' ? awaiting(pools.user(pool, input.Username)) : null;
      const user = again
        ? pools.change(again, {
            ...(await keptPassword(pool, again.username, password)),
            passwordSetAt: pools.now(),
          })
        : await invited(pool, input, password);
      if (input.MessageAction !== 'SUPPRESS') mailbox.sendInvitation(user, password);
      return { User: userType(user) };
    },
  };
};
