import type { StoredKey } from '../../src/aws/key-store.js';
import { Cloud } from './cloud.js';
import type { Habits } from './counters.js';
import type { Fault } from './faults.js';
import { type Act, isSettled, type Outcome, perform, type Step, targetOf, tellStep } from './history.js';
import { brokenAtEveryStep, brokenAtRest, brokenWhenSettled, type Violation } from './invariants.js';
import { portsOf } from './ports.js';
import { type Product, productOf, type Variant } from './product.js';
import { QuotaWatch, type Tolerance } from './quota.js';
import { pick, seeded, upTo } from './seeded.js';
import { type Heard, Told } from './told.js';
import { type Process, settled, Wire } from './wire.js';

const MOST_CALLS_IN_FLIGHT = 15;

export interface Settings extends Habits {
  readonly seed: number;
  readonly variant?: Variant;
}

export interface Report {
  readonly violations: readonly Violation[];
  readonly tolerated: readonly Tolerance[];
  readonly worstOvershoot: number;
  /** AWS calls of each step of the history. */
  readonly callsOfStep: readonly number[];
  readonly trace: readonly string[];
}

/** Plays a history against the real services, watching what must hold; then lets everything come to rest. */
export async function run(history: readonly Step[], settings: Settings): Promise<Report> {
  return new Run(settings).play(history);
}

class Run {
  private readonly violations: Violation[] = [];
  private readonly trace: string[] = [];
  private readonly cloud: Cloud;
  private readonly chance: () => number;
  private readonly quota: QuotaWatch;
  private readonly told = new Told();
  private readonly wire: Wire;
  private processes = 0;
  private here: { readonly process: Process; readonly product: Product };
  private last: { readonly act: Act; readonly keyId: string } | null = null;
  private callsInFlight = 0;
  private hasRaced = false;

  constructor(private readonly settings: Settings) {
    this.cloud = new Cloud(settings);
    this.chance = seeded(settings.seed);
    this.quota = new QuotaWatch(this.cloud, settings.lagSeconds);
    this.wire = new Wire(this.cloud, this.chance, {
      afterEffect: () => this.note(...brokenAtEveryStep(this.cloud, this.told)),
      atEachMoment: () => this.callInFlight(),
      say: (line) => this.trace.push(line),
    });
    this.here = this.newProcess();
  }

  async play(history: readonly Step[]): Promise<Report> {
    const callsOfStep: number[] = [];
    for (const step of history) {
      const before = this.wire.calls;
      this.cloud.at += 1000;
      this.trace.push(tellStep(step));
      await this.step(step);
      callsOfStep.push(this.wire.calls - before);
    }
    await this.comeToRest();
    const { violations, trace } = this;
    const { tolerated, worstOvershoot } = this.quota;
    return { violations, tolerated, worstOvershoot, callsOfStep, trace };
  }

  private async step(step: Step): Promise<void> {
    switch (step.do) {
      case 'call':
        return this.call(step.key === 'overlapping' ? this.cloud.overlapping() : this.cloud.holder(), step.times);
      case 'wait':
        this.cloud.at += step.seconds * 1000;
        return;
      case 'wait for next month':
        this.cloud.at = nextMonth(new Date(this.cloud.at));
        return;
      case 'new process':
        this.here = this.newProcess();
        return;
      case 'both':
        return this.both(step.acts, step.callsInFlight);
      case 'ask again':
        if (this.last) await this.act(this.last.act, this.last.keyId);
        return;
      default:
        return this.act(step, targetOf(step, this.cloud), step.fault);
    }
  }

  private async act(act: Act, keyId: string, fault?: Fault): Promise<void> {
    this.last = { act, keyId };
    if (fault) this.wire.fault = { ...fault, call: this.wire.calls + fault.call };
    const heard = await this.ask(act, keyId, this.here.product);
    this.wire.fault = undefined;
    if (this.here.process.isDead) this.here = this.newProcess();
    this.hear([heard]);
  }

  private async both(acts: readonly [Act, Act], callsInFlight: number): Promise<void> {
    this.hasRaced = true;
    this.callsInFlight = callsInFlight;
    const products = [this.here.product, this.newProcess().product] as const;
    const ask = (n: 0 | 1) => this.ask(acts[n], targetOf(acts[n], this.cloud), products[n]);
    const heard = await this.wire.interleave([() => ask(0), () => ask(1)]);
    this.callsInFlight = 0;
    this.hear(heard);
  }

  private async ask(act: Act, keyId: string, product: Product): Promise<Heard> {
    const keys = this.cloud.keys.map(({ id }) => id);
    const outcome = await perform(act, keyId, product, this.cloud);
    this.trace.push(`  ${tellStep(act)}: ${outcome.kind}${stateIn(outcome)}`);
    if (outcome.kind === 'broke') this.note({ invariant: 'answer', text: String(outcome.error) });
    if (outcome.kind === 'acknowledged' && outcome.key) this.checkValue(outcome.key);
    return { act, keyId, keys, outcome };
  }

  private hear(heard: readonly Heard[]): void {
    this.told.hear(heard);
    this.note(...brokenAtEveryStep(this.cloud, this.told));
    // Of the customer's own requests only: a reconcile that AWS fails answers no subscription for a plan it cannot name.
    const isCarriedOut = heard.some(({ act, outcome }) => !STAFF.has(act.do) && outcome.kind === 'acknowledged');
    if (isCarriedOut && heard.every(({ outcome }) => isSettled(outcome))) this.note(...brokenWhenSettled(this.cloud));
  }

  private checkValue({ id, value }: { id: string; value: string }): void {
    const key = this.cloud.keys.find((one) => one.id === id);
    if (key?.value.reveal() !== value) this.note({ invariant: 'answer', text: `${id} was shown with a wrong value` });
    if (!this.hasRaced && key?.enabled !== true)
      this.note({ invariant: 'answer', text: `${id} was shown and is dead` });
  }

  /** One quiet reconcile, under lag more once the reports have come in; the next settles the books, the last has nothing to do. */
  private async comeToRest(): Promise<void> {
    await settled();
    const { product } = this.newProcess();
    await this.rest(product);
    if (this.settings.lagSeconds > 0) {
      for (let round = 0; round < 3; round++) {
        this.cloud.at += (this.settings.lagSeconds + 1) * 1000;
        await this.rest(product);
      }
    }
    this.note(...brokenAtRest(this.cloud, this.told));
    // Two processes at once may cost the customer a few calls, counted twice; they never give any.
    const isExact = !this.hasRaced && this.settings.lagSeconds === 0;
    const quota = this.cloud.attributes['custom:suspended'] ? null : this.quota.atRest(isExact);
    if (quota) this.note({ invariant: 'quota', text: quota });
    await this.rest(product);
    const before = this.wire.written.length;
    await this.rest(product);
    const written = this.wire.written.slice(before);
    if (written.length > 0) this.note({ invariant: 'rest', text: `it still does ${written.join(', ')}` });
  }

  private async rest(product: Product): Promise<void> {
    this.cloud.at += 1000;
    this.trace.push('at rest: reconcile');
    await product.reconcile();
    await settled();
  }

  private call(key: StoredKey | null, times: number): void {
    const text = key && this.quota.call(key, times, this.callsInFlight > 0);
    if (text) this.note({ invariant: 'quota', text });
  }

  private callInFlight(): void {
    if (this.callsInFlight === 0 || this.chance() >= this.callsInFlight) return;
    const [first, ...others] = this.cloud.live();
    if (first) this.call(pick(this.chance, [first, ...others]), upTo(this.chance, MOST_CALLS_IN_FLIGHT));
  }

  private note(...violations: readonly Violation[]): void {
    for (const violation of violations) {
      if (this.violations.some(({ invariant }) => invariant === violation.invariant)) continue;
      this.violations.push(violation);
      this.trace.push(`!!! ${violation.invariant}: ${violation.text}`);
    }
  }

  private newProcess() {
    this.processes += 1;
    const process: Process = { name: `P${this.processes}`, isDead: false };
    const ports = portsOf(this.cloud, this.wire, process, this.chance);
    return { process, product: productOf(ports, this.settings.lagSeconds, this.settings.variant ?? {}) };
  }
}

function stateIn(outcome: Outcome): string {
  return outcome.kind === 'acknowledged' ? ` ${outcome.subscription?.state ?? 'without subscription'}` : '';
}

function nextMonth(now: Date): number {
  return Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1) + 3_600_000;
}

/** Acts of the people who run the API, which answer nobody. */
const STAFF: ReadonlySet<string> = new Set(['suspend', 'resume', 'grant', 'reconcile']);
