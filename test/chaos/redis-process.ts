import { spawnSync } from 'node:child_process';
import { freePort, Process } from './process.js';

/** A Redis of our own on a free port, keeping nothing. */
export class RedisProcess {
  private constructor(
    private readonly process: Process,
    readonly url: string,
  ) {}

  /** Whether this machine has one to start. */
  static isHere(): boolean {
    return spawnSync('redis-server', ['--version']).status === 0;
  }

  static async start(): Promise<RedisProcess> {
    const port = String(await freePort());
    const options = ['--port', port, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    const child = new Process('redis-server', options);
    await child.says(/(Ready to accept connections)/);
    return new RedisProcess(child, `redis://127.0.0.1:${port}`);
  }

  close(): Promise<unknown> {
    return this.process.kill();
  }
}
