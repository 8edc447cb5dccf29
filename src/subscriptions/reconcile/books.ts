import { z } from 'zod';
import type { KeyRing, OwnKey } from './key-ring.js';
import { EMPTY_LEDGER, type Entry, type Ledger, type Pair, type Slot } from './ledger.js';

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

const count = z.number().int();
const packedPair = z.tuple([z.string(), count, count, count, count, z.literal([0, 1])]);
const packedEntry = z.tuple([z.string(), count, z.iso.date(), count, count, count, count, count]);
const packedLedger = z.object({
  until: count.default(0),
  pair: packedPair.optional(),
  overlap: packedPair.optional(),
  entries: z.array(packedEntry).default([]),
});

/** The ledger as kept in a key's description. */
export function formatLedger({ until, pair, overlap, entries }: Ledger): string {
  const packed: z.input<typeof packedLedger> = {
    ...(until ? { until } : {}),
    ...(pair ? { pair: packPair(pair) } : {}),
    ...(overlap ? { overlap: packPair(overlap) } : {}),
    ...(entries.length > 0 ? { entries: entries.map(packEntry) } : {}),
  };
  return JSON.stringify(packed);
}

/** Reads what `formatLedger` wrote; a description that somebody else wrote is an empty ledger. */
export function parseLedger(description: string): Ledger {
  const { success, data } = packedLedger.safeParse(jsonOf(description));
  if (!success) return EMPTY_LEDGER;
  const { until, pair, overlap, entries } = data;
  return {
    until,
    pair: pair ? unpackPair(pair) : null,
    overlap: overlap ? unpackPair(overlap) : null,
    entries: entries.map(unpackEntry),
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function packPair({ plan, basis, used, set, at, pending }: Pair): z.input<typeof packedPair> {
  return [plan, basis, used, set, at, pending ? 1 : 0];
}

function unpackPair([plan, basis, used, set, at, pending]: z.output<typeof packedPair>): Pair {
  return { plan, basis, used, set, at, pending: pending === 1 };
}

function packEntry({ plan, generation, lastDay, calls, set, used, at, open }: Entry): z.input<typeof packedEntry> {
  return [plan, generation, lastDay, calls, set, used, at, open];
}

function unpackEntry([plan, generation, lastDay, calls, set, used, at, open]: z.output<typeof packedEntry>): Entry {
  return { plan, generation, lastDay, calls, set, used, at, open };
}
