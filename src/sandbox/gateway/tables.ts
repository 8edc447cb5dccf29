import { randomBytes } from 'node:crypto';
import type { Store, Table } from '../store.js';
import { UsageDayTable } from './plans/usage-days.js';
import type { RestApiRecord } from './rest-api/definition.js';

export interface ApiKeyRecord {
  readonly sequence: number;
  readonly id: string;
  readonly value: string;
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly customerId?: string | undefined;
  readonly enabled: boolean;
  readonly createdDate: number;
  readonly lastUpdatedDate: number;
  readonly stageKeys: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
}

export interface Throttle {
  readonly rateLimit?: number | undefined;
  readonly burstLimit?: number | undefined;
}

export interface Quota {
  readonly limit: number;
  readonly offset: number;
  readonly period: 'DAY' | 'WEEK' | 'MONTH';
}

export interface ApiStage {
  readonly apiId: string;
  readonly stage: string;
  /** By resource path and method, such as `/pets/GET`. */
  readonly throttle?: Readonly<Record<string, Throttle>> | undefined;
}

export interface UsagePlanRecord {
  readonly sequence: number;
  readonly id: string;
  readonly name: string;
  readonly description?: string | undefined;
  readonly productCode?: string | undefined;
  readonly apiStages: readonly ApiStage[];
  readonly throttle?: Throttle | undefined;
  readonly quota?: Quota | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

export interface UsagePlanKeyRecord {
  readonly sequence: number;
  readonly usagePlanId: string;
  readonly keyId: string;
}

/** Everything the gateway remembers, each table with the indexes its callers need. */
export class GatewayTables {
  readonly apiKeys: ApiKeyTable;
  readonly usagePlans: Table<UsagePlanRecord>;
  readonly usagePlanKeys: UsagePlanKeyTable;
  readonly usageDays: UsageDayTable;
  readonly restApis: Table<RestApiRecord>;
  private lastSequence: number;

  constructor(store: Store) {
    this.apiKeys = new ApiKeyTable(store.table('gateway.apiKeys'));
    this.usagePlans = store.table('gateway.usagePlans');
    this.usagePlanKeys = new UsagePlanKeyTable(store.table('gateway.usagePlanKeys'));
    this.usageDays = new UsageDayTable(store.table('gateway.usageDays'));
    this.restApis = store.table('gateway.restApis');
    const kept = [
      this.apiKeys.newestFirst(),
      this.usagePlans.values(),
      this.usagePlanKeys.all(),
      this.restApis.values(),
    ];
    this.lastSequence = kept.flat().reduce((highest, { sequence }) => Math.max(highest, sequence), 0);
  }

  /** Orders rows by creation: AWS lists the newest first. */
  nextSequence(): number {
    this.lastSequence += 1;
    return this.lastSequence;
  }
}

/** API keys, found by id, by value and by the start of their name without looking at every key. */
export class ApiKeyTable {
  private readonly idsByValue = new Map<string, string>();
  private readonly names: string[];

  constructor(private readonly rows: Table<ApiKeyRecord>) {
    for (const { id, value } of rows.values()) this.idsByValue.set(value, id);
    this.names = rows.values().map(nameEntry).sort(byCodeUnit);
  }

  get size(): number {
    return this.rows.size;
  }

  get(id: string): ApiKeyRecord | undefined {
    return this.rows.get(id);
  }

  withValue(value: string): ApiKeyRecord | undefined {
    return this.rows.get(this.idsByValue.get(value) ?? '');
  }

  newestFirst(): ApiKeyRecord[] {
    return this.rows.values().reverse();
  }

  namedNewestFirst(prefix: string): ApiKeyRecord[] {
    const found: ApiKeyRecord[] = [];
    for (let at = lowerBound(this.names, prefix); this.names[at]?.startsWith(prefix); at += 1) {
      const record = this.rows.get(this.names[at]?.split('\u0000').at(-1) ?? '');
      if (record?.name?.startsWith(prefix)) found.push(record);
    }
    return found.sort((a, b) => b.sequence - a.sequence);
  }

  put(record: ApiKeyRecord): ApiKeyRecord {
    const before = this.rows.get(record.id);
    this.rows.put(record.id, record);
    if (before?.name !== record.name || !before) {
      if (before) this.forgetName(before);
      const entry = nameEntry(record);
      this.names.splice(lowerBound(this.names, entry), 0, entry);
    }
    this.idsByValue.set(record.value, record.id);
    return record;
  }

  delete(record: ApiKeyRecord): void {
    this.rows.delete(record.id);
    this.forgetName(record);
    this.idsByValue.delete(record.value);
  }

  private forgetName(record: ApiKeyRecord): void {
    this.names.splice(lowerBound(this.names, nameEntry(record)), 1);
  }
}

function nameEntry({ name = '', id }: ApiKeyRecord): string {
  return `${name}\u0000${id}`;
}

function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function lowerBound(sorted: readonly string[], wanted: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? '') < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Which key is in which plan, both ways round. */
export class UsagePlanKeyTable {
  private readonly byPlan = new Map<string, Map<string, UsagePlanKeyRecord>>();
  private readonly byKey = new Map<string, Set<string>>();

  constructor(private readonly rows: Table<UsagePlanKeyRecord>) {
    for (const record of rows.values()) this.index(record);
  }

  all(): UsagePlanKeyRecord[] {
    return this.rows.values();
  }

  get(usagePlanId: string, keyId: string): UsagePlanKeyRecord | undefined {
    return this.byPlan.get(usagePlanId)?.get(keyId);
  }

  planIdsOf(keyId: string): ReadonlySet<string> {
    return this.byKey.get(keyId) ?? new Set();
  }

  inPlanNewestFirst(usagePlanId: string): UsagePlanKeyRecord[] {
    return [...(this.byPlan.get(usagePlanId)?.values() ?? [])].reverse();
  }

  put(record: UsagePlanKeyRecord): void {
    this.rows.put(`${record.usagePlanId}/${record.keyId}`, record);
    this.index(record);
  }

  delete({ usagePlanId, keyId }: Pick<UsagePlanKeyRecord, 'usagePlanId' | 'keyId'>): void {
    this.rows.delete(`${usagePlanId}/${keyId}`);
    this.byPlan.get(usagePlanId)?.delete(keyId);
    this.byKey.get(keyId)?.delete(usagePlanId);
  }

  private index(record: UsagePlanKeyRecord): void {
    inner(this.byPlan, record.usagePlanId, () => new Map()).set(record.keyId, record);
    inner(this.byKey, record.keyId, () => new Set<string>()).add(record.usagePlanId);
  }
}

function inner<V>(map: Map<string, V>, key: string, make: () => V): V {
  const existing = map.get(key);
  if (existing) return existing;
  const made = make();
  map.set(key, made);
  return made;
}

const LOWER = 'abcdefghijklmnopqrstuvwxyz0123456789';
const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** An id as API Gateway makes them: ten characters for keys and APIs, six for the rest. */
export function newId(length: 6 | 10): string {
  return randomText(length, LOWER);
}

export function newKeyValue(): string {
  return randomText(40, ALPHANUMERIC);
}

function randomText(length: number, alphabet: string): string {
  return [...randomBytes(length)].map((byte) => alphabet[byte % alphabet.length]).join('');
}
