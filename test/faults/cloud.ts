import { AwsUnavailableError } from '../../src/aws/failures.js';
import type { KeyChange, NewKey, StoredKey } from '../../src/aws/key-store.js';
import type { DayUsage, UsagePlan } from '../../src/aws/usage-plans.js';
import type { DirectoryUser } from '../../src/aws/user-directory.js';
import { parseLedger } from '../../src/subscriptions/reconcile/books.js';
import type { Pair } from '../../src/subscriptions/reconcile/ledger.js';
import { Counter, type Habits, monthOf, PLANS, type PlanCode } from './counters.js';

const START = Date.parse('2026-11-10T08:00:00Z');
export const WHO = { sub: '11111111-2222-3333-4444-555555555555', username: 'google_12345' };

/** What AWS holds of one customer, and its own clock. Its methods are the effects of AWS calls: at once, and whole. */
export class Cloud {
  at = START;
  readonly keys: StoredKey[] = [];
  readonly everRetired = new Set<string>();
  /** When each call was let through, by month. */
  private readonly served = new Map<string, number[]>();
  attributes: Readonly<Record<string, string>> = { sub: WHO.sub };
  private modifiedAt = START;
  private readonly plansByKey = new Map<string, PlanCode>();
  private readonly counters = new Map<string, Counter>();

  constructor(private readonly habits: Habits) {}

  // Cognito

  findUser(username: string): DirectoryUser | null {
    if (username !== WHO.username) return null;
    const { attributes } = this;
    const [createdAt, modifiedAt] = [new Date(START), new Date(this.modifiedAt)];
    return { ...WHO, enabled: true, status: 'CONFIRMED', createdAt, modifiedAt, attributes };
  }

  writeUser(changes: Readonly<Record<string, string | null>>): boolean {
    const merged = Object.entries({ ...this.attributes, ...changes });
    this.attributes = Object.fromEntries(merged.filter((entry): entry is [string, string] => Boolean(entry[1])));
    this.modifiedAt = Math.max(this.modifiedAt + 1, this.at);
    return true;
  }

  // API keys

  createKey(key: NewKey): StoredKey | null {
    if (this.keys.some(({ value }) => value.equals(key.value))) return null;
    const id = `k${this.keys.length + 1}`;
    const createdAt = new Date(Math.floor(this.at / 1000) * 1000);
    const made = { ...key, id, enabled: true, createdAt, changedAt: createdAt };
    this.keys.push(made);
    return made;
  }

  changeKey(id: string, change: KeyChange): boolean {
    const place = this.keys.findIndex((key) => key.id === id);
    const found = this.keys[place];
    if (!found) return false;
    if (change.enabled === false) this.everRetired.add(id);
    this.keys[place] = { ...found, ...change, changedAt: new Date(this.at) };
    return true;
  }

  // Usage plans

  plans(): UsagePlan[] {
    return Object.entries(PLANS).map(([id, limits]) => {
      const tags = { 'turnpike:plan': id, 'turnpike:self-service': 'true' };
      return { id, name: id, description: null, tags, ...limits };
    });
  }

  plansOf(keyId: string): PlanCode[] {
    const plan = this.plansByKey.get(keyId);
    return plan ? [plan] : [];
  }

  attach(plan: string, keyId: string): boolean {
    const there = this.plansByKey.get(keyId);
    if (!isPlan(plan) || !this.keys.some(({ id }) => id === keyId)) return false;
    if (there && there !== plan) throw new AwsUnavailableError('CreateUsagePlanKey', 1);
    if (!there) this.counter(plan, keyId).attached();
    this.plansByKey.set(keyId, plan);
    return true;
  }

  detach(plan: string, keyId: string): void {
    if (this.plansByKey.get(keyId) === plan) this.plansByKey.delete(keyId);
  }

  usage(plan: string, keyId: string, from: string, to: string): DayUsage[] {
    if (!isPlan(plan) || (this.plansByKey.get(keyId) !== plan && !this.habits.usageOutlivesDetach)) return [];
    return this.counter(plan, keyId).report(from, to, this.at);
  }

  setRemaining(plan: string, keyId: string, remaining: number): boolean {
    if (!isPlan(plan) || this.plansByKey.get(keyId) !== plan) return false;
    if (!Number.isInteger(remaining) || remaining < 0) throw new RangeError(`UpdateUsage with ${remaining}`);
    this.counter(plan, keyId).set(remaining, this.at);
    return true;
  }

  // The customer's own calls, and what can be said of them

  /** One call with the key; whether it was let through. */
  call({ id, enabled }: StoredKey): boolean {
    const [plan] = this.plansOf(id);
    if (!enabled || !plan || !this.counter(plan, id).call(this.at)) return false;
    this.calls().push(this.at);
    return true;
  }

  servedThisMonth(): number {
    return this.calls().length;
  }

  /** The most calls of this month that were let through within so many seconds. */
  mostServedIn(seconds: number): number {
    const calls = this.calls();
    let [from, most] = [0, 0];
    for (const [to, at] of calls.entries()) {
      while (at - (calls[from] ?? at) > seconds * 1000) from += 1;
      most = Math.max(most, to - from + 1);
    }
    return most;
  }

  /** Extra calls of the month. */
  get granted(): number {
    const [period, calls] = (this.attributes['custom:quota_grant'] ?? '').split(';');
    return period === monthOf(this.at) ? Number(calls) : 0;
  }

  remaining(plan: PlanCode, keyId: string): number {
    return this.counter(plan, keyId).remaining(this.at);
  }

  get plan(): PlanCode | null {
    const code = this.attributes['custom:plan'];
    return code !== undefined && isPlan(code) ? code : null;
  }

  // The keys, by what they are to the customer

  live(): StoredKey[] {
    return this.keys.filter(({ id, enabled }) => enabled && this.plansByKey.has(id));
  }

  /** The key of the highest generation, whose description is the ledger; of one generation the oldest. */
  holder(): StoredKey | null {
    return this.keys.reduce<StoredKey | null>(
      (best, key) => (best && generationOf(best) >= generationOf(key) ? best : key),
      null,
    );
  }

  current(): StoredKey | null {
    const holder = this.holder();
    return holder?.enabled ? holder : null;
  }

  overlapping(): StoredKey | null {
    const current = this.current();
    if (!current) return null;
    return this.keys.find((key) => key.enabled && generationOf(key) === generationOf(current) - 1) ?? null;
  }

  /** The pair that the key is on, as the ledger has it. */
  recordedPair({ id }: StoredKey): Pair | null {
    const holder = this.holder();
    const { pair, overlap } = parseLedger(holder?.description ?? '');
    return id === holder?.id ? pair : overlap;
  }

  private calls(): number[] {
    const month = monthOf(this.at);
    const calls = this.served.get(month) ?? [];
    this.served.set(month, calls);
    return calls;
  }

  private counter(plan: PlanCode, keyId: string): Counter {
    const name = `${plan}/${keyId}`;
    const counter = this.counters.get(name) ?? new Counter(plan, this.habits, this.at);
    this.counters.set(name, counter);
    return counter;
  }
}

export function generationOf({ name }: StoredKey): number {
  return Number(name.slice(-6));
}

function isPlan(code: string): code is PlanCode {
  return code in PLANS;
}
