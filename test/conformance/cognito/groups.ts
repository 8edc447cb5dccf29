import { expect } from '@jest/globals';
import { type Row, refusal } from '../cognito-rows.js';

export const GROUPS: readonly Row[] = [
  {
    id: 'groups.life',
    call: 'CreateGroup, DeleteGroup, AdminAddUserToGroup',
    what: 'a group is made once, has members, and leaves them when it goes',
    run: async (world) => {
      const { at, sub } = await world.someone();
      const GroupName = `g-${sub}`;
      await world.aws.createGroup({ UserPoolId: world.poolId, GroupName, Precedence: 5 });
      const twice = await refusal(world.aws.createGroup({ UserPoolId: world.poolId, GroupName }));
      await world.aws.adminAddUserToGroup({ ...at, GroupName });
      await world.aws.adminAddUserToGroup({ ...at, GroupName });
      const members = (await world.aws.listUsersInGroup({ UserPoolId: world.poolId, GroupName })).Users?.map(
        (u) => u.Username,
      );
      await world.aws.deleteGroup({ UserPoolId: world.poolId, GroupName });
      await world.aws.createGroup({ UserPoolId: world.poolId, GroupName });
      const { Groups } = await world.aws.adminListGroupsForUser(at);
      return [twice, members?.join() === sub, Groups];
    },
    expected: [expect.stringMatching(/^GroupExistsException: A group with the name g-.* already exists\.$/), true, []],
    basis: 'docs',
    source: 'DOC API_CreateGroup, API_DeleteGroup',
  },
  {
    id: 'groups.unknown',
    call: 'GetGroup',
    what: 'an unknown group',
    run: (world) => refusal(world.aws.getGroup({ UserPoolId: world.poolId, GroupName: 'nothing' })),
    expected: 'ResourceNotFoundException: Group not found.',
    basis: 'field',
    source: 'FIELD',
  },
  {
    id: 'groups.remove',
    call: 'AdminRemoveUserFromGroup, AdminListGroupsForUser',
    what: 'leaving a group one is not in is no error',
    run: async (world) => {
      const { at } = await world.someone({}, ['admin']);
      await world.aws.adminRemoveUserFromGroup({ ...at, GroupName: 'admin' });
      await world.aws.adminRemoveUserFromGroup({ ...at, GroupName: 'admin' });
      return (await world.aws.adminListGroupsForUser(at)).Groups;
    },
    expected: [],
    basis: 'docs',
    source: 'DOC API_AdminRemoveUserFromGroup',
  },
  {
    id: 'groups.federated',
    call: 'AdminListGroupsForUser',
    what: 'federated users are in the group of their provider',
    run: async (world) => {
      world.cognito.seedFederatedUser({ poolId: world.poolId, username: 'Google_456' });
      const { Groups } = await world.aws.adminListGroupsForUser({ UserPoolId: world.poolId, Username: 'Google_456' });
      return Groups?.map(({ GroupName }) => GroupName);
    },
    expected: [`{pool}_Google`],
    basis: 'docs',
    source: 'DOC cognito-user-pools-user-groups',
    needs: ['insides'],
  },
  {
    id: 'groups.list',
    call: 'ListGroups',
    what: 'groups come in pages',
    run: async (world) => {
      const first = await world.aws.listGroups({ UserPoolId: world.poolId, Limit: 1 });
      return [first.Groups?.length, typeof first.NextToken];
    },
    expected: [1, 'string'],
    basis: 'docs',
    source: 'botocore paginators, ListGroups',
  },
];
