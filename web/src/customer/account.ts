import {
  CancelSubscriptionDocument,
  MeDocument,
  type MeQuery,
  RevealKeyDocument,
  RevokeKeyDocument,
  RotateKeyDocument,
  SubscribeDocument,
  type SubscriptionPartsFragment,
} from '../../operations/customer.js';
import { Store } from '../store.js';
import type { Client } from './client.js';
import { Failure } from './failure.js';

export type Me = MeQuery['me'];
export type Subscription = SubscriptionPartsFragment;
export type Usage = NonNullable<Me['usage']>;
export interface IssuedKey {
  readonly id: string;
  readonly value: string;
}

export interface AccountState {
  /** Null = not known yet. */
  readonly me: Me | null;
  /** Why it could not be read the last time. */
  readonly failure: Failure | null;
  /** The key with its value, once it was shown; it is never kept anywhere else. */
  readonly key: IssuedKey | null;
}

const NOTHING: AccountState = { me: null, failure: null, key: null };

/** For so long another process of the server may tell of what was before a change: docs/frontend.md. */
const BEHIND_MILLISECONDS = 65_000;
/** After these there may be something else than was last shown: a deed may be done all the same, or another tab was quicker. */
const IN_DOUBT = [
  'UNREACHABLE',
  'INTERNAL_SERVER_ERROR',
  'TRY_AGAIN',
  'AT_CAPACITY',
  'NO_SUBSCRIPTION',
  'UNKNOWN_KEY',
  'KEY_IN_USE',
];

/** The customer who is signed in, and what they can do. Every deed may be repeated. */
export class Account extends Store<AccountState> {
  private reading: Promise<void> | null = null;
  /** How often something was changed: an answer from before that is out of date. */
  private changes = 0;
  /** What was there before a change, and until when it may be told as if it were still so. */
  private readonly before = new Map<string, number>();
  private nextLook: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly client: Client) {
    super(NOTHING);
  }

  load(): Promise<void> {
    const reading = this.reading ?? this.read();
    this.reading = reading;
    return reading.finally(() => {
      if (this.reading === reading) this.reading = null;
    });
  }

  forget(): void {
    this.turn();
    this.before.clear();
    clearTimeout(this.nextLook);
    this.set(NOTHING);
  }

  subscribe(plan: string): Promise<void> {
    return this.deed(async () => {
      const { subscribe: result } = await this.client.ask(SubscribeDocument, { plan });
      this.changed(unlessProblem(result).subscription, unlessProblem(result).key);
    });
  }

  /** The value of the current key; asked for once. */
  reveal(): Promise<string> {
    return this.deed(async () => {
      const { key: known } = this.get();
      if (known && this.isCurrent(known)) return known.value;
      const { revealKey: result } = await this.client.ask(RevealKeyDocument, {});
      const { key } = unlessProblem(result);
      if (!this.isCurrent(key)) await this.anew(); // it was replaced elsewhere
      if (!this.isCurrent(key)) throw new Failure('TRY_AGAIN'); // the value must not stand beside another key's last four
      this.set({ ...this.get(), key });
      return key.value;
    });
  }

  rotate(keyId: string, graceSeconds: number): Promise<void> {
    return this.deed(async () => {
      const { rotateKey: result } = await this.client.ask(RotateKeyDocument, { keyId, graceSeconds });
      this.changed(unlessProblem(result).subscription, unlessProblem(result).key);
    });
  }

  revoke(keyId: string): Promise<void> {
    return this.deed(async () => {
      const { revokeKey: result } = await this.client.ask(RevokeKeyDocument, { keyId });
      this.changed(unlessProblem(result).subscription, this.get().key);
    });
  }

  cancel(): Promise<void> {
    return this.deed(async () => {
      const { cancelSubscription: result } = await this.client.ask(CancelSubscriptionDocument, {});
      this.changed(unlessProblem(result).subscription, null);
    });
  }

  private async deed<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (IN_DOUBT.includes(Failure.of(error).code)) {
        this.before.clear(); // it may be so again
        void this.anew();
      }
      throw error;
    }
  }

  /** Shown at once; what else follows from it is asked for. */
  private changed(subscription: Subscription | null, key: IssuedKey | null): void {
    const { me } = this.get();
    if (me) this.before.set(told(me.subscription), Date.now() + BEHIND_MILLISECONDS);
    this.before.delete(told(subscription));
    this.set({ me: me && { ...me, subscription, usage: subscription && me.usage }, failure: null, key });
    void this.anew();
  }

  private isCurrent({ id }: IssuedKey): boolean {
    return this.get().me?.subscription?.apiKey?.id === id;
  }

  /** An answer that is on its way does not count. */
  private anew(): Promise<void> {
    this.turn();
    return this.load();
  }

  private turn(): void {
    this.changes += 1;
    this.reading = null;
  }

  /** Whether that was so before a change of ours, which a process that does not know of it yet tells; it is asked later. */
  private lookAgainIfBehind(subscription: Subscription | null): boolean {
    const wait = (this.before.get(told(subscription)) ?? 0) - Date.now();
    if (wait <= 0) return false;
    clearTimeout(this.nextLook);
    this.nextLook = setTimeout(() => void this.load(), wait);
    return true;
  }

  private async read(): Promise<void> {
    const { changes } = this;
    try {
      const { me } = await this.client.ask(MeDocument, {});
      const { key } = this.get();
      if (changes !== this.changes) return;
      const isBehind = this.lookAgainIfBehind(me.subscription);
      if (isBehind) this.set({ ...this.get(), failure: null });
      else this.set({ me, failure: null, key: key?.id === me.subscription?.apiKey?.id ? key : null });
    } catch (error) {
      if (changes === this.changes) this.set({ ...this.get(), failure: Failure.of(error) });
    }
  }
}

/** What of a subscription tells it from what it was before a change. */
function told(subscription: Subscription | null): string {
  if (!subscription) return '';
  const { planCode, state, apiKey, overlappingKey } = subscription;
  return [planCode, state, apiKey?.id, overlappingKey?.id].join(' ');
}

function unlessProblem<T extends { readonly __typename: string }>(result: T): Exclude<T, { readonly code: string }> {
  if ('code' in result && typeof result.code === 'string') throw new Failure(result.code);
  return result as Exclude<T, { readonly code: string }>;
}
