import type * as sdk from '@aws-sdk/client-api-gateway';
import type { SandboxClock } from '../../sandbox-clock.js';
import { outsideEnum, refuseBroken } from '../constraints.js';
import { badRequest, notModelled, page } from '../replies.js';
import { type GatewayTables, newId } from '../tables.js';
import { checkTags } from '../tags.js';
import type { RestApiRecord } from './definition.js';
import type { Drafts } from './drafts.js';
import { checkCompression, endpointConfiguration, patchedRestApi } from './rest-api-patch.js';

/** REST APIs themselves; what they are made of is drawn up elsewhere. */
export class RestApis {
  readonly operations = {
    CreateRestApi: (input: sdk.CreateRestApiCommandInput) => this.create(input),
    GetRestApi: ({ restApiId }: sdk.GetRestApiCommandInput) => withTags(this.drafts.api(restApiId)),
    GetRestApis: (input: sdk.GetRestApisCommandInput) => this.list(input),
    UpdateRestApi: (input: sdk.UpdateRestApiCommandInput) => this.update(input),
    DeleteRestApi: ({ restApiId }: sdk.DeleteRestApiCommandInput) =>
      this.tables.restApis.delete(this.drafts.api(restApiId).id),
  };

  constructor(
    private readonly tables: GatewayTables,
    private readonly drafts: Drafts,
    private readonly clock: SandboxClock,
  ) {}

  /** `id` is given by the seed alone, so that its invoke URL never changes. */
  create(input: sdk.CreateRestApiCommandInput, id = newId(10)) {
    const { name = '', description, version, apiKeySource, tags, binaryMediaTypes = [] } = input;
    refuseBroken(outsideEnum(apiKeySource, 'createRestApiInput.apiKeySource', ['HEADER', 'AUTHORIZER']));
    const endpoint = endpointConfiguration(input.endpointConfiguration, description);
    if (input.policy) throw notModelled('Resource policies are');
    if (input.cloneFrom) throw notModelled('Cloning of APIs is');
    checkCompression(input.minimumCompressionSize);
    checkTags(tags ?? {});
    const rootResourceId = newId(10);
    const record: RestApiRecord = {
      sequence: this.tables.nextSequence(),
      id,
      name,
      description,
      version,
      createdDate: this.clock.seconds(),
      apiKeySource: apiKeySource ?? 'HEADER',
      binaryMediaTypes: binaryMediaTypes.length > 0 ? binaryMediaTypes : undefined,
      minimumCompressionSize: input.minimumCompressionSize,
      disableExecuteApiEndpoint: input.disableExecuteApiEndpoint ?? false,
      endpointConfiguration: endpoint,
      rootResourceId,
      tags: tags ?? {},
      resources: { [rootResourceId]: { id: rootResourceId, path: '/', resourceMethods: {} } },
      authorizers: {},
      deployments: {},
      stages: {},
    };
    return { ...shown(this.drafts.put(record)), id, rootResourceId };
  }

  private list(request: sdk.GetRestApisCommandInput) {
    const { items, position } = page(this.tables.restApis.values().reverse(), request);
    return { items: items.map(shown), position };
  }

  private update({ restApiId, patchOperations = [] }: sdk.UpdateRestApiCommandInput) {
    const record = patchOperations.reduce(patchedRestApi, this.drafts.api(restApiId));
    if (record.name === '') throw badRequest('API name cannot be an empty string');
    return withTags(this.drafts.put(record));
  }
}

const EDGE = { types: ['EDGE'], ipAddressType: 'ipv4' };

/** When made and in lists an API shows tags only if it has any. */
function shown({ tags, ...api }: RestApiRecord) {
  const defaults = { endpointConfiguration: EDGE, disableExecuteApiEndpoint: false };
  return { ...defaults, ...api, ...(Object.keys(tags).length > 0 && { tags }) };
}

function withTags(api: RestApiRecord) {
  return { ...shown(api), tags: api.tags };
}
