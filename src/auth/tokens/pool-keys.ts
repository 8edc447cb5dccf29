import type { Clock } from '../../clock.js';

const FRESH_MILLISECONDS = 300_000;
const TRUSTED_MILLISECONDS = 600_000;
/** So long nobody waits again for keys that somebody has waited for in vain. */
const PAUSE_MILLISECONDS = 30_000;

/**
 * When the pool's public keys are fetched. aws-jwt-verify keeps them until it meets a key id that it does not know, so a
 * key that Cognito has taken away would be trusted for ever.
 */
export class PoolKeys {
  private fetchedAt = Number.NEGATIVE_INFINITY;
  private fetching: Promise<void> | null = null;
  private nextWaitAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly fetchAll: () => Promise<unknown>,
    private readonly clock: Clock,
  ) {}

  /** Whether they were fetched within the last five minutes. */
  get areFresh(): boolean {
    return this.now() - this.fetchedAt < FRESH_MILLISECONDS;
  }

  /**
   * Sees to it that there are keys, and that they are not older than ten minutes. After five they are fetched anew
   * while requests go on; those that are too old are waited for, unless somebody did so in vain within the
   * last half minute: then what there is goes on to serve. What failed while nobody waited says nothing, as an instance of
   * Lambda is halted between two events.
   * @throws when there are none, and none can be had.
   */
  async ensure(): Promise<void> {
    const age = this.now() - this.fetchedAt;
    if (age < FRESH_MILLISECONDS) return;
    const fetching = this.fetch();
    if (this.fetchedAt === Number.NEGATIVE_INFINITY) return fetching;
    const outcome = fetching.catch(() => {});
    if (age < TRUSTED_MILLISECONDS || this.now() < this.nextWaitAt) return;
    await outcome;
    if (this.now() - this.fetchedAt >= TRUSTED_MILLISECONDS) this.nextWaitAt = this.now() + PAUSE_MILLISECONDS;
  }

  /** One fetch for all who ask meanwhile. */
  private fetch(): Promise<void> {
    this.fetching ??= this.fetchAll()
      .then(() => {
        this.fetchedAt = this.now();
      })
      .finally(() => {
        this.fetching = null;
      });
    return this.fetching;
  }

  private now(): number {
    return this.clock.now().getTime();
  }
}
