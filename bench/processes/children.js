import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { boundTo } from './machine.js';

/* Processes that this one starts: bound to a core, and gone when it goes, however that comes about. */

const running = new Set();

process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

export function start(core, command, options) {
  const [program, ...words] = boundTo(core, command);
  const child = spawn(program, words, options);
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

export async function stop(child) {
  if (!running.has(child)) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}
