import type { SandboxClock } from '../sandbox-clock.js';
import { Store } from '../store.js';

/** How far behind a copy is: it lacks the last `writes` writes, and all that are younger than `milliseconds`. */
export interface Staleness {
  readonly writes: number;
  readonly milliseconds: number;
}

interface Write {
  readonly table: string;
  readonly key: string;
  readonly value: unknown;
  readonly at: number;
}

/** A copy of some tables that hears of each changed row late, and what is read from it. */
export class Replica<View> {
  private readonly copy = new Store(null);
  private readonly unheard: Write[] = [];
  private view: View | null = null;

  /** `open` makes the view anew whenever rows have changed: indexes are built from rows. */
  constructor(
    source: Store,
    private readonly tables: readonly string[],
    private readonly clock: SandboxClock,
    private readonly open: (copy: Store) => View,
  ) {
    for (const name of tables) {
      for (const [key, value] of source.table(name).entries()) this.copy.table(name).load(key, value);
    }
  }

  written(table: string, key: string, value: unknown): void {
    if (this.tables.includes(table)) this.unheard.push({ table, key, value, at: this.clock.now().getTime() });
  }

  asOf({ writes, milliseconds }: Staleness): View {
    const latest = this.clock.now().getTime() - milliseconds;
    const most = Math.max(0, this.unheard.length - writes);
    const tooYoung = this.unheard.findIndex(({ at }) => at > latest);
    const heard = this.unheard.splice(0, tooYoung < 0 ? most : Math.min(most, tooYoung));
    for (const { table, key, value } of heard) this.copy.table(table).load(key, value ?? null);
    if (heard.length > 0 || this.view === null) this.view = this.open(this.copy);
    return this.view;
  }
}
