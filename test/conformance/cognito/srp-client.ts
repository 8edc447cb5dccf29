import { createDiffieHellmanGroup, createHash, createHmac } from 'node:crypto';

const PRIME = createDiffieHellmanGroup('modp15').getPrime();
const N = BigInt(`0x${PRIME.toString('hex')}`);

const sha256 = (...parts: (Buffer | string)[]) =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
const number = (bytes: Buffer) => BigInt(`0x${bytes.toString('hex')}`);

/** As Java writes a positive number: never with the first bit set. */
function bytes(value: bigint): Buffer {
  const hex = value.toString(16);
  const plain = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
  return (plain[0] ?? 0) > 0x7f ? Buffer.concat([Buffer.of(0), plain]) : plain;
}

/** `base` to the `exponent`, by squares: another way than the sandbox's own. */
function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = base;
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = (result * square) % N;
    square = (square * square) % N;
  }
  return result;
}

type Parameters = Record<string, string> | undefined;

/** The user's side of SRP, so that a test may also send what no honest client sends. */
export class SrpClient {
  private readonly ours = createDiffieHellmanGroup('modp15');
  readonly publicA: string;

  constructor(private readonly poolId: string) {
    this.publicA = this.ours.generateKeys('hex');
  }

  /** What goes into RespondToAuthChallenge. */
  answer(
    { SRP_B = '', SALT = '', SECRET_BLOCK = '', USER_ID_FOR_SRP = '' }: NonNullable<Parameters>,
    password: string,
    timestamp = 'Sat Nov 21 10:00:00 UTC 2026',
  ): Record<string, string> {
    const pool = this.poolId.split('_')[1] ?? '';
    const B = BigInt(`0x${SRP_B}`);
    const k = number(sha256(bytes(N), bytes(2n)));
    const u = number(sha256(bytes(BigInt(`0x${this.publicA}`)), bytes(B)));
    const x = number(sha256(bytes(BigInt(`0x${SALT}`)), sha256(`${pool}${USER_ID_FOR_SRP}:${password}`)));
    const base = (((B - k * power(2n, x)) % N) + N) % N;
    const secret = power(base, number(this.ours.getPrivateKey()) + u * x);
    const prk = createHmac('sha256', bytes(u)).update(bytes(secret)).digest();
    const key = createHmac('sha256', prk).update('Caldera Derived Key\u0001').digest().subarray(0, 16);
    const signed = [pool, USER_ID_FOR_SRP, Buffer.from(SECRET_BLOCK, 'base64'), timestamp];
    const signature = signed.reduce((mac, part) => mac.update(part), createHmac('sha256', key)).digest('base64');
    return {
      USERNAME: USER_ID_FOR_SRP,
      PASSWORD_CLAIM_SECRET_BLOCK: SECRET_BLOCK,
      PASSWORD_CLAIM_SIGNATURE: signature,
      TIMESTAMP: timestamp,
    };
  }
}
