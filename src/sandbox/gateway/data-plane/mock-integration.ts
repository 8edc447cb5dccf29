import type { SandboxReply } from '../../http.js';
import type { Integration, IntegrationResponse } from '../rest-api/definition.js';
import type { Caller, RoutedCall } from './call.js';
import { MISCONFIGURED, Refusal } from './refusal.js';
import { filled, mappedValue, type Scope } from './variables.js';

/** Answers by templates alone: the request's says a status code, the response of that code says the rest. */
export function mocked(integration: Integration, call: RoutedCall, caller: Caller): SandboxReply {
  const scope = { call, caller };
  const statusCode = statusCodeOf(filled(requestTemplate(integration, call), scope));
  const response = statusCode === undefined ? undefined : responseFor(integration, statusCode);
  if (!response || !call.method.methodResponses?.[response.statusCode]) throw MISCONFIGURED();
  const [contentType, template] = responseTemplate(response, call);
  return {
    status: Number(response.statusCode),
    headers: { 'content-type': contentType, ...mappedHeaders(response, scope) },
    body: filled(template, scope),
  };
}

function requestTemplate({ requestTemplates = {}, passthroughBehavior }: Integration, { request }: RoutedCall): string {
  const [contentType = ''] = (request.headers['content-type'] ?? 'application/json').split(';');
  const template = requestTemplates[contentType.trim()];
  if (template !== undefined) return template;
  const isUnsupported =
    passthroughBehavior === 'NEVER' ||
    (passthroughBehavior === 'WHEN_NO_TEMPLATES' && Object.keys(requestTemplates).length > 0);
  if (isUnsupported) throw new Refusal('UNSUPPORTED_MEDIA_TYPE', 'BadRequestException', 'Unsupported Media Type');
  return request.body.toString('utf8');
}

function statusCodeOf(body: string): string | undefined {
  return /"?statusCode"?\s*:\s*"?(\d{3})/.exec(body)?.[1];
}

/** The response whose pattern the status code fits, else the one without a pattern. */
function responseFor({ integrationResponses = {} }: Integration, statusCode: string): IntegrationResponse | undefined {
  const all = Object.values(integrationResponses);
  const selected = all.find(
    ({ selectionPattern: pattern }) => pattern && new RegExp(`^(?:${pattern})$`).test(statusCode),
  );
  const defaults = all.filter(({ selectionPattern }) => !selectionPattern);
  return selected ?? defaults.find((response) => response.statusCode === statusCode) ?? defaults[0];
}

function responseTemplate({ responseTemplates = {} }: IntegrationResponse, { request }: RoutedCall): [string, string] {
  const accepted = (request.headers.accept ?? '').split(/[,;]/);
  const fitting = Object.entries(responseTemplates).find(([type]) => accepted.includes(type));
  const json = responseTemplates['application/json'];
  if (fitting) return fitting;
  return (json === undefined ? Object.entries(responseTemplates)[0] : undefined) ?? ['application/json', json ?? ''];
}

function mappedHeaders({ responseParameters = {} }: IntegrationResponse, scope: Scope): Record<string, string> {
  const mapped = Object.entries(responseParameters).flatMap(([name, mapping]): [string, string][] => {
    const value = mappedValue(mapping, scope);
    return value === undefined ? [] : [[name.replace(/^method\.response\.header\./, ''), value]];
  });
  return Object.fromEntries(mapped);
}
