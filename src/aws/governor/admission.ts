import type { Clock } from '../../clock.js';
import { TryAgainError } from '../../problem.js';
import type { Errand } from './errand.js';

/** Something that lets only so many calls a second pass. */
export interface Bottleneck {
  readonly name: string;
  readonly perSecond: number;
  /** How many calls could pass at once. */
  readonly available: number;
}

const MOST_SECONDS = 6;
const MOST_UNDER_WAY = 100;
const MOST_SECONDS_TOLD = 20;
const JITTER_SECONDS = 3;
const WEIGHT = 0.2;
const LEAST_LEFT = 0.25;
const FIRST_GUESS: readonly (readonly [string, number])[] = [['api-gateway', 3]];

/** Who may begin. Under load people wait outside, where waiting costs nothing, and what has begun gets finished. */
export class Admission {
  private readonly underWay = new Set<Errand>();
  /** Calls of one errand by bottleneck, as they have lately been. */
  private readonly typical = new Map<string, number>(FIRST_GUESS);
  private nextAppointment = 0;

  constructor(
    private readonly bottlenecks: () => readonly Bottleneck[],
    private readonly clock: Clock,
  ) {}

  /** @throws TryAgainError when the errand could not be done in good time; nothing of it has begun then. */
  enter(errand: Errand): void {
    // So many at once with tokens left means that AWS is slow or away, and they take up to their deadline.
    const isFull = this.underWay.size >= MOST_UNDER_WAY;
    const seconds = Math.max(this.secondsUntilDone(), isFull ? 2 * MOST_SECONDS : 0);
    if (seconds > MOST_SECONDS) throw new TryAgainError(this.appointment(seconds - MOST_SECONDS));
    this.underWay.add(errand);
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

  /** In how many seconds to come back: after those who were told before, and not all at the same moment. */
  private appointment(seconds: number): number {
    const now = this.clock.now().getTime() / 1000;
    const each = Math.max(
      ...this.bottlenecks().map(({ name, perSecond }) => (this.typical.get(name) ?? 0) / perSecond),
    );
    const latest = now + MOST_SECONDS_TOLD;
    this.nextAppointment = Math.min(Math.max(this.nextAppointment, now + Math.max(0, seconds)) + each, latest);
    const jitter = this.clock.chance() * JITTER_SECONDS;
    return Math.max(1, Math.ceil(this.nextAppointment - now + jitter));
  }
}
