/** What a call of the API answered, as far as a browser may see it. */
export interface Answered {
  readonly status: number;
  readonly body: string;
  /** Set out for reading, and not all of a long one. */
  readonly shownBody: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly milliseconds: number;
  readonly at: number;
}

const WAIT_MILLISECONDS = 30_000;
const MOST_SHOWN = 4000;

/** `none` = no answer came, or none that the browser shows to a page. */
export async function call(url: string, key: string, token: string | null): Promise<Answered | 'none'> {
  const from = performance.now();
  try {
    const reply = await fetch(url, {
      headers: { 'x-api-key': key, ...(token !== null && { authorization: token }) },
      cache: 'no-store',
      credentials: 'omit',
      signal: AbortSignal.timeout(WAIT_MILLISECONDS),
    });
    const body = await reply.text();
    const milliseconds = Math.round(performance.now() - from);
    const headers = [...reply.headers].sort(([one], [other]) => one.localeCompare(other));
    return { status: reply.status, body, shownBody: shown(body), headers, milliseconds, at: Date.now() };
  } catch {
    return 'none';
  }
}

function shown(body: string): string {
  const text = setOut(body);
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}\n…` : text;
}

function setOut(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
