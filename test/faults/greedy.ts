import type { Act, Step } from './history.js';

/** What a customer may try again and again to get a fresh quota while AWS's reports are late. */
export const TRICKS: Readonly<Record<string, readonly (readonly Act[])[]>> = {
  nothing: [[]],
  'rotating the key': [[{ do: 'rotate', graceSeconds: 0 }]],
  'rotating with an overlap': [[{ do: 'rotate', graceSeconds: 7200 }]],
  'changing the plan': [[{ do: 'subscribe', plan: 'basic' }], [{ do: 'subscribe', plan: 'free' }]],
  'cancelling and coming back': [[{ do: 'cancel' }, { do: 'subscribe', plan: 'free' }]],
};

/** The same, and what costs most where AWS tells nothing of a plan that a key has left. */
export const TRICKS_UNTOLD: typeof TRICKS = {
  ...TRICKS,
  'changing the plan and rotating the key': [
    [
      { do: 'subscribe', plan: 'free' },
      { do: 'rotate', graceSeconds: 0 },
    ],
    [
      { do: 'subscribe', plan: 'basic' },
      { do: 'rotate', graceSeconds: 0 },
    ],
  ],
};

export const LAG_SECONDS = 3600;
const MINUTE_SECONDS = 60;

/** Calls each minute as much as the throttle allows, the trick every so many minutes, a reconcile every five. */
export function greedy(rounds: readonly (readonly Act[])[], everyMinutes: number, hours: number): Step[] {
  const history: Step[] = [{ do: 'subscribe', plan: 'free' }];
  for (let minute = 1; minute <= hours * 60; minute++) {
    history.push({ do: 'wait', seconds: MINUTE_SECONDS });
    // Just before the trick, so that no report shows it.
    if (minute % everyMinutes >= everyMinutes - 10) history.push({ do: 'call', times: 30 });
    if (minute % everyMinutes === 0) history.push(...(rounds[(minute / everyMinutes) % rounds.length] ?? []));
    if (minute % 5 === 0) history.push({ do: 'reconcile' });
  }
  return history;
}
