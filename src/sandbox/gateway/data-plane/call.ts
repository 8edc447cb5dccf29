import { randomBytes, randomUUID } from 'node:crypto';
import type { SandboxRequest } from '../../http.js';
import type { Deployment, Method, Resource, RestApiRecord, Stage } from '../rest-api/definition.js';
import type { GatewayTables } from '../tables.js';

/** A call to a deployed API. */
export interface Call {
  readonly request: SandboxRequest;
  readonly at: Date;
  readonly apiId: string;
  readonly stage: Stage;
  readonly deployment: Deployment;
  /** After the stage, percent-encoded as it came. */
  readonly path: string;
  readonly requestId: string;
  readonly extendedRequestId: string;
}

/** A call that found its method. */
export interface RoutedCall extends Call {
  readonly resource: Resource;
  readonly method: Method;
  readonly pathParameters: Readonly<Record<string, string>>;
}

/** Who is calling, as far as authorizer and key have told. */
export interface Caller {
  readonly principalId?: string;
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly context?: Readonly<Record<string, string>>;
  readonly usageIdentifierKey?: string;
  readonly key?: { readonly id: string; readonly value: string };
}

/** The call of `/_aws/execute-api/<apiId>/<stage>/<path>`; undefined when nothing is deployed there. */
export function openCall(tables: GatewayTables, request: SandboxRequest, at: Date): Call | undefined {
  const [, , , apiId = '', stageName = '', ...parts] = request.url.pathname.split('/');
  const api = tables.restApis.get(apiId);
  const stage = api?.stages[stageName];
  const deployment = api?.deployments[stage?.deploymentId ?? ''];
  if (!api || !stage || !deployment || deployment.disableExecuteApiEndpoint) return undefined;
  return callOf(api, stage, deployment, request, `/${parts.join('/')}`, at);
}

export function callOf(
  { id: apiId }: RestApiRecord,
  stage: Stage,
  deployment: Deployment,
  request: SandboxRequest,
  path: string,
  at: Date,
): Call {
  const extendedRequestId = `${randomBytes(11).toString('base64url')}=`;
  return { request, at, apiId, stage, deployment, path, requestId: randomUUID(), extendedRequestId };
}

/** `arn:aws:execute-api:<region>:<account>:<api>/<stage>/<METHOD>/<path>`. */
export function methodArn({ apiId, stage, path, request }: Call): string {
  return `arn:aws:execute-api:us-east-1:000000000000:${apiId}/${stage.stageName}/${request.method}${path}`;
}
