import {
  appendFileSync,
  closeSync,
  existsSync,
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
  private journal: number | null = null;
  private follower: Follower | null = null;

  /** `directory` null keeps everything in memory. */
  constructor(directory: string | null) {
    if (directory !== null) this.open(directory);
  }

  /** The table of that name. Entities are JSON: no Dates, no undefined; a changed entity must be `put` again. */
  table<T>(name: string): Table<T> {
    const existing = this.tables.get(name);
    if (existing) return existing as Table<T>;
    const made = new Table<unknown>((key, value) => this.write([name, key, value]));
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

  clear(): void {
    for (const table of this.tables.values()) for (const key of [...table.keys()]) table.delete(key);
  }

  close(): void {
    if (this.journal !== null) closeSync(this.journal);
    this.journal = null;
  }

  private open(directory: string): void {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const path = join(directory, 'journal.ndjson');
    if (existsSync(path)) this.replay(readFileSync(path, 'utf8'));
    const lines = [...this.tables].flatMap(([name, table]) =>
      table.entries().map(([key, value]) => line([name, key, value])),
    );
    writeFileSync(`${path}.new`, lines.join(''), { mode: 0o600 });
    renameSync(`${path}.new`, path);
    this.journal = openSync(path, 'a', 0o600);
  }

  private replay(text: string): void {
    const whole = text.slice(0, text.lastIndexOf('\n') + 1); // a torn last line was never acknowledged
    for (const row of whole.split('\n').filter(Boolean)) {
      const [name, key, value] = JSON.parse(row) as Line;
      this.table(name).load(key, value);
    }
  }

  private write(entry: Line): void {
    if (this.journal !== null) appendFileSync(this.journal, line(entry));
    if (this.follower !== null) this.follower(...entry);
  }
}

type Follower = (table: string, key: string, value: unknown) => void;

type Line = [table: string, key: string, value: unknown];

function line([name, key, value]: Line): string {
  return `${JSON.stringify([name, key, value ?? null])}\n`;
}

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
    this.rows.set(key, value);
    this.onWrite(key, value);
    return value;
  }

  delete(key: string): void {
    if (this.rows.delete(key)) this.onWrite(key, undefined);
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
