import {
  appendFileSync,
  closeSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

/**
 * What the sandbox remembers: named tables of JSON entities. On disk it is a journal with one line per write, made
 * before the caller is answered, so a killed process loses nothing it acknowledged; each start compacts the journal.
 */
export class Store {
  private readonly tables = new Map<string, Table<unknown>>();
  private journal: Journal | null = null;
  private follower: Follower | null = null;

  /** `directory` null keeps everything in memory. */
  constructor(directory: string | null) {
    if (directory !== null) this.open(directory);
  }

  /** The table of that name. Entities are JSON: no Dates, no undefined; a changed entity must be `put` again. */
  table<T>(name: string): Table<T> {
    const existing = this.tables.get(name);
    if (existing) return existing as Table<T>;
    const made: Table<unknown> = new Table((key, value) => {
      if (this.tables.get(name) === made) this.write([name, key, value]);
    });
    this.tables.set(name, made);
    return made as Table<T>;
  }

  get isEmpty(): boolean {
    return [...this.tables.values()].every((table) => table.size === 0);
  }

  /** Tells `follower` of every write as it is made; a deleted row has no value. */
  follow(follower: Follower | null): void {
    this.follower = follower;
  }

  /** Tables begin anew; whoever holds one of before finds it empty, and what they still write there goes nowhere. */
  clear(): void {
    this.journal?.clear();
    const before = [...this.tables.values()];
    this.tables.clear();
    for (const table of before) table.clear();
  }

  close(): void {
    this.journal?.close();
    this.journal = null;
  }

  private open(directory: string): void {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const path = join(directory, 'journal.ndjson');
    if (existsSync(path)) this.replay(path);
    const lines = [...this.tables].flatMap(([name, table]) =>
      table.entries().map(([key, value]) => line([name, key, value])),
    );
    writeFileSync(`${path}.new`, lines.join(''), { mode: 0o600 });
    renameSync(`${path}.new`, path);
    this.journal = new Journal(path);
  }

  private replay(path: string): void {
    const text = readFileSync(path, 'utf8');
    const whole = text.slice(0, text.lastIndexOf('\n') + 1); // a torn last line was never acknowledged
    for (const [index, row] of whole.split('\n').entries()) {
      if (row === '') continue;
      const [name, key, value] = lineFrom(row, `${path}, line ${index + 1}`);
      this.table(name).load(key, value);
    }
  }

  private write(entry: Line): void {
    this.journal?.append(line(entry));
    if (this.follower !== null) this.follower(...entry);
  }
}

/** The open file, whole lines only. */
class Journal {
  private readonly file: number;
  private length: number;

  constructor(path: string) {
    this.file = openSync(path, 'a', 0o600);
    this.length = fstatSync(this.file).size;
  }

  /** @throws when the disk is full: then nothing of the line is left, or the next one would be part of it. */
  append(text: string): void {
    try {
      appendFileSync(this.file, text);
      this.length += Buffer.byteLength(text);
    } catch (error) {
      ftruncateSync(this.file, this.length);
      throw error;
    }
  }

  clear(): void {
    ftruncateSync(this.file);
    this.length = 0;
  }

  close(): void {
    closeSync(this.file);
  }
}

type Follower = (table: string, key: string, value: unknown) => void;

type Line = [table: string, key: string, value: unknown];

function line([name, key, value]: Line): string {
  return `${JSON.stringify([name, key, value ?? null])}\n`;
}

function lineFrom(row: string, place: string): Line {
  try {
    return JSON.parse(row) as Line;
  } catch (error) {
    throw new Error(`${place} is no row of a sandbox; \`--fresh\` drops the state.`, { cause: error });
  }
}

/** Rows are written down first: what could not be is not there. */
export class Table<T> {
  private readonly rows = new Map<string, T>();

  constructor(private readonly onWrite: (key: string, value: T | undefined) => void) {}

  get size(): number {
    return this.rows.size;
  }

  get(key: string): T | undefined {
    return this.rows.get(key);
  }

  put(key: string, value: T): T {
    this.onWrite(key, value);
    this.rows.set(key, value);
    return value;
  }

  delete(key: string): void {
    if (!this.rows.has(key)) return;
    this.onWrite(key, undefined);
    this.rows.delete(key);
  }

  clear(): void {
    this.rows.clear();
  }

  keys(): string[] {
    return [...this.rows.keys()];
  }

  values(): T[] {
    return [...this.rows.values()];
  }

  entries(): [string, T][] {
    return [...this.rows];
  }

  find(matches: (value: T) => boolean): T | undefined {
    for (const value of this.rows.values()) if (matches(value)) return value;
    return undefined;
  }

  filter(matches: (value: T) => boolean): T[] {
    return this.values().filter(matches);
  }

  /** Takes a journal line back in without writing it again. */
  load(key: string, value: unknown): void {
    if (value === null) this.rows.delete(key);
    else this.rows.set(key, value as T);
  }
}
