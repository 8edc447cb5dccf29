import type {
  CreateUsagePlanCommandInput,
  DeleteUsagePlanCommandInput,
  GetUsagePlanCommandInput,
  GetUsagePlansCommandInput,
  UpdateUsagePlanCommandInput,
} from '@aws-sdk/client-api-gateway';
import { outsideEnum, refuseBroken } from '../constraints.js';
import { badRequest, conflict, notFound, page } from '../replies.js';
import { type ApiStage, type GatewayTables, newId, type UsagePlanRecord } from '../tables.js';
import { checkTags } from '../tags.js';
import { checkedPlan, patchUsagePlan } from './usage-plan-patch.js';

export const UNKNOWN_PLAN = 'Invalid Usage Plan ID specified';

/** Usage plans: throttle, quota and the API stages they open. Lists show no tags. */
export class UsagePlans {
  readonly operations = {
    CreateUsagePlan: (input: CreateUsagePlanCommandInput) => this.create(input),
    GetUsagePlan: (input: GetUsagePlanCommandInput) => this.existing(input.usagePlanId),
    GetUsagePlans: (input: GetUsagePlansCommandInput) => this.list(input),
    UpdateUsagePlan: (input: UpdateUsagePlanCommandInput) => this.update(input),
    DeleteUsagePlan: (input: DeleteUsagePlanCommandInput) => this.delete(input),
  };

  constructor(private readonly tables: GatewayTables) {}

  create({ name = '', description, apiStages = [], throttle, quota, tags }: CreateUsagePlanCommandInput) {
    refuseBroken(outsideEnum(quota?.period, 'createUsagePlanInput.quota.period', ['DAY', 'WEEK', 'MONTH']));
    const record = checkedPlan({
      sequence: this.tables.nextSequence(),
      id: newId(6),
      name,
      description,
      apiStages: apiStages.map(({ apiId = '', stage = '', throttle }) => ({ apiId, stage, throttle })),
      throttle,
      quota: quota && { limit: quota.limit ?? 0, offset: quota.offset ?? 0, period: quota.period ?? 'DAY' },
      tags: tags ?? {},
    });
    checkTags(record.tags);
    this.checkStages(record, record.apiStages);
    this.tables.usagePlans.put(record.id, record);
    return { ...record, tags };
  }

  private list({ keyId, ...request }: GetUsagePlansCommandInput) {
    const all = this.tables.usagePlans.values().reverse();
    const found = keyId ? all.filter(({ id }) => this.tables.usagePlanKeys.get(id, keyId)) : all;
    const { items, position } = page(found, request);
    return { items: items.map((plan) => ({ ...plan, tags: undefined })), position };
  }

  private update({ usagePlanId, patchOperations = [] }: UpdateUsagePlanCommandInput) {
    const before = this.existing(usagePlanId);
    const after = checkedPlan(patchOperations.reduce(patchUsagePlan, before));
    const added = after.apiStages.filter((stage) => !before.apiStages.some((known) => sameStage(known, stage)));
    this.checkStages(after, added);
    this.checkKeysFree(after, added);
    return this.tables.usagePlans.put(after.id, after);
  }

  private delete({ usagePlanId }: DeleteUsagePlanCommandInput) {
    const { id, apiStages } = this.existing(usagePlanId);
    if (apiStages.length > 0) {
      const stages = apiStages.map(({ apiId, stage }) => `${apiId}:${stage}`).join(', ');
      throw badRequest(
        `Cannot delete Usage Plan ${id} because there are API Stages associated with it, including ${stages}`,
      );
    }
    for (const record of this.tables.usagePlanKeys.inPlanNewestFirst(id)) this.tables.usagePlanKeys.delete(record);
    this.tables.usageDays.forgetPlan(id);
    this.tables.usagePlans.delete(id);
  }

  private existing(id = ''): UsagePlanRecord {
    const record = this.tables.usagePlans.get(id);
    if (!record) throw notFound(UNKNOWN_PLAN);
    return record;
  }

  private checkStages({ id }: UsagePlanRecord, stages: readonly ApiStage[]): void {
    for (const { apiId, stage } of stages) {
      if (!Object.hasOwn(this.tables.restApis.get(apiId)?.stages ?? {}, stage))
        throw notFound(`Invalid API Stage {api: ${apiId}, stage: ${stage}} specified for usageplan ${id}`);
    }
  }

  /** A key may be in one plan per stage, also when the stage comes to the plan later than the key. */
  private checkKeysFree({ id }: UsagePlanRecord, added: readonly ApiStage[]): void {
    if (added.length === 0) return;
    for (const { keyId } of this.tables.usagePlanKeys.inPlanNewestFirst(id)) {
      if (planWithAnyStage(this.tables, keyId, added, id))
        throw conflict(`API Key ${keyId} is already subscribed to an API Stage of Usage Plan ${id}`);
    }
  }
}

/** The key's plan, other than `exceptId`, that has one of these stages. */
export function planWithAnyStage(tables: GatewayTables, keyId: string, stages: readonly ApiStage[], exceptId = '') {
  for (const planId of tables.usagePlanKeys.planIdsOf(keyId)) {
    const plan = planId === exceptId ? undefined : tables.usagePlans.get(planId);
    if (plan?.apiStages.some((held) => stages.some((stage) => sameStage(held, stage)))) return plan;
  }
  return undefined;
}

function sameStage(a: ApiStage, b: ApiStage): boolean {
  return a.apiId === b.apiId && a.stage === b.stage;
}
