import { createHash } from 'node:crypto';
import type { AuditEvent } from '../audit-event.js';

/** What the file says of itself, in the same chain as the events. */
export interface ChainNote {
  readonly kind: 'TORN_LINE' | 'BROKEN_CHAIN' | 'MISSED_EVENTS' | 'DELETED_FILE';
  readonly at: string;
  readonly text: string;
  /** DELETED_FILE: the number of the last line that is gone. */
  readonly upTo?: number;
}

export type ChainBody = { readonly event: AuditEvent } | { readonly note: ChainNote };

/** The end of a chain: what the next line follows. */
export interface Tip {
  readonly seq: number;
  readonly hash: string;
}

export type ChainLine = Tip & { readonly prev: string } & ChainBody;

export const GENESIS: Tip = { seq: 0, hash: '0'.repeat(64) };

const LINE = /^(\{"seq":(\d{1,15}),"prev":"([0-9a-f]{64})",("(?:event|note)":\{.*\})),"hash":"([0-9a-f]{64})"\}$/s;

/** The next line, which holds the hash of the line before it and, at its end, that of all of itself before that. */
export function chained({ seq, hash: prev }: Tip, body: ChainBody): { readonly text: string; readonly tip: Tip } {
  const hashed = JSON.stringify({ seq: seq + 1, prev, ...body }).slice(0, -1);
  const hash = sha256(hashed);
  return { text: `${hashed},"hash":"${hash}"}`, tip: { seq: seq + 1, hash } };
}

/** Null = not a line of ours, or not as we wrote it. */
export function readLine(text: string): ChainLine | null {
  const [, hashed = '', seq, prev = '', body = '', hash = ''] = LINE.exec(text) ?? [];
  if (sha256(hashed) !== hash) return null;
  try {
    return { seq: Number(seq), prev, hash, ...(JSON.parse(`{${body}}`) as ChainBody) };
  } catch {
    return null;
  }
}

/** A hash as a log may hold it: in one piece it has the form of a key's value, and would be taken out there. */
export function inPieces(hash: string): string {
  return hash.match(/.{1,16}/g)?.join('-') ?? hash;
}

/** The hash that was written so, or in one piece. */
export function inOnePiece(text: string): string {
  return text.replaceAll('-', '');
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Where a chain goes on, given its lines from the end. A line that cannot be read is gone on from as it stands. */
export async function tipOf(lines: AsyncIterable<{ readonly text: string }>): Promise<Tip & { isBroken: boolean }> {
  let unreadable = 0;
  let hash: string | null = null;
  for await (const { text } of lines) {
    const line = readLine(text);
    if (line) return { seq: line.seq + unreadable, hash: hash ?? line.hash, isBroken: unreadable > 0 };
    hash ??= sha256(text);
    unreadable += 1;
  }
  return { seq: unreadable, hash: hash ?? GENESIS.hash, isBroken: unreadable > 0 };
}
