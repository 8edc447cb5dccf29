import type { Clock } from '../../../clock.js';
import { TryAgainError } from '../../../problem.js';
import type { Errand } from '../errand.js';
import type { SharedAppointments } from './shared-appointments.js';

/** Something that lets only so many calls a second pass. */
export interface Bottleneck {
  readonly name: string;
  readonly perSecond: number;
  /** The same of all processes together that share it. */
  readonly perSecondOfAll: number;
  /** How many calls could pass at once. */
  readonly available: number;
}

const MOST_SECONDS = 6;
/** Who comes when told is let in though it will take a little longer; ahead of them only who need not wait for long. */
const MOST_SECONDS_WHEN_DUE = 7.5;
const MOST_SECONDS_AHEAD = 3;
const MOST_UNDER_WAY = 100;
const MOST_SECONDS_TOLD = 20;
const JITTER_SECONDS = 3;
const WEIGHT = 0.2;
const LEAST_LEFT = 0.25;
const FIRST_GUESS: readonly (readonly [string, number])[] = [['api-gateway', 3]];

/** What an admin does about one customer: no crowd keeps it out. */
export const URGENT = Symbol('urgent');

/** By name, who has to come back until it is done; null = one of many readers. */
export type Comer = string | typeof URGENT | null;

/** Who may begin. Under load people wait outside, where waiting costs nothing, and what has begun gets finished. */
export class Admission {
  private readonly underWay = new Set<Errand>();
  /** Calls of one errand by bottleneck, as they have lately been. */
  private readonly typical = new Map<string, number>(FIRST_GUESS);
  private nextTurn = 0;

  constructor(
    private readonly bottlenecks: () => readonly Bottleneck[],
    private readonly appointments: SharedAppointments,
    private readonly clock: Clock,
  ) {}

  /**
   * Null = let in at once, so that the next one finds it at work. Who comes by name is told a time of their own.
   * @throws TryAgainError when the errand could not be done in good time; nothing of it has begun then.
   */
  enter(errand: Errand, who: Comer): Promise<void> | null {
    if (!this.letsIn(errand, who === URGENT)) {
      if (typeof who !== 'string') throw new TryAgainError(this.turn());
      return this.enterByAppointment(errand, who);
    }
    if (typeof who === 'string') this.appointments.begun(who, this.now());
    return null;
  }

  leave(errand: Errand): void {
    this.underWay.delete(errand);
    for (const name of new Set([...this.typical.keys(), ...errand.calls.keys()])) {
      const before = this.typical.get(name) ?? 0;
      this.typical.set(name, before + ((errand.calls.get(name) ?? 0) - before) * WEIGHT);
    }
  }

  /** When an errand that begins now would be done, by what those before it still have to ask. */
  private secondsUntilDone(): number {
    if (this.underWay.size === 0) return 0;
    const waits = this.bottlenecks().map(({ name, perSecond, available }) => {
      const each = this.typical.get(name) ?? 0;
      let owed = each;
      for (const { calls } of this.underWay) owed += Math.max(each - (calls.get(name) ?? 0), each * LEAST_LEFT);
      return (owed - available) / perSecond;
    });
    return Math.max(0, ...waits);
  }

  /** From when it is true, the errand is under way. */
  private letsIn(errand: Errand, isExpected: boolean): boolean {
    const others = this.appointments.areOpen(this.now()) ? MOST_SECONDS_AHEAD : MOST_SECONDS;
    const isLetIn = this.seconds() <= (isExpected ? MOST_SECONDS_WHEN_DUE : others);
    if (isLetIn) this.underWay.add(errand);
    return isLetIn;
  }

  private async enterByAppointment(errand: Errand, who: string): Promise<void> {
    const isDue = await this.appointments.isDue(who, this.now());
    if (!this.letsIn(errand, isDue)) throw new TryAgainError(await this.appointment(who));
    this.appointments.begun(who, this.now());
  }

  /** So many at once with tokens left means that AWS is slow or away, and they take up to their deadline. */
  private seconds(): number {
    const isFull = this.underWay.size >= MOST_UNDER_WAY;
    return Math.max(this.secondsUntilDone(), isFull ? 2 * MOST_SECONDS : 0);
  }

  /** In how many seconds it will be this one's turn, and not for long before it is done. */
  private async appointment(who: string): Promise<number> {
    const now = this.now();
    const earliest = now + Math.max(0, this.seconds() - MOST_SECONDS_AHEAD);
    const each = { own: this.secondsEach('perSecond'), all: this.secondsEach('perSecondOfAll') };
    return Math.max(1, Math.ceil((await this.appointments.make(who, { now, earliest, each })) - now));
  }

  /** In how many seconds to come back, for one who can do without: after the others who were told so, and not all at once. */
  private turn(): number {
    const now = this.now();
    const earliest = now + Math.max(0, this.seconds() - MOST_SECONDS);
    const next = Math.max(this.nextTurn, earliest) + this.secondsEach('perSecond');
    this.nextTurn = Math.min(next, now + MOST_SECONDS_TOLD);
    return Math.max(1, Math.ceil(this.nextTurn - now + this.clock.chance() * JITTER_SECONDS));
  }

  private secondsEach(pace: 'perSecond' | 'perSecondOfAll'): number {
    return Math.max(...this.bottlenecks().map((one) => (this.typical.get(one.name) ?? 0) / one[pace]));
  }

  /** In seconds since 1970. */
  private now(): number {
    return this.clock.now().getTime() / 1000;
  }
}
