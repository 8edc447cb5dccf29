import type { Clock } from '../../clock.js';
import { TryAgainError } from '../../problem.js';

const LOOK_MILLISECONDS = 50;
const RETRY_SECONDS = 5;

/** Work that takes longer than somebody waits for an answer: it goes on, and who asks meanwhile joins it. */
export class LongWork<T extends object> {
  private running: Promise<T> | null = null;

  constructor(
    private readonly clock: Clock,
    private readonly work: () => Promise<T>,
  ) {}

  get isRunning(): boolean {
    return this.running !== null;
  }

  /** Begins the work, unless it is going on. */
  begin(): Promise<T> {
    this.running ??= this.work().finally(() => {
      this.running = null;
    });
    this.running.catch(() => undefined); // nobody may be waiting
    return this.running;
  }

  /** Null = it takes longer, and goes on. */
  async orNull(seconds: number): Promise<T | null> {
    const work = this.begin();
    const end = this.clock.now().getTime() + seconds * 1000;
    let isOver = false;
    const waiting = async () => {
      while (!isOver && this.clock.now().getTime() < end) await this.clock.sleep(LOOK_MILLISECONDS);
      return null;
    };
    return Promise.race([work, waiting()]).finally(() => {
      isOver = true;
    });
  }

  /** @throws TryAgainError when it takes longer; it goes on all the same. */
  async within(seconds: number): Promise<T> {
    const done = await this.orNull(seconds);
    if (done === null) throw new TryAgainError(RETRY_SECONDS);
    return done;
  }
}
