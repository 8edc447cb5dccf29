import type { Fetcher } from 'aws-jwt-verify/https';

const TIMEOUT_MILLISECONDS = 3000;

/** Fetches the pool's public keys, from AWS or from the origin that stands in for it. */
export class JwksFetcher implements Fetcher {
  constructor(private readonly origin: string | null) {}

  async fetch(uri: string): Promise<ArrayBuffer> {
    const url = new URL(uri);
    const target = this.origin === null ? url : new URL(url.pathname, this.origin);
    const reply = await fetch(target, { redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS) });
    if (!reply.ok) throw new Error(`Fetching the public keys of the user pool failed with HTTP ${reply.status}`);
    return reply.arrayBuffer();
  }
}
