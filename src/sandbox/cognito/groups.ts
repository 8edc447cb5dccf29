import type {
  AdminAddUserToGroupCommandInput,
  AdminAddUserToGroupCommandOutput,
  AdminListGroupsForUserCommandInput,
  AdminListGroupsForUserCommandOutput,
  AdminRemoveUserFromGroupCommandInput,
  AdminRemoveUserFromGroupCommandOutput,
  CreateGroupCommandInput,
  CreateGroupCommandOutput,
  DeleteGroupCommandInput,
  DeleteGroupCommandOutput,
  GetGroupCommandInput,
  GetGroupCommandOutput,
  GroupType,
  ListGroupsCommandInput,
  ListGroupsCommandOutput,
  ListUsersInGroupCommandInput,
  ListUsersInGroupCommandOutput,
} from '@aws-sdk/client-cognito-identity-provider';
import { ServiceFailure } from '../wire.js';
import { userType } from './attributes.js';
import { type Given, type Group, invalidValue, type Output, type Pools, refuseOutside } from './pools.js';

const MAX_NAME_LENGTH = 128;
const MAX_GROUPS_OF_USER = 100;

function groupType(group: Group): GroupType {
  return {
    GroupName: group.name,
    UserPoolId: group.poolId,
    Description: group.description,
    RoleArn: group.roleArn,
    Precedence: group.precedence,
    LastModifiedDate: new Date(group.modifiedAt),
    CreationDate: new Date(group.createdAt),
  };
}

export const groupOperations = (pools: Pools) => ({
  CreateGroup(input: Given<CreateGroupCommandInput>): Output<CreateGroupCommandOutput> {
    const pool = pools.pool(input.UserPoolId);
    const name = input.GroupName;
    if (name.length < 1 || name.length > MAX_NAME_LENGTH) {
      throw invalidValue(`'${name}'`, 'groupName', `have length between 1 and ${MAX_NAME_LENGTH}`);
    }
    refuseOutside('precedence', input.Precedence, 0, 2 ** 31 - 1);
    if (pools.groups.get(`${pool.id}/${name}`)) {
      throw new ServiceFailure('GroupExistsException', `A group with the name ${name} already exists.`);
    }
    const { Description: description, Precedence: precedence, RoleArn: roleArn } = input;
    const at = { createdAt: pools.now(), modifiedAt: pools.now() };
    const group = { poolId: pool.id, name, description, precedence, roleArn, ...at };
    return { Group: groupType(pools.groups.put(`${pool.id}/${name}`, group)) };
  },

  GetGroup({ UserPoolId, GroupName }: Given<GetGroupCommandInput>): Output<GetGroupCommandOutput> {
    return { Group: groupType(pools.group(pools.pool(UserPoolId), GroupName)) };
  },

  ListGroups({ UserPoolId, Limit, NextToken }: Given<ListGroupsCommandInput>): Output<ListGroupsCommandOutput> {
    const pool = pools.pool(UserPoolId);
    refuseOutside('limit', Limit, 0, 60);
    const groups = pools.groups.filter(({ poolId }) => poolId === pool.id);
    const { rows, next } = pools.page(groups, ({ name }) => name, `ListGroups ${pool.id}`, Limit, NextToken);
    return { Groups: rows.map(groupType), ...(next && { NextToken: next }) };
  },

  /** Members first, so that a group of the same name made later starts empty. */
  DeleteGroup({ UserPoolId, GroupName }: Given<DeleteGroupCommandInput>): Output<DeleteGroupCommandOutput> {
    const group = pools.group(pools.pool(UserPoolId), GroupName);
    for (const user of pools.usersOf(group.poolId).filter(({ groups }) => groups.includes(group.name))) {
      pools.change(user, { groups: user.groups.filter((name) => name !== group.name) });
    }
    pools.groups.delete(`${group.poolId}/${group.name}`);
    return {};
  },

  AdminAddUserToGroup(input: Given<AdminAddUserToGroupCommandInput>): Output<AdminAddUserToGroupCommandOutput> {
    const pool = pools.pool(input.UserPoolId);
    const group = pools.group(pool, input.GroupName);
    const user = pools.user(pool, input.Username);
    const groups = [...new Set([...user.groups, group.name])];
    if (groups.length > MAX_GROUPS_OF_USER) {
      throw new ServiceFailure('LimitExceededException', 'The user is in the maximum number of groups.');
    }
    pools.change(user, { groups });
    return {};
  },

  AdminRemoveUserFromGroup(
    input: Given<AdminRemoveUserFromGroupCommandInput>,
  ): Output<AdminRemoveUserFromGroupCommandOutput> {
    const pool = pools.pool(input.UserPoolId);
    const group = pools.group(pool, input.GroupName);
    const user = pools.user(pool, input.Username);
    pools.change(user, { groups: user.groups.filter((name) => name !== group.name) });
    return {};
  },

  AdminListGroupsForUser(
    input: Given<AdminListGroupsForUserCommandInput>,
  ): Output<AdminListGroupsForUserCommandOutput> {
    const user = pools.user(pools.pool(input.UserPoolId), input.Username);
    refuseOutside('limit', input.Limit, 0, 60);
    const scope = `AdminListGroupsForUser ${user.poolId} ${user.sub}`;
    const { rows, next } = pools.page(pools.groupsOf(user), ({ name }) => name, scope, input.Limit, input.NextToken);
    return { Groups: rows.map(groupType), ...(next && { NextToken: next }) };
  },

  ListUsersInGroup(input: Given<ListUsersInGroupCommandInput>): Output<ListUsersInGroupCommandOutput> {
    const { UserPoolId, GroupName, Limit, NextToken } = input;
    const pool = pools.pool(UserPoolId);
    const group = pools.group(pool, GroupName);
    refuseOutside('limit', Limit, 0, 60);
    const members = pools.usersOf(pool.id).filter(({ groups }) => groups.includes(group.name));
    const scope = `ListUsersInGroup ${pool.id} ${group.name}`;
    const { rows, next } = pools.page(members, ({ username }) => username, scope, Limit, NextToken);
    return { Users: rows.map(userType), ...(next && { NextToken: next }) };
  },
});
