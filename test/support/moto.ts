import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const START_SECONDS = 20;

const isOnPath = (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, 'moto_server')));

/** Why nothing can be run against moto on this machine; null = it can. */
export const motoIsMissing = isOnPath ? null : 'moto_server is not on PATH (pip install "moto[server]")';

/** Another team's emulator of AWS: what it answers was not written by the authors of our sandbox. */
export class Moto {
  private constructor(
    readonly url: string,
    readonly close: () => Promise<void>,
  ) {}

  static async start(): Promise<Moto> {
    const port = await freePort();
    const child = spawn('moto_server', ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    const moto = new Moto(`http://127.0.0.1:${port}`, () => {
      child.kill('SIGKILL');
      return ended;
    });
    for (let waited = 0; waited < START_SECONDS * 20; waited++) {
      if (child.exitCode !== null) throw new Error(`moto_server ended with ${child.exitCode}`);
      if (await answers(moto.url)) return moto;
      await delay(50);
    }
    await moto.close();
    throw new Error(`moto_server did not answer within ${START_SECONDS} s`);
  }
}

/** Prints why these tests are skipped, where whoever runs them sees it. */
export function skipping(what: string, reason: string | null): boolean {
  if (reason !== null) process.stdout.write(`Skipped: ${what}, because ${reason}.\n`);
  return reason !== null;
}

function answers(url: string): Promise<boolean> {
  return fetch(`${url}/moto-api/data.json`).then(
    ({ ok }) => ok,
    () => false,
  );
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}
