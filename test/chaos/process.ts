import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';

const START_SECONDS = 60;

/** A child process of which we keep what it writes. */
export class Process {
  /** The exit code; null = killed. */
  readonly exit: Promise<number | null>;
  stdout = '';
  stderr = '';
  private readonly child: ChildProcess;

  constructor(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}, cwd?: string) {
    const silence = { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' };
    this.child = spawn(command, args, { env: { PATH: process.env.PATH, ...silence, ...env }, stdio: 'pipe', cwd });
    this.child.stdout?.on('data', (chunk: Buffer) => {
      this.stdout += chunk;
    });
    this.child.stderr?.on('data', (chunk: Buffer) => {
      this.stderr += chunk;
    });
    this.exit = new Promise((resolve, reject) => {
      this.child.once('close', resolve);
      this.child.once('error', reject);
    });
  }

  /** The first group of the pattern, as soon as it stands in the output. */
  async says(pattern: RegExp, stream: 'stdout' | 'stderr' = 'stdout'): Promise<string> {
    const limit = AbortSignal.timeout(START_SECONDS * 1000);
    let hasEnded = false;
    this.child.once('close', () => {
      hasEnded = true;
    });
    for (;;) {
      const said = pattern.exec(this[stream])?.[1];
      if (said !== undefined) return said;
      if (hasEnded || limit.aborted) throw new Error(`It did not start: ${this.stderr || this.stdout}`);
      await this.somethingNew(limit, stream);
    }
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  kill(): Promise<unknown> {
    this.child.kill('SIGKILL');
    return this.exit;
  }

  private somethingNew(limit: AbortSignal, stream: 'stdout' | 'stderr'): Promise<void> {
    return new Promise((resolve) => {
      this.child[stream]?.once('data', () => resolve());
      this.child.once('close', () => resolve());
      limit.addEventListener('abort', () => resolve(), { once: true });
    });
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
