import { expect } from '@jest/globals';
import { type Row, refusal } from '../cognito-rows.js';

export const NAMES: readonly Row[] = [
  {
    id: 'names.by-all',
    call: 'AdminGetUser',
    what: 'a local user is found by username, address and sub; where the pool ignores case, in any case',
    run: async (world) => {
      const { email, sub } = await world.someone();
      const found = [email, email.toUpperCase(), sub].map((Username) =>
        world.aws.adminGetUser({ UserPoolId: world.poolId, Username }),
      );
      return (await Promise.all(found)).every(({ Username }) => Username === sub);
    },
    expected: true,
    basis: 'docs',
    source: 'DOC user-pool-settings-attributes#user-pool-settings-aliases',
  },
  {
    id: 'names.unknown',
    call: 'AdminGetUser',
    what: 'nobody of that name',
    run: (world) => refusal(world.aws.adminGetUser({ UserPoolId: world.poolId, Username: 'nobody@example.com' })),
    expected: 'UserNotFoundException: User does not exist.',
    basis: 'field',
    source: 'FIELD',
  },
  {
    id: 'names.federated',
    call: 'AdminGetUser, ListUsers',
    what: 'a federated user is found by username, not by sub; a filter finds both',
    run: async (world) => {
      const sub = world.cognito.seedFederatedUser({
        poolId: world.poolId,
        username: 'Google_123',
        attributes: { email: 'g@x.io' },
      });
      const user = await world.aws.adminGetUser({ UserPoolId: world.poolId, Username: 'Google_123' });
      return [
        await refusal(world.aws.adminGetUser({ UserPoolId: world.poolId, Username: sub })),
        await refusal(world.aws.adminGetUser({ UserPoolId: world.poolId, Username: 'g@x.io' })),
        user.UserStatus,
        sub === 'Google_123',
        await world.find(`sub = "${sub}"`),
      ];
    },
    expected: [
      'UserNotFoundException: User does not exist.',
      'UserNotFoundException: User does not exist.',
      'EXTERNAL_PROVIDER',
      false,
      ['Google_123'],
    ],
    basis: 'field',
    source: 'GH aws/aws-sdk-js#3774',
    needs: ['insides'],
  },
  {
    id: 'names.named-like-a-sub',
    call: 'AdminGetUser',
    what: 'somebody named like the sub of another is found first',
    run: async (world) => {
      const sub = await world.user({ poolId: world.namesId, username: 'victim' });
      const before = (await world.attributes(sub, world.namesId)).sub;
      await world.aws.adminCreateUser({ UserPoolId: world.namesId, Username: sub, MessageAction: 'SUPPRESS' });
      const after = (await world.attributes(sub, world.namesId)).sub;
      return [before === sub, after === sub];
    },
    expected: [true, false],
    basis: 'docs',
    source: 'DOC API_AdminGetUser (Username: the username, or sub of a local user)',
  },
  {
    id: 'names.deleted-and-made-again',
    call: 'AdminDeleteUser, GetUser',
    what: 'a username can be used again and gets a new sub; tokens of the first owner are worth nothing',
    run: async (world) => {
      const first = await world.user({ poolId: world.namesId, username: 'phoenix' });
      const { AccessToken, RefreshToken } = await world.signIn('phoenix', world.namedId);
      await world.aws.adminDeleteUser({ UserPoolId: world.namesId, Username: 'phoenix' });
      const second = await world.user({ poolId: world.namesId, username: 'phoenix' });
      return [
        first === second,
        await refusal(world.aws.getUser({ AccessToken })),
        await refusal(world.refresh(RefreshToken, world.namedId)),
      ];
    },
    expected: [false, 'UserNotFoundException: User does not exist.', expect.stringContaining('NotAuthorizedException')],
    basis: 'docs',
    source: 'DOC user-pool-settings-attributes (sub is never used again)',
  },
];
