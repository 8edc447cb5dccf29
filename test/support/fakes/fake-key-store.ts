import { randomUUID } from 'node:crypto';
import { KeyQuotaExceededError } from '../../../src/aws/failures.js';
import { type KeyChange, KeyStore, type StoredKey } from '../../../src/aws/key-store.js';
import type { Clock } from '../../../src/clock.js';
import type { Secret } from '../../../src/secret.js';

/** The account's API keys in memory. */
export class FakeKeyStore extends KeyStore {
  /** How many keys the account may have. */
  room = 10_000;
  private readonly keys = new Map<string, StoredKey>();

  constructor(private readonly clock: Clock) {
    super();
  }

  async list(namePrefix: string): Promise<StoredKey[]> {
    return [...this.keys.values()].filter(({ name }) => name.startsWith(namePrefix)).reverse();
  }

  async find(id: string): Promise<StoredKey | null> {
    return this.keys.get(id) ?? null;
  }

  async create({
    name,
    value,
    description,
  }: {
    name: string;
    value: Secret;
    description: string;
  }): Promise<StoredKey | null> {
    const { length } = value.reveal();
    if (length < 20 || length > 128) {
      throw Object.assign(new Error('API Key value should be 20 to 128 characters'), { name: 'BadRequestException' });
    }
    if ([...this.keys.values()].some((key) => key.value.equals(value))) return null;
    if (this.keys.size >= this.room) throw new KeyQuotaExceededError('CreateApiKey: no room for another key');
    const id = randomUUID().replaceAll('-', '').slice(0, 10);
    const createdAt = new Date(this.clock.seconds() * 1000); // AWS keeps whole seconds
    const key: StoredKey = { id, name, description, enabled: true, createdAt, value };
    this.keys.set(id, key);
    return key;
  }

  async change(id: string, change: KeyChange): Promise<boolean> {
    const key = this.keys.get(id);
    if (key) this.keys.set(id, { ...key, ...change });
    return key !== undefined;
  }

  /** As somebody in the AWS console would. */
  remove(id: string): void {
    this.keys.delete(id);
  }
}
