import { expect } from '@jest/globals';
import { type Row, refusal, type World } from '../gateway-rows.js';

const ROLE = 'arn:aws:iam::{account}:role/logs';

export const ACCOUNT: readonly Row[] = [
  {
    id: 'N1',
    call: 'GetAccount',
    what: 'shows the Region’s throttle, the version of keys and usage plans as a feature',
    run: async ({ sdk }) => {
      const { $metadata, ...account } = await sdk.getAccount({});
      return account;
    },
    expected: {
      throttleSettings: { burstLimit: 5000, rateLimit: 10_000 },
      features: ['UsagePlans'],
      apiKeyVersion: '4',
    },
    basis: 'docs',
    source: 'DOC API_GetAccount, api-gateway-request-throttling',
  },
  {
    id: 'N2',
    call: 'UpdateAccount',
    what: 'replaces the role for logs, and takes it away with an empty value',
    run: async (world) => {
      const set = (value: string) =>
        world.sdk.updateAccount({ patchOperations: [{ op: 'replace', path: '/cloudwatchRoleArn', value }] });
      return [(await set(world.filled(ROLE))).cloudwatchRoleArn, (await set('')).cloudwatchRoleArn];
    },
    expected: [ROLE, undefined],
    basis: 'docs',
    source: 'DOC patch-operations',
    needs: ['account'],
  },
  {
    id: 'N3',
    call: 'UpdateAccount',
    what: 'refuses a role that is none',
    run: ({ sdk }) =>
      refusal(sdk.updateAccount({ patchOperations: [{ op: 'replace', path: '/cloudwatchRoleArn', value: 'role' }] })),
    expected:
      '400 BadRequestException: The role ARN does not have required permissions configured. Please grant trust permission for API Gateway and add the required role policy.',
    basis: 'field',
    source: 'GH tmobile/jazz-installer#597: the words for a role API Gateway cannot use',
    needs: ['account'],
  },
  {
    id: 'N4',
    call: 'UpdateAccount',
    what: 'refuses other paths',
    run: ({ sdk }) =>
      refusal(sdk.updateAccount({ patchOperations: [{ op: 'replace', path: '/throttleSettings', value: '1' }] })),
    expected: expect.stringMatching(/^400 BadRequestException/),
    basis: 'docs',
    source: 'DOC patch-operations',
    needs: ['account'],
  },
];

/** The ARN of something taggable, made for the row. */
const TAGGABLE: Readonly<Record<string, (world: World) => Promise<string>>> = {
  'an API key': async (world) => `/apikeys/${(await world.key()).id}`,
  'a usage plan': async (world) => `/usageplans/${(await world.plan()).id}`,
  'a REST API': async (world) => `/restapis/${(await world.deployed('tagged')).restApiId}`,
  'a stage': async (world) => `/restapis/${(await world.deployed('tagged')).restApiId}/stages/dev`,
};

const tagRows = Object.entries(TAGGABLE).map(
  ([what, make], at): Row => ({
    id: `J${at + 1}`,
    call: 'TagResource, UntagResource, GetTags',
    what: `tags of ${what} are added, overwritten and taken away`,
    run: async (world) => {
      const resourceArn = world.arn(`${await make(world)}`);
      await world.sdk.tagResource({ resourceArn, tags: { a: '1', b: '2' } });
      await world.sdk.tagResource({ resourceArn, tags: { b: '3' } });
      await world.sdk.untagResource({ resourceArn, tagKeys: ['a', 'never'] });
      return (await world.sdk.getTags({ resourceArn })).tags;
    },
    expected: { b: '3' },
    basis: 'docs',
    source: 'DOC API_TagResource, API_UntagResource, API_GetTags',
  }),
);

export const TAGS: readonly Row[] = [
  ...tagRows,
  {
    id: 'J5',
    call: 'TagResource',
    what: 'answers 204 without a body',
    run: async (world) => {
      const { id } = await world.key();
      const arn = encodeURIComponent(world.arn(`/apikeys/${id}`));
      return world.wire('PUT', `/tags/${arn}`, { tags: { a: '1' } });
    },
    expected: { status: 204, type: null, body: '' },
    basis: 'docs',
    source: 'DOC API_TagResource',
  },
  {
    id: 'J6',
    call: 'GetTags',
    what: 'what is no ARN of API Gateway is refused',
    run: async ({ sdk }) => (await refusal(sdk.getTags({ resourceArn: 'arn:aws:s3:::bucket' }))).slice(0, 23),
    expected: '400 BadRequestException',
    basis: 'inference',
    source: 'DOC API_GetTags declares BadRequestException',
  },
  {
    id: 'J7',
    call: 'GetTags',
    what: 'what does not exist has none',
    run: async (world) =>
      (await refusal(world.sdk.getTags({ resourceArn: world.arn('/apikeys/nosuchkey0') }))).slice(0, 21),
    expected: '404 NotFoundException',
    basis: 'docs',
    source: 'DOC API_GetTags',
  },
  {
    id: 'J8',
    call: 'GetStage',
    what: 'shows tags only where there are some',
    run: async (world) => {
      const { restApiId } = await world.deployed('staged');
      const stage = { restApiId, stageName: 'dev' };
      const bare = await world.sdk.getStage(stage);
      const resourceArn = world.arn(`/restapis/${restApiId}/stages/dev`);
      await world.sdk.tagResource({ resourceArn, tags: { a: '1' } });
      return ['tags' in bare, (await world.sdk.getStage(stage)).tags];
    },
    expected: [false, { a: '1' }],
    basis: 'recorded',
    source: 'LocalStack test_create_update_stages snapshot 2023-09, for the absence',
  },
];
