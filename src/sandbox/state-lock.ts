import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Tells this process from an earlier one of the same number, as it is after every start of a container. */
const OURS = `${process.pid} ${randomUUID()}`;

/** Keeps a second sandbox away from a journal in use: it would compact the file under the first one's feet. */
export function lockState(directory: string): () => void {
  const path = join(directory, 'pid');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  if (isHeld(holderOf(path))) throw inUse(directory);
  rmSync(path, { force: true });
  try {
    writeFileSync(path, OURS, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if (existsSync(path)) throw inUse(directory); // somebody was faster
    throw error;
  }
  return () => {
    if (holderOf(path) === OURS) rmSync(path);
  };
}

function holderOf(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

function isHeld(holder: string): boolean {
  const pid = Number.parseInt(holder, 10);
  return holder === OURS || (pid > 0 && pid !== process.pid && isRunning(pid));
}

function inUse(directory: string): Error {
  const pid = Number.parseInt(holderOf(join(directory, 'pid')), 10);
  return new Error(`${directory} is in use by another sandbox (process ${pid}).`);
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
