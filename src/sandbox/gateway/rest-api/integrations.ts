import type * as sdk from '@aws-sdk/client-api-gateway';
import { badStatusCode, outsideEnum, refuseBroken } from '../constraints.js';
import { badRequest, conflict, notFound, notModelled } from '../replies.js';
import type { Integration, IntegrationResponse, Method } from './definition.js';
import type { Drafts } from './drafts.js';
import { addressOf } from './methods.js';

const TYPES = ['HTTP', 'MOCK', 'AWS_PROXY', 'HTTP_PROXY', 'AWS'];
const PASSTHROUGH = ['WHEN_NO_MATCH', 'WHEN_NO_TEMPLATES', 'NEVER'];
const LONGEST_MILLISECONDS = 29_000;

/** What answers behind a method: a mock, or a Lambda function that gets the whole request. */
export class Integrations {
  readonly operations = {
    PutIntegration: (input: sdk.PutIntegrationCommandInput) => this.put(input),
    GetIntegration: (input: sdk.GetIntegrationCommandInput) => this.drafts.integration(addressOf(input)),
    DeleteIntegration: (input: sdk.DeleteIntegrationCommandInput) => this.delete(input),
    PutIntegrationResponse: (input: sdk.PutIntegrationResponseCommandInput) => this.putResponse(input),
    GetIntegrationResponse: (input: sdk.GetIntegrationResponseCommandInput) => this.response(input),
    DeleteIntegrationResponse: (input: sdk.DeleteIntegrationResponseCommandInput) => this.deleteResponse(input),
  };

  constructor(private readonly drafts: Drafts) {}

  put({ type, ...input }: sdk.PutIntegrationCommandInput): Integration {
    refuseBroken(outsideEnum(type, 'putIntegrationInput.type', TYPES));
    const method = this.drafts.method(addressOf(input));
    if (type !== 'MOCK' && type !== 'AWS_PROXY') throw notModelled(`Integrations of type ${type} are`);
    const { uri, passthroughBehavior = 'WHEN_NO_MATCH', timeoutInMillis = LONGEST_MILLISECONDS } = input;
    if (type === 'AWS_PROXY') checkProxy(input);
    if (!PASSTHROUGH.includes(passthroughBehavior)) throw badRequest('Invalid passthrough behavior specified');
    if (timeoutInMillis < 50 || timeoutInMillis > LONGEST_MILLISECONDS)
      throw badRequest(`Timeout should be between 50 ms and ${LONGEST_MILLISECONDS} ms`);
    checkTemplates(input.requestTemplates);
    const methodIntegration: Integration = {
      type,
      httpMethod: input.integrationHttpMethod,
      uri,
      requestTemplates: input.requestTemplates,
      passthroughBehavior,
      timeoutInMillis,
      cacheNamespace: input.cacheNamespace ?? input.resourceId,
      cacheKeyParameters: input.cacheKeyParameters ?? [],
    };
    this.drafts.putMethod(addressOf(input), { ...method, methodIntegration });
    return methodIntegration;
  }

  private delete(input: sdk.DeleteIntegrationCommandInput): void {
    this.drafts.integration(addressOf(input));
    const method = this.drafts.method(addressOf(input));
    this.drafts.putMethod(addressOf(input), { ...method, methodIntegration: undefined });
  }

  putResponse({ statusCode = '', ...input }: sdk.PutIntegrationResponseCommandInput): IntegrationResponse {
    refuseBroken(badStatusCode(statusCode));
    const { responseParameters, responseTemplates, selectionPattern } = input;
    checkTemplates(responseTemplates);
    const method = this.drafts.method(addressOf(input));
    checkMappings(method, statusCode, responseParameters);
    const response = { statusCode, selectionPattern, responseParameters, responseTemplates };
    const held = this.drafts.integration(addressOf(input)).integrationResponses;
    checkPattern(Object.values(held ?? {}), statusCode, selectionPattern);
    this.replaceResponses(input, { ...held, [statusCode]: response });
    return response;
  }

  private response({ statusCode = '', ...input }: sdk.GetIntegrationResponseCommandInput): IntegrationResponse {
    refuseBroken(badStatusCode(statusCode));
    const found = this.drafts.integration(addressOf(input)).integrationResponses?.[statusCode];
    if (!found) throw notFound('Invalid Response status code specified');
    return found;
  }

  private deleteResponse(input: sdk.DeleteIntegrationResponseCommandInput): void {
    const { resourceMethods } = this.drafts.resource(input.restApiId, input.resourceId);
    if (!resourceMethods[input.httpMethod ?? '']) throw notFound('Invalid Integration identifier specified');
    const { statusCode } = this.response(input);
    const { [statusCode]: _, ...kept } = this.drafts.integration(addressOf(input)).integrationResponses ?? {};
    this.replaceResponses(input, kept);
  }

  private replaceResponses(
    input: sdk.GetIntegrationCommandInput,
    integrationResponses: Readonly<Record<string, IntegrationResponse>>,
  ): void {
    const method = this.drafts.method(addressOf(input));
    const methodIntegration = { ...this.drafts.integration(addressOf(input)), integrationResponses };
    this.drafts.putMethod(addressOf(input), { ...method, methodIntegration });
  }
}

function checkProxy({ integrationHttpMethod, uri }: Partial<sdk.PutIntegrationCommandInput>): void {
  if (!integrationHttpMethod) throw badRequest('Enumeration value for HttpMethod must be non-empty');
  if (!uri?.startsWith('arn:')) throw badRequest('Invalid ARN specified in the request');
  if (!/^arn:aws[\w-]*:apigateway:[\w-]+:lambda:path\/.+\/functions\/.+\/invocations$/.test(uri))
    throw badRequest('AWS ARN for integration must contain path or action');
}

/** Variables are filled in; the template language around them (`#set`, `#if`) is not spoken here. */
function checkTemplates(templates: Readonly<Record<string, string>> = {}): void {
  for (const template of Object.values(templates)) {
    if (/#(set|if|else|elseif|foreach|end|macro)\b/.test(template)) throw notModelled('Directives in templates are');
  }
}

function checkMappings({ methodResponses = {} }: Method, statusCode: string, mappings: object = {}): void {
  const promised = methodResponses[statusCode];
  for (const name of Object.keys(mappings)) {
    if (promised?.responseParameters?.[name] !== undefined) continue;
    const reason = promised
      ? `Invalid mapping expression parameter specified: ${name}`
      : 'No method response exists for method.';
    throw badRequest(`Invalid mapping expression specified: Validation Result: warnings : [], errors : [${reason}]`);
  }
}

/** Answers are told apart by their patterns; the one without is the default. */
function checkPattern(held: readonly IntegrationResponse[], statusCode: string, pattern = ''): void {
  if (held.some((other) => other.statusCode !== statusCode && (other.selectionPattern ?? '') === pattern))
    throw conflict(`Integration response with selection pattern ${pattern || 'default'} already exists`);
}
