import {
  CancelSubscriptionDocument,
  MeDocument,
  type MeQuery,
  RevealKeyDocument,
  RevokeKeyDocument,
  RotateKeyDocument,
  SubscribeDocument,
  type SubscriptionPartsFragment,
  type TypedDocumentString,
} from '../../operations/customer.js';
import { Store } from '../store.js';
import { Failure, type Partly } from './failure.js';
import { withKeyOf } from './under-way.js';

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

/** Turnpike, as `Client` asks it. */
interface Server {
  ask<R, V>(document: TypedDocumentString<R, V>, variables: V): Promise<R>;
  askPartly<R, V>(document: TypedDocumentString<R, V>, variables: V, missable: string): Promise<Partly<R>>;
}

/** The other tabs of the browser, as `OtherTabs` reaches them. */
interface Tabs {
  tell(): void;
  listen(heard: () => void): void;
}

const NOTHING: AccountState = { me: null, failure: null, key: null };

/** But for one's own changes, what Turnpike tells is a minute old or some; asking more often gains nothing. */
const FRESH_MILLISECONDS = 60_000;
/** However much longer a server asks to be left alone. */
const LONGEST_WAIT_MILLISECONDS = 86_400_000;
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
  /** When what is known is to be asked for again, in milliseconds. */
  private nextLook = 0;

  constructor(
    private readonly client: Server,
    private readonly tabs: Tabs,
    private readonly now: () => number = Date.now,
  ) {
    super(NOTHING);
    tabs.listen(() => this.heard());
  }

  /** In milliseconds from now; 0 = at once. */
  get nextLookIn(): number {
    return Math.max(0, this.nextLook - this.now());
  }

  load(): Promise<void> {
    const reading = this.reading ?? this.read();
    this.reading = reading;
    return reading.finally(() => {
      if (this.reading === reading) this.reading = null;
    });
  }

  /** Asks again if it is time to. */
  async freshen(): Promise<void> {
    if (this.nextLookIn === 0) await this.load();
  }

  forget(): void {
    this.turn();
    this.before.clear();
    this.nextLook = 0;
    this.set(NOTHING);
  }

  subscribe(plan: string): Promise<void> {
    return this.deed(async () => {
      const { subscribe: result } = await this.client.ask(SubscribeDocument, { plan });
      const { subscription, key } = unlessProblem(result);
      this.changed(withKeyOf(this.get().me?.subscription ?? null, subscription), key);
    });
  }

  /** The value of the current key; asked for once, and again when nobody can say any more that it is the current one. */
  reveal(): Promise<string> {
    return this.deed(async () => {
      await this.freshen();
      const { key: known, failure } = this.get();
      if (known && failure === null && this.isCurrent(known)) return known.value;
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
      this.changed(withKeyOf(this.get().me?.subscription ?? null, unlessProblem(result).subscription), this.get().key);
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
    this.outdate();
    this.before.delete(told(subscription));
    this.set({ me: me && { ...me, subscription, usage: subscription && me.usage }, failure: null, key });
    this.tabs.tell();
    void this.anew();
  }

  /** Another tab has changed something: what, is asked for when this one is looked at. */
  private heard(): void {
    this.turn();
    this.outdate();
    this.nextLook = 0;
    this.set({ ...this.get(), key: null });
  }

  /** What is known was so before a change; a process that has not heard of it yet may tell it all the same. */
  private outdate(): void {
    const { me } = this.get();
    if (me) this.before.set(told(me.subscription), this.now() + BEHIND_MILLISECONDS);
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

  /** Until when this is to be taken for what was so before a change; 0 = it is news. */
  private behindUntil(subscription: Subscription | null): number {
    const until = this.before.get(told(subscription)) ?? 0;
    return until > this.now() ? until : 0;
  }

  private async read(): Promise<void> {
    const { changes } = this;
    try {
      const { data, failure } = await this.client.askPartly(MeDocument, {}, 'me.usage');
      if (changes !== this.changes) return;
      const { me: known, key } = this.get();
      const { subscription } = data.me;
      const behindUntil = this.behindUntil(subscription);
      this.nextLook = behindUntil || this.nextLookAfter(failure);
      if (behindUntil) return this.set({ ...this.get(), failure });
      const usage = failure && subscription ? (known?.usage ?? null) : data.me.usage; // it says itself how old it is
      this.set({ me: { ...data.me, usage }, failure, key: key?.id === subscription?.apiKey?.id ? key : null });
    } catch (error) {
      if (changes !== this.changes) return;
      const failure = Failure.of(error);
      this.nextLook = this.nextLookAfter(failure);
      this.set({ ...this.get(), failure });
    }
  }

  private nextLookAfter(failure: Failure | null): number {
    const asked = Math.min((failure?.retryAfterSeconds ?? 0) * 1000, LONGEST_WAIT_MILLISECONDS);
    return this.now() + Math.max(FRESH_MILLISECONDS, asked);
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
