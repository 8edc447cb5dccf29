import type { PatchOperation } from '@aws-sdk/client-api-gateway';
import { expect } from '@jest/globals';
import { type Row, refusal, type World } from '../gateway-rows.js';

const RESOURCES = 'LocalStack TestApiGatewayApiResource snapshots 2024-04';
const UNKNOWN = '404 NotFoundException: Invalid Resource identifier specified';

/** An API with the paths given, each under the one named before the colon: `pets:dogs` is below `pets`. */
async function tree(world: World, ...paths: readonly string[]) {
  const { id: restApiId = '', rootResourceId = '' } = await world.sdk.createRestApi({ name: world.name('tree') });
  const ids: Record<string, string> = { '': rootResourceId };
  for (const path of paths) {
    const [parent = '', pathPart = ''] = path.includes('>') ? path.split('>') : ['', path];
    const { id = '' } = await world.sdk.createResource({ restApiId, parentId: ids[parent], pathPart });
    ids[pathPart] = id;
  }
  return { restApiId, ids };
}

async function pathsOf(world: World, restApiId: string) {
  const { items = [] } = await world.sdk.getResources({ restApiId, limit: 500 });
  return items.map(({ path }) => path);
}

/** Adds one resource to a tree, and tells its path or the refusal. */
function addRow(
  id: string,
  what: string,
  paths: readonly string[],
  [parent, pathPart]: [string, string],
  expected: unknown,
): Row {
  const run = async (world: World) => {
    const { restApiId, ids } = await tree(world, ...paths);
    try {
      return (await world.sdk.createResource({ restApiId, parentId: ids[parent] ?? parent, pathPart })).path;
    } catch (error) {
      return refusal(Promise.reject(error));
    }
  };
  return { id, call: 'CreateResource', what, run, expected, basis: 'recorded', source: RESOURCES };
}

/** Changes one resource of a tree, and tells all paths or the refusal. */
function moveRow(
  id: string,
  what: string,
  paths: readonly string[],
  resource: string,
  patch: PatchOperation,
  expected: unknown,
): Row {
  const run = async (world: World) => {
    const { restApiId, ids } = await tree(world, ...paths);
    const value = ids[patch.value ?? ''] && patch.path === '/parentId' ? ids[patch.value ?? ''] : patch.value;
    const patchOperations = [{ ...patch, value }];
    try {
      await world.sdk.updateResource({ restApiId, resourceId: ids[resource] ?? resource, patchOperations });
      return await pathsOf(world, restApiId);
    } catch (error) {
      return refusal(Promise.reject(error));
    }
  };
  return { id, call: 'UpdateResource', what, run, expected, basis: 'recorded', source: RESOURCES };
}

export const RESOURCE_ROWS: readonly Row[] = [
  {
    id: 'RS1',
    call: 'GetResources',
    what: 'a new API has its root alone, without methods',
    run: async (world) => {
      const { restApiId, ids } = await tree(world);
      const { items } = await world.sdk.getResources({ restApiId });
      return items?.map((resource) => ({ ...resource, id: resource.id === ids[''] }));
    },
    expected: [{ id: true, path: '/' }],
    basis: 'recorded',
    source: RESOURCES,
  },
  {
    id: 'RS2',
    call: 'GetResources',
    what: 'resources are listed by path',
    run: async (world) => {
      const { restApiId } = await tree(world, '{proxy+}', 'parent', 'parent>{child}', 'parent>child', 'child>{any+}');
      return pathsOf(world, restApiId);
    },
    expected: ['/', '/parent', '/parent/child', '/parent/child/{any+}', '/parent/{child}', '/{proxy+}'],
    basis: 'recorded',
    source: RESOURCES,
  },
  {
    id: 'RS3',
    call: 'GetResources',
    what: 'a page holds 25 resources unless asked otherwise',
    run: async (world) => {
      const { restApiId } = await tree(world, ...Array.from({ length: 26 }, (_, at) => `r${at}`));
      const first = await world.sdk.getResources({ restApiId });
      const rest = await world.sdk.getResources({ restApiId, position: first.position });
      return [first.items?.length, rest.items?.length, rest.position];
    },
    expected: [25, 2, undefined],
    basis: 'docs',
    source: 'DOC API_GetResources',
  },
  {
    id: 'RS4',
    call: 'GetResources',
    what: 'methods are named, and told of only with embed=methods',
    run: async (world) => {
      const { restApiId, resourceId } = await world.deployed('embedded');
      const bare = await world.sdk.getResource({ restApiId, resourceId });
      const full = await world.sdk.getResource({ restApiId, resourceId, embed: ['methods'] });
      return [bare.resourceMethods, full.resourceMethods?.GET?.authorizationType];
    },
    expected: [{ GET: {} }, 'NONE'],
    basis: 'docs',
    source: 'DOC API_GetResource: embed',
  },
  addRow('RS5', 'a resource knows its whole path', ['pets'], ['pets', 'subpets'], '/pets/subpets'),
  addRow('RS6', 'a parent that does not exist', [], ['nosuch', 'x'], UNKNOWN),
  addRow(
    'RS7',
    'siblings differ in name',
    ['pets'],
    ['', 'pets'],
    '409 ConflictException: Another resource with the same parent already has this name: pets',
  ),
  addRow('RS8', 'a greedy path may stand beside fixed ones', ['child'], ['', '{proxy+}'], '/{proxy+}'),
  addRow(
    'RS9',
    'only one of the siblings is variable',
    ['{proxy+}'],
    ['', '{dynamic}'],
    '400 BadRequestException: A sibling ({proxy+}) of this resource already has a variable path part -- only one is allowed',
  ),
  addRow(
    'RS10',
    'nothing is below a greedy path',
    ['{proxy+}'],
    ['{proxy+}', 'child'],
    '400 BadRequestException: Cannot create a child of a resource with a greedy path variable: {proxy+}',
  ),
  addRow('RS11', 'a greedy path may have any name', ['parent'], ['parent', '{child+}'], '/parent/{child+}'),
  moveRow(
    'RS12',
    'a part of a path is renamed, with all below',
    ['pets', 'pets>subpets'],
    'pets',
    { op: 'replace', path: '/pathPart', value: 'dogs' },
    ['/', '/dogs', '/dogs/subpets'],
  ),
  moveRow(
    'RS13',
    'a resource moves to the root, with all below',
    ['pets', 'pets>subpets', 'subpets>more'],
    'subpets',
    { op: 'replace', path: '/parentId', value: '' },
    ['/', '/pets', '/subpets', '/subpets/more'],
  ),
  moveRow(
    'RS14',
    'a resource moves below another',
    ['pets', 'pets>subpets', 'subpets>more', 'other'],
    'subpets',
    { op: 'replace', path: '/parentId', value: 'other' },
    ['/', '/other', '/other/subpets', '/other/subpets/more', '/pets'],
  ),
  moveRow(
    'RS15',
    'a resource does not move below itself',
    ['pets', 'pets>subpets'],
    'pets',
    { op: 'replace', path: '/parentId', value: 'subpets' },
    '400 BadRequestException: Resources cannot be cyclical.',
  ),
  moveRow(
    'RS16',
    'a name that a sibling has',
    ['pets', 'dogs'],
    'dogs',
    { op: 'replace', path: '/pathPart', value: 'pets' },
    '409 ConflictException: Another resource with the same parent already has this name: pets',
  ),
  moveRow(
    'RS17',
    'a resource that does not exist',
    [],
    'nosuch',
    { op: 'replace', path: '/pathPart', value: 'x' },
    UNKNOWN,
  ),
  moveRow(
    'RS18',
    'a path that cannot be patched',
    ['pets'],
    'pets',
    { op: 'replace', path: '/invalid', value: 'x' },
    "400 BadRequestException: Invalid patch path  '/invalid' specified for op 'replace'. Must be one of: [/parentId, /pathPart]",
  ),
  moveRow(
    'RS19',
    'nothing can be removed',
    ['pets'],
    'pets',
    { op: 'remove', path: '/pathPart' },
    "400 BadRequestException: Invalid patch path  '/pathPart' specified for op 'remove'. Please choose supported operations",
  ),
  moveRow(
    'RS20',
    'nothing can be added',
    ['pets'],
    'pets',
    { op: 'add', path: '/pathPart', value: 'x' },
    "400 BadRequestException: Invalid patch path  '/pathPart' specified for op 'add'. Please choose supported operations",
  ),
  {
    ...moveRow(
      'RS21',
      'the root keeps its name',
      [],
      '',
      { op: 'replace', path: '/pathPart', value: 'x' },
      '400 BadRequestException: Root resource cannot update its pathPart.',
    ),
    source: 'LocalStack test_update_resource_on_root snapshot 2025-09',
  },
  {
    ...moveRow(
      'RS22',
      'the root has no parent',
      [],
      '',
      { op: 'replace', path: '/parentId', value: 'x' },
      '400 BadRequestException: Root resource cannot update its parentId.',
    ),
    source: 'LocalStack test_update_resource_on_root snapshot 2025-09',
  },
  {
    id: 'RS23',
    call: 'DeleteResource',
    what: 'a resource takes all below along',
    run: async (world) => {
      const { restApiId, ids } = await tree(world, 'pets', 'pets>subpets');
      const { $metadata } = await world.sdk.deleteResource({ restApiId, resourceId: ids.pets });
      const child = await refusal(world.sdk.deleteResource({ restApiId, resourceId: ids.subpets }));
      return [$metadata.httpStatusCode, child, await pathsOf(world, restApiId)];
    },
    expected: [202, UNKNOWN, ['/']],
    basis: 'recorded',
    source: RESOURCES,
  },
  {
    id: 'RS24',
    call: 'CreateResource',
    what: 'a path part with a space is refused',
    run: async (world) => {
      const { restApiId, ids } = await tree(world);
      return refusal(world.sdk.createResource({ restApiId, parentId: ids[''], pathPart: 'two words' }));
    },
    expected: expect.stringMatching(/^400 BadRequestException: Resource's path part only allow/),
    basis: 'field',
    source: 'GH claudiajs/claudia#11; getmoto/moto#6148 on colons',
  },
];
