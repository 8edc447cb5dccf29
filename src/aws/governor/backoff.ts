import type { Clock } from '../../clock.js';
import { isThrottled, retryAfterSeconds } from '../failures.js';

const AFTER_FAILURE_MILLISECONDS = 100;
const AFTER_THROTTLING_MILLISECONDS = 500;
const MOST_MILLISECONDS = 10_000;

/** How long to wait before the next attempt: full jitter, and never less than AWS asks for. */
export function pauseAfter(attempt: number, error: unknown, clock: Clock): number {
  const first = isThrottled(error) ? AFTER_THROTTLING_MILLISECONDS : AFTER_FAILURE_MILLISECONDS;
  const jittered = clock.chance() * Math.min(first * 2 ** attempt, MOST_MILLISECONDS);
  const asked = retryAfterSeconds(error);
  return asked === null ? jittered : asked * 1000 + jittered;
}
