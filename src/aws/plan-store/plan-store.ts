import type { UsagePlan } from '../usage-plans.js';

export type NewUsagePlan = Omit<UsagePlan, 'id'>;

/** What of a plan is to be another; what is not named stays. Tags are written apart. */
export type UsagePlanChange = Partial<Omit<UsagePlan, 'id' | 'tags'>>;

/** What came of a change: a stage that is named may not exist, and the plan may be gone. */
export type Changed = 'changed' | 'unknown stage' | 'gone';

/** Making and changing usage plans, which needs more rights than using them. */
export abstract class PlanStore {
  abstract find(id: string): Promise<UsagePlan | null>;

  /** Not repeatable: made twice, there are two. */
  abstract create(plan: NewUsagePlan): Promise<UsagePlan | 'unknown stage'>;

  /** All of the change in one call, of which the account has one in twenty seconds; none when nothing differs. */
  abstract change(id: string, change: UsagePlanChange): Promise<Changed>;

  /** Sets these tags and leaves others; null takes one away. False when the plan is gone. */
  abstract tag(id: string, tags: Readonly<Record<string, string | null>>): Promise<boolean>;

  /** Removes the plan, out of its stages first; one that is gone already is success. */
  abstract delete(id: string): Promise<void>;
}
