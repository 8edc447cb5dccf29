import type {
  AttributeType,
  ConfirmSignUpCommandInput,
  ConfirmSignUpCommandOutput,
  ResendConfirmationCodeCommandInput,
  ResendConfirmationCodeCommandOutput,
  SignUpCommandInput,
  SignUpCommandOutput,
} from '@aws-sdk/client-cognito-identity-provider';
import { ServiceFailure } from '../wire.js';
import { refuseUnwritable } from './attributes.js';
import { delivery, type Mailbox } from './mailbox.js';
import { keptPassword, refuseWeak } from './passwords.js';
import { type Client, type Given, invalid, notAuthorized, type Output, type Pools, type User } from './pools.js';
import { refuseWrongSecret } from './sign-in.js';
import { newUser, refuseBadName, refuseTaken } from './sign-up/newcomers.js';
import type { PreSignUpResponse } from './triggers/events.js';
import { postConfirmation, preSignUp } from './triggers/sign-up-triggers.js';
import { Triggers } from './triggers/triggers.js';

const UNVERIFIED: readonly AttributeType[] = ['email_verified', 'phone_number_verified'].map((Name) => ({
  Name,
  Value: 'false',
}));

function unknownName({ settings }: Client): ServiceFailure {
  return settings.PreventUserExistenceErrors === 'ENABLED'
    ? new ServiceFailure('ExpiredCodeException', 'Invalid code provided, please request a code again.')
    : new ServiceFailure('UserNotFoundException', 'Username/client id combination not found.');
}

export function refuseConfirmed({ status }: User): void {
  if (status !== 'UNCONFIRMED') throw notAuthorized(`User cannot be confirmed. Current status is ${status}`);
}

/** The name/value pairs that only triggers see. */
export function validationData(pairs: readonly AttributeType[] | undefined): Record<string, string> | null {
  return pairs ? Object.fromEntries(pairs.map(({ Name = '', Value = '' }) => [Name, Value])) : null;
}

export const signUpOperations = (pools: Pools, mailbox: Mailbox, triggers = new Triggers()) => ({
  async SignUp(input: Given<SignUpCommandInput>): Promise<Output<SignUpCommandOutput>> {
    const { Username: username, Password = '', UserAttributes = [], ClientMetadata: clientMetadata } = input;
    const client = pools.client(input.ClientId);
    const pool = pools.pool(client.poolId);
    refuseWrongSecret(client, username, input.SecretHash);
    refuseBadName(username);
    if (pool.settings.AdminCreateUserConfig?.AllowAdminCreateUserOnly) {
      throw notAuthorized('SignUp is not permitted for this user pool');
    }
    refuseUnwritable(
      client,
      UserAttributes.map(({ Name }) => Name),
    );
    refuseWeak(pool, Password);
    const newcomer = { username, attributes: [...UserAttributes, ...UNVERIFIED], status: 'UNCONFIRMED' } as const;
    const draft = newUser(pools, pool, newcomer);
    const sent = { validationData: validationData(input.ValidationData), clientMetadata };
    const said = await preSignUp(triggers, 'PreSignUp_SignUp', draft, client, sent);
    const kept = await keptPassword(pool, draft.username, Password);
    refuseTaken(pools, pool, newcomer); // somebody may have been faster
    const user = pools.save({ ...draft, ...kept, ...asSaid(draft, said) });
    if (user.status === 'CONFIRMED') {
      await postConfirmation(triggers, 'PostConfirmation_ConfirmSignUp', user, client, clientMetadata);
      return { UserConfirmed: true, UserSub: user.sub };
    }
    const CodeDeliveryDetails = mailbox.sendCode(pool, user, 'sign-up');
    return { UserConfirmed: false, UserSub: user.sub, ...(CodeDeliveryDetails && { CodeDeliveryDetails }) };
  },

  async ConfirmSignUp(input: Given<ConfirmSignUpCommandInput>): Promise<Output<ConfirmSignUpCommandOutput>> {
    const client = pools.client(input.ClientId);
    const pool = pools.pool(client.poolId);
    refuseWrongSecret(client, input.Username, input.SecretHash);
    const user = pools.findUser(pool, input.Username);
    if (!user) throw unknownName(client);
    refuseConfirmed(user);
    const attribute = mailbox.redeem(user, 'sign-up', input.ConfirmationCode);
    const attributes = { ...user.attributes, [`${attribute}_verified`]: 'true' };
    const confirmed = pools.change(user, { status: 'CONFIRMED', attributes });
    await postConfirmation(triggers, 'PostConfirmation_ConfirmSignUp', confirmed, client, input.ClientMetadata);
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
    mailbox.refuseTooMany(user, 'resend-sign-up', 'sign-up');
    const details = mailbox.sendCode(pool, user, 'sign-up');
    if (!details) throw invalid('Cannot resend codes. Auto verification not turned on.');
    return { CodeDeliveryDetails: details };
  },
});

/** What the PreSignUp trigger made of somebody. */
function asSaid({ attributes, status }: User, said: PreSignUpResponse): Pick<User, 'attributes' | 'status'> {
  const verified = {
    ...(said.autoVerifyEmail && { email_verified: 'true' }),
    ...(said.autoVerifyPhone && { phone_number_verified: 'true' }),
  };
  return { attributes: { ...attributes, ...verified }, status: said.autoConfirmUser ? 'CONFIRMED' : status };
}
