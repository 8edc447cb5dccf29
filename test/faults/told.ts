import { SubscriptionState } from '../../src/subscriptions/subscription.model.js';
import { HAND_MADE, quotaPeriodOf } from './account.js';
import type { Outcome } from './act.js';
import { periodAt } from './counters.js';
import type { Act } from './history.js';

/** A request with its outcome; `keys` are those there were when it was made. */
export interface Heard {
  readonly act: Act;
  readonly keyId: string;
  readonly keys: readonly string[];
  readonly outcome: Outcome;
}

/** Further than this no clock of the simulation is off. */
const SKEW_MILLISECONDS = 180_000;

/** What a customer was told and may rely on. */
export class Told {
  /** The plans that the customer can be on: one after an acknowledged change, several while in doubt. */
  plans: readonly (string | null)[] = [null];
  /** Plans that were written late since the last request. */
  private latePlans: readonly (string | null)[] = [];
  /** Whether the customer can be suspended: one answer after an acknowledged change, both while in doubt. */
  suspended: readonly boolean[] = [false];
  /** What can be granted, as it is recorded: period and calls, null for nothing. */
  grants: readonly (string | null)[] = [null];
  /** Whether an admin was told that the customer is deleted. */
  isDeleted = false;
  private lateSuspended: readonly boolean[] = [];
  private lateGrants: readonly (string | null)[] = [];
  /** Whether somebody else wrote the plan, which counts for nothing until Turnpike writes it. */
  isTampered = false;
  /** The key handed out last, unless somebody has asked to replace it since. */
  key: string | null = null;
  /** Keys that the customer was told are dead. */
  dead = new Set<string>();

  copy(): Told {
    return Object.assign(new Told(), this, { dead: new Set(this.dead) });
  }

  /** One request, or several made at the same time. */
  hear(heard: readonly Heard[], at: number): void {
    const before = this.plans;
    this.hearPlans(heard);
    this.hearGrants(heard, [...before, ...this.plans], at);
    this.hearSuspended(heard);
    this.hearKey(heard);
    this.isDeleted ||= heard.some(
      ({ act, outcome }) => act.do === 'delete for good' && outcome.kind === 'acknowledged',
    );
    this.suspended = [...this.suspended, ...this.lateSuspended];
    this.lateSuspended = [];
    this.grants = [...this.grants, ...this.lateGrants];
    this.lateGrants = [];
    if (this.latePlans.length > 0) {
      this.plans = [...this.plans, ...this.latePlans];
      this.key = null;
      this.latePlans = [];
    }
    for (const one of heard) for (const id of deadBy(one, heard.length > 1)) this.dead.add(id);
  }

  /** What was asked for before, and given up, happened after all: of that and what comes next either may stay. */
  hearLate(plan: string | null, isSuspended: boolean, grant: string | null): void {
    this.lateGrants = [...this.lateGrants, grant];
    this.grants = [...this.grants, grant];
    this.lateSuspended = [...this.lateSuspended, isSuspended];
    this.suspended = [...this.suspended, isSuspended];
    this.latePlans = [...this.latePlans, plan];
    this.plans = [...this.plans, plan];
    this.key = null;
  }

  private hearPlans(heard: readonly Heard[]): void {
    const changes = heard.flatMap(({ act, keys, outcome }): { plan: string | null; isCertain: boolean }[] => {
      if (outcome.kind === 'refused') return [];
      const isCertain = outcome.kind === 'acknowledged';
      if (act.do === 'subscribe' || act.do === 'assign') return [{ plan: act.plan, isCertain }];
      // A repeated import finds that it was done, and leaves the plan that was chosen since.
      if (act.do === 'import' && keys.includes(act.key)) return [];
      if (act.do === 'import') return [{ plan: HAND_MADE[act.key], isCertain }];
      if (act.do === 'repair' && this.isTampered && isCertain) {
        return [{ plan: outcome.subscription?.planCode ?? null, isCertain }];
      }
      return isEnding(act) ? [{ plan: null, isCertain }] : [];
    });
    const isCertain = changes.some((change) => change.isCertain);
    this.plans = [...(isCertain ? [] : this.plans), ...changes.map(({ plan }) => plan)];
    if (isCertain) this.isTampered = false;
    if (heard.some(({ act }) => act.do === 'edit plan by hand')) this.isTampered = true;
  }

  /** For the period of a plan that the customer can have been on. */
  private hearGrants(heard: readonly Heard[], plans: readonly (string | null)[], at: number): void {
    const changes = heard.flatMap(({ act, outcome }) =>
      act.do === 'grant' && outcome.kind !== 'refused' ? [{ calls: act.calls, outcome }] : [],
    );
    const isCertain = changes.some(({ outcome }) => outcome.kind === 'acknowledged');
    const granted = changes.flatMap(({ calls }) => grantsOf(calls, plans, at));
    this.grants = [...new Set([...(isCertain ? [] : this.grants), ...granted])];
  }

  private hearSuspended(heard: readonly Heard[]): void {
    const changes = heard.filter(({ act, outcome }) => isSuspending(act) && outcome.kind !== 'refused');
    const isCertain = changes.some(({ outcome }) => outcome.kind === 'acknowledged');
    this.suspended = [...(isCertain ? [] : this.suspended), ...changes.map(({ act }) => act.do === 'suspend')];
  }

  private hearKey(heard: readonly Heard[]): void {
    const isSettled = heard.length === 1 || !heard.some(isReplacing);
    if (heard.some(isReplacing)) this.key = null;
    for (const { act, outcome } of heard) {
      if (outcome.kind !== 'acknowledged') continue;
      if (isSettled && outcome.key) this.key = outcome.key.id;
      const isShown = heard.length === 1 && outcome.subscription?.state === SubscriptionState.ACTIVE;
      if (isShown && act.do === 'import') this.key = act.key;
      if (isShown && act.do === 'rotate for') this.key = outcome.subscription.apiKey?.id ?? null;
    }
  }
}

function grantsOf(calls: number, plans: readonly (string | null)[], at: number): readonly (string | null)[] {
  if (calls === 0) return [null];
  const periods = plans.map((plan) => quotaPeriodOf(plan)).filter((period) => period !== null);
  const moments = [at - SKEW_MILLISECONDS, at + SKEW_MILLISECONDS];
  return periods.flatMap((period) => moments.map((moment) => `${periodAt(period, moment)};${calls};${period}`));
}

function isReplacing({ act, outcome }: Heard): boolean {
  if (act.do === 'delete key by hand' || act.do === 'disable key by hand') return true;
  return (isEnding(act) || isRotating(act) || act.do === 'import') && outcome.kind !== 'refused';
}

function isEnding({ do: what }: Act): boolean {
  return what === 'cancel' || what === 'cancel for' || what === 'delete for good';
}

function isSuspending({ do: what }: Act): boolean {
  return what === 'suspend' || what === 'resume';
}

function isRotating(act: Act): act is Act & { readonly graceSeconds: number } {
  return act.do === 'rotate' || act.do === 'rotate for';
}

/**
 * Only a settled state says that a key is dead: PROVISIONING and ENDING say that it is on its way. A rotation with a
 * grace keeps or shortens the overlap; only one without ends it. Of two rotations of one key at once one is carried out,
 * and the answer says so by showing the key as overlapping.
 */
function deadBy({ act, keyId, keys, outcome }: Heard, isRacing: boolean): readonly string[] {
  if (outcome.kind !== 'acknowledged') return [];
  const { subscription } = outcome;
  if (isEnding(act)) return subscription || outcome.isUnfinished ? [] : keys;
  const isDying = act.do === 'revoke overlapping' || (isRotating(act) && act.graceSeconds === 0);
  const isShown = isRacing && subscription?.overlappingKey?.id === keyId;
  const isSettled = subscription?.state === SubscriptionState.ACTIVE;
  if (act.do === 'import') return isSettled && !isRacing ? keys.filter((id) => id !== act.key) : [];
  return isDying && isSettled && !isShown ? [keyId] : [];
}
