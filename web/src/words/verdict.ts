/** What an answer of the API means to whoever sent the call. */
export type Verdict =
  | 'good'
  | 'noToken'
  /** AWS does not know the key yet; it says the same of a key that never was. */
  | 'freshKey'
  | 'refusedKey'
  | 'usedUp'
  | 'tooFast'
  | 'notFound'
  | 'other';

/** As API Gateway says it, and as an API says it that was set up as docs/deploy.md has it. */
const USED_UP = /Limit Exceeded|QUOTA_EXCEEDED/i;
const FRESH_MILLISECONDS = 10 * 60_000;

export interface Answer {
  readonly status: number;
  readonly body: string;
}

export function verdict({ status, body }: Answer, keyCreatedAt: string, now: number): Verdict {
  if (status >= 200 && status < 300) return 'good';
  if (status === 401) return 'noToken';
  if (status === 403 && /Missing Authentication Token/i.test(body)) return 'notFound'; // so AWS says that there is no such path
  if (status === 403) return now - Date.parse(keyCreatedAt) < FRESH_MILLISECONDS ? 'freshKey' : 'refusedKey';
  if (status === 429) return USED_UP.test(body) ? 'usedUp' : 'tooFast';
  return status === 404 ? 'notFound' : 'other';
}
