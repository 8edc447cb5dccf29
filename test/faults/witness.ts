import { type Account, strangers } from './account.js';
import { isSettled } from './act.js';
import { Belongings } from './belongings.js';
import type { Cloud } from './cloud.js';
import type { FaultKind } from './faults.js';
import { type Act, CONSOLE_ACTS } from './history.js';
import {
  brokenAtEveryStep,
  brokenAtRest,
  brokenWhenSettled,
  orphansIn,
  outlivingTheirUser,
  retiredWithoutGrounds,
  type Violation,
} from './invariants.js';
import { QuotaWatch, type Tolerance } from './quota.js';
import { LATE_CALLS, type Report, ROUND_TRIP_CALLS, type Settings } from './settings.js';
import { type Heard, Told } from './told.js';

/** A customer: what is so, what was said, and what was called. */
export interface Watched {
  readonly belongings: Belongings;
  readonly told: Told;
  readonly quota: QuotaWatch;
}

/** Faults that no process could notice: what they break must be whole again at rest. */
const ROUGH: ReadonlySet<FaultKind> = new Set(['late effect', 'list behind']);
const BY_HAND: ReadonlySet<string> = new Set([...CONSOLE_ACTS, 'edit plan by hand']);

/** Watches every customer, at every step and at rest, and keeps the record of what was broken. */
export class Witness {
  readonly violations: Violation[] = [];
  readonly early: Violation[] = [];
  readonly trace: string[] = [];
  watched: readonly Watched[];
  hasRaced = false;
  private hasFailed = false;
  private isRough: boolean;
  private readonly accountBefore: Account;
  private retired: number;

  constructor(
    private readonly cloud: Cloud,
    private readonly settings: Settings,
    earlier: readonly Watched[],
  ) {
    this.isRough = settings.listsBehind > 0;
    this.watched = cloud.people.map(({ sub }, place) => this.watch(sub, earlier[place]));
    this.accountBefore = cloud.account;
    this.retired = cloud.retired.length;
  }

  customer(who = 0): Watched {
    const watched = this.watched[who];
    if (!watched) throw new RangeError(`There is no customer ${who}`);
    return watched;
  }

  expect(kind: FaultKind): void {
    this.hasFailed = true;
    this.isRough ||= ROUGH.has(kind);
  }

  /** After every effect. */
  look(): void {
    for (const { belongings, told } of this.watched) {
      this.noteBeforeRest(brokenAtEveryStep(this.cloud, belongings, told));
      if (!this.hasRaced) this.noteBeforeRest(outlivingTheirUser(this.cloud, belongings));
    }
    for (const id of this.cloud.retired.slice(this.retired)) {
      this.noteBeforeRest(retiredWithoutGrounds(this.cloud, id));
    }
    this.retired = this.cloud.retired.length;
  }

  hearLate(): void {
    for (const { belongings, told } of this.watched)
      told.hearLate(
        belongings.planCode,
        belongings.attribute('suspended') !== null,
        belongings.attribute('quota_grant'),
      );
    this.look();
  }

  hear(heard: readonly Heard[]): void {
    this.watched = this.watched.map((one, place) => {
      const person = this.cloud.people[place];
      const about = heard.filter(({ act }) => (act.who ?? 0) === place && act.do !== 'sweep');
      if (person && person.sub !== one.belongings.sub) return this.watch(person.sub);
      if (about.length > 0) this.hearOf(one, about);
      return one;
    });
  }

  private hearOf({ belongings, told }: Watched, heard: readonly Heard[]): void {
    told.hear(heard, this.cloud.at);
    this.look();
    // Of the customer's own requests only: a reconcile that AWS fails answers no subscription for a plan it cannot name.
    const isCarriedOut = heard.some(({ act, outcome }) => !isStaff(act) && outcome.kind === 'acknowledged');
    const isImportRaced = this.hasRaced && belongings.keys.some(({ id }) => this.cloud.importing.has(id));
    if (isImportRaced || !isCarriedOut || !heard.every(({ outcome }) => isSettled(outcome)) || !belongings.user) return;
    this.noteBeforeRest(brokenWhenSettled(this.cloud, belongings, told));
  }

  /** One answer, as soon as it is there. */
  hearAnswer({ act, outcome }: Heard): void {
    if (BY_HAND.has(act.do)) this.look();
    if (outcome.kind === 'broke') this.note([{ invariant: 'answer', text: String(outcome.error) }]);
    if (outcome.kind === 'acknowledged' && outcome.key) this.checkValue(outcome.key);
  }

  private checkValue({ id, value }: { id: string; value: string }): void {
    const key = this.cloud.findKey(id);
    if (key?.value.reveal() !== value)
      this.noteBeforeRest([{ invariant: 'answer', text: `${id} was shown with a wrong value` }]);
    if (!this.hasRaced && key?.enabled !== true)
      this.noteBeforeRest([{ invariant: 'answer', text: `${id} was shown and is dead` }]);
  }

  /** After one sweep that nothing disturbed. */
  lookAtRest(): void {
    for (const one of this.watched) this.lookAtCustomer(one);
    this.note(orphansIn(this.cloud));
    if (this.isStrangerTouched()) this.note([{ invariant: 'I8', text: 'a stranger changed' }]);
  }

  /** A key made by hand is a stranger's until it is imported. */
  private isStrangerTouched(): boolean {
    const { account, imported } = this.cloud;
    return strangers(account, imported) !== strangers(this.accountBefore, imported);
  }

  private lookAtCustomer({ belongings, told, quota }: Watched): void {
    for (const violation of brokenAtRest(this.cloud, belongings, told)) {
      // A key that another process has switched off, and a list shows as it was, is handed out: nothing mends that.
      if (violation.invariant === 'I5') this.noteBeforeRest([violation]);
      else this.note([violation]);
    }
    if (!belongings.isSuspended && !told.isTampered) quota.lookAtRest();
    // Two processes at once may cost the customer a few calls, counted twice, and so do clocks that differ.
    const { lagSeconds, skewSeconds = 0 } = this.settings;
    const isRaced = this.hasRaced || this.isRough;
    const isExact = !isRaced && lagSeconds === 0 && skewSeconds === 0;
    const { worstExcess, worstMissing } = quota;
    const missable = lagSeconds > 0 ? LATE_CALLS : ROUND_TRIP_CALLS;
    if (worstMissing > (isExact ? 0 : missable))
      this.note([{ invariant: 'loss', text: `${worstMissing} calls that are due are missing` }]);
    if (worstExcess > (isRaced ? ROUND_TRIP_CALLS : 0))
      this.note([{ invariant: 'quota', text: `${worstExcess} calls more than are due` }]);
  }

  private noteBeforeRest(violations: readonly Violation[]): void {
    this.note(violations, this.isRough ? this.early : this.violations);
  }

  note(violations: readonly Violation[], to: Violation[] = this.violations): void {
    for (const violation of violations) {
      if (to.some(({ invariant }) => invariant === violation.invariant)) continue;
      to.push(violation);
      this.say(() => `!!! ${violation.invariant}: ${violation.text}`);
    }
  }

  say(line: () => string): void {
    if (this.settings.isTold) this.trace.push(line());
  }

  report(): Omit<Report, 'callsOfStep'> {
    const { violations, early, trace } = this;
    const worstOvershoot = Math.max(...this.watched.map(({ quota }) => quota.worstOvershoot));
    const worstExcess = Math.max(...this.watched.map(({ quota }) => quota.worstExcess));
    const worstMissing = Math.max(...this.watched.map(({ quota }) => quota.worstMissing));
    return { violations, early, trace, worstOvershoot, worstExcess, worstMissing, tolerances: this.tolerances() };
  }

  private watch(sub: string, earlier?: Watched): Watched {
    const belongings = new Belongings(this.cloud, sub);
    const told = earlier?.told.copy() ?? new Told();
    const isDisturbed = () => this.hasRaced || this.hasFailed || this.isRough;
    const about = [this.cloud, belongings, told, isDisturbed] as const;
    return { belongings, told, quota: earlier?.quota.copy(...about) ?? new QuotaWatch(...about) };
  }

  private tolerances(): ReadonlyMap<Tolerance, number> {
    const all = this.watched.flatMap(({ quota }) => [...quota.tolerances]);
    return all.reduce((sum, [reason, n]) => sum.set(reason, (sum.get(reason) ?? 0) + n), new Map<Tolerance, number>());
  }
}

/** Acts of the people who run the API, which answer nobody. */
function isStaff({ do: what }: Act): boolean {
  return BY_HAND.has(what) || ['suspend', 'resume', 'grant', 'repair', 'reconcile', 'sweep'].includes(what);
}
