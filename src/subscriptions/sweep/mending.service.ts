import { Injectable, Logger } from '@nestjs/common';
import { Governor } from '../../aws/governor.js';
import { describeFault } from '../../log.js';
import { AtCapacityError, TryAgainError } from '../../problem.js';
import { OneAtATime } from '../customers/one-at-a-time.js';
import { CleanUp } from '../reconcile/clean-up.service.js';
import { type Desired, DesiredState } from '../reconcile/desired-state.service.js';
import { Placement } from '../reconcile/placement.service.js';
import { Reconciler } from '../reconcile/reconciler.service.js';
import { SubscriptionState } from '../subscription.model.js';
import type { Finding } from './inspection.service.js';
import { type Drift, DriftKind } from './sweep-report.js';

/** They yield to nobody, so few: people have the rest of the rates. */
const AT_ONCE = 2;
const MOST_FAILURES = 10;
const UNFINISHED: ReadonlySet<SubscriptionState | null> = new Set([
  SubscriptionState.PROVISIONING,
  SubscriptionState.ENDING,
]);

export interface Mended {
  readonly mended: number;
  readonly unfinished: number;
  /** What came out while mending. */
  readonly drift: readonly Drift[];
}

/** Runs the one `reconcile` for customers in whom something has drifted, on a fresh reading, then deletes what can go. */
@Injectable()
export class Mending {
  private readonly logger = new Logger(Mending.name);

  constructor(
    private readonly turns: OneAtATime,
    private readonly desiredState: DesiredState,
    private readonly reconciler: Reconciler,
    private readonly cleanUp: CleanUp,
    private readonly placement: Placement,
    private readonly governor: Governor,
  ) {}

  /**
   * One customer's trouble does not stop the others; with many in trouble it is AWS's, and the rest waits. A full account is
   * no such trouble: what makes room in it may come last.
   */
  async of(findings: readonly Finding[]): Promise<Mended> {
    let mended = 0;
    let failures = 0;
    const drift: Drift[] = [];
    for (let at = 0; at < findings.length && failures < MOST_FAILURES; at += AT_ONCE) {
      const outcomes = await Promise.all(findings.slice(at, at + AT_ONCE).map((finding) => this.outcomeOf(finding)));
      mended += outcomes.filter((outcome) => outcome === 'mended').length;
      failures += outcomes.filter((outcome) => outcome === 'failed').length;
      drift.push(...outcomes.flatMap((outcome) => (typeof outcome === 'string' ? [] : outcome)));
    }
    return { mended, unfinished: findings.length - mended, drift };
  }

  /** While it holds a customer's turn it yields to nobody who came later: the customer waits for that. */
  private async outcomeOf(finding: Finding): Promise<'mended' | 'failed' | readonly Drift[]> {
    const { sub } = finding.desired;
    const mend = () => this.governor.shared(() => this.mend(finding));
    try {
      return (await this.turns.run(sub, mend)) ? 'mended' : await this.foreignPlans(finding);
    } catch (error) {
      this.logger.warn({ customer: sub, fault: describeFault(error) });
      return error instanceof AtCapacityError || error instanceof TryAgainError ? [] : 'failed';
    }
  }

  /** Whether the customer is as meant now. */
  private async mend(finding: Finding): Promise<boolean> {
    const fresh = await this.fresh(finding);
    if (!fresh) return false;
    const { state, desired } = await this.reconciler.run(fresh);
    if (UNFINISHED.has(state)) return false;
    const isCleaning = finding.drift.some(({ kind }) => kind === DriftKind.KEYS_TO_CLEAN_UP);
    if (isCleaning) await this.cleanUp.run(desired);
    return true;
  }

  /** Null = nobody has proven that the user is gone. */
  private async fresh({ desired, isListed }: Finding): Promise<Desired | null> {
    if (isListed) return this.desiredState.again(desired);
    return (await this.desiredState.isProvenGone(desired)) ? desired : null;
  }

  /** Why a key cannot be put into its plan: somebody put it into another one of the same stage. */
  private async foreignPlans({ desired: { sub, username }, keyIds }: Finding): Promise<readonly Drift[]> {
    const found: Drift[] = [];
    for (const id of keyIds) {
      for (const planId of await this.placement.foreignPlansOf({ id })) {
        const text = `Key ${id} is in usage plan ${planId}, which is not ours: take it out there`;
        found.push({ sub, username, kind: DriftKind.FOREIGN_PLAN, text });
      }
    }
    return found;
  }
}
