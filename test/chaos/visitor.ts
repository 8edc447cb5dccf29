import { setTimeout as pause } from 'node:timers/promises';
import { pick, upTo } from '../faults/seeded.js';
import { type Act, ask, isCarriedOut, type Reply } from './client.js';
import type { Fleet } from './fleet.js';
import { Memory } from './memory.js';
import type { Account, SandboxProcess } from './sandbox-process.js';
import type { Tally } from './tally.js';

const UNFINISHED_SECONDS = 2;
const LOST_SECONDS = 0.3;
const DOUBLE_CLICKS = 0.2;
const MOST_CALLS = 15;
const LONG_GRACE_SECONDS = 3600;
const GRACES = [0, 0, 1, LONG_GRACE_SECONDS] as const;

export interface Surroundings {
  readonly fleet: Fleet;
  readonly sandbox: SandboxProcess;
  readonly tally: Tally;
  readonly chance: () => number;
  /** How long a visitor looks at the page before the next click, at most. */
  readonly thinkSeconds: number;
  /** When nothing new is to be begun. */
  readonly over: AbortSignal;
}

/** When a visitor uses the key: never, between requests to Turnpike, or during them too. */
export type Calling = 'never' | 'between' | 'always';

/** What is done by an admin in the middle of everything. */
export type Fate = 'deleted' | 'disabled';

/** A customer at the website, who waits as told, repeats what was not answered, and remembers what was promised. */
export class Visitor {
  readonly memory = new Memory();
  fate: Fate | null = null;
  /** Calls of the API that were let through; in flight: while Turnpike may have been at work. */
  served = 0;
  servedInFlight = 0;
  private isTurnedAway = false;

  constructor(
    readonly account: Account,
    /** The plans to choose from; who has one only is measured against its quota. */
    readonly plans: readonly [string, ...string[]],
    private readonly calling: Calling,
    private readonly around: Surroundings,
  ) {}

  async visit(): Promise<void> {
    const { chance, thinkSeconds } = this.around;
    while (!this.isAway()) {
      await this.wait(chance() * thinkSeconds);
      if (this.isAway()) return;
      const act = this.nextAct();
      this.memory.began(act);
      const clicks = chance() < DOUBLE_CLICKS ? [act, act] : [act];
      await this.probeDeadKey();
      if (this.calling !== 'never') await this.call(upTo(chance, MOST_CALLS));
      await Promise.all([
        ...clicks.map((click) => this.carryOut(click)),
        this.calling === 'always' ? this.call(upTo(chance, MOST_CALLS)) : null,
      ]);
    }
  }

  private isAway(): boolean {
    return this.around.over.aborted || this.isTurnedAway;
  }

  /** Ends early when all is over. */
  private async wait(seconds: number): Promise<void> {
    await pause(seconds * 1000, undefined, { signal: this.around.over }).catch(() => {});
  }

  private nextAct(): Act {
    const { chance } = this.around;
    const { plans, key, overlap } = this.memory;
    if (plans.every((plan) => plan === null)) return { do: 'subscribe', plan: pick(chance, this.plans) };
    if (!key) return { do: 'reveal' };
    const dice = chance();
    if (dice < 0.3) return { do: 'subscribe', plan: pick(chance, this.plans) };
    if (dice < 0.65) return { do: 'rotate', keyId: key.id, graceSeconds: pick(chance, GRACES) };
    if (dice < 0.8) return overlap ? { do: 'revoke', keyId: overlap.id } : { do: 'reveal' };
    return dice < 0.92 ? { do: 'cancel' } : { do: 'reveal' };
  }

  /** The request, and the same again until it is answered and carried out. */
  private async carryOut(act: Act): Promise<void> {
    let next = act;
    while (!this.isAway()) {
      const reply = await this.send(next);
      if (reply.kind === 'turned away') this.isTurnedAway = true;
      if (reply.kind === 'turned away' || reply.kind === 'broken') return;
      if (reply.kind === 'answered') {
        if (isCarriedOut(reply.outcome)) return;
        if (next.do !== 'cancel') next = { do: 'reveal' };
      }
      await this.wait(secondsAfter(reply));
    }
  }

  private async send(act: Act): Promise<Reply> {
    const { fleet, chance, tally } = this.around;
    const [first, ...others] = fleet.urls;
    if (first === undefined) return { kind: 'lost' };
    this.memory.sent(act);
    const reply = await ask(pick(chance, [first, ...others]), this.account.token, act);
    this.memory.ended(act, reply);
    tally.heard(reply);
    if (reply.kind === 'turned away' && !this.fate) this.memory.lies.push(`${act.do} was answered ${reply.code}`);
    if (reply.kind === 'answered' && !this.fate) this.memory.heard(act, reply.outcome);
    return reply;
  }

  /** Uses a key that should work, or the one handed out last, dead or alive. */
  private async call(times: number): Promise<void> {
    const { values, overlap } = this.memory;
    const overlapping = overlap && this.around.chance() < 0.5 ? values.get(overlap.id) : undefined;
    const value = overlapping ?? [...values.values()].at(-1);
    for (let n = 0; value !== undefined && n < times; n++) {
      const { isSettled, requests } = this.memory;
      const { status } = await this.around.sandbox.callApi(value);
      if (status !== 200) return;
      this.served += 1;
      if (!isSettled || this.memory.requests !== requests) this.servedInFlight += 1;
    }
  }

  private async probeDeadKey(): Promise<void> {
    const [id] = [...this.memory.dead].slice(-1);
    if (id === undefined || this.fate) return;
    const { status } = await this.around.sandbox.callApi(this.memory.values.get(id) ?? '');
    if (status !== 403) this.memory.lies.push(`key ${id} is dead, and the API answered ${status}`);
  }
}

function secondsAfter(reply: Reply): number {
  if (reply.kind === 'try again') return reply.seconds;
  return reply.kind === 'lost' ? LOST_SECONDS : UNFINISHED_SECONDS;
}
