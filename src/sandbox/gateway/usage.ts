import type { GetUsageCommandInput, UpdateUsageCommandInput } from '@aws-sdk/client-api-gateway';
import type { SandboxClock } from '../sandbox-clock.js';
import type { Table } from '../store.js';
import { badRequest, invalidPatch, notFound, page } from './replies.js';
import type { GatewayTables, Quota, UsagePlanKeyRecord, UsagePlanRecord } from './tables.js';

const MAX_REPORT_DAYS = 366;

/** Calls counted per plan and key, and what is left of each one's quota. */
export class Usage {
  readonly operations = {
    GetUsage: (input: GetUsageCommandInput) => this.get(input),
    UpdateUsage: (input: UpdateUsageCommandInput) => this.update(input),
  };

  /** AWS does not say whether a key that leaves a plan and comes back finds its counter; both must be bearable. */
  countersSurviveDetach = true;

  constructor(
    private readonly tables: GatewayTables,
    private readonly clock: SandboxClock,
  ) {}

  /** Counts one accepted call; false, and nothing counted, when the quota is used up. */
  accept(plan: UsagePlanRecord, keyId: string): boolean {
    const date = this.today();
    const remaining = this.remaining(plan, keyId, date);
    if (plan.quota && remaining <= 0) return false;
    const used = this.tables.usageDays.daysOf(plan.id, keyId)?.get(date)?.used ?? 0;
    this.write(plan, keyId, date, used + 1, plan.quota ? remaining - 1 : 0);
    return true;
  }

  detached({ usagePlanId, keyId }: UsagePlanKeyRecord): void {
    if (!this.countersSurviveDetach) this.tables.usageDays.forget(usagePlanId, keyId);
  }

  private get({ usagePlanId = '', startDate = '', endDate = '', keyId, ...request }: GetUsageCommandInput) {
    const plan = this.existing(usagePlanId);
    const dates = datesBetween(startDate, endDate, this.today());
    const members = keyId
      ? [this.tables.usagePlanKeys.get(plan.id, keyId)].filter((record) => record !== undefined)
      : this.tables.usagePlanKeys.inPlanNewestFirst(plan.id);
    const active = members.filter((member) => this.hasHits(member, dates));
    const { items, position } = page(active, request);
    const pairs = items.map((member) => [member.keyId, this.pairs(plan, member.keyId, dates)]);
    return { usagePlanId: plan.id, startDate, endDate, items: Object.fromEntries(pairs), position };
  }

  private update({ usagePlanId = '', keyId = '', patchOperations = [] }: UpdateUsageCommandInput) {
    const plan = this.existing(usagePlanId);
    if (!this.tables.usagePlanKeys.get(plan.id, keyId)) throw notFound('Invalid Key identifier specified');
    const [remaining] = patchOperations.map(remainingOf).slice(-1);
    if (!plan.quota) throw badRequest('Usage Plan has no quota');
    const date = this.today();
    const used = this.tables.usageDays.daysOf(plan.id, keyId)?.get(date)?.used ?? 0;
    if (remaining !== undefined) this.write(plan, keyId, date, used, remaining);
    const items = { [keyId]: this.pairs(plan, keyId, [date]) };
    return { usagePlanId: plan.id, startDate: date, endDate: date, items };
  }

  private write(plan: UsagePlanRecord, keyId: string, date: string, used: number, remaining: number): void {
    const limit = plan.quota?.limit ?? null;
    this.tables.usageDays.put({ usagePlanId: plan.id, keyId, date, used, remaining, limit });
  }

  private existing(id: string): UsagePlanRecord {
    const plan = this.tables.usagePlans.get(id);
    if (!plan) throw notFound('Invalid Usage Plan ID specified');
    return plan;
  }

  private hasHits({ usagePlanId, keyId }: UsagePlanKeyRecord, dates: readonly string[]): boolean {
    const days = this.tables.usageDays.daysOf(usagePlanId, keyId);
    return days !== undefined && dates.some((date) => (days.get(date)?.used ?? 0) > 0);
  }

  private pairs(plan: UsagePlanRecord, keyId: string, dates: readonly string[]): number[][] {
    const days = this.tables.usageDays.daysOf(plan.id, keyId);
    const today = this.today();
    let left = this.remaining(plan, keyId, dates[0] ?? today);
    return dates.map((date) => {
      const day = days?.get(date);
      if (date === today) left = this.remaining(plan, keyId, date);
      else if (day) left = day.remaining;
      else if (plan.quota && periodStart(plan.quota.period, date) === date) left = plan.quota.limit;
      return [day?.used ?? 0, left];
    });
  }

  /** What the last write of the period left, moved by what the plan's limit has changed since; 0 without a quota. */
  private remaining({ id, quota }: UsagePlanRecord, keyId: string, date: string): number {
    if (!quota) return 0;
    const days = this.tables.usageDays.daysOf(id, keyId);
    const start = periodStart(quota.period, date);
    for (let at = date; days && at >= start; at = dayAfter(at, -1)) {
      const day = days.get(at);
      if (day) return day.limit === null ? quota.limit : Math.max(0, day.remaining + quota.limit - day.limit);
    }
    return quota.limit;
  }

  private today(): string {
    return dateOf(this.clock.now());
  }
}

function remainingOf({ op = 'replace', path = '', value = '' }: { op?: string; path?: string; value?: string }) {
  if (op !== 'replace' || path !== '/remaining') throw invalidPatch(op, path, ['/remaining']);
  if (!/^\d+$/.test(value)) throw badRequest(`Invalid remaining quota specified: ${value}`);
  return Number(value);
}

function datesBetween(startDate: string, endDate: string, today: string): string[] {
  for (const date of [startDate, endDate]) {
    if (!/^\d{4}-\d\d-\d\d$/.test(date) || Number.isNaN(Date.parse(date)))
      throw badRequest(`Invalid date specified: ${date}. Dates must be YYYY-MM-DD`);
  }
  const dates: string[] = [];
  for (let date = startDate; date <= endDate && date <= today; date = dayAfter(date)) {
    dates.push(date);
    if (dates.length > MAX_REPORT_DAYS) throw badRequest(`Usage covers at most ${MAX_REPORT_DAYS} days`);
  }
  return dates;
}

/** The first day (UTC) of the period a day is in: the day itself, its Monday, or the 1st of its month. */
function periodStart(period: Quota['period'], date: string): string {
  if (period === 'DAY') return date;
  if (period === 'MONTH') return `${date.slice(0, 8)}01`;
  const daysSinceMonday = (new Date(date).getUTCDay() + 6) % 7;
  return dayAfter(date, -daysSinceMonday);
}

function dayAfter(date: string, days = 1): string {
  return dateOf(new Date(Date.parse(date) + days * 86_400_000));
}

function dateOf(instant: Date): string {
  return instant.toISOString().slice(0, 10);
}

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

  daysOf(usagePlanId: string, keyId: string): ReadonlyMap<string, UsageDayRecord> | undefined {
    return this.byKey.get(keyId)?.get(usagePlanId);
  }

  put(record: UsageDayRecord): void {
    this.index(record);
    this.rows.put(rowKey(record), record);
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
