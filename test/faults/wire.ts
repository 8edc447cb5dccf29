import { AwsUnavailableError } from '../../src/aws/failures.js';
import type { Cloud } from './cloud.js';
import { type Fault, faultAt, ProcessDied } from './faults.js';

const ROUND_TRIP_MILLISECONDS = 20;

/** A process of Turnpike, as far as AWS can tell. */
export interface Process {
  readonly name: string;
  isDead: boolean;
}

/**
 * Between Turnpike and the cloud. Each call has two moments at which something may happen: before its effect, and
 * between effect and reply. There it may fail, its process may die, and another process may get its turn.
 */
export class Wire {
  calls = 0;
  readonly written: string[] = [];
  fault: Fault | undefined;
  private waiting: (() => void)[] | null = null;

  constructor(
    private readonly cloud: Cloud,
    private readonly chance: () => number,
    private readonly hooks: { afterEffect(): void; atEachMoment(): void; say(line: string): void },
  ) {}

  async send<T>(process: Process, name: string, effect: () => T, detail = ''): Promise<T> {
    this.assertAlive(process);
    this.cloud.at += ROUND_TRIP_MILLISECONDS;
    this.calls += 1;
    const number = this.calls;
    const fault = faultAt(this.fault, number);
    await this.moment();
    this.assertAlive(process);
    this.hooks.say(`    ${process.name} ${number} ${name} ${detail}${fault ? ` !! ${fault}` : ''}`);
    if (fault === 'error before' || fault === 'outage') throw new AwsUnavailableError(name, 1);
    if (fault === 'death before') this.kill(process);
    const reply = effect();
    if (/^(Create|Update|Delete|AdminUpdate)/.test(name)) this.written.push(name);
    this.hooks.afterEffect();
    await this.moment();
    if (fault === 'error after') throw new AwsUnavailableError(name, 1);
    if (fault === 'death after') this.kill(process);
    this.assertAlive(process);
    return reply;
  }

  async sleep(process: Process, milliseconds: number): Promise<void> {
    this.assertAlive(process);
    this.cloud.at += milliseconds;
    await this.moment();
  }

  /** Runs several works at once; at each moment the dice say which of those that wait goes on. */
  async interleave<T>(works: readonly (() => Promise<T>)[]): Promise<T[]> {
    const waiting: (() => void)[] = [];
    this.waiting = waiting;
    let open = works.length;
    const all = Promise.all(
      works.map((work) =>
        work().finally(() => {
          open -= 1;
        }),
      ),
    );
    all.catch(() => undefined);
    while (open > 0 || waiting.length > 0) {
      await settled();
      waiting.splice(Math.floor(this.chance() * waiting.length), 1)[0]?.();
    }
    this.waiting = null;
    return all;
  }

  private async moment(): Promise<void> {
    this.hooks.atEachMoment();
    const { waiting } = this;
    if (waiting) await new Promise<void>((goOn) => waiting.push(goOn));
  }

  private kill(process: Process): never {
    process.isDead = true;
    throw new ProcessDied();
  }

  private assertAlive({ isDead }: Process): void {
    if (isDead) throw new ProcessDied();
  }
}

/** Lets everything happen that waits for nothing but its turn. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
