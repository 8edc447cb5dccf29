import type { Clock } from '../../clock.js';
import { TryAgainError } from '../../problem.js';
import { outlasting } from '../../request-trace.js';

const LOOK_MILLISECONDS = 50;
const RETRY_SECONDS = 5;

interface Waiting {
  /** In milliseconds since 1970. */
  readonly until: number;
  readonly giveUp: () => void;
}

/** Work that takes longer than somebody waits for an answer: it goes on, and who asks meanwhile joins it. */
export class LongWork<T extends object> {
  private running: Promise<T> | null = null;
  private readonly waiting = new Set<Waiting>();
  private isLooking = false;

  constructor(
    private readonly clock: Clock,
    private readonly work: () => Promise<T>,
  ) {}

  get isRunning(): boolean {
    return this.running !== null;
  }

  /** Begins the work, unless it is going on. It has the time it needs, however little the request has that asked for it. */
  begin(): Promise<T> {
    this.running ??= outlasting(this.work).finally(() => {
      this.running = null;
    });
    this.running.catch(() => undefined); // nobody may be waiting
    return this.running;
  }

  /** Null = it takes longer, and goes on. */
  async orNull(seconds: number): Promise<T | null> {
    const work = this.begin();
    let giveUp = () => {};
    const over = new Promise<null>((resolve) => {
      giveUp = () => resolve(null);
    });
    const mine = { until: this.clock.now().getTime() + seconds * 1000, giveUp };
    this.waiting.add(mine);
    if (!this.isLooking) void this.look();
    return Promise.race([work, over]).finally(() => this.waiting.delete(mine));
  }

  /** @throws TryAgainError when it takes longer; it goes on all the same. */
  async within(seconds: number): Promise<T> {
    const done = await this.orNull(seconds);
    if (done === null) throw new TryAgainError(RETRY_SECONDS);
    return done;
  }

  /** One look for all who wait, be they thousands. */
  private async look(): Promise<void> {
    this.isLooking = true;
    while (this.waiting.size > 0) {
      await this.clock.sleep(LOOK_MILLISECONDS);
      const now = this.clock.now().getTime();
      for (const { until, giveUp } of this.waiting) if (now >= until) giveUp();
    }
    this.isLooking = false;
  }
}
