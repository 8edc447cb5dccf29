import type * as sdk from '@aws-sdk/client-api-gateway';
import { badStatusCode, outsideEnum, refuseBroken } from '../constraints.js';
import { unescaped } from '../patches.js';
import { badRequest, notFound } from '../replies.js';
import type { GatewayResponseRecord, Settings } from './definition.js';
import type { Drafts } from './drafts.js';
import { RESPONSE_TYPE_NAMES, RESPONSE_TYPES, type ResponseType } from './response-types.js';

const DEFAULT_TEMPLATES = { 'application/json': '{"message":$context.error.messageString}' };

/** How an API words the gateway's own refusals; what it does not set follows DEFAULT_4XX or DEFAULT_5XX. */
export class GatewayResponses {
  readonly operations = {
    PutGatewayResponse: (input: sdk.PutGatewayResponseCommandInput) => this.put(input),
    GetGatewayResponse: (input: sdk.GetGatewayResponseCommandInput) => this.get(input),
    GetGatewayResponses: ({ restApiId }: sdk.GetGatewayResponsesCommandInput) => this.list(restApiId),
    UpdateGatewayResponse: (input: sdk.UpdateGatewayResponseCommandInput) => this.update(input),
    DeleteGatewayResponse: (input: sdk.DeleteGatewayResponseCommandInput) => this.delete(input),
  };

  constructor(private readonly drafts: Drafts) {}

  put({ restApiId, responseType, statusCode, ...input }: sdk.PutGatewayResponseCommandInput) {
    refuseBroken(badStatusCode(statusCode, 'putGatewayResponseInput.statusCode'));
    return this.write(restApiId, checkedType(responseType), {
      statusCode,
      responseParameters: input.responseParameters ?? {},
      responseTemplates: nonEmpty(input.responseTemplates) ?? DEFAULT_TEMPLATES,
    });
  }

  private get({ restApiId, responseType }: sdk.GetGatewayResponseCommandInput) {
    const type = checkedType(responseType);
    return effectiveResponse(this.drafts.api(restApiId), type);
  }

  private list(restApiId: string | undefined) {
    const api = this.drafts.api(restApiId);
    return { items: TYPES.map((type) => effectiveResponse(api, type)) };
  }

  private update({ restApiId, responseType, patchOperations = [] }: sdk.UpdateGatewayResponseCommandInput) {
    const type = checkedType(responseType);
    const held = this.drafts.api(restApiId).gatewayResponses?.[type];
    const before = held ?? { responseParameters: {}, responseTemplates: DEFAULT_TEMPLATES };
    return this.write(restApiId, type, patchOperations.reduce(patched, before));
  }

  private delete({ restApiId, responseType }: sdk.DeleteGatewayResponseCommandInput): void {
    const type = checkedType(responseType);
    const api = this.drafts.api(restApiId);
    if (!api.gatewayResponses?.[type]) throw notFound('Gateway response type not defined on api');
    const { [type]: _, ...gatewayResponses } = api.gatewayResponses;
    this.drafts.put({ ...api, gatewayResponses });
  }

  private write(restApiId: string | undefined, type: ResponseType, record: GatewayResponseRecord) {
    const api = this.drafts.api(restApiId);
    return effectiveResponse(
      this.drafts.put({ ...api, gatewayResponses: { ...api.gatewayResponses, [type]: record } }),
      type,
    );
  }
}

const TYPES = Object.keys(RESPONSE_TYPES).filter(isResponseType);

/** What holds for one kind of refusal: its own response, else the fallback of its class, else AWS's. */
export function effectiveResponse({ gatewayResponses = {} }: Pick<Settings, 'gatewayResponses'>, type: ResponseType) {
  const own = gatewayResponses[type];
  const held = own ?? gatewayResponses[RESPONSE_TYPES[type]?.startsWith('4') ? 'DEFAULT_4XX' : 'DEFAULT_5XX'];
  const isFallback = RESPONSE_TYPES[type] === undefined;
  const shown = isFallback ? own : held;
  return {
    responseType: type,
    statusCode: shown?.statusCode ?? RESPONSE_TYPES[type],
    responseParameters: shown?.responseParameters ?? {},
    responseTemplates: shown?.responseTemplates ?? DEFAULT_TEMPLATES,
    defaultResponse: own === undefined,
  };
}

type Patch = NonNullable<sdk.UpdateGatewayResponseCommandInput['patchOperations']>[number];

function patched(before: GatewayResponseRecord, { op = 'replace', path, value }: Patch): GatewayResponseRecord {
  if (path === '/statusCode' && op === 'replace') {
    refuseBroken(badStatusCode(value));
    return { ...before, statusCode: value };
  }
  const [, member, escaped = ''] = /^\/(responseParameters|responseTemplates)\/(.+)$/.exec(path ?? '') ?? [];
  if (member !== 'responseParameters' && member !== 'responseTemplates')
    throw badRequest(`Invalid patch path ${path ?? null}`);
  const name = unescaped(escaped);
  if (op !== 'remove' && !value) throw badRequest(`Invalid null or empty value in ${member}`);
  const { [name]: held, ...others } = before[member];
  if (op !== 'add' && held === undefined)
    throw notFound(
      member === 'responseParameters' ? 'Invalid parameter name specified' : 'Content-Type specified was not found',
    );
  return { ...before, [member]: op === 'remove' ? others : { ...before[member], [name]: value } };
}

function checkedType(type: string | undefined): ResponseType {
  refuseBroken(outsideEnum(type, 'responseType', RESPONSE_TYPE_NAMES));
  if (!isResponseType(type)) throw badRequest('Invalid response type specified');
  return type;
}

function isResponseType(type: string | undefined): type is ResponseType {
  return type !== undefined && Object.hasOwn(RESPONSE_TYPES, type);
}

function nonEmpty(map: Readonly<Record<string, string>> | undefined) {
  return map && Object.keys(map).length > 0 ? map : undefined;
}
