import { Injectable, Logger } from '@nestjs/common';
import { Governor } from '../../aws/governor.js';
import { describeFault } from '../../log.js';
import { AtCapacityError, TryAgainError } from '../../problem.js';
import { isSettled } from '../customer.js';
import { OneAtATime } from '../customers/one-at-a-time.js';
import { CleanUp } from '../reconcile/clean-up.service.js';
import { type Desired, DesiredState } from '../reconcile/desired-state.service.js';
import { Placement } from '../reconcile/placement.service.js';
import { Reconciler } from '../reconcile/reconciler.service.js';
import type { Finding } from './inspection.service.js';
import { type Drift, DriftKind } from './sweep-report.js';

/** They yield to nobody, so few: people have the rest of the rates. */
const AT_ONCE = 2;
const MOST_FAILURES = 10;
/** Of one who is to have no working key: that there is one. */
const KEY_AT_WORK: ReadonlySet<DriftKind> = new Set([DriftKind.PLAN_NOT_APPLIED, DriftKind.KEY_NOT_LISTED]);

export interface Mended {
  readonly mended: number;
  readonly unfinished: number;
  /** What came out while mending. */
  readonly drift: readonly Drift[];
}

/** What came of one customer: all is done, AWS let them down, or something else has to happen first. */
type End = 'done' | 'let down' | 'waits';
type Work = (finding: Finding) => Promise<End>;

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
   * Who loses a key comes first, and what can be deleted comes last. Each of the three asks other things of AWS, so that one
   * goes on where another had to stop.
   */
  async of(findings: readonly Finding[]): Promise<Mended> {
    const mend: Work = (finding) => this.mend(finding);
    const losing = await this.each(findings.filter(losesKey), mend);
    const others = findings.filter((finding) => !losesKey(finding) && !isToCleanUpOnly(finding));
    const rest = await this.each(others, mend);
    const left = new Set([...losing.left, ...rest.left]);
    const cleaning = findings.filter((finding) => isToCleanUp(finding) && !left.has(finding));
    const uncleaned = await this.each(cleaning, (finding) => this.tidy(finding));
    const unfinished = left.size + uncleaned.left.size;
    return { mended: findings.length - unfinished, unfinished, drift: [...losing.drift, ...rest.drift] };
  }

  /**
   * One customer's trouble does not stop the others; with many in trouble it is AWS's, and the rest waits for the next
   * sweep: each would take as long as AWS is asked again. A full account is no such trouble: what makes room in it comes last.
   */
  private async each(due: readonly Finding[], work: Work) {
    const left = new Set(due);
    const drift: Drift[] = [];
    let failures = 0;
    for (let at = 0; at < due.length && failures < MOST_FAILURES; at += AT_ONCE) {
      const one = async (finding: Finding) => {
        const outcome = await this.outcomeOf(finding, work);
        if (outcome === 'mended') left.delete(finding);
        else if (outcome === 'failed') failures++;
        else drift.push(...outcome);
      };
      await Promise.all(due.slice(at, at + AT_ONCE).map(one));
    }
    return { left, drift };
  }

  /** While it holds a customer's turn it yields to nobody who came later: the customer waits for that. */
  private async outcomeOf(finding: Finding, work: Work): Promise<'mended' | 'failed' | readonly Drift[]> {
    const { sub } = finding.desired;
    try {
      const end = await this.turns.run(sub, () => this.governor.shared(() => work(finding)));
      if (end === 'done') return 'mended';
      const foreign = await this.foreignPlans(finding);
      return end === 'let down' && foreign.length === 0 ? 'failed' : foreign;
    } catch (error) {
      this.logger.warn({ customer: sub, fault: describeFault(error) });
      return error instanceof AtCapacityError || error instanceof TryAgainError ? [] : 'failed';
    }
  }

  /** A fault, or a plan that cannot be told, is a customer's own trouble: it takes no time, and says nothing of the others. */
  private async mend(finding: Finding): Promise<End> {
    const fresh = await this.fresh(finding);
    if (!fresh) return 'waits';
    const { customer, outcome } = await this.reconciler.runTold(fresh);
    if (isSettled(customer.state)) return 'done';
    return outcome === 'UNFINISHED' ? 'let down' : 'waits';
  }

  private async tidy(finding: Finding): Promise<End> {
    const fresh = await this.fresh(finding);
    if (fresh) await this.cleanUp.run(fresh);
    return fresh ? 'done' : 'waits';
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

/** Whether a key works, or will again once somebody finds it, that ought not to. */
function losesKey({ desired, drift, retires }: Finding): boolean {
  const isToHaveNone = desired.plan === null || desired.suspension !== null;
  const isDue = ({ kind }: Drift) => kind === DriftKind.KEY_TO_RETIRE || (isToHaveNone && KEY_AT_WORK.has(kind));
  return retires > 0 || drift.some(isDue);
}

function isToCleanUp({ drift }: Finding): boolean {
  return drift.some(({ kind }) => kind === DriftKind.KEYS_TO_CLEAN_UP);
}

function isToCleanUpOnly(finding: Finding): boolean {
  return isToCleanUp(finding) && finding.drift.every(({ kind }) => kind === DriftKind.KEYS_TO_CLEAN_UP);
}
