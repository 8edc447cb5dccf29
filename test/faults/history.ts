import { AwsUnavailableError } from '../../src/aws/failures.js';
import { KeyRevealed, KeyRevoked, KeyRotated } from '../../src/keys/keys.results.js';
import { TryAgainError } from '../../src/problem.js';
import { type IssuedKey, type Subscription, SubscriptionState } from '../../src/subscriptions/subscription.model.js';
import { SubscriptionCancelled, SubscriptionChanged } from '../../src/subscriptions/subscriptions.results.js';
import { type Cloud, WHO } from './cloud.js';
import { monthOf, type PlanCode } from './counters.js';
import { type Fault, ProcessDied } from './faults.js';
import { type Product, Reconciled } from './product.js';

/** What a customer, an admin or the sweeper asks of Turnpike. */
export type Act =
  | { readonly do: 'subscribe'; readonly plan: PlanCode }
  | { readonly do: 'rotate'; readonly graceSeconds: number; readonly key?: 'overlapping' }
  | { readonly do: 'revoke overlapping' | 'cancel' | 'reveal' | 'suspend' | 'resume' | 'reconcile' }
  | { readonly do: 'grant'; readonly calls: number };

/** One line of a history. */
export type Step =
  | (Act & { readonly fault?: Fault })
  /** The same request once more, about the same key. */
  | { readonly do: 'ask again' }
  /** The customer uses the key. */
  | { readonly do: 'call'; readonly times: number; readonly key?: 'overlapping' }
  | { readonly do: 'wait'; readonly seconds: number }
  | { readonly do: 'wait for next month' }
  | { readonly do: 'new process' }
  /** Two requests on two processes, while the customer may be calling. */
  | { readonly do: 'both'; readonly acts: readonly [Act, Act]; readonly callsInFlight: number };

/** What the one who asked can know afterwards. */
export type Outcome =
  | { readonly kind: 'acknowledged'; readonly key: IssuedKey | null; readonly subscription: Subscription | null }
  | { readonly kind: 'refused' | 'in doubt' }
  | { readonly kind: 'broke'; readonly error: unknown };

/** The key that a request would name now. */
export function targetOf(act: Act, cloud: Cloud): string {
  const isOverlapping = act.do === 'revoke overlapping' || (act.do === 'rotate' && act.key === 'overlapping');
  const key = isOverlapping ? cloud.overlapping() : cloud.holder();
  return key?.id ?? 'no-such-key';
}

export async function perform(act: Act, keyId: string, product: Product, cloud: Cloud): Promise<Outcome> {
  try {
    return outcomeOf(await ask(act, keyId, product, cloud));
  } catch (error) {
    const isInDoubt = [ProcessDied, AwsUnavailableError, TryAgainError].some((known) => error instanceof known);
    return isInDoubt ? { kind: 'in doubt' } : { kind: 'broke', error };
  }
}

async function ask(act: Act, keyId: string, product: Product, cloud: Cloud): Promise<unknown> {
  const caller = { ...WHO, isAdmin: false };
  switch (act.do) {
    case 'subscribe':
      return product.subscriptions.subscribe(caller, act.plan);
    case 'cancel':
      return product.subscriptions.cancel(caller);
    case 'rotate':
      return product.keys.rotate(caller, keyId, act.graceSeconds);
    case 'revoke overlapping':
      return product.keys.revoke(caller, keyId);
    case 'reveal':
      return product.keys.reveal(caller);
    case 'suspend':
      cloud.writeUser({ 'custom:suspended': 'abuse' });
      return product.reconcile();
    case 'resume':
      cloud.writeUser({ 'custom:suspended': null });
      return product.reconcile();
    case 'grant':
      cloud.writeUser({ 'custom:quota_grant': `${monthOf(cloud.at)};${act.calls}` });
      return product.reconcile();
    case 'reconcile':
      return product.reconcile();
  }
}

function outcomeOf(answer: unknown): Outcome {
  const isSubscribed = answer instanceof SubscriptionChanged || answer instanceof KeyRotated;
  if (isSubscribed) return { kind: 'acknowledged', key: answer.key, subscription: answer.subscription };
  if (answer instanceof SubscriptionCancelled || answer instanceof KeyRevoked || answer instanceof Reconciled) {
    return { kind: 'acknowledged', key: null, subscription: answer.subscription };
  }
  if (answer instanceof KeyRevealed) return { kind: 'acknowledged', key: answer.key, subscription: null };
  return { kind: 'refused' };
}

/** Whether the answer says that all is carried out, not only recorded. */
export function isSettled(outcome: Outcome): boolean {
  if (outcome.kind === 'refused') return true;
  if (outcome.kind !== 'acknowledged') return false;
  const state = outcome.subscription?.state;
  return state !== SubscriptionState.PROVISIONING && state !== SubscriptionState.ENDING;
}

/** A history on one line, as a reader can follow it. */
export function tell(history: readonly Step[]): string {
  return history.map(tellStep).join(', ');
}

export function tellStep(step: Step): string {
  if (step.do === 'both') return `[${step.acts.map(tellStep).join(' | ')}]`;
  const { do: what, fault, ...rest } = { fault: undefined, ...step };
  const details = Object.values(rest).join(' ');
  return [what, details, fault && `(${fault.kind} at call ${fault.call})`].filter(Boolean).join(' ');
}
