import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { isDeepStrictEqual } from 'node:util';
import { type ChainLine, GENESIS, inOnePiece, readLine, sha256, type Tip } from './chain.js';
import { fullFiles } from './file-set.js';

const MOST_FINDINGS = 20;
const MOST_ATTEMPTS = 5;

export interface Verification {
  readonly files: number;
  readonly lines: number;
  readonly first: number;
  readonly last: Tip;
  /** What is wrong, one sentence each, the first twenty. None = every line is as it was written, and none is missing before the last. */
  readonly findings: readonly string[];
  /** What the file says of itself: lines that were cut off, events that were missed, files that were deleted. */
  readonly notes: readonly string[];
}

/**
 * Reads a file and the full ones before it from the start. `kept` is a hash that was noted elsewhere, in the log for
 * example: without one, lines that were taken off the end are not missed. Where the file got full meanwhile, or full
 * ones were deleted, the same lines are to be found in other files: what was read counts for nothing then.
 */
export async function verify(path: string, kept: string | null = null): Promise<Verification> {
  for (let attempt = 1; ; attempt++) {
    const full = await fullFiles(path);
    const result = await read([...full.map((file) => file.path), path], kept).catch(errorOf);
    const isSame = isDeepStrictEqual(await fullFiles(path), full);
    if (!isSame && attempt < MOST_ATTEMPTS) continue;
    if (result instanceof Error) throw result;
    if (isSame || result.findings.length === 0) return result;
    throw new Error(`${path} and the full files change faster than they can be read: verify a copy of them`);
  }
}

async function read(paths: readonly string[], kept: string | null): Promise<Verification> {
  const check = new Check(kept && inOnePiece(kept));
  for (const each of paths) {
    check.enter(each);
    const input = (await open(each)).createReadStream();
    let lastByte: number | undefined;
    input.on('data', (chunk) => {
      lastByte = Buffer.from(chunk).at(-1);
    });
    for await (const text of createInterface({ input, crlfDelay: 0 })) check.line(text);
    if (lastByte !== undefined && lastByte !== 10) check.find('the last line is cut off');
  }
  return check.result(paths.length);
}

function errorOf(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

class Check {
  private readonly findings: string[] = [];
  private readonly notes: string[] = [];
  private tip: Tip | null = null;
  private first = 0;
  private lines = 0;
  private deletedUpTo = 0;
  private place = { path: '', number: 0 };
  private isKeptFound: boolean;

  constructor(private readonly kept: string | null) {
    this.isKeptFound = kept === null;
  }

  enter(path: string): void {
    this.place = { path, number: 0 };
  }

  line(text: string): void {
    this.place.number += 1;
    this.lines += 1;
    const line = readLine(text);
    if (line) this.follow(line);
    else this.find('the line was changed');
    this.tip = line ?? { seq: (this.tip?.seq ?? 0) + 1, hash: sha256(text) };
    if (this.lines === 1) this.first = this.tip.seq;
    if (this.tip.hash === this.kept) this.isKeptFound = true;
  }

  find(what: string): void {
    if (this.findings.length < MOST_FINDINGS)
      this.findings.push(`${this.place.path}, line ${this.place.number}: ${what}`);
  }

  result(files: number): Verification {
    const { first, lines } = this;
    this.place.number = this.place.number || 1;
    if (first > this.deletedUpTo + 1)
      this.findings.unshift(`Lines ${this.deletedUpTo + 1} to ${first - 1} are missing`);
    if (!this.isKeptFound)
      this.findings.push('No line has the hash that was kept: lines are missing, or it is of another file');
    return { files, lines, first, last: this.tip ?? GENESIS, findings: this.findings, notes: this.notes };
  }

  private follow(line: ChainLine): void {
    if ('note' in line) {
      this.notes.push(`${line.note.at}: ${line.note.text}`);
      this.deletedUpTo = Math.max(this.deletedUpTo, line.note.upTo ?? 0);
    }
    const { tip } = this;
    if (!tip) return;
    if (line.seq > tip.seq + 1) this.find(`lines ${tip.seq + 1} to ${line.seq - 1} are missing before it`);
    else if (line.seq <= tip.seq) this.find(`it has number ${line.seq} and comes after number ${tip.seq}`);
    else if (line.prev !== tip.hash) this.find('it was not written after the line before it');
  }
}
