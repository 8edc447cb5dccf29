import { expect } from '@jest/globals';
import { claims, type Row, refusal, secretHash, type World } from '../cognito-rows.js';

const rotating = (world: World, seconds = 0, settings: Parameters<World['client']>[0] = {}) =>
  world.client({
    RefreshTokenRotation: { Feature: 'ENABLED', RetryGracePeriodSeconds: seconds },
    ...settings,
  });

async function renew(world: World, token: string, client: string) {
  const { AuthenticationResult = {} } = await world.aws.getTokensFromRefreshToken({
    ClientId: client,
    RefreshToken: token,
  });
  const { AccessToken = '', IdToken = '', RefreshToken } = AuthenticationResult;
  return { AccessToken, IdToken, RefreshToken };
}

const reuse = expect.stringMatching(/^RefreshTokenReuseException: /);

export const ROTATION: readonly Row[] = [
  {
    id: 'rotation.off',
    call: 'GetTokensFromRefreshToken',
    what: 'without rotation GetTokensFromRefreshToken gives ID and access tokens, again and again',
    run: async (world) => {
      const { email } = await world.someone();
      const { AccessToken, RefreshToken } = await world.signIn(email);
      const [one, two] = [
        await renew(world, RefreshToken, world.clientId),
        await renew(world, RefreshToken, world.clientId),
      ];
      const [was, is] = [claims(AccessToken), claims(two.AccessToken)];
      return [one.RefreshToken, two.RefreshToken, was.origin_jti === is.origin_jti, was.jti === is.jti];
    },
    expected: [undefined, undefined, true, false],
    basis: 'docs',
    source: 'API_GetTokensFromRefreshToken',
  },
  {
    id: 'rotation.on',
    call: 'GetTokensFromRefreshToken',
    what: 'with rotation each refresh token is good once, and its successor carries on the sign-in',
    run: async (world) => {
      const client = await rotating(world);
      const { email } = await world.someone();
      const first = await world.signIn(email, client);
      const second = await renew(world, first.RefreshToken, client);
      const third = await renew(world, second.RefreshToken ?? '', client);
      const [was, is] = [claims(first.AccessToken), claims(third.AccessToken)];
      return [
        await refusal(renew(world, first.RefreshToken, client)),
        await refusal(renew(world, second.RefreshToken ?? '', client)),
        typeof third.RefreshToken,
        was.origin_jti === is.origin_jti && was.auth_time === is.auth_time,
      ];
    },
    expected: [reuse, reuse, 'string', true],
    basis: 'docs',
    source: 'amazon-cognito-user-pools-using-the-refresh-token#using-the-refresh-token-rotation',
  },
  {
    id: 'rotation.reuse-harms-nobody',
    call: 'GetTokensFromRefreshToken',
    what: 'a reused token is refused, and the newest one goes on',
    run: async (world) => {
      const client = await rotating(world);
      const first = await world.signIn((await world.someone()).email, client);
      const second = await renew(world, first.RefreshToken, client);
      await refusal(renew(world, first.RefreshToken, client));
      return typeof (await renew(world, second.RefreshToken ?? '', client)).RefreshToken;
    },
    expected: 'string',
    basis: 'inference',
    source: 'API_GetTokensFromRefreshToken names the error and no further consequence',
  },
  {
    id: 'rotation.grace',
    call: 'GetTokensFromRefreshToken',
    what: 'within the grace period a lost reply can be asked for again',
    run: async (world) => {
      const client = await rotating(world, 60);
      const first = await world.signIn((await world.someone()).email, client);
      const lost = await renew(world, first.RefreshToken, client);
      world.clock.forward(55);
      const again = await renew(world, first.RefreshToken, client);
      world.clock.forward(5);
      return [
        lost.RefreshToken === again.RefreshToken,
        await refusal(renew(world, first.RefreshToken, client)),
        typeof (await renew(world, again.RefreshToken ?? '', client)).RefreshToken,
      ];
    },
    expected: [false, reuse, 'string'],
    basis: 'docs',
    source: 'API_RefreshTokenRotationType (RetryGracePeriodSeconds)',
    needs: ['clock'],
  },
  {
    id: 'rotation.flow',
    call: 'GetTokensFromRefreshToken',
    what: 'REFRESH_TOKEN_AUTH is refused where tokens rotate, and the token stays good',
    run: async (world) => {
      const client = await rotating(world);
      const { RefreshToken } = await world.signIn((await world.someone()).email, client);
      const refused = await refusal(world.refresh(RefreshToken, client));
      return [refused, typeof (await renew(world, RefreshToken, client)).RefreshToken];
    },
    expected: ['InvalidParameterException: REFRESH_TOKEN_AUTH flow not enabled for this client', 'string'],
    basis: 'docs',
    source: 'amazon-cognito-user-pools-using-the-refresh-token; the error is inferred from a flow that is off',
  },
  {
    id: 'rotation.without-flow',
    call: 'GetTokensFromRefreshToken',
    what: 'GetTokensFromRefreshToken needs no flow to be allowed',
    run: async (world) => {
      const client = await rotating(world, 0, { ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH'] });
      const { RefreshToken } = await world.signIn((await world.someone()).email, client);
      return typeof (await renew(world, RefreshToken, client)).RefreshToken;
    },
    expected: 'string',
    basis: 'docs',
    source: 'amazon-cognito-user-pools-using-the-refresh-token: the flow must be disabled for rotation',
  },
  {
    id: 'rotation.life',
    call: 'GetTokensFromRefreshToken',
    what: 'a successor lives no longer than the first token would have',
    run: async (world) => {
      const client = await rotating(world, 0, { RefreshTokenValidity: 1 });
      const first = await world.signIn((await world.someone()).email, client);
      world.clock.forward(86_390);
      const { RefreshToken = '' } = await renew(world, first.RefreshToken, client);
      world.clock.forward(10);
      return refusal(renew(world, RefreshToken, client));
    },
    expected: 'NotAuthorizedException: Refresh Token has expired',
    basis: 'docs',
    source: 'amazon-cognito-user-pools-using-the-refresh-token#using-the-refresh-token-rotation',
    needs: ['clock'],
  },
  {
    id: 'rotation.revoked',
    call: 'GetTokensFromRefreshToken, RevokeToken, GlobalSignOut',
    what: 'revoking any token of the row, signing out everywhere and disabling end all of them',
    run: async (world) => {
      const client = await rotating(world);
      const end = async (how: (first: string, access: string, sub: string) => Promise<unknown>) => {
        const { email, sub } = await world.someone();
        const first = await world.signIn(email, client);
        const second = await renew(world, first.RefreshToken, client);
        await how(first.RefreshToken, second.AccessToken, sub);
        return refusal(renew(world, second.RefreshToken ?? '', client));
      };
      return [
        await end((Token) => world.aws.revokeToken({ ClientId: client, Token })),
        await end((_first, AccessToken) => world.aws.globalSignOut({ AccessToken })),
        await end((_first, _access, Username) =>
          world.aws.adminUserGlobalSignOut({ UserPoolId: world.poolId, Username }),
        ),
        await end((_first, _access, Username) => world.aws.adminDisableUser({ UserPoolId: world.poolId, Username })),
        await end((_first, _access, Username) => world.aws.adminDeleteUser({ UserPoolId: world.poolId, Username })),
      ];
    },
    expected: [
      'NotAuthorizedException: Refresh Token has been revoked',
      'NotAuthorizedException: Refresh Token has been revoked',
      'NotAuthorizedException: Refresh Token has been revoked',
      'NotAuthorizedException: User is disabled.',
      'NotAuthorizedException: Refresh Token has been revoked',
    ],
    basis: 'docs',
    source: 'token-revocation; the wording is a field report',
  },
  {
    id: 'rotation.settings',
    call: 'CreateUserPoolClient',
    what: 'rotation is a setting of the client, with a grace period of at most a minute',
    run: async (world) => {
      const make = (RetryGracePeriodSeconds: number) =>
        world.aws.createUserPoolClient({
          UserPoolId: world.poolId,
          ClientName: 'made',
          RefreshTokenRotation: { Feature: 'ENABLED', RetryGracePeriodSeconds },
        });
      const { UserPoolClient } = await make(60);
      return [UserPoolClient?.RefreshTokenRotation, await refusal(make(61))];
    },
    expected: [
      { Feature: 'ENABLED', RetryGracePeriodSeconds: 60 },
      expect.stringMatching(/^InvalidParameterException: .*value less than or equal to 60/),
    ],
    basis: 'docs',
    source: 'API_RefreshTokenRotationType',
  },
];

export const REFRESHING: readonly Row[] = [
  {
    id: 'refresh.client-secret',
    call: 'GetTokensFromRefreshToken',
    what: 'a client with a secret sends a hash to REFRESH_TOKEN_AUTH, and the secret to GetTokensFromRefreshToken',
    run: async (world) => {
      const client = await world.client({ GenerateSecret: true });
      const secret = world.secretOf(client);
      const { email, sub } = await world.someone();
      const start = (name: string, flow: 'USER_PASSWORD_AUTH' | 'REFRESH_TOKEN_AUTH', more: Record<string, string>) =>
        world.start(flow, { ...more, SECRET_HASH: secretHash(secret, name, client) }, client);
      const signedIn = await start(email, 'USER_PASSWORD_AUTH', { USERNAME: email, PASSWORD: 'Turnpike-1' });
      const REFRESH_TOKEN = signedIn.AuthenticationResult?.RefreshToken ?? '';
      const got = (ClientSecret?: string) =>
        world.aws.getTokensFromRefreshToken({ ClientId: client, RefreshToken: REFRESH_TOKEN, ClientSecret });
      return [
        await refusal(world.refresh(REFRESH_TOKEN, client)),
        await refusal(start(email, 'REFRESH_TOKEN_AUTH', { REFRESH_TOKEN })),
        (await start(sub, 'REFRESH_TOKEN_AUTH', { REFRESH_TOKEN })).AuthenticationResult?.ExpiresIn,
        await refusal(got()),
        await refusal(got('wrong')),
        (await got(secret)).AuthenticationResult?.ExpiresIn,
      ];
    },
    expected: [
      expect.stringContaining('SECRET_HASH was not received'),
      expect.stringContaining('Unable to verify secret hash'),
      3600,
      expect.stringMatching(/^NotAuthorizedException: /),
      expect.stringMatching(/^NotAuthorizedException: /),
      3600,
    ],
    basis: 'docs',
    source: 'API_GetTokensFromRefreshToken (ClientSecret); the hash over the real username is a field report',
  },
  {
    id: 'refresh.flow',
    call: 'InitiateAuth',
    what: 'REFRESH_TOKEN_AUTH must be allowed',
    run: async (world) => {
      const client = await world.client({ ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH'] });
      const { RefreshToken } = await world.signIn((await world.someone()).email, client);
      return refusal(world.refresh(RefreshToken, client));
    },
    expected: 'InvalidParameterException: REFRESH_TOKEN_AUTH flow not enabled for this client',
    basis: 'docs',
    source: 'API_CreateUserPoolClient (ExplicitAuthFlows)',
  },
  {
    id: 'refresh.validity',
    call: 'InitiateAuth',
    what: 'a refresh token lives as long as its client says, in the client’s unit',
    run: async (world) => {
      const client = await world.client({ RefreshTokenValidity: 90, TokenValidityUnits: { RefreshToken: 'minutes' } });
      const { RefreshToken } = await world.signIn((await world.someone()).email, client);
      world.clock.forward(5390);
      await world.refresh(RefreshToken, client);
      world.clock.forward(10);
      return refusal(world.refresh(RefreshToken, client));
    },
    expected: 'NotAuthorizedException: Refresh Token has expired',
    basis: 'docs',
    source: 'API_TokenValidityUnitsType',
    needs: ['clock'],
  },
  {
    id: 'refresh.admin-flows',
    call: 'AdminInitiateAuth',
    what: 'ADMIN_NO_SRP_AUTH is the older name of ADMIN_USER_PASSWORD_AUTH, and both must be allowed',
    run: async (world) => {
      const { email } = await world.someone();
      const older = await world.client({ ExplicitAuthFlows: ['ADMIN_NO_SRP_AUTH'] });
      const without = await world.client({ ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH'] });
      const start = (ClientId: string, AuthFlow: 'ADMIN_NO_SRP_AUTH' | 'ADMIN_USER_PASSWORD_AUTH') =>
        world.aws.adminInitiateAuth({
          UserPoolId: world.poolId,
          ClientId,
          AuthFlow,
          AuthParameters: { USERNAME: email, PASSWORD: 'Turnpike-1' },
        });
      return [
        (await start(older, 'ADMIN_NO_SRP_AUTH')).AuthenticationResult?.TokenType,
        (await start(older, 'ADMIN_USER_PASSWORD_AUTH')).AuthenticationResult?.TokenType,
        (await start(world.clientId, 'ADMIN_NO_SRP_AUTH')).AuthenticationResult?.TokenType,
        await refusal(start(without, 'ADMIN_NO_SRP_AUTH')),
      ];
    },
    expected: ['Bearer', 'Bearer', 'Bearer', 'InvalidParameterException: Auth flow not enabled for this client'],
    basis: 'docs',
    source: 'API_AdminInitiateAuth (AuthFlow); the wording is a field report',
  },
];

async function hosted(world: World, scopes: readonly string[], nonce?: string) {
  const { sub } = await world.someone({ name: 'Grace', 'custom:plan': 'pro' });
  const { pools, sessions } = world.cognito;
  const client = pools.client(world.clientId);
  const user = pools.user(pools.pool(world.poolId), sub);
  const result = await sessions.admit(user, client, { source: 'TokenGeneration_HostedAuth', scopes, nonce });
  return { result, sessions, client };
}

const own = ({ sub: _s, email, email_verified, name, 'custom:plan': plan, nonce }: Record<string, unknown>) =>
  Object.entries({ email, email_verified, name, 'custom:plan': plan, nonce })
    .filter(([, value]) => value !== undefined)
    .map(([key]) => key);

export const SCOPES: readonly Row[] = [
  {
    id: 'scopes.openid',
    call: 'the hosted pages',
    what: 'the hosted pages’ scopes are in the access token; openid alone opens the whole profile, with the nonce',
    run: async (world) => {
      const { result } = await hosted(world, ['openid'], 'n-1');
      return [claims(result.AccessToken).scope, own(claims(result.IdToken)), claims(result.IdToken).nonce];
    },
    expected: ['openid', ['email', 'email_verified', 'name', 'custom:plan', 'nonce'], 'n-1'],
    basis: 'docs',
    source:
      'cognito-user-pools-define-resource-servers (standard scopes); amazon-cognito-user-pools-using-the-id-token',
    needs: ['insides'],
  },
  {
    id: 'scopes.narrowed',
    call: 'the hosted pages',
    what: 'openid with email opens the address only, with profile the rest',
    run: async (world) => {
      const ids = await Promise.all(
        [
          ['openid', 'email'],
          ['openid', 'profile'],
        ].map(async (names) => (await hosted(world, names)).result.IdToken),
      );
      return ids.map((token) => own(claims(token)));
    },
    expected: [
      ['email', 'email_verified'],
      ['name', 'custom:plan'],
    ],
    basis: 'docs',
    source: 'cognito-user-pools-define-resource-servers (standard scopes)',
    needs: ['insides'],
  },
  {
    id: 'scopes.kept',
    call: 'the hosted pages',
    what: 'without openid there is no ID token, and a refresh keeps the scopes',
    run: async (world) => {
      const { result, sessions, client } = await hosted(world, ['email', 'phone']);
      const renewed = await sessions.renew(client, result.RefreshToken ?? '');
      return [result.IdToken, renewed.IdToken, claims(renewed.AccessToken).scope];
    },
    expected: [undefined, undefined, 'email phone'],
    basis: 'docs',
    source: 'token-endpoint; the kept scopes are inferred',
    needs: ['insides'],
  },
  {
    id: 'scopes.own-account',
    call: 'GetUser',
    what: 'one’s own account needs aws.cognito.signin.user.admin',
    run: async (world) => {
      const without = (await hosted(world, ['openid'])).result.AccessToken;
      const having = (await hosted(world, ['openid', 'aws.cognito.signin.user.admin'])).result.AccessToken;
      const { UserAttributes } = await world.aws.getUser({ AccessToken: having });
      return [await refusal(world.aws.getUser({ AccessToken: without })), UserAttributes?.length];
    },
    expected: ['NotAuthorizedException: Access Token does not have required scopes', 5],
    basis: 'docs',
    source: 'API_GetUser (AccessToken); the wording is a field report',
    needs: ['insides'],
  },
];
