import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import type { Clock } from '../../clock.js';
import { ConfigError } from '../../config.js';

const HEARTBEAT_SECONDS = 10;
const STALE_SECONDS = 60;
const ATTEMPTS = 3;

/** Keeps a second process off a file: its lines would tear the chain. A holder that was killed holds nobody up. */
export class FileLock {
  private beat: NodeJS.Timeout | null = null;

  private constructor(
    private readonly path: string,
    private readonly content: string,
  ) {}

  /** @throws ConfigError when another process has it. */
  static async take(file: string, clock: Clock): Promise<FileLock> {
    const path = `${file}.lock`;
    const content = `${process.pid} ${hostname()} ${randomUUID()}\n`;
    for (let attempt = 1; ; attempt++) {
      try {
        await createWhole(path, content);
        return new FileLock(path, content).keep(clock);
      } catch (error) {
        if (!isNamed(error, 'EEXIST')) throw error;
        const found = await contentOf(path);
        const holder = await holderOf(path, found, clock);
        if (holder !== null || attempt === ATTEMPTS) throw new ConfigError([taken(file, path, holder)]);
        await takeAway(path, found);
      }
    }
  }

  async release(): Promise<void> {
    if (this.beat) clearInterval(this.beat);
    await takeAway(this.path, this.content);
  }

  /** Other machines see from its age whether the holder lives. */
  private keep(clock: Clock): this {
    const touch = () => utimes(this.path, clock.now(), clock.now()).catch(() => undefined);
    this.beat = setInterval(touch, HEARTBEAT_SECONDS * 1000).unref();
    return this;
  }
}

/** @throws EEXIST when there is one. Nobody sees it without its content. */
async function createWhole(path: string, content: string): Promise<void> {
  const draft = `${path}-${randomUUID()}`;
  await writeFile(draft, content, { mode: 0o600 });
  try {
    await link(draft, path);
  } finally {
    await rm(draft, { force: true });
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

/** Null = whoever had it is gone: no such process on this machine, or no sign of life from another one. */
async function holderOf(path: string, content: string, clock: Clock): Promise<string | null> {
  const [, pid = '', host = ''] = /^(\d+) (\S+)(?: \S+)?\n$/.exec(content) ?? [];
  const age = await stat(path).then(
    ({ mtimeMs }) => (clock.now().getTime() - mtimeMs) / 1000,
    () => STALE_SECONDS,
  );
  if (host === hostname()) return Number(pid) !== process.pid && isAlive(Number(pid)) ? `process ${pid}` : null;
  return age < STALE_SECONDS ? `process ${pid || '(unknown)'} on ${host || 'another machine'}` : null;
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
