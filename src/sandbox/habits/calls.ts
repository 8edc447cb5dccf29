/** Calls of one operation, and how many of them were refused by which exception. */
export interface CallCount {
  readonly calls: number;
  readonly refused: Readonly<Record<string, number>>;
}

const COUNTED_REFUSALS = ['TooManyRequestsException', 'LimitExceededException', 'ConflictException'];

/** How often each operation was called. */
export class Calls {
  private readonly counts = new Map<string, { calls: number; refused: Record<string, number> }>();

  made(operation: string): void {
    const count = this.counts.get(operation);
    if (count) count.calls += 1;
    else this.counts.set(operation, { calls: 1, refused: {} });
  }

  /** Only AWS's refusals for rates, limits and conflicts are of interest here. */
  refused(operation: string, exception: string): void {
    const count = this.counts.get(operation);
    if (count && COUNTED_REFUSALS.includes(exception)) count.refused[exception] = (count.refused[exception] ?? 0) + 1;
  }

  report(): Record<string, CallCount> {
    const sorted = [...this.counts].sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(sorted.map(([name, { calls, refused }]) => [name, { calls, refused: { ...refused } }]));
  }

  reset(): void {
    this.counts.clear();
  }
}
