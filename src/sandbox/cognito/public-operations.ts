/** Operations that anybody may call without AWS credentials; all others are for the pool's owner. */
export const PUBLIC_OPERATIONS: ReadonlySet<string> = new Set(
  [
    'AssociateSoftwareToken ChangePassword CompleteWebAuthnRegistration ConfirmDevice ConfirmForgotPassword',
    'ConfirmSignUp DeleteUser DeleteUserAttributes DeleteWebAuthnCredential ForgetDevice ForgotPassword',
    'GetDevice GetTokensFromRefreshToken GetUser GetUserAttributeVerificationCode GetUserAuthFactors',
    'GlobalSignOut InitiateAuth ListDevices ListWebAuthnCredentials ResendConfirmationCode',
    'RespondToAuthChallenge RevokeToken SetUserMFAPreference SetUserSettings SignUp StartWebAuthnRegistration',
    'UpdateAuthEventFeedback UpdateDeviceStatus UpdateUserAttributes VerifySoftwareToken VerifyUserAttribute',
  ]
    .join(' ')
    .split(' '),
);
