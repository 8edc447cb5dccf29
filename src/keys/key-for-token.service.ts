import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Authenticator } from '../auth/authenticator.service.js';
import { Governor } from '../aws/governor.js';
import { KeyStore } from '../aws/key-store.js';
import { agingBy, roomFor } from '../cache-options.js';
import { Clock } from '../clock.js';
import { UnauthenticatedError } from '../problem.js';
import type { Secret } from '../secret.js';
import type { NotedKey } from '../subscriptions/pool/noted-key.js';
import { shownIn } from '../subscriptions/pool/token-claims.js';
import { KeyIdentity } from '../subscriptions/reconcile/key-identity.js';

const MAX_KEYS = 10_000;
const KEPT_MILLISECONDS = 300_000;
/** A token may be newer than what GetApiKey shows; an old one is not to have it asked for each call. */
const ABSENT_MILLISECONDS = 5000;
const LOOK_UP_MILLISECONDS = 3000;

/** Whom a token lets in, and the key by which API Gateway counts their calls. */
export interface Admitted {
  readonly sub: string;
  readonly plan: string;
  readonly value: Secret;
}

/** Finds the key of whoever sends a token and no key. What the token says may be an hour old: API Gateway knows whether the key still works. */
@Injectable()
export class KeyForToken {
  /** Keys whose value has to be looked up, by whose they are and which. */
  private readonly lookedUp: LRUCache<string, Promise<Secret | null>>;

  constructor(
    private readonly authenticator: Authenticator,
    private readonly identity: KeyIdentity,
    private readonly keys: KeyStore,
    private readonly governor: Governor,
    clock: Clock,
  ) {
    this.lookedUp = new LRUCache({
      ...roomFor(MAX_KEYS),
      ttl: KEPT_MILLISECONDS,
      ...agingBy(() => clock.now().getTime()),
    });
  }

  /**
   * Null = a token that is not good, or nobody with a plan and a key.
   * @throws TryAgainError or AwsUnavailableError when nobody can tell.
   */
  async admit(authorization: string): Promise<Admitted | null> {
    const token = await this.authenticator.read(authorization).catch((error: unknown) => {
      if (error instanceof UnauthenticatedError) return null;
      throw error;
    });
    if (!token) return null;
    const { sub } = token.caller;
    const { plan, isSuspended, key } = shownIn(token.claims);
    if (plan === null || isSuspended || key === null) return null;
    const value = await this.valueOf(sub, key);
    return value && { sub, plan, value };
  }

  /** While the secret is changed, two values of one generation are possible. */
  private async valueOf(sub: string, key: NotedKey): Promise<Secret | null> {
    const isDerived = !key.isImported && !this.identity.isChangingSecret;
    if (isDerived) return key.generation > 0 ? this.identity.value(sub, key.generation) : null;
    const name = `${sub} ${key.id} ${key.generation}`;
    const known = this.lookedUp.get(name);
    if (known) return known;
    const looking = this.governor.endingWithin(LOOK_UP_MILLISECONDS, () => this.lookUp(sub, key));
    this.lookedUp.set(name, looking);
    looking.then(
      (value) => {
        if (value === null) this.lookedUp.set(name, looking, { ttl: ABSENT_MILLISECONDS });
      },
      () => this.lookedUp.delete(name),
    );
    return looking;
  }

  /** The id comes from a token: that the key is this customer's only its name says. */
  private async lookUp(sub: string, { id, generation }: NotedKey): Promise<Secret | null> {
    const found = await this.keys.find(id);
    return found && this.identity.generation(sub, found.name) === generation ? found.value : null;
  }
}
