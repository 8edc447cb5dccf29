import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { Caller } from '../auth/caller.js';
import { AwsUnavailableError } from '../aws/failures.js';
import { Governor } from '../aws/governor.js';
import { Clock } from '../clock.js';
import { Config } from '../config.js';
import { ForbiddenError, TryAgainError, UnauthenticatedError } from '../problem.js';
import type { Customer } from './customer.js';
import { OneAtATime } from './one-at-a-time.js';
import { type Desired, DesiredState, type Who } from './reconcile/desired-state.service.js';
import { Provisioning } from './reconcile/provisioning.service.js';
import { SubscriptionState } from './subscription.model.js';

const MAX_CUSTOMERS = 10_000;
const UNSETTLED_SECONDS = 2;
const MAX_FRESH_SECONDS = 60;
/** How old an answer may be at most that is given because AWS gives none. */
const MAX_STALE_SECONDS = 3600;
/** How long AWS is not asked again about somebody for whom it had no answer. */
const AWAY_SECONDS = 5;
const NO_ACCOUNT = 'This account is no longer there. Sign in again.';
const SETTLED = new Set<SubscriptionState | null>([null, SubscriptionState.ACTIVE, SubscriptionState.SUSPENDED]);

/** Customers as last seen. Reads answer from here for a while; writes never trust it. */
@Injectable()
export class Customers {
  private readonly seen: LRUCache<string, Promise<Customer>>;
  /** The last answer of AWS about each, for when there is no newer one to be had. */
  private readonly latest: LRUCache<string, Customer>;

  constructor(
    private readonly desiredState: DesiredState,
    private readonly provisioning: Provisioning,
    private readonly turns: OneAtATime,
    private readonly governor: Governor,
    private readonly config: Config,
    clock: Clock,
  ) {
    const perf = { now: () => clock.now().getTime() };
    this.seen = new LRUCache({ max: MAX_CUSTOMERS, perf });
    this.latest = new LRUCache({ max: MAX_CUSTOMERS, ttl: MAX_STALE_SECONDS * 1000, perf });
  }

  /** How old an answer may be: a sixtieth of the lag that AWS's own reports have, and at most a minute. */
  get freshSeconds(): number {
    return Math.min(MAX_FRESH_SECONDS, Math.max(1, Math.floor(this.config.usageLagSeconds / 60)));
  }

  /** For reading. Callers at the same time share one look at AWS. When AWS is away, they get what it last said. */
  async of(caller: Who): Promise<Customer> {
    try {
      return await this.fresh(caller);
    } catch (error) {
      const isAway = error instanceof AwsUnavailableError || error instanceof TryAgainError;
      const latest = this.latest.get(caller.sub);
      if (!isAway) this.latest.delete(caller.sub);
      if (!isAway || !latest) throw error;
      this.seen.set(caller.sub, Promise.resolve(latest), { ttl: AWAY_SECONDS * 1000 });
      return latest;
    }
  }

  private async fresh(caller: Who): Promise<Customer> {
    const known = this.seen.get(caller.sub);
    if (known) return known;
    const looking = this.look(caller);
    const isKept = () => this.seen.peek(caller.sub) === looking;
    this.seen.set(caller.sub, looking, { ttl: this.freshSeconds * 1000 });
    looking.catch(() => isKept() && this.seen.delete(caller.sub));
    const customer = await looking;
    const { state } = customer;
    if (isKept()) this.latest.set(caller.sub, customer);
    if (!SETTLED.has(state) && isKept()) this.seen.set(caller.sub, looking, { ttl: UNSETTLED_SECONDS * 1000 });
    return looking;
  }

  /**
   * For writing: one change to a customer at a time in this process, on a state read fresh from Cognito. A token outlives
   * its user, so Cognito is asked whether there still is one.
   * @throws TryAgainError when too much is under way already; nothing of `work` has begun then.
   */
  change<T>(caller: Caller, work: (desired: Desired) => Promise<T>): Promise<T> {
    const changing = async () => {
      this.seen.delete(caller.sub);
      const desired = await this.present(caller);
      try {
        return await work(desired);
      } finally {
        this.latest.delete(caller.sub);
        this.seen.delete(caller.sub);
      }
    };
    return this.governor.interactive(() => this.turns.run(caller.sub, changing));
  }

  private async present(caller: Caller): Promise<Desired> {
    const desired = await this.desiredState.read(caller);
    if (!desired) throw new UnauthenticatedError(NO_ACCOUNT);
    if (!desired.user.enabled) throw new ForbiddenError('This account is disabled.');
    return desired;
  }

  private look(caller: Who): Promise<Customer> {
    return this.governor.interactive(async () => {
      const desired = await this.desiredState.read(caller);
      if (!desired) throw new UnauthenticatedError(NO_ACCOUNT);
      return this.provisioning.look(desired);
    });
  }
}
