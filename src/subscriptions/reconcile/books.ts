import type { KeyRing, OwnKey } from './key-ring.js';
import { formatLedger, type Ledger, type Slot } from './ledger.js';

/** A ledger being worked on, and the key whose description keeps it. */
export class Books {
  private written: string;
  private readonly opened: Ledger;

  constructor(
    readonly holder: OwnKey,
    public ledger: Ledger,
  ) {
    this.opened = ledger;
    this.written = formatLedger(ledger);
  }

  static of({ holder, ledger }: KeyRing): Books | null {
    return holder && new Books(holder, ledger);
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
    return this.opened[slot] === this.ledger[slot];
  }

  isKept(): boolean {
    return this.written === formatLedger(this.ledger);
  }

  kept(): void {
    this.written = formatLedger(this.ledger);
  }
}
