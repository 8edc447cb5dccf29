import { randomBytes } from 'node:crypto';
import type { ServiceHabits } from '../habits/service-habits.js';
import type { SandboxReply, SandboxRequest } from '../http.js';
import type { SandboxClock } from '../sandbox-clock.js';
import type { Deployment } from './deployments.js';
import type { Authorizer, Integration, Method, Resource } from './rest-apis.js';
import type { GatewayTables, Throttle, UsagePlanRecord } from './tables.js';
import type { Usage } from './usage.js';

/** What a Cognito authorizer needs to know of a token. */
export type VerifyToken = (
  poolId: string,
  token: string,
) => { ok: true; claims: Record<string, unknown> } | { ok: false; expired: boolean };

/** A call that found its method: `stageId` is `<apiId>:<stage>`. */
interface Call {
  readonly request: SandboxRequest;
  readonly apiId: string;
  readonly stage: string;
  readonly deployment: Deployment;
  readonly resource: Resource;
  readonly method: Method;
}

const FORBIDDEN = refusal(403, 'ForbiddenException', 'Forbidden');
const NO_SUCH_METHOD = refusal(403, 'MissingAuthenticationTokenException', 'Missing Authentication Token');
const UNAUTHORIZED = refusal(401, 'UnauthorizedException', 'Unauthorized');
const TOKEN_EXPIRED = refusal(401, 'UnauthorizedException', 'The incoming token has expired');
const THROTTLED = refusal(429, 'TooManyRequestsException', 'Too Many Requests');
const QUOTA_EXCEEDED = refusal(429, 'LimitExceededException', 'Limit Exceeded');
const MISCONFIGURED = refusal(500, 'AuthorizerConfigurationException', null);

/** The deployed APIs themselves. A call passes authorizer, key, throttle and quota, in this order, to its integration. */
export class ExecuteApi {
  private readonly buckets = new Map<string, TokenBucket>();

  constructor(
    private readonly tables: GatewayTables,
    private readonly usage: Usage,
    private readonly clock: SandboxClock,
    private readonly verifyToken: VerifyToken,
    private readonly habits: ServiceHabits,
  ) {}

  answer(request: SandboxRequest): SandboxReply {
    const reply = this.run(request);
    return { ...reply, headers: { 'x-amz-apigw-id': `${randomBytes(11).toString('base64url')}=`, ...reply.headers } };
  }

  private run(request: SandboxRequest): SandboxReply {
    const [apiId = '', stage = '', ...path] = request.url.pathname.split('/').slice(3);
    const api = this.tables.restApis.get(apiId);
    const deployment = api?.deployments[api.stages[stage]?.deploymentId ?? ''];
    if (!deployment) return FORBIDDEN;
    const resource = resourceAt(deployment, path);
    const method = resource?.resourceMethods[request.method] ?? resource?.resourceMethods.ANY;
    if (!resource || !method) return NO_SUCH_METHOD;
    const call = { request, apiId, stage, deployment, resource, method };
    return this.authorize(call) ?? this.admit(call) ?? integrate(method.methodIntegration);
  }

  private authorize({ request, deployment, method }: Call): SandboxReply | undefined {
    if (method.authorizationType === 'NONE') return undefined;
    const authorizer = deployment.authorizers[method.authorizerId ?? ''];
    if (!authorizer) return MISCONFIGURED;
    const token = tokenOf(authorizer, request);
    if (!token) return UNAUTHORIZED;
    const results = authorizer.providerARNs.map((arn) => this.verifyToken(arn.split('/').at(-1) ?? '', token));
    const verified = results.find((result) => result.ok);
    if (verified) return allows(method, verified.claims) ? undefined : UNAUTHORIZED;
    return results.some((result) => !result.ok && result.expired) ? TOKEN_EXPIRED : UNAUTHORIZED;
  }

  /** Key, throttle and quota; methods that require no key know none of them. */
  private admit(call: Call): SandboxReply | undefined {
    if (!call.method.apiKeyRequired) return undefined;
    const known = this.habits.propagated() ?? this.tables;
    const key = known.apiKeys.withValue(call.request.headers['x-api-key'] ?? '');
    const plan = key?.enabled && planOf(known, key.id, call);
    if (!key || !plan) return FORBIDDEN;
    if (!this.withinThrottles(plan, key.id, call)) return THROTTLED;
    return this.usage.accept(plan, key.id) ? undefined : QUOTA_EXCEEDED;
  }

  private withinThrottles(plan: UsagePlanRecord, keyId: string, { apiId, stage, resource, method }: Call): boolean {
    const held = plan.apiStages.find((candidate) => candidate.apiId === apiId && candidate.stage === stage);
    const name = `${resource.path}/${method.httpMethod}`;
    return (
      this.take(`${plan.id}/${keyId}/${apiId}:${stage}${name}`, held?.throttle?.[name]) &&
      this.take(`${plan.id}/${keyId}`, plan.throttle)
    );
  }

  private take(id: string, throttle: Throttle | undefined): boolean {
    if (!throttle) return true;
    const bucket = this.buckets.get(id) ?? new TokenBucket();
    this.buckets.set(id, bucket);
    return bucket.take(throttle, this.clock.now().getTime());
  }
}

function planOf(known: GatewayTables, keyId: string, { apiId, stage }: Call): UsagePlanRecord | undefined {
  for (const planId of known.usagePlanKeys.planIdsOf(keyId)) {
    const plan = known.usagePlans.get(planId);
    if (plan?.apiStages.some((held) => held.apiId === apiId && held.stage === stage)) return plan;
  }
  return undefined;
}

/** Holds up to `burstLimit` tokens and gains `rateLimit` a second; each call takes one. */
class TokenBucket {
  private tokens = Number.POSITIVE_INFINITY;
  private lastMilliseconds = 0;

  take({ rateLimit, burstLimit }: Throttle, nowMilliseconds: number): boolean {
    const rate = rateLimit ?? Number.POSITIVE_INFINITY;
    const burst = burstLimit ?? Math.max(1, rate);
    const gained = ((nowMilliseconds - this.lastMilliseconds) / 1000) * rate;
    this.tokens = Math.min(burst, this.tokens + (gained || 0));
    this.lastMilliseconds = nowMilliseconds;
    if (this.tokens < 1) return false;
    this.tokens -= 1;
    return true;
  }
}

/** The resource whose path fits; literal parts win over `{parameters}`, and those over `{proxy+}`. */
function resourceAt({ resources }: Deployment, path: readonly string[]): Resource | undefined {
  const segments = path.filter((part, at) => part !== '' || at < path.length - 1);
  const fitting = Object.values(resources).filter((resource) => fits(partsOf(resource), segments));
  return fitting.sort((a, b) => rank(a).localeCompare(rank(b)))[0];
}

function partsOf({ path }: Resource): string[] {
  return path.split('/').filter(Boolean);
}

function fits(parts: readonly string[], segments: readonly string[]): boolean {
  const greedy = parts.at(-1)?.endsWith('+}') ?? false;
  if (greedy ? segments.length < parts.length : segments.length !== parts.length) return false;
  return parts.every((part, at) => part.startsWith('{') || part === segments[at]);
}

function rank(resource: Resource): string {
  return partsOf(resource)
    .map((part) => (part.endsWith('+}') ? '2' : part.startsWith('{') ? '1' : '0'))
    .join('');
}

/** The token in the authorizer's header, raw or after `Bearer`; empty when absent or not of the expected form. */
function tokenOf({ identitySource, identityValidationExpression }: Authorizer, request: SandboxRequest): string {
  const header = identitySource.replace(/^method\.request\.header\./, '').toLowerCase();
  const token = (request.headers[header] ?? '').replace(/^Bearer /, '');
  const expected = !identityValidationExpression || new RegExp(`^(?:${identityValidationExpression})$`).test(token);
  return expected ? token : '';
}

/** Without scopes a method wants an ID token; with scopes an access token that has one of them. */
function allows({ authorizationScopes = [] }: Method, claims: Record<string, unknown>): boolean {
  if (authorizationScopes.length === 0) return claims.token_use === 'id';
  const held = typeof claims.scope === 'string' ? claims.scope.split(' ') : [];
  return claims.token_use === 'access' && held.some((scope) => authorizationScopes.includes(scope));
}

function integrate(integration: Integration | undefined): SandboxReply {
  const wanted = /"?statusCode"?\s*:\s*(\d{3})/.exec(integration?.requestTemplates['application/json'] ?? '')?.[1];
  const response = integration?.integrationResponses[wanted ?? ''];
  if (!response) return refusal(500, 'InternalServerErrorException', 'Internal server error');
  const headers = Object.entries(response.responseParameters ?? {}).map(([name, value]) => [
    name.replace(/^method\.response\.header\./, ''),
    value.replace(/^'(.*)'$/, '$1'),
  ]);
  return {
    status: Number(response.statusCode),
    headers: { 'content-type': 'application/json', ...Object.fromEntries(headers) },
    body: response.responseTemplates?.['application/json'] ?? '',
  };
}

function refusal(status: number, type: string, message: string | null): SandboxReply {
  const headers = { 'content-type': 'application/json', 'x-amzn-ErrorType': type };
  return { status, headers, body: JSON.stringify({ message }) };
}
