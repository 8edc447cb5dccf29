import { notFound } from '../replies.js';
import type { GatewayTables } from '../tables.js';
import type { Integration, Method, Resource, RestApiRecord } from './definition.js';

export const ACCOUNT_ID = '000000000000';

export interface MethodAddress {
  readonly restApiId: string | undefined;
  readonly resourceId: string | undefined;
  readonly httpMethod: string | undefined;
}

/** APIs as they are drawn up: finds their parts, refuses in AWS's words, and puts changed ones back. */
export class Drafts {
  constructor(private readonly tables: GatewayTables) {}

  has(id = ''): boolean {
    return this.tables.restApis.get(id) !== undefined;
  }

  api(id = ''): RestApiRecord {
    const record = this.tables.restApis.get(id);
    if (!record) throw notFound(`Invalid API identifier specified ${ACCOUNT_ID}:${id}`);
    return record;
  }

  /** Where an API is only the way to one of its resources, its absence is that of the resource. */
  apiOfResource(restApiId = ''): RestApiRecord {
    const record = this.tables.restApis.get(restApiId);
    if (!record) throw notFound('Invalid Resource identifier specified');
    return record;
  }

  resource(restApiId: string | undefined, resourceId = ''): Resource {
    const found = this.apiOfResource(restApiId).resources[resourceId];
    if (!found) throw notFound('Invalid Resource identifier specified');
    return found;
  }

  method({ restApiId, resourceId, httpMethod = '' }: MethodAddress): Method {
    const found = this.resource(restApiId, resourceId).resourceMethods[httpMethod];
    if (!found) throw notFound('Invalid Method identifier specified');
    return found;
  }

  integration(address: MethodAddress): Integration {
    const found = this.method(address).methodIntegration;
    if (!found) throw notFound('Invalid Integration identifier specified');
    return found;
  }

  put(api: RestApiRecord): RestApiRecord {
    return this.tables.restApis.put(api.id, api);
  }

  putMethod({ restApiId, resourceId }: MethodAddress, method: Method): Method {
    const resource = this.resource(restApiId, resourceId);
    const resourceMethods = { ...resource.resourceMethods, [method.httpMethod]: method };
    this.putResource(this.apiOfResource(restApiId), { ...resource, resourceMethods });
    return method;
  }

  putResource(api: RestApiRecord, resource: Resource): Resource {
    this.put({ ...api, resources: { ...api.resources, [resource.id]: resource } });
    return resource;
  }
}
