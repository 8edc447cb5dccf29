import {
  type BinaryLike,
  constants,
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomUUID,
  sign,
} from 'node:crypto';
import { CLIENT_ID, USER_POOL_ID } from '../../src/sandbox/seed.js';
import type { Sandbox } from '../../src/sandbox/server.js';

export type Claims = Readonly<Record<string, unknown>>;
type KeyPair = Record<'id' | 'access', { readonly kid: string; readonly pem: string }>;

/** Makes the tokens that an attacker would send, and those that only the user pool itself could make. */
export class Forger {
  readonly kid: string;
  private readonly pool: KeyObject;
  /** A key that the pool knows nothing of. */
  private readonly stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });

  constructor(
    sandbox: Sandbox,
    private readonly sub: string,
    private readonly username: string,
  ) {
    const keys = sandbox.store.table<KeyPair>('cognito.keys').get(USER_POOL_ID);
    if (!keys) throw new Error('the sandbox has no signing keys');
    this.kid = keys.access.kid;
    this.pool = createPrivateKey(keys.access.pem);
  }

  /** The pool signs with new keys from now on, and its public list holds the new ones alone. */
  static changeKeys(sandbox: Sandbox): void {
    const fresh = () => {
      const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      return { kid: randomUUID(), pem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
    };
    sandbox.store.table<KeyPair>('cognito.keys').put(USER_POOL_ID, { id: fresh(), access: fresh() });
  }

  get publicPem(): string {
    return createPublicKey(this.pool).export({ type: 'spki', format: 'pem' }).toString();
  }

  get strangersJwk(): Claims {
    return { ...this.stranger.publicKey.export({ format: 'jwk' }), kid: this.kid, alg: 'RS256', use: 'sig' };
  }

  get publicJwk(): { n?: string; e?: string } {
    return createPublicKey(this.pool).export({ format: 'jwk' });
  }

  /** What Cognito puts into an access token now; `undefined` leaves a claim out. */
  claims(changes: Claims = {}): Claims {
    const now = Math.floor(Date.now() / 1000);
    return {
      sub: this.sub,
      iss: `https://cognito-idp.us-east-1.amazonaws.com/${USER_POOL_ID}`,
      client_id: CLIENT_ID,
      token_use: 'access',
      scope: 'aws.cognito.signin.user.admin',
      auth_time: now,
      iat: now,
      exp: now + 3600,
      jti: randomUUID(),
      username: this.username,
      ...changes,
    };
  }

  /** Signed by the pool's own key: only what it says can give it away. */
  signed(changes: Claims = {}, header: Claims = {}): string {
    const text = this.unsigned(changes, header);
    return `${text}.${sign('RSA-SHA256', Buffer.from(text), this.pool).toString('base64url')}`;
  }

  /** The header and claims of a good token, signed by somebody else. */
  signedByAStranger(header: Claims = {}): string {
    const text = this.unsigned({}, header);
    return `${text}.${sign('RSA-SHA256', Buffer.from(text), this.stranger.privateKey).toString('base64url')}`;
  }

  signedWith(algorithm: 'RS512' | 'PS256', kid = this.kid): string {
    const text = this.unsigned({}, { alg: algorithm, kid });
    const key =
      algorithm === 'RS512'
        ? this.pool
        : { key: this.pool, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
    const digest = algorithm === 'RS512' ? 'RSA-SHA512' : 'RSA-SHA256';
    return `${text}.${sign(digest, Buffer.from(text), key).toString('base64url')}`;
  }

  /** HS256 with something public taken for the secret. */
  hmac(secret: BinaryLike): string {
    const text = this.unsigned({}, { alg: 'HS256' });
    return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
  }

  unsigned(changes: Claims = {}, header: Claims = {}): string {
    return `${encoded({ alg: 'RS256', kid: this.kid, ...header })}.${encoded(this.claims(changes))}`;
  }
}

function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
