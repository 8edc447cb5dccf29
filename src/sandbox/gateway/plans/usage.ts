import type { GetUsageCommandInput, UpdateUsageCommandInput } from '@aws-sdk/client-api-gateway';
import type { ServiceHabits } from '../../habits/service-habits.js';
import type { SandboxClock } from '../../sandbox-clock.js';
import { badRequest, invalidPatch, notFound, page } from '../replies.js';
import type { GatewayTables, Quota, UsagePlanKeyRecord, UsagePlanRecord } from '../tables.js';
import type { UsageDayTable } from './usage-days.js';
import { UsageReports } from './usage-reports.js';

/** https://aws.amazon.com/premiumsupport/knowledge-center/api-gateway-usage-key/ says so, and not in which words it is refused. */
const MAX_REPORT_DAYS = 90;

/** Calls counted per plan and key, and what is left of each one's quota. */
export class Usage {
  readonly operations = {
    GetUsage: (input: GetUsageCommandInput) => this.get(input),
    UpdateUsage: (input: UpdateUsageCommandInput) => this.update(input),
  };

  /** AWS does not say whether a key that leaves a plan and comes back finds its counter; both must be bearable. */
  countersSurviveDetach = true;
  /** Nor whether a counter follows its plan's limit when that changes. */
  countersFollowLimit = true;
  private readonly reports: UsageReports;

  constructor(
    private readonly tables: GatewayTables,
    private readonly clock: SandboxClock,
    habits: ServiceHabits,
  ) {
    this.reports = new UsageReports(tables.usageDays, clock, habits);
  }

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
    if (this.countersSurviveDetach) return;
    this.tables.usageDays.forget(usagePlanId, keyId);
    this.reports.forget(usagePlanId, keyId);
  }

  private get({ usagePlanId = '', startDate = '', endDate = '', keyId, ...request }: GetUsageCommandInput) {
    const plan = this.existing(usagePlanId);
    const dates = datesBetween(startDate, endDate, this.today());
    const members = keyId
      ? [this.tables.usagePlanKeys.get(plan.id, keyId)].filter((record) => record !== undefined)
      : this.tables.usagePlanKeys.inPlanNewestFirst(plan.id);
    const reported = this.reports.days();
    const active = members.filter((member) => hasHits(reported, member, dates));
    const { items, position } = page(active, request);
    const { quota } = plan;
    const firstDays = new Set(dates.filter((date) => quota && periodStart(quota.period, date) === date));
    const pairs = items.map((member) => [member.keyId, this.pairs(plan, member.keyId, dates, firstDays, reported)]);
    return { usagePlanId: plan.id, startDate, endDate, items: Object.fromEntries(pairs), position };
  }

  private update({ usagePlanId = '', keyId = '', patchOperations = [] }: UpdateUsageCommandInput) {
    const plan = this.existing(usagePlanId);
    if (!this.tables.usagePlanKeys.get(plan.id, keyId)) throw notFound('Invalid Key identifier specified');
    const [remaining] = patchOperations.map(remainingOf).slice(-1);
    if (!plan.quota) throw badRequest('Usage Plan has no quota');
    const date = this.today();
    const usedOn = (days: UsageDayTable) => days.daysOf(plan.id, keyId)?.get(date)?.used ?? 0;
    const used = usedOn(this.tables.usageDays);
    if (remaining !== undefined) this.write(plan, keyId, date, used, remaining);
    const items = { [keyId]: [[usedOn(this.reports.days()), this.remaining(plan, keyId, date)]] };
    return { usagePlanId: plan.id, startDate: date, endDate: date, items };
  }

  private write(plan: UsagePlanRecord, keyId: string, date: string, used: number, remaining: number): void {
    const limit = plan.quota?.limit ?? null;
    const record = { usagePlanId: plan.id, keyId, date, used, remaining, limit };
    this.reports.changing(record);
    this.tables.usageDays.put(record);
  }

  private existing(id: string): UsagePlanRecord {
    const plan = this.tables.usagePlans.get(id);
    if (!plan) throw notFound('Invalid Usage Plan ID specified');
    return plan;
  }

  private pairs(
    plan: UsagePlanRecord,
    keyId: string,
    dates: readonly string[],
    firstDays: ReadonlySet<string>,
    reported: UsageDayTable,
  ): number[][] {
    const days = reported.daysOf(plan.id, keyId);
    const today = this.today();
    let left = this.remaining(plan, keyId, dates[0] ?? today, reported);
    return dates.map((date) => {
      const day = days?.get(date);
      if (date === today) left = this.remaining(plan, keyId, date, reported);
      else if (day) left = day.remaining;
      else if (plan.quota && firstDays.has(date)) left = plan.quota.limit;
      return [day?.used ?? 0, left];
    });
  }

  /** What the last write of the period left, moved by what the plan's limit has changed since; 0 without a quota. */
  private remaining(plan: UsagePlanRecord, keyId: string, date: string, counted = this.tables.usageDays): number {
    const { id, quota } = plan;
    if (!quota) return 0;
    const days = counted.daysOf(id, keyId);
    const start = periodStart(quota.period, date);
    for (let at = date; days && at >= start; at = dayAfter(at, -1)) {
      const day = days.get(at);
      if (day && !this.countersFollowLimit) return day.remaining;
      if (day) return day.limit === null ? quota.limit : Math.max(0, day.remaining + quota.limit - day.limit);
    }
    return quota.limit;
  }

  private today(): string {
    return dateOf(this.clock.now());
  }
}

function hasHits(reported: UsageDayTable, { usagePlanId, keyId }: UsagePlanKeyRecord, dates: readonly string[]) {
  const days = reported.daysOf(usagePlanId, keyId);
  return days !== undefined && dates.some((date) => (days.get(date)?.used ?? 0) > 0);
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
  if (endDate >= dayAfter(startDate, MAX_REPORT_DAYS))
    throw badRequest(`The usage date range can't exceed ${MAX_REPORT_DAYS} days`);
  const dates: string[] = [];
  for (let date = startDate; date <= endDate && date <= today; date = dayAfter(date)) dates.push(date);
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
