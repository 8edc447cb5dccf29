import type { SandboxReply } from '../http.js';
import { type FaultRule, faultRule } from './fault-rule.js';
import { concurrentModification, tooManyRequests, unavailable } from './refusals.js';
import type { ServiceCall } from './service-habits.js';

/** A rule, how many calls it has looked at since it was made, and how many of them went wrong through it. */
export type FaultReport = FaultRule & { readonly seen: number; readonly hits: number };

type Run = () => Promise<SandboxReply>;
type Sleep = (milliseconds: number) => Promise<void>;

const HANG_MILLISECONDS = 10_000;

/** The connection ends without a reply. */
export const CUT: SandboxReply = { status: 500, cut: true };

/** The faults that were asked for. Each rule counts all calls that match it; of several that want one, the oldest acts. */
export class Faults {
  private rules: Fault[] = [];

  get isEmpty(): boolean {
    return this.rules.length === 0;
  }

  add(rule: FaultRule): void {
    this.rules.push(new Fault(faultRule(rule)));
  }

  clear(): void {
    this.rules = [];
  }

  report(): FaultReport[] {
    return this.rules.map(({ rule, seen, hits }) => ({ ...rule, seen, hits }));
  }

  run(call: ServiceCall, run: Run, sleep: Sleep): Promise<SandboxReply> {
    const [acting] = this.rules.filter((fault) => fault.wants(call)); // all of them count the call
    if (!acting) return run();
    acting.strike();
    return goneWrong(acting.rule, call, run, sleep);
  }
}

class Fault {
  seen = 0;
  hits = 0;
  private begun = 0;
  private storm = 0;
  private readonly chance: () => number;

  constructor(readonly rule: FaultRule) {
    this.chance = randomFrom(rule.seed ?? 1);
  }

  wants({ operation, service }: ServiceCall): boolean {
    if (this.rule.operation !== '*' && this.rule.operation !== operation) return false;
    if (this.rule.kind === 'conflict' && service !== 'gateway') return false;
    this.seen += 1;
    const { nth, every, probability, times = Number.POSITIVE_INFINITY } = this.rule;
    if (this.storm > 0) return true;
    if (this.begun >= times) return false;
    if (nth !== undefined) return this.seen === nth;
    if (every !== undefined) return this.seen % every === 0;
    return probability === undefined || this.chance() < probability;
  }

  strike(): void {
    this.hits += 1;
    if (this.storm > 0) this.storm -= 1;
    else {
      this.begun += 1;
      this.storm = (this.rule.calls ?? 1) - 1;
    }
  }
}

async function goneWrong(rule: FaultRule, { service }: ServiceCall, run: Run, sleep: Sleep): Promise<SandboxReply> {
  const { effect = true, milliseconds = HANG_MILLISECONDS } = rule;
  if (rule.kind === 'before') throw unavailable(service);
  if (rule.kind === 'throttle') throw tooManyRequests(service);
  if (rule.kind === 'conflict') throw concurrentModification();
  if (rule.kind === 'hang' && !effect) {
    await sleep(milliseconds);
    return run();
  }
  if (rule.kind === 'half') return run().then(halved, () => CUT);
  const outcome = effect ? await outcomeOf(run) : () => CUT;
  if (rule.kind === 'after') throw unavailable(service);
  if (rule.kind === 'cut') return CUT;
  await sleep(milliseconds);
  return outcome();
}

/** Of a reply without a body there is no half. */
function halved(reply: SandboxReply): SandboxReply {
  return reply.body || reply.bytes?.length ? { ...reply, half: true } : CUT;
}

/** The reply, or the refusal to be thrown, once somebody wants to know. */
function outcomeOf(run: Run): Promise<() => SandboxReply> {
  return run().then(
    (reply) => () => reply,
    (error: unknown) => () => {
      throw error;
    },
  );
}

/** Numbers from 0 to 1 that look random and are the same for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
