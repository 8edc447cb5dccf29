import type * as sdk from '@aws-sdk/client-api-gateway';
import { badStatusCode, refuseBroken } from '../constraints.js';
import { isTrue, type PatchRule, patchedBy, replaces, withEntry, withItem } from '../patches.js';
import { badRequest, conflict, notFound, notModelled } from '../replies.js';
import type { Method, MethodResponse, RestApiRecord } from './definition.js';
import type { Drafts, MethodAddress } from './drafts.js';

const HTTP_METHODS = ['GET', 'PUT', 'POST', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD', 'ANY'];
const DEFAULT_MODELS = ['Empty', 'Error'];

/** The methods of a resource: who may call them, and which answers they promise. */
export class Methods {
  readonly operations = {
    PutMethod: (input: sdk.PutMethodCommandInput) => this.create(input),
    GetMethod: (input: sdk.GetMethodCommandInput) => this.drafts.method(addressOf(input)),
    UpdateMethod: (input: sdk.UpdateMethodCommandInput) => this.update(input),
    DeleteMethod: (input: sdk.DeleteMethodCommandInput) => this.delete(addressOf(input)),
    PutMethodResponse: (input: sdk.PutMethodResponseCommandInput) => this.putResponse(input),
    GetMethodResponse: (input: sdk.GetMethodResponseCommandInput) => this.response(input),
    DeleteMethodResponse: (input: sdk.DeleteMethodResponseCommandInput) => this.deleteResponse(input),
  };

  constructor(private readonly drafts: Drafts) {}

  create(input: sdk.PutMethodCommandInput): Method {
    const { httpMethod = '', authorizationType = 'NONE', authorizerId, requestParameters, requestModels } = input;
    const resource = this.drafts.resource(input.restApiId, input.resourceId);
    if (!HTTP_METHODS.includes(httpMethod))
      throw badRequest(`Invalid HttpMethod specified. Valid options are ${HTTP_METHODS.join(',')}`);
    if (input.requestValidatorId) throw badRequest('Invalid Request Validator identifier specified');
    const method: Method = {
      httpMethod,
      authorizationType,
      authorizerId,
      authorizationScopes: input.authorizationScopes?.length ? input.authorizationScopes : undefined,
      apiKeyRequired: input.apiKeyRequired ?? false,
      operationName: input.operationName,
      requestParameters,
      requestModels,
    };
    checkMethod(this.drafts.apiOfResource(input.restApiId), method);
    if (resource.resourceMethods[httpMethod]) throw conflict('Method already exists for this resource');
    return this.drafts.putMethod(addressOf(input), method);
  }

  private update({ patchOperations = [], ...input }: sdk.UpdateMethodCommandInput): Method {
    const address = addressOf(input);
    const method = patchOperations.reduce(patchedMethod, this.drafts.method(address));
    checkMethod(this.drafts.apiOfResource(input.restApiId), method);
    const hasAuthorizer = ['CUSTOM', 'COGNITO_USER_POOLS'].includes(method.authorizationType);
    return this.drafts.putMethod(address, hasAuthorizer ? method : { ...method, authorizerId: undefined });
  }

  private delete(address: MethodAddress): void {
    const { httpMethod } = this.drafts.method(address);
    const resource = this.drafts.resource(address.restApiId, address.resourceId);
    const { [httpMethod]: _, ...resourceMethods } = resource.resourceMethods;
    this.drafts.putResource(this.drafts.apiOfResource(address.restApiId), { ...resource, resourceMethods });
  }

  putResponse({ statusCode = '', ...input }: sdk.PutMethodResponseCommandInput): MethodResponse {
    refuseBroken(badStatusCode(statusCode));
    const method = this.drafts.method(addressOf(input));
    if (method.methodResponses?.[statusCode]) throw conflict('Response already exists for this resource');
    checkModels(input.responseModels);
    const response = { statusCode, responseParameters: input.responseParameters, responseModels: input.responseModels };
    const methodResponses = { ...method.methodResponses, [statusCode]: response };
    this.drafts.putMethod(addressOf(input), { ...method, methodResponses });
    return response;
  }

  private response({ statusCode = '', ...input }: sdk.GetMethodResponseCommandInput): MethodResponse {
    refuseBroken(badStatusCode(statusCode));
    const found = this.drafts.method(addressOf(input)).methodResponses?.[statusCode];
    if (!found) throw notFound('Invalid Response status code specified');
    return found;
  }

  private deleteResponse(input: sdk.DeleteMethodResponseCommandInput): void {
    const { statusCode } = this.response(input);
    const method = this.drafts.method(addressOf(input));
    const { [statusCode]: _, ...methodResponses } = method.methodResponses ?? {};
    this.drafts.putMethod(addressOf(input), { ...method, methodResponses });
  }
}

type Address = Pick<sdk.GetMethodCommandInput, keyof MethodAddress>;

/** The SDK's inputs carry more than the address; what is stored must not. */
export function addressOf({ restApiId, resourceId, httpMethod }: Address): MethodAddress {
  return { restApiId, resourceId, httpMethod };
}

const RULES: readonly PatchRule<Method>[] = [
  {
    path: /^\/apiKeyRequired$/,
    ops: ['replace'],
    apply: (method, { value }) => ({ ...method, apiKeyRequired: isTrue(value) }),
  },
  replaces(/^\/authorizationType$/, 'authorizationType'),
  replaces(/^\/authorizerId$/, 'authorizerId'),
  replaces(/^\/operationName$/, 'operationName'),
  {
    path: /^\/authorizationScopes$/,
    ops: ['add', 'remove'],
    apply: (method, { op, value = '' }) => ({
      ...method,
      authorizationScopes: withItem(method.authorizationScopes, op, value),
    }),
  },
  {
    path: /^\/requestParameters\/(.+)$/,
    ops: ['add', 'replace', 'remove'],
    apply: (method, change) => ({
      ...method,
      requestParameters: withEntry(method.requestParameters, change, isTrue(change.value)),
    }),
  },
  {
    path: /^\/requestModels\/([^/]+)$/,
    ops: ['add', 'replace', 'remove'],
    apply: (method, change) => ({
      ...method,
      requestModels: withEntry(method.requestModels, change, change.value ?? ''),
    }),
  },
  {
    path: /^\/requestValidatorId$/,
    ops: ['replace'],
    apply: (method, { value }) => {
      if (value) throw badRequest('Invalid Request Validator identifier specified');
      return method;
    },
  },
];

const patchedMethod = patchedBy(RULES);

function checkMethod({ authorizers }: RestApiRecord, method: Method): void {
  const { authorizationType, authorizerId = '', requestParameters = {} } = method;
  if (authorizationType === 'AWS_IAM') throw notModelled('AWS_IAM is');
  const type = authorizers[authorizerId]?.type;
  const fits = authorizationType === 'CUSTOM' ? type && type !== 'COGNITO_USER_POOLS' : type === authorizationType;
  if (authorizationType !== 'NONE' && !fits)
    throw badRequest(
      'Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a valid authorizer.',
    );
  const names = Object.keys(requestParameters).map((name) => name.split('.').slice(3).join('.'));
  if (new Set(names).size < names.length)
    throw badRequest('Parameter names must be unique across querystring, header and path');
  checkModels(method.requestModels);
}

/** Models cannot be made here, so only those that every API has are known. */
function checkModels(models: Readonly<Record<string, string>> = {}): void {
  for (const name of Object.values(models)) {
    if (!DEFAULT_MODELS.includes(name)) throw badRequest(`Invalid model identifier specified: ${name}`);
  }
}
