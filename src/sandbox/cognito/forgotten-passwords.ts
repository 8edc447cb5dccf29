import type {
  AdminResetUserPasswordCommandInput,
  AdminResetUserPasswordCommandOutput,
  ConfirmForgotPasswordCommandInput,
  ConfirmForgotPasswordCommandOutput,
  ForgotPasswordCommandInput,
  ForgotPasswordCommandOutput,
} from '@aws-sdk/client-cognito-identity-provider';
import { ServiceFailure } from '../wire.js';
import { type Attribute, delivery, type Mailbox } from './mailbox.js';
import { type Passwords, refuseWeak } from './passwords.js';
import { type Client, type Given, invalid, notAuthorized, type Output, type Pools, type User } from './pools.js';
import { refuseWrongSecret } from './sign-in.js';
import { postConfirmation } from './triggers/sign-up-triggers.js';
import type { Triggers } from './triggers/triggers.js';

const UNRESETTABLE = new Set(['FORCE_CHANGE_PASSWORD', 'EXTERNAL_PROVIDER']);

/** Where a code to recover the account goes: the first verified address in the pool's order. */
function recoveryAttribute(pools: Pools, user: User): Attribute {
  const { AccountRecoverySetting } = pools.pool(user.poolId).settings;
  const mechanisms = AccountRecoverySetting?.RecoveryMechanisms ?? [
    { Name: 'verified_phone_number', Priority: 1 },
    { Name: 'verified_email', Priority: 2 },
  ];
  const inOrder = [...mechanisms].sort((a, b) => (a.Priority ?? 0) - (b.Priority ?? 0)).map(({ Name }) => Name);
  if (inOrder.every((name) => name === 'admin_only')) throw notAuthorized('Contact administrator to reset password.');
  const isVerified = (name: Attribute) => user.attributes[name] && user.attributes[`${name}_verified`] === 'true';
  const attribute = (['email', 'phone_number'] as const)
    .filter(isVerified)
    .sort((a, b) => inOrder.indexOf(`verified_${a}`) - inOrder.indexOf(`verified_${b}`))
    .find((name) => inOrder.includes(`verified_${name}`));
  if (attribute) return attribute;
  throw invalid('Cannot reset password for the user as there is no registered/verified email or phone_number');
}

function refuseUnresettable({ status }: User): void {
  if (UNRESETTABLE.has(status)) throw notAuthorized('User password cannot be reset in the current state.');
}

function hides({ settings }: Client): boolean {
  return settings.PreventUserExistenceErrors === 'ENABLED';
}

function unknownName(): ServiceFailure {
  return new ServiceFailure('UserNotFoundException', 'Username/client id combination not found.');
}

/** Clients that hide who exists pretend to send a code to whoever cannot get one. */
function isHidden(client: Client, user: User | undefined): boolean {
  if (!hides(client)) return false;
  if (!user?.enabled) return true;
  return user.attributes.email_verified !== 'true' && user.attributes.phone_number_verified !== 'true';
}

export const forgottenPasswordOperations = (
  pools: Pools,
  passwords: Passwords,
  mailbox: Mailbox,
  triggers: Triggers,
) => ({
  ForgotPassword(input: Given<ForgotPasswordCommandInput>): Output<ForgotPasswordCommandOutput> {
    const { Username, SecretHash } = input;
    const client = pools.client(input.ClientId);
    refuseWrongSecret(client, Username, SecretHash);
    const user = pools.findUser(pools.pool(client.poolId), Username);
    if (isHidden(client, user)) return { CodeDeliveryDetails: delivery('email', Username) };
    if (!user) throw unknownName();
    if (!user.enabled) throw notAuthorized('User is disabled.');
    refuseUnresettable(user);
    const attribute = recoveryAttribute(pools, user);
    mailbox.refuseTooMany(user, 'ask-password-reset', 'password-reset');
    return { CodeDeliveryDetails: mailbox.sendCodeTo(attribute, user, 'password-reset') };
  },

  /** The code shows that the address is the user's, so it counts as verified and the user as confirmed. */
  async ConfirmForgotPassword(
    input: Given<ConfirmForgotPasswordCommandInput>,
  ): Promise<Output<ConfirmForgotPasswordCommandOutput>> {
    const { Username, SecretHash, ConfirmationCode, Password, ClientMetadata } = input;
    const client = pools.client(input.ClientId);
    const pool = pools.pool(client.poolId);
    refuseWrongSecret(client, Username, SecretHash);
    const user = pools.findUser(pool, Username);
    if (!user?.enabled && hides(client)) {
      throw new ServiceFailure('CodeMismatchException', 'Invalid verification code provided, please try again.');
    }
    if (!user) throw unknownName();
    if (!user.enabled) throw notAuthorized('User is disabled.');
    refuseWeak(pool, Password);
    const attribute = mailbox.redeem(user, 'password-reset', ConfirmationCode);
    const current = await passwords.set(user, Password, 'CONFIRMED');
    const attributes = { ...current.attributes, [`${attribute}_verified`]: 'true' };
    const confirmed = pools.change(current, { attributes });
    await postConfirmation(triggers, 'PostConfirmation_ConfirmForgotPassword', confirmed, client, ClientMetadata);
    return {};
  },

  /** The old password is worth nothing from now on. */
  AdminResetUserPassword(
    input: Given<AdminResetUserPasswordCommandInput>,
  ): Output<AdminResetUserPasswordCommandOutput> {
    const user = pools.user(pools.pool(input.UserPoolId), input.Username);
    refuseUnresettable(user);
    if (!user.enabled) throw notAuthorized('User is disabled.');
    const attribute = recoveryAttribute(pools, user);
    mailbox.sendCodeTo(attribute, user, 'password-reset');
    pools.change(user, { status: 'RESET_REQUIRED', passwordHash: null, srp: null });
    return {};
  },
});
