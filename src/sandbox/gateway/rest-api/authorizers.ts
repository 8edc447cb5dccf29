import type * as sdk from '@aws-sdk/client-api-gateway';
import { outsideEnum, refuseBroken } from '../constraints.js';
import { type PatchRule, patchedBy, replaces, withItem } from '../patches.js';
import { badRequest, conflict, notFound, slice } from '../replies.js';
import { newId } from '../tables.js';
import type { Authorizer } from './definition.js';
import type { Drafts } from './drafts.js';

const TYPES = ['TOKEN', 'REQUEST', 'COGNITO_USER_POOLS'];
const AUTHORIZATION_HEADER = 'method.request.header.Authorization';
const DEFAULT_TTL_SECONDS = 300;
const LONGEST_TTL_SECONDS = 3600;

/** Who decides whether a caller may pass: a user pool, or a function that gets the token or the whole request. */
export class Authorizers {
  readonly operations = {
    CreateAuthorizer: (input: sdk.CreateAuthorizerCommandInput) => this.create(input),
    GetAuthorizer: ({ restApiId, authorizerId }: sdk.GetAuthorizerCommandInput) =>
      this.existing(restApiId, authorizerId),
    GetAuthorizers: ({ restApiId, ...request }: sdk.GetAuthorizersCommandInput) =>
      slice(Object.values(this.drafts.api(restApiId).authorizers), request),
    UpdateAuthorizer: (input: sdk.UpdateAuthorizerCommandInput) => this.update(input),
    DeleteAuthorizer: (input: sdk.DeleteAuthorizerCommandInput) => this.delete(input),
  };

  constructor(private readonly drafts: Drafts) {}

  create(input: sdk.CreateAuthorizerCommandInput): Authorizer {
    refuseBroken(outsideEnum(input.type, 'createAuthorizerInput.type', TYPES));
    const type = input.type ?? 'TOKEN';
    const isCognito = type === 'COGNITO_USER_POOLS';
    this.checkName(input.restApiId, input.name);
    return this.put(input.restApiId, {
      id: newId(6),
      name: input.name ?? '',
      type,
      providerARNs: input.providerARNs,
      authType: input.authType ?? (isCognito ? 'cognito_user_pools' : 'custom'),
      authorizerUri: input.authorizerUri,
      authorizerCredentials: input.authorizerCredentials,
      identitySource: input.identitySource ?? (type === 'TOKEN' ? AUTHORIZATION_HEADER : undefined),
      identityValidationExpression: input.identityValidationExpression,
      authorizerResultTtlInSeconds: input.authorizerResultTtlInSeconds ?? (isCognito ? undefined : DEFAULT_TTL_SECONDS),
    });
  }

  existing(restApiId: string | undefined, authorizerId = ''): Authorizer {
    const found = this.drafts.api(restApiId).authorizers[authorizerId];
    if (!found) throw notFound('Invalid Authorizer identifier specified');
    return found;
  }

  private update({ restApiId, authorizerId, patchOperations = [] }: sdk.UpdateAuthorizerCommandInput): Authorizer {
    const before = this.existing(restApiId, authorizerId);
    return this.put(restApiId, patchOperations.reduce(patchedAuthorizer, before));
  }

  private delete({ restApiId, authorizerId }: sdk.DeleteAuthorizerCommandInput): void {
    const { id } = this.existing(restApiId, authorizerId);
    const api = this.drafts.api(restApiId);
    const methods = Object.values(api.resources).flatMap(({ resourceMethods }) => Object.values(resourceMethods));
    if (methods.some((method) => method.authorizerId === id))
      throw conflict('Cannot delete authorizer, it is referenced by a method');
    const { [id]: _, ...authorizers } = api.authorizers;
    this.drafts.put({ ...api, authorizers });
  }

  private put(restApiId: string | undefined, authorizer: Authorizer): Authorizer {
    checkAuthorizer(authorizer);
    const api = this.drafts.api(restApiId);
    this.drafts.put({ ...api, authorizers: { ...api.authorizers, [authorizer.id]: authorizer } });
    return authorizer;
  }

  /** An API that is not there looks like a busy one: so AWS answered when it was recorded. */
  private checkName(restApiId: string | undefined, name: string | undefined): void {
    if (!this.drafts.has(restApiId))
      throw conflict('Unable to complete operation due to concurrent modification. Please try again later.');
    const others = Object.values(this.drafts.api(restApiId).authorizers);
    if (others.some((other) => other.name === name))
      throw badRequest('Authorizer name must be unique. Authorizer name already exists in this RestApi.');
  }
}

const RULES: readonly PatchRule<Authorizer>[] = [
  replaces(/^\/name$/, 'name'),
  replaces(/^\/authType$/, 'authType'),
  replaces(/^\/authorizerUri$/, 'authorizerUri'),
  replaces(/^\/authorizerCredentials$/, 'authorizerCredentials'),
  replaces(/^\/identitySource$/, 'identitySource'),
  replaces(/^\/identityValidationExpression$/, 'identityValidationExpression'),
  {
    path: /^\/authorizerResultTtlInSeconds$/,
    ops: ['replace'],
    apply: (authorizer, { value }) => ({ ...authorizer, authorizerResultTtlInSeconds: Number(value) }),
  },
  {
    path: /^\/providerARNs$/,
    ops: ['add', 'remove'],
    apply: (authorizer, { op, value = '' }) => ({
      ...authorizer,
      providerARNs: withItem(authorizer.providerARNs, op, value),
    }),
  },
];

const patchedAuthorizer = patchedBy(RULES);

function checkAuthorizer(authorizer: Authorizer): void {
  const { type, providerARNs = [], identitySource, authorizerUri = '', authorizerResultTtlInSeconds: ttl } = authorizer;
  if (ttl !== undefined && !(ttl >= 0 && ttl <= LONGEST_TTL_SECONDS))
    throw badRequest(`Authorizer result TTL must be between 0 and ${LONGEST_TTL_SECONDS} seconds`);
  if (type === 'COGNITO_USER_POOLS') {
    if (providerARNs.length === 0 || providerARNs.some((arn) => !/^arn:aws:cognito-idp:.+:userpool\/.+$/.test(arn)))
      throw badRequest('Invalid Provider ARNs specified for authorizer');
    if (!identitySource) throw badRequest('Identity source must be specified for a Cognito authorizer');
    return;
  }
  if (!/^arn:aws[\w-]*:apigateway:[\w-]+:lambda:path\/.+\/functions\/.+\/invocations$/.test(authorizerUri))
    throw badRequest(
      `Invalid Authorizer URI: ${authorizerUri}. Authorizer URI should be a valid API Gateway ARN that represents a Lambda function invocation.`,
    );
  if (type === 'REQUEST' && !identitySource && ttl !== 0)
    throw badRequest('Identity source is required for a REQUEST authorizer whose results are cached');
}
