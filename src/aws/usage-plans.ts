/** A deployed stage of a REST API. */
export interface ApiStage {
  readonly apiId: string;
  readonly stage: string;
}

/** One in a single text, `<api id>:<stage>`. AWS gives ids of ten characters, and lets a stage's name have 128. */
export const STAGE_NAME = /^[A-Za-z0-9]{1,32}:[\w-]{1,128}$/;

/** A usage plan with its tags; null quota or throttle means that there is no limit. */
export interface UsagePlan {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly tags: Readonly<Record<string, string>>;
  readonly quota: { readonly limit: number; readonly period: 'DAY' | 'WEEK' | 'MONTH' } | null;
  readonly throttle: { readonly rateLimit: number; readonly burstLimit: number } | null;
  /** Where its keys are good. */
  readonly stages: readonly ApiStage[];
}

/** What one key called on one plan on one UTC day, and what then remained of the plan's period. */
export interface DayUsage {
  readonly date: string;
  readonly used: number;
  readonly remaining: number;
}

/** What came of putting a key into a plan: it may have been there already, for all that lists showed. */
export type Attached = 'attached' | 'there already' | 'gone';

/** The account's usage plans, which keys are in them, and how much those keys called. */
export abstract class UsagePlans {
  /** All of them, but those need not be read that are to be passed over. */
  abstract list(passedOver?: ReadonlySet<string>): Promise<UsagePlan[]>;

  /** Ids of all plans this key is in, ours or not. */
  abstract plansOf(keyId: string): Promise<string[]>;

  /** Ids of all keys in this plan, all pages; none for a plan that is gone. */
  abstract keysIn(planId: string): Promise<string[]>;

  /** Puts a key into a plan; `gone` when there is no such plan or key. */
  abstract attach(planId: string, keyId: string): Promise<Attached>;

  /** Takes a key out of a plan; not being in it is success. */
  abstract detach(planId: string, keyId: string): Promise<void>;

  /** Days of `from`…`to` (UTC days, both included) that AWS reports; empty when it reports nothing. Lags behind. */
  abstract usage(planId: string, keyId: string, from: string, to: string): Promise<DayUsage[]>;

  /** The same for every key of the plan that AWS reports, all pages: what one key after the other would cost by far more. */
  abstract usageByKey(planId: string, from: string, to: string): Promise<ReadonlyMap<string, DayUsage[]>>;

  /** Sets how many calls are left of the current period, up or down. False when the key is not in the plan. */
  abstract setRemaining(planId: string, keyId: string, remaining: number): Promise<boolean>;
}
