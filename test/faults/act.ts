import { AwsUnavailableError, KeyQuotaExceededError } from '../../src/aws/failures.js';
import { KeyRevealed, KeyRevoked, KeyRotated } from '../../src/keys/keys.results.js';
import {
  AtCapacityError,
  ForbiddenError,
  ImportUnfinishedError,
  TryAgainError,
  UnauthenticatedError,
} from '../../src/problem.js';
import { UserChanged, UserDeleted } from '../../src/subscriptions/oversight.results.js';
import {
  type IssuedKey,
  type Subscription,
  SubscriptionState,
  SuspensionCode,
} from '../../src/subscriptions/subscription.model.js';
import { SubscriptionCancelled, SubscriptionChanged } from '../../src/subscriptions/subscriptions.results.js';
import type { Belongings } from './belongings.js';
import type { Cloud } from './cloud.js';
import { byHand } from './console.js';
import { ProcessDied } from './faults.js';
import type { Act } from './history.js';
import { type Product, Reconciled, Swept } from './product.js';

/** What the one who asked can know afterwards. */
export type Outcome =
  | {
      readonly kind: 'acknowledged';
      readonly key: IssuedKey | null;
      readonly subscription: Subscription | null;
      /** Of a deletion: recorded, and not carried out. */
      readonly isUnfinished?: boolean;
    }
  | { readonly kind: 'refused' | 'in doubt' }
  | { readonly kind: 'broke'; readonly error: unknown };

const ADMIN = { sub: '99999999-0000-0000-0000-000000000000', username: 'admin', isAdmin: true };

/** What a caller is told as TRY_AGAIN or AT_CAPACITY, and a process that died. */
const IN_DOUBT = [
  ProcessDied,
  AwsUnavailableError,
  KeyQuotaExceededError,
  TryAgainError,
  AtCapacityError,
  ImportUnfinishedError,
];

/** The key that a request would name now. */
export function targetOf(act: Act, { overlapping, holder }: Belongings): string {
  const isOverlapping =
    act.do === 'revoke overlapping' || ((act.do === 'rotate' || act.do === 'rotate for') && act.key === 'overlapping');
  return (isOverlapping ? overlapping : holder)?.id ?? 'no-such-key';
}

export async function perform(act: Act, keyId: string, product: Product, cloud: Cloud): Promise<Outcome> {
  try {
    return outcomeOf(await ask(act, keyId, product, cloud));
  } catch (error) {
    if (isOne(error, IN_DOUBT)) return { kind: 'in doubt' };
    return isOne(error, [UnauthenticatedError, ForbiddenError]) ? { kind: 'refused' } : { kind: 'broke', error };
  }
}

async function ask(act: Act, keyId: string, product: Product, cloud: Cloud): Promise<unknown> {
  const person = cloud.people[act.who ?? 0] ?? cloud.people[0];
  if (!person) throw new Error('There is nobody');
  const caller = { ...person, isAdmin: false };
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
      return product.oversight.suspend(ADMIN, person.sub, SuspensionCode.ABUSE);
    case 'resume':
      return product.oversight.resume(person.sub);
    case 'grant':
      return product.oversight.grant(person.sub, act.calls);
    case 'assign':
      return product.oversight.assign(person.sub, act.plan);
    case 'cancel for':
      return product.oversight.cancel(person.sub);
    case 'rotate for':
      return product.keys.rotateFor(person.sub, keyId, act.graceSeconds);
    case 'delete for good':
      return product.oversight.delete(ADMIN, person.sub);
    case 'repair':
      return product.oversight.repair(person.sub);
    case 'import':
      return product.adoption.importFor(person.sub, act.key);
    case 'reconcile':
      return product.reconcile(person);
    case 'sweep':
      return product.sweep();
    default:
      return byHand(act, person, cloud);
  }
}

function outcomeOf(answer: unknown): Outcome {
  const isSubscribed = answer instanceof SubscriptionChanged || answer instanceof KeyRotated;
  if (isSubscribed)
    return {
      kind: 'acknowledged',
      key: answer.key,
      subscription: answer.subscription,
    };
  if (answer instanceof SubscriptionCancelled || answer instanceof KeyRevoked || answer instanceof Reconciled) {
    return {
      kind: 'acknowledged',
      key: null,
      subscription: answer.subscription,
    };
  }
  if (answer instanceof UserChanged) {
    return { kind: 'acknowledged', key: null, subscription: answer.user.subscription };
  }
  if (answer instanceof UserDeleted) {
    return { kind: 'acknowledged', key: null, subscription: null, isUnfinished: !answer.isFinished };
  }
  if (answer instanceof KeyRevealed) return { kind: 'acknowledged', key: answer.key, subscription: null };
  if (answer instanceof Swept) return { kind: 'acknowledged', key: null, subscription: null };
  return { kind: 'refused' };
}

/** Whether the answer says that all is carried out, not only recorded. */
export function isSettled(outcome: Outcome): boolean {
  if (outcome.kind === 'refused') return true;
  if (outcome.kind !== 'acknowledged') return false;
  const state = outcome.subscription?.state;
  return !outcome.isUnfinished && state !== SubscriptionState.PROVISIONING && state !== SubscriptionState.ENDING;
}

function isOne(error: unknown, known: readonly (new (...args: never[]) => Error)[]): boolean {
  return known.some((one) => error instanceof one);
}
