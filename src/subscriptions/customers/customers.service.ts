import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { AwsUnavailableError } from '../../aws/failures.js';
import { agingBy, roomFor } from '../../cache-options.js';
import { Clock } from '../../clock.js';
import { Config } from '../../config.js';
import { CacheReads } from '../../metrics.js';
import { NoAccountError, TryAgainError } from '../../problem.js';
import { type Customer, isSettled } from '../customer.js';
import type { Who } from '../reconcile/desired-state.service.js';
import { CustomerLook } from './customer-look.service.js';

const MAX_CUSTOMERS = 10_000;
const UNSETTLED_SECONDS = 2;
const MAX_FRESH_SECONDS = 60;
/** How old an answer may be at most that is given because AWS gives none. */
const MAX_STALE_SECONDS = 3600;
/** How long AWS is not asked again about somebody for whom it had no answer. */
const AWAY_SECONDS = 5;

/** Customers as last seen. Reads answer from here for a while; writes never trust it. */
@Injectable()
export class Customers {
  readonly reads = new CacheReads();
  private readonly seen: LRUCache<string, Promise<Customer | null>>;
  /** The last answer of AWS about each, for when there is no newer one to be had. */
  private readonly latest: LRUCache<string, Customer>;

  constructor(
    private readonly look: CustomerLook,
    private readonly config: Config,
    clock: Clock,
  ) {
    const options = { ...roomFor(MAX_CUSTOMERS), ...agingBy(() => clock.now().getTime()) };
    this.seen = new LRUCache(options);
    this.latest = new LRUCache({ ...options, ttl: MAX_STALE_SECONDS * 1000 });
  }

  /** How old an answer may be: a sixtieth of the lag that AWS's own reports have, and at most a minute. */
  get freshSeconds(): number {
    return Math.min(MAX_FRESH_SECONDS, Math.max(1, Math.floor(this.config.usageLagSeconds / 60)));
  }

  /** The look that reads answer from just now, to be told from those of before; null = they would look again. */
  held(sub: string): object | null {
    return this.seen.get(sub) ?? null;
  }

  /** For reading: the caller. */
  async of(caller: Who): Promise<Customer> {
    const customer = await this.find(caller);
    if (!customer) throw new NoAccountError();
    return customer;
  }

  /**
   * For reading. Null = there is no such user. Callers at the same time share one look at AWS. When AWS is away, they get
   * what it last said.
   */
  async find(who: Who): Promise<Customer | null> {
    try {
      const customer = await this.fresh(who);
      if (!customer) this.latest.delete(who.sub);
      return customer;
    } catch (error) {
      const isAway = error instanceof AwsUnavailableError || error instanceof TryAgainError;
      const latest = this.latest.get(who.sub);
      if (!isAway || !latest) throw error;
      this.reads.stale += 1;
      this.seen.set(who.sub, Promise.resolve(latest), { ttl: AWAY_SECONDS * 1000 });
      return latest;
    }
  }

  private async fresh(who: Who): Promise<Customer | null> {
    const known = this.seen.get(who.sub);
    this.reads[known ? 'hit' : 'miss'] += 1;
    if (known) return known;
    const looking = this.look.find(who, () => this.latest.has(who.sub));
    const isKept = () => this.seen.peek(who.sub) === looking;
    this.seen.set(who.sub, looking, { ttl: this.freshSeconds * 1000 });
    looking.catch(() => isKept() && this.seen.delete(who.sub));
    const customer = await looking;
    if (customer && isKept()) this.latest.set(who.sub, customer);
    const isToStay = customer && isSettled(customer.state);
    if (!isToStay && isKept()) this.seen.set(who.sub, looking, { ttl: UNSETTLED_SECONDS * 1000 });
    return customer;
  }

  /** The same for somebody of whom no token says the user name. */
  async findById(sub: string): Promise<Customer | null> {
    const who = await this.look.whoIs(sub);
    return who && this.find(who);
  }

  /** From when somebody begins to change the customer, what AWS said before is not to be told any more. */
  lookAgain(sub: string): void {
    this.seen.delete(sub);
  }

  /** The same of everybody: a plan has changed. */
  lookAgainAtAll(): void {
    this.seen.clear();
  }

  /** What AWS said before is not to be told even when AWS is away. */
  forget(sub: string): void {
    this.latest.delete(sub);
    this.seen.delete(sub);
  }
}
