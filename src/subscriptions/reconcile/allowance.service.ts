import { Injectable } from '@nestjs/common';
import { AwsUnavailableError } from '../../aws/failures.js';
import { UsagePlans } from '../../aws/usage-plans.js';
import { Clock, dayOf } from '../../clock.js';
import { Config } from '../../config.js';
import type { Plan } from '../../plans/plan.model.js';
import { PlanCatalogue } from '../../plans/plan-catalogue.service.js';
import { firstDay, hasNewQuota } from '../../plans/quota-period.js';
import type { Books } from '../ledger/books.js';
import {
  type Calls,
  type Entry,
  type Now,
  periodOf,
  type Report,
  reportedFrom,
  reportedSince,
} from '../ledger/calls.js';
import { type Half, isSplitDue, split } from '../ledger/halves.js';
import {
  allowance,
  dueEntries,
  earlierOn,
  isEstimate,
  isUnread,
  join,
  type Ledger,
  leave,
  rewrite,
  settle,
  settledCalls,
} from '../ledger/ledger.js';
import { counted, datedPairNow, isEstimated, isRecent, isWhole, type Pair, pairNow, rebased } from '../ledger/pair.js';
import type { Desired } from './desired-state.service.js';
import type { OwnKey } from './key-ring.js';
import { Keyring } from './keyring.service.js';

/** How long lists may be behind, for all that was seen. */
const LIST_SECONDS = 60;
/** The period ended meanwhile: the new one's counter may have been set to what was left of it, and is to be set again. */
const OF_EARLIER_PERIOD = { basis: 0, used: 0, certain: 0, set: 0, pending: true };

/** Keeps a customer's calls within one allowance, over all keys and plans of the period. */
@Injectable()
export class Allowance {
  /**
   * Keys whose remaining calls this process set, perhaps after somebody else had: whatever is on record, it is to be set again.
   * Not null = it is on record, and only who holds the books could not be seen after: nothing is to be done if that key still does.
   */
  private readonly overtaken = new Map<string, string | null>();

  constructor(
    private readonly usagePlans: UsagePlans,
    private readonly catalogue: PlanCatalogue,
    private readonly keyring: Keyring,
    private readonly clock: Clock,
    private readonly config: Config,
  ) {}

  now(): Now {
    return { date: this.clock.now(), seconds: this.clock.seconds(), lagSeconds: this.config.usageLagSeconds };
  }

  /** Extra calls of the plan's current period; one of another length that began on the same day is another one. */
  granted({ quota }: Plan, { grant }: Desired): number {
    if (!quota || !grant || (grant.period ?? quota.period) !== quota.period) return 0;
    return grant.periodStart === firstDay(quota.period, this.clock.now()) ? grant.calls : 0;
  }

  /** All that the customer may call now, on keys and plans not left yet. */
  total(ledger: Ledger, plan: Plan, desired: Desired): number {
    return allowance(ledger, plan, this.granted(plan, desired), this.now());
  }

  /** The part of the total that this live key may call: all of it, or what the overlap leaves to it. */
  shareOf(books: Books, key: OwnKey, plan: Plan, desired: Desired, isShared: boolean): number {
    const total = this.total(books.ledger, plan, desired);
    if (!isShared || !plan.quota) return total;
    const { overlap } = books.ledger;
    const half = Math.floor(total / 2);
    const overlapShare = Math.max(0, Math.min(total, overlap?.plan === plan.code ? overlap.basis : half));
    return books.liveSlotOf(key) === 'overlap' ? overlapShare : total - overlapShare;
  }

  /** Writes down, not yet to AWS, what the key called on the plan that it is about to leave, or to retire in. */
  async leave(books: Books, key: OwnKey, plan: Plan, isRetiring = false): Promise<void> {
    const { generation, id } = key;
    const report = await this.report(plan, id);
    const leaving = { slot: books.slotOf(key), plan, generation, report, now: this.now(), isRetiring };
    books.ledger = leave(books.ledger, leaving);
  }

  /** Whether the books have the key on the plan, or know of no plan that it was ever on. */
  isOn(books: Books, key: OwnKey, plan: Plan): boolean {
    const recorded = books.ledger[books.liveSlotOf(key)];
    if (recorded) return recorded.plan === plan.code;
    return books.ledger.entries.every(({ generation }) => generation !== key.generation);
  }

  /** Writes down, not yet to AWS, what the key will be allowed on the plan that it is about to join. */
  join(books: Books, key: OwnKey, plan: Plan, basis: number): void {
    const slot = books.liveSlotOf(key);
    books.ledger = join(books.ledger, { slot, plan, generation: key.generation, basis, now: this.now() });
  }

  /**
   * The key was not in the plan that the books have it on, and is now: what is left is to be set once more. Where it may never
   * have been there, only calls that AWS reports were made; assuming the most would charge for how late it came.
   */
  async rejoin(books: Books, key: OwnKey, plan: Plan): Promise<void> {
    const now = this.now();
    const slot = books.liveSlotOf(key);
    const pair = pairNow(books.ledger[slot], plan, now);
    const mayBeFirst = isWhole(books.ledger.entries, pair, plan, key.generation);
    if (pair.pending && !mayBeFirst) return;
    const used = mayBeFirst
      ? await this.reportedOn(books.ledger, plan, key)
      : (await this.counted(books.ledger, pair, plan, key)).used;
    if (used > 0 || pair.basis !== plan.quota?.limit) {
      const certain = isRecent(pair, now) && !mayBeFirst ? null : used;
      books.ledger = { ...books.ledger, [slot]: rebased(plan, used, pair.basis, now, certain) };
    }
  }

  /** Writes down, not yet to AWS, that the key is on the plan, with nothing known of what was written there. */
  stay(books: Books, key: OwnKey, plan: Plan): void {
    const slot = books.liveSlotOf(key);
    books.ledger = { ...books.ledger, [slot]: pairNow(books.ledger[slot], plan, this.now()) };
  }

  /** Makes API Gateway's counter of the pair agree with the basis; at most once in a lag window. */
  async limit(books: Books, key: OwnKey, plan: Plan, basis: number): Promise<void> {
    const slot = books.liveSlotOf(key);
    if (!plan.quota) return;
    const now = this.now();
    const isShared = books.ledger.overlap?.plan === plan.code;
    const pair = (isShared ? datedPairNow : pairNow)(books.ledger[slot], plan, now);
    const isOfEarlierPeriod = pair !== books.ledger[slot];
    if (isOfEarlierPeriod || this.overtaken.get(key.id) === books.holder.id) this.overtaken.delete(key.id);
    const isOvertaken = this.overtaken.has(key.id);
    const isRightByItself = isWhole(books.ledger.entries, pair, plan, key.generation) && pair.basis === basis;
    if (isRightByItself && !isOvertaken) return;
    if (pair.pending || isOvertaken) return this.carryOut(books, key, plan, pair, basis);
    const isRight = pair.basis === basis && !isEstimated(pair) && !hasNewQuota(plan, pair.at, now.date);
    if (isRight || isRecent(pair, now)) return;
    const { used } = await this.counted(books.ledger, pair, plan, key);
    await this.carryOut(books, key, plan, rebased(plan, used, basis, now), basis);
  }

  /**
   * Overlapping keys share what is left. It is split anew when a period has begun, in which both counters are whole
   * again, as soon as reports can tell of it; and whenever else it is due.
   */
  async share(books: Books, current: OwnKey, overlapping: OwnKey, plan: Plan, total: number): Promise<void> {
    const now = this.now();
    const { pair: recorded, overlap: recordedOverlap } = books.ledger;
    if (!plan.quota || recordedOverlap?.plan !== plan.code || recorded?.plan !== plan.code) return;
    const [pair, overlap] = [datedPairNow(recorded, plan, now), datedPairNow(recordedOverlap, plan, now)];
    const isOpen = (one: Pair, { generation }: OwnKey) =>
      isRecent(one, now) || (one.pending && !isWhole(books.ledger.entries, one, plan, generation));
    if (isOpen(pair, current) || isOpen(overlap, overlapping)) return;
    const calledOn = (one: Pair, key: OwnKey) => this.counted(books.ledger, one, plan, key);
    const halves: [Half, Half] = [
      { slot: 'overlap', key: overlapping, pair: overlap, ...(await calledOn(overlap, overlapping)) },
      { slot: 'pair', key: current, pair, ...(await calledOn(pair, current)) },
    ];
    if (overlap !== recordedOverlap || isSplitDue(halves, total))
      books.ledger = split(books.ledger, halves, plan, total, now);
  }

  /** Calls that the key made on the plan since it joined it, and how many of these are certain. */
  async counted(ledger: Ledger, pair: Pair, plan: Plan, key: OwnKey): Promise<Pick<Pair, 'used' | 'certain'>> {
    const report = await this.report(plan, key.id);
    return counted(pair, earlierOn(ledger, plan, key.generation), plan, report, this.now());
  }

  /** Reads again what was left within AWS's lag, once its report can be believed. */
  async settleDue(books: Books, keys: readonly OwnKey[]): Promise<void> {
    const now = this.now();
    for (const entry of dueEntries(books.ledger, now)) {
      const key = keys.find(({ generation }) => generation === entry.generation);
      const plan = key && (await this.catalogue.find(entry.plan));
      const calls = plan && !isUnread(entry) ? await this.settled(books.ledger, entry, plan, key) : null;
      // Of a key that is suspended AWS may report nothing until it is back: then `join` goes on with the estimate. Of a plan
      // whose code does not resolve nobody can be asked.
      const isUntold = key && (!plan || (books.isParked(key) && isEstimate(entry, now)));
      const isToBeTold = isUntold && entry.lastDay >= reportedFrom(now.date);
      if (plan && isUnread(entry)) await this.leave(books, key, plan);
      else if (calls || !isToBeTold) books.ledger = settle(books.ledger, entry, calls, now);
    }
  }

  private report({ id }: Plan, keyId: string, day: string = dayOf(this.clock.now())): Promise<Report> {
    return this.usagePlans.usage(id, keyId, reportedFrom(new Date(day)), day);
  }

  /** Recorded first. What was found recorded may be carried out or not: calls made since are counted, and it is done again. */
  private async carryOut(books: Books, key: OwnKey, plan: Plan, recorded: Pair, basis: number): Promise<void> {
    const slot = books.liveSlotOf(key);
    const isFound = books.ledger[slot] === recorded && books.isFound(slot);
    const pair = recorded.basis === basis ? recorded : { ...recorded, basis, set: Math.max(0, basis - recorded.used) };
    books.ledger = rewrite(books.ledger, { slot, pair, plan, generation: key.generation, now: this.now() });
    await this.keyring.keep(books);
    const reported = isFound ? await this.reportedOn(books.ledger, plan, key) : 0;
    const used = Math.max(pair.used, reported);
    const certain = used > pair.used ? used : pair.certain;
    const set = Math.max(0, pair.set - (used - pair.used));
    const periodNow = () => firstDay(periodOf(plan), this.clock.now());
    const period = periodNow();
    let keptBy: string | null = null;
    try {
      if (!(await this.usagePlans.setRemaining(plan.id, key.id, set))) throw new AwsUnavailableError('UpdateUsage', 1);
      const done = { ...pair, used, certain, set, at: this.clock.seconds(), pending: false };
      const isSameOne = period === periodNow();
      books.ledger = { ...books.ledger, [slot]: isSameOne ? done : { ...done, ...OF_EARLIER_PERIOD } };
      await this.keyring.keep(books);
      keptBy = books.holder.id;
      if (await this.keyring.isOvertaken(books)) keptBy = null;
      if (keptBy === null || !isSameOne) throw new AwsUnavailableError('UpdateUsage', 1);
      this.overtaken.delete(key.id);
    } catch (error) {
      this.overtaken.set(key.id, keptBy);
      throw error;
    }
  }

  /** Whether nothing was called on a pair that was written down, for all that AWS reports: its key may never have got there. */
  async isUntouched({ ledger }: Books, key: OwnKey, plan: Plan, recorded: Pair): Promise<boolean> {
    if (!isWhole(ledger.entries, recorded, plan, key.generation)) return recorded.pending && recorded.used === 0;
    return (await this.reportedOn(ledger, plan, key)) === 0;
  }

  /** Calls on the pair, in the plan's period, that AWS reports and that are not in the books. */
  private async reportedOn(ledger: Ledger, plan: Plan, { id, generation }: OwnKey): Promise<number> {
    const earlier = earlierOn(ledger, plan, generation);
    return reportedSince(earlier, await this.report(plan, id), periodOf(plan), this.clock.now());
  }

  /** Null = there is nothing to read any more. */
  private async settled(ledger: Ledger, entry: Entry, plan: Plan, key: OwnKey): Promise<Calls | null> {
    const report = await this.report(plan, key.id, entry.lastDay);
    // No report on a key that is in the plan still means no calls. On one that is not it means nothing, and right after
    // a key left, lists may not know it yet.
    const isSure = this.config.usageLagSeconds >= LIST_SECONDS;
    const isStillThere = async () => (await this.usagePlans.plansOf(key.id)).includes(plan.id);
    if (report.length === 0 && !(isSure && (await isStillThere()))) return null;
    return settledCalls(ledger, entry, plan, report, this.now());
  }
}
