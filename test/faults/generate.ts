import { FAULT_KINDS } from './faults.js';
import type { Act, Step } from './history.js';
import type { Settings } from './run.js';
import { pick, seeded, upTo } from './seeded.js';

/** What a random history is made of besides requests, calls and time. */
export type Flavour = 'quiet' | 'faults' | 'races';

const LAST_CALL = 14;

/** The history and the world of a seed; always the same. */
export function generate(flavour: Flavour, seed: number): { history: Step[]; settings: Settings } {
  const chance = seeded(seed);
  const settings: Settings = {
    seed,
    countersSurviveDetach: chance() < 0.5,
    usageOutlivesDetach: chance() < 0.5,
    reportsIdleDays: chance() < 0.3,
    lagSeconds: 0,
  };
  const history = Array.from({ length: 2 + upTo(chance, 9) }, () => step(chance, flavour));
  return { history, settings };
}

function step(chance: () => number, flavour: Flavour): Step {
  const dice = chance();
  if (dice < 0.35) {
    const times = pick(chance, [5, 20, 60, 200]);
    return chance() < 0.3 ? { do: 'call', times, key: 'overlapping' } : { do: 'call', times };
  }
  if (dice < 0.43) return { do: 'wait', seconds: pick(chance, [100, 1800, 4000, 90_000]) };
  if (dice < 0.46) return { do: 'wait for next month' };
  if (dice < 0.5) return { do: 'new process' };
  if (dice < 0.54) return { do: 'ask again' };
  if (flavour === 'races' && chance() < 0.6) {
    return { do: 'both', acts: [act(chance), act(chance)], callsInFlight: pick(chance, [0, 0, 0.2]) };
  }
  if (flavour === 'faults' && chance() < 0.4) {
    return { ...act(chance), fault: { call: upTo(chance, LAST_CALL), kind: pick(chance, FAULT_KINDS) } };
  }
  return act(chance);
}

function act(chance: () => number): Act {
  const dice = chance();
  if (dice < 0.34) return { do: 'subscribe', plan: pick(chance, ['free', 'basic', 'pro', 'unlimited']) };
  if (dice < 0.42) return { do: 'cancel' };
  if (dice < 0.66) {
    const graceSeconds = pick(chance, [0, 0, 3600]);
    return chance() < 0.2 ? { do: 'rotate', graceSeconds, key: 'overlapping' } : { do: 'rotate', graceSeconds };
  }
  if (dice < 0.72) return { do: 'revoke overlapping' };
  if (dice < 0.78) return { do: 'suspend' };
  if (dice < 0.86) return { do: 'resume' };
  if (dice < 0.92) return { do: 'grant', calls: pick(chance, [0, 30, 60]) };
  return { do: dice < 0.96 ? 'reveal' : 'reconcile' };
}
