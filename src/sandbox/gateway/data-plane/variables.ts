import type { Call, Caller, RoutedCall } from './call.js';
import { authorizerOf, identityOf, requestTime } from './request-context.js';

/** What templates and header mappings may speak of. */
export interface Scope {
  readonly call: Call | RoutedCall;
  readonly caller?: Caller;
  readonly error?: { readonly message: string | null; readonly responseType: string };
}

const VARIABLE =
  /\$(?:context(?:\.\w+|\['[^']+'\])+|stageVariables(?:\.\w+|\['[^']+'\])|input\.(?:body|params\('[^']+'\))|method\.request\.\w+\.[\w-]+)|\$\{[\w.]+\}/g;

/** The template with its variables filled in; those that have no value vanish. */
export function filled(template: string, scope: Scope): string {
  return template.replace(VARIABLE, (variable) => {
    const name = variable.replace(/^\$\{?/, '').replace(/\}$/, '');
    if (name === 'context.error.messageString') return JSON.stringify(scope.error?.message ?? null);
    return variableOf(name, scope) ?? '';
  });
}

/** What a header mapping means: `'a literal'`, or a part of the request or the context. */
export function mappedValue(mapping: string, scope: Scope): string | undefined {
  const literal = /^'(.*)'$/s.exec(mapping)?.[1];
  return literal ?? variableOf(mapping, scope);
}

function variableOf(name: string, scope: Scope): string | undefined {
  const { call } = scope;
  const parts = name.split(/\.|\['|'\]\.?/).filter(Boolean);
  const [root, ...path] = parts;
  if (root === 'context') return at(context(scope), path);
  if (root === 'stageVariables') return call.stage.variables?.[path[0] ?? ''];
  if (root === 'method') return parameter(call, path[1] ?? '', path.slice(2).join('.'));
  if (name === 'input.body') return call.request.body.toString('utf8');
  const wanted = /^input\.params\('([^']+)'\)$/.exec(name)?.[1];
  if (wanted === undefined) return undefined;
  return ['path', 'querystring', 'header']
    .map((place) => parameter(call, place, wanted))
    .find((value) => value !== undefined);
}

function parameter(call: Call | RoutedCall, place: string, name: string): string | undefined {
  if (place === 'header') return call.request.headers[name.toLowerCase()];
  if (place === 'querystring') return call.request.url.searchParams.get(name) ?? undefined;
  return 'pathParameters' in call ? call.pathParameters[name] : undefined;
}

function context({ call, caller = {}, error }: Scope): object {
  const { request, stage } = call;
  return {
    accountId: '000000000000',
    apiId: call.apiId,
    stage: stage.stageName,
    deploymentId: call.deployment.id,
    requestId: call.requestId,
    extendedRequestId: call.extendedRequestId,
    httpMethod: request.method,
    path: `/${stage.stageName}${call.path}`,
    protocol: 'HTTP/1.1',
    requestTime: requestTime(call.at),
    requestTimeEpoch: call.at.getTime(),
    resourcePath: 'resource' in call ? call.resource.path : undefined,
    resourceId: 'resource' in call ? call.resource.id : undefined,
    identity: identityOf(call, caller),
    authorizer: authorizerOf(caller),
    error: error && { message: error.message, responseType: error.responseType },
  };
}

function at(value: unknown, path: readonly string[]): string | undefined {
  let found = value;
  for (const part of path) found = typeof found === 'object' && found !== null ? Reflect.get(found, part) : undefined;
  return found === undefined || found === null ? undefined : String(found);
}
