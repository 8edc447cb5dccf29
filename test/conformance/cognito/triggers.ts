import type { LambdaConfigType } from '@aws-sdk/client-cognito-identity-provider';
import { expect } from '@jest/globals';
import type { PoolTriggers, TriggerEvents } from '../../../src/sandbox/cognito/triggers/events.js';
import type { SandboxFunctions } from '../../../src/sandbox/gateway/data-plane/functions.js';
import type { Cloud } from '../cloud.js';
import { cognitoWithTriggers } from '../clouds/cognito-with-triggers.js';
import {
  CognitoWorld,
  claims,
  list,
  OTHER_PASSWORD,
  PASSWORD,
  type Row,
  refusal,
  type Section,
  type World,
} from '../cognito-rows.js';

type Name = keyof TriggerEvents;

/** What the triggers were called with, and what each is to do for the row that runs; else they answer what they got. */
export const heard: { name: Name; event: TriggerEvents[Name] }[] = [];
let does: PoolTriggers = {};
let listening: readonly Name[] = [];

/** From here on the triggers of those names are called, and do as they are told. */
export function listenTo(names: readonly Name[], acts: PoolTriggers = {}): void {
  heard.length = 0;
  does = acts;
  listening = names;
}

export const triggers = (): PoolTriggers =>
  Object.fromEntries(
    listening.map((name) => [
      name,
      (event: never) => {
        heard.push({ name, event });
        const act: ((event: never) => unknown) | undefined = does[name];
        return act ? act(event) : event;
      },
    ]),
  );

/** A Cognito whose triggers are those of these rows. */
export async function openWithTriggers(cloud: Cloud): Promise<World> {
  return CognitoWorld.open(await cognitoWithTriggers(triggers, cloud, functions));
}

const sources = () => heard.map(({ event }) => event.triggerSource);

function signUp(world: World, Username = world.address()) {
  return world.aws.signUp({
    ClientId: world.clientId,
    Username,
    Password: PASSWORD,
    UserAttributes: list({ name: 'Grace' }),
    ValidationData: list({ robot: 'no' }),
    ClientMetadata: { page: 'pricing' },
  });
}

const PRE_SIGN_UP: readonly Row[] = [
  {
    id: 'pre-sign-up.event',
    call: 'SignUp',
    what: 'is called before there is such a user, with AWS’s event',
    run: async (world) => {
      const email = world.address();
      const { UserSub } = await signUp(world, email);
      const { event } = heard[0] ?? {};
      return [heard.length, event, event?.userName === UserSub];
    },
    expected: [
      1,
      {
        version: '1',
        triggerSource: 'PreSignUp_SignUp',
        region: 'us-east-1',
        userPoolId: '{pool}',
        userName: expect.any(String),
        callerContext: { awsSdkVersion: 'aws-sdk-unknown-unknown', clientId: '{client}' },
        request: {
          userAttributes: { email: expect.stringContaining('@example.com'), name: 'Grace' },
          validationData: { robot: 'no' },
          clientMetadata: { page: 'pricing' },
        },
        response: { autoConfirmUser: false, autoVerifyEmail: false, autoVerifyPhone: false },
      },
      true,
    ],
    basis: 'docs',
    source: 'user-pool-lambda-pre-sign-up',
    needs: ['triggers'],
  },
  {
    id: 'pre-sign-up.refusal',
    call: 'SignUp',
    what: 'by throwing refuses the newcomer with its own words, and nothing is left of them',
    run: async (world) => {
      does = {
        PreSignUp: () => {
          throw new Error('No robots');
        },
      };
      const email = world.address();
      const refused = await refusal(signUp(world, email));
      return [refused, await refusal(world.attributes(email)), world.code(email)];
    },
    expected: [
      'UserLambdaValidationException: PreSignUp failed with error No robots.',
      'UserNotFoundException: User does not exist.',
      'no letter',
    ],
    basis: 'field',
    source: 'cognito-user-pools-working-with-lambda-triggers; the text is in many clients',
    needs: ['triggers', 'mail'],
  },
  {
    id: 'pre-sign-up.auto-confirm',
    call: 'SignUp',
    what: 'may confirm somebody and their address, which is then told to PostConfirmation',
    run: async (world) => {
      does = {
        PreSignUp: (event) => {
          event.response = { autoConfirmUser: true, autoVerifyEmail: true, autoVerifyPhone: false };
          return event;
        },
      };
      const email = world.address();
      const { UserConfirmed, CodeDeliveryDetails } = await signUp(world, email);
      const { email_verified } = await world.attributes(email);
      const { reply } = await world.signIn(email);
      return [UserConfirmed, CodeDeliveryDetails, email_verified, reply.AuthenticationResult?.ExpiresIn, sources()];
    },
    expected: [true, undefined, 'true', 3600, ['PreSignUp_SignUp', 'PostConfirmation_ConfirmSignUp']],
    basis: 'docs',
    source: 'user-pool-lambda-pre-sign-up; that PostConfirmation follows is a field report',
    needs: ['triggers'],
  },
  {
    id: 'pre-sign-up.admin',
    call: 'AdminCreateUser',
    what: 'is called for users whom an admin makes too, and cannot confirm them',
    run: async (world) => {
      does = {
        PreSignUp: (event) => ({ ...event, response: { ...event.response, autoConfirmUser: true } }),
      };
      const email = await world.invited();
      const status = await world.status({ at: { UserPoolId: world.poolId, Username: email } });
      return [sources(), heard[0]?.event.callerContext.clientId, status];
    },
    expected: [['PreSignUp_AdminCreateUser'], 'CLIENT_ID_NOT_APPLICABLE', 'FORCE_CHANGE_PASSWORD'],
    basis: 'docs',
    source: 'cognito-user-pools-working-with-lambda-triggers; the client id is a field report',
    needs: ['triggers'],
  },
  {
    id: 'pre-sign-up.bad-answers',
    call: 'SignUp',
    what: 'must answer the event; nothing, something else and the impossible are no answers',
    run: async (world) => {
      const answers: ((event: TriggerEvents['PreSignUp']) => unknown)[] = [
        () => undefined,
        () => ({ statusCode: 200 }),
        (event) => ({ ...event, response: { autoConfirmUser: 'yes' } }),
        (event) => ({ ...event, response: { autoConfirmUser: true, autoVerifyPhone: true } }),
      ];
      const texts: string[] = [];
      for (const answer of answers) {
        does = { PreSignUp: answer };
        texts.push(await refusal(signUp(world)));
      }
      return texts;
    },
    expected: Array.from({ length: 4 }, () => 'InvalidLambdaResponseException: Unrecognizable lambda output'),
    basis: 'field',
    source:
      'GH amazon-archives/amazon-cognito-identity-js#167, #633; the last is documented in user-pool-lambda-pre-sign-up',
    needs: ['triggers'],
  },
  {
    id: 'pre-sign-up.race',
    call: 'SignUp',
    what: 'two who sign up by one address while the trigger thinks: one is refused',
    run: async (world) => {
      const email = world.address();
      const both = await Promise.all([refusal(signUp(world, email)), refusal(signUp(world, email))]);
      return both.map((text) => text.split(':')[0]).sort();
    },
    expected: ['UsernameExistsException', 'no failure but {"UserConfirmed"'],
    basis: 'docs',
    source: 'API_SignUp (errors)',
    needs: ['triggers'],
  },
];

const POST_CONFIRMATION: readonly Row[] = [
  {
    id: 'post-confirmation.event',
    call: 'SignUp, ConfirmSignUp',
    what: 'is called once somebody is confirmed, with AWS’s event',
    run: async (world) => {
      const email = world.address();
      await signUp(world, email);
      heard.length = 0;
      const ConfirmationCode = world.code(email);
      const ClientMetadata = { page: 'welcome' };
      await world.aws.confirmSignUp({ ClientId: world.clientId, Username: email, ConfirmationCode, ClientMetadata });
      return heard;
    },
    expected: [
      {
        name: 'PostConfirmation',
        event: {
          version: '1',
          triggerSource: 'PostConfirmation_ConfirmSignUp',
          region: 'us-east-1',
          userPoolId: '{pool}',
          userName: expect.any(String),
          callerContext: { awsSdkVersion: 'aws-sdk-unknown-unknown', clientId: '{client}' },
          request: {
            userAttributes: {
              sub: expect.any(String),
              'cognito:user_status': 'CONFIRMED',
              email: expect.stringContaining('@example.com'),
              email_verified: 'true',
              name: 'Grace',
            },
            clientMetadata: { page: 'welcome' },
          },
          response: {},
        },
      },
    ],
    basis: 'docs',
    source: 'user-pool-lambda-post-confirmation',
    needs: ['triggers', 'mail'],
  },
  {
    id: 'post-confirmation.failure',
    call: 'SignUp, ConfirmSignUp',
    what: 'by throwing fails the call, and the user is confirmed all the same',
    run: async (world) => {
      does = { PostConfirmation: () => Promise.reject(new Error('boom')) };
      const email = world.address();
      await signUp(world, email);
      const what = { ClientId: world.clientId, Username: email, ConfirmationCode: world.code(email) };
      const failed = await refusal(world.aws.confirmSignUp(what));
      return [failed, (await world.signIn(email)).reply.AuthenticationResult?.ExpiresIn];
    },
    expected: ['UserLambdaValidationException: PostConfirmation failed with error boom.', 3600],
    basis: 'field',
    source: 'reports of users confirmed despite the error',
    needs: ['triggers', 'mail'],
  },
  {
    id: 'post-confirmation.sources',
    call: 'AdminConfirmSignUp, ConfirmForgotPassword',
    what: 'is called for an admin’s confirmation and a forgotten password, not for users whom an admin makes',
    run: async (world) => {
      const [one, two] = [world.address(), (await world.someone()).email];
      await signUp(world, one);
      await world.aws.adminConfirmSignUp({ UserPoolId: world.poolId, Username: one });
      await world.forgot(two);
      await world.resetWith(world.code(two), two);
      const three = await world.invited();
      const at = { UserPoolId: world.poolId, Username: three };
      await world.aws.adminSetUserPassword({ ...at, Password: OTHER_PASSWORD, Permanent: true });
      return sources().filter((source) => source.startsWith('Post'));
    },
    expected: ['PostConfirmation_ConfirmSignUp', 'PostConfirmation_ConfirmForgotPassword'],
    basis: 'docs',
    source: 'user-pool-lambda-post-confirmation',
    needs: ['triggers', 'mail'],
  },
];

async function tokensAs(world: World, act: PoolTriggers, groups: string[] = []) {
  does = act;
  const { email, sub } = await world.someone({ name: 'Grace', 'custom:plan': 'free' }, groups);
  const tokens = await world.signIn(email);
  return { email, sub, ...tokens, id: claims(tokens.IdToken), access: claims(tokens.AccessToken) };
}

const RESERVED = {
  sub: 'x',
  iss: 'x',
  aud: 'x',
  exp: 'x',
  iat: 'x',
  jti: 'x',
  auth_time: 'x',
  token_use: 'x',
  origin_jti: 'x',
  event_id: 'x',
  client_id: 'x',
  username: 'x',
  scope: 'x',
  'cognito:username': 'x',
  'cognito:groups': 'x',
};

const VERSION_ONE: readonly Row[] = [
  {
    id: 'tokens-v1.event',
    call: 'InitiateAuth',
    what: 'is called before tokens, with attributes and groups',
    run: async (world) => {
      await tokensAs(world, {}, ['beta', 'admin']);
      return heard.map(({ event }) => event);
    },
    expected: [
      {
        version: '1',
        triggerSource: 'TokenGeneration_Authentication',
        region: 'us-east-1',
        userPoolId: '{pool}',
        userName: expect.any(String),
        callerContext: { awsSdkVersion: 'aws-sdk-unknown-unknown', clientId: '{client}' },
        request: {
          userAttributes: {
            sub: expect.any(String),
            'cognito:user_status': 'CONFIRMED',
            email: expect.any(String),
            email_verified: 'true',
            name: 'Grace',
            'custom:plan': 'free',
          },
          groupConfiguration: {
            groupsToOverride: ['admin', 'beta'],
            iamRolesToOverride: [],
            preferredRole: null,
          },
        },
        response: { claimsOverrideDetails: null },
      },
    ],
    basis: 'docs',
    source: 'user-pool-lambda-pre-token-generation',
    needs: ['triggers'],
  },
  {
    id: 'tokens-v1.claims',
    call: 'InitiateAuth',
    what: 'adds, overrides and suppresses claims of the ID token, and leaves the access token alone',
    run: async (world) => {
      const claimsOverrideDetails = {
        claimsToAddOrOverride: { tenant: '7', name: 'Ada' },
        claimsToSuppress: ['custom:plan', 'email'],
      };
      const { id, access } = await tokensAs(world, {
        PreTokenGeneration: (event) => ({ ...event, response: { claimsOverrideDetails } }),
      });
      return [id.tenant, id.name, 'custom:plan' in id, 'email' in id, 'tenant' in access];
    },
    expected: ['7', 'Ada', false, false, false],
    basis: 'docs',
    source: 'user-pool-lambda-pre-token-generation',
    needs: ['triggers'],
  },
  {
    id: 'tokens-v1.reserved',
    call: 'InitiateAuth',
    what: 'cannot change or suppress what a token is made of',
    run: async (world) => {
      const claimsOverrideDetails = {
        claimsToAddOrOverride: RESERVED,
        claimsToSuppress: ['sub', 'exp', 'token_use', 'cognito:username'],
      };
      const { id, sub } = await tokensAs(world, {
        PreTokenGeneration: (event) => ({ ...event, response: { claimsOverrideDetails } }),
      });
      const untouched = [
        id.sub === sub,
        id['cognito:username'] === sub,
        id.aud === world.clientId,
        id.token_use === 'id',
      ];
      return [...untouched, typeof id.exp, Object.values(id).includes('x')];
    },
    expected: [true, true, true, true, 'number', false],
    basis: 'docs',
    source: 'user-pool-lambda-pre-token-generation (claims that cannot be modified)',
    needs: ['triggers'],
  },
  {
    id: 'tokens-v1.groups',
    call: 'InitiateAuth',
    what: 'replaces the groups of both tokens; null and an empty object take them away, silence leaves them',
    run: async (world) => {
      const groups = ['beta', 'admin'];
      const seen: unknown[] = [];
      for (const details of [{ groupsToOverride: ['pro'] }, {}, null, undefined]) {
        const claimsOverrideDetails = { ...(details !== undefined && { groupOverrideDetails: details }) };
        const { id, access } = await tokensAs(
          world,
          { PreTokenGeneration: (event) => ({ ...event, response: { claimsOverrideDetails } }) },
          groups,
        );
        seen.push([id['cognito:groups'], access['cognito:groups']]);
      }
      return seen;
    },
    expected: [
      [['pro'], ['pro']],
      [undefined, undefined],
      [undefined, undefined],
      [
        ['admin', 'beta'],
        ['admin', 'beta'],
      ],
    ],
    basis: 'docs',
    source: 'user-pool-lambda-pre-token-generation (groupOverrideDetails); silence is inferred',
    needs: ['triggers'],
  },
  {
    id: 'tokens-v1.roles',
    call: 'InitiateAuth',
    what: 'sets the IAM roles of the ID token',
    run: async (world) => {
      const groupOverrideDetails = {
        groupsToOverride: [],
        iamRolesToOverride: ['arn:role'],
        preferredRole: 'arn:role',
      };
      const { id } = await tokensAs(world, {
        PreTokenGeneration: (event) => ({ ...event, response: { claimsOverrideDetails: { groupOverrideDetails } } }),
      });
      return [id['cognito:roles'], id['cognito:preferred_role']];
    },
    expected: [['arn:role'], 'arn:role'],
    basis: 'docs',
    source: 'user-pool-lambda-pre-token-generation (groupOverrideDetails)',
    needs: ['triggers'],
  },
  {
    id: 'tokens-v1.strings',
    call: 'InitiateAuth',
    what: 'may give strings only',
    run: (world) =>
      refusal(
        tokensAs(world, {
          PreTokenGeneration: (event) => ({
            ...event,
            response: { claimsOverrideDetails: { claimsToAddOrOverride: { tenant: 7 } } },
          }),
        }),
      ),
    expected: 'InvalidLambdaResponseException: Unrecognizable lambda output',
    basis: 'docs',
    source: 'user-pool-lambda-pre-token-generation (V1_0 values are strings); the error is inferred',
    needs: ['triggers'],
  },
  {
    id: 'tokens-v1.sources',
    call: 'InitiateAuth, GetTokensFromRefreshToken, RespondToAuthChallenge',
    what: 'is told why: a sign-in, a new password, a refresh of either kind, the hosted pages',
    run: async (world) => {
      const { email, sub, RefreshToken } = await tokensAs(world, {});
      await world.refresh(RefreshToken);
      await world.aws.getTokensFromRefreshToken({
        ClientId: world.clientId,
        RefreshToken,
        ClientMetadata: { page: 'home' },
      });
      const told = heard.at(-1)?.event;
      const invited = await world.invited();
      const { reply } = await world.signIn(invited);
      await world.aws.respondToAuthChallenge({
        ClientId: world.clientId,
        ChallengeName: 'NEW_PASSWORD_REQUIRED',
        Session: reply.Session,
        ChallengeResponses: { USERNAME: invited, NEW_PASSWORD: OTHER_PASSWORD },
      });
      const { pools, sessions } = world.cognito;
      const source = 'TokenGeneration_HostedAuth';
      await sessions.admit(pools.user(pools.pool(world.poolId), sub), pools.client(world.clientId), {
        source,
        scopes: ['openid'],
      });
      return [sources(), told && 'clientMetadata' in told.request && told.request.clientMetadata, typeof email];
    },
    expected: [
      [
        'TokenGeneration_Authentication',
        'TokenGeneration_RefreshTokens',
        'TokenGeneration_RefreshTokens',
        'TokenGeneration_NewPasswordChallenge',
        'TokenGeneration_HostedAuth',
      ],
      { page: 'home' },
      'string',
    ],
    basis: 'docs',
    source: 'user-pool-lambda-pre-token-generation (trigger sources)',
    needs: ['triggers', 'insides'],
  },
  {
    id: 'tokens-v1.failure',
    call: 'InitiateAuth',
    what: 'by throwing keeps somebody out, and by not throwing any more lets them in',
    run: async (world) => {
      const { email } = await world.someone();
      does = { PreTokenGeneration: () => Promise.reject(new Error('not today')) };
      const refused = await refusal(world.signIn(email));
      does = {};
      return [refused, (await world.signIn(email)).reply.AuthenticationResult?.ExpiresIn];
    },
    expected: ['UserLambdaValidationException: PreTokenGeneration failed with error not today.', 3600],
    basis: 'field',
    source: 'reports of PreTokenGeneration errors',
    needs: ['triggers'],
  },
  {
    id: 'tokens-v1.disabled-meanwhile',
    call: 'InitiateAuth',
    what: 'somebody disabled or deleted while it runs gets no tokens',
    run: async (world) => {
      const [ada, eve] = [await world.someone(), await world.someone()];
      const during = (act: () => Promise<unknown>, { email }: { email: string }) => {
        does = { PreTokenGeneration: (event) => act().then(() => event) };
        return refusal(world.signIn(email));
      };
      return [
        await during(() => world.aws.adminDisableUser(ada.at), ada),
        await during(() => world.aws.adminDeleteUser(eve.at), eve),
      ];
    },
    expected: ['NotAuthorizedException: User is disabled.', 'UserNotFoundException: User does not exist.'],
    basis: 'inference',
    source: 'API_AdminDisableUser: the user cannot sign in',
    needs: ['triggers'],
  },
];

const VERSION_TWO: readonly Row[] = [
  {
    id: 'tokens-v2.event',
    call: 'InitiateAuth',
    what: 'is told the scopes too',
    run: async (world) => {
      await tokensAs(world, {});
      const { event } = heard[0] ?? {};
      return [event?.version, event && 'scopes' in event.request && event.request.scopes, event?.response];
    },
    expected: ['2', ['aws.cognito.signin.user.admin'], { claimsAndScopeOverrideDetails: null }],
    basis: 'docs',
    source: 'user-pool-lambda-pre-token-generation (V2_0)',
    needs: ['triggers'],
  },
  {
    id: 'tokens-v2.both-tokens',
    call: 'InitiateAuth',
    what: 'changes each token by itself, with values of any kind, and the groups of both',
    run: async (world) => {
      const claimsAndScopeOverrideDetails = {
        idTokenGeneration: { claimsToAddOrOverride: { tenant: { id: 7 } }, claimsToSuppress: ['email'] },
        accessTokenGeneration: { claimsToAddOrOverride: { plan: ['pro', 1, true] }, claimsToSuppress: ['version'] },
        groupOverrideDetails: { groupsToOverride: ['pro'] },
      };
      const { id, access } = await tokensAs(world, {
        PreTokenGenerationV2: (event) => ({ ...event, response: { claimsAndScopeOverrideDetails } }),
      });
      return [
        [id.tenant, 'email' in id, 'plan' in id, id['cognito:groups']],
        [access.plan, access.version, 'tenant' in access, access['cognito:groups']],
      ];
    },
    expected: [
      [{ id: 7 }, false, false, ['pro']],
      [['pro', 1, true], 2, false, ['pro']],
    ],
    basis: 'docs',
    source: 'user-pool-lambda-pre-token-generation (V2_0)',
    needs: ['triggers'],
  },
  {
    id: 'tokens-v2.scopes',
    call: 'InitiateAuth, GetUser',
    what: 'adds and takes scopes, which Cognito’s own operations then look at',
    run: async (world) => {
      const scopesTo = (accessTokenGeneration: Record<string, unknown>): PoolTriggers => ({
        PreTokenGenerationV2: (event) => ({
          ...event,
          response: { claimsAndScopeOverrideDetails: { accessTokenGeneration } },
        }),
      });
      const more = await tokensAs(world, scopesTo({ scopesToAdd: ['pets/read', 'pets/read'] }));
      const none = await tokensAs(world, scopesTo({ scopesToSuppress: ['aws.cognito.signin.user.admin'] }));
      return [
        more.access.scope,
        none.access.scope,
        await refusal(world.aws.getUser({ AccessToken: none.AccessToken })),
        await refusal(tokensAs(world, scopesTo({ scopesToAdd: ['two words'] }))),
      ];
    },
    expected: [
      'aws.cognito.signin.user.admin pets/read',
      '',
      'NotAuthorizedException: Access Token does not have required scopes',
      'InvalidLambdaResponseException: Unrecognizable lambda output',
    ],
    basis: 'docs',
    source: 'user-pool-lambda-pre-token-generation (scopesToAdd, scopesToSuppress); the errors are inferred',
    needs: ['triggers'],
  },
  {
    id: 'tokens-v2.reserved',
    call: 'InitiateAuth',
    what: 'cannot change what either token is made of; aud may be said in the access token, if it is the client',
    run: async (world) => {
      const tokenGeneration = (aud: string) => ({ claimsToAddOrOverride: { ...RESERVED, aud } });
      const as = (aud: string) =>
        tokensAs(world, {
          PreTokenGenerationV2: (event) => ({
            ...event,
            response: {
              claimsAndScopeOverrideDetails: {
                idTokenGeneration: tokenGeneration(aud),
                accessTokenGeneration: tokenGeneration(aud),
              },
            },
          }),
        });
      const [wrong, right] = [await as('x'), await as(world.clientId)];
      return [
        [wrong.id, wrong.access, right.access].map((token) => Object.values(token).includes('x')),
        [wrong.id.aud, wrong.access.aud, right.access.aud],
      ];
    },
    expected: [
      [false, false, false],
      ['{client}', undefined, '{client}'],
    ],
    basis: 'docs',
    source: 'user-pool-lambda-pre-token-generation (claims that cannot be modified)',
    needs: ['triggers'],
  },
];

const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:';
const LISTENER = `${FUNCTION}listener`;
const SHOWN = 'arn:aws:lambda:us-east-1:{account}:function:listener';

/** Functions of the account; a pool's LambdaConfig may name them. */
export const functions: SandboxFunctions = {
  listener: async (event: TriggerEvents['PostConfirmation']) => {
    heard.push({ name: 'PostConfirmation', event });
    return event;
  },
};

/** Somebody who signs up in a pool with these triggers and is confirmed; answers the pool, and how that ended. */
async function confirmedIn(world: World, LambdaConfig: LambdaConfigType) {
  const { UserPool: { Id: UserPoolId = '' } = {} } = await world.aws.createUserPool({ PoolName: 'made', LambdaConfig });
  const { UserPoolClient } = await world.aws.createUserPoolClient({ UserPoolId, ClientName: 'made' });
  const who = { ClientId: UserPoolClient?.ClientId, Username: 'grace' };
  await world.aws.signUp({ ...who, Password: PASSWORD });
  heard.length = 0;
  const outcome = await refusal(world.aws.adminConfirmSignUp({ UserPoolId, Username: 'grace' }));
  return { UserPoolId, outcome };
}

const LAMBDA_CONFIG: readonly Row[] = [
  {
    id: 'lambda-config.called',
    call: 'CreateUserPool, AdminConfirmSignUp',
    what: 'names functions that are then called, each for its own pool',
    run: async (world) => {
      const { UserPoolId, outcome } = await confirmedIn(world, { PostConfirmation: LISTENER });
      const { UserPool } = await world.aws.describeUserPool({ UserPoolId });
      const isOwn = heard.map(({ event }) => event.userPoolId === UserPoolId);
      return [outcome.split(' {')[0], sources(), isOwn, UserPool?.LambdaConfig];
    },
    expected: ['no failure but', ['PostConfirmation_ConfirmSignUp'], [true], { PostConfirmation: SHOWN }],
    basis: 'docs',
    source: 'API_LambdaConfigType, user-pool-lambda-post-confirmation',
    needs: ['triggers'],
  },
  {
    id: 'lambda-config.nobody',
    call: 'CreateUserPool, AdminConfirmSignUp',
    what: 'may name a function that is not there, or may not be called: that shows when it is called',
    run: async (world) => (await confirmedIn(world, { PostConfirmation: `${FUNCTION}nobody` })).outcome,
    expected: 'UnexpectedLambdaException: PostConfirmation invocation failed due to error AccessDeniedException.',
    basis: 'field',
    source:
      'GH amazon-archives/amazon-cognito-auth-js#223, for one without permission; that it goes for one that is not there is inferred',
    needs: ['triggers'],
  },
  {
    id: 'lambda-config.bad-arn',
    call: 'CreateUserPool',
    what: 'must name functions by ARN',
    run: (world) => refusal(world.aws.createUserPool({ PoolName: 'made', LambdaConfig: { PreSignUp: 'listener' } })),
    expected: expect.stringMatching(
      /^InvalidParameterException: 1 validation error detected: Value 'listener' at 'lambdaConfig.preSignUp'/,
    ),
    basis: 'docs',
    source: 'API_LambdaConfigType (pattern)',
    needs: ['triggers'],
  },
  {
    id: 'lambda-config.versions',
    call: 'CreateUserPool',
    what: 'with a version for the trigger before tokens shows that trigger twice, and the two must agree',
    run: async (world) => {
      const PreTokenGenerationConfig = { LambdaVersion: 'V2_0', LambdaArn: LISTENER } as const;
      const { UserPool } = await world.aws.createUserPool({
        PoolName: 'made',
        LambdaConfig: { PreTokenGenerationConfig },
      });
      const LambdaConfig = { PreTokenGenerationConfig, PreTokenGeneration: `${FUNCTION}another` };
      const refused = await refusal(world.aws.createUserPool({ PoolName: 'made', LambdaConfig }));
      return [UserPool?.LambdaConfig, refused.split(':')[0]];
    },
    expected: [
      { PreTokenGenerationConfig: { LambdaVersion: 'V2_0', LambdaArn: SHOWN }, PreTokenGeneration: SHOWN },
      'InvalidParameterException',
    ],
    basis: 'inference',
    source: 'API_LambdaConfigType says that the two must be the same, and not what is shown or refused',
    needs: ['triggers'],
  },
];

function hearing(rows: readonly Row[], ...names: readonly Name[]): Row[] {
  return rows.map((row) => ({
    ...row,
    run: (world) => {
      world.cloud.take('triggers');
      listenTo(names);
      return row.run(world);
    },
  }));
}

/** What Cognito tells its triggers, and what it makes of their answers. */
export const TRIGGERS: readonly Section[] = [
  { title: 'PreSignUp', rows: hearing(PRE_SIGN_UP, 'PreSignUp', 'PostConfirmation') },
  { title: 'PostConfirmation', rows: hearing(POST_CONFIRMATION, 'PreSignUp', 'PostConfirmation') },
  { title: 'PreTokenGeneration V1_0', rows: hearing(VERSION_ONE, 'PreTokenGeneration') },
  { title: 'PreTokenGeneration V2_0', rows: hearing(VERSION_TWO, 'PreTokenGenerationV2', 'PreTokenGeneration') },
  { title: 'Triggers that LambdaConfig names', rows: hearing(LAMBDA_CONFIG) },
];
