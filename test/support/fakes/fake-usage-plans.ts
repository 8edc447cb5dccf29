import { randomUUID } from 'node:crypto';
import { AwsUnavailableError } from '../../../src/aws/failures.js';
import {
  type ApiStage,
  type Attached,
  type DayUsage,
  type UsagePlan,
  UsagePlans,
} from '../../../src/aws/usage-plans.js';
import { type Clock, dayOf } from '../../../src/clock.js';
import type { FakeKeyStore } from './fake-key-store.js';

const DAY_MILLISECONDS = 86_400_000;

/** The one stage that there is. */
export const FAKE_STAGE: ApiStage = { apiId: 'api', stage: 'v1' };

type Counter = Map<string, { used: number; remaining: number }>;

/** The account's usage plans in memory, with a counter for each key on each plan. */
export class FakeUsagePlans extends UsagePlans {
  /** AWS does not say whether a key that leaves a plan and comes back finds its counter; both must be bearable. */
  countersSurviveDetach = true;
  readonly plans = new Map<string, UsagePlan>();
  private readonly members = new Map<string, Set<string>>();
  private readonly counters = new Map<string, Counter>();

  constructor(
    private readonly clock: Clock,
    private readonly keys: FakeKeyStore,
  ) {
    super();
  }

  add(plan: Partial<Omit<UsagePlan, 'id'>> = {}): UsagePlan {
    const defaults = { name: 'plan', description: null, tags: {}, quota: null, throttle: null, stages: [FAKE_STAGE] };
    const made: UsagePlan = { ...defaults, ...plan, id: randomUUID().slice(0, 6) };
    this.plans.set(made.id, made);
    this.members.set(made.id, new Set());
    return made;
  }

  /** Calls made with the key that a plan lets through: as many as its quota has left, none with a key that is off. */
  async serve(planId: string, keyId: string, calls: number): Promise<number> {
    const plan = this.plans.get(planId);
    const key = await this.keys.find(keyId);
    if (!plan || !key?.enabled || !this.members.get(planId)?.has(keyId)) return 0;
    const today = dayOf(this.clock.now());
    const left = this.remaining(plan, keyId, today);
    const served = plan.quota ? Math.min(calls, left) : calls;
    if (served > 0) this.count(plan, keyId, this.used(plan.id, keyId, today) + served, plan.quota ? left - served : 0);
    return served;
  }

  async list(): Promise<UsagePlan[]> {
    return [...this.plans.values()].reverse();
  }

  async plansOf(keyId: string): Promise<string[]> {
    if (!(await this.keys.find(keyId))) return [];
    return [...this.members].filter(([, keys]) => keys.has(keyId)).map(([planId]) => planId);
  }

  async keysIn(planId: string): Promise<string[]> {
    const there = await Promise.all([...(this.members.get(planId) ?? [])].map((id) => this.keys.find(id)));
    return there.flatMap((key) => (key ? [key.id] : []));
  }

  async attach(planId: string, keyId: string): Promise<Attached> {
    const plan = this.plans.get(planId);
    if (!plan || !(await this.keys.find(keyId))) return 'gone';
    const others = (await this.plansOf(keyId)).filter((id) => id !== planId);
    const taken = others.flatMap((id) => this.plans.get(id)?.stages ?? []).map(nameOf);
    if (plan.stages.some((stage) => taken.includes(nameOf(stage))))
      throw new AwsUnavailableError('CreateUsagePlanKey', 1);
    const isThere = this.members.get(planId)?.has(keyId) === true;
    this.members.get(planId)?.add(keyId);
    return isThere ? 'there already' : 'attached';
  }

  async detach(planId: string, keyId: string): Promise<void> {
    this.members.get(planId)?.delete(keyId);
    if (!this.countersSurviveDetach) this.counters.delete(pair(planId, keyId));
  }

  async usage(planId: string, keyId: string, from: string, to: string): Promise<DayUsage[]> {
    const plan = this.plans.get(planId);
    if (!plan || !this.members.get(planId)?.has(keyId)) return [];
    const days: DayUsage[] = [];
    for (let date = from; date <= to && date <= dayOf(this.clock.now()); date = dayAfter(date)) {
      days.push({ date, used: this.used(planId, keyId, date), remaining: this.remaining(plan, keyId, date) });
    }
    return days.some(({ used }) => used > 0) ? days : []; // keys without calls are not in the report
  }

  async usageByKey(planId: string, from: string, to: string): Promise<ReadonlyMap<string, DayUsage[]>> {
    const reports = (await this.keysIn(planId)).map(
      async (id) => [id, await this.usage(planId, id, from, to)] as const,
    );
    return new Map((await Promise.all(reports)).filter(([, days]) => days.length > 0));
  }

  async setRemaining(planId: string, keyId: string, remaining: number): Promise<boolean> {
    const plan = this.plans.get(planId);
    if (!plan || !(await this.plansOf(keyId)).includes(planId)) return false;
    if (!plan.quota || !Number.isInteger(remaining) || remaining < 0) {
      const message = 'Usage Plan has no quota, or this is no number of calls';
      throw Object.assign(new Error(message), { name: 'BadRequestException' });
    }
    this.count(plan, keyId, this.used(planId, keyId, dayOf(this.clock.now())), remaining);
    return true;
  }

  remove(planId: string): void {
    this.plans.delete(planId);
    this.members.delete(planId);
  }

  private used(planId: string, keyId: string, date: string): number {
    return this.counters.get(pair(planId, keyId))?.get(date)?.used ?? 0;
  }

  private remaining({ id, quota }: UsagePlan, keyId: string, date: string): number {
    if (!quota) return 0;
    const counter = this.counters.get(pair(id, keyId)) ?? new Map<string, never>();
    const inPeriod = [...counter.keys()].filter((day) => day <= date && day >= periodStart(quota.period, date)).sort();
    return counter.get(inPeriod.at(-1) ?? '')?.remaining ?? quota.limit;
  }

  private count({ id }: UsagePlan, keyId: string, used: number, remaining: number): void {
    const counter: Counter = this.counters.get(pair(id, keyId)) ?? new Map();
    this.counters.set(pair(id, keyId), counter.set(dayOf(this.clock.now()), { used, remaining }));
  }
}

export function nameOf({ apiId, stage }: ApiStage): string {
  return `${apiId}:${stage}`;
}

function pair(planId: string, keyId: string): string {
  return `${planId}/${keyId}`;
}

function periodStart(period: 'DAY' | 'WEEK' | 'MONTH', date: string): string {
  if (period === 'DAY') return date;
  if (period === 'MONTH') return `${date.slice(0, 8)}01`;
  const sinceMonday = (new Date(date).getUTCDay() + 6) % 7;
  return dayOf(new Date(Date.parse(date) - sinceMonday * DAY_MILLISECONDS));
}

function dayAfter(date: string): string {
  return dayOf(new Date(Date.parse(date) + DAY_MILLISECONDS));
}
