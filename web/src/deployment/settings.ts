import type { SoldApi } from '../words/snippets.js';

/** What the server says of itself at `/portal.json`. */
export interface Settings {
  /** Where Turnpike answers; empty = where this page came from. */
  readonly origin: string;
  readonly issuer: string;
  readonly clientId: string;
  /** The origin of Cognito's hosted pages; null = nobody can sign in here. */
  readonly hostedUi: string | null;
  /** The token that Turnpike takes. */
  readonly token: 'access' | 'id';
  /** The API that is sold; null = the page shows no calls. */
  readonly api: SoldApi | null;
}

export async function loadSettings(): Promise<Settings> {
  const origin = document.querySelector<HTMLMetaElement>('meta[name="turnpike-origin"]')?.content ?? '';
  const reply = await fetch(`${origin}/portal.json`, { signal: AbortSignal.timeout(15_000) });
  if (!reply.ok) throw new Error(`portal.json: ${reply.status}`);
  return { ...((await reply.json()) as Omit<Settings, 'origin'>), origin };
}
