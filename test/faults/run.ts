import { type Person, strangers } from './account.js';
import { isSettled, type Outcome, perform, targetOf } from './act.js';
import { Belongings } from './belongings.js';
import { Cloud } from './cloud.js';
import type { Habits } from './counters.js';
import { type CallType, type Fault, type FaultKind, Strike } from './faults.js';
import { type Act, CONSOLE_ACTS, type Step, tellStep } from './history.js';
import {
  brokenAtEveryStep,
  brokenAtRest,
  brokenWhenSettled,
  orphansIn,
  retiredWithoutGrounds,
  type Violation,
} from './invariants.js';
import { portsOf } from './ports.js';
import { type Product, productOf, type Variant } from './product.js';
import { QuotaWatch, type Tolerance } from './quota.js';
import { SECRET } from './secrets.js';
import { pick, seeded, upTo } from './seeded.js';
import { type Heard, Told } from './told.js';
import { type Process, settled, type Turns, Wire } from './wire.js';

const MOST_CALLS_IN_FLIGHT = 15;
/** What two processes at once may give away: I6 bears the calls of one round trip. */
export const ROUND_TRIP_CALLS = 15;
const REST_MILLISECONDS = 60_000;

export interface Settings extends Habits {
  readonly seed: number;
  readonly variant?: Variant;
  /** The customers; by default a federated and a local one. */
  readonly people?: readonly Person[];
  /** KEY_SECRET of each process, in the order in which they start; the last is everybody's after. */
  readonly secrets?: readonly [string, ...string[]];
  /** How far the clocks of the second, fourth … process are ahead, and those of the third … behind. */
  readonly skewSeconds?: number;
  /** Who goes on in a race; by default the dice say. */
  readonly turns?: Turns;
  /** Whether to tell what happens, call by call. */
  readonly isTold?: boolean;
}

export interface Report {
  readonly violations: readonly Violation[];
  /** Broken while lists were behind or effects late; healed at rest. */
  readonly early: readonly Violation[];
  readonly tolerances: ReadonlyMap<Tolerance, number>;
  readonly worstOvershoot: number;
  readonly worstExcess: number;
  /** The AWS calls of each step of the history. */
  readonly callsOfStep: readonly (readonly CallType[])[];
  readonly trace: readonly string[];
}

/** Plays a history against the real services, watching what must hold; then lets everything come to rest. */
export async function run(history: readonly Step[], settings: Settings): Promise<Report> {
  return new Run(settings).play(history);
}

interface Watched {
  readonly belongings: Belongings;
  readonly told: Told;
  readonly quota: QuotaWatch;
}

/** A world that a history has been played in, to go on from several times. */
export type Beginning = Pick<Run, 'cloud' | 'watched'>;

const ROUGH: ReadonlySet<FaultKind> = new Set(['late effect', 'list behind']);

export class Run {
  readonly cloud: Cloud;
  watched: readonly Watched[];
  private readonly violations: Violation[] = [];
  private readonly early: Violation[] = [];
  private readonly trace: string[] = [];
  private readonly chance: () => number;
  private readonly wire: Wire;
  private readonly strangers: string;
  private processes = 0;
  private here: { readonly process: Process; readonly product: Product };
  private last: { readonly act: Act; readonly keyId: string } | null = null;
  private callsInFlight = 0;
  private hasRaced = false;
  private isRough: boolean;
  private retired: number;

  constructor(
    private readonly settings: Settings,
    beginning?: Beginning,
  ) {
    this.isRough = settings.listsBehind > 0;
    this.cloud = beginning?.cloud.copy(settings) ?? new Cloud(settings, settings.people);
    this.watched = this.cloud.people.map(({ sub }, place) => this.watch(sub, beginning?.watched[place]));
    this.strangers = strangers(this.cloud.account);
    this.retired = this.cloud.retired.length;
    this.chance = seeded(settings.seed);
    this.wire = new Wire(this.cloud, {
      afterWrite: () => this.look(),
      afterLateWrite: () => this.hearLate(),
      atEachMoment: () => this.callInFlight(),
      say: settings.isTold ? (line) => this.trace.push(line()) : null,
    });
    this.here = this.newProcess();
  }

  async play(history: readonly Step[]): Promise<Report> {
    const callsOfStep: CallType[][] = [];
    for (const step of history) {
      const before = this.wire.calls;
      await this.step(step);
      callsOfStep.push(this.wire.types.slice(before));
    }
    await this.comeToRest();
    const { violations, early, trace } = this;
    const worstOvershoot = Math.max(...this.watched.map(({ quota }) => quota.worstOvershoot));
    const worstExcess = Math.max(...this.watched.map(({ quota }) => quota.worstExcess));
    return {
      violations,
      early,
      worstOvershoot,
      worstExcess,
      tolerances: this.tolerances(),
      callsOfStep,
      trace,
    };
  }

  /** Only the history, without coming to rest: a beginning for others. */
  async begin(history: readonly Step[]): Promise<Beginning> {
    for (const step of history) await this.step(step);
    await settled();
    return this;
  }

  private async step(step: Step): Promise<void> {
    this.cloud.at += 1000;
    this.say(() => tellStep(step));
    switch (step.do) {
      case 'call': {
        const { overlapping, holder } = this.customer(step.who).belongings;
        return this.call(step.who, step.key === 'overlapping' ? overlapping : holder, step.times);
      }
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
        return this.act(step, targetOf(step, this.customer(step.who).belongings), step.fault);
    }
  }

  private async act(act: Act, keyId: string, fault?: Fault): Promise<void> {
    this.last = { act, keyId };
    if (fault) this.isRough ||= ROUGH.has(fault.kind);
    this.wire.strike = fault ? new Strike(fault, this.wire.calls) : null;
    const heard = await this.ask(act, keyId, this.here.product);
    await settled();
    this.wire.strike = null;
    if (this.here.process.isDead) this.here = this.newProcess();
    this.hear([heard]);
  }

  private async both(acts: readonly [Act, Act], callsInFlight: number): Promise<void> {
    this.hasRaced = true;
    this.callsInFlight = callsInFlight;
    const products = [this.here.product, this.newProcess().product] as const;
    const ask = (n: 0 | 1) => this.ask(acts[n], targetOf(acts[n], this.customer(acts[n].who).belongings), products[n]);
    const { turns } = this.settings;
    const dice: Turns = ({ length }) => Math.floor(this.chance() * length);
    const heard = await this.wire.interleave([() => ask(0), () => ask(1)], turns ?? dice, turns !== undefined);
    this.callsInFlight = 0;
    this.hear(heard);
  }

  private async ask(act: Act, keyId: string, product: Product): Promise<Heard> {
    const keys = this.customer(act.who).belongings.keys.map(({ id }) => id);
    if (act.do === 'delete key by hand') this.customer(act.who).quota.forgive();
    const outcome = await perform(act, keyId, product, this.cloud);
    if (BY_HAND.has(act.do)) this.look();
    this.say(() => `  ${tellStep(act)}: ${outcome.kind}${stateIn(outcome)}`);
    if (outcome.kind === 'broke') this.note([{ invariant: 'answer', text: String(outcome.error) }]);
    if (outcome.kind === 'acknowledged' && outcome.key) this.checkValue(outcome.key);
    return { act, keyId, keys, outcome };
  }

  private hear(heard: readonly Heard[]): void {
    this.watched = this.watched.map((one, place) => {
      const person = this.cloud.people[place];
      const about = heard.filter(({ act }) => (act.who ?? 0) === place && act.do !== 'sweep');
      if (person && person.sub !== one.belongings.sub) return this.watch(person.sub);
      if (about.length > 0) this.hearOf(one, about);
      return one;
    });
  }

  private hearOf({ belongings, told }: Watched, heard: readonly Heard[]): void {
    told.hear(heard);
    this.look();
    // Of the customer's own requests only: a reconcile that AWS fails answers no subscription for a plan it cannot name.
    const isCarriedOut = heard.some(({ act, outcome }) => !isStaff(act) && outcome.kind === 'acknowledged');
    if (!isCarriedOut || !heard.every(({ outcome }) => isSettled(outcome)) || !belongings.user) return;
    this.noteBeforeRest(brokenWhenSettled(this.cloud, belongings, told));
  }

  private checkValue({ id, value }: { id: string; value: string }): void {
    const key = this.cloud.findKey(id);
    if (key?.value.reveal() !== value)
      this.noteBeforeRest([{ invariant: 'answer', text: `${id} was shown with a wrong value` }]);
    if (!this.hasRaced && key?.enabled !== true)
      this.noteBeforeRest([{ invariant: 'answer', text: `${id} was shown and is dead` }]);
  }

  /** One quiet sweep, under lag more once the reports have come in; the next settle the books, the last has nothing to do. */
  private async comeToRest(): Promise<void> {
    await settled();
    this.wire.arrive();
    const { product } = this.newProcess(0);
    await this.sweep(product);
    for (let round = 0; round < 3 && this.settings.lagSeconds > 0; round++) {
      this.cloud.at += (this.settings.lagSeconds + 1) * 1000;
      await this.sweep(product);
    }
    for (const one of this.watched) this.lookAtRest(one);
    this.note(orphansIn(this.cloud));
    if (strangers(this.cloud.account) !== this.strangers) this.note([{ invariant: 'I8', text: 'a stranger changed' }]);
    const isBlocked = [...this.cloud.account.planOf].some(
      ([id, plan]) => this.cloud.made.has(id) && !this.cloud.isOurs(plan),
    );
    if (this.settings.turns || isBlocked) return;
    for (const person of this.cloud.people) await product.reconcile(person);
    await this.sweep(product);
    const before = this.wire.written.length;
    await this.sweep(product);
    const written = this.wire.written.slice(before);
    if (written.length > 0) this.note([{ invariant: 'rest', text: `it still does ${written.join(', ')}` }]);
  }

  private lookAtRest({ belongings, told, quota }: Watched): void {
    for (const violation of brokenAtRest(this.cloud, belongings, told)) {
      // A key that another process has switched off, and a list shows as it was, is handed out: nothing mends that.
      if (violation.invariant === 'I5') this.noteBeforeRest([violation]);
      else this.note([violation]);
    }
    if (belongings.isSuspended || told.isTampered) return;
    const { missing } = quota.atRest();
    // Two processes at once may cost the customer a few calls, counted twice, and so do clocks that differ.
    const { lagSeconds, skewSeconds = 0 } = this.settings;
    const isExact = !this.hasRaced && !this.isRough && lagSeconds === 0 && skewSeconds === 0;
    if (isExact && missing > 0)
      this.note([
        {
          invariant: 'quota',
          text: `${missing} calls that are due are missing`,
        },
      ]);
    const allowed = this.hasRaced || this.isRough ? ROUND_TRIP_CALLS : 0;
    const { worstExcess } = quota;
    if (worstExcess > allowed) this.note([{ invariant: 'quota', text: `${worstExcess} calls more than are due` }]);
  }

  private async sweep(product: Product): Promise<void> {
    this.cloud.at += REST_MILLISECONDS;
    this.say(() => 'at rest: sweep');
    await product.sweep();
    await settled();
  }

  private call(who: number | undefined, key: Belongings['holder'], times: number): void {
    if (key) this.customer(who).quota.call(key, times, this.callsInFlight > 0);
  }

  private callInFlight(): void {
    if (this.callsInFlight === 0 || this.chance() >= this.callsInFlight) return;
    const [first, ...others] = this.customer(0).belongings.live;
    if (first) this.call(0, pick(this.chance, [first, ...others]), upTo(this.chance, MOST_CALLS_IN_FLIGHT));
  }

  /** After every effect. */
  private look(): void {
    for (const { belongings, told } of this.watched) {
      this.noteBeforeRest(brokenAtEveryStep(this.cloud, belongings, told));
    }
    for (const id of this.cloud.retired.slice(this.retired)) {
      this.noteBeforeRest(retiredWithoutGrounds(this.cloud, id));
    }
    this.retired = this.cloud.retired.length;
  }

  private hearLate(): void {
    for (const { belongings, told } of this.watched) told.hearLate(belongings.planCode);
    this.look();
  }

  private noteBeforeRest(violations: readonly Violation[]): void {
    this.note(violations, this.isRough ? this.early : this.violations);
  }

  private note(violations: readonly Violation[], to: Violation[] = this.violations): void {
    for (const violation of violations) {
      if (to.some(({ invariant }) => invariant === violation.invariant)) continue;
      to.push(violation);
      this.say(() => `!!! ${violation.invariant}: ${violation.text}`);
    }
  }

  private say(line: () => string): void {
    if (this.settings.isTold) this.trace.push(line());
  }

  private customer(who = 0): Watched {
    const watched = this.watched[who];
    if (!watched) throw new RangeError(`There is no customer ${who}`);
    return watched;
  }

  private watch(sub: string, earlier?: Watched): Watched {
    const belongings = new Belongings(this.cloud, sub);
    const quota = earlier?.quota.copy(this.cloud, belongings) ?? new QuotaWatch(this.cloud, belongings);
    return { belongings, quota, told: earlier?.told.copy() ?? new Told() };
  }

  private tolerances(): ReadonlyMap<Tolerance, number> {
    const all = this.watched.flatMap(({ quota }) => [...quota.tolerances]);
    return all.reduce((sum, [reason, n]) => sum.set(reason, (sum.get(reason) ?? 0) + n), new Map<Tolerance, number>());
  }

  private newProcess(skewSeconds = this.settings.skewSeconds ?? 0) {
    const { secrets = [SECRET], lagSeconds, variant = {} } = this.settings;
    const skewMilliseconds = skewSeconds * 1000 * ([0, 1, -1][this.processes % 3] ?? 0);
    this.processes += 1;
    const process: Process = {
      name: `P${this.processes}`,
      skewMilliseconds,
      isDead: false,
    };
    const ports = portsOf(this.cloud, this.wire, process, this.chance);
    const secret = secrets[this.processes - 1] ?? secrets.at(-1) ?? SECRET;
    return { process, product: productOf(ports, lagSeconds, secret, variant) };
  }
}

function stateIn(outcome: Outcome): string {
  return outcome.kind === 'acknowledged' ? ` ${outcome.subscription?.state ?? 'without subscription'}` : '';
}

function nextMonth(now: Date): number {
  return Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1) + 3_600_000;
}

const BY_HAND: ReadonlySet<string> = new Set([...CONSOLE_ACTS, 'edit plan by hand']);

/** Acts of the people who run the API, which answer nobody. */
function isStaff({ do: what }: Act): boolean {
  return BY_HAND.has(what) || ['suspend', 'resume', 'grant', 'reconcile', 'sweep'].includes(what);
}
