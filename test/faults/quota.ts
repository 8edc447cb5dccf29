import type { StoredKey } from '../../src/aws/key-store.js';
import type { UsagePlan } from '../../src/aws/usage-plans.js';
import type { Belongings } from './belongings.js';
import type { Cloud } from './cloud.js';
import { periodAt } from './counters.js';
import { Served } from './served.js';
import type { Told } from './told.js';

/** Calls that may come on top of the quota, each with the reason why that is borne. */
export type Tolerance =
  /** One round trip: counted by AWS after Turnpike has read, before it writes. */
  | 'made while Turnpike was at work'
  /** API Gateway takes the remaining calls only of a key that is in the plan, so attaching comes first. */
  | 'made between attaching and UpdateUsage, where a process died'
  /** A key made by hand has a counter of its own, which is whole; that it becomes a customer's comes before UpdateUsage. */
  | 'made with a key half imported, where a process died'
  /** A period makes both counters whole at once, whatever anybody does; the next reconcile shares them out. */
  | 'made on overlapping keys in a new period, before the first reconcile'
  /** The ledger goes with the key that somebody deletes by hand. */
  | 'made before the key was deleted by hand';

/** Keeps count of what one customer was let through, against what was due. */
export class QuotaWatch {
  /** The most calls beyond the quota, tolerated or not. */
  worstOvershoot = 0;
  /** The most calls beyond the quota and what is tolerated, made or still possible. */
  worstExcess = 0;
  /** The most calls that were due and could not be made, at rest. */
  worstMissing = 0;
  readonly tolerances = new Map<Tolerance, number>();
  private tolerated = new Served();
  private excess = new Served();

  constructor(
    private readonly cloud: Cloud,
    private readonly belongings: Belongings,
    private readonly told: Told,
    /** Whether something has happened that work can be left half done by. */
    private readonly isDisturbed: () => boolean,
  ) {}

  copy(cloud: Cloud, belongings: Belongings, told: Told, isDisturbed: () => boolean): QuotaWatch {
    const copy = new QuotaWatch(cloud, belongings, told, isDisturbed);
    copy.tolerated = this.tolerated.copy();
    copy.excess = this.excess.copy();
    copy.worstOvershoot = this.worstOvershoot;
    return copy;
  }

  call(key: StoredKey, times: number, isInFlight: boolean): void {
    const plan = this.cloud.planById(this.cloud.account.planOf.get(key.id) ?? '');
    const tolerance = this.toleranceOf(key, isInFlight);
    for (let n = 0; n < times; n++) {
      const isExcess = this.due(plan) <= 0;
      if (!this.cloud.call(key)) return;
      if (tolerance) this.tolerate(tolerance);
      if (!plan || !isExcess) continue;
      this.excess.add(this.cloud.at);
      const excess = this.excess.since(this.periodOf(plan));
      this.worstOvershoot = Math.max(this.worstOvershoot, excess);
      this.worstExcess = Math.max(this.worstExcess, excess - this.slackOn(plan));
    }
  }

  /** What the live keys have left against what is due, once all is at rest. */
  lookAtRest(): void {
    const { plan, live, current } = this.belongings;
    if (!plan?.quota || !current || !live.some(({ id }) => this.cloud.account.planOf.get(id) === plan.id)) return;
    const left = live.reduce((sum, { id }) => sum + this.cloud.remaining(plan.id, id), 0);
    const due = Math.max(0, this.due(plan));
    this.worstExcess = Math.max(this.worstExcess, left - due - this.slackOn(plan));
    this.worstMissing = Math.max(this.worstMissing, this.due(plan, Math.min) - left);
  }

  /** What was called until now counts as given. */
  forgive(): void {
    const calls = this.served.since('');
    for (let n = 0; n < calls; n++) this.tolerate('made before the key was deleted by hand');
  }

  /** Limit and grant, as far as that is in doubt the most or the least, less what was served in the period; endless without a quota. */
  private due(plan: UsagePlan | null, choose = Math.max): number {
    if (!plan?.quota || !this.cloud.isOurs(plan.id)) return Number.POSITIVE_INFINITY;
    const period = this.periodOf(plan);
    const granted = this.told.grants.map((grant) => {
      const [began, calls, name] = (grant ?? '').split(';');
      return began === period && name === plan.quota?.period ? Number(calls) : 0;
    });
    return plan.quota.limit + choose(...granted) - this.served.since(period);
  }

  private slackOn(plan: UsagePlan): number {
    const { lagSeconds } = this.cloud.habits;
    const began = this.periodOf(plan);
    return this.tolerated.since(began) + (lagSeconds > 0 ? this.served.mostIn(lagSeconds, began) : 0);
  }

  private toleranceOf(key: StoredKey, isInFlight: boolean): Tolerance | null {
    if (isInFlight) return 'made while Turnpike was at work';
    if (this.cloud.importing.has(key.id)) return 'made with a key half imported, where a process died';
    const pair = this.belongings.recordedPair(key);
    const { plan, live } = this.belongings;
    const isWhole = pair?.used === 0 && pair.set === plan?.quota?.limit; // then UpdateUsage has nothing to do
    if (pair?.pending && !isWhole && this.isDisturbed())
      return 'made between attaching and UpdateUsage, where a process died';
    const isOld = pair && plan && periodAt(plan.quota?.period ?? 'MONTH', pair.at * 1000) < this.periodOf(plan);
    return isOld && live.length > 1 ? 'made on overlapping keys in a new period, before the first reconcile' : null;
  }

  private tolerate(tolerance: Tolerance): void {
    this.tolerances.set(tolerance, (this.tolerances.get(tolerance) ?? 0) + 1);
    this.tolerated.add(this.cloud.at);
  }

  private periodOf({ quota }: UsagePlan): string {
    return periodAt(quota?.period ?? 'MONTH', this.cloud.at);
  }

  private get served(): Served {
    return this.cloud.servedTo(this.belongings.sub);
  }
}
