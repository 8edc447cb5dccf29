import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { AwsUnavailableError } from '../../aws/failures.js';
import { KeyStore, type StoredKey } from '../../aws/key-store.js';
import { agingBy, roomFor } from '../../cache-options.js';
import { Clock } from '../../clock.js';
import { type Books, formatLedger } from '../ledger/books.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Desired } from './desired-state.service.js';
import { KeyIdentity } from './key-identity.js';
import { byAge, type KeyRing, type OwnKey, sortOut } from './key-ring.js';

const OWN_WRITE_SECONDS = 60;
const MAX_CUSTOMERS = 10_000;

interface OwnWrites {
  readonly created: Map<string, OwnKey>;
  readonly retired: Set<string>;
}

/** Reads, makes and retires the keys of one customer. A retired key is never enabled again. */
@Injectable()
export class Keyring {
  private readonly ownWrites: LRUCache<string, OwnWrites>;

  constructor(
    private readonly keys: KeyStore,
    private readonly identity: KeyIdentity,
    private readonly clock: Clock,
  ) {
    this.ownWrites = new LRUCache({
      ...roomFor(MAX_CUSTOMERS),
      ttl: OWN_WRITE_SECONDS * 1000,
      ...agingBy(() => clock.now().getTime()),
    });
  }

  async read(desired: Desired): Promise<KeyRing> {
    const listed = await this.list(desired.sub);
    const ring = sortOut(listed, desired, this.clock.seconds());
    if (hasNotedKey(ring, desired)) return ring;
    const missing = desired.key && (await this.findUnlisted(desired, desired.key));
    return missing && missing !== 'of another' ? sortOut([...listed, missing], desired, this.clock.seconds()) : ring;
  }

  /**
   * Makes the key of that generation, or finds the one that somebody else made at the same time.
   * @throws AwsUnavailableError when it was neither made nor is to be found.
   */
  async create({ sub, username }: Desired, generation: number, ledger: Ledger): Promise<OwnKey> {
    const name = this.identity.name(sub, generation);
    const value = this.identity.value(sub, generation);
    const description = formatLedger(ledger);
    const made = await this.keys.create({ name, value, description, username }).catch(asOutcome);
    const isMade = made !== null && !(made instanceof AwsUnavailableError);
    if (isMade) this.writesOf(sub).created.set(made.id, { ...made, value, generation });
    if (isMade && !this.identity.isChangingSecret) return { ...made, value, generation };
    const listed = await this.list(sub).catch((error: unknown) => {
      if (!isMade) throw error;
      return [{ ...made, value, generation }];
    });
    const [oldest] = listed.filter((key) => key.generation === generation).sort(byAge);
    if (!oldest) throw made instanceof AwsUnavailableError ? made : new AwsUnavailableError('CreateApiKey', 1);
    // Somebody with another first secret was before us: of one generation the oldest is the key.
    if (isMade && oldest.id !== made.id) await this.retire(sub, { ...made, generation }, null);
    return oldest;
  }

  /** Makes a key that somebody made by hand this customer's, with that ledger, unless it is gone, or another's by now. */
  async adopt({ sub, username }: Desired, key: StoredKey, generation: number, ledger: Ledger): Promise<void> {
    const there = await this.keys.find(key.id);
    if (there?.name !== key.name) return;
    const change = { name: this.identity.name(sub, generation), description: formatLedger(ledger), username };
    if (await this.keys.change(key.id, change))
      this.writesOf(sub).created.set(key.id, { ...key, ...change, generation });
  }

  /**
   * Writes the ledger into the description of the key that holds it, when it differs from what was written last. There is
   * no conditional write, so the description is looked at once more before.
   * @throws AwsUnavailableError when somebody else has written it meanwhile: to be begun again.
   */
  async keep(books: Books): Promise<void> {
    if (books.isKept()) return;
    await this.expectUnwritten(books);
    await this.keys.change(books.holder.id, { description: formatLedger(books.ledger) });
    this.kept(books);
  }

  /** Whether the books are the customer's no more: a key of a later generation has taken them over. */
  async isOvertaken({ holder }: Books): Promise<boolean> {
    const listed = await this.list(this.identity.owner(holder.name) ?? '');
    return listed.some(({ generation }) => generation > holder.generation);
  }

  private kept(books: Books): void {
    books.kept();
    const { id, name } = books.holder;
    const created = this.ownWrites.get(this.identity.owner(name) ?? '')?.created;
    const own = created?.get(id);
    if (own) created?.set(id, { ...own, description: books.lastSeen });
  }

  private async expectUnwritten({ holder, lastSeen }: Books): Promise<void> {
    const there = await this.keys.find(holder.id);
    if (there && there.description !== lastSeen) throw new AwsUnavailableError('UpdateApiKey', 1);
  }

  /** Switches a key off for good; with its own books, both are one write. `expectDue` is asked last: each call may wait for long. */
  async retire(
    sub: string,
    key: OwnKey,
    books: Books | null,
    expectDue = async (): Promise<void> => {},
  ): Promise<void> {
    if (books) await this.expectUnwritten(books);
    await expectDue();
    await this.keys.change(key.id, { enabled: false, ...(books ? { description: formatLedger(books.ledger) } : {}) });
    if (books) this.kept(books);
    this.writesOf(sub).retired.add(key.id);
  }

  /** The keys among those listed that bear this customer's name, sorted out. */
  ofListed(desired: Desired, listed: readonly StoredKey[]): KeyRing {
    return sortOut(this.own(desired.sub, listed), desired, this.clock.seconds());
  }

  /** Whether no key of a higher generation was noted on the user than the list shows. */
  isNotedKeyListed(desired: Desired, listed: readonly StoredKey[]): boolean {
    return hasNotedKey(this.ofListed(desired, listed), desired);
  }

  /** Removes a retired key, of which nothing is needed any more. */
  async delete(key: OwnKey): Promise<void> {
    await this.keys.delete(key.id);
    this.forget(key);
  }

  /** A key that turned out to be gone: what is remembered of making it does not count any more. */
  forget(key: OwnKey): void {
    for (const { created } of this.ownWrites.values()) created.delete(key.id);
  }

  /** The ring with what this process just did to it. */
  after(ring: KeyRing, desired: Desired): KeyRing {
    return sortOut(this.withRetired(desired.sub, ring.keys), desired, this.clock.seconds());
  }

  /** All keys of the customer, with what this process just made or retired laid over a list that may be behind. */
  private async list(sub: string): Promise<readonly OwnKey[]> {
    const listed = this.own(sub, await this.keys.list(this.identity.namePrefix(sub)));
    const created = [...(this.ownWrites.get(sub)?.created.values() ?? [])];
    const unlisted = created.filter(({ id }) => !listed.some((key) => key.id === id));
    const found = unlisted.map(async (key) => (await this.findUnlisted({ sub, username: key.username }, key)) ?? key);
    const theirs = (await Promise.all(found)).filter((key) => key !== 'of another');
    return this.withRetired(sub, [...listed, ...theirs]);
  }

  /** A list that changes while it is read by pages may show a key twice. */
  private own(sub: string, listed: readonly StoredKey[]): OwnKey[] {
    const once = [...new Map(listed.map((key) => [key.id, key])).values()];
    return once.flatMap((key) => {
      const generation = this.identity.generation(sub, key.name);
      return generation === null ? [] : [{ ...key, generation }];
    });
  }

  private withRetired(sub: string, keys: readonly OwnKey[]): readonly OwnKey[] {
    const retired = this.ownWrites.get(sub)?.retired;
    return retired ? keys.map((key) => (retired.has(key.id) ? { ...key, enabled: false } : key)) : keys;
  }

  /**
   * A key known of from elsewhere is not in the list: deleted, renamed by hand, or the list is behind. Null = deleted, for
   * all that can be told; a renamed one gets its name back. An imported key has a value of its own: its name says whose it
   * is, or the user name noted on it.
   */
  private async findUnlisted(
    { sub, username }: { readonly sub: string; readonly username: string | null },
    { id, generation }: Pick<OwnKey, 'id' | 'generation'>,
  ): Promise<OwnKey | 'of another' | null> {
    const found = await this.keys.find(id);
    if (!found) return null;
    const owner = this.identity.owner(found.name);
    const isNoted = owner === sub || (owner === null && found.username !== null && found.username === username);
    const isTheirs = isNoted || this.identity.isValue(found.value, sub, generation);
    if (!isTheirs) return owner === null ? null : 'of another';
    const name = this.identity.name(sub, generation);
    if (found.name !== name) await this.keys.change(id, { name });
    return { ...found, name, generation };
  }

  private writesOf(sub: string): OwnWrites {
    const writes = this.ownWrites.get(sub) ?? { created: new Map(), retired: new Set() };
    this.ownWrites.set(sub, writes);
    return writes;
  }
}

function hasNotedKey({ keys: [highest] }: KeyRing, { key, floor }: Desired): boolean {
  return (key?.generation ?? 0) <= Math.max(highest?.generation ?? 0, floor?.generation ?? 0);
}

/** Whether a call that failed for lack of an answer had its effect is looked up, not assumed. */
function asOutcome(error: unknown): AwsUnavailableError {
  if (error instanceof AwsUnavailableError) return error;
  throw error;
}
