import type { Outcome, SubscriptionReply } from '../support/customer.js';
import { type Act, isCarriedOut, type Reply } from './client.js';

type Plan = string | null;
type Key = { readonly id: string; readonly value: string };

/** What a customer was told and may rely on; a request without an answer widens it. */
export class Memory {
  /** The plans that the customer can be on: one after an answer, several while in doubt. */
  plans: readonly Plan[] = [null];
  /** The key handed out last, unless somebody has asked to replace it since. */
  key: Key | null = null;
  /** The replaced key that is to work until then, unless somebody has asked to end it since. */
  overlap: { readonly id: string; readonly retiresAt: string } | null = null;
  requests = 0;
  /** How many keys there can have been: each needs a first subscription, a rotation or a cancelling request before it. */
  generations = 1;
  /** Keys that the customer was told are dead. */
  readonly dead = new Set<string>();
  /** Every key ever handed out, and its value. */
  readonly values = new Map<string, string>();
  /** Answers that cannot be true, given what was told before. */
  readonly lies: string[] = [];
  /** What was asked and answered, for whoever has to understand a finding. */
  readonly story: string[] = [];
  private isCarriedOut = true;
  private unanswered = 0;

  /** Whether all that was asked for is carried out; until then Turnpike may be at work, or have died at it. */
  get isSettled(): boolean {
    return this.isCarriedOut && this.unanswered === 0;
  }

  /** Something new is asked for, however often it will be repeated. */
  began(act: Act): void {
    if (act.do === 'rotate') this.generations += 1;
  }

  /** From now until the answer it may be carried out or not. */
  sent(act: Act): void {
    this.tell(`asks: ${JSON.stringify(act)}`);
    this.isCarriedOut = false;
    this.requests += 1;
    this.unanswered += 1;
    if (act.do === 'subscribe') this.plans = [...new Set([...this.plans, act.plan])];
    if (act.do === 'cancel') {
      this.plans = [...new Set([...this.plans, null])];
      this.generations += 1; // each may be carried out by itself, before and after a subscription under way
    }
    const isReplacing = act.do === 'cancel' || act.do === 'rotate';
    if (isReplacing) this.key = null;
    if (isReplacing || act.do === 'revoke') this.overlap = null;
  }

  /** Nothing of that request is under way any more. */
  ended(act: Act, reply: Reply): void {
    this.tell(`${act.do}: ${JSON.stringify(reply)}`);
    this.unanswered -= 1;
  }

  private tell(line: string): void {
    this.story.push(`${new Date().toISOString().slice(14)} ${line}`);
  }

  heard(act: Act, outcome: Outcome): void {
    if (outcome.code === undefined) this.heardSuccess(act, outcome);
    else this.heardProblem(act, outcome.code);
  }

  private heardSuccess(act: Act, outcome: Outcome): void {
    if (act.do === 'subscribe') this.plans = [act.plan];
    if (act.do === 'cancel') this.plans = [null];
    else this.isOn(act);
    if (outcome.subscription && act.do !== 'cancel') this.heardSubscription(act, outcome.subscription);
    if (outcome.key) this.heardKey(act, outcome.key);
    this.isCarriedOut = isCarriedOut(outcome);
    for (const id of this.deadBy(act, outcome)) this.dead.add(id);
  }

  /** No subscription is the only Problem that the requests of these clients can meet. */
  private heardProblem(act: Act, code: string): void {
    if (code !== 'NO_SUBSCRIPTION' || !this.plans.includes(null)) this.lies.push(`${act.do} was answered ${code}`);
    else this.plans = [null];
    this.key = null;
    this.overlap = null;
  }

  private isOn(act: Act): void {
    if (this.plans.every((plan) => plan === null)) this.lies.push(`${act.do} was answered, and there is no plan`);
    this.plans = this.plans.filter((plan) => plan !== null);
  }

  private heardSubscription(act: Act, { planCode, overlappingKey }: SubscriptionReply): void {
    if (!this.plans.includes(planCode)) this.lies.push(`${act.do} was answered with plan ${planCode}`);
    this.overlap = overlappingKey;
  }

  private heardKey(act: Act, key: Key): void {
    if (this.key && this.key.id !== key.id) this.lies.push(`${act.do} was answered with another key`);
    if (this.dead.has(key.id)) this.lies.push(`${act.do} was answered with a dead key`);
    this.key = key;
    this.values.set(key.id, key.value);
  }

  /** Only a settled state says that a key is dead. The key that a rotation names may stay for an overlap asked for before. */
  private deadBy(act: Act, outcome: Outcome): readonly string[] {
    if (!isCarriedOut(outcome)) return [];
    if (act.do === 'cancel') return outcome.subscription ? [] : [...this.values.keys()];
    const isEnding = act.do === 'revoke' || (act.do === 'rotate' && act.graceSeconds === 0);
    return isEnding && outcome.subscription?.overlappingKey?.id !== act.keyId ? [act.keyId] : [];
  }
}
