import type { Person } from './account.js';
import { TIMELY } from './counters.js';
import type { Variant } from './product.js';
import { Run } from './run.js';

const CROWD: readonly Person[] = Array.from({ length: 12 }, (_, n) => {
  const sub = `44444444-0000-0000-0000-${String(n).padStart(12, '0')}`;
  return { sub, username: `google_${n}` };
});

/** Twelve customers with keys, all of them deleted at once by somebody's mistake; the keys that a sweep leaves alive. */
export async function keysLeftByASweep(
  variant: Variant = {},
): Promise<{ readonly before: number; readonly after: number }> {
  const run = new Run({ ...TIMELY, seed: 1, variant, people: CROWD });
  const enabled = () => run.cloud.account.keys.filter(({ id, enabled }) => enabled && run.cloud.made.has(id)).length;
  for (const place of CROWD.keys()) {
    await run.begin([{ do: 'subscribe', plan: 'free', who: place }]);
  }
  const before = enabled();
  for (const place of CROWD.keys()) await run.begin([{ do: 'delete user', who: place }]);
  await run.begin([{ do: 'wait', seconds: 100 }, { do: 'sweep' }]);
  return { before, after: enabled() };
}
