import * as z from 'zod';
import type { KeyRing, OwnKey } from '../reconcile/key-ring.js';
import { type Entry, MERGED, together } from './calls.js';
import { EMPTY_LEDGER, type Ledger, type Slot } from './ledger.js';
import { isEstimated, type Pair } from './pair.js';

/** A ledger being worked on, and the key whose description keeps it. */
export class Books {
  private written: string;
  /** The holder's description as it was read or written last: whoever finds another one has been overtaken. */
  lastSeen: string;

  private constructor(
    readonly holder: OwnKey,
    public ledger: Ledger,
    private readonly found: Ledger,
  ) {
    this.written = formatLedger(ledger);
    this.lastSeen = holder.description;
  }

  static of({ holder, ledger }: KeyRing): Books | null {
    return holder && new Books(holder, ledger, ledger);
  }

  /** Those of a key that was made just now: nothing in them is left over from somebody else. */
  static ofNew(holder: OwnKey): Books {
    return new Books(holder, parseLedger(holder.description), EMPTY_LEDGER);
  }

  /** The slot of a key that is alive: the current one, or the one it overlaps. */
  liveSlotOf({ id }: OwnKey): Slot {
    return id === this.holder.id ? 'pair' : 'overlap';
  }

  slotOf({ id, generation }: OwnKey): Slot | null {
    if (id === this.holder.id) return 'pair';
    return generation === this.holder.generation - 1 ? 'overlap' : null;
  }

  /** Whether the key is on a plan, for all that is written down. */
  hasOnPlan(key: OwnKey): boolean {
    const slot = this.slotOf(key);
    return slot !== null && this.ledger[slot] !== null;
  }

  /** Whether the key is alive and on no plan, for all that is written down. */
  isParked(key: OwnKey): boolean {
    return key.enabled && this.slotOf(key) !== null && !this.hasOnPlan(key);
  }

  /** Whether this pair stood in the ledger before: recorded by somebody who may not have carried it out. */
  isFound(slot: Slot): boolean {
    return this.found[slot] === this.ledger[slot];
  }

  isKept(): boolean {
    return this.written === formatLedger(this.ledger);
  }

  kept(): void {
    this.written = formatLedger(this.ledger);
    this.lastSeen = this.written;
  }
}

/**
 * The ledger with two entries made one, settled ones and those of the oldest keys first; null when there are not two. No
 * call is lost, but which pair they were made on, and so the means to settle them. The two newest keys' come last: of
 * these pairs more is to be read, from which their calls are taken off.
 */
function shortened(ledger: Ledger): Ledger | null {
  const highest = Math.max(...ledger.entries.map(({ generation }) => generation));
  const newness = ({ generation }: Entry) => Math.max(0, generation - highest + 2);
  const isOpen = ({ open }: Entry) => Number(open !== 0);
  const byUse = ledger.entries.toSorted(
    (a, b) => newness(a) - newness(b) || isOpen(a) - isOpen(b) || a.generation - b.generation,
  );
  const [first, second, ...others] = byUse;
  if (!first || !second) return null;
  const merged = { ...together(first, second), plan: MERGED, generation: 0, set: 0, certain: 0, at: 0, open: 0 };
  return { ...ledger, entries: [merged, ...others] };
}

const MAX_CHARACTERS = 1024;

const count = z.number().int();
const period = z.enum(['DAY', 'WEEK', 'MONTH']);
/** The last but one is missing where it is `used` and nothing follows, and the last one where it is not known. */
const packedPair = z.tuple([
  z.string(),
  count,
  count,
  count,
  count,
  z.literal([0, 1]),
  count.optional(),
  period.optional(),
]);
const packedEntry = z.tuple([z.string(), count, z.iso.date(), count, count, count, count, count, count, count]);
const packedLedger = z.object({
  until: count.default(0),
  pair: packedPair.optional(),
  overlap: packedPair.optional(),
  entries: z.array(packedEntry).default([]),
  untold: z.iso.date().nullable().default(null),
});

/** The ledger as kept in a key's description: at most 1 KB, for which entries are merged where there are too many. */
export function formatLedger(ledger: Ledger): string {
  const text = textOf(ledger);
  const shorter = text.length > MAX_CHARACTERS ? shortened(ledger) : null;
  return shorter ? formatLedger(shorter) : text;
}

function textOf({ until, pair, overlap, entries, untold }: Ledger): string {
  const packed: z.input<typeof packedLedger> = {
    ...(until ? { until } : {}),
    ...(pair ? { pair: packPair(pair) } : {}),
    ...(overlap ? { overlap: packPair(overlap) } : {}),
    ...(entries.length > 0 ? { entries: entries.map(packEntry) } : {}),
    ...(untold ? { untold } : {}),
  };
  return JSON.stringify(packed);
}

/** Reads what `formatLedger` wrote; a description that somebody else wrote is an empty ledger. */
export function parseLedger(description: string): Ledger {
  const { success, data } = packedLedger.safeParse(jsonOf(description));
  if (!success) return EMPTY_LEDGER;
  const { until, pair, overlap, entries, untold } = data;
  return {
    until,
    pair: pair ? unpackPair(pair) : null,
    overlap: overlap ? unpackPair(overlap) : null,
    entries: entries.map(unpackEntry),
    untold,
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Stands for null among numbers. */
const UNKNOWN = -1;

function packPair(pair: Pair): z.input<typeof packedPair> {
  const { plan, period, basis, used, certain, set, at, pending } = pair;
  const packed = [plan, basis, used, set, at, pending ? 1 : 0] as const;
  if (period !== null) return [...packed, certain ?? UNKNOWN, period];
  return isEstimated(pair) ? [...packed, certain ?? UNKNOWN] : [...packed];
}

function unpackPair([plan, basis, used, set, at, pending, certain, period]: z.output<typeof packedPair>): Pair {
  const isPending = pending === 1;
  return { plan, period: period ?? null, basis, used, certain: known(certain ?? used), set, at, pending: isPending };
}

function packEntry(entry: Entry): z.input<typeof packedEntry> {
  const { plan, generation, lastDay, day, week, calls, set, certain, at, open } = entry;
  return [plan, generation, lastDay, day, week, calls, set, certain ?? UNKNOWN, at, open];
}

function unpackEntry(packed: z.output<typeof packedEntry>): Entry {
  const [plan, generation, lastDay, day, week, calls, set, certain, at, open] = packed;
  return { plan, generation, lastDay, day, week, calls, set, certain: known(certain), at, open };
}

function known(count: number): number | null {
  return count === UNKNOWN ? null : count;
}
