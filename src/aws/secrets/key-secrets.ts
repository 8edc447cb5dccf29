import type { KeyObject } from 'node:crypto';

/** The key in KMS will not make the secret, however often it is asked; the message is AWS's name for why. */
export class UnusableKmsKeyError extends Error {}

/**
 * The secrets that keys and signatures derive from, the first of them; all verify. As key objects of Node, which print as
 * nothing.
 */
export abstract class KeySecrets {
  /** @throws AwsUnavailableError while they have not come yet. */
  abstract all(): readonly [KeyObject, ...KeyObject[]];

  /** Gets them where that takes a call, once. @throws UnusableKmsKeyError, and what the governor hands on. */
  abstract arrive(): Promise<void>;
}
