import { expect } from '@jest/globals';
import { claims, list, type Row, refusal } from '../cognito-rows.js';

/** At least this much. */
const part = (shape: Record<string, unknown>) => expect.objectContaining(shape);

export const TOKENS: readonly Row[] = [
  {
    id: 'tokens.access-claims',
    call: 'InitiateAuth',
    what: 'an access token has client_id, username and scope, no aud, address or attribute',
    run: async (world) =>
      claims((await world.signedIn({ 'custom:plan': 'pro' }, { groups: ['beta', 'admin'] })).AccessToken),
    expected: {
      sub: expect.any(String),
      client_id: '{client}',
      token_use: 'access',
      username: expect.any(String),
      scope: 'aws.cognito.signin.user.admin',
      'cognito:groups': ['admin', 'beta'],
      version: 2,
      iss: `https://cognito-idp.us-east-1.amazonaws.com/{pool}`,
      iat: expect.any(Number),
      exp: expect.any(Number),
      auth_time: expect.any(Number),
      jti: expect.any(String),
      origin_jti: expect.any(String),
      event_id: expect.any(String),
    },
    basis: 'docs',
    source: 'DOC amazon-cognito-user-pools-using-the-access-token',
  },
  {
    id: 'tokens.id-claims',
    call: 'InitiateAuth',
    what: 'an ID token has aud, address with a boolean, and attributes; no groups claim without groups',
    run: async (world) => {
      const { IdToken, sub } = await world.signedIn({ 'custom:plan': 'pro' });
      const { email, ...token } = claims(IdToken);
      return { ...token, sameSub: token.sub === sub && token['cognito:username'] === sub };
    },
    expected: {
      sub: expect.any(String),
      sameSub: true,
      aud: '{client}',
      token_use: 'id',
      'cognito:username': expect.any(String),
      email_verified: true,
      'custom:plan': 'pro',
      iss: `https://cognito-idp.us-east-1.amazonaws.com/{pool}`,
      iat: expect.any(Number),
      exp: expect.any(Number),
      auth_time: expect.any(Number),
      jti: expect.any(String),
      origin_jti: expect.any(String),
      event_id: expect.any(String),
    },
    basis: 'docs',
    source: 'DOC amazon-cognito-user-pools-using-the-id-token',
  },
  {
    id: 'tokens.two-keys',
    call: 'GET /<pool id>/.well-known/jwks.json',
    what: 'the JWKS has one key for each kind of token',
    run: async (world) => {
      const { AccessToken, IdToken } = await world.signedIn();
      const jwks = await world.wellKnown('jwks.json');
      const { keys } = (await jwks.json()) as { keys: { kid: string; alg: string }[] };
      const kid = (token: string) =>
        (JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as { kid: string }).kid;
      const used = [kid(IdToken), kid(AccessToken)];
      return [
        keys
          .map((key) => key.kid)
          .sort()
          .join() === [...used].sort().join(),
        used[0] === used[1],
        keys[0]?.alg,
      ];
    },
    expected: [true, false, 'RS256'],
    basis: 'docs',
    source: 'DOC amazon-cognito-user-pools-using-tokens-verifying-a-jwt',
  },
  {
    id: 'tokens.discovery',
    call: 'GET /<pool id>/.well-known/openid-configuration',
    what: 'the discovery document names the issuer and the JWKS',
    run: async (world) => (await world.wellKnown('openid-configuration')).json(),
    expected: part({
      issuer: `https://cognito-idp.us-east-1.amazonaws.com/{pool}`,
      jwks_uri: `https://cognito-idp.us-east-1.amazonaws.com/{pool}/.well-known/jwks.json`,
    }),
    basis: 'docs',
    source: 'DOC federation-endpoints',
  },
  {
    id: 'tokens.validity',
    call: 'InitiateAuth',
    what: 'lifetimes follow the client and its units',
    run: async (world) => {
      const client = await world.newClient({
        AccessTokenValidity: 10,
        IdTokenValidity: 1,
        TokenValidityUnits: { AccessToken: 'minutes', IdToken: 'days' },
      });
      const { AccessToken, IdToken, ExpiresIn } = await world.signedIn({}, { client });
      const life = (token: string) => Number(claims(token).exp) - Number(claims(token).iat);
      return [life(AccessToken), life(IdToken), ExpiresIn];
    },
    expected: [600, 86_400, 600],
    basis: 'docs',
    source: 'DOC API_TokenValidityUnitsType',
  },
  {
    id: 'tokens.expired',
    call: 'GetUser',
    what: 'an access token expires',
    run: async (world) => {
      const { AccessToken } = await world.signedIn();
      world.clock.forward(3600);
      return [await refusal(world.aws.getUser({ AccessToken })), world.cognito.verify(world.poolId, AccessToken)];
    },
    expected: ['NotAuthorizedException: Access Token has expired', { ok: false, expired: true }],
    basis: 'field',
    source: 'FIELD',
    needs: ['clock', 'insides'],
  },
  {
    id: 'tokens.refresh',
    call: 'InitiateAuth',
    what: 'a refresh keeps auth_time and origin, gives no new refresh token, and shows new groups and attributes',
    run: async (world) => {
      const { at, AccessToken, RefreshToken } = await world.signedIn();
      await world.aws.adminAddUserToGroup({ ...at, GroupName: 'beta' });
      await world.aws.adminUpdateUserAttributes({ ...at, UserAttributes: list({ 'custom:plan': 'pro' }) });
      world.clock.forward(60);
      const { AuthenticationResult: newer } = await world.refresh(RefreshToken);
      const [was, is, id] = [claims(AccessToken), claims(newer?.AccessToken), claims(newer?.IdToken)];
      return [
        is.auth_time === was.auth_time && is.origin_jti === was.origin_jti,
        is.jti === was.jti,
        newer?.RefreshToken,
        was['cognito:groups'],
        is['cognito:groups'],
        id['custom:plan'],
      ];
    },
    expected: [true, false, undefined, undefined, ['beta'], 'pro'],
    basis: 'docs',
    source: 'DOC amazon-cognito-user-pools-using-the-refresh-token',
    needs: ['clock'],
  },
  {
    id: 'tokens.refresh-expires',
    call: 'InitiateAuth',
    what: 'a refresh token lives for 30 days',
    run: async (world) => {
      const { RefreshToken } = await world.signedIn();
      world.clock.forward(30 * 86_400);
      return refusal(world.refresh(RefreshToken));
    },
    expected: 'NotAuthorizedException: Refresh Token has expired',
    basis: 'docs',
    source: 'DOC amazon-cognito-user-pools-using-the-refresh-token',
    needs: ['clock'],
  },
  {
    id: 'tokens.refresh-foreign',
    call: 'InitiateAuth',
    what: 'garbage and the tokens of another client are no refresh tokens',
    run: async (world) => {
      const { RefreshToken } = await world.signedIn();
      return Promise.all([refusal(world.refresh('garbage')), refusal(world.refresh(RefreshToken, world.guardedId))]);
    },
    expected: ['NotAuthorizedException: Invalid Refresh Token', 'NotAuthorizedException: Invalid Refresh Token'],
    basis: 'field',
    source: 'FIELD',
  },
  {
    id: 'tokens.global-sign-out',
    call: 'GlobalSignOut',
    what: 'global sign-out ends all sessions for Cognito, while the JWTs verify offline',
    run: async (world) => {
      const { email, AccessToken, RefreshToken } = await world.signedIn();
      const other = await world.signIn(email);
      await world.aws.globalSignOut({ AccessToken });
      return [
        await refusal(world.aws.getUser({ AccessToken: other.AccessToken })),
        await refusal(world.refresh(RefreshToken)),
        await world.isSigned(other.AccessToken),
      ];
    },
    expected: [
      'NotAuthorizedException: Access Token has been revoked',
      'NotAuthorizedException: Refresh Token has been revoked',
      true,
    ],
    basis: 'docs',
    source: 'DOC API_GlobalSignOut; DOC token-revocation',
  },
  {
    id: 'tokens.admin-sign-out',
    call: 'AdminUserGlobalSignOut',
    what: 'an admin can do the same to somebody',
    run: async (world) => {
      const { at, AccessToken } = await world.signedIn();
      await world.aws.adminUserGlobalSignOut(at);
      return refusal(world.aws.getUser({ AccessToken }));
    },
    expected: 'NotAuthorizedException: Access Token has been revoked',
    basis: 'docs',
    source: 'DOC API_AdminUserGlobalSignOut',
  },
  {
    id: 'tokens.revoke',
    call: 'RevokeToken',
    what: 'RevokeToken ends one session, twice without complaint, and takes no access token',
    run: async (world) => {
      const { email, AccessToken, RefreshToken } = await world.signedIn();
      const other = await world.signIn(email);
      await world.aws.revokeToken({ ClientId: world.clientId, Token: RefreshToken });
      await world.aws.revokeToken({ ClientId: world.clientId, Token: RefreshToken });
      return [
        await refusal(world.aws.getUser({ AccessToken })),
        (await world.aws.getUser({ AccessToken: other.AccessToken })).UserAttributes?.length,
        await refusal(world.aws.revokeToken({ ClientId: world.clientId, Token: AccessToken })),
      ];
    },
    expected: [
      'NotAuthorizedException: Access Token has been revoked',
      3,
      expect.stringContaining('UnsupportedTokenTypeException'),
    ],
    basis: 'docs',
    source: 'DOC API_RevokeToken; DOC token-revocation',
  },
  {
    id: 'tokens.id-token-is-no-access-token',
    call: 'GetUser',
    what: 'an ID token and a forged token open nothing',
    run: async (world) => {
      const { IdToken, AccessToken } = await world.signedIn();
      const [head, body, signature] = AccessToken.split('.');
      const other = Buffer.from(JSON.stringify({ ...claims(AccessToken), sub: 'someone' })).toString('base64url');
      const none = Buffer.from('{"alg":"none"}').toString('base64url');
      const all = [IdToken, `${head}.${other}.${signature}`, `${none}.${body}.`, 'garbage'];
      return Promise.all(all.map((token) => refusal(world.aws.getUser({ AccessToken: token }))));
    },
    expected: Array.from({ length: 4 }, () => 'NotAuthorizedException: Invalid Access Token'),
    basis: 'field',
    source: 'FIELD',
  },
  {
    id: 'tokens.other-pool',
    call: 'GET /<pool id>/.well-known/jwks.json',
    what: 'a token of one pool is nothing to another',
    run: async (world) => world.isSigned((await world.signedIn()).AccessToken, world.namesId),
    expected: false,
    basis: 'docs',
    source: 'DOC amazon-cognito-user-pools-using-tokens-verifying-a-jwt',
  },
  {
    id: 'tokens.deleted-user',
    call: 'DeleteUser',
    what: 'a deleted user has no session left',
    run: async (world) => {
      const { AccessToken, RefreshToken, email } = await world.signedIn();
      await world.aws.deleteUser({ AccessToken });
      return [
        await refusal(world.aws.getUser({ AccessToken })),
        await refusal(world.refresh(RefreshToken)),
        await refusal(world.signIn(email)),
      ];
    },
    expected: [
      'UserNotFoundException: User does not exist.',
      expect.stringContaining('NotAuthorizedException'),
      'UserNotFoundException: User does not exist.',
    ],
    basis: 'docs',
    source: 'DOC API_DeleteUser',
  },
];
