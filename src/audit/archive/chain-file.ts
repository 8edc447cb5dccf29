import { type FileHandle, open, rename, rm, writeFile } from 'node:fs/promises';
import type { Logger } from '@nestjs/common';
import type { Clock } from '../../clock.js';
import type { AuditFileSettings } from '../../config.js';
import { bytesOf, endOfLines, linesBackwards } from './backwards.js';
import { type ChainBody, type ChainNote, chained, inPieces, type Tip, tipOf } from './chain.js';
import { fullFiles, fullName, syncFolderOf } from './file-set.js';

/** The file that is being written, with the end of its chain. After a failure it is to be closed and opened anew. */
export class ChainFile {
  private size = 0;
  private tip: Tip = { seq: 0, hash: '' };

  private constructor(
    private handle: FileHandle,
    private readonly settings: AuditFileSettings,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** Goes on where the chain ends. A last line that was cut off is put aside, and that is written down. */
  static async open(settings: AuditFileSettings, clock: Clock, logger: Logger): Promise<ChainFile> {
    const file = new ChainFile(await openForAppending(settings.path), settings, clock, logger);
    try {
      await file.goOn();
      return file;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Settled when it is on the disk. */
  async append(bodies: readonly ChainBody[]): Promise<void> {
    const { length } = linesAfter(this.tip, bodies).bytes;
    if (this.size > 0 && this.size + length > this.settings.maxBytes) await this.beginAnew();
    await this.put(bodies);
  }

  async note(kind: ChainNote['kind'], text: string, upTo?: number): Promise<void> {
    this.logger.warn(`${this.settings.path}: ${text}`);
    const note = { kind, at: this.clock.now().toISOString(), text, ...(upTo === undefined ? {} : { upTo }) };
    await this.put([{ note }]);
  }

  async close(): Promise<void> {
    await this.handle.close();
  }

  private async put(bodies: readonly ChainBody[]): Promise<void> {
    const { tip, bytes } = linesAfter(this.tip, bodies);
    await this.handle.appendFile(bytes);
    await this.handle.datasync();
    this.tip = tip;
    this.size += bytes.length;
  }

  private async goOn(): Promise<void> {
    const { path } = this.settings;
    const { size } = await this.handle.stat();
    this.size = await endOfLines(this.handle, size);
    const torn = size > this.size ? await this.putAside(size) : null;
    const { isBroken, ...tip } = await this.lastTip();
    this.tip = tip;
    // Kept where nobody who can write the file can change it, this shows later whether lines are missing at the end.
    this.logger.log(`${path} goes on after line ${tip.seq}, ${inPieces(tip.hash)}`);
    if (isBroken) await this.note('BROKEN_CHAIN', 'The last line is not as it was written; going on after it as it is');
    if (torn) await this.note('TORN_LINE', `The last line was cut off after ${torn.bytes} bytes: see ${torn.path}`);
  }

  private async putAside(size: number): Promise<{ readonly bytes: number; readonly path: string }> {
    const path = `${this.settings.path}.torn-${this.clock.now().toISOString().replaceAll(':', '-')}`;
    const bytes = await bytesOf(this.handle, this.size, size);
    try {
      await writeFile(path, bytes, { flag: 'a', mode: 0o600, flush: true });
      await syncFolderOf(path);
    } catch (error) {
      await rm(path, { force: true }); // a disk that is full would get another one with each event
      throw error;
    }
    await this.handle.truncate(this.size);
    return { bytes: bytes.length, path };
  }

  private async lastTip(): Promise<Tip & { readonly isBroken: boolean }> {
    const last = (await fullFiles(this.settings.path)).at(-1);
    if (this.size > 0 || !last) return tipOf(linesBackwards(this.handle, this.size));
    const file = await open(last.path, 'r');
    try {
      return await tipOf(linesBackwards(file, (await file.stat()).size));
    } finally {
      await file.close();
    }
  }

  /** The file gets the name of a full one; beyond those to be kept the oldest go, which the new one says first. */
  private async beginAnew(): Promise<void> {
    const { path, keep } = this.settings;
    await rename(path, fullName(path, this.tip.seq));
    const full = this.handle;
    this.handle = await openForAppending(path);
    this.size = 0;
    await full.close();
    this.logger.log(`${path} begins anew after line ${this.tip.seq}, ${inPieces(this.tip.hash)}`);
    const surplus = (await fullFiles(path)).slice(0, -keep);
    const last = surplus.at(-1);
    if (!last) return;
    await this.note('DELETED_FILE', `Deleted lines up to ${last.last}, to keep ${keep} full files`, last.last);
    for (const file of surplus) await rm(file.path, { force: true });
  }
}

function linesAfter(start: Tip, bodies: readonly ChainBody[]): { readonly tip: Tip; readonly bytes: Buffer } {
  let tip = start;
  let text = '';
  for (const body of bodies) {
    const next = chained(tip, body);
    tip = next.tip;
    text += `${next.text}\n`;
  }
  return { tip, bytes: Buffer.from(text) };
}

async function openForAppending(path: string): Promise<FileHandle> {
  const handle = await open(path, 'a+', 0o600);
  try {
    await syncFolderOf(path);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}
