import { setTimeout as pause } from 'node:timers/promises';
import type { Narrator } from './narrator.js';
import type { Answer, Visitor } from './visitor.js';

const PASSWORD = 'A-Tour-of-Turnpike-1';
const FREE_CALLS = 100;
const BURST = 20;
const GAP_MILLISECONDS = 52; // the free plan lets 20 calls a second through
const HOUR_SECONDS = 3600;

const SERVED = '200 OK';
const UNAUTHORIZED = '401 Unauthorized';
const FORBIDDEN = '403 Forbidden';
const TOO_FAST = '429 Too Many Requests';
const LIMIT_EXCEEDED = '429 Limit Exceeded';

const SUBSCRIPTION = 'subscription { planCode state apiKey { id } overlappingKey { id } }';
const PROBLEM = '... on Problem { code }';
const USAGE = 'usage { limit used remaining }';
const CHANGED = `__typename ... on SubscriptionChanged { key { id value } ${SUBSCRIPTION} } ${PROBLEM}`;
const ROTATED = `__typename ... on KeyRotated { key { id value } ${SUBSCRIPTION} } ${PROBLEM}`;
const REVOKED = `__typename ... on KeyRevoked { ${SUBSCRIPTION} } ${PROBLEM}`;
const REVEALED = `__typename ... on KeyRevealed { key { id value } } ${PROBLEM}`;
const CANCELLED = `__typename ... on SubscriptionCancelled { ${SUBSCRIPTION} } ${PROBLEM}`;

type Key = NonNullable<Answer['key']>;

/** What a customer lives through, from signing up to leaving. */
export class Story {
  constructor(
    private readonly visitor: Visitor,
    private readonly narrator: Narrator,
    /** The code of the last mail to that address. */
    private readonly mailedCode: (email: string) => Promise<string>,
  ) {}

  async tell(): Promise<void> {
    await this.signUp();
    const first = await this.subscribe();
    await this.useUp(first);
    const second = await this.rotate(first);
    await this.upgrade(second);
    const third = await this.overlap(second);
    await this.leave(third);
    await this.comeBack(third);
  }

  private async signUp(): Promise<void> {
    const { visitor, narrator } = this;
    const email = 'grace@example.com';
    narrator.chapter('Sign up and in');
    const attributes = [{ Name: 'email', Value: email }];
    await visitor.cognito('SignUp', { Username: email, Password: PASSWORD, UserAttributes: attributes });
    const early = await visitor.signIn(email, PASSWORD);
    narrator.promise('Nobody gets in before the address is confirmed', early.status, 400);
    const code = await this.mailedCode(email);
    await visitor.cognito('ConfirmSignUp', { Username: email, ConfirmationCode: code });
    const stranger = await visitor.ask('query', 'me', 'id');
    narrator.promise('Without a token there is no "me"', stranger.code, 'UNAUTHENTICATED');
    const { status } = await visitor.signIn(email, PASSWORD);
    narrator.promise('With the code from the mail, signing in works', status, 200);
  }

  private async subscribe(): Promise<Key> {
    const { visitor, narrator } = this;
    narrator.chapter('Choose a plan, get a key');
    const plans = await visitor.ask<{ code: string }[]>('query', 'plans', 'code price quota { limit period }');
    const codes = plans.map(({ code }) => code);
    narrator.promise('Three plans are for sale', codes, ['free', 'basic', 'pro']);
    const before = await visitor.ask('query', 'me', `${SUBSCRIPTION} ${USAGE}`);
    narrator.promise('A new customer has none of them', before, { subscription: null, usage: null });
    const key = keyOf(await visitor.ask('mutation', 'subscribe(plan: "free")', CHANGED));
    const again = keyOf(await visitor.ask('mutation', 'subscribe(plan: "free")', CHANGED));
    narrator.promise('Asking twice makes one key, not two', again, key);
    narrator.promise('The key alone does not open /pets', await visitor.call(key.value, 'without token'), UNAUTHORIZED);
    narrator.promise('Nor does the token alone', await visitor.call(null), FORBIDDEN);
    return key;
  }

  private async useUp(key: Key): Promise<void> {
    const { visitor, narrator } = this;
    narrator.chapter(`Use up the ${FREE_CALLS} calls of the free plan`);
    const answers = new Map<string, number>();
    let last = '';
    for (let calls = 0; last !== LIMIT_EXCEEDED && calls < 2 * FREE_CALLS; calls += 1) {
      if (calls >= BURST) await pause(GAP_MILLISECONDS);
      last = await visitor.callQuietly(key.value);
      if (last !== TOO_FAST) answers.set(last, (answers.get(last) ?? 0) + 1);
    }
    const counted = Object.fromEntries(answers);
    narrator.exchange(`GET /pets  again and again, at most ${BURST} a second`, 'all', counted);
    const expected = { [SERVED]: FREE_CALLS, [LIMIT_EXCEEDED]: 1 };
    narrator.promise(`${FREE_CALLS} calls are served, the next one is not`, counted, expected);
    await this.usageIs('Usage says so', { limit: FREE_CALLS, used: FREE_CALLS, remaining: 0 });
  }

  private async rotate(old: Key): Promise<Key> {
    const { visitor, narrator } = this;
    narrator.chapter('Replace the key');
    const key = keyOf(await visitor.ask('mutation', `rotateKey(keyId: "${old.id}")`, ROTATED));
    narrator.promise('There is a new key', key.id !== old.id && key.value !== old.value, true);
    narrator.promise('The old one is dead', await visitor.call(old.value), FORBIDDEN);
    narrator.promise('The new one has no calls left either', await visitor.call(key.value), LIMIT_EXCEEDED);
    await this.usageIs('Usage has not moved', { limit: FREE_CALLS, used: FREE_CALLS, remaining: 0 });
    return key;
  }

  private async upgrade(key: Key): Promise<void> {
    const { visitor, narrator } = this;
    narrator.chapter('Upgrade to basic');
    const upgraded = await visitor.ask('mutation', 'subscribe(plan: "basic")', CHANGED);
    narrator.promise('The key stays the same', upgraded.key, key);
    narrator.promise('The plan is basic, and active', stateOf(upgraded), 'basic ACTIVE');
    narrator.promise('The key works again', await visitor.call(key.value), SERVED);
    const expected = { limit: 10_000, used: 101, remaining: 9899 };
    await this.usageIs('Calls made on the free plan count', expected);
  }

  private async overlap(old: Key): Promise<Key> {
    const { visitor, narrator } = this;
    narrator.chapter('Replace the key with an hour of overlap');
    const field = `rotateKey(keyId: "${old.id}", graceSeconds: ${HOUR_SECONDS})`;
    const rotated = await visitor.ask('mutation', field, ROTATED);
    const key = keyOf(rotated);
    narrator.promise('The old key is known to overlap', rotated.subscription?.overlappingKey, { id: old.id });
    narrator.promise('The old one works', await visitor.call(old.value), SERVED);
    narrator.promise('So does the new one', await visitor.call(key.value), SERVED);
    const inUse = await visitor.ask('mutation', `revokeKey(keyId: "${key.id}")`, REVOKED);
    narrator.promise('The current key cannot be revoked by mistake', inUse.code, 'KEY_IN_USE');
    const revoked = await visitor.ask('mutation', `revokeKey(keyId: "${old.id}")`, REVOKED);
    narrator.promise('The overlap can be ended early', revoked.subscription?.overlappingKey, null);
    narrator.promise('Then the old one is dead', await visitor.call(old.value), FORBIDDEN);
    narrator.promise('And the new one works', await visitor.call(key.value), SERVED);
    const revealed = await visitor.ask('mutation', 'revealKey', REVEALED);
    narrator.promise('Its value can be shown again', revealed.key, key);
    return key;
  }

  private async leave(key: Key): Promise<void> {
    const { visitor, narrator } = this;
    narrator.chapter('Cancel');
    const cancelled = await visitor.ask('mutation', 'cancelSubscription', CANCELLED);
    narrator.promise('Nothing is left of the subscription', cancelled.subscription, null);
    narrator.promise('The key is dead', await visitor.call(key.value), FORBIDDEN);
    const after = await visitor.ask('query', 'me', `${SUBSCRIPTION} ${USAGE}`);
    narrator.promise('The customer has no plan', after, { subscription: null, usage: null });
  }

  private async comeBack(old: Key): Promise<void> {
    const { visitor, narrator } = this;
    narrator.chapter('Come back in the same month');
    const key = keyOf(await visitor.ask('mutation', 'subscribe(plan: "free")', CHANGED));
    narrator.promise('The key is a new one', key.id !== old.id && key.value !== old.value, true);
    narrator.promise('Leaving and returning wins no calls', await visitor.call(key.value), LIMIT_EXCEEDED);
  }

  private async usageIs(text: string, expected: NonNullable<Answer['usage']>): Promise<void> {
    const { usage } = await this.visitor.ask('query', 'me', USAGE);
    this.narrator.promise(text, usage, expected);
  }
}

function keyOf(answer: Answer): Key {
  if (!answer.key) throw new Error(`A key was expected, and this came: ${JSON.stringify(answer)}`);
  return answer.key;
}

function stateOf({ subscription }: Answer): string {
  return `${subscription?.planCode} ${subscription?.state}`;
}
