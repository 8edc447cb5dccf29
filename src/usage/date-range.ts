import { BadUserInputError } from '../problem.js';
import type { CalendarDate } from '../scalars.js';

/** Three whole months, whichever they are. What AWS reports at once is fewer days, and asked for in parts. */
const MAX_DAYS = 92;
const DAY_MILLISECONDS = 86_400_000;

/** AWS says nothing of how far back its reports go, so only their length is limited. */
export function expectRange(from: CalendarDate, to: CalendarDate): void {
  const days = (Date.parse(to) - Date.parse(from)) / DAY_MILLISECONDS + 1;
  if (days < 1) throw new BadUserInputError('`from` must not be after `to`.');
  if (days > MAX_DAYS) throw new BadUserInputError(`Ask for at most ${MAX_DAYS} days at once.`);
}
