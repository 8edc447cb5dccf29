import { expect } from '@jest/globals';
import { type Row, refusal } from '../cognito-rows.js';

export const POOLS: readonly Row[] = [
  {
    id: 'pools.create',
    call: 'CreateUserPool',
    what: 'a pool id is region_word; standard and custom attributes are in the schema',
    run: async (world) => {
      const { UserPool } = await world.aws.createUserPool({
        PoolName: 'made',
        Schema: [{ Name: 'plan', AttributeDataType: 'String', Mutable: true }],
      });
      const names = UserPool?.SchemaAttributes?.map(({ Name }) => Name) ?? [];
      return [UserPool?.Id, UserPool?.Name, names.includes('email'), names.includes('custom:plan')];
    },
    expected: [expect.stringMatching(/^us-east-1_[a-zA-Z0-9]{9}$/), 'made', true, true],
    basis: 'docs',
    source: 'DOC API_CreateUserPool',
  },
  {
    id: 'pools.unknown',
    call: 'DescribeUserPool',
    what: 'an unknown pool',
    run: (world) => refusal(world.aws.describeUserPool({ UserPoolId: 'us-east-1_Nowhere00' })),
    expected: 'ResourceNotFoundException: User pool us-east-1_Nowhere00 does not exist.',
    basis: 'field',
    source: 'FIELD',
  },
  {
    id: 'pools.delete',
    call: 'DeleteUserPool',
    what: 'a deleted pool is gone, with its users and clients',
    run: async (world) => {
      const id = await world.newPool();
      const client = await world.newClient({ UserPoolId: id });
      await world.aws.deleteUserPool({ UserPoolId: id });
      return [
        await refusal(world.aws.listUsers({ UserPoolId: id })),
        await refusal(world.signIn('ada', client)),
        (await world.wellKnown('jwks.json', id)).status,
      ];
    },
    expected: [
      expect.stringContaining('ResourceNotFoundException'),
      expect.stringContaining('ResourceNotFoundException: User pool client'),
      404,
    ],
    basis: 'docs',
    source: 'DOC API_DeleteUserPool',
  },
  {
    id: 'pools.delete-protected',
    call: 'DeleteUserPool',
    what: 'deletion protection holds',
    run: async (world) =>
      refusal(world.aws.deleteUserPool({ UserPoolId: await world.newPool({ DeletionProtection: 'ACTIVE' }) })),
    expected: expect.stringContaining('InvalidParameterException: The user pool cannot be deleted'),
    basis: 'docs',
    source: 'DOC user-pool-settings-deletion-protection',
  },
  {
    id: 'pools.list',
    call: 'ListUserPools',
    what: 'pools are listed in pages that do not overlap',
    run: async (world) => {
      const first = await world.aws.listUserPools({ MaxResults: 1 });
      const second = await world.aws.listUserPools({ MaxResults: 60, NextToken: first.NextToken });
      return second.UserPools?.some(({ Id }) => Id === first.UserPools?.[0]?.Id);
    },
    expected: false,
    basis: 'docs',
    source: 'botocore paginators, ListUserPools',
  },
  {
    id: 'pools.list-limit',
    call: 'ListUserPools',
    what: 'MaxResults ends at 60',
    run: (world) => refusal(world.aws.listUserPools({ MaxResults: 61 })),
    expected: expect.stringContaining("Value '61' at 'maxResults' failed to satisfy constraint"),
    basis: 'docs',
    source: 'botocore cognito-idp 2016-04-18',
  },
  {
    id: 'pools.custom-attribute',
    call: 'AddCustomAttributes, DescribeUserPool',
    what: 'an added attribute gets its prefix; twice the same is refused',
    run: async (world) => {
      const id = await world.newPool();
      const CustomAttributes = [{ Name: 'plan', AttributeDataType: 'String' as const, Mutable: true }];
      await world.aws.addCustomAttributes({ UserPoolId: id, CustomAttributes });
      const { UserPool } = await world.aws.describeUserPool({ UserPoolId: id });
      return [
        UserPool?.SchemaAttributes?.some(({ Name }) => Name === 'custom:plan'),
        await refusal(world.aws.addCustomAttributes({ UserPoolId: id, CustomAttributes })),
      ];
    },
    expected: [true, expect.stringContaining('InvalidParameterException: custom:plan')],
    basis: 'docs',
    source: 'DOC user-pool-settings-attributes',
  },
  {
    id: 'pools.custom-attribute-name',
    call: 'AddCustomAttributes',
    what: 'the name of a custom attribute has at most 20 characters',
    run: (world) =>
      refusal(
        world.aws.addCustomAttributes({ UserPoolId: world.poolId, CustomAttributes: [{ Name: 'a'.repeat(21) }] }),
      ),
    expected: expect.stringContaining('have length less than or equal to 20'),
    basis: 'docs',
    source: 'botocore CustomAttributeNameType',
  },
  {
    id: 'pools.custom-attribute-required',
    call: 'AddCustomAttributes',
    what: 'a custom attribute cannot be required',
    run: (world) =>
      refusal(
        world.aws.addCustomAttributes({
          UserPoolId: world.poolId,
          CustomAttributes: [{ Name: 'must', Required: true }],
        }),
      ),
    expected: 'InvalidParameterException: Required custom attributes are not supported currently.',
    basis: 'field',
    source: 'GH trek10inc/serverless-cognito-manager#4',
  },
  {
    id: 'pools.update-resets',
    call: 'UpdateUserPool, DescribeUserPool',
    what: 'UpdateUserPool resets what it is not told, but not the username attributes',
    run: async (world) => {
      const id = await world.newPool({ AutoVerifiedAttributes: ['email'], UsernameAttributes: ['email'] });
      await world.aws.updateUserPool({ UserPoolId: id, DeletionProtection: 'INACTIVE' });
      const { UserPool } = await world.aws.describeUserPool({ UserPoolId: id });
      return [UserPool?.AutoVerifiedAttributes, UserPool?.UsernameAttributes];
    },
    expected: [undefined, ['email']],
    basis: 'docs',
    source: 'DOC API_UpdateUserPool',
  },
  {
    id: 'pools.unmodelled-setting',
    call: 'CreateUserPool',
    what: 'a setting nothing acts on is refused and not forgotten',
    run: (world) => refusal(world.newPool({ MfaConfiguration: 'ON' })),
    expected: expect.stringContaining('NotImplementedException'),
    basis: 'inference',
    source: 'never a silent 200',
  },
];
