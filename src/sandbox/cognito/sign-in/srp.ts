import {
  constants,
  createDiffieHellmanGroup,
  createHash,
  createHmac,
  createPublicKey,
  publicEncrypt,
  randomBytes,
} from 'node:crypto';

/**
 * SRP-6a as Cognito speaks it: the 3072-bit group, SHA-256, numbers hashed as the bytes of Java's BigInteger, and a
 * proof signed with a key derived from the shared secret. All numbers are hexadecimal outside of this file.
 */

/** What is kept to check a password by SRP; users of whom only a hash was ever seen have none. */
export interface SrpVerifier {
  readonly salt: string;
  readonly verifier: string;
}

/** What the server sends (`publicB`), and the key that only somebody with the password can derive too. */
export interface SrpExchange {
  readonly publicB: string;
  readonly key: Buffer;
}

/** What a client signs to prove its key. */
export interface Claim {
  readonly poolId: string;
  readonly userId: string;
  readonly secretBlock: Buffer;
  readonly timestamp: string;
}

const PRIME = createDiffieHellmanGroup('modp15').getPrime();
const N = number(PRIME.toString('hex'));
const G = 2n;
const K = hashed(bytes(N), bytes(G));
const KEY_INFO = 'Caldera Derived Key';
const KEY_BYTES = 16;

/** `userId` is the real username, never an alias: it is part of what is hashed. */
export function srpVerifier(poolId: string, userId: string, password: string): SrpVerifier {
  const salt = number(randomBytes(16).toString('hex'));
  const x = hashed(bytes(salt), digest(`${poolName(poolId)}${userId}:${password}`));
  return { salt: salt.toString(16), verifier: power(G, x).toString(16) };
}

/** Null when the client's number would give the secret away to anybody. */
export function srpExchange({ verifier }: SrpVerifier, publicA: string): SrpExchange | null {
  const A = number(publicA);
  if (A % N === 0n) return null;
  const v = number(verifier);
  const b = number(randomBytes(32).toString('hex'));
  const B = (K * v + power(G, b)) % N;
  const u = hashed(bytes(A), bytes(B));
  const secret = power(A * power(v, u), b);
  return { publicB: B.toString(16), key: derivedKey(bytes(secret), bytes(u)) };
}

/** A server's number for somebody who does not exist, like any other. */
export function meaninglessB(): string {
  return power(G, number(randomBytes(32).toString('hex'))).toString(16);
}

export function signature(key: Buffer, { poolId, userId, secretBlock, timestamp }: Claim): Buffer {
  return createHmac('sha256', key)
    .update(poolName(poolId))
    .update(userId)
    .update(secretBlock)
    .update(timestamp)
    .digest();
}

function derivedKey(secret: Buffer, salt: Buffer): Buffer {
  const extracted = createHmac('sha256', salt).update(secret).digest();
  return createHmac('sha256', extracted).update(KEY_INFO).update(Buffer.of(1)).digest().subarray(0, KEY_BYTES);
}

function poolName(poolId: string): string {
  return poolId.split('_')[1] ?? '';
}

function number(hex: string): bigint {
  return BigInt(`0x${hex}`);
}

/** Two's complement of a positive number: a zero byte in front where the first bit is set. */
function bytes(value: bigint): Buffer {
  const hex = value.toString(16);
  const even = hex.length % 2 === 0 ? hex : `0${hex}`;
  return Buffer.from(/^[89a-f]/.test(even) ? `00${even}` : even, 'hex');
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function hashed(...parts: readonly Buffer[]): bigint {
  return number(createHash('sha256').update(Buffer.concat(parts)).digest('hex'));
}

/**
 * By OpenSSL, which takes a seventh of the time that BigInt takes: RSA without padding is nothing but a power modulo `n`.
 * (A Diffie-Hellman exchange is one too, but OpenSSL 3.5, as in Node 24, looks for seconds whether the prime is one.)
 */
function power(base: bigint, exponent: bigint): bigint {
  const jwk = { kty: 'RSA', n: PRIME.toString('base64url'), e: bytes(exponent).toString('base64url') };
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  const message = Buffer.from((base % N).toString(16).padStart(2 * PRIME.length, '0'), 'hex');
  return number(publicEncrypt({ key, padding: constants.RSA_NO_PADDING }, message).toString('hex'));
}
