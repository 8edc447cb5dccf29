import { type Step, tell } from './history.js';
import { INVARIANTS, type Invariant } from './invariants.js';
import type { Report, Settings } from './run.js';

interface Finding {
  readonly history: readonly Step[];
  readonly settings: Settings;
  readonly text: string;
}

const SHOWN = 3;

/** Counts cases and what they broke, and remembers the shortest history that breaks each invariant. */
export class Tally {
  cases = 0;
  private worstOvershoot = 0;
  private readonly tolerated = new Map<string, number>();
  private readonly found = new Map<Invariant, Finding[]>();

  add(history: readonly Step[], settings: Settings, report: Report): void {
    this.cases += 1;
    this.worstOvershoot = Math.max(this.worstOvershoot, report.worstOvershoot);
    for (const reason of report.tolerated) this.tolerated.set(reason, (this.tolerated.get(reason) ?? 0) + 1);
    for (const { invariant, text } of report.violations) {
      this.found.set(invariant, [...(this.found.get(invariant) ?? []), { history, settings, text }]);
    }
  }

  /** One line for each invariant that was broken, with the shortest histories. Empty = all held. */
  violations(): string[] {
    return [...this.found].flatMap(([invariant, findings]) => {
      const shortest = findings.sort((a, b) => a.history.length - b.history.length).slice(0, SHOWN);
      const examples = shortest.map(({ history, settings, text }) => {
        const { variant, ...shown } = settings;
        return `\n  ${tell(history)}\n    ${text}\n    ${JSON.stringify(shown)}`;
      });
      return [`${invariant} (${INVARIANTS[invariant]}): ${findings.length} of ${this.cases}${examples.join('')}`];
    });
  }

  table(name: string): string {
    const kinds = Object.entries(INVARIANTS).map(([invariant, promise]) => {
      const count = [...this.found].find(([found]) => found === invariant)?.[1].length ?? 0;
      return `  ${String(count).padStart(7)}  ${invariant}: ${promise}`;
    });
    const tolerated = [...this.tolerated].map(([reason, calls]) => `  ${String(calls).padStart(7)}  calls ${reason}`);
    const worst = `  ${String(this.worstOvershoot).padStart(7)}  calls beyond the quota at worst, in one history`;
    return [`${name}: ${this.cases} cases`, ...kinds, worst, ...tolerated].join('\n');
  }
}
