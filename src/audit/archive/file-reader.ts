import { type FileHandle, open } from 'node:fs/promises';
import { type KeptEvent, UnknownPositionError } from './audit-archive.js';
import { bytesOf, linesBackwards } from './backwards.js';
import { type ChainLine, readLine } from './chain.js';
import { fullFiles } from './file-set.js';

const MARK_LENGTH = 16;
const LONGEST_LINE = 65_536;

/** Where a line stands: its number, its first byte, and the beginning of its hash, which no other line has. */
interface Place {
  readonly seq: number;
  readonly offset: number;
  readonly mark: string;
}

/**
 * Events from the newest back, of the file being written and then of the full ones, a piece of a file at a time. A file
 * that gets full meanwhile is met under both names, so only numbers that go down count.
 */
export async function* readBackwards(
  path: string,
  before: string | null,
  about: string | null,
  complain: (place: string) => void,
): AsyncGenerator<KeptEvent> {
  const place = before === null ? null : placeOf(before);
  let below = place?.seq ?? Number.POSITIVE_INFINITY;
  for await (const file of newestFiles(path, place)) {
    const end = file.isOfPlace && place ? await endBefore(file.handle, place) : (await file.handle.stat()).size;
    for await (const { text, offset } of linesBackwards(file.handle, end)) {
      if (about !== null && !text.includes(about)) continue;
      const line = readLine(text);
      if (!line) complain(`${file.path}, byte ${offset}`);
      if (!line || line.seq >= below) continue;
      below = line.seq;
      if ('event' in line) yield { event: line.event, position: positionOf(line, offset) };
    }
  }
}

interface OpenFile {
  readonly path: string;
  readonly handle: FileHandle;
  readonly isOfPlace: boolean;
}

/** Those that may hold lines before the place, one at a time. The file being written is opened before others are listed. */
async function* newestFiles(path: string, place: Place | null): AsyncGenerator<OpenFile> {
  const newest = await openIfThere(path);
  const full = [...(await fullFiles(path))].reverse();
  const isAfter = (last: number) => place !== null && last < place.seq;
  const isInNewest = place !== null && (full[0] === undefined || isAfter(full[0].last));
  const ofPlace = full.filter(({ last }) => !isAfter(last)).at(-1);
  try {
    if (newest && (!place || isInNewest)) yield { path, handle: newest, isOfPlace: isInNewest };
  } finally {
    await newest?.close();
  }
  for (const file of full) {
    const isOfPlace = place !== null && file === ofPlace;
    if (place && !isOfPlace && !isAfter(file.last)) continue;
    const handle = await openIfThere(file.path);
    if (!handle) return;
    try {
      yield { path: file.path, handle, isOfPlace };
    } finally {
      await handle.close();
    }
  }
}

/** Null = deleted, to keep no more files than were asked for. */
async function openIfThere(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

function positionOf({ seq, hash }: ChainLine, offset: number): string {
  return `${seq}.${offset}.${hash.slice(0, MARK_LENGTH)}`;
}

function placeOf(position: string): Place {
  const [, seq, offset, mark = ''] = /^(\d{1,15})\.(\d{1,15})\.([0-9a-f]{16})$/.exec(position) ?? [];
  if (mark === '') throw new UnknownPositionError();
  return { seq: Number(seq), offset: Number(offset), mark };
}

/** Where the line of that place begins. Its number may have been given by another file: the hash tells. */
async function endBefore(file: FileHandle, { offset, seq, mark }: Place): Promise<number> {
  const line = await lineAt(file, offset);
  if (line?.seq === seq && line.hash.startsWith(mark)) return offset;
  const first = await lineAt(file, 0);
  if (first && first.seq > seq) return 0; // its file was deleted meanwhile, and so was all before it
  throw new UnknownPositionError();
}

async function lineAt(file: FileHandle, offset: number): Promise<ChainLine | null> {
  const bytes = await bytesOf(file, offset, offset + LONGEST_LINE);
  const end = bytes.indexOf('\n');
  return end < 0 ? null : readLine(bytes.toString('utf8', 0, end));
}
