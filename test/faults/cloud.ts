import { AwsUnavailableError } from '../../src/aws/failures.js';
import type { KeyChange, NewKey, StoredKey } from '../../src/aws/key-store.js';
import type { Attached, DayUsage, UsagePlan } from '../../src/aws/usage-plans.js';
import type { DirectoryUser } from '../../src/aws/user-directory.js';
import {
  type Account,
  FEDERATED,
  FOREIGN_PLANS,
  LOCAL,
  newAccount,
  type Person,
  POOL_ID,
  START,
  userFor,
} from './account.js';
import { Counter, type Habits } from './counters.js';
import { Served } from './served.js';

const CATCH_UP_MILLISECONDS = 30_000;
const REMEMBERED = 8;

/** A key that Turnpike made: whose it is and of which generation, whatever its name says now. */
export interface Made {
  readonly sub: string;
  readonly generation: number;
}

/** What AWS holds, and its own clock. Its methods are the effects of AWS calls: at once, and whole. */
export class Cloud {
  at = START;
  account: Account;
  made = new Map<string, Made>();
  /** Keys that were switched off, in that order. */
  retired: readonly string[] = [];
  /** Values of keys that were switched off. */
  deadValues = new Set<string>();
  /** Keys that somebody changed in the console. */
  changedByHand = new Set<string>();
  /** Keys made by hand that were imported. */
  imported = new Set<string>();
  /** Those of them of which nobody has heard yet that it is done. */
  importing = new Set<string>();
  /** Customers whom somebody deleted in the console, and who therefore left their keys behind. */
  deletedByHand = new Set<string>();
  /** When each customer last was without a plan, or without a user. */
  planlessAt = new Map<string, number>();
  private past: readonly {
    readonly account: Account;
    readonly until: number;
  }[] = [];
  private counters = new Map<string, Counter>();
  private served = new Map<string, Served>();
  private count = 0;

  /** `people`: the customers, as they are registered now or were last. */
  constructor(
    readonly habits: Habits,
    public people: readonly Person[] = [FEDERATED, LOCAL],
  ) {
    this.account = newAccount(people);
  }

  /** The same world once more, to be played differently from here. */
  copy(habits: Habits): Cloud {
    const copy = Object.assign(new Cloud(habits), this, { habits });
    copy.counters = new Map([...this.counters].map(([name, counter]) => [name, counter.copy()]));
    copy.served = new Map([...this.served].map(([sub, served]) => [sub, served.copy()]));
    copy.made = new Map(this.made);
    copy.deadValues = new Set(this.deadValues);
    copy.changedByHand = new Set(this.changedByHand);
    copy.planlessAt = new Map(this.planlessAt);
    copy.imported = new Set(this.imported);
    copy.importing = new Set(this.importing);
    copy.deletedByHand = new Set(this.deletedByHand);
    return copy;
  }

  /** The account as a list shows it, so many writes behind; what is older than half a minute is always shown. */
  listed(behind: number): Account {
    const recent = this.past.filter(({ until }) => this.at - until < CATCH_UP_MILLISECONDS);
    return (behind > 0 ? recent.at(-Math.min(behind, recent.length)) : undefined)?.account ?? this.account;
  }

  private replace(change: Partial<Account>): void {
    this.past = [...this.past.slice(1 - REMEMBERED), { account: this.account, until: this.at }];
    this.account = { ...this.account, ...change };
  }

  // Cognito

  findUser(username: string): DirectoryUser | null {
    return this.account.users.find((user) => user.username === username) ?? null;
  }

  userOf({ sub }: { readonly sub: string }): DirectoryUser | null {
    return this.account.users.find((user) => user.sub === sub) ?? null;
  }

  /** Sets attributes, null removes one; or switches the user off or on. */
  changeUser(username: string, changes: Readonly<Record<string, string | null>>, enabled?: boolean): boolean {
    const user = this.findUser(username);
    if (!user) return false;
    this.notePlanless(user);
    const merged = Object.entries({ ...user.attributes, ...changes });
    const attributes = Object.fromEntries(merged.filter((entry): entry is [string, string] => Boolean(entry[1])));
    const modifiedAt = new Date(Math.max(user.modifiedAt.getTime() + 1, this.at));
    const changed = {
      ...user,
      attributes,
      modifiedAt,
      enabled: enabled ?? user.enabled,
    };
    this.replace({
      users: this.account.users.map((one) => (one === user ? changed : one)),
    });
    return true;
  }

  deleteUser(username: string, isByHand = false): void {
    const user = this.findUser(username);
    if (user) this.notePlanless(user);
    if (user && isByHand) this.deletedByHand.add(user.sub);
    this.replace({ users: this.account.users.filter((one) => one !== user) });
  }

  /** Somebody registers under the user name of the n-th customer, and is another person to Cognito. */
  registerAgain(place: number): void {
    const before = this.people[place];
    if (!before) return;
    this.deleteUser(before.username, true);
    this.count += 1;
    const person = {
      sub: `33333333-0000-0000-0000-${String(this.count).padStart(12, '0')}`,
      username: before.username,
    };
    this.people = this.people.map((one, at) => (at === place ? person : one));
    this.replace({ users: [...this.account.users, userFor(person, this.at)] });
  }

  // API keys

  createKey(key: NewKey): StoredKey | null {
    const { keys } = this.account;
    if (keys.some(({ value }) => value.equals(key.value))) return null;
    this.count += 1;
    const createdAt = new Date(Math.floor(this.at / 1000) * 1000);
    const made = {
      ...key,
      id: `k${this.count}`,
      enabled: true,
      createdAt,
      changedAt: createdAt,
    };
    const owner = ownerIn(key.name);
    if (owner) this.made.set(made.id, owner);
    this.replace({ keys: [...keys, made] });
    return made;
  }

  findKey(id: string): StoredKey | null {
    return this.account.keys.find((key) => key.id === id) ?? null;
  }

  changeKey(id: string, change: KeyChange, isByHand = false): boolean {
    const found = this.findKey(id);
    if (!found) return false;
    if (isByHand) this.changedByHand.add(id);
    if (change.enabled === false) {
      this.retired = [...this.retired, id];
      this.deadValues.add(found.value.reveal());
    }
    const owner = change.name === undefined ? null : ownerIn(change.name);
    if (owner) this.take(id, owner);
    const changed = { ...found, ...change, changedAt: new Date(this.at) };
    this.replace({
      keys: this.account.keys.map((key) => (key === found ? changed : key)),
    });
    return true;
  }

  /** A key made by hand becomes a customer's, with the calls that were made with it. */
  private take(id: string, owner: Made): void {
    if (!this.made.has(id)) {
      this.imported.add(id);
      this.importing.add(id);
      this.servedTo(owner.sub).merge(this.servedTo(id));
    }
    if (this.imported.has(id)) this.made.set(id, owner);
  }

  deleteKey(id: string): void {
    this.replace({
      keys: this.account.keys.filter((key) => key.id !== id),
      planOf: new Map([...this.account.planOf].filter(([keyId]) => keyId !== id)),
    });
  }

  // Usage plans

  planById(id: string): UsagePlan | null {
    return this.account.plans.find((plan) => plan.id === id) ?? null;
  }

  /** Whether it is one of those that this deployment sells, or was until somebody took its tag. */
  isOurs(planId: string): boolean {
    return !FOREIGN_PLANS.has(planId);
  }

  changePlans(change: (plans: readonly UsagePlan[]) => readonly UsagePlan[]): void {
    this.replace({ plans: change(this.account.plans) });
  }

  attach(planId: string, keyId: string): Attached {
    const there = this.account.planOf.get(keyId);
    if (!this.planById(planId) || !this.findKey(keyId)) return 'gone';
    if (there && there !== planId) throw new AwsUnavailableError('CreateUsagePlanKey', 1);
    if (!there) this.counter(planId, keyId)?.attached();
    this.replace({
      planOf: new Map([...this.account.planOf, [keyId, planId]]),
    });
    return there ? 'there already' : 'attached';
  }

  detach(planId: string, keyId: string): void {
    const left = [...this.account.planOf].filter(([id, plan]) => id !== keyId || plan !== planId);
    this.replace({ planOf: new Map(left) });
  }

  usage(planId: string, keyId: string, from: string, to: string): DayUsage[] {
    if (this.account.planOf.get(keyId) !== planId && !this.habits.usageOutlivesDetach) return [];
    return this.counters.get(`${planId}/${keyId}`)?.report(from, to, this.at) ?? [];
  }

  usageByKey(planId: string, from: string, to: string): Map<string, DayUsage[]> {
    const ids = this.account.keys.map(({ id }) => id);
    const reports = ids.map((id) => [id, this.usage(planId, id, from, to)] as const);
    return new Map(reports.filter(([, days]) => days.length > 0));
  }

  setRemaining(planId: string, keyId: string, remaining: number): boolean {
    if (this.account.planOf.get(keyId) !== planId) return false;
    if (!Number.isInteger(remaining) || remaining < 0) throw new RangeError(`UpdateUsage with ${remaining}`);
    this.counter(planId, keyId)?.set(remaining, this.at);
    return true;
  }

  /** One call with the key; whether it was let through. */
  call({ id, enabled }: StoredKey): boolean {
    const planId = this.account.planOf.get(id);
    const made = this.made.get(id);
    if (!enabled || !planId || this.counter(planId, id)?.call(this.at) !== true) return false;
    if (this.isOurs(planId)) this.servedTo(made?.sub ?? id).add(this.at);
    return true;
  }

  servedTo(sub: string): Served {
    const served = this.served.get(sub) ?? new Served();
    this.served.set(sub, served);
    return served;
  }

  remaining(planId: string, keyId: string): number {
    return this.counter(planId, keyId)?.remaining(this.at) ?? 0;
  }

  private counter(planId: string, keyId: string): Counter | null {
    const name = `${planId}/${keyId}`;
    const plan = this.planById(planId);
    const counter = this.counters.get(name) ?? (plan && new Counter(plan, this.habits, this.at));
    if (counter) this.counters.set(name, counter);
    return counter;
  }

  private notePlanless({ sub, attributes }: DirectoryUser): void {
    if (!attributes['custom:plan'] || attributes['custom:deleting']) this.planlessAt.set(sub, this.at);
  }
}

/** Whose key the name says it is, where it is one of this deployment's. */
function ownerIn(name: string): Made | null {
  const prefix = `turnpike.${POOL_ID}.`;
  const [, sub, generation] = (name.startsWith(prefix) && /^(.+)\.(\d{6})$/.exec(name.slice(prefix.length))) || [];
  return sub ? { sub, generation: Number(generation) } : null;
}
