import { randomBytes } from 'node:crypto';
import type { Authorizer } from '../rest-api/definition.js';
import { type Caller, methodArn, type RoutedCall } from './call.js';
import { requestContext } from './request-context.js';

type Lists = Readonly<Record<string, readonly string[]>>;

/** Headers of one connection, which do not travel on. */
const DROPPED = ['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'te', 'upgrade'];

/** The whole request as a function behind an AWS_PROXY integration gets it. */
export function proxyEvent(call: RoutedCall, caller: Caller) {
  const { request, deployment } = call;
  const isBinary =
    request.body.length > 0 && isBinaryType(deployment.binaryMediaTypes, request.headers['content-type']);
  return {
    ...requestPart(call),
    requestContext: requestContext(call, caller),
    body: request.body.length === 0 ? null : request.body.toString(isBinary ? 'base64' : 'utf8'),
    isBase64Encoded: isBinary,
  };
}

/** What an authorizer function is asked: about the token alone, or about the request without its body. */
export function authorizerEvent({ type }: Authorizer, call: RoutedCall, token: string): object {
  if (type === 'TOKEN') return { type, methodArn: methodArn(call), authorizationToken: token };
  const { pathParameters, queryStringParameters, multiValueQueryStringParameters, stageVariables, ...part } =
    requestPart(call);
  return {
    type,
    methodArn: methodArn(call),
    ...part,
    pathParameters: pathParameters ?? {},
    queryStringParameters: queryStringParameters ?? {},
    multiValueQueryStringParameters: multiValueQueryStringParameters ?? {},
    stageVariables: stageVariables ?? {},
    requestContext: requestContext(call, {}),
  };
}

function requestPart(call: RoutedCall) {
  const { request, resource, pathParameters, stage } = call;
  const headers = forwarded(call);
  const query = listsOf([...request.url.searchParams]);
  const hasQuery = Object.keys(query).length > 0;
  return {
    resource: resource.path,
    path: call.path,
    httpMethod: request.method,
    headers: lastOf(headers),
    multiValueHeaders: headers,
    queryStringParameters: hasQuery ? lastOf(query) : null,
    multiValueQueryStringParameters: hasQuery ? query : null,
    pathParameters: Object.keys(pathParameters).length > 0 ? pathParameters : null,
    stageVariables: stage.variables ?? null,
  };
}

/** The caller's headers in the case they were sent, and those the gateway adds. */
function forwarded({ request, apiId }: RoutedCall): Lists {
  const { rawHeaders = Object.entries(request.headers).flat() } = request;
  const sent = rawHeaders.flatMap((name, at): [string, string][] =>
    at % 2 === 0 ? [[name, rawHeaders[at + 1] ?? '']] : [],
  );
  const kept = sent.filter(([name]) => !DROPPED.includes(name.toLowerCase()) && name.toLowerCase() !== 'host');
  const added: [string, string][] = [
    ['Host', `${apiId}.execute-api.us-east-1.amazonaws.com`],
    ['X-Forwarded-For', '127.0.0.1'],
    ['X-Forwarded-Port', '443'],
    ['X-Forwarded-Proto', 'https'],
  ];
  const traced = kept.some(([name]) => name.toLowerCase() === 'x-amzn-trace-id');
  return listsOf([...kept, ...added, ...(traced ? [] : [['X-Amzn-Trace-Id', traceId()] satisfies [string, string]])]);
}

export function traceId(): string {
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  return `Root=1-${seconds}-${randomBytes(12).toString('hex')}`;
}

/** Whether a media type is among those an API passes on as bytes. */
export function isBinaryType(binaryTypes: readonly string[] = [], type = ''): boolean {
  const [plain = ''] = type.split(/[;,]/);
  return binaryTypes.some((binary) => binary === '*/*' || binary === plain.trim());
}

function listsOf(pairs: readonly (readonly [string, string])[]): Record<string, string[]> {
  const lists: Record<string, string[]> = {};
  for (const [name, value] of pairs) lists[name] = [...(lists[name] ?? []), value];
  return lists;
}

function lastOf(lists: Lists): Record<string, string> {
  return Object.fromEntries(Object.entries(lists).map(([name, values]) => [name, values.at(-1) ?? '']));
}
