import type { Plan } from '../../plans/plan.model.js';
import type { Now } from './calls.js';
import { type Ledger, rewrite, type Slot } from './ledger.js';
import { isEstimated, type Pair, rebased } from './pair.js';

/** One of two overlapping keys: what it was given, and what it has called of that. */
export interface Half {
  readonly slot: Slot;
  readonly key: { readonly generation: number };
  readonly pair: Pair;
  readonly used: number;
}

/**
 * Whether two overlapping keys are to share anew what is left: one of them has run dry, together they may call more than there
 * is, or the last split was made by an estimate.
 */
export function isSplitDue(halves: readonly Half[], total: number): boolean {
  const most = halves.reduce((sum, { pair, used }) => sum + Math.max(pair.basis, used), 0);
  const isDry = ({ pair, used }: Half) => pair.basis <= used;
  const isTooMuch = most > total && !halves.every(isDry);
  const isEstimate = halves.some(({ pair }) => isEstimated(pair));
  return isTooMuch || isEstimate || (halves.some(isDry) && total - usedOf(halves) > 1);
}

/** The ledger with what is left of the total split in two, of one call too many the second has it. */
export function split(ledger: Ledger, halves: readonly [Half, Half], plan: Plan, total: number, now: Now): Ledger {
  const rest = Math.max(0, total - usedOf(halves));
  const first = Math.floor(rest / 2);
  return halves.reduce((before, { slot, key: { generation }, used }, place) => {
    const share = place === 0 ? first : rest - first;
    return rewrite(before, { slot, pair: rebased(plan, used, used + share, now), plan, generation, now });
  }, ledger);
}

function usedOf(halves: readonly Half[]): number {
  return halves.reduce((sum, { used }) => sum + used, 0);
}
