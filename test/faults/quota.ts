import type { StoredKey } from '../../src/aws/key-store.js';
import type { Cloud } from './cloud.js';
import { monthOf, PLANS, type PlanCode } from './counters.js';

/** Calls that may come on top of the quota, each with the reason why that is borne. */
export type Tolerance =
  /** One round trip: counted by AWS after Turnpike has read, before it writes. */
  | 'made while Turnpike was at work'
  /** API Gateway takes the remaining calls only of a key that is in the plan, so attaching comes first. */
  | 'made between attaching and UpdateUsage, where a process died'
  /** A month makes both counters whole at once, whatever anybody does; the next reconcile shares them out. */
  | 'made on overlapping keys in a new month, before the first reconcile';

/** Keeps count of what the customer was let through, against what was due. */
export class QuotaWatch {
  /** The most calls beyond the quota, tolerated or not. */
  worstOvershoot = 0;
  readonly tolerated: Tolerance[] = [];
  private readonly toleratedAt: number[] = [];
  private readonly excessAt: number[] = [];

  constructor(
    private readonly cloud: Cloud,
    private readonly lagSeconds: number,
  ) {}

  /** The customer calls; a sentence for a call that should not have been let through. */
  call(key: StoredKey, times: number, isInFlight: boolean): string | null {
    const [plan] = this.cloud.plansOf(key.id);
    const tolerance = this.toleranceOf(key, isInFlight);
    let violation: string | null = null;
    for (let n = 0; n < times; n++) {
      const isExcess = this.due(plan) <= 0;
      if (!this.cloud.call(key)) return violation;
      if (tolerance) this.tolerate(tolerance);
      if (!isExcess) continue;
      this.excessAt.push(this.cloud.at);
      const excess = this.thisMonth(this.excessAt);
      this.worstOvershoot = Math.max(this.worstOvershoot, excess);
      if (excess > this.slack) violation ??= `${excess} calls beyond the quota, ${this.slack} tolerated`;
    }
    return violation;
  }

  /** What the live keys have left against what is due, once all is at rest. */
  atRest(isExact: boolean): string | null {
    const { plan } = this.cloud;
    if (plan === null || PLANS[plan].quota === null || !this.cloud.current()) return null;
    const left = this.cloud.live().reduce((sum, { id }) => sum + this.cloud.remaining(plan, id), 0);
    const due = Math.max(0, this.due(plan));
    const isTooMuch = left > due + this.slack;
    return isTooMuch || (isExact && left < due)
      ? `${left} calls remain, ${due} are due (${this.slack} tolerated)`
      : null;
  }

  /** Limit and grant less what was served this month; endless without a quota. */
  private due(plan: PlanCode | undefined): number {
    const quota = plan && PLANS[plan].quota;
    return quota ? quota.limit + this.cloud.granted - this.cloud.servedThisMonth() : Number.POSITIVE_INFINITY;
  }

  private get slack(): number {
    return this.thisMonth(this.toleratedAt) + (this.lagSeconds > 0 ? this.cloud.mostServedIn(this.lagSeconds) : 0);
  }

  private toleranceOf(key: StoredKey, isInFlight: boolean): Tolerance | null {
    if (isInFlight) return 'made while Turnpike was at work';
    const pair = this.cloud.recordedPair(key);
    if (pair?.pending) return 'made between attaching and UpdateUsage, where a process died';
    const isOld = pair !== null && monthOf(pair.at * 1000) < monthOf(this.cloud.at);
    if (isOld && this.cloud.live().length > 1) {
      return 'made on overlapping keys in a new month, before the first reconcile';
    }
    return null;
  }

  private tolerate(tolerance: Tolerance): void {
    this.tolerated.push(tolerance);
    this.toleratedAt.push(this.cloud.at);
  }

  private thisMonth(moments: readonly number[]): number {
    return moments.filter((at) => monthOf(at) === monthOf(this.cloud.at)).length;
  }
}
