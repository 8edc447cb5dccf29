import type { Clock } from '../../clock.js';

const WIDTH = 24;
const TICK_MILLISECONDS = 1000;

/** Where progress is shown: a terminal, in which a line can be drawn again, or a log. */
export interface Screen {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** How far a long work is, and about how long it still takes: a bar on a terminal, else a line for each step. */
export class Progress {
  private done = 0;
  private text = '';
  private endsAt = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly screen: Screen,
    private readonly total: number,
    private readonly clock: Clock,
  ) {}

  step(text: string, secondsLeft: number): void {
    this.done += 1;
    this.text = text;
    this.endsAt = this.clock.now().getTime() + secondsLeft * 1000;
    if (!this.screen.isTTY) {
      this.screen.write(`${this.done} of ${this.total}: ${text}, ${this.left()}\n`);
      return;
    }
    this.timer ??= setInterval(() => this.draw(), TICK_MILLISECONDS).unref();
    this.draw();
  }

  /** What is said in between; the bar goes on below it. */
  say(text: string): void {
    this.screen.write(this.screen.isTTY ? `\r\u001b[K${text}\n` : `${text}\n`);
    if (this.timer) this.draw();
  }

  end(): void {
    clearInterval(this.timer);
    if (this.timer) this.screen.write('\r\u001b[K');
    this.timer = undefined;
  }

  private draw(): void {
    const filled = Math.round((WIDTH * (this.done - 1)) / this.total);
    const bar = '#'.repeat(filled).padEnd(WIDTH, '-');
    this.screen.write(`\r\u001b[K[${bar}] ${this.done} of ${this.total}: ${this.text}, ${this.left()}`);
  }

  private left(): string {
    const seconds = Math.max(0, Math.ceil((this.endsAt - this.clock.now().getTime()) / 1000));
    return seconds === 0 ? 'in a moment' : `about ${seconds} s left`;
  }
}
