import type {
  CreateUsagePlanKeyCommandInput,
  DeleteUsagePlanKeyCommandInput,
  GetUsagePlanKeyCommandInput,
  GetUsagePlanKeysCommandInput,
} from '@aws-sdk/client-api-gateway';
import { badRequest, conflict, limitExceeded, notFound, page } from '../replies.js';
import type { ApiKeyRecord, GatewayTables, UsagePlanKeyRecord } from '../tables.js';
import type { Usage } from './usage.js';
import { planWithAnyStage, UNKNOWN_PLAN } from './usage-plans.js';

const MAX_PLANS_PER_KEY = 10;
const UNKNOWN_KEY = 'Invalid API Key identifier specified';

/** Which keys are in a plan. Every answer shows the key's value, as AWS does. */
export class UsagePlanKeys {
  readonly operations = {
    CreateUsagePlanKey: (input: CreateUsagePlanKeyCommandInput) => this.create(input),
    GetUsagePlanKey: (input: GetUsagePlanKeyCommandInput) => this.get(input),
    GetUsagePlanKeys: (input: GetUsagePlanKeysCommandInput) => this.list(input),
    DeleteUsagePlanKey: (input: DeleteUsagePlanKeyCommandInput) => this.delete(input),
  };

  constructor(
    private readonly tables: GatewayTables,
    private readonly usage: Usage,
  ) {}

  create({ usagePlanId = '', keyId = '', keyType }: CreateUsagePlanKeyCommandInput) {
    const { usagePlans, usagePlanKeys, apiKeys } = this.tables;
    const plan = usagePlans.get(usagePlanId);
    if (!plan) throw notFound(UNKNOWN_PLAN);
    if (keyType !== 'API_KEY') throw badRequest('Invalid key type specified');
    const key = apiKeys.get(keyId);
    if (!key) throw notFound(UNKNOWN_KEY);
    if (usagePlanKeys.get(plan.id, key.id)) throw conflict('Usage Plan Key already exists');
    const other = planWithAnyStage(this.tables, key.id, plan.apiStages);
    if (other) throw conflict(`API Key ${key.id} is already in Usage Plan ${other.id} for the same API Stage`);
    if (usagePlanKeys.planIdsOf(key.id).size >= MAX_PLANS_PER_KEY)
      throw limitExceeded('Maximum number of Usage Plans per API Key reached');
    usagePlanKeys.put({ sequence: this.tables.nextSequence(), usagePlanId: plan.id, keyId: key.id });
    return shown(key);
  }

  private get(input: GetUsagePlanKeyCommandInput) {
    const key = this.tables.apiKeys.get(this.existing(input).keyId);
    if (!key) throw notFound(UNKNOWN_KEY);
    return shown(key);
  }

  /** An unknown plan has no keys: 200 and an empty list, not 404. */
  private list({ usagePlanId = '', nameQuery, ...request }: GetUsagePlanKeysCommandInput) {
    const found = nameQuery
      ? this.named(usagePlanId, nameQuery)
      : this.tables.usagePlanKeys.inPlanNewestFirst(usagePlanId);
    const { items, position } = page(found, request);
    const keys = items.map(({ keyId }) => this.tables.apiKeys.get(keyId)).filter((key) => key !== undefined);
    return { items: keys.map(shown), position };
  }

  private named(usagePlanId: string, prefix: string): UsagePlanKeyRecord[] {
    return this.tables.apiKeys
      .namedNewestFirst(prefix)
      .map(({ id }) => this.tables.usagePlanKeys.get(usagePlanId, id))
      .filter((record) => record !== undefined)
      .sort((a, b) => b.sequence - a.sequence);
  }

  private delete(input: DeleteUsagePlanKeyCommandInput) {
    const record = this.existing(input);
    this.tables.usagePlanKeys.delete(record);
    this.usage.detached(record);
  }

  private existing({ usagePlanId = '', keyId = '' }: GetUsagePlanKeyCommandInput): UsagePlanKeyRecord {
    if (!this.tables.usagePlans.get(usagePlanId)) throw notFound(UNKNOWN_PLAN);
    const record = this.tables.usagePlanKeys.get(usagePlanId, keyId);
    if (!record) throw notFound(UNKNOWN_KEY);
    return record;
  }
}

function shown({ id, value, name }: ApiKeyRecord) {
  return { id, type: 'API_KEY', value, name };
}
