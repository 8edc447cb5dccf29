import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { roomFor } from '../../cache-options.js';
import type { Clock } from '../../clock.js';
import type { Caller } from '../caller.js';

const MOST_TOKENS = 10_000;

interface Verified {
  readonly caller: Caller;
  readonly expiresAtSeconds: number;
}

/**
 * Tokens that were verified lately, by the digest of the header they came in: a token is sent with every request of an
 * hour, and its signature is the same each time. Kept no longer than the token lives, nor than the keys that it was
 * verified with.
 */
export class VerifiedTokens {
  private readonly kept = new LRUCache<string, Verified>(roomFor(MOST_TOKENS));
  private currentAge = 0;

  constructor(private readonly clock: Clock) {}

  get(authorization: string): Caller | null {
    const verified = this.kept.get(digestOf(authorization));
    return verified && this.clock.seconds() < verified.expiresAtSeconds ? verified.caller : null;
  }

  /** `age` as it was when the verification began: what was verified with keys of before is not kept. */
  put(authorization: string, caller: Caller, expiresAtSeconds: number, age: number): void {
    if (age === this.currentAge) this.kept.set(digestOf(authorization), { caller, expiresAtSeconds });
  }

  /** Which keys tokens are verified with now. */
  get age(): number {
    return this.currentAge;
  }

  /** The keys were fetched anew, and one of them may have been taken away. */
  newKeys(): void {
    this.currentAge += 1;
    this.kept.clear();
  }
}

function digestOf(authorization: string): string {
  return hash('sha256', authorization, 'base64');
}
