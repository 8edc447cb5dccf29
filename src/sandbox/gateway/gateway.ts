import * as sdk from '@aws-sdk/client-api-gateway';
import { NO_HABITS, type ServiceHabits } from '../habits/service-habits.js';
import type { SandboxReply, SandboxRequest } from '../http.js';
import type { SandboxClock } from '../sandbox-clock.js';
import type { Store } from '../store.js';
import {
  decodeRest,
  encode,
  MissingMembers,
  matchRest,
  type Operation,
  operationsOf,
  ServiceFailure,
} from '../wire.js';
import { ApiKeys } from './api-keys.js';
import { Deployments } from './deployments.js';
import { ExecuteApi, type VerifyToken } from './execute-api.js';
import { badRequest } from './replies.js';
import { RestApis } from './rest-apis.js';
import { GatewayTables } from './tables.js';
import { Tagging } from './tags.js';
import { Usage } from './usage.js';
import { UsagePlanKeys } from './usage-plan-keys.js';
import { UsagePlans } from './usage-plans.js';

type Handler = (input: never) => unknown;

const OPERATIONS = byShape(operationsOf(sdk));

/** API Gateway (REST APIs): the control plane the SDK speaks to, and the deployed APIs' data plane. */
export class Gateway {
  readonly apiKeys: ApiKeys;
  readonly usagePlans: UsagePlans;
  readonly usagePlanKeys: UsagePlanKeys;
  readonly usage: Usage;
  readonly restApis: RestApis;
  readonly deployments: Deployments;
  private readonly executeApi: ExecuteApi;
  private readonly handlers: Readonly<Record<string, Handler>>;

  constructor(
    store: Store,
    clock: SandboxClock,
    verifyToken: VerifyToken,
    private readonly habits: ServiceHabits = NO_HABITS,
  ) {
    const tables = new GatewayTables(store);
    this.apiKeys = new ApiKeys(tables, clock, habits);
    this.usagePlans = new UsagePlans(tables);
    this.usage = new Usage(tables, clock, habits);
    this.usagePlanKeys = new UsagePlanKeys(tables, this.usage);
    this.restApis = new RestApis(tables, clock);
    this.deployments = new Deployments(tables, this.restApis, clock);
    this.executeApi = new ExecuteApi(tables, this.usage, clock, verifyToken, habits);
    this.handlers = {
      ...this.apiKeys.operations,
      ...this.usagePlans.operations,
      ...this.usagePlanKeys.operations,
      ...this.usage.operations,
      ...this.restApis.operations,
      ...this.deployments.operations,
      ...new Tagging(tables).operations,
      GetAccount: () => ({ throttleSettings: { burstLimit: 5000, rateLimit: 10_000 }, apiKeyVersion: '4' }),
    };
  }

  /** One control plane call. */
  async answer(request: SandboxRequest): Promise<SandboxReply> {
    try {
      const operation = operationOf(request);
      const call = { service: 'gateway', operation: operation.name, request } as const;
      return await this.habits.around(call, async () => this.handle(operation, request));
    } catch (error) {
      return refused(error);
    }
  }

  /** One call to a deployed API: `/_aws/execute-api/<apiId>/<stage>/<path>`. */
  async execute(request: SandboxRequest): Promise<SandboxReply> {
    return this.executeApi.answer(request);
  }

  private handle(operation: Operation, { url, body }: SandboxRequest): SandboxReply {
    const handler = this.handlers[operation.name];
    if (!handler)
      throw new ServiceFailure('NotImplementedException', `${operation.name} is not modelled by the sandbox`, 501);
    const output = (handler as (input: object) => unknown)(inputOf(operation, url, body));
    return replied(operation, output);
  }
}

function operationOf({ method, url, headers }: SandboxRequest): Operation {
  if (!headers.authorization?.startsWith('AWS4-'))
    throw new ServiceFailure('MissingAuthenticationTokenException', 'Missing Authentication Token', 403);
  const operation = matchRest(OPERATIONS.get(shapeOf(method, url.pathname)) ?? [], method, url);
  if (!operation) throw new ServiceFailure('UnknownOperationException', 'Unknown operation', 404);
  return operation;
}

function inputOf(operation: Operation, url: URL, body: Buffer): object {
  try {
    return decodeRest(operation, url, body);
  } catch (error) {
    if (!(error instanceof MissingMembers)) throw error;
    const structure = `${operation.name.charAt(0).toLowerCase()}${operation.name.slice(1)}Input`;
    const failures = error.members.map(
      (member) => `Value null at '${structure}.${member}' failed to satisfy constraint: Member must not be null`,
    );
    const count = failures.length === 1 ? '1 validation error' : `${failures.length} validation errors`;
    throw badRequest(`${count} detected: ${failures.join('; ')}`);
  }
}

/** Deletes and tag changes answer with a status alone. */
function replied({ http, output }: Operation, value: unknown): SandboxReply {
  const status = http?.status ?? 200;
  if (!output.isStructSchema() || value === undefined) return { status };
  const headers = { 'content-type': 'application/json' };
  return { status, headers, body: JSON.stringify(encode(output, value)) };
}

function refused(error: unknown): SandboxReply {
  if (!(error instanceof ServiceFailure)) throw error;
  const { status, type, message, headers } = error;
  return {
    status,
    headers: { 'content-type': 'application/json', 'x-amzn-ErrorType': type, ...headers },
    body: JSON.stringify({ message }),
  };
}

/** Operations by method and number of path parts, so that a call is matched against a few of them only. */
function byShape(operations: readonly Operation[]): ReadonlyMap<string, Operation[]> {
  const shapes = new Map<string, Operation[]>();
  for (const operation of operations) {
    const shape = `${operation.http?.method} ${operation.http?.segments.length}`;
    shapes.set(shape, [...(shapes.get(shape) ?? []), operation]);
  }
  return shapes;
}

function shapeOf(method: string, path: string): string {
  return `${method} ${path.split('/').length - 1}`;
}
