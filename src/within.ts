import { setTimeout as pause } from 'node:timers/promises';

/** What the work comes to; null when it takes longer, on the real clock. The work goes on. */
export async function within<T>(milliseconds: number, work: Promise<T>): Promise<T | null> {
  const done = new AbortController();
  const late = pause(milliseconds, null, { signal: done.signal, ref: false }).catch(() => null);
  try {
    return await Promise.race([work, late]);
  } finally {
    done.abort();
  }
}
