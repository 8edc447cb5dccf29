import type { Fetcher } from 'aws-jwt-verify/https';
import type { Clock } from '../../clock.js';
import { download } from './download.js';

const FIRST_PAUSE_MILLISECONDS = 1000;
const MAX_PAUSE_MILLISECONDS = 30_000;
const KEPT_MILLISECONDS = 5000;

interface Pause {
  readonly milliseconds: number;
  readonly until: number;
}

interface Kept {
  readonly keys: ArrayBuffer;
  readonly at: number;
}

/**
 * Fetches the pool's public keys, from AWS or from the origin that stands in for it. What it fetched it answers for five
 * seconds, and after a failure it does not ask for a second, then for two, up to half a minute: aws-jwt-verify would
 * ask anew for every token while there are no keys, and for every key id that somebody makes up.
 */
export class JwksFetcher implements Fetcher {
  private readonly kept = new Map<string, Kept>();
  private readonly pauses = new Map<string, Pause>();

  constructor(
    private readonly origin: string | null,
    private readonly clock: Clock,
    private readonly onFetched: () => void = () => {},
    private readonly get: typeof download = download,
  ) {}

  /** From where keys were fetched so far. */
  get uris(): readonly string[] {
    return [...this.kept.keys()];
  }

  async fetch(uri: string): Promise<ArrayBuffer> {
    const now = this.clock.now().getTime();
    const kept = this.kept.get(uri);
    if (kept && now < kept.at + KEPT_MILLISECONDS) return kept.keys;
    if (now < (this.pauses.get(uri)?.until ?? 0)) throw new Error('The public keys could not be fetched just now');
    try {
      const keys = await this.get(this.addressOf(uri));
      this.pauses.delete(uri);
      this.kept.set(uri, { keys, at: this.clock.now().getTime() });
      this.onFetched();
      return keys;
    } catch (error) {
      const twice = 2 * (this.pauses.get(uri)?.milliseconds ?? 0);
      const milliseconds = Math.min(Math.max(twice, FIRST_PAUSE_MILLISECONDS), MAX_PAUSE_MILLISECONDS);
      this.pauses.set(uri, { milliseconds, until: this.clock.now().getTime() + milliseconds });
      throw error;
    }
  }

  private addressOf(uri: string): URL {
    const url = new URL(uri);
    return this.origin === null ? url : new URL(url.pathname, this.origin);
  }
}
