import { expect } from '@jest/globals';
import { list, OTHER_PASSWORD, PASSWORD, type Row, refusal, secretHash, type World } from '../cognito-rows.js';

const MISSING = expect.stringMatching(
  /^NotAuthorizedException: Client .* is configured with secret but SECRET_HASH was/,
);
const WRONG = expect.stringMatching(/^NotAuthorizedException: Unable to verify secret hash for client/);

/** What happens without a hash, with the one of another name, and with the right one. */
async function tried(world: World, client: string, name: string, call: (SecretHash?: string) => Promise<unknown>) {
  return [
    await refusal(call()),
    await refusal(call(secretHash(world.secretOf(client), 'eve@example.com', client))),
    (await refusal(call(secretHash(world.secretOf(client), name, client)))).slice(0, 'no failure'.length),
  ];
}

export const SECRETS: readonly Row[] = [
  {
    id: 'secret.sign-up',
    call: 'SignUp, ResendConfirmationCode, ConfirmSignUp',
    what: 'sign-up, a code again and the confirmation want the hash of the name',
    run: async (world) => {
      const ClientId = await world.client({ GenerateSecret: true });
      const Username = world.address();
      const at = { ClientId, Username };
      return [
        await tried(world, ClientId, Username, (SecretHash) =>
          world.aws.signUp({ ...at, SecretHash, Password: PASSWORD }),
        ),
        await tried(world, ClientId, Username, (SecretHash) => world.aws.resendConfirmationCode({ ...at, SecretHash })),
        await tried(world, ClientId, Username, (SecretHash) =>
          world.aws.confirmSignUp({ ...at, SecretHash, ConfirmationCode: world.code(Username) }),
        ),
      ];
    },
    expected: Array.from({ length: 3 }, () => [MISSING, WRONG, 'no failure']),
    basis: 'docs',
    source: 'signing-up-users-in-your-app#cognito-user-pools-computing-secret-hash',
    needs: ['mail'],
  },
  {
    id: 'secret.new-password',
    call: 'AdminInitiateAuth, AdminRespondToAuthChallenge',
    what: 'so does the answer with a new password, and a sign-in by the pool’s owner',
    run: async (world) => {
      const ClientId = await world.client({ GenerateSecret: true });
      const email = await world.invited();
      const hash = secretHash(world.secretOf(ClientId), email, ClientId);
      const AuthParameters = { USERNAME: email, PASSWORD };
      const admin = { UserPoolId: world.poolId, ClientId, AuthFlow: 'ADMIN_USER_PASSWORD_AUTH' as const };
      const bare = await refusal(world.aws.adminInitiateAuth({ ...admin, AuthParameters }));
      const proven = { ...AuthParameters, SECRET_HASH: hash };
      const { Session } = await world.aws.adminInitiateAuth({ ...admin, AuthParameters: proven });
      const answer = (SecretHash?: string) =>
        world.aws.adminRespondToAuthChallenge({
          UserPoolId: world.poolId,
          ClientId,
          ChallengeName: 'NEW_PASSWORD_REQUIRED',
          Session,
          ChallengeResponses: {
            USERNAME: email,
            NEW_PASSWORD: OTHER_PASSWORD,
            ...(SecretHash !== undefined && { SECRET_HASH: SecretHash }),
          },
        });
      return [bare, ...(await tried(world, ClientId, email, answer))];
    },
    expected: [MISSING, MISSING, WRONG, 'no failure'],
    basis: 'docs',
    source: 'API_AdminRespondToAuthChallenge (ChallengeResponses)',
  },
];

async function named(world: World) {
  const UserPoolId = await world.pool({ UsernameAttributes: [] });
  const make = (username: string, attributes: Record<string, string> = {}) =>
    world.user({ poolId: UserPoolId, username, attributes });
  const find = async (Filter: string) =>
    (await world.aws.listUsers({ UserPoolId, Filter })).Users?.map(({ Username }) => Username);
  return { UserPoolId, make, find };
}

export const SEARCHES: readonly Row[] = [
  {
    id: 'list.searchable',
    call: 'ListUsers',
    what: 'ten things can be searched, each by equality and by prefix',
    run: async (world) => {
      const { make, find } = await named(world);
      const attributes = {
        email: 'Grace@Example.com',
        phone_number: '+15550100',
        name: 'Grace Hopper',
        given_name: 'Grace',
        family_name: 'Hopper',
        preferred_username: 'amazing',
      };
      const sub = await make('grace', attributes);
      await make('ada', { email: 'ada@example.com', phone_number: '+44550100', name: 'Ada' });
      const all = { ...attributes, username: 'grace', sub };
      const found = Object.entries(all).map(async ([name, value]) => [
        await find(`${name} = "${value}"`),
        await find(`${name} ^= "${value.slice(0, -1)}"`),
        await find(`${name} = "${value.slice(0, -1)}"`),
      ]);
      const everybody = [await find('status = "Enabled"'), await find('cognito:user_status = "CONFIRMED"')];
      return [await Promise.all(found), everybody];
    },
    expected: [
      Array.from({ length: 8 }, () => [['grace'], ['grace'], []]),
      [
        ['ada', 'grace'],
        ['ada', 'grace'],
      ],
    ],
    basis: 'docs',
    source: 'how-to-manage-user-accounts#cognito-user-pools-searching-user-attributes',
  },
  {
    id: 'list.not-searchable',
    call: 'ListUsers',
    what: 'no other attribute can',
    run: async (world) => {
      const { find } = await named(world);
      const names = ['nickname', 'address', 'locale', 'email_verified', 'custom:plan', 'UserStatus', 'constructor'];
      const told = await Promise.all(names.map((name) => refusal(find(`${name} = "x"`))));
      return told.map((text) => text.split(':')[0]);
    },
    expected: Array.from({ length: 7 }, () => 'InvalidParameterException'),
    basis: 'docs',
    source: 'API_ListUsers (Filter)',
  },
  {
    id: 'list.filter-length',
    call: 'ListUsers',
    what: 'a filter has at most 256 characters, and an empty one finds everybody',
    run: async (world) => {
      const { make, find } = await named(world);
      await make('grace');
      const long = (length: number) => `name = "${'x'.repeat(length - 'name = ""'.length)}"`;
      return [await find(long(256)), (await refusal(find(long(257)))).split(':')[0], await find('')];
    },
    expected: [[], 'InvalidParameterException', ['grace']],
    basis: 'docs',
    source: 'API_ListUsers (Filter)',
  },
  {
    id: 'list.limits',
    call: 'ListUsers',
    what: 'Limit is 0 to 60; 0 and none are 60',
    run: async (world) => {
      const { UserPoolId, make } = await named(world);
      for (let i = 0; i < 61; i++) await make(`user-${String(i).padStart(2, '0')}`);
      const page = async (Limit?: number) => {
        const { Users = [], PaginationToken } = await world.aws.listUsers({ UserPoolId, Limit });
        return [Users.length, typeof PaginationToken];
      };
      const outside = await Promise.all([refusal(page(-1)), refusal(page(61))]);
      return [await page(0), await page(), await page(60), outside.map((text) => text.split(':')[0])];
    },
    expected: [
      [60, 'string'],
      [60, 'string'],
      [60, 'string'],
      ['InvalidParameterException', 'InvalidParameterException'],
    ],
    basis: 'docs',
    source: 'API_ListUsers (Limit)',
  },
  {
    id: 'list.tokens',
    call: 'ListUsers',
    what: 'a token counts for its filter and for an hour',
    run: async (world) => {
      const { UserPoolId, make } = await named(world);
      await make('ada');
      await make('adele');
      const first = await world.aws.listUsers({ UserPoolId, Filter: 'username ^= "ad"', Limit: 1 });
      const next = (Filter?: string) =>
        world.aws.listUsers({ UserPoolId, Filter, PaginationToken: first.PaginationToken });
      const foreign = await refusal(next());
      world.clock.forward(3600);
      const { Users, PaginationToken } = await next('username ^= "ad"');
      world.clock.forward(1);
      const late = await refusal(next('username ^= "ad"'));
      return [Users?.map(({ Username }) => Username), PaginationToken, foreign.split(':')[0], late.split(':')[0]];
    },
    expected: [['adele'], undefined, 'InvalidParameterException', 'InvalidParameterException'],
    basis: 'docs',
    source: 'API_ListUsers (PaginationToken)',
    needs: ['clock'],
  },
  {
    id: 'list.after-changes',
    call: 'AdminUpdateUserAttributes, AdminDisableUser, ListUsers',
    what: 'what an admin changes is found by its new value only',
    run: async (world) => {
      const { UserPoolId, make, find } = await named(world);
      await make('ada', { name: 'Ada' });
      const at = { UserPoolId, Username: 'ada' };
      await world.aws.adminUpdateUserAttributes({ ...at, UserAttributes: list({ name: 'Augusta' }) });
      await world.aws.adminDisableUser(at);
      return [await find('name = "Ada"'), await find('name = "augusta"'), await find('status = "Disabled"')];
    },
    expected: [[], ['ada'], ['ada']],
    basis: 'docs',
    source: 'API_ListUsers (without its eventual consistency)',
  },
];
