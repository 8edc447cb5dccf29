import { describe, expect, it } from '@jest/globals';
import { Account } from '../../web/src/customer/account.js';
import { Failure } from '../../web/src/customer/failure.js';

const SECOND = 1000;
const UNFINISHED = { state: 'PROVISIONING', plan: null, apiKey: null, overlappingKey: null };

/** Answers as the server does, of one customer with one key at a time. */
class Server {
  key = 1;
  failure: Failure | null = null;
  /** Why nobody can tell the calls, while all else is told. */
  usageFailure: Failure | null = null;
  /** Whether a change is recorded only, and what there is cannot be told. */
  isUnfinished = false;
  readonly asked: string[] = [];

  async ask<R>(document: { toString(): string }): Promise<R> {
    const [, operation = ''] = /(?:query|mutation) (\w+)/.exec(document.toString()) ?? [];
    this.asked.push(operation);
    if (this.failure) throw this.failure;
    if (operation === 'RotateKey') this.key += 1;
    const key = { id: `key-${this.key}`, value: `value-${this.key}` };
    const plan = { code: 'free' };
    const subscription = { planCode: 'free', state: 'ACTIVE', plan, apiKey: { id: key.id }, overlappingKey: null };
    const changed = this.isUnfinished ? { ...UNFINISHED, planCode: 'basic' } : subscription;
    const replies: Record<string, unknown> = {
      Me: { me: { id: 'ada', subscription, usage: this.usageFailure ? null : { used: 3 } } },
      Subscribe: { subscribe: { __typename: 'SubscriptionChanged', subscription: changed, key: null } },
      CancelSubscription: { cancelSubscription: { __typename: 'SubscriptionCancelled', subscription: null } },
      RevealKey: { revealKey: { __typename: 'KeyRevealed', key } },
      RotateKey: { rotateKey: { __typename: 'KeyRotated', subscription, key } },
    };
    return replies[operation] as R;
  }

  async askPartly<R>(document: { toString(): string }) {
    return { data: await this.ask<R>(document), failure: this.usageFailure };
  }
}

/** Tabs of one browser, each of which hears of what the others changed. */
class Tabs {
  private readonly heard: (() => void)[] = [];

  opened() {
    let own = () => {};
    return {
      tell: () => {
        for (const hear of this.heard) if (hear !== own) hear();
      },
      listen: (hear: () => void) => {
        own = hear;
        this.heard.push(hear);
      },
    };
  }
}

describe('what a tab of the portal knows of its customer', () => {
  const server = () => new Server();
  const opened = (from: Server, tabs = new Tabs()) => {
    const clock = { now: 1_000_000 };
    return { account: new Account(from, tabs.opened(), () => clock.now), clock };
  };

  it('hands out a key again without asking, as long as it has just been told that it is the current one', async () => {
    const turnpike = server();
    const { account, clock } = opened(turnpike);
    await account.load();
    expect(await account.reveal()).toBe('value-1');
    clock.now += 59 * SECOND;
    expect(await account.reveal()).toBe('value-1');
    expect(turnpike.asked).toEqual(['Me', 'RevealKey']);
  });

  it('hands out no key that was replaced elsewhere a minute ago', async () => {
    const turnpike = server();
    const { account, clock } = opened(turnpike);
    await account.load();
    expect(await account.reveal()).toBe('value-1');
    turnpike.key = 2;
    clock.now += 60 * SECOND;
    expect(await account.reveal()).toBe('value-2');
    expect(account.get().key).toEqual({ id: 'key-2', value: 'value-2' });
  });

  it('hands out no key of which it cannot find out whether it is still the current one', async () => {
    const turnpike = server();
    const { account, clock } = opened(turnpike);
    await account.load();
    await account.reveal();
    clock.now += 60 * SECOND;
    turnpike.failure = new Failure('UNREACHABLE');
    await expect(account.reveal()).rejects.toThrow('UNREACHABLE');
    await expect(account.reveal()).rejects.toThrow('UNREACHABLE');
  });

  it('hands out no key that another tab has replaced', async () => {
    const [turnpike, tabs] = [server(), new Tabs()];
    const [one, other] = [opened(turnpike, tabs).account, opened(turnpike, tabs).account];
    await Promise.all([one.load(), other.load()]);
    expect(await one.reveal()).toBe('value-1');
    await other.rotate('key-1', 0);
    expect(one.get().key).toBeNull();
    expect(await one.reveal()).toBe('value-2');
    expect(other.get().key).toEqual({ id: 'key-2', value: 'value-2' });
  });

  it('is asked for again after a minute, and not before the server allows it', async () => {
    const turnpike = server();
    const { account, clock } = opened(turnpike);
    await account.load();
    clock.now += 59 * SECOND;
    await account.freshen();
    expect(turnpike.asked).toEqual(['Me']);
    clock.now += SECOND;
    turnpike.failure = new Failure('TRY_AGAIN', { retryAfterSeconds: 300 });
    await account.freshen();
    clock.now += 299 * SECOND;
    await account.freshen();
    expect(turnpike.asked).toEqual(['Me', 'Me']);
    clock.now += SECOND;
    await account.freshen();
    expect(turnpike.asked).toEqual(['Me', 'Me', 'Me']);
  });

  it('shows the calls that were told last, and why there are no newer ones, while nobody can tell them', async () => {
    const turnpike = server();
    const { account, clock } = opened(turnpike);
    await account.load();
    turnpike.usageFailure = new Failure('TRY_AGAIN', { retryAfterSeconds: 300 });
    turnpike.key = 2;
    await account.load();
    const { me, failure } = account.get();
    expect(me?.subscription?.apiKey?.id).toBe('key-2');
    expect(me?.usage).toEqual({ used: 3 });
    expect(failure).toBe(turnpike.usageFailure);
    clock.now += 299 * SECOND;
    await account.freshen();
    expect(turnpike.asked).toEqual(['Me', 'Me']);
  });

  it('shows the key that was there on, while a change of plan is recorded and not carried out', async () => {
    const turnpike = server();
    const { account } = opened(turnpike);
    await account.load();
    turnpike.isUnfinished = true;
    await account.subscribe('basic');
    const { subscription } = account.get().me ?? {};
    expect(subscription).toMatchObject({
      planCode: 'basic',
      state: 'PROVISIONING',
      apiKey: { id: 'key-1' },
      plan: null,
    });
  });

  it('shows no key while the first plan, or one after a cancellation, is recorded and not carried out', async () => {
    const turnpike = server();
    const { account } = opened(turnpike);
    await account.load();
    await account.cancel();
    turnpike.isUnfinished = true;
    await account.subscribe('basic');
    expect(account.get().me?.subscription).toMatchObject({ state: 'PROVISIONING', apiKey: null });
  });
});
