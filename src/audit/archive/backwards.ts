import type { FileHandle } from 'node:fs/promises';

const CHUNK_BYTES = 65_536;
const NEWLINE = 10;

export interface FileLine {
  readonly text: string;
  /** Of its first byte. */
  readonly offset: number;
}

/** The whole lines before that byte, the last one first; what stands after the last line break is no line. */
export async function* linesBackwards(file: FileHandle, before: number): AsyncGenerator<FileLine> {
  let rest: Buffer | null = null; // begins at `at`, and ends where a line ends; null = no line break was met yet
  for (let at = before; at > 0; ) {
    const from = Math.max(0, at - CHUNK_BYTES);
    const chunk = await bytesOf(file, from, at);
    at = from;
    const last = chunk.lastIndexOf(NEWLINE);
    if (last < 0) {
      rest &&= Buffer.concat([chunk, rest]);
      continue;
    }
    let end = last;
    if (rest) yield { text: Buffer.concat([chunk.subarray(last + 1), rest]).toString(), offset: from + last + 1 };
    for (let start = chunk.lastIndexOf(NEWLINE, end - 1); end > 0 && start >= 0; ) {
      yield { text: chunk.toString('utf8', start + 1, end), offset: from + start + 1 };
      end = start;
      start = end === 0 ? -1 : chunk.lastIndexOf(NEWLINE, end - 1);
    }
    rest = chunk.subarray(0, end);
  }
  if (rest) yield { text: rest.toString(), offset: 0 };
}

/** Where the last whole line ends. */
export async function endOfLines(file: FileHandle, size: number): Promise<number> {
  for (let at = size; at > 0; ) {
    const from = Math.max(0, at - CHUNK_BYTES);
    const last = (await bytesOf(file, from, at)).lastIndexOf(NEWLINE);
    if (last >= 0) return from + last + 1;
    at = from;
  }
  return 0;
}

/** Those bytes, or as many of them as there are. */
export async function bytesOf(file: FileHandle, from: number, to: number): Promise<Buffer> {
  const bytes = Buffer.alloc(to - from);
  let read = 0;
  while (read < bytes.length) {
    const { bytesRead } = await file.read(bytes, read, bytes.length - read, from + read);
    if (bytesRead === 0) break;
    read += bytesRead;
  }
  return bytes.subarray(0, read);
}
