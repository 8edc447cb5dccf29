import type { StoredKey } from '../../src/aws/key-store.js';
import type { UsagePlan } from '../../src/aws/usage-plans.js';
import type { DirectoryUser } from '../../src/aws/user-directory.js';
import { parseLedger } from '../../src/subscriptions/ledger/books.js';
import type { Ledger } from '../../src/subscriptions/ledger/ledger.js';
import type { Pair } from '../../src/subscriptions/ledger/pair.js';
import type { Cloud } from './cloud.js';

/** What one customer has, as it truly is, and what the customer is meant to have. */
export class Belongings {
  constructor(
    private readonly cloud: Cloud,
    readonly sub: string,
  ) {}

  get user(): DirectoryUser | null {
    return this.cloud.userOf(this);
  }

  attribute(name: string): string | null {
    return this.user?.attributes[`custom:${name}`] ?? null;
  }

  /** Code of the plan meant. */
  get planCode(): string | null {
    return this.isLeaving ? null : this.attribute('plan');
  }

  /** Whether an admin asked for deletion. */
  get isLeaving(): boolean {
    return this.attribute('deleting') !== null;
  }

  /** The plan meant; null when there is none, or none or more than one that bears its code. */
  get plan(): UsagePlan | null {
    const code = this.planCode;
    const bearers = this.cloud.account.plans.filter(({ tags }) => tags['turnpike:plan'] === code);
    return code !== null && bearers.length === 1 ? (bearers[0] ?? null) : null;
  }

  get isSuspended(): boolean {
    return this.attribute('suspended') !== null || this.user?.enabled === false;
  }

  /** All keys, the oldest first. */
  get keys(): StoredKey[] {
    return this.cloud.account.keys.filter(({ id }) => this.cloud.made.get(id)?.sub === this.sub);
  }

  get live(): StoredKey[] {
    return this.keys.filter(({ id, enabled }) => enabled && this.cloud.account.planOf.has(id));
  }

  generationOf({ id }: StoredKey): number {
    return this.cloud.made.get(id)?.generation ?? 0;
  }

  /** The key of the highest generation, whose description is the ledger; of one generation the oldest. */
  get holder(): StoredKey | null {
    const isHigher = (key: StoredKey, best: StoredKey) => this.generationOf(key) > this.generationOf(best);
    return this.keys.reduce<StoredKey | null>((best, key) => (!best || isHigher(key, best) ? key : best), null);
  }

  get current(): StoredKey | null {
    const { holder } = this;
    return holder?.enabled ? holder : null;
  }

  get overlapping(): StoredKey | null {
    const { current } = this;
    if (!current) return null;
    const before = this.generationOf(current) - 1;
    return this.keys.find((key) => key.enabled && this.generationOf(key) === before) ?? null;
  }

  /** Whether the overlap lasts as yet. */
  get isOverlapping(): boolean {
    const { current } = this;
    return current !== null && ledgerIn(current).until * 1000 > this.cloud.at;
  }

  /** The pair that the key is on, as the ledger has it. */
  recordedPair({ id }: StoredKey): Pair | null {
    const { holder } = this;
    if (!holder) return null;
    const { pair, overlap } = ledgerIn(holder);
    return id === holder.id ? pair : overlap;
  }
}

const MOST_KNOWN = 10_000;
const known = new Map<string, Ledger>();

export function ledgerIn({ description }: StoredKey): Ledger {
  const ledger = known.get(description) ?? parseLedger(description);
  if (known.size > MOST_KNOWN) known.clear();
  known.set(description, ledger);
  return ledger;
}
