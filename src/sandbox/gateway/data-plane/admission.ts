import type { ServiceHabits } from '../../habits/service-habits.js';
import type { SandboxClock } from '../../sandbox-clock.js';
import type { Usage } from '../plans/usage.js';
import type { ApiKeyRecord, GatewayTables, Throttle, UsagePlanRecord } from '../tables.js';
import type { Caller, RoutedCall } from './call.js';
import { INVALID_API_KEY, Refusal } from './refusal.js';
import { TokenBucket } from './token-bucket.js';

/** The gate behind the authorizer: key, plan, throttles and quota, in this order. */
export class Admission {
  private readonly buckets = new Map<string, TokenBucket>();

  constructor(
    private readonly tables: GatewayTables,
    private readonly usage: Usage,
    private readonly clock: SandboxClock,
    private readonly habits: ServiceHabits,
  ) {}

  /** Methods that require no key know neither key nor quota. */
  admit(call: RoutedCall, caller: Caller): Caller {
    const subscriber = call.method.apiKeyRequired ? this.subscriber(call, caller) : undefined;
    if (subscriber && !this.withinPlan(subscriber, call)) throw throttled();
    if (!this.withinStage(call)) throw throttled();
    if (!subscriber) return caller;
    const { plan, key } = subscriber;
    if (!this.usage.accept(plan, key.id))
      throw new Refusal('QUOTA_EXCEEDED', 'LimitExceededException', 'Limit Exceeded');
    return { ...caller, key: { id: key.id, value: key.value } };
  }

  /** The key comes from the header, or from the authorizer where the API says so. */
  private subscriber(call: RoutedCall, { usageIdentifierKey = '' }: Caller): Subscriber {
    const known = this.habits.propagated() ?? this.tables;
    const isFromAuthorizer = call.deployment.apiKeySource === 'AUTHORIZER';
    const value = isFromAuthorizer ? usageIdentifierKey : (call.request.headers['x-api-key'] ?? '');
    const key = known.apiKeys.withValue(value);
    const plan = key?.enabled ? planOf(known, key.id, call) : undefined;
    if (!key || !plan) throw INVALID_API_KEY();
    return { key, plan };
  }

  /** The plan's limit for the method comes before its limit for all calls. */
  private withinPlan({ plan, key }: Subscriber, { apiId, stage, resource, method }: RoutedCall): boolean {
    const held = plan.apiStages.find((one) => one.apiId === apiId && one.stage === stage.stageName);
    const name = `${resource.path}/${method.httpMethod}`;
    return (
      this.take(`${plan.id}/${key.id}/${apiId}:${stage.stageName}${name}`, held?.throttle?.[name]) &&
      this.take(`${plan.id}/${key.id}`, plan.throttle)
    );
  }

  /** What the stage's own settings allow all callers of the method together. */
  private withinStage({ apiId, stage, resource, method }: RoutedCall): boolean {
    const { methodSettings } = stage;
    if (!methodSettings) return true;
    const name = `${resource.path.slice(1)}/${method.httpMethod}`;
    const setting = methodSettings[name] ?? methodSettings['*/*'];
    const { throttlingRateLimit: rateLimit = -1, throttlingBurstLimit: burstLimit = -1 } = setting ?? {};
    if (rateLimit < 0 || burstLimit < 0) return true;
    return this.take(`${apiId}:${stage.stageName}/${name}`, { rateLimit, burstLimit });
  }

  private take(id: string, throttle: Throttle | undefined): boolean {
    if (!throttle) return true;
    const bucket = this.buckets.get(id) ?? new TokenBucket();
    this.buckets.set(id, bucket);
    return bucket.take(throttle, this.clock.now().getTime());
  }
}

interface Subscriber {
  readonly key: ApiKeyRecord;
  readonly plan: UsagePlanRecord;
}

function planOf(known: GatewayTables, keyId: string, { apiId, stage }: RoutedCall): UsagePlanRecord | undefined {
  for (const planId of known.usagePlanKeys.planIdsOf(keyId)) {
    const plan = known.usagePlans.get(planId);
    if (plan?.apiStages.some((held) => held.apiId === apiId && held.stage === stage.stageName)) return plan;
  }
  return undefined;
}

function throttled(): Refusal {
  return new Refusal('THROTTLED', 'TooManyRequestsException', 'Too Many Requests');
}
