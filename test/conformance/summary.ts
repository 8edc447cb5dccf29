import type { Outcome } from './examine.js';
import { BASES } from './row.js';

/** How many rows of each basis passed, differed or were not run, and why those were not. */
export function summaryOf(cloud: string, outcomes: readonly Outcome[]): string {
  const line = (cells: readonly (string | number)[]) =>
    cells.map((cell, at) => String(cell).padEnd(at === 0 ? 12 : 10)).join('');
  const counted = (of: readonly Outcome[]) => [
    of.length,
    ...(['passed', 'differs', 'not run'] as const).map((state) => of.filter((one) => one.state === state).length),
  ];
  const rows = BASES.map((basis) => line([basis, ...counted(outcomes.filter(({ fact }) => fact.basis === basis))]));
  const reasons = new Map<string, number>();
  for (const { state, reason = '' } of outcomes)
    if (state === 'not run') reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  return [
    `The table on ${cloud}:`,
    line(['basis', 'rows', 'passed', 'differ', 'not run']),
    ...rows,
    line(['all', ...counted(outcomes)]),
    ...[...reasons].map(([reason, count]) => `${count} not run there: ${reason}.`),
    '',
  ].join('\n');
}
