import { expect } from '@jest/globals';
import { type Row, refusal } from '../cognito-rows.js';

export const LISTS: readonly Row[] = [
  {
    id: 'list.pages',
    call: 'ListUsers',
    what: 'pages of at most Limit cover everybody once',
    run: async (world) => {
      const UserPoolId = await world.newPool();
      for (let i = 0; i < 5; i++) await world.user({ poolId: UserPoolId, username: `user${i}` });
      const seen: (string | undefined)[] = [];
      let PaginationToken: string | undefined;
      let pages = 0;
      do {
        const page = await world.aws.listUsers({ UserPoolId, Limit: 2, PaginationToken });
        seen.push(...(page.Users ?? []).map(({ Username }) => Username));
        PaginationToken = page.PaginationToken;
        pages++;
      } while (PaginationToken);
      return [pages, seen];
    },
    expected: [3, ['user0', 'user1', 'user2', 'user3', 'user4']],
    basis: 'docs',
    source: 'DOC API_ListUsers',
  },
  {
    id: 'list.limit',
    call: 'ListUsers',
    what: 'Limit ends at 60',
    run: (world) => refusal(world.aws.listUsers({ UserPoolId: world.poolId, Limit: 61 })),
    expected: expect.stringContaining("Value '61' at 'limit' failed to satisfy constraint"),
    basis: 'docs',
    source: 'botocore QueryLimitType',
  },
  {
    id: 'list.token',
    call: 'ListUsers',
    what: 'a token is for its own list, and for an hour',
    run: async (world) => {
      await Promise.all([world.someone(), world.someone()]);
      const { PaginationToken } = await world.aws.listUsers({ UserPoolId: world.poolId, Limit: 1 });
      const go = (UserPoolId: string, token = PaginationToken) =>
        world.aws.listUsers({ UserPoolId, PaginationToken: token });
      const refused = [await refusal(go(world.namesId)), await refusal(go(world.poolId, 'garbage'))];
      world.clock.forward(3601);
      return [...refused, await refusal(go(world.poolId))];
    },
    expected: Array.from({ length: 3 }, () => expect.stringContaining('InvalidParameterException')),
    basis: 'docs',
    source: 'DOC API_ListUsers (PaginationToken)',
    needs: ['clock'],
  },
  {
    id: 'list.equal-and-prefix',
    call: 'ListUsers',
    what: '= is equality and ^= a prefix; an address is found in any case',
    run: async (world) => {
      const { email, sub } = await world.someone();
      const found = [
        await world.find(`email = "${email.toUpperCase()}"`),
        await world.find(`email ^= "${email.slice(0, 30)}"`),
        await world.find(`email = "${email.slice(0, 30)}"`),
        await world.find(`sub="${sub}"`),
      ];
      return found.map((names) => names?.length);
    },
    expected: [1, 1, 0, 1],
    basis: 'docs',
    source: 'DOC how-to-manage-user-accounts#cognito-user-pools-searching-user-attributes',
  },
  {
    id: 'list.case',
    call: 'ListUsers',
    what: 'username and status keep to the case, cognito:user_status does not',
    run: async (world) => {
      await world.user({ poolId: world.namesId, username: 'CaseKeeper' });
      return [
        await world.find('username = "casekeeper"', world.namesId),
        await world.find('username = "CaseKeeper"', world.namesId),
        await world.find('status = "enabled"', world.namesId),
        (await world.find('status = "Enabled"', world.namesId))?.includes('CaseKeeper'),
        (await world.find('cognito:user_status = "confirmed"', world.namesId))?.includes('CaseKeeper'),
      ];
    },
    expected: [[], ['CaseKeeper'], [], true, true],
    basis: 'docs',
    source: 'DOC API_ListUsers (Filter)',
  },
  {
    id: 'list.escapes',
    call: 'ListUsers',
    what: 'quotes and backslashes in a value are escaped',
    run: async (world) => {
      const { sub } = await world.someone({ name: 'Ada "the \\ first" L' });
      return (await world.find('name = "Ada \\"the \\\\ first\\" L"'))?.join() === sub;
    },
    expected: true,
    basis: 'docs',
    source: 'DOC API_ListUsers (Filter)',
  },
  {
    id: 'list.bad-filter',
    call: 'ListUsers',
    what: 'what is no single condition is refused, injected ones too',
    run: (world) =>
      Promise.all(
        ['foo', 'email', 'email = ada', 'email = "a" or email = "b"', 'email = "a"" "', 'email $= "a"'].map((filter) =>
          refusal(world.find(filter)),
        ),
      ),
    expected: Array.from({ length: 6 }, () => 'InvalidParameterException: Error while parsing filter.'),
    basis: 'field',
    source: 'GH aws/aws-sdk-php#1088, aws/aws-sdk-js#3147',
  },
  {
    id: 'list.unsearchable',
    call: 'ListUsers',
    what: 'custom attributes cannot be searched',
    run: (world) => refusal(world.find('custom:plan = "pro"')),
    expected: expect.stringContaining('InvalidParameterException'),
    basis: 'docs',
    source: 'DOC API_ListUsers (Filter); GH getmoto/moto#4389',
  },
  {
    id: 'list.attributes-to-get',
    call: 'ListUsers',
    what: 'AttributesToGet narrows, and fails when one user lacks the attribute',
    run: async (world) => {
      const { email } = await world.someone({ name: 'Ada' });
      const ask = (...AttributesToGet: string[]) =>
        world.aws.listUsers({ UserPoolId: world.poolId, Filter: `email = "${email}"`, AttributesToGet });
      const { Users } = await ask('name');
      return [Users?.[0]?.Attributes, await refusal(ask('custom:plan')), await refusal(ask('sub'))];
    },
    expected: [
      [{ Name: 'name', Value: 'Ada' }],
      'InvalidParameterException: Input fails to satisfy the constraints.',
      'InvalidParameterException: Input fails to satisfy the constraints.',
    ],
    basis: 'docs',
    source: 'DOC API_ListUsers (AttributesToGet); GH aws-samples/sample-collaborative-ai-dlc#52',
  },
  {
    id: 'list.group-pages',
    call: 'ListUsersInGroup',
    what: 'members of a group come in pages',
    run: async (world) => {
      await world.aws.createGroup({ UserPoolId: world.poolId, GroupName: 'paged' });
      await Promise.all([world.someone({}, ['paged']), world.someone({}, ['paged'])]);
      const at = { UserPoolId: world.poolId, GroupName: 'paged' };
      const first = await world.aws.listUsersInGroup({ ...at, Limit: 1 });
      const second = await world.aws.listUsersInGroup({ ...at, Limit: 1, NextToken: first.NextToken });
      return [first.Users?.length, second.Users?.length, second.NextToken];
    },
    expected: [1, 1, undefined],
    basis: 'docs',
    source: 'DOC API_ListUsersInGroup',
  },
];
