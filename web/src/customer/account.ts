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

/** The customer who is signed in, and what they can do. Every deed may be repeated. */
export class Account extends Store<AccountState> {
  private reading: Promise<void> | null = null;
  /** How often something was changed: an answer from before that is out of date. */
  private changes = 0;

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
    this.set(NOTHING);
  }

  async subscribe(plan: string): Promise<void> {
    try {
      const { subscribe: result } = await this.client.ask(SubscribeDocument, { plan });
      this.changed(unlessProblem(result).subscription, unlessProblem(result).key);
    } catch (error) {
      if (error instanceof Failure && error.code === 'AT_CAPACITY') await this.load(); // it is recorded all the same
      throw error;
    }
  }

  /** The value of the current key. */
  async reveal(): Promise<string> {
    const { revealKey: result } = await this.client.ask(RevealKeyDocument, {});
    const { key } = unlessProblem(result);
    this.set({ ...this.get(), key });
    return key.value;
  }

  async rotate(keyId: string, graceSeconds: number): Promise<void> {
    const { rotateKey: result } = await this.client.ask(RotateKeyDocument, { keyId, graceSeconds });
    this.changed(unlessProblem(result).subscription, unlessProblem(result).key);
  }

  async revoke(keyId: string): Promise<void> {
    const { revokeKey: result } = await this.client.ask(RevokeKeyDocument, { keyId });
    this.changed(unlessProblem(result).subscription, this.get().key);
  }

  async cancel(): Promise<void> {
    const { cancelSubscription: result } = await this.client.ask(CancelSubscriptionDocument, {});
    this.changed(unlessProblem(result).subscription, null);
  }

  /** Shown at once; what else follows from it is asked for. */
  private changed(subscription: Subscription | null, key: IssuedKey | null): void {
    this.turn();
    const { me } = this.get();
    this.set({ me: me && { ...me, subscription, usage: subscription && me.usage }, failure: null, key });
    void this.load();
  }

  private turn(): void {
    this.changes += 1;
    this.reading = null;
  }

  private async read(): Promise<void> {
    const { changes } = this;
    try {
      const { me } = await this.client.ask(MeDocument, {});
      const { key } = this.get();
      if (changes !== this.changes) return;
      this.set({ me, failure: null, key: key?.id === me.subscription?.apiKey?.id ? key : null });
    } catch (error) {
      if (changes === this.changes) this.set({ ...this.get(), failure: Failure.of(error) });
    }
  }
}

function unlessProblem<T extends { readonly __typename: string }>(result: T): Exclude<T, { readonly code: string }> {
  if ('code' in result && typeof result.code === 'string') throw new Failure(result.code);
  return result as Exclude<T, { readonly code: string }>;
}
