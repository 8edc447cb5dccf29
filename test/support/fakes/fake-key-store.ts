import { randomUUID } from 'node:crypto';
import { KeyQuotaExceededError } from '../../../src/aws/failures.js';
import { type KeyChange, KeyStore, type NewKey, type StoredKey } from '../../../src/aws/key-store.js';
import type { Clock } from '../../../src/clock.js';

/** The account's API keys in memory. */
export class FakeKeyStore extends KeyStore {
  /** How many keys the account may have. */
  room = 10_000;
  private readonly keys = new Map<string, StoredKey>();
  private readonly values = new Set<string>();

  constructor(private readonly clock: Clock) {
    super();
  }

  async list(namePrefix: string): Promise<StoredKey[]> {
    return [...this.keys.values()].filter(({ name }) => name.startsWith(namePrefix)).reverse();
  }

  async find(id: string): Promise<StoredKey | null> {
    return this.keys.get(id) ?? null;
  }

  async create({ value, ...rest }: NewKey): Promise<StoredKey | null> {
    const { length } = value.reveal();
    if (length < 20 || length > 128) {
      throw Object.assign(new Error('API Key value should be 20 to 128 characters'), { name: 'BadRequestException' });
    }
    if (this.values.has(value.reveal())) return null;
    if (this.keys.size >= this.room) throw new KeyQuotaExceededError('CreateApiKey: no room for another key');
    const id = randomUUID().replaceAll('-', '').slice(0, 10);
    const key: StoredKey = { ...rest, id, enabled: true, createdAt: this.now(), changedAt: this.now(), value };
    this.keys.set(id, key);
    this.values.add(value.reveal());
    return key;
  }

  async change(id: string, change: KeyChange): Promise<boolean> {
    const key = this.keys.get(id);
    if (key) this.keys.set(id, { ...key, ...change, changedAt: this.now() });
    return key !== undefined;
  }

  async delete(id: string): Promise<void> {
    this.values.delete(this.keys.get(id)?.value.reveal() ?? '');
    this.keys.delete(id);
  }

  /** AWS keeps whole seconds. */
  private now(): Date {
    return new Date(this.clock.seconds() * 1000);
  }
}
