import type { SandboxReply } from '../../http.js';
import { effectiveResponse } from '../rest-api/gateway-responses.js';
import { RESPONSE_TYPES, type ResponseType } from '../rest-api/response-types.js';
import type { Call, RoutedCall } from './call.js';
import { filled, mappedValue } from './variables.js';

/** An answer the gateway itself makes; the API may have words of its own for it. */
export class Refusal extends Error {
  constructor(
    readonly responseType: ResponseType,
    readonly errorType: string,
    /** Null shows as null. */
    readonly text: string | null,
    /** Where it differs from the usual one of its type. */
    readonly status?: number,
  ) {
    super(text ?? responseType);
  }
}

export const UNAUTHORIZED = () => new Refusal('UNAUTHORIZED', 'UnauthorizedException', 'Unauthorized');
export const INVALID_API_KEY = () => new Refusal('INVALID_API_KEY', 'ForbiddenException', 'Forbidden');
export const AUTHORIZER_BROKEN = () =>
  new Refusal('AUTHORIZER_CONFIGURATION_ERROR', 'AuthorizerConfigurationException', null);
export const MISCONFIGURED = (status?: number) =>
  new Refusal('API_CONFIGURATION_ERROR', 'InternalServerErrorException', 'Internal server error', status);

/** The refusal in the words of the API's gateway response, in a form the caller accepts. */
export function rendered(call: Call | RoutedCall, refusal: Refusal): SandboxReply {
  const response = effectiveResponse(call.deployment, refusal.responseType);
  const error = { message: refusal.text, responseType: refusal.responseType };
  const own = Object.entries(response.responseParameters).flatMap(([name, mapping]): [string, string][] => {
    const value = mappedValue(mapping, { call, error });
    return value === undefined ? [] : [[name.replace(/^gatewayresponse\.header\./, ''), value]];
  });
  const [contentType, template] = templateFor(response.responseTemplates, call.request.headers.accept);
  const isDenied = response.defaultResponse && refusal.responseType === 'ACCESS_DENIED';
  const isUsual = response.statusCode === RESPONSE_TYPES[refusal.responseType];
  return {
    status: isUsual && refusal.status ? refusal.status : Number(response.statusCode ?? 500),
    headers: { 'content-type': contentType, 'x-amzn-ErrorType': refusal.errorType, ...Object.fromEntries(own) },
    body: isDenied ? JSON.stringify({ Message: refusal.text }) : filled(template, { call, error }),
  };
}

function templateFor(templates: Readonly<Record<string, string>>, accept = ''): [string, string] {
  const accepted = Object.entries(templates).find(([type]) => accept.split(/[,;]/).includes(type));
  const json = templates['application/json'];
  return (
    accepted ?? (json === undefined ? Object.entries(templates)[0] : undefined) ?? ['application/json', json ?? '']
  );
}

/** Where nothing is deployed there is no API whose words could be used. */
export function nothingDeployed(): SandboxReply {
  const headers = { 'content-type': 'application/json', 'x-amzn-ErrorType': 'ForbiddenException' };
  return { status: 403, headers, body: '{"message":"Forbidden"}' };
}
