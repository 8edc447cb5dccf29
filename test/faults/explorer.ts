import type { Process, Turns, Waiting } from './wire.js';

/**
 * Plays every schedule of two processes with at most so many switches from one that could have gone on to the other.
 * Nothing is kept of a schedule but its list of choices: each is played from the beginning, and where the list ends the
 * process that runs goes on.
 */
export class Explorer {
  schedules = 0;
  private readonly open: (readonly number[])[] = [[]];

  constructor(private readonly mostSwitches: number) {}

  /** Null = all are played. `switches`: before which moments of the race the other takes over. */
  next(): {
    readonly turns: Turns;
    readonly switches: readonly number[];
    end(): void;
  } | null {
    const switches = this.open.pop();
    if (!switches) return null;
    this.schedules += 1;
    let moment = 0;
    let running: Process | null = null;
    const turns: Turns = (waiting) => {
      const isSwitch = switches.includes(moment);
      moment += 1;
      const going = placeOf(waiting, running, isSwitch);
      running = waiting[going]?.process ?? null;
      return going;
    };
    return { turns, switches, end: () => this.branch(switches, moment) };
  }

  /** Every later moment is another schedule with one switch more. */
  private branch(switches: readonly number[], moments: number): void {
    if (switches.length === this.mostSwitches) return;
    for (let moment = (switches.at(-1) ?? 0) + 1; moment < moments; moment++) this.open.push([...switches, moment]);
  }
}

/** The one who runs, or at a switch the other. */
function placeOf(waiting: readonly Waiting[], running: Process | null, isSwitch: boolean): number {
  const place = waiting.findIndex(({ process }) => (process === running) !== isSwitch);
  return Math.max(0, place);
}
