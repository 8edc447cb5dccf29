import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ask, asking } from './asking.js';
import { RUN_FOLDER } from './load.js';
import { boundTo, SERVER_CORE } from './machine.js';

const LOOK_MILLISECONDS = 4;
const START_SECONDS = 60;

/** A contestant that answers; `startMilliseconds` is from the start of the process to its first good answer. */
export async function startServer(contestant, { port, env, token }) {
  const log = openSync(join(RUN_FOLDER, `${contestant.name}.log`), 'a');
  const [command, ...words] = boundTo(SERVER_CORE, [process.execPath, contestant.file]);
  const given = {
    PATH: process.env.PATH,
    NODE_ENV: 'production',
    ...env,
    ...contestant.env,
    PORT: String(port),
  };
  const began = performance.now();
  const child = spawn(command, words, { env: given, stdio: ['ignore', log, log] });
  process.once('exit', () => child.kill('SIGKILL'));
  const first = asking(contestant, 'me', token);
  for (;;) {
    const { status } = await ask(port, first).catch(() => ({ status: 0 }));
    const milliseconds = performance.now() - began;
    if (status === 200)
      return { contestant, port, pid: child.pid, startMilliseconds: milliseconds, stop: () => stop(child) };
    if (child.exitCode !== null || milliseconds > START_SECONDS * 1000)
      throw new Error(`${contestant.name} does not answer (${status}); see ${RUN_FOLDER}/${contestant.name}.log`);
    await pause(LOOK_MILLISECONDS);
  }
}

async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}
