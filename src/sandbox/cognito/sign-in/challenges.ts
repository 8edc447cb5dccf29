import { createHash } from 'node:crypto';
import type { Table } from '../../store.js';
import { type Client, notAuthorized, type Pools } from '../pools.js';

interface Challenge<T> {
  readonly clientId: string;
  readonly expiresAt: number;
  readonly content: T;
}

/** What a user still has to answer before being signed in; kept by the hash of what the user was given. */
export class Challenges<T> {
  private readonly challenges: Table<Challenge<T>>;

  constructor(
    private readonly pools: Pools,
    table: string,
  ) {
    this.challenges = pools.store.table<Challenge<T>>(table);
    for (const [key, { expiresAt }] of this.challenges.entries()) {
      if (expiresAt <= pools.clock.seconds()) this.challenges.delete(key);
    }
  }

  put(secret: string, client: Client, content: T): void {
    const expiresAt = this.pools.clock.seconds() + (client.settings.AuthSessionValidity ?? 3) * 60;
    this.challenges.put(hashed(secret), { clientId: client.id, expiresAt, content });
  }

  /** What was put for this secret, client and, if `isTheirs` says so, user. */
  get(secret: string, client: Client, isTheirs: (content: T) => boolean): T {
    const challenge = this.challenges.get(hashed(secret));
    if (challenge?.clientId !== client.id || !isTheirs(challenge.content)) {
      throw notAuthorized('Invalid session for the user.');
    }
    if (challenge.expiresAt <= this.pools.clock.seconds()) {
      throw notAuthorized('Invalid session for the user, session is expired.');
    }
    return challenge.content;
  }

  drop(secret: string): void {
    this.challenges.delete(hashed(secret));
  }
}

function hashed(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
