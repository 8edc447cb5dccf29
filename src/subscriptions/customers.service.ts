import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { noteForAudit } from '../audit/audit-notes.js';
import type { Caller } from '../auth/caller.js';
import { Governor } from '../aws/governor.js';
import { Clock } from '../clock.js';
import { Config } from '../config.js';
import { ForbiddenError, UnauthenticatedError } from '../problem.js';
import { auditedIntent, type Customer } from './customer.js';
import { OneAtATime } from './one-at-a-time.js';
import { type Desired, DesiredState, type Who } from './reconcile/desired-state.service.js';
import { Provisioning } from './reconcile/provisioning.service.js';
import { SubscriptionState } from './subscription.model.js';

const MAX_CUSTOMERS = 10_000;
const UNSETTLED_SECONDS = 2;
const MAX_FRESH_SECONDS = 60;
const NO_ACCOUNT = 'This account is no longer there. Sign in again.';
const SETTLED = new Set<SubscriptionState | null>([null, SubscriptionState.ACTIVE, SubscriptionState.SUSPENDED]);

/** Customers as last seen. Reads answer from here for a while; writes never trust it. */
@Injectable()
export class Customers {
  private readonly seen: LRUCache<string, Promise<Customer>>;

  constructor(
    private readonly desiredState: DesiredState,
    private readonly provisioning: Provisioning,
    private readonly turns: OneAtATime,
    private readonly governor: Governor,
    private readonly config: Config,
    clock: Clock,
  ) {
    this.seen = new LRUCache({ max: MAX_CUSTOMERS, perf: { now: () => clock.now().getTime() } });
  }

  /** How old an answer may be: a sixtieth of the lag that AWS's own reports have, and at most a minute. */
  get freshSeconds(): number {
    return Math.min(MAX_FRESH_SECONDS, Math.max(1, Math.floor(this.config.usageLagSeconds / 60)));
  }

  /** For reading. Callers at the same time share one look at AWS. */
  async of(caller: Who): Promise<Customer> {
    const known = this.seen.get(caller.sub);
    if (known) return known;
    const looking = this.look(caller);
    const isKept = () => this.seen.peek(caller.sub) === looking;
    this.seen.set(caller.sub, looking, { ttl: this.freshSeconds * 1000 });
    looking.catch(() => isKept() && this.seen.delete(caller.sub));
    const { state } = await looking;
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
      try {
        return await work(await this.present(caller));
      } finally {
        this.seen.delete(caller.sub);
      }
    };
    return this.governor.interactive(() => this.turns.run(caller.sub, changing));
  }

  private async present(caller: Caller): Promise<Desired> {
    const desired = await this.desiredState.read(caller);
    if (!desired) throw new UnauthenticatedError(NO_ACCOUNT);
    noteForAudit({ target: caller.sub, before: auditedIntent(desired) });
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
