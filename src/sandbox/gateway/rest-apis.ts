import type * as sdk from '@aws-sdk/client-api-gateway';
import type { SandboxClock } from '../sandbox-clock.js';
import type { Deployment, Stage } from './deployments.js';
import { badRequest, conflict, notFound, notModelled, page } from './replies.js';
import { type GatewayTables, newId } from './tables.js';

export interface IntegrationResponse {
  readonly statusCode: string;
  readonly responseParameters?: Readonly<Record<string, string>> | undefined;
  readonly responseTemplates?: Readonly<Record<string, string>> | undefined;
}

export interface Integration {
  readonly type: 'MOCK';
  readonly requestTemplates: Readonly<Record<string, string>>;
  readonly passthroughBehavior: string;
  readonly timeoutInMillis: number;
  readonly integrationResponses: Readonly<Record<string, IntegrationResponse>>;
}

export interface Method {
  readonly httpMethod: string;
  readonly authorizationType: string;
  readonly authorizerId?: string | undefined;
  readonly authorizationScopes?: readonly string[] | undefined;
  readonly apiKeyRequired: boolean;
  readonly methodResponses: Readonly<Record<string, { readonly statusCode: string }>>;
  readonly methodIntegration?: Integration | undefined;
}

export interface Resource {
  readonly id: string;
  readonly parentId?: string | undefined;
  readonly pathPart?: string | undefined;
  readonly path: string;
  readonly resourceMethods: Readonly<Record<string, Method>>;
}

export interface Authorizer {
  readonly id: string;
  readonly name: string;
  readonly type: 'COGNITO_USER_POOLS';
  readonly providerARNs: readonly string[];
  readonly authType: 'cognito_user_pools';
  readonly identitySource: string;
  readonly identityValidationExpression?: string | undefined;
}

export interface RestApiRecord {
  readonly sequence: number;
  readonly id: string;
  readonly name: string;
  readonly description?: string | undefined;
  readonly version?: string | undefined;
  readonly createdDate: number;
  readonly apiKeySource: string;
  readonly rootResourceId: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly resources: Readonly<Record<string, Resource>>;
  readonly authorizers: Readonly<Record<string, Authorizer>>;
  readonly deployments: Readonly<Record<string, Deployment>>;
  readonly stages: Readonly<Record<string, Stage>>;
}

interface MethodAddress {
  readonly restApiId: string | undefined;
  readonly resourceId: string | undefined;
  readonly httpMethod: string | undefined;
}

/** REST APIs as they are drawn up: resources, methods with mock integrations, Cognito authorizers. */
export class RestApis {
  readonly operations = {
    CreateRestApi: (input: sdk.CreateRestApiCommandInput) => this.create(input),
    GetRestApi: ({ restApiId }: sdk.GetRestApiCommandInput) => shown(this.existing(restApiId)),
    GetRestApis: (input: sdk.GetRestApisCommandInput) => this.list(input),
    DeleteRestApi: ({ restApiId }: sdk.DeleteRestApiCommandInput) => this.delete(this.existing(restApiId)),
    CreateResource: (input: sdk.CreateResourceCommandInput) => this.createResource(input),
    GetResources: (input: sdk.GetResourcesCommandInput) => ({
      items: Object.values(this.existing(input.restApiId).resources),
    }),
    CreateAuthorizer: (input: sdk.CreateAuthorizerCommandInput) => this.createAuthorizer(input),
    GetAuthorizer: (input: sdk.GetAuthorizerCommandInput) => this.authorizer(input),
    GetAuthorizers: ({ restApiId }: sdk.GetAuthorizersCommandInput) => ({
      items: Object.values(this.existing(restApiId).authorizers),
    }),
    PutMethod: (input: sdk.PutMethodCommandInput) => this.putMethod(input),
    PutMethodResponse: (input: sdk.PutMethodResponseCommandInput) => this.putMethodResponse(input),
    PutIntegration: (input: sdk.PutIntegrationCommandInput) => this.putIntegration(input),
    PutIntegrationResponse: (input: sdk.PutIntegrationResponseCommandInput) => this.putIntegrationResponse(input),
  };

  constructor(
    private readonly tables: GatewayTables,
    private readonly clock: SandboxClock,
  ) {}

  /** `id` is given by the seed alone, so that its invoke URL never changes. */
  create({ name = '', description, version, apiKeySource, tags }: sdk.CreateRestApiCommandInput, id = newId(10)) {
    const rootResourceId = newId(10);
    const record: RestApiRecord = {
      sequence: this.tables.nextSequence(),
      id,
      name,
      description,
      version,
      createdDate: this.clock.seconds(),
      apiKeySource: apiKeySource ?? 'HEADER',
      rootResourceId,
      tags: tags ?? {},
      resources: { [rootResourceId]: { id: rootResourceId, path: '/', resourceMethods: {} } },
      authorizers: {},
      deployments: {},
      stages: {},
    };
    return shown(this.tables.restApis.put(id, record));
  }

  private list(request: sdk.GetRestApisCommandInput) {
    const { items, position } = page(this.tables.restApis.values().reverse(), request);
    return { items: items.map(shown), position };
  }

  private delete({ id }: RestApiRecord) {
    this.tables.restApis.delete(id);
  }

  createResource({ restApiId, parentId = '', pathPart = '' }: sdk.CreateResourceCommandInput): Resource {
    const api = this.existing(restApiId);
    const parent = api.resources[parentId];
    if (!parent) throw notFound('Invalid Resource identifier specified');
    const path = `${parent.path === '/' ? '' : parent.path}/${pathPart}`;
    if (Object.values(api.resources).some((resource) => resource.path === path))
      throw conflict(`Another resource with the same parent already has this name: ${pathPart}`);
    const resource: Resource = { id: newId(6), parentId, pathPart, path, resourceMethods: {} };
    this.tables.restApis.put(api.id, { ...api, resources: { ...api.resources, [resource.id]: resource } });
    return resource;
  }

  createAuthorizer({
    restApiId,
    name = '',
    type,
    providerARNs = [],
    ...rest
  }: sdk.CreateAuthorizerCommandInput): Authorizer {
    const api = this.existing(restApiId);
    if (type !== 'COGNITO_USER_POOLS') throw notModelled(`Authorizers of type ${type} are`);
    if (providerARNs.length === 0 || providerARNs.some((arn) => !/^arn:aws:cognito-idp:.+:userpool\/.+$/.test(arn)))
      throw badRequest('Invalid Provider ARNs specified for authorizer');
    if (!rest.identitySource) throw badRequest('Identity source must be specified for a Cognito authorizer');
    const authorizer: Authorizer = {
      id: newId(6),
      name,
      type,
      providerARNs,
      authType: 'cognito_user_pools',
      identitySource: rest.identitySource,
      identityValidationExpression: rest.identityValidationExpression,
    };
    this.tables.restApis.put(api.id, { ...api, authorizers: { ...api.authorizers, [authorizer.id]: authorizer } });
    return authorizer;
  }

  private authorizer({ restApiId, authorizerId = '' }: sdk.GetAuthorizerCommandInput): Authorizer {
    const found = this.existing(restApiId).authorizers[authorizerId];
    if (!found) throw notFound('Invalid Authorizer identifier specified');
    return found;
  }

  putMethod(input: sdk.PutMethodCommandInput): Method {
    const { restApiId, httpMethod = '', authorizationType = 'NONE', authorizerId, authorizationScopes } = input;
    const { authorizers } = this.existing(restApiId);
    if (authorizationType === 'COGNITO_USER_POOLS' && !authorizers[authorizerId ?? ''])
      throw badRequest(
        'Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a valid authorizer.',
      );
    if (authorizationType === 'CUSTOM' || authorizationType === 'AWS_IAM') throw notModelled(`${authorizationType} is`);
    if (this.resource(input).resourceMethods[httpMethod]) throw conflict('Method already exists for this resource');
    const apiKeyRequired = input.apiKeyRequired ?? false;
    const auth = { authorizationType, authorizerId, authorizationScopes };
    return this.put(input, { httpMethod, ...auth, apiKeyRequired, methodResponses: {} });
  }

  putMethodResponse({ statusCode = '', ...address }: sdk.PutMethodResponseCommandInput) {
    const method = this.method(address);
    const response = { statusCode, responseParameters: address.responseParameters };
    this.put(address, { ...method, methodResponses: { ...method.methodResponses, [statusCode]: response } });
    return response;
  }

  putIntegration({ type, requestTemplates = {}, ...address }: sdk.PutIntegrationCommandInput): Integration {
    if (type !== 'MOCK') throw notModelled(`Integrations of type ${type} are`);
    const limits = { passthroughBehavior: 'WHEN_NO_MATCH', timeoutInMillis: 29_000 };
    const methodIntegration: Integration = { type, requestTemplates, ...limits, integrationResponses: {} };
    this.put(address, { ...this.method(address), methodIntegration });
    return methodIntegration;
  }

  putIntegrationResponse({ statusCode = '', ...input }: sdk.PutIntegrationResponseCommandInput): IntegrationResponse {
    const method = this.method(input);
    const integration = method.methodIntegration;
    if (!integration) throw notFound('No integration defined for method');
    const { responseParameters, responseTemplates } = input;
    const response = { statusCode, responseParameters, responseTemplates };
    const integrationResponses = { ...integration.integrationResponses, [statusCode]: response };
    this.put(input, { ...method, methodIntegration: { ...integration, integrationResponses } });
    return response;
  }

  existing(id = ''): RestApiRecord {
    const record = this.tables.restApis.get(id);
    if (!record) throw notFound(`Invalid API identifier specified 000000000000:${id}`);
    return record;
  }

  private resource({ restApiId, resourceId = '' }: MethodAddress): Resource {
    const found = this.existing(restApiId).resources[resourceId];
    if (!found) throw notFound('Invalid Resource identifier specified');
    return found;
  }

  private method(address: MethodAddress): Method {
    const found = this.resource(address).resourceMethods[address.httpMethod ?? ''];
    if (!found) throw notFound('Invalid Method identifier specified');
    return found;
  }

  private put(address: MethodAddress, method: Method): Method {
    const api = this.existing(address.restApiId);
    const resource = this.resource(address);
    const resourceMethods = { ...resource.resourceMethods, [method.httpMethod]: method };
    const resources = { ...api.resources, [resource.id]: { ...resource, resourceMethods } };
    this.tables.restApis.put(api.id, { ...api, resources });
    return method;
  }
}

function shown(api: RestApiRecord) {
  return { ...api, endpointConfiguration: { types: ['EDGE'] }, disableExecuteApiEndpoint: false };
}
