import { Injectable, Logger } from '@nestjs/common';
import { KeyQuotaExceededError } from '../../aws/failures.js';
import { Governor } from '../../aws/governor.js';
import { Clock } from '../../clock.js';
import { describeFault } from '../../log.js';
import { AtCapacityError } from '../../problem.js';
import { UserChanged } from '../../subscriptions/oversight.results.js';
import { SubscriptionState } from '../../subscriptions/subscription.model.js';
import { NoSubscription, UnknownUser } from '../../subscriptions/subscriptions.problems.js';
import { Sweeper } from '../../subscriptions/sweep/sweeper.service.js';
import { KeysService } from '../keys.service.js';
import { type Left, LeftReason, type Progress, type RekeyOptions, type RekeyReport } from './rekey-report.js';
import { type Errand, leftBecause, RekeySurvey, type Surveyed } from './rekey-survey.service.js';
import { Room } from './room.service.js';
import { Signatures } from './signatures.service.js';

/** Who holds customers' turns yields to nobody, so few: people have the rest of the rates. */
const AT_ONCE = 2;
const MOST_FAILURES = 10;
const MOST_LEFT_SHOWN = 1000;
const SETTLED = new Set<SubscriptionState | undefined>([SubscriptionState.ACTIVE, SubscriptionState.SUSPENDED]);

/** What one run has done so far. */
class Tally {
  rotated = 0;
  signed = 0;
  deletedKeys = 0;
  failures = 0;
  isFull = false;
  readonly left: Left[] = [];
}

/** Puts every customer's keys and signatures on the first secret, so that the older ones protect nothing any more. */
@Injectable()
export class Rekeying {
  private readonly logger = new Logger(Rekeying.name);

  constructor(
    private readonly survey: RekeySurvey,
    private readonly keys: KeysService,
    private readonly signatures: Signatures,
    private readonly room: Room,
    private readonly sweeper: Sweeper,
    private readonly governor: Governor,
    private readonly clock: Clock,
  ) {}

  /** At the pace of a sweep, people come first. It begins with one, which finishes what an earlier run left half done. */
  run(options: RekeyOptions, progress: Progress = () => {}): Promise<RekeyReport> {
    return this.governor.background(async () => {
      const start = this.clock.seconds();
      if (!options.isDryRun && !options.signaturesOnly) await this.sweeper.sweep();
      const surveyed = await this.survey.ofAll(options);
      const tally = new Tally();
      tally.left.push(...surveyed.left);
      if (options.isDryRun) tally.left.push(...surveyed.errands.map((errand) => leftOf(errand, LeftReason.TO_DO)));
      else await this.carryOut(surveyed, options, tally, progress);
      return reportOf(surveyed, tally, options.isDryRun, Math.round(this.clock.seconds() - start));
    });
  }

  /** Round by round, as long as the account, once full, can be given room again. */
  private async carryOut(surveyed: Surveyed, options: RekeyOptions, tally: Tally, progress: Progress): Promise<void> {
    const total = surveyed.errands.length;
    let due = surveyed.errands;
    while (due.length > 0) {
      tally.isFull = false;
      const waiting: Errand[] = [];
      const before = total - due.length;
      for (let at = 0; at < due.length; at += AT_ONCE) {
        const some = due.slice(at, at + AT_ONCE);
        const turnedAway = await Promise.all(some.map((errand) => this.attempt(errand, options, tally)));
        waiting.push(...turnedAway.filter((errand) => errand !== null));
        progress(before + Math.min(at + AT_ONCE, due.length) - waiting.length, total);
      }
      const done = due.filter((errand) => !waiting.includes(errand)).map(({ sub }) => sub);
      const freed = waiting.length > 0 ? await this.room.make([...surveyed.withRetiredKeys, ...done]) : 0;
      tally.deletedKeys += freed;
      if (freed === 0) tally.left.push(...waiting.map((errand) => leftOf(errand, LeftReason.AT_CAPACITY)));
      due = freed === 0 ? [] : waiting;
    }
  }

  /** Answers the errand when there was no room for another key; with many in trouble it is AWS's, and the rest waits. */
  private async attempt(errand: Errand, options: RekeyOptions, tally: Tally): Promise<Errand | null> {
    if (tally.isFull && errand.keyId) return errand;
    try {
      if (tally.failures >= MOST_FAILURES) tally.left.push(leftOf(errand, LeftReason.UNFINISHED));
      else await this.governor.shared(() => this.perform(errand, options, tally)); // it holds the customer's turn
    } catch (error) {
      if (error instanceof AtCapacityError || error instanceof KeyQuotaExceededError) {
        tally.isFull = true;
        return errand;
      }
      tally.failures += 1;
      tally.left.push(leftOf(errand, LeftReason.UNFINISHED));
      this.logger.warn({ customer: errand.sub, fault: describeFault(error) });
    }
    return null;
  }

  private async perform(errand: Errand, { graceSeconds }: RekeyOptions, tally: Tally): Promise<void> {
    const { sub, keyId, isToSign } = errand;
    if (keyId) {
      const outcome = await this.keys.rotateFor(sub, keyId, graceSeconds);
      // Whoever has left meanwhile has no key that would have to go, and nothing to be signed.
      if (outcome instanceof NoSubscription || outcome instanceof UnknownUser) return;
      const isMade = outcome instanceof UserChanged; // or the customer has replaced it meanwhile
      if (isMade && SETTLED.has(outcome.user.subscription?.state)) tally.rotated += 1;
      else if (isMade) tally.left.push(leftOf(errand, LeftReason.UNFINISHED));
    }
    const signing = isToSign ? await this.signatures.renew(sub) : 'none';
    if (signing === 'signed') tally.signed += 1;
    if (signing === 'overtaken') tally.left.push(leftOf(errand, LeftReason.PLAN_NOT_SIGNED));
  }
}

function leftOf({ sub, username }: Errand, why: LeftReason): Left {
  return leftBecause(sub, username, why);
}

function reportOf({ customers, errands, left }: Surveyed, tally: Tally, isDryRun: boolean, seconds: number) {
  return {
    isDryRun,
    customers,
    upToDate: customers - errands.length - left.filter(({ why }) => why !== LeftReason.USER_NOT_LISTED).length,
    rotated: tally.rotated,
    signed: tally.signed,
    deletedKeys: tally.deletedKeys,
    leftCount: tally.left.length,
    left: tally.left.slice(0, MOST_LEFT_SHOWN),
    seconds,
  };
}
