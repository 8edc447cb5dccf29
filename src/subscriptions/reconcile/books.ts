import type { KeyRing, OwnKey } from './key-ring.js';
import { EMPTY_LEDGER, formatLedger, type Ledger, parseLedger, type Slot } from './ledger.js';

/** A ledger being worked on, and the key whose description keeps it. */
export class Books {
  private written: string;
  private isWritten = false;

  private constructor(
    readonly holder: OwnKey,
    public ledger: Ledger,
    private readonly found: Ledger,
  ) {
    this.written = formatLedger(ledger);
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

  /** The description of the holder as it was read, until it is written the first time. */
  get unwritten(): string | null {
    return this.isWritten ? null : this.holder.description;
  }

  isKept(): boolean {
    return this.written === formatLedger(this.ledger);
  }

  kept(): void {
    this.isWritten = true;
    this.written = formatLedger(this.ledger);
  }
}
