import type { PatchOperation } from '@aws-sdk/client-api-gateway';
import { badRequest, invalidPatch, notFound } from '../replies.js';
import type { ApiStage, Quota, Throttle, UsagePlanRecord } from '../tables.js';

/** One row of AWS's table of patch operations for UpdateUsagePlan; the pattern's groups go to `apply`. */
interface Rule {
  readonly shown: string;
  readonly path: RegExp;
  readonly ops: readonly string[];
  readonly apply: (plan: UsagePlanRecord, op: string, value: string | undefined, groups: string[]) => UsagePlanRecord;
}

const STAGE = '([^/]+)';
const STAGE_THROTTLE = `/apiStages/${STAGE}/throttle`;

const RULES: readonly Rule[] = [
  { shown: '/name', path: /^\/name$/, ops: ['replace'], apply: (plan, _, name = '') => ({ ...plan, name }) },
  {
    shown: '/description',
    path: /^\/description$/,
    ops: ['replace'],
    apply: (plan, _, description) => ({ ...plan, description }),
  },
  {
    shown: '/productCode',
    path: /^\/productCode$/,
    ops: ['add', 'replace', 'remove'],
    apply: (plan, op, value) => ({ ...plan, productCode: op === 'remove' ? undefined : value }),
  },
  { shown: '/throttle', path: /^\/throttle$/, ops: ['remove'], apply: (plan) => ({ ...plan, throttle: undefined }) },
  {
    shown: '/throttle/{rateLimit|burstLimit}',
    path: /^\/throttle\/(rateLimit|burstLimit)$/,
    ops: ['add', 'replace'],
    apply: (plan, _, value, [limit = '']) => ({ ...plan, throttle: { ...plan.throttle, [limit]: number(value) } }),
  },
  { shown: '/quota', path: /^\/quota$/, ops: ['remove'], apply: (plan) => ({ ...plan, quota: undefined }) },
  {
    shown: '/quota/{limit|offset|period}',
    path: /^\/quota\/(limit|offset|period)$/,
    ops: ['add', 'replace'],
    apply: (plan, _, value, [member = '']) => ({ ...plan, quota: withQuota(plan.quota, member, value) }),
  },
  { shown: '/apiStages', path: /^\/apiStages$/, ops: ['add', 'remove'], apply: patchStages },
  {
    shown: '/apiStages/{apiId:stage}/throttle',
    path: new RegExp(`^${STAGE_THROTTLE}$`),
    ops: ['add', 'replace', 'remove'],
    apply: (plan, op, value, [stage = '']) =>
      withStage(plan, stage, () => (op === 'remove' ? undefined : throttleMap(value))),
  },
  {
    shown: '/apiStages/{apiId:stage}/throttle/{path}/{METHOD}/{rateLimit|burstLimit}',
    path: new RegExp(`^${STAGE_THROTTLE}/(.+)/(rateLimit|burstLimit)$`),
    ops: ['add', 'replace'],
    apply: (plan, _, value, [stage = '', method = '', limit = '']) =>
      withStage(plan, stage, (throttles) => {
        const name = methodName(method);
        return { ...throttles, [name]: { ...throttles[name], [limit]: number(value) } };
      }),
  },
  {
    shown: '/apiStages/{apiId:stage}/throttle/{path}/{METHOD}',
    path: new RegExp(`^${STAGE_THROTTLE}/(.+)$`),
    ops: ['remove'],
    apply: (plan, _op, _value, [stage = '', method = '']) =>
      withStage(plan, stage, ({ [methodName(method)]: _, ...others }) => others),
  },
];

export function patchUsagePlan(plan: UsagePlanRecord, { op = 'replace', path = '', value }: PatchOperation) {
  const rules = RULES.filter(({ ops }) => ops.includes(op));
  for (const rule of rules) {
    const found = rule.path.exec(path);
    if (found) return rule.apply(plan, op, value, found.slice(1));
  }
  throw invalidPatch(
    op,
    path,
    rules.map(({ shown }) => shown),
  );
}

/** The plan itself, when its throttle and quota make sense. */
export function checkedPlan(plan: UsagePlanRecord): UsagePlanRecord {
  const { quota, throttle } = plan;
  if ((throttle?.rateLimit ?? 0) < 0 || (throttle?.burstLimit ?? 0) < 0)
    throw badRequest('Usage Plan throttle limits must not be negative');
  if (!quota) return plan;
  if (!(quota.limit > 0)) throw badRequest('Usage Plan quota limit must be greater than 0');
  if (!['DAY', 'WEEK', 'MONTH'].includes(quota.period)) throw badRequest('Usage Plan quota period is invalid');
  return plan;
}

function patchStages(plan: UsagePlanRecord, op: string, value: string | undefined): UsagePlanRecord {
  const [apiId, stage, ...rest] = (value ?? '').split(':');
  if (!apiId || !stage || rest.length > 0) throw badRequest('Invalid API Stage specified');
  const known = plan.apiStages.some((held) => held.apiId === apiId && held.stage === stage);
  if (op === 'add') return known ? plan : { ...plan, apiStages: [...plan.apiStages, { apiId, stage }] };
  if (!known) throw notFound(`Invalid API Stage {api: ${apiId}, stage: ${stage}} specified for usageplan ${plan.id}`);
  return { ...plan, apiStages: plan.apiStages.filter((held) => held.apiId !== apiId || held.stage !== stage) };
}

type Throttles = NonNullable<ApiStage['throttle']>;

function withStage(plan: UsagePlanRecord, id: string, change: (before: Throttles) => Throttles | undefined) {
  const held = plan.apiStages.find(({ apiId, stage }) => `${apiId}:${stage}` === id);
  if (!held) throw badRequest('Invalid API Stage specified');
  const changed = { ...held, throttle: change(held.throttle ?? {}) };
  return { ...plan, apiStages: plan.apiStages.map((stage) => (stage === held ? changed : stage)) };
}

/** `~1pets/GET`, `/pets/GET` and `pets/GET` all name the method `/pets/GET`. */
function methodName(escaped: string): string {
  const name = escaped.replaceAll('~1', '/').replaceAll('~0', '~');
  return name.startsWith('/') ? name : `/${name}`;
}

function throttleMap(value: string | undefined): Throttles {
  const entries = Object.entries(jsonObject(value)).map(([method, limits]): [string, Throttle] => {
    if (typeof limits !== 'object' || limits === null) throw badRequest('Invalid throttle settings specified');
    const { rateLimit, burstLimit } = limits as Partial<Record<keyof Throttle, unknown>>;
    return [method, { rateLimit: number(String(rateLimit)), burstLimit: number(String(burstLimit)) }];
  });
  return Object.fromEntries(entries);
}

function jsonObject(value = ''): object {
  try {
    const parsed: unknown = JSON.parse(value);
    if (typeof parsed === 'object' && parsed !== null) return parsed;
  } catch {
    // refused below
  }
  throw badRequest('Invalid throttle settings specified');
}

function withQuota(quota: Quota | undefined, member: string, value = ''): Quota {
  const { limit = 0, offset = 0, period = 'DAY' } = quota ?? {};
  if (member === 'period') return { limit, offset, period: value as Quota['period'] };
  return { limit, offset, period, [member]: number(value) };
}

function number(value = ''): number {
  const parsed = Number(value);
  if (value.trim() === '' || !Number.isFinite(parsed)) throw badRequest(`Invalid number specified: ${value}`);
  return parsed;
}
