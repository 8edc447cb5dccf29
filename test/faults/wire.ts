import { AwsUnavailableError, KeyQuotaExceededError } from '../../src/aws/failures.js';
import type { Account } from './account.js';
import type { Cloud } from './cloud.js';
import { type CallType, type FaultKind, isWrite, ProcessDied, type Strike } from './faults.js';

const ROUND_TRIP_MILLISECONDS = 20;
const HANG_MILLISECONDS = 10_000;
const LATE_CALLS = 5;
const LIST_BEHIND = 4;

/** A process of Turnpike, as far as AWS can tell. */
export interface Process {
  readonly name: string;
  /** How far its clock is off. */
  readonly skewMilliseconds: number;
  isDead: boolean;
  /** How many calls it has made. */
  calls: number;
  strike: Strike | null;
}

export interface Call<T> {
  readonly name: string;
  readonly type: CallType;
  readonly effect: (listed: Account) => T;
  readonly detail?: () => string;
}

/** One who waits for a turn. */
export interface Waiting {
  readonly process: Process;
  readonly goOn: () => void;
}

/** Says which of those that wait goes on. */
export type Turns = (waiting: readonly Waiting[]) => number;

export interface Hooks {
  afterWrite(): void;
  /** An effect that came after its caller had given it up. */
  afterLateWrite(): void;
  atEachMoment(): void;
  say: ((line: () => string) => void) | null;
}

/**
 * Between Turnpike and the cloud. Each call has two moments at which something may happen: before its effect, and
 * between effect and reply. There it may fail, its process may die, and another process may get its turn.
 */
export class Wire {
  calls = 0;
  readonly types: CallType[] = [];
  readonly written: string[] = [];
  private waiting: Waiting[] | null = null;
  private isCoarse = false;
  private late: { readonly due: number; readonly effect: () => unknown }[] = [];

  constructor(
    private readonly cloud: Cloud,
    private readonly hooks: Hooks,
  ) {}

  async send<T>(process: Process, call: Call<T>): Promise<T> {
    if (process.isDead) throw new ProcessDied();
    this.cloud.at += ROUND_TRIP_MILLISECONDS;
    this.calls += 1;
    process.calls += 1;
    const number = this.calls;
    this.types.push(call.type);
    const fault = process.strike?.at(process.calls, call.type) ?? null;
    if (this.waiting) await this.turn(process);
    this.hooks.atEachMoment();
    if (process.isDead) throw new ProcessDied();
    this.hooks.say?.(() => tellCall(process, number, call, fault));
    this.failBefore(process, call, fault, number);
    const reply = this.effect(call, fault);
    if (this.waiting && !this.isCoarse) await this.turn(process);
    this.hooks.atEachMoment();
    this.failAfter(process, call, fault);
    return reply;
  }

  async sleep(process: Process, milliseconds: number): Promise<void> {
    if (process.isDead) throw new ProcessDied();
    this.cloud.at += milliseconds;
    if (this.waiting) await this.turn(process);
  }

  /** Effects that are still on their way arrive. */
  arrive(until = Number.POSITIVE_INFINITY): void {
    if (this.late.length === 0) return;
    const due = this.late.filter((one) => one.due <= until);
    this.late = this.late.filter((one) => one.due > until);
    for (const { effect } of due) effect();
  }

  /** Runs several works at once; whenever all of them wait, `turns` says who goes on. Coarse = before effects only. */
  async interleave<T>(works: readonly (() => Promise<T>)[], turns: Turns, isCoarse: boolean): Promise<T[]> {
    const waiting: Waiting[] = [];
    this.waiting = waiting;
    this.isCoarse = isCoarse;
    const all = Promise.all(works.map((work) => work()));
    all.catch(() => undefined);
    for (await settled(); waiting.length > 0; await settled()) {
      waiting.splice(waiting.length > 1 ? turns(waiting) : 0, 1)[0]?.goOn();
    }
    this.waiting = null;
    return all;
  }

  private turn(process: Process): Promise<void> {
    return new Promise((goOn) => this.waiting?.push({ process, goOn }));
  }

  private failBefore(process: Process, call: Call<unknown>, fault: FaultKind | null, number: number): void {
    this.arrive(number);
    switch (fault) {
      case 'hang before':
        this.cloud.at += HANG_MILLISECONDS;
        throw new AwsUnavailableError(call.name, 1);
      case 'late effect':
        this.late.push({
          due: number + LATE_CALLS,
          effect: () => lateEffect(call, this.cloud, this.hooks),
        });
        throw new AwsUnavailableError(call.name, 1);
      case 'error before':
      case 'outage':
      case 'throttled':
      case 'conflict':
        throw new AwsUnavailableError(call.name, 1);
      case 'death before':
        process.isDead = true;
        throw new ProcessDied();
      case 'full account':
        throw new KeyQuotaExceededError(call.name);
      default:
    }
  }

  private effect<T>(call: Call<T>, fault: FaultKind | null): T {
    const behind = fault === 'list behind' ? LIST_BEHIND : this.cloud.habits.listsBehind;
    const reply = call.effect(this.accountFor(call.type, behind, fault));
    if (isWrite(call.type)) {
      this.written.push(call.name);
      this.hooks.afterWrite();
    }
    if (fault === 'item repeated' && Array.isArray(reply)) reply.push(...reply.slice(-1));
    return reply;
  }

  private accountFor(type: CallType, behind: number, fault: FaultKind | null): Account {
    if (type !== 'list' && type !== 'register') return this.cloud.account;
    const listed = this.cloud.listed(behind);
    return fault === 'nothing listed' ? { ...listed, users: [], plans: [] } : listed;
  }

  private failAfter(process: Process, { name }: Call<unknown>, fault: FaultKind | null): void {
    if (fault === 'hang after') this.cloud.at += HANG_MILLISECONDS;
    if (fault === 'error after' || fault === 'hang after') throw new AwsUnavailableError(name, 1);
    if (fault === 'death after') process.isDead = true;
    if (process.isDead) throw new ProcessDied();
  }
}

/** What AWS refuses when it comes to it, nobody hears of. */
function lateEffect({ name, effect }: Call<unknown>, cloud: Cloud, hooks: Hooks): void {
  hooks.say?.(() => `    … ${name} takes effect only now`);
  try {
    effect(cloud.account);
  } catch (error) {
    if (!(error instanceof AwsUnavailableError)) throw error;
  }
  hooks.afterLateWrite();
}

function tellCall({ name }: Process, number: number, call: Call<unknown>, fault: FaultKind | null): string {
  return `    ${name} ${number} ${call.name} ${call.detail?.() ?? ''}${fault ? ` !! ${fault}` : ''}`;
}

/** Lets everything happen that waits for nothing but its turn: ticks come after all promises. */
export function settled(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}
