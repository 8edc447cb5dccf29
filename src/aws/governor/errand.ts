import { AsyncLocalStorage } from 'node:async_hooks';
import { setMaxListeners } from 'node:events';

/** A background call stands in line as if it had come so much later: it yields to people, and does not starve. */
const YIELD_MILLISECONDS = 30_000;

/** Of what is shared no single person waits for the end, and many wait: it has no deadline, and its turn. */
type Kind = 'interactive' | 'background' | 'shared';

/** A piece of work that asks AWS: who goes ahead of whom, and when all its calls are given up. */
export class Errand {
  /** How many calls it has made so far, by rate. */
  readonly calls = new Map<string, number>();
  private readonly end = new AbortController();

  /** Times in milliseconds since 1970; a deadline of Infinity = none. */
  constructor(
    private readonly kind: Kind,
    private readonly begunAt: number,
    readonly deadline: number,
  ) {
    setMaxListeners(0, this.end.signal);
  }

  /** Whether it takes the time it needs. */
  get isBackground(): boolean {
    return this.kind !== 'interactive';
  }

  /** Aborted when the deadline is over. */
  get signal(): AbortSignal {
    return this.end.signal;
  }

  get isOver(): boolean {
    return this.end.signal.aborted;
  }

  giveUp(): void {
    this.end.abort();
  }

  count(name: string): void {
    this.calls.set(name, (this.calls.get(name) ?? 0) + 1);
  }

  /** For queues, the greatest first: work that began earlier goes ahead, so that what is under way gets finished. */
  priority(now: number): number {
    return this.kind === 'background' ? -now - YIELD_MILLISECONDS : -this.begunAt;
  }

  /** Settles as the work does, or fails as soon as the deadline is over. */
  until<T>(work: Promise<T>): Promise<T> {
    return unlessAborted(work, this.signal);
  }
}

/** Settles as the work does, or fails with what aborted the signal. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let over = () => {};
  const end = new Promise<never>((_, reject) => {
    over = () => reject(signal.reason);
    signal.addEventListener('abort', over, { once: true });
    if (signal.aborted) over();
  });
  try {
    return await Promise.race([work, end]);
  } finally {
    signal.removeEventListener('abort', over);
  }
}

interface Begun {
  readonly by: CurrentErrand;
  readonly errand: Errand;
}

/** One for all governors of a process: Node 20 goes through every storage that was ever used each time a promise is made. */
const begun = new AsyncLocalStorage<Begun>();

/** The errand of one governor that the running code is part of. */
export class CurrentErrand {
  getStore(): Errand | undefined {
    const store = begun.getStore();
    return store?.by === this ? store.errand : undefined;
  }

  run<T>(errand: Errand, work: () => T): T {
    return begun.run({ by: this, errand }, work);
  }
}
