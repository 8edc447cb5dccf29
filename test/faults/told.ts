import { SubscriptionState } from '../../src/subscriptions/subscription.model.js';
import type { PlanCode } from './counters.js';
import type { Act, Outcome } from './history.js';

/** A request with its outcome; `keys` are those there were when it was made. */
export interface Heard {
  readonly act: Act;
  readonly keyId: string;
  readonly keys: readonly string[];
  readonly outcome: Outcome;
}

/** What the customer was told and may rely on. */
export class Told {
  /** The plans that the customer can be on: one after an acknowledged change, several while in doubt. */
  plans: readonly (PlanCode | null)[] = [null];
  /** The key handed out last, unless somebody has asked to replace it since. */
  key: string | null = null;
  /** Keys that the customer was told are dead. */
  readonly dead = new Set<string>();

  /** One request, or several made at the same time. */
  hear(heard: readonly Heard[]): void {
    this.hearPlans(heard);
    this.hearKey(heard);
    for (const one of heard) for (const id of deadBy(one, heard.length > 1)) this.dead.add(id);
  }

  private hearPlans(heard: readonly Heard[]): void {
    const changes = heard.flatMap(({ act, outcome }): { plan: PlanCode | null; isCertain: boolean }[] => {
      if (outcome.kind === 'refused') return [];
      if (act.do === 'subscribe') return [{ plan: act.plan, isCertain: outcome.kind === 'acknowledged' }];
      return act.do === 'cancel' ? [{ plan: null, isCertain: outcome.kind === 'acknowledged' }] : [];
    });
    const before = changes.some(({ isCertain }) => isCertain) ? [] : this.plans;
    this.plans = [...before, ...changes.map(({ plan }) => plan)];
  }

  private hearKey(heard: readonly Heard[]): void {
    const isReplacing = ({ act, outcome }: Heard) =>
      (act.do === 'cancel' || act.do === 'rotate') && outcome.kind !== 'refused';
    const isSettled = heard.length === 1 || !heard.some(isReplacing);
    if (heard.some(isReplacing)) this.key = null;
    for (const { outcome } of heard) {
      if (isSettled && outcome.kind === 'acknowledged' && outcome.key) this.key = outcome.key.id;
    }
  }
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
