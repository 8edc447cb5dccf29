import type { HandMade } from './account.js';
import { isSettled, type Outcome, perform, targetOf } from './act.js';
import type { Belongings } from './belongings.js';
import { Cloud } from './cloud.js';
import { type CallType, type Fault, Strike } from './faults.js';
import { type Act, type Step, type StruckAct, tellStep } from './history.js';
import { portsOf } from './ports.js';
import { type Product, productOf } from './product.js';
import { SECRET } from './secrets.js';
import { pick, seeded, upTo } from './seeded.js';
import type { Report, Settings } from './settings.js';
import type { Heard } from './told.js';
import { type Process, settled, type Turns, Wire } from './wire.js';
import { type Watched, Witness } from './witness.js';

const MOST_CALLS_IN_FLIGHT = 15;
const REST_MILLISECONDS = 60_000;

/** Plays a history against the real services, watching what must hold; then lets everything come to rest. */
export async function run(history: readonly Step[], settings: Settings): Promise<Report> {
  return new Run(settings).play(history);
}

/** A world that a history has been played in, to go on from several times. */
export interface Beginning {
  readonly cloud: Cloud;
  readonly watched: readonly Watched[];
}

interface Server {
  readonly process: Process;
  readonly product: Product;
}

export class Run {
  readonly cloud: Cloud;
  private readonly witness: Witness;
  private readonly chance: () => number;
  private readonly wire: Wire;
  private processes = 0;
  private here: Server;
  private last: { readonly act: Act; readonly keyId: string } | null = null;
  private callsInFlight = 0;

  constructor(
    private readonly settings: Settings,
    beginning?: Beginning,
  ) {
    this.cloud = beginning?.cloud.copy(settings) ?? new Cloud(settings, settings.people);
    this.witness = new Witness(this.cloud, settings, beginning?.watched ?? []);
    this.chance = seeded(settings.seed);
    this.wire = new Wire(this.cloud, {
      afterWrite: () => this.witness.look(),
      afterLateWrite: () => this.witness.hearLate(),
      atEachMoment: () => this.callInFlight(),
      say: settings.isTold ? (line) => this.witness.say(line) : null,
    });
    this.here = this.newProcess();
  }

  get watched(): readonly Watched[] {
    return this.witness.watched;
  }

  async play(history: readonly Step[]): Promise<Report> {
    const callsOfStep: CallType[][] = [];
    for (const step of history) {
      const before = this.wire.calls;
      await this.step(step);
      callsOfStep.push(this.wire.types.slice(before));
    }
    await this.comeToRest();
    return { ...this.witness.report(), callsOfStep };
  }

  /** Only the history, without coming to rest: a beginning for others. */
  async begin(history: readonly Step[]): Promise<Beginning> {
    for (const step of history) await this.step(step);
    await settled();
    return this;
  }

  private async step(step: Step): Promise<void> {
    this.cloud.at += 1000;
    this.witness.say(() => tellStep(step));
    switch (step.do) {
      case 'call': {
        const { overlapping, holder } = this.witness.customer(step.who).belongings;
        if (step.key === 'h1' || step.key === 'h2') return this.callByHand(step.key, step.times);
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
        return this.act(step, targetOf(step, this.witness.customer(step.who).belongings), step.fault);
    }
  }

  private async act(act: Act, keyId: string, fault?: Fault): Promise<void> {
    this.last = { act, keyId };
    this.arm(this.here.process, fault);
    const heard = await this.ask(act, keyId, this.here.product);
    await this.disarm(this.here);
    this.witness.hear([heard]);
  }

  private async both(acts: readonly [StruckAct, StruckAct], callsInFlight: number): Promise<void> {
    this.witness.hasRaced = true;
    this.callsInFlight = callsInFlight;
    const servers = [this.here, this.newProcess()] as const;
    const ask = (n: 0 | 1) => {
      const act = acts[n];
      this.arm(servers[n].process, act.fault);
      return this.ask(act, targetOf(act, this.witness.customer(act.who).belongings), servers[n].product, true);
    };
    const { turns } = this.settings;
    const dice: Turns = ({ length }) => Math.floor(this.chance() * length);
    const heard = await this.wire.interleave([() => ask(0), () => ask(1)], turns ?? dice, turns !== undefined);
    this.callsInFlight = 0;
    await this.disarm(this.here);
    this.witness.hear(heard);
  }

  private arm(process: Process, fault: Fault | undefined): void {
    if (fault) this.witness.expect(fault.kind);
    process.strike = fault ? new Strike(fault, process.calls) : null;
  }

  /** What it began and did not wait for meets its fault too; in the place of a process that died comes another. */
  private async disarm({ process }: Server): Promise<void> {
    await settled();
    process.strike = null;
    if (process.isDead) this.here = this.newProcess();
  }

  private async ask(act: Act, keyId: string, product: Product, isRacing = false): Promise<Heard> {
    const keys = this.witness.customer(act.who).belongings.keys.map(({ id }) => id);
    if (act.do === 'delete key by hand') this.witness.customer(act.who).quota.forgive();
    const outcome = await perform(act, keyId, product, this.cloud);
    this.witness.say(() => `  ${tellStep(act)}: ${outcome.kind}${stateIn(outcome)}`);
    const heard = { act, keyId, keys, outcome };
    if (isSettled(outcome) && outcome.kind === 'acknowledged' && !isRacing) this.endImports(act);
    this.witness.hearAnswer(heard);
    return heard;
  }

  /** What is half imported, the next request about the customer finishes. */
  private endImports(act: Act): void {
    for (const id of this.cloud.importing) {
      const owner = this.cloud.made.get(id)?.sub;
      if (act.do === 'sweep' || owner === this.witness.customer(act.who).belongings.sub)
        this.cloud.importing.delete(id);
    }
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
    this.witness.lookAtRest();
    const isBlocked = [...this.cloud.account.planOf].some(
      ([id, plan]) => this.cloud.made.has(id) && !this.cloud.isOurs(plan),
    );
    if (this.settings.turns || isBlocked) return;
    for (const person of this.cloud.people) await product.reconcile(person);
    await this.sweep(product);
    const before = this.wire.written.length;
    await this.sweep(product);
    const written = this.wire.written.slice(before);
    if (written.length > 0) this.witness.note([{ invariant: 'rest', text: `it still does ${written.join(', ')}` }]);
  }

  private async sweep(product: Product): Promise<void> {
    this.cloud.at += REST_MILLISECONDS;
    this.witness.say(() => 'at rest: sweep');
    await product.sweep();
    await settled();
    this.cloud.importing.clear();
  }

  private call(who: number | undefined, key: Belongings['holder'], times: number): void {
    if (key) this.witness.customer(who).quota.call(key, times, this.callsInFlight > 0);
  }

  /** Calls with a key made by hand, which may be somebody's meanwhile. */
  private callByHand(id: HandMade, times: number): void {
    const key = this.cloud.findKey(id);
    const owner = this.cloud.people.findIndex(({ sub }) => sub === this.cloud.made.get(id)?.sub);
    if (owner >= 0) this.call(owner, key, times);
    else for (let n = 0; key && n < times; n++) this.cloud.call(key);
  }

  private callInFlight(): void {
    if (this.callsInFlight === 0 || this.chance() >= this.callsInFlight) return;
    const [first, ...others] = this.witness.customer(0).belongings.live;
    if (first) this.call(0, pick(this.chance, [first, ...others]), upTo(this.chance, MOST_CALLS_IN_FLIGHT));
  }

  private newProcess(skewSeconds = this.settings.skewSeconds ?? 0): Server {
    const { secrets = [SECRET], lagSeconds, variant = {} } = this.settings;
    const skewMilliseconds = skewSeconds * 1000 * ([0, 1, -1][this.processes % 3] ?? 0);
    this.processes += 1;
    const process: Process = {
      name: `P${this.processes}`,
      skewMilliseconds,
      isDead: false,
      calls: 0,
      strike: null,
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
