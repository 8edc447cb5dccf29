import type { UsagePlan } from '../usage-plans.js';

export type NewUsagePlan = Omit<UsagePlan, 'id'>;

/** What of a plan is to be another; what is not named stays. Tags are written apart. */
export type UsagePlanChange = Partial<Omit<UsagePlan, 'id' | 'tags'>>;

/** Null = not to be there. */
export type Tags = Readonly<Record<string, string | null>>;

/** What came of a change: a stage that is named may not exist, and the plan may be gone. */
export type Changed = 'changed' | 'unknown stage' | 'gone';

/** Making and changing usage plans, which needs more rights than using them. */
export abstract class PlanStore {
  abstract find(id: string): Promise<UsagePlan | null>;

  /** Not repeatable: made twice, there are two. */
  abstract create(plan: NewUsagePlan): Promise<UsagePlan | 'unknown stage'>;

  /**
   * All of the change in one call, of which the account has one in twenty seconds; none when nothing differs. `announce`
   * says which tags are to be there before: they are set when it is the change's turn, and as they were again where it is
   * not made, if need be after whoever asked was told. They stay where it is made, or may have been.
   */
  abstract change(id: string, change: UsagePlanChange, announce?: () => Tags): Promise<Changed>;

  /** Sets these tags and leaves others; null takes one away. False when the plan is gone. */
  abstract tag(id: string, tags: Tags): Promise<boolean>;

  /** Removes the plan, out of its stages first; one that is gone already is success. */
  abstract delete(id: string): Promise<void>;
}
