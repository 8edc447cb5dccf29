import type { CallCount } from '../../src/sandbox/habits/calls.js';
import type { FaultReport } from '../../src/sandbox/habits/faults.js';
import type { Outcome } from '../support/customer.js';
import { isCarriedOut, type Reply } from './client.js';
import { rows } from './size.js';

/** Counts what clients sent and what came back. */
export class Tally {
  sent = 0;
  acknowledged = 0;
  unfinished = 0;
  tryAgain = 0;
  lost = 0;
  readonly turnedAway: string[] = [];
  readonly broken: string[] = [];
  readonly problems = new Map<string, number>();

  heard(reply: Reply): void {
    this.sent += 1;
    if (reply.kind === 'answered') this.answered(reply.outcome);
    if (reply.kind === 'try again') this.tryAgain += 1;
    if (reply.kind === 'lost') this.lost += 1;
    if (reply.kind === 'turned away') this.turnedAway.push(reply.code);
    if (reply.kind === 'broken') this.broken.push(reply.text);
  }

  rows(): string[] {
    return rows([
      ['requests sent', this.sent],
      ['acknowledged', this.acknowledged],
      ['acknowledged as PROVISIONING or ENDING', this.unfinished],
      ['TRY_AGAIN', this.tryAgain],
      ['lost', this.lost],
      ['turned away', this.turnedAway.length],
      ['5xx and faults', this.broken.length],
      ...this.problems,
    ]);
  }

  private answered(outcome: Outcome): void {
    if (outcome.code !== undefined) this.problems.set(outcome.code, (this.problems.get(outcome.code) ?? 0) + 1);
    else if (isCarriedOut(outcome)) this.acknowledged += 1;
    else this.unfinished += 1;
  }
}

export function totalOf(calls: Readonly<Record<string, CallCount>>) {
  const counts = Object.values(calls);
  const refused = counts.flatMap((count) => Object.values(count.refused)).reduce((sum, one) => sum + one, 0);
  return { calls: counts.reduce((sum, one) => sum + one.calls, 0), refused };
}

/** Calls of operations whose names are API Gateway's. */
export function gatewayCalls(calls: Readonly<Record<string, CallCount>>): Readonly<Record<string, CallCount>> {
  return Object.fromEntries(Object.entries(calls).filter(([name]) => /ApiKey|Usage/.test(name)));
}

export function callRows(calls: Readonly<Record<string, CallCount>>): string[] {
  return Object.entries(calls).map(([name, { calls: made, refused }]) => {
    const reasons = Object.entries(refused).map(([why, times]) => `${times} ${why.replace('Exception', '')}`);
    return `  ${String(made).padStart(9)}  ${name}${reasons.length > 0 ? `, refused: ${reasons.join(', ')}` : ''}`;
  });
}

export function faultRows(faults: readonly FaultReport[]): string[] {
  const nameOf = ({ kind, effect }: FaultReport) => `${kind}${effect === false ? ', without effect' : ''}`;
  return rows(faults.map((fault) => [`fault "${nameOf(fault)}" of ${fault.seen} calls`, fault.hits] as const));
}
