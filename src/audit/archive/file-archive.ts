import { Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Clock } from '../../clock.js';
import { type AuditFileSettings, ConfigError } from '../../config.js';
import type { AuditEvent } from '../audit-event.js';
import { AuditArchive, type KeptEvent } from './audit-archive.js';
import type { ChainBody } from './chain.js';
import { ChainFile } from './chain-file.js';
import { FileLock } from './file-lock.js';
import { readBackwards } from './file-reader.js';

const MOST_AT_ONCE = 100;
const MOST_WAITING = 10_000;
/** No room on the disk, or none that is left to this user. It passes, as a wrong path does not. */
const FULL = ['ENOSPC', 'EDQUOT'];

interface Waiting {
  readonly body: ChainBody;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Events as JSON lines in a file of this process, each tied to the one before it. An event is on the disk, not only on
 * its way there, when `write` settles; events that come in while the disk is busy share the next turn.
 */
export class FileArchive extends AuditArchive implements OnModuleInit, OnApplicationShutdown {
  readonly name = 'file';
  private readonly logger = new Logger(FileArchive.name);
  private readonly waiting: Waiting[] = [];
  private lock: FileLock | null = null;
  private file: ChainFile | null = null;
  private writing: Promise<void> | null = null;
  private missed = 0;

  constructor(
    private readonly settings: AuditFileSettings,
    private readonly clock: Clock,
  ) {
    super();
  }

  /**
   * A disk that is full stops no start: each event asks it anew.
   * @throws ConfigError when the file cannot be used: better found at the start than at the first event.
   */
  async onModuleInit(): Promise<void> {
    try {
      await this.opened();
    } catch (error) {
      if (isFull(error)) {
        this.logger.error(`AUDIT_FILE has no room, and the log alone has events until it has: ${error.message}`);
        return;
      }
      await this.lock?.release();
      if (error instanceof ConfigError || !(error instanceof Error)) throw error;
      throw new ConfigError([`AUDIT_FILE cannot be used: ${error.message}`]);
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.writing;
    await this.file?.close();
    this.file = null;
    await this.lock?.release();
  }

  write(event: AuditEvent): Promise<void> {
    if (this.waiting.length >= MOST_WAITING) {
      this.missed += 1;
      return Promise.reject(new Error('Too many events wait for the disk'));
    }
    return new Promise((done, failed) => {
      this.waiting.push({ body: { event }, done, failed });
      this.writing ??= this.writeAll();
    });
  }

  newestFirst(before: string | null, about: string | null): AsyncIterable<KeptEvent> {
    return readBackwards(this.settings.path, before, about, (place) =>
      this.logger.error(`A line of the audit file was changed after it was written: ${place}. Verify the file.`),
    );
  }

  /** With the lock, always: where there was no room for one, another process may have come first. */
  private async opened(): Promise<ChainFile> {
    this.lock ??= await FileLock.take(this.settings.path, this.clock);
    this.file ??= await ChainFile.open(this.settings, this.clock, this.logger);
    return this.file;
  }

  private async writeAll(): Promise<void> {
    while (this.waiting.length > 0) {
      const some = this.waiting.splice(0, MOST_AT_ONCE);
      try {
        const file = await this.opened();
        await this.noteMissed(file);
        await file.append(some.map(({ body }) => body));
        for (const { done } of some) done();
      } catch (error) {
        this.missed += some.length;
        await this.file?.close().catch(() => undefined);
        this.file = null; // whatever is left of it at the end is looked at when it is opened again
        for (const { failed } of some) failed(error);
      }
    }
    this.writing = null; // in the same moment as the last look at what waits, or an event in between would wait for ever
  }

  private async noteMissed(file: ChainFile): Promise<void> {
    const { missed } = this;
    if (missed === 0) return;
    await file.note('MISSED_EVENTS', `${missed} events could not be written here; the log has them`);
    this.missed -= missed;
  }
}

function isFull(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && FULL.some((code) => code === error.code);
}
