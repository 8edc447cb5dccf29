import type { AuditState } from '../audit/audit-event.js';
import type { Plan } from '../plans/plan.model.js';
import type { Desired } from './reconcile/desired-state.service.js';
import { type KeyRing, type OwnKey, sortOut } from './reconcile/key-ring.js';
import { ApiKey, IssuedKey, Subscription, SubscriptionState } from './subscription.model.js';

/** What the desired state comes to: no key, a key in no plan, a key in the plan, or not to be told just now. */
export type Wanted =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'unresolved'; readonly isSuspended: boolean }
  | { readonly kind: 'parked' | 'plan'; readonly plan: Plan };

/** What a customer is meant to have, beside what there is. */
export interface Customer {
  readonly desired: Desired;
  readonly ring: KeyRing;
  /** The plan meant; where that cannot be resolved, the one the key is in. */
  readonly plan: Plan | null;
  /** Null = no subscription, and no key alive. */
  readonly state: SubscriptionState | null;
}

const SETTLED = new Set<SubscriptionState | null>([null, SubscriptionState.ACTIVE, SubscriptionState.SUSPENDED]);

/** Whether nothing is under way for the customer. */
export function isSettled(state: SubscriptionState | null): boolean {
  return SETTLED.has(state);
}

/** `plans`: those of ours that the current key is in; `isWorking`: whether it is in any. */
export function stateOf(
  wanted: Wanted,
  ring: KeyRing,
  plans: readonly Plan[],
  isWorking = plans.length > 0,
): SubscriptionState | null {
  const isIn = (plan: Plan) => ring.current !== null && plans.length === 1 && plans[0]?.id === plan.id;
  switch (wanted.kind) {
    case 'nothing':
      return ring.keys.some(({ enabled }) => enabled) ? SubscriptionState.ENDING : null;
    case 'parked':
      return plans.length > 0 ? SubscriptionState.PROVISIONING : SubscriptionState.SUSPENDED; // or it works still
    case 'plan':
      return isIn(wanted.plan) ? SubscriptionState.ACTIVE : SubscriptionState.PROVISIONING;
    case 'unresolved':
      return isWorking && !wanted.isSuspended && ring.surplus.length === 0
        ? SubscriptionState.ACTIVE
        : SubscriptionState.PROVISIONING;
  }
}

/** A customer whose keys could not be brought to where they should be; somebody's next run will. */
export function unfinished(desired: Desired, nowSeconds: number): Customer {
  const state = desired.plan === null ? SubscriptionState.ENDING : SubscriptionState.PROVISIONING;
  return { desired, ring: sortOut([], desired, nowSeconds), plan: null, state };
}

export function subscriptionOf({ desired, ring, plan, state }: Customer): Subscription | null {
  const planCode = (desired.isPlanSigned ? desired.plan : null) ?? plan?.code;
  if (state === null || planCode === undefined) return null;
  return new Subscription({
    planCode,
    plan,
    state,
    suspension: desired.suspension,
    apiKey: ring.current && toApiKey(ring.current, null),
    overlappingKey: ring.overlapping && toApiKey(ring.overlapping, new Date(ring.ledger.until * 1000)),
  });
}

/** For answers to a change: a subscription that a cancellation elsewhere has overtaken is on its way out. */
export function presentSubscription(customer: Customer, planCode: string): Subscription {
  const { plan, desired } = customer;
  const ending = { state: SubscriptionState.ENDING, apiKey: null, overlappingKey: null };
  return subscriptionOf(customer) ?? new Subscription({ planCode, plan, suspension: desired.suspension, ...ending });
}

/** The key with its value, as soon as it may be handed out. */
export function issuedKeyOf({ ring, state }: Customer): IssuedKey | null {
  const isReady = state === SubscriptionState.ACTIVE || state === SubscriptionState.SUSPENDED;
  return isReady && ring.current ? new IssuedKey(ring.current.id, ring.current.value.reveal()) : null;
}

/** What the audit trail is told of what a customer is meant to have. */
export function auditedIntent({ plan, suspension, grant, key }: Desired): AuditState {
  return { plan, suspension, grantedCalls: grant?.calls ?? 0, keyId: key?.id ?? null };
}

/** The same with what there is. */
export function auditedCustomer({ desired, ring, state }: Customer): AuditState {
  const { current, overlapping } = ring;
  const ids = { keyId: current?.id ?? null, overlappingKeyId: overlapping?.id ?? null };
  return { ...auditedIntent(desired), state, ...(ring.keys.length > 0 ? ids : {}) };
}

function toApiKey({ id, value, createdAt }: OwnKey, retiresAt: Date | null): ApiKey {
  return new ApiKey({ id, lastFour: value.lastFour, createdAt, retiresAt });
}
