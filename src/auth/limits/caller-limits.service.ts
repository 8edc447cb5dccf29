import { Injectable } from '@nestjs/common';
import { Config } from '../../config.js';
import { Metrics } from '../../metrics.js';
import { TooOftenError } from '../../problem.js';
import type { Caller } from '../caller.js';
import { Counts } from './counts.service.js';
import type { Limit } from './window.js';

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;
const DAILY_USAGES: Limit = { name: 'daily-usage', most: 10, seconds: MINUTE };

/** How often each caller may ask, so that one of them does not use up what AWS gives all of them. */
@Injectable()
export class CallerLimits {
  private readonly mutations: Limit;
  private readonly adminMutations: Limit;
  private readonly rotations: Limit;
  private readonly dailyRotations: Limit;
  private readonly planChanges: Limit;
  private readonly anonymous: Limit;

  constructor(
    { limits }: Config,
    private readonly counts: Counts,
    private readonly metrics: Metrics,
  ) {
    this.mutations = { name: 'mutations', most: limits.mutationsPerMinute, seconds: MINUTE };
    this.adminMutations = { name: 'admin-mutations', most: limits.adminMutationsPerMinute, seconds: MINUTE };
    this.rotations = { name: 'rotations', most: limits.rotationsPerHour, seconds: HOUR };
    this.dailyRotations = { name: 'daily-rotations', most: limits.rotationsPerDay, seconds: DAY };
    this.planChanges = { name: 'plan-changes', most: limits.planChangesPerDay, seconds: DAY };
    this.anonymous = { name: 'anonymous', most: limits.anonymousPerMinute, seconds: MINUTE };
  }

  /** @throws TooOftenError when this caller has sent too many mutations. */
  async mutation({ sub, isAdmin }: Caller): Promise<void> {
    await this.count(isAdmin ? this.adminMutations : this.mutations, sub);
  }

  /** @throws TooOftenError when too many requests without a good token came from that address. */
  async anonymousRequest(address: string): Promise<void> {
    await this.count(this.anonymous, address);
  }

  /**
   * Makes a customer's next key. What fails is not counted: who was told to try again may.
   * @throws TooOftenError when this customer has replaced too many keys; nothing of `work` has begun then.
   */
  rotation<T>({ sub }: Caller, work: () => Promise<T>): Promise<T> {
    return this.counting(this.dailyRotations, sub, () => this.counting(this.rotations, sub, work));
  }

  /**
   * Records that a customer is to be on another plan. What fails is not counted.
   * @throws TooOftenError when this customer has changed plans too often; nothing of `work` has begun then.
   */
  planChange<T>({ sub }: Caller, work: () => Promise<T>): Promise<T> {
    return this.counting(this.planChanges, sub, work);
  }

  /**
   * Asks AWS for a customer's calls by day, whoever wants to see them. What fails is not counted.
   * @throws TooOftenError when too many different days were asked for; nothing of `work` has begun then.
   */
  dailyUsage<T>(sub: string, work: () => Promise<T>): Promise<T> {
    return this.counting(DAILY_USAGES, sub, work);
  }

  private async counting<T>(limit: Limit, who: string, work: () => Promise<T>): Promise<T> {
    const giveBack = await this.count(limit, who);
    try {
      return await work();
    } catch (error) {
      await giveBack();
      throw error;
    }
  }

  private async count(limit: Limit, who: string): Promise<() => Promise<void>> {
    if (limit.most === 0) return async () => {};
    const count = await this.counts.count(limit, who);
    if (count.isCounted) return count.giveBack;
    this.metrics.limited.inc({ limit: limit.name });
    throw new TooOftenError(Math.ceil(count.waitMilliseconds / 1000));
  }
}
