import { LRUCache } from 'lru-cache';
import { agingBy, roomFor } from '../../cache-options.js';

const MOST_CALLERS = 50_000;

/** At most so many in any stretch of so many seconds. */
export interface Limit {
  readonly name: string;
  readonly most: number;
  readonly seconds: number;
}

/** Something that was counted: for giving it back. */
interface Entry {
  readonly id: string;
  readonly at: number;
}

/** What this process has counted of each caller, under one limit. `COUNT` in counts.service.ts reckons alike. */
export class Window {
  private readonly entries: LRUCache<string, readonly Entry[]>;
  private readonly milliseconds: number;

  constructor(
    readonly limit: Limit,
    now: () => number,
  ) {
    this.milliseconds = limit.seconds * 1000;
    this.entries = new LRUCache({ ...roomFor(MOST_CALLERS), ttl: this.milliseconds, ...agingBy(now) });
  }

  /** In how many milliseconds there is room for one more; 0 = there is. */
  wait(who: string, now: number): number {
    const entries = this.recent(who, now);
    const first = entries[entries.length - this.limit.most];
    return first ? Math.max(1, first.at + this.milliseconds - now) : 0;
  }

  /** No more than the limit are remembered: of those that Redis let through, the latest. */
  add(who: string, id: string, now: number): void {
    const entries = [...this.recent(who, now), { id, at: now }];
    this.entries.set(who, entries.slice(-this.limit.most));
  }

  remove(who: string, id: string): void {
    const left = (this.entries.get(who) ?? []).filter((entry) => entry.id !== id);
    if (left.length > 0) this.entries.set(who, left);
    else this.entries.delete(who);
  }

  private recent(who: string, now: number): readonly Entry[] {
    return (this.entries.get(who) ?? []).filter(({ at }) => at > now - this.milliseconds);
  }
}
