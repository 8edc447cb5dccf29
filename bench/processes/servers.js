import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ask, asking } from '../harness/asking.js';
import { start, stop } from './children.js';
import { RUN_FOLDER } from './load.js';
import { cpuMicroseconds, residentMegabytes, SERVER_CORE } from './machine.js';

const LOOK_MILLISECONDS = 4;
const START_SECONDS = 60;

/** A contestant that answers, and what it took from the start of the process to its first good answer. */
export async function startServer(contestant, { port, env, token, core = SERVER_CORE }) {
  const log = openSync(join(RUN_FOLDER, `${contestant.name}.log`), 'a');
  const given = {
    PATH: process.env.PATH,
    NODE_ENV: 'production',
    ...env,
    ...contestant.env,
    PORT: String(port),
  };
  const began = performance.now();
  const { file, flags = [] } = contestant;
  const child = start(core, [process.execPath, ...flags, file], { env: given, stdio: ['ignore', log, log] });
  closeSync(log);
  const { pid } = child;
  const first = asking(contestant, 'me', token);
  for (;;) {
    const { status } = await ask(port, first).catch(() => ({ status: 0 }));
    const milliseconds = performance.now() - began;
    if (status === 200) {
      const atStart = { milliseconds, cpuMilliseconds: cpuMicroseconds(pid) / 1000, megabytes: residentMegabytes(pid) };
      return { contestant, port, pid, atStart, stop: () => stop(child) };
    }
    if (child.exitCode !== null || milliseconds > START_SECONDS * 1000)
      throw new Error(`${contestant.name} does not answer (${status}); see ${RUN_FOLDER}/${contestant.name}.log`);
    await pause(LOOK_MILLISECONDS);
  }
}
