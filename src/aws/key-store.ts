import type { Secret } from '../secret.js';

/** An API key as the store holds it. */
export interface StoredKey {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly enabled: boolean;
  /** User name of the customer it was made for, as noted on the key; null where nobody noted one. */
  readonly username: string | null;
  readonly createdAt: Date;
  /** When name, description or state were last changed. */
  readonly changedAt: Date;
  readonly value: Secret;
}

export type NewKey = Pick<StoredKey, 'name' | 'value' | 'description' | 'username'>;

export interface KeyChange {
  readonly description?: string;
  /** Only ever off: a key that was switched off stays off. */
  readonly enabled?: false;
  readonly name?: string;
  /** User name of the customer it is for. */
  readonly username?: string;
}

/** The API keys of the account: names are free, values are unique. */
export abstract class KeyStore {
  /** Every key whose name starts with the prefix (case-sensitive), all pages, in no promised order. */
  abstract list(namePrefix: string): Promise<StoredKey[]>;

  abstract find(id: string): Promise<StoredKey | null>;

  /** Makes an enabled key. Null when a key with this value exists already: somebody else made it. */
  abstract create(key: NewKey): Promise<StoredKey | null>;

  /** Applies the whole change at once. False when the key is gone. */
  abstract change(id: string, change: KeyChange): Promise<boolean>;

  /** Removes the key and takes it out of its plans; one that is gone already is success. */
  abstract delete(id: string): Promise<void>;
}
