import type PQueue from 'p-queue';
import type { Errand } from './errand.js';

let count = 0;

/** A call's place in the lines it waits in, the greatest first. It moves ahead when somebody who waits for it is before it. */
export class Place {
  private readonly id = String(++count);
  private line: PQueue | null = null;

  constructor(
    readonly errand: Errand,
    private current: number,
  ) {}

  get priority(): number {
    return this.current;
  }

  /** Waits in the line, then does the work. @throws what aborted the errand, when its deadline is over first. */
  async in<T>(line: PQueue, work: () => Promise<T>): Promise<T> {
    const { id, current: priority } = this;
    const { signal } = this.errand;
    this.line = line;
    const begin = () => {
      this.line = null;
      return work();
    };
    try {
      return await line.add(begin, { id, priority, signal });
    } finally {
      this.line = null;
    }
  }

  moveAhead(priority: number): void {
    if (priority <= this.current) return;
    this.current = priority;
    if (!this.errand.isOver) this.line?.setPriority(this.id, priority);
  }
}
