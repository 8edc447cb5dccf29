import { SubscriptionState } from '../../src/subscriptions/subscription.model.js';
import type { PlanCode } from './account.js';
import type { Outcome } from './act.js';
import type { Act } from './history.js';

/** A request with its outcome; `keys` are those there were when it was made. */
export interface Heard {
  readonly act: Act;
  readonly keyId: string;
  readonly keys: readonly string[];
  readonly outcome: Outcome;
}

/** What a customer was told and may rely on. */
export class Told {
  /** The plans that the customer can be on: one after an acknowledged change, several while in doubt. */
  plans: readonly (string | null)[] = [null];
  /** Plans that were written late since the last request. */
  private latePlans: readonly (string | null)[] = [];
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
  hear(heard: readonly Heard[]): void {
    this.hearPlans(heard);
    this.hearKey(heard);
    if (this.latePlans.length > 0) {
      this.plans = [...this.plans, ...this.latePlans];
      this.key = null;
      this.latePlans = [];
    }
    for (const one of heard) for (const id of deadBy(one, heard.length > 1)) this.dead.add(id);
  }

  /** What was asked for before, and given up, happened after all: of that and what comes next either may stay. */
  hearLate(plan: string | null): void {
    this.latePlans = [...this.latePlans, plan];
    this.plans = [...this.plans, plan];
    this.key = null;
  }

  private hearPlans(heard: readonly Heard[]): void {
    const changes = heard.flatMap(({ act, outcome }): { plan: PlanCode | null; isCertain: boolean }[] => {
      if (outcome.kind === 'refused') return [];
      if (act.do === 'subscribe') return [{ plan: act.plan, isCertain: outcome.kind === 'acknowledged' }];
      return act.do === 'cancel' ? [{ plan: null, isCertain: outcome.kind === 'acknowledged' }] : [];
    });
    const isCertain = changes.some((change) => change.isCertain);
    this.plans = [...(isCertain ? [] : this.plans), ...changes.map(({ plan }) => plan)];
    if (isCertain) this.isTampered = false;
    if (heard.some(({ act }) => act.do === 'edit plan by hand')) this.isTampered = true;
  }

  private hearKey(heard: readonly Heard[]): void {
    const isSettled = heard.length === 1 || !heard.some(isReplacing);
    if (heard.some(isReplacing)) this.key = null;
    for (const { outcome } of heard) {
      if (isSettled && outcome.kind === 'acknowledged' && outcome.key) this.key = outcome.key.id;
    }
  }
}

function isReplacing({ act, outcome }: Heard): boolean {
  if (act.do === 'delete key by hand' || act.do === 'disable key by hand') return true;
  return (act.do === 'cancel' || act.do === 'rotate') && outcome.kind !== 'refused';
}

/**
 * Only a settled state says that a key is dead: PROVISIONING and ENDING say that it is on its way. A rotation with a
 * grace keeps or shortens the overlap; only one without ends it. Of two rotations of one key at once one is carried out,
 * and the answer says so by showing the key as overlapping.
 */
function deadBy({ act, keyId, keys, outcome }: Heard, isRacing: boolean): readonly string[] {
  if (outcome.kind !== 'acknowledged') return [];
  const { subscription } = outcome;
  if (act.do === 'cancel') return subscription ? [] : keys;
  const isEnding = act.do === 'revoke overlapping' || (act.do === 'rotate' && act.graceSeconds === 0);
  const isShown = isRacing && subscription?.overlappingKey?.id === keyId;
  const isSettled = subscription?.state === SubscriptionState.ACTIVE;
  return isEnding && isSettled && !isShown ? [keyId] : [];
}
