import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { link, open, readFile, readlink, rename, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { Logger } from '@nestjs/common';
import type { Clock } from '../../clock.js';
import { ConfigError } from '../../config.js';

const HEARTBEAT_SECONDS = 10;
const STALE_SECONDS = 60;
const LOOK_MILLISECONDS = 1000;
const ATTEMPTS = 3;
const logger = new Logger('FileLock');

/** Keeps a second process off a file: its lines would tear the chain. A holder that was killed holds nobody up for long. */
export class FileLock {
  private beat: NodeJS.Timeout | null = null;

  private constructor(
    private readonly path: string,
    private readonly content: string,
  ) {}

  /**
   * Waits where nobody can know at once whether the holder lives.
   * @throws ConfigError when another process has it.
   */
  static async take(file: string, clock: Clock): Promise<FileLock> {
    const path = `${file}.lock`;
    const place = await placeOfIds();
    const content = `${process.pid} ${place} ${randomUUID()}\n`;
    for (let attempt = 1; ; attempt++) {
      try {
        await createWhole(path, content);
        return new FileLock(path, content).keep(clock);
      } catch (error) {
        if (!isNamed(error, 'EEXIST')) throw error;
        const found = await contentOf(path);
        const holder = await holderOf(path, found, place, clock);
        if (holder !== null || attempt === ATTEMPTS) throw new ConfigError([taken(file, path, holder)]);
        await takeAway(path, found);
      }
    }
  }

  async release(): Promise<void> {
    if (this.beat) clearInterval(this.beat);
    process.off('exit', this.leave);
    await takeAway(this.path, this.content);
  }

  /** Others see from its age whether the holder lives. */
  private keep(clock: Clock): this {
    const touch = () => utimes(this.path, clock.now(), clock.now()).catch(() => undefined);
    this.beat = setInterval(touch, HEARTBEAT_SECONDS * 1000).unref();
    process.once('exit', this.leave);
    return this;
  }

  /** When the process ends and nobody has released it: a container that comes next would wait for nothing. */
  private readonly leave = (): void => {
    try {
      if (readFileSync(this.path, 'utf8') === this.content) rmSync(this.path);
    } catch {
      // somebody has taken it away
    }
  };
}

/** Where an id of a process means that process: each container has ids of its own, and so has each run of a machine. */
async function placeOfIds(): Promise<string> {
  const [run, namespace] = await Promise.all([
    readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
    readlink('/proc/self/ns/pid'),
  ]).catch(() => ['', '']); // no Linux, no containers
  return [hostname(), run.trim(), namespace].join('/');
}

/** @throws EEXIST when there is one. Nobody sees it without its content. */
async function createWhole(path: string, content: string): Promise<void> {
  const draft = `${path}-${randomUUID()}`;
  try {
    const file = await open(draft, 'wx', 0o600);
    await file.writeFile(content).finally(() => file.close());
    await link(draft, path);
  } finally {
    await rm(draft, { force: true }); // a full disk has room for its name, and would get another one with each event
  }
}

/** Removes a lock of that content and no other: somebody else may have put theirs there since it was read. */
async function takeAway(path: string, content: string): Promise<void> {
  const aside = `${path}-${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (isNamed(error, 'ENOENT')) return;
    throw error;
  }
  if ((await contentOf(aside)) !== content) await link(aside, path).catch(unlessThere);
  await rm(aside, { force: true });
}

/** Somebody was quicker: then there is a lock. */
function unlessThere(error: unknown): void {
  if (!isNamed(error, 'EEXIST')) throw error;
}

function isNamed(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

async function contentOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}

/** Null = whoever had it is gone: no such process here, or no sign of life from elsewhere. */
async function holderOf(path: string, content: string, here: string, clock: Clock): Promise<string | null> {
  const [, pid = '', place = ''] = /^(\d+) (\S+)(?: \S+)?\n$/.exec(content) ?? [];
  if (place === here) return Number(pid) !== process.pid && isAlive(Number(pid)) ? `process ${pid}` : null;
  const holder = `process ${pid || '(unknown)'} on ${place.split('/')[0] || 'another machine'}`;
  logger.warn(`${path} is of ${holder}: ${STALE_SECONDS} seconds at most show whether that is gone`);
  return (await isTouched(path, clock)) ? holder : null;
}

/** Whether its holder touches it before it is old. A clock elsewhere that is ahead makes it no younger than it is here. */
async function isTouched(path: string, clock: Clock): Promise<boolean> {
  const found = await touchedAt(path);
  const since = Math.min(found, clock.now().getTime());
  while (clock.now().getTime() - since < STALE_SECONDS * 1000) {
    await clock.sleep(LOOK_MILLISECONDS);
    const touched = await touchedAt(path);
    if (touched !== found) return touched > 0;
  }
  return false;
}

/** 0 = it is not there any more. */
async function touchedAt(path: string): Promise<number> {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isNamed(error, 'EPERM');
  }
}

function taken(file: string, lock: string, holder: string | null): string {
  return (
    `AUDIT_FILE ${file} belongs to ${holder ?? 'another process'}: each process needs a file of its own. ` +
    `If that process is gone, delete ${lock}`
  );
}
