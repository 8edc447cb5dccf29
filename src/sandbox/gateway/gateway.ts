import * as sdk from '@aws-sdk/client-api-gateway';
import { NO_HABITS, type ServiceHabits } from '../habits/service-habits.js';
import type { SandboxReply, SandboxRequest } from '../http.js';
import { isSigned } from '../json-protocol.js';
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
import { Account } from './account.js';
import { ApiKeys } from './api-keys.js';
import { badPatchOps, inputName, refuseBroken } from './constraints.js';
import { Admission } from './data-plane/admission.js';
import type { VerifyToken } from './data-plane/cognito-authorizer.js';
import { ExecuteApi } from './data-plane/execute-api.js';
import type { SandboxFunctions } from './data-plane/functions.js';
import { LambdaAuthorizer } from './data-plane/lambda-authorizer.js';
import { TestInvokeAuthorizer } from './data-plane/test-invoke-authorizer.js';
import { ImportApiKeys } from './import-api-keys.js';
import { Usage } from './plans/usage.js';
import { UsagePlanKeys } from './plans/usage-plan-keys.js';
import { UsagePlans } from './plans/usage-plans.js';
import { badRequest } from './replies.js';
import { Drawings } from './rest-api/drawings.js';
import { GatewayTables } from './tables.js';
import { Tagging } from './tags.js';

type Handler = (input: never) => unknown;

const OPERATIONS = byShape(operationsOf(sdk));

/** API Gateway (REST APIs): the control plane the SDK speaks to, and the deployed APIs' data plane. */
export class Gateway {
  readonly apiKeys: ApiKeys;
  readonly usagePlans: UsagePlans;
  readonly usagePlanKeys: UsagePlanKeys;
  readonly usage: Usage;
  readonly drawings: Drawings;
  private readonly executeApi: ExecuteApi;
  private readonly handlers: Readonly<Record<string, Handler>>;

  constructor(
    store: Store,
    clock: SandboxClock,
    verifyToken: VerifyToken,
    private readonly habits: ServiceHabits = NO_HABITS,
    functions: SandboxFunctions = {},
  ) {
    const tables = new GatewayTables(store);
    this.apiKeys = new ApiKeys(tables, clock, habits);
    this.usagePlans = new UsagePlans(tables);
    this.usage = new Usage(tables, clock, habits);
    this.usagePlanKeys = new UsagePlanKeys(tables, this.usage);
    this.drawings = new Drawings(tables, clock);
    const { drafts, authorizers, stages } = this.drawings;
    const lambdaAuthorizer = new LambdaAuthorizer(functions, clock);
    const admission = new Admission(tables, this.usage, clock, habits);
    this.executeApi = new ExecuteApi(tables, clock, verifyToken, lambdaAuthorizer, admission, functions);
    this.handlers = {
      ...this.apiKeys.operations,
      ...new ImportApiKeys(tables, this.apiKeys, this.usagePlanKeys).operations,
      ...this.usagePlans.operations,
      ...this.usagePlanKeys.operations,
      ...this.usage.operations,
      ...this.drawings.operations,
      ...new TestInvokeAuthorizer(drafts, authorizers, stages, lambdaAuthorizer, verifyToken, clock).operations,
      ...new Tagging(tables).operations,
      ...new Account(store.table('gateway.account')).operations,
    };
  }

  /** The names of the operations it has; it says of all others that it lacks them. */
  get operationNames(): readonly string[] {
    return Object.keys(this.handlers);
  }

  /** One control plane call. */
  async answer(request: SandboxRequest): Promise<SandboxReply> {
    try {
      const operation = operationOf(request);
      const call = { service: 'gateway', operation: operation.name, request } as const;
      return await this.habits.around(call, () => this.handle(operation, request));
    } catch (error) {
      return refused(error);
    }
  }

  /** One call to a deployed API: `/_aws/execute-api/<apiId>/<stage>/<path>`. */
  async execute(request: SandboxRequest): Promise<SandboxReply> {
    return this.executeApi.answer(request);
  }

  private async handle(operation: Operation, { url, body }: SandboxRequest): Promise<SandboxReply> {
    const handler = this.handlers[operation.name];
    if (!handler)
      throw new ServiceFailure('NotImplementedException', `${operation.name} is not modelled by the sandbox`, 501);
    const input = inputOf(operation, url, body);
    refuseBroken(badPatchOps(operation.name, input));
    return replied(operation, await (handler as (input: object) => unknown)(input));
  }
}

function operationOf(request: SandboxRequest): Operation {
  const { method, url } = request;
  if (!isSigned(request))
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
    const structure = inputName(operation.name);
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
