import type * as sdk from '@aws-sdk/client-api-gateway';
import { badRequest, conflict, invalidPatch, notFound, slice } from '../replies.js';
import { newId } from '../tables.js';
import type { Resource, RestApiRecord } from './definition.js';
import type { Drafts } from './drafts.js';

/** The paths of an API, as a tree whose root is `/`. */
export class Resources {
  readonly operations = {
    CreateResource: (input: sdk.CreateResourceCommandInput) => this.create(input),
    GetResource: (input: sdk.GetResourceCommandInput) => this.get(input),
    GetResources: (input: sdk.GetResourcesCommandInput) => this.list(input),
    UpdateResource: (input: sdk.UpdateResourceCommandInput) => this.update(input),
    DeleteResource: (input: sdk.DeleteResourceCommandInput) => this.delete(input),
  };

  constructor(private readonly drafts: Drafts) {}

  create({ restApiId, parentId = '', pathPart = '' }: sdk.CreateResourceCommandInput) {
    const api = this.drafts.apiOfResource(restApiId);
    const parent = api.resources[parentId];
    if (!parent) throw notFound('Invalid Resource identifier specified');
    const resource: Resource = { id: newId(6), parentId, pathPart, path: under(parent, pathPart), resourceMethods: {} };
    checkPlace(api, resource, parent);
    return shown(this.drafts.putResource(api, resource));
  }

  private get({ restApiId, resourceId, embed }: sdk.GetResourceCommandInput) {
    return shown(this.drafts.resource(restApiId, resourceId), embed);
  }

  private list({ restApiId, embed, ...request }: sdk.GetResourcesCommandInput) {
    const byPath = Object.values(this.drafts.api(restApiId).resources).sort((a, b) => (a.path < b.path ? -1 : 1));
    const { items, position } = slice(byPath, request);
    return { items: items.map((resource) => shown(resource, embed)), position };
  }

  private update({ restApiId, resourceId, patchOperations = [] }: sdk.UpdateResourceCommandInput) {
    for (const { op = 'replace', path = '', value = '' } of patchOperations) {
      const resource = this.drafts.resource(restApiId, resourceId);
      const api = this.drafts.apiOfResource(restApiId);
      const allowed = op === 'replace' ? ['/parentId', '/pathPart'] : [];
      if (!allowed.includes(path)) throw invalidPatch(op, path, allowed);
      if (resource.path === '/') throw badRequest(`Root resource cannot update its ${path.slice(1)}.`);
      this.move(api, path === '/pathPart' ? { ...resource, pathPart: value } : { ...resource, parentId: value });
    }
    return shown(this.drafts.resource(restApiId, resourceId));
  }

  /** Children go along with their parent. */
  private move(api: RestApiRecord, moved: Resource): void {
    const parent = api.resources[moved.parentId ?? ''];
    if (!parent) throw notFound('Invalid Resource identifier specified');
    if (descendants(api, moved.id).includes(parent.id)) throw badRequest('Resources cannot be cyclical.');
    const placed = { ...moved, path: under(parent, moved.pathPart) };
    checkPlace(api, placed, parent);
    const resources: Record<string, Resource> = { ...api.resources, [moved.id]: placed };
    for (const id of descendants(api, moved.id)) {
      const child = resources[id];
      const above = resources[child?.parentId ?? ''];
      if (child && above && id !== moved.id) resources[id] = { ...child, path: under(above, child.pathPart) };
    }
    this.drafts.put({ ...api, resources });
  }

  private delete({ restApiId, resourceId }: sdk.DeleteResourceCommandInput): void {
    const resource = this.drafts.resource(restApiId, resourceId);
    if (resource.path === '/') throw badRequest('Root resource cannot be deleted');
    const api = this.drafts.apiOfResource(restApiId);
    const gone = descendants(api, resource.id);
    const kept = Object.entries(api.resources).filter(([id]) => !gone.includes(id));
    this.drafts.put({ ...api, resources: Object.fromEntries(kept) });
  }
}

function under(parent: Resource, pathPart = ''): string {
  return `${parent.path === '/' ? '' : parent.path}/${pathPart}`;
}

/** The resource and all below it, parents before their children. */
function descendants(api: RestApiRecord, id: string): string[] {
  const children = Object.values(api.resources).filter(({ parentId }) => parentId === id);
  return [id, ...children.flatMap((child) => descendants(api, child.id))];
}

function checkPlace(api: RestApiRecord, { id, pathPart = '', parentId }: Resource, parent: Resource): void {
  if (!/^(\{[\w.:-]+\+?\}|[\w.:$~!*'(),;=@&-]+)$/.test(pathPart))
    throw badRequest(
      "Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the beginning and the end.",
    );
  if (parent.pathPart?.endsWith('+}'))
    throw badRequest(`Cannot create a child of a resource with a greedy path variable: ${parent.pathPart}`);
  const siblings = Object.values(api.resources).filter((other) => other.parentId === parentId && other.id !== id);
  if (siblings.some((sibling) => sibling.pathPart === pathPart))
    throw conflict(`Another resource with the same parent already has this name: ${pathPart}`);
  const variable = siblings.find((sibling) => sibling.pathPart?.startsWith('{'));
  if (pathPart.startsWith('{') && variable)
    throw badRequest(
      `A sibling (${variable.pathPart}) of this resource already has a variable path part -- only one is allowed`,
    );
}

/** Methods are named always, and told of only when asked for. */
function shown({ resourceMethods, ...resource }: Resource, embed: readonly string[] = []) {
  const methods = Object.entries(resourceMethods).map(([name, method]) => [
    name,
    embed.includes('methods') ? method : {},
  ]);
  return { ...resource, ...(methods.length > 0 && { resourceMethods: Object.fromEntries(methods) }) };
}
