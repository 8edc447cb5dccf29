import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('run-handlers.js', import.meta.url));

interface Answer {
  readonly value?: unknown;
  readonly error?: string;
}

/** A process that loads a bundle and calls its handlers, as an instance of a Lambda function does. */
export class Instance {
  private readonly child;
  private readonly lines: AsyncIterator<string>;

  private constructor(bundle: string, env: Readonly<Record<string, string>>) {
    const stdio = ['pipe', 'pipe', 'ignore'] as const;
    this.child = spawn(process.execPath, [SCRIPT, bundle], {
      env: { PATH: process.env.PATH, ...env },
      stdio: [...stdio],
    });
    this.lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
  }

  static async start(bundle: string, env: Readonly<Record<string, string>>) {
    const instance = new Instance(bundle, { AWS_LAMBDA_FUNCTION_NAME: 'a-test', ...env });
    const { handlers } = await instance.next<{ handlers: readonly string[] }>('handlers');
    return { instance, handlers };
  }

  /** What the handler answers. @throws its error. */
  async call<T>(handler: string, event: object): Promise<T> {
    this.child.stdin.write(`${JSON.stringify({ handler, event })}\n`);
    const { answer } = await this.next<{ answer: Answer & { readonly value?: T } }>('answer');
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer.value as T;
  }

  async end(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.stdin.end();
    await ended;
  }

  /** The next line that has that member; the others are the log. */
  private async next<T>(member: string): Promise<T> {
    for (;;) {
      const { value, done } = await this.lines.next();
      if (done) throw new Error('The instance has ended');
      const line: object = JSON.parse(value);
      if (member in line) return line as T;
    }
  }
}
