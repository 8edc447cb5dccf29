import type { Table } from '../../store.js';

/** One key's day in one plan: the calls counted, and what was left of the period after the last of them. */
export interface UsageDayRecord {
  readonly usagePlanId: string;
  readonly keyId: string;
  readonly date: string;
  readonly used: number;
  readonly remaining: number;
  /** The plan's limit when this was written; null when it had no quota. */
  readonly limit: number | null;
}

/** What each key called in each plan, day by day. */
export class UsageDayTable {
  private readonly byKey = new Map<string, Map<string, Map<string, UsageDayRecord>>>();

  constructor(private readonly rows: Table<UsageDayRecord>) {
    for (const record of rows.values()) this.index(record);
  }

  all(): UsageDayRecord[] {
    return this.rows.values();
  }

  daysOf(usagePlanId: string, keyId: string): ReadonlyMap<string, UsageDayRecord> | undefined {
    return this.byKey.get(keyId)?.get(usagePlanId);
  }

  put(record: UsageDayRecord): void {
    this.rows.put(rowKey(record), record);
    this.index(record);
  }

  forgetKey(keyId: string): void {
    for (const usagePlanId of this.byKey.get(keyId)?.keys() ?? []) this.forget(usagePlanId, keyId);
    this.byKey.delete(keyId);
  }

  forgetPlan(usagePlanId: string): void {
    for (const keyId of this.byKey.keys()) this.forget(usagePlanId, keyId);
  }

  forget(usagePlanId: string, keyId: string): void {
    for (const record of this.daysOf(usagePlanId, keyId)?.values() ?? []) this.rows.delete(rowKey(record));
    this.byKey.get(keyId)?.delete(usagePlanId);
  }

  private index(record: UsageDayRecord): void {
    const plans = this.byKey.get(record.keyId) ?? new Map<string, Map<string, UsageDayRecord>>();
    const days = plans.get(record.usagePlanId) ?? new Map<string, UsageDayRecord>();
    this.byKey.set(record.keyId, plans.set(record.usagePlanId, days.set(record.date, record)));
  }
}

function rowKey({ usagePlanId, keyId, date }: UsageDayRecord): string {
  return `${usagePlanId}/${keyId}/${date}`;
}
