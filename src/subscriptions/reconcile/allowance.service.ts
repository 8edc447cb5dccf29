import { Injectable } from '@nestjs/common';
import { AwsUnavailableError } from '../../aws/failures.js';
import { UsagePlans } from '../../aws/usage-plans.js';
import { Clock, dayOf } from '../../clock.js';
import { Config } from '../../config.js';
import type { Plan } from '../../plans/plan.model.js';
import { PlanCatalogue } from '../../plans/plan-catalogue.service.js';
import { firstDay } from '../../plans/quota-period.js';
import type { Books } from './books.js';
import type { Desired } from './desired-state.service.js';
import type { OwnKey } from './key-ring.js';
import { Keyring } from './keyring.service.js';
import {
  allowance,
  callsOn,
  closeBooks,
  dueEntries,
  type Entry,
  hasLeft,
  isCarriedOut,
  type Ledger,
  leave,
  type Now,
  type Pair,
  pairNow,
  type Report,
  type Slot,
  settle,
  toReport,
} from './ledger.js';

/** Keeps a customer's calls within one allowance, over all keys and plans of the period. */
@Injectable()
export class Allowance {
  constructor(
    private readonly usagePlans: UsagePlans,
    private readonly catalogue: PlanCatalogue,
    private readonly keyring: Keyring,
    private readonly clock: Clock,
    private readonly config: Config,
  ) {}

  now(): Now {
    return {
      date: this.clock.now(),
      seconds: this.clock.seconds(),
      lagSeconds: this.config.usageLagSeconds,
    };
  }

  /** Extra calls of the plan's current period. */
  granted({ quota }: Plan, { grant }: Desired): number {
    return quota && grant?.periodStart === firstDay(quota.period, this.clock.now()) ? grant.calls : 0;
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
    const overlapShare = overlap?.plan === plan.code ? overlap.basis : Math.max(0, Math.floor(total / 2));
    return books.liveSlotOf(key) === 'overlap' ? overlapShare : total - overlapShare;
  }

  /** Writes down, not yet to AWS, what the key called on the plan that it is about to leave. */
  async leave(books: Books, key: OwnKey, plan: Plan): Promise<void> {
    const slot = books.slotOf(key);
    const { generation } = key;
    const report = hasLeft(books.ledger, slot, plan.code, generation) ? null : await this.report(plan, key.id);
    books.ledger = leave(books.ledger, { slot, plan, generation, report, now: this.now() });
  }

  /** Writes down, not yet to AWS, what the key will be allowed on the plan that it is about to join. */
  async join(books: Books, key: OwnKey, plan: Plan, basis: number): Promise<void> {
    const slot = books.liveSlotOf(key);
    const recorded = books.ledger[slot];
    if (recorded?.plan === plan.code && recorded.pending !== null) return;
    const isNew = !books.ledger.entries.some(({ generation }) => generation === key.generation);
    if (isNew && basis === (plan.quota?.limit ?? 0)) return;
    const ledger = closeBooks(books.ledger, plan.code, key.generation);
    const report = isNew ? null : await this.report(plan, key.id);
    const set = plan.quota ? Math.max(0, basis) : (report?.used ?? 0);
    const pending = plan.quota && (report?.remaining ?? plan.quota.limit);
    books.ledger = { ...ledger, [slot]: { plan: plan.code, basis, used: 0, set, at: this.clock.seconds(), pending } };
  }

  /** Makes API Gateway's counter of the pair agree with the basis; at most once in a lag window. */
  async limit(books: Books, key: OwnKey, plan: Plan, basis: number): Promise<void> {
    const slot = books.liveSlotOf(key);
    if (!plan.quota) return;
    const now = this.now();
    const pair = pairNow(books.ledger[slot], plan, now);
    if (pair.pending !== null) return this.carryOut(books, slot, key, plan, pair);
    if (pair.basis === basis || now.seconds - pair.at < now.lagSeconds) return;
    const report = await this.report(plan, key.id);
    await this.carryOut(books, slot, key, plan, pairOf(pair, plan, report, now, basis));
  }

  /**
   * Overlapping keys share what is left. It is split anew when a period has begun, in which both counters are whole
   * again, or when one of the two has run dry.
   */
  async share(books: Books, current: OwnKey, overlapping: OwnKey, plan: Plan, total: number): Promise<void> {
    const now = this.now();
    const { pair: recorded, overlap: recordedOverlap } = books.ledger;
    if (!plan.quota || recordedOverlap?.plan !== plan.code || (recorded && recorded.plan !== plan.code)) return;
    const [pair, overlap] = [pairNow(recorded, plan, now), pairNow(recordedOverlap, plan, now)];
    const isRecent = ({ pending, at }: Pair) => pending !== null || now.seconds - at < now.lagSeconds;
    if (isRecent(pair) || isRecent(overlap)) return;
    const report = await this.report(plan, current.id);
    const reportBefore = await this.report(plan, overlapping.id);
    const [used, usedBefore] = [callsOn(pair, plan, report, now), callsOn(overlap, plan, reportBefore, now)];
    const rest = total - used - usedBefore;
    const isDry = rest > 1 && (pair.basis <= used || overlap.basis <= usedBefore);
    if (overlap === recordedOverlap && !isDry) return;
    const basis = usedBefore + Math.max(0, Math.floor(rest / 2));
    books.ledger = {
      ...books.ledger,
      overlap: pairOf(overlap, plan, reportBefore, now, basis),
      pair: pairOf(pair, plan, report, now, total - basis),
    };
  }

  /** Reads again what was left within AWS's lag, once its report can be believed. */
  async settleDue(books: Books, keys: readonly OwnKey[]): Promise<void> {
    for (const entry of dueEntries(books.ledger, this.now())) {
      books.ledger = settle(books.ledger, entry, await this.callsOf(entry, keys));
    }
  }

  /** What AWS reports for the pair in the plan's current period; null = nothing (yet). */
  async report(plan: Plan, keyId: string, day: string = dayOf(this.clock.now())): Promise<Report | null> {
    const from = firstDay(plan.quota?.period ?? 'MONTH', new Date(day));
    return toReport(await this.usagePlans.usage(plan.id, keyId, from, day));
  }

  /** Recorded first; a record that was found is compared with what AWS reports, as it may be carried out already. */
  private async carryOut(books: Books, slot: Slot, key: OwnKey, plan: Plan, pair: Pair): Promise<void> {
    const isFound = books.ledger[slot] === pair && books.isFound(slot);
    books.ledger = { ...books.ledger, [slot]: pair };
    await this.keyring.keep(books);
    const report = isFound ? await this.report(plan, key.id) : null;
    const isDone = isCarriedOut(pair, report?.remaining);
    if (!isDone && !(await this.usagePlans.setRemaining(plan.id, key.id, pair.set))) {
      throw new AwsUnavailableError('UpdateUsage', 1);
    }
    books.ledger = { ...books.ledger, [slot]: { ...pair, at: this.clock.seconds(), pending: null } };
    await this.keyring.keep(books);
  }

  private async callsOf(entry: Entry, keys: readonly OwnKey[]): Promise<number | null> {
    const plan = await this.catalogue.find(entry.plan);
    const key = keys.find(({ generation }) => generation === entry.generation);
    if (!plan || !key) return null;
    const report = await this.report(plan, key.id, entry.lastDay);
    // A retired key stays in its plan, so no report means no calls; of a key that left the plan it means nothing.
    if (report === null && key.enabled) return null;
    const { used, set } = entry;
    return callsOn({ plan: plan.code, used, set, basis: 0, at: 0, pending: null }, plan, report, this.now());
  }
}

/** The pair with another basis: what is counted on it so far stays counted, the rest is what is to remain. */
function pairOf(pair: Pair, plan: Plan, report: Report | null, now: Now, basis: number): Pair {
  const used = callsOn(pair, plan, report, now);
  const set = Math.max(0, basis - used);
  return { plan: plan.code, basis, used, set, at: now.seconds, pending: report?.remaining ?? pair.set };
}
