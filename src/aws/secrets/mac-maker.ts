/** Computes HMAC-SHA-256 with a key that it never hands out. */
export abstract class MacMaker {
  /** `keyId` is a key's id or ARN, or an alias; 32 bytes, the same for the same key and text, whenever it is asked. */
  abstract mac(keyId: string, text: Uint8Array, signal: AbortSignal): Promise<Uint8Array>;
}
