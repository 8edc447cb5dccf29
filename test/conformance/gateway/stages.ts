import type { Op, PatchOperation } from '@aws-sdk/client-api-gateway';
import { expect } from '@jest/globals';
import { type Row, refusal, type World } from '../gateway-rows.js';

const STAGES = 'LocalStack TestStages snapshots 2023-09 and 2024-03';
const DEPLOYMENTS = 'LocalStack TestDeployments snapshots 2023-09';
const FRESH_STAGE = {
  stageName: 'dev',
  deploymentId: expect.any(String),
  createdDate: expect.any(Date),
  lastUpdatedDate: expect.any(Date),
  cacheClusterEnabled: false,
  cacheClusterStatus: 'NOT_AVAILABLE',
  methodSettings: {},
  tracingEnabled: false,
};
const SETTING = {
  metricsEnabled: false,
  dataTraceEnabled: false,
  throttlingBurstLimit: 5000,
  throttlingRateLimit: 10_000,
  cacheTtlInSeconds: 300,
  cacheDataEncrypted: false,
  requireAuthorizationForCacheControl: true,
  unauthorizedCacheControlHeaderStrategy: 'SUCCEED_WITH_RESPONSE_HEADER',
};
const ACTIVE = '400 BadRequestException: Active stages pointing to this deployment must be moved or deleted';

async function patched(world: World, ...patchOperations: PatchOperation[]) {
  const { restApiId } = await world.deployed('staged');
  const { $metadata, ...stage } = await world.sdk.updateStage({ restApiId, stageName: 'dev', patchOperations });
  return { ...stage, restApiId };
}

function patchRow(id: string, what: string, [op, path, value]: [Op, string, string?], expected: unknown): Row {
  const run = async (world: World) => {
    try {
      return await patched(world, { op, path, value });
    } catch (error) {
      return refusal(Promise.reject(error));
    }
  };
  return { id, call: `UpdateStage ${op} ${path}`, what, run, expected, basis: 'recorded', source: STAGES };
}

export const STAGE_ROWS: readonly Row[] = [
  {
    id: 'SG1',
    call: 'GetStage',
    what: 'a stage made by a deployment',
    run: async (world) => {
      const { restApiId } = await world.deployed('staged');
      const { $metadata, ...stage } = await world.sdk.getStage({ restApiId, stageName: 'dev' });
      return stage;
    },
    expected: FRESH_STAGE,
    basis: 'recorded',
    source: DEPLOYMENTS,
  },
  {
    id: 'SG2',
    call: 'CreateStage',
    what: 'shows description and version of documentation as they were given',
    run: async (world) => {
      const { restApiId } = await world.deployed('staged');
      const { deploymentId } = await world.sdk.getStage({ restApiId, stageName: 'dev' });
      const given = { stageName: 's1', description: 'my stage', documentationVersion: 'v123' };
      const { $metadata, ...stage } = await world.sdk.createStage({ restApiId, deploymentId, ...given });
      return [$metadata.httpStatusCode, stage];
    },
    expected: [201, { ...FRESH_STAGE, stageName: 's1', description: 'my stage', documentationVersion: 'v123' }],
    basis: 'recorded',
    source: STAGES,
  },
  {
    id: 'SG3',
    call: 'GetStages',
    what: 'are filtered by their deployment',
    run: async (world) => {
      const { restApiId } = await world.deployed('staged');
      const { deploymentId } = await world.sdk.getStage({ restApiId, stageName: 'dev' });
      const { id } = await world.sdk.createDeployment({ restApiId, stageName: 'other' });
      const names = async (of?: string) =>
        (await world.sdk.getStages({ restApiId, deploymentId: of })).item?.map(({ stageName }) => stageName);
      return [await names(), await names(deploymentId), await names(id)];
    },
    expected: [['dev', 'other'], ['dev'], ['other']],
    basis: 'recorded',
    source: 'LocalStack test_get_stages_filters_by_deployment_id snapshot 2026-02',
  },
  patchRow(
    'SG4',
    'sets the description',
    ['replace', '/description', 'stage new'],
    expect.objectContaining({ description: 'stage new' }),
  ),
  patchRow(
    'SG5',
    'sets a variable',
    ['replace', '/variables/var1', 'test'],
    expect.objectContaining({ variables: { var1: 'test' } }),
  ),
  patchRow(
    'SG6',
    'switches tracing on',
    ['replace', '/tracingEnabled', 'true'],
    expect.objectContaining({ tracingEnabled: true }),
  ),
  patchRow(
    'SG7',
    'sets a throttle of all methods beside AWS’s defaults',
    ['replace', '/*/*/throttling/burstLimit', '123'],
    expect.objectContaining({
      methodSettings: { '*/*': { ...SETTING, cachingEnabled: false, throttlingBurstLimit: 123 } },
    }),
  ),
  patchRow(
    'SG8',
    'sets a throttle of one method, named without its first slash',
    ['replace', '/~1test/GET/throttling/burstLimit', '124'],
    expect.objectContaining({
      methodSettings: { 'test/GET': { ...SETTING, cachingEnabled: false, throttlingBurstLimit: 124 } },
    }),
  ),
  patchRow(
    'SG9',
    'switches caching on',
    ['replace', '/*/*/caching/enabled', 'true'],
    expect.objectContaining({ methodSettings: { '*/*': { ...SETTING, cachingEnabled: true } } }),
  ),
  patchRow(
    'SG10',
    'a setting that is not there cannot be removed',
    ['remove', '/*/*'],
    '400 BadRequestException: Cannot remove method setting */* because there is no method setting for this method ',
  ),
  patchRow(
    'SG11',
    'a path that cannot be patched is answered with all that can',
    ['replace', '/documentation_version', 'x'],
    '400 BadRequestException: Invalid method setting path: /documentation_version. Must be one of: [/deploymentId, /description, /cacheClusterEnabled, /cacheClusterSize, /clientCertificateId, /accessLogSettings, /accessLogSettings/destinationArn, /accessLogSettings/format, /{resourcePath}/{httpMethod}/metrics/enabled, /{resourcePath}/{httpMethod}/logging/dataTrace, /{resourcePath}/{httpMethod}/logging/loglevel, /{resourcePath}/{httpMethod}/throttling/burstLimit/{resourcePath}/{httpMethod}/throttling/rateLimit/{resourcePath}/{httpMethod}/caching/ttlInSeconds, /{resourcePath}/{httpMethod}/caching/enabled, /{resourcePath}/{httpMethod}/caching/dataEncrypted, /{resourcePath}/{httpMethod}/caching/requireAuthorizationForCacheControl, /{resourcePath}/{httpMethod}/caching/unauthorizedCacheControlHeaderStrategy, /*/*/metrics/enabled, /*/*/logging/dataTrace, /*/*/logging/loglevel, /*/*/throttling/burstLimit /*/*/throttling/rateLimit /*/*/caching/ttlInSeconds, /*/*/caching/enabled, /*/*/caching/dataEncrypted, /*/*/caching/requireAuthorizationForCacheControl, /*/*/caching/unauthorizedCacheControlHeaderStrategy, /variables/{variable_name}, /tracingEnabled]',
  ),
  patchRow(
    'SG12',
    'tags are not patched',
    ['replace', '/tags/tag1', 'x'],
    expect.stringMatching(
      /^400 BadRequestException: Invalid method setting path: \/tags\/tag1\. Must be one of: \[\/deploymentId/,
    ),
  ),
  {
    id: 'SG13',
    call: 'UpdateStage remove /*/*',
    what: 'takes the settings away',
    run: async (world) => {
      const { restApiId, methodSettings } = await patched(world, {
        op: 'replace',
        path: '/*/*/caching/enabled',
        value: 'true',
      });
      const patchOperations: PatchOperation[] = [{ op: 'remove', path: '/*/*' }];
      const after = await world.sdk.updateStage({ restApiId, stageName: 'dev', patchOperations });
      return [Object.keys(methodSettings ?? {}), after.methodSettings];
    },
    expected: [['*/*'], {}],
    basis: 'recorded',
    source: STAGES,
  },
  {
    id: 'SG14',
    call: 'UpdateStage replace /deploymentId',
    what: 'brings an earlier deployment back',
    run: async (world) => {
      const address = await world.deployed('back');
      const { deploymentId } = await world.sdk.getStage({ restApiId: address.restApiId, stageName: 'dev' });
      await world.sdk.updateMethod({
        ...address,
        patchOperations: [{ op: 'replace', path: '/apiKeyRequired', value: 'true' }],
      });
      await world.deploy(address.restApiId);
      const path = `${address.restApiId}/dev/back`;
      const after = (await world.call(path)).status;
      const patchOperations: PatchOperation[] = [{ op: 'replace', path: '/deploymentId', value: deploymentId }];
      await world.sdk.updateStage({ restApiId: address.restApiId, stageName: 'dev', patchOperations });
      return [after, (await world.call(path)).status];
    },
    expected: [403, 200],
    basis: 'docs',
    source: 'DOC how-to-deploy-api: rolling back',
    needs: ['gate'],
  },
  {
    id: 'SG15',
    call: 'DeleteStage',
    what: 'answers 202; then calls to it are forbidden',
    run: async (world) => {
      const { restApiId } = await world.deployed('gone');
      const { $metadata } = await world.sdk.deleteStage({ restApiId, stageName: 'dev' });
      return [$metadata.httpStatusCode, (await world.call(`${restApiId}/dev/gone`)).body];
    },
    expected: [202, '{"message":"Forbidden"}'],
    basis: 'docs',
    source: 'DOC API_DeleteStage',
    needs: ['gate'],
  },
  {
    id: 'SG16',
    call: 'CreateStage',
    what: 'a name with a slash is refused',
    run: async (world) => {
      const { restApiId } = await world.deployed('named');
      return (await refusal(world.sdk.createStage({ restApiId, stageName: 'a/b', deploymentId: 'x' }))).slice(0, 23);
    },
    expected: '400 BadRequestException',
    basis: 'docs',
    source: 'DOC set-up-stages: letters, digits, hyphens, underscores',
  },
  {
    id: 'SG17',
    call: 'GET a deployed API',
    what: 'the throttle of a stage binds all callers together, with or without a key',
    run: async (world) => {
      const { restApiId } = await world.deployed('slow');
      const patchOperations: PatchOperation[] = [
        { op: 'replace', path: '/~1slow/GET/throttling/rateLimit', value: '0.01' },
        { op: 'replace', path: '/~1slow/GET/throttling/burstLimit', value: '2' },
      ];
      await world.sdk.updateStage({ restApiId, stageName: 'dev', patchOperations });
      return world.statuses(3, `${restApiId}/dev/slow`, {});
    },
    expected: [200, 200, 429],
    basis: 'docs',
    source: 'DOC api-gateway-request-throttling: per-method throttling of a stage',
    needs: ['gate'],
  },
];

export const DEPLOYMENT_ROWS: readonly Row[] = [
  {
    id: 'DP1',
    call: 'GetDeployment',
    what: 'shows id and date',
    run: async (world) => {
      const { restApiId } = await world.deployed('d');
      const { items = [] } = await world.sdk.getDeployments({ restApiId });
      const { $metadata, ...deployment } = await world.sdk.getDeployment({ restApiId, deploymentId: items[0]?.id });
      return deployment;
    },
    expected: { id: expect.stringMatching(/^[a-z0-9]{6}$/), createdDate: expect.any(Date) },
    basis: 'recorded',
    source: DEPLOYMENTS,
  },
  {
    id: 'DP2',
    call: 'DeleteDeployment',
    what: 'a deployment that a stage serves stays; one that none serves goes with 202',
    run: async (world) => {
      const { restApiId } = await world.deployed('d');
      const { deploymentId } = await world.sdk.getStage({ restApiId, stageName: 'dev' });
      const remove = () => world.wire('DELETE', `/restapis/${restApiId}/deployments/${deploymentId}`);
      const held = await refusal(world.sdk.deleteDeployment({ restApiId, deploymentId }));
      await world.deploy(restApiId);
      return [held, (await remove()).status, (await remove()).status];
    },
    expected: [ACTIVE, 202, 404],
    basis: 'recorded',
    source: DEPLOYMENTS,
  },
  {
    id: 'DP3',
    call: 'CreateDeployment',
    what: 'a stage keeps its settings when it serves the next deployment',
    run: async (world) => {
      const { restApiId } = await patched(world, { op: 'replace', path: '/variables/a', value: '1' });
      await world.deploy(restApiId);
      return (await world.sdk.getStage({ restApiId, stageName: 'dev' })).variables;
    },
    expected: { a: '1' },
    basis: 'docs',
    source: 'DOC how-to-deploy-api: redeploying to a stage',
  },
  {
    id: 'DP4',
    call: 'UpdateDeployment',
    what: 'replaces the description and nothing else',
    run: async (world) => {
      const { restApiId } = await world.deployed('d');
      const { deploymentId } = await world.sdk.getStage({ restApiId, stageName: 'dev' });
      const patch = (path: string) =>
        world.sdk.updateDeployment({
          restApiId,
          deploymentId,
          patchOperations: [{ op: 'replace', path, value: 'told' }],
        });
      return [(await patch('/description')).description, await refusal(patch('/id'))];
    },
    expected: [
      'told',
      "400 BadRequestException: Invalid patch path  '/id' specified for op 'replace'. Must be one of: [/description]",
    ],
    basis: 'docs',
    source: 'DOC patch-operations; the words are those of other resources',
  },
  {
    id: 'DP5',
    call: 'GetDeployment',
    what: 'tells what it serves with embed=apisummary',
    run: async (world) => {
      const { restApiId } = await world.deployed('told', { apiKeyRequired: true });
      const { deploymentId } = await world.sdk.getStage({ restApiId, stageName: 'dev' });
      const { apiSummary } = await world.sdk.getDeployment({ restApiId, deploymentId, embed: ['apisummary'] });
      return apiSummary?.['/told'];
    },
    expected: { GET: { authorizationType: 'NONE', apiKeyRequired: true } },
    basis: 'docs',
    source: 'DOC API_GetDeployment: embed',
  },
  {
    id: 'DP6',
    call: 'GET a deployed API',
    what: 'changes to methods, gateway responses and the source of keys wait for the next deployment',
    run: async (world) => {
      const { restApiId } = await world.deployed('waits', { apiKeyRequired: true });
      const path = `${restApiId}/dev/waits`;
      await world.sdk.putGatewayResponse({ restApiId, responseType: 'INVALID_API_KEY', statusCode: '418' });
      const before = (await world.call(path)).status;
      await world.deploy(restApiId);
      return [before, (await world.call(path)).status];
    },
    expected: [403, 418],
    basis: 'docs',
    source: 'DOC how-to-deploy-api',
    needs: ['gate'],
  },
  {
    id: 'DP7',
    call: 'GET a deployed API',
    what: 'a switched-off endpoint forbids every call, from the next deployment on',
    run: async (world) => {
      const { restApiId } = await world.deployed('off');
      const patchOperations: PatchOperation[] = [{ op: 'replace', path: '/disableExecuteApiEndpoint', value: 'true' }];
      await world.sdk.updateRestApi({ restApiId, patchOperations });
      const before = (await world.call(`${restApiId}/dev/off`)).status;
      await world.deploy(restApiId);
      return [before, (await world.call(`${restApiId}/dev/off`)).body];
    },
    expected: [200, '{"message":"Forbidden"}'],
    basis: 'docs',
    source: 'DOC rest-api-disable-default-endpoint',
    needs: ['gate'],
  },
];
