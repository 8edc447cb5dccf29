import { open, readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

const DIGITS = 12;

/** A file that is full: its name says the number of its last line. */
export interface FullFile {
  readonly path: string;
  readonly last: number;
}

/** The name that a full file gets: `audit.jsonl` becomes `audit.jsonl.000000000123`. */
export function fullName(path: string, last: number): string {
  return `${path}.${String(last).padStart(DIGITS, '0')}`;
}

/** The full files of that file, the oldest first. */
export async function fullFiles(path: string): Promise<readonly FullFile[]> {
  const start = `${basename(path)}.`;
  const names = (await readdir(dirname(path))).filter((name) => name.startsWith(start));
  return names
    .filter((name) => /^\d{12,15}$/.test(name.slice(start.length)))
    .map((name) => ({ path: join(dirname(path), name), last: Number(name.slice(start.length)) }))
    .sort((a, b) => a.last - b.last);
}

/** A new name outlasts a power cut only when the folder has been written too. */
export async function syncFolderOf(path: string): Promise<void> {
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
