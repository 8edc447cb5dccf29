import { Injectable } from '@nestjs/common';
import { secondsBetween } from '../../aws/governor/rates.js';
import { Governor } from '../../aws/governor.js';
import { Clock } from '../../clock.js';
import { Config } from '../../config.js';
import { Problem } from '../../problem.js';
import { PlanCatalogue } from '../plan-catalogue.service.js';
import { differing, type PlanSettings } from '../plan-settings.js';
import { isSlowChange, PlanWriter } from '../plan-writer.service.js';
import { compare, type Difference, linesOf } from './comparison.js';
import { Progress, type Screen } from './progress.js';

export interface Applied {
  readonly done: number;
  /** Left as they are: nobody said that they may be retired, or somebody has to look. */
  readonly left: readonly Difference[];
  /** One sentence for each that AWS refused. */
  readonly failures: readonly string[];
}

/** The plans of the account, held against a file, and made as it says. */
@Injectable()
export class PlansAsCode {
  constructor(
    private readonly catalogue: PlanCatalogue,
    private readonly writer: PlanWriter,
    private readonly governor: Governor,
    private readonly clock: Clock,
    private readonly config: Config,
  ) {}

  async differences(wanted: readonly PlanSettings[]): Promise<Difference[]> {
    const { managed } = await this.governor.background(() => this.catalogue.reread());
    return compare(wanted, managed);
  }

  /** Those that have a code of their own, in order. */
  async settings(): Promise<PlanSettings[]> {
    const { managed, plans } = await this.governor.background(() => this.catalogue.reread());
    return plans.flatMap(({ id }) => managed.find((plan) => plan.id === id)?.settings ?? []);
  }

  /** One plan after the other, as fast as AWS allows. Cut off, it goes on where it was: only what differs is touched. */
  async apply(wanted: readonly PlanSettings[], isRetiring: boolean, screen: Screen): Promise<Applied> {
    const differences = await this.differences(wanted);
    const due = differences.filter((one) => isDue(one, isRetiring));
    const progress = new Progress(screen, due.length, this.clock);
    const failures: string[] = [];
    let slow = due.filter(isSlow).length;
    const { awsRateFactor, processCount } = this.config;
    const each = secondsBetween('UpdateUsagePlan', awsRateFactor, processCount);
    let waits = Math.max(0, slow - 1); // the first goes at once
    try {
      for (const difference of due) {
        progress.step(linesOf(difference)[0]?.split(':')[0] ?? '', waits * each);
        const problem = await this.governor.background(() => this.carryOut(difference));
        if (problem) failures.push(`${linesOf(difference)[0]}: ${problem.message}`);
        slow -= isSlow(difference) ? 1 : 0;
        waits = slow;
      }
    } finally {
      progress.end();
    }
    return { done: due.length - failures.length, left: differences.filter((one) => !due.includes(one)), failures };
  }

  private async carryOut(difference: Difference): Promise<Problem | null> {
    const outcome = await this.outcomeOf(difference);
    return outcome instanceof Problem ? outcome : null;
  }

  private outcomeOf(difference: Difference) {
    switch (difference.kind) {
      case 'changed':
        return this.writer.change(difference.plan, difference.wanted);
      case 'missing':
        return this.writer.change(difference.plan, { ...difference.plan.settings, retired: true });
      default:
        return difference.wanted && this.writer.create(difference.wanted);
    }
  }
}

function isDue(difference: Difference, isRetiring: boolean): boolean {
  if (difference.kind === 'missing') return isRetiring;
  return difference.kind !== 'ambiguous' || difference.wanted !== null;
}

function isSlow(difference: Difference): boolean {
  return difference.kind === 'changed' && isSlowChange(differing(difference.plan.settings, difference.wanted));
}
