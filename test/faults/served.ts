import { dayAt } from './counters.js';

/** When a customer's calls were let through. */
export class Served {
  private days = new Map<string, number>();
  private moments: number[] = [];

  copy(): Served {
    return Object.assign(new Served(), {
      days: new Map(this.days),
      moments: [...this.moments],
    });
  }

  add(at: number): void {
    const day = dayAt(at);
    this.days.set(day, (this.days.get(day) ?? 0) + 1);
    this.moments.push(at);
  }

  /** Those of somebody else as well. */
  merge(other: Served): void {
    for (const [day, count] of other.days) this.days.set(day, (this.days.get(day) ?? 0) + count);
    this.moments = [...this.moments, ...other.moments].sort((a, b) => a - b);
  }

  /** Calls on that UTC day and later. */
  since(firstDay: string): number {
    let calls = 0;
    for (const [day, count] of this.days) if (day >= firstDay) calls += count;
    return calls;
  }

  /** The most calls since that UTC day within so many seconds. */
  mostIn(seconds: number, firstDay: string): number {
    let [from, most] = [0, 0];
    for (const [to, at] of this.moments.entries()) {
      while (at - (this.moments[from] ?? at) > seconds * 1000 || dayAt(this.moments[from] ?? at) < firstDay) {
        if (from >= to) break;
        from += 1;
      }
      most = Math.max(most, to - from + 1);
    }
    return most;
  }
}
