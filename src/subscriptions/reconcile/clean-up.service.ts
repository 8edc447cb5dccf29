import { Injectable } from '@nestjs/common';
import type { StoredKey } from '../../aws/key-store.js';
import { Clock } from '../../clock.js';
import { formatLedger } from '../ledger/books.js';
import { type Desired, DesiredState } from './desired-state.service.js';
import type { KeyRing, OwnKey } from './key-ring.js';
import { Keyring } from './keyring.service.js';

const MAX_RETIRED = 3;
const RETIRED_SECONDS = 86_400;
const QUIET_SECONDS = 60;

/** What is to be done about a customer's retired keys. */
export interface Disposal {
  readonly keys: readonly OwnKey[];
  /** The generation that is to be noted on the user before the key that proves it can go; null = none. */
  readonly floor: number | null;
}

/**
 * Deletes retired keys that nothing is read from any more, so that the account's 10,000 go to those who are alive. The
 * highest generation proves how far the customer's keys went: it goes last, in a later run than the one that noted it.
 */
@Injectable()
export class CleanUp {
  constructor(
    private readonly keyring: Keyring,
    private readonly desiredState: DesiredState,
    private readonly clock: Clock,
  ) {}

  /** By the look of a list of keys, the customer's among them. */
  dueOf(listed: readonly StoredKey[], desired: Desired): Disposal {
    return this.due(this.keyring.ofListed(desired, listed), desired);
  }

  /** Keys beyond the last three retired ones; of a customer without a plan all, once they have been retired for a day. */
  private due(ring: KeyRing, desired: Desired): Disposal {
    const settled = ring.keys.filter((key) => !key.enabled && isSettled(ring, key));
    const isEnded = settled.length === ring.keys.length && settled.every((key) => this.isLongRetired(key));
    if (desired.plan !== null || !isEnded) return { keys: beyond(ring, MAX_RETIRED), floor: null };
    const highest = ring.nextGeneration - 1;
    const isNoted = desired.isGone || (desired.floor?.generation ?? 0) >= highest;
    return isNoted ? { keys: settled, floor: null } : { keys: beyond(ring, MAX_RETIRED), floor: highest };
  }

  /** Carries it out on a fresh reading; answers how many keys were deleted. */
  async run(desired: Desired): Promise<number> {
    const ring = await this.keyring.read(desired);
    const { keys, floor } = this.due(ring, desired);
    for (const key of [...keys].reverse()) await this.keyring.delete(key);
    if (floor !== null) await this.desiredState.writeFloor(desired, floor, ring.ledger);
    return keys.length;
  }

  /** Deletes whatever may go at once, because the account is full; whether that made room. */
  async makeRoom(desired: Desired): Promise<boolean> {
    const keys = beyond(await this.keyring.read(desired), 1);
    for (const key of keys) await this.keyring.delete(key);
    return keys.length > 0;
  }

  /** The same for somebody else's sake: even the last retired key goes, where nothing can come out of it any more. */
  async clearOut(desired: Desired): Promise<number> {
    const ring = await this.keyring.read(desired);
    const keys = beyond(ring, this.isLastDispensable(ring) ? 0 : 1);
    for (const key of keys) await this.keyring.delete(key);
    return keys.length;
  }

  /** Nobody writes into it any more, and what was written into it late stands in the current key's books. */
  private isLastDispensable({ holder, ledger, keys }: KeyRing): boolean {
    const last = keys.find(({ enabled }) => !enabled);
    const isQuiet = last && this.clock.seconds() - last.changedAt.getTime() / 1000 >= QUIET_SECONDS;
    return isQuiet === true && ledger.overlap === null && holder?.description === formatLedger(ledger);
  }

  private isLongRetired({ changedAt }: OwnKey): boolean {
    return this.clock.seconds() - changedAt.getTime() / 1000 >= RETIRED_SECONDS;
  }
}

/** Settled retired keys below the highest, but for the latest ones. */
function beyond(ring: KeyRing, kept: number): readonly OwnKey[] {
  const highest = ring.keys[0]?.generation ?? 0;
  const retired = ring.keys.filter(({ enabled, generation }) => !enabled && generation < highest);
  return retired.slice(kept).filter((key) => isSettled(ring, key));
}

function isSettled({ ledger }: KeyRing, { generation }: OwnKey): boolean {
  return ledger.entries.every((entry) => entry.generation !== generation || entry.open === 0);
}
