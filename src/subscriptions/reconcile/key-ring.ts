import type { StoredKey } from '../../aws/key-store.js';
import { parseLedger } from '../ledger/books.js';
import { type Entry, MERGED } from '../ledger/calls.js';
import { EMPTY_LEDGER, type Ledger } from '../ledger/ledger.js';
import type { Desired } from './desired-state.service.js';

/** A key of ours, with the generation that its name says. */
export interface OwnKey extends StoredKey {
  readonly generation: number;
}

/** One customer's keys, sorted out by the winner rule. */
export interface KeyRing {
  /** All keys, highest generation first; of one generation the oldest first. */
  readonly keys: readonly OwnKey[];
  /** The one live key; null when there is none and the next is to be made. */
  readonly current: OwnKey | null;
  /** The key just before it, as long as its overlap lasts. */
  readonly overlapping: OwnKey | null;
  /** Enabled keys that must be neither: to be retired. */
  readonly surplus: readonly OwnKey[];
  /** The key whose description is the ledger: the current one, else the highest there is. */
  readonly holder: OwnKey | null;
  readonly ledger: Ledger;
  /** The generation that a new key would have. */
  readonly nextGeneration: number;
}

/** Which key is which. */
export function sortOut(keys: readonly OwnKey[], desired: Desired, nowSeconds: number): KeyRing {
  const sorted = [...keys].sort((a, b) => b.generation - a.generation || byAge(a, b));
  const highest = Math.max(sorted[0]?.generation ?? 0, desired.floor?.generation ?? 0, desired.key?.generation ?? 0);
  const top = sorted[0]?.generation === highest ? sorted[0] : null;
  const current = top?.enabled ? top : null;
  const holder = sorted[0] ?? null;
  const ledger = ledgerOf(sorted, desired);
  const before = current && predecessorOf(sorted, current);
  const overlapping = before?.enabled && nowSeconds < ledger.until ? before : null;
  return {
    keys: sorted,
    current,
    overlapping,
    surplus: sorted.filter((key) => key.enabled && key !== current && key !== overlapping),
    holder,
    ledger,
    nextGeneration: highest + 1,
  };
}

/** The key of the generation before. */
export function predecessorOf(keys: readonly OwnKey[], { generation }: OwnKey): OwnKey | null {
  return keys.find((key) => key.generation === generation - 1) ?? null;
}

/** The oldest first; of one moment the smallest id. */
export function byAge(a: OwnKey, b: OwnKey): number {
  return a.createdAt.getTime() - b.createdAt.getTime() || (a.id < b.id ? -1 : 1);
}

function ledgerOf(sorted: readonly OwnKey[], { floor }: Desired): Ledger {
  const [holder] = sorted;
  // What a floor was written from may have been behind: no key that it is about is on a plan any more.
  const ended = floor && { ...floor.ledger, pair: null, overlap: null };
  if (!holder) return ended ?? EMPTY_LEDGER;
  if (ended && floor.generation >= holder.generation) return ended;
  const before = predecessorOf(sorted, holder);
  return before ? withLateEntries(parseLedger(holder.description), before) : parseLedger(holder.description);
}

/** A key's successor carries its ledger; what another process wrote into the old one at that very moment is taken over. */
function withLateEntries(ledger: Ledger, { description, generation }: OwnKey): Ledger {
  const isOf = (late: Entry) => (entry: Entry) => entry.generation === generation && entry.plan === late.plan;
  const isMerged = ledger.entries.some((entry) => entry.plan === MERGED);
  const isNews = (late: Entry) => {
    const carried = ledger.entries.filter(isOf(late));
    if (carried.length === 0) return !isMerged; // it may be part of what was merged
    return carried.every(({ open, lastDay, calls }) => open !== 0 && (lastDay < late.lastDay || calls < late.calls));
  };
  const late = parseLedger(description).entries.filter((entry) => entry.generation === generation && isNews(entry));
  const others = ledger.entries.filter((entry) => !late.some((one) => isOf(one)(entry)));
  return late.length > 0 ? { ...ledger, entries: [...others, ...late] } : ledger;
}
