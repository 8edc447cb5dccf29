import { type Step, tell } from './history.js';
import { INVARIANTS, type Invariant } from './invariants.js';
import { type Report, ROUND_TRIP_CALLS, type Settings } from './settings.js';

interface Finding {
  readonly history: readonly Step[];
  readonly settings: Settings;
  readonly text: string;
  /** How to have it again. */
  readonly name: string;
}

const SHOWN = 3;
const LEAST_SHARE = 0.998;
/** Calls that two processes both take off are lost to the customer for the period; an admin can grant them anew. */
const LEAST_SHARE_OF_LOSSES = 0.98;

/** Counts cases and what they broke, and remembers the shortest histories that break each invariant. */
export class Tally {
  private cases = 0;
  private readonly overshoots: number[] = [];
  private readonly excesses: number[] = [];
  private readonly losses: number[] = [];
  private readonly tolerated = new Map<string, number>();
  private readonly early = new Map<Invariant, number>();
  private readonly found = new Map<Invariant, Finding[]>();
  private readonly counts = new Map<Invariant, number>();

  add(history: readonly Step[], settings: Settings, report: Report, name = ''): void {
    this.cases += 1;
    this.overshoots.push(report.worstOvershoot);
    this.excesses.push(report.worstExcess);
    this.losses.push(report.worstMissing);
    for (const [reason, calls] of report.tolerances)
      this.tolerated.set(reason, (this.tolerated.get(reason) ?? 0) + calls);
    for (const { invariant } of report.early) this.early.set(invariant, (this.early.get(invariant) ?? 0) + 1);
    for (const { invariant, text } of report.violations) {
      this.counts.set(invariant, (this.counts.get(invariant) ?? 0) + 1);
      const findings = [...(this.found.get(invariant) ?? []), { history, settings, text, name }];
      findings.sort((a, b) => a.history.length - b.history.length);
      this.found.set(invariant, findings.slice(0, SHOWN));
    }
  }

  /**
   * The same where no conditional write can keep processes from overtaking each other: there the quota need not hold to the
   * call, but in so many of the histories to within what one round trip lets through.
   */
  violationsBeyondRaces(leastShare = LEAST_SHARE): string[] {
    if (this.shareWithinOneRoundTrip(this.excesses) >= leastShare) this.found.delete('quota');
    return this.violationsBeyondEstimates(LEAST_SHARE_OF_LOSSES);
  }

  /** The same where calls may stay as they were estimated: so many of the histories may lose what one round trip lets through. */
  violationsBeyondEstimates(leastShare: number): string[] {
    if (this.shareWithinOneRoundTrip(this.losses) >= leastShare) this.found.delete('loss');
    return this.violations();
  }

  /** One line for each invariant that was broken, with the shortest histories. Empty = all held. */
  violations(): string[] {
    return [...this.found].map(([invariant, findings]) => {
      const examples = findings.map(({ history, settings: { variant, turns, ...shown }, text, name }) => {
        return `\n  ${name} ${tell(history)}\n    ${text}\n    ${JSON.stringify(shown)}`;
      });
      return `${invariant} (${INVARIANTS[invariant]}): ${this.counts.get(invariant)} of ${this.cases}${examples.join('')}`;
    });
  }

  table(name: string): string {
    const kinds = Object.entries(INVARIANTS).map(([invariant, promise]) => {
      const count = [...this.counts].find(([found]) => found === invariant)?.[1] ?? 0;
      const before = [...this.early].find(([found]) => found === invariant)?.[1] ?? 0;
      return `${number(count)}  ${invariant}: ${promise}${before ? ` (and ${before} healed at rest)` : ''}`;
    });
    const tolerated = [...this.tolerated].map(([reason, calls]) => `${number(calls)}  calls ${reason}`);
    return [`${name}: ${this.cases} cases`, ...kinds, ...this.overshoot(), ...tolerated].join('\n');
  }

  /** How far the quota was exceeded: with and without what is tolerated. */
  private overshoot(): string[] {
    return [
      `           calls beyond the quota, by case: ${this.bands(this.overshoots)}`,
      `           of these or still possible, and not tolerated: ${this.bands(this.excesses)}`,
      `           calls that are due and missing at rest: ${this.bands(this.losses)}`,
    ];
  }

  private shareWithinOneRoundTrip(calls: readonly number[]): number {
    return calls.filter((one) => one <= ROUND_TRIP_CALLS).length / Math.max(1, calls.length);
  }

  private bands(calls: readonly number[]): string {
    const within = (from: number, to: number) => calls.filter((one) => one >= from && one <= to).length;
    const worst = calls.reduce((most, one) => Math.max(most, one), 0);
    const share = (100 * this.shareWithinOneRoundTrip(calls)).toFixed(2);
    const beyond = within(61, Number.POSITIVE_INFINITY);
    return `none ${within(0, 0)}, 1-15 ${within(1, 15)}, 16-60 ${within(16, 60)}, more ${beyond}; worst ${worst}; ${share} % within one round trip`;
  }
}

function number(count: number): string {
  return `  ${String(count).padStart(7)}`;
}
