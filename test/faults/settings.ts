import type { Person } from './account.js';
import type { Habits } from './counters.js';
import type { CallType } from './faults.js';
import type { Violation } from './invariants.js';
import type { Variant } from './product.js';
import type { Tolerance } from './quota.js';
import type { Turns } from './wire.js';

/** What two processes at once may give away: I6 bears the calls of one round trip. */
export const ROUND_TRIP_CALLS = 15;
/** What may be lost where reports are late: an entry that was made one with others keeps its estimate. */
export const LATE_CALLS = 25;

/** The world that a history is played in. */
export interface Settings extends Habits {
  readonly seed: number;
  readonly variant?: Variant;
  /** The customers; by default a federated and a local one. */
  readonly people?: readonly Person[];
  /** KEY_SECRET of each process, in the order in which they start; the last is everybody's after. */
  readonly secrets?: readonly [string, ...string[]];
  /** How far the clocks of the second, fourth … process are ahead, and those of the third … behind. */
  readonly skewSeconds?: number;
  /** Who goes on in a race; by default the dice say. */
  readonly turns?: Turns;
  /** Whether to tell what happens, call by call. */
  readonly isTold?: boolean;
}

export interface Report {
  readonly violations: readonly Violation[];
  /** Broken while lists were behind or effects late; healed at rest. */
  readonly early: readonly Violation[];
  readonly tolerances: ReadonlyMap<Tolerance, number>;
  readonly worstOvershoot: number;
  readonly worstExcess: number;
  readonly worstMissing: number;
  /** The AWS calls of each step of the history. */
  readonly callsOfStep: readonly (readonly CallType[])[];
  readonly trace: readonly string[];
}
