import { createSecretKey, type KeyObject } from 'node:crypto';
import type { Config } from '../../config.js';
import { KeySecrets } from './key-secrets.js';

/** Those of KEY_SECRET. */
export class ConfiguredKeySecrets extends KeySecrets {
  private readonly secrets: readonly [KeyObject, ...KeyObject[]];

  constructor({ keySecrets: [first = '', ...older] }: Pick<Config, 'keySecrets'>) {
    super();
    this.secrets = [keyObject(first), ...older.map(keyObject)];
  }

  all(): readonly [KeyObject, ...KeyObject[]] {
    return this.secrets;
  }

  async arrive(): Promise<void> {}
}

export function keyObject(secret: string): KeyObject {
  return createSecretKey(secret, 'utf8');
}
