import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { noteForAudit } from '../audit/audit-notes.js';
import type { Caller } from '../auth/caller.js';
import { AwsUnavailableError } from '../aws/failures.js';
import { URGENT } from '../aws/governor/admission/admission.js';
import { Governor } from '../aws/governor.js';
import { Clock } from '../clock.js';
import { Config } from '../config.js';
import { CacheReads } from '../metrics.js';
import { ForbiddenError, TryAgainError, UnauthenticatedError } from '../problem.js';
import { roomFor } from '../room-for.js';
import { auditedIntent, type Customer, isSettled } from './customer.js';
import { FleetIndex } from './fleet/fleet-index.js';
import { ListedCustomers } from './fleet/listed-customers.service.js';
import { OneAtATime } from './one-at-a-time.js';
import { type Desired, DesiredState, type Who } from './reconcile/desired-state.service.js';
import { Provisioning } from './reconcile/provisioning.service.js';
import { UnknownUser } from './subscriptions.problems.js';

const MAX_CUSTOMERS = 10_000;
const UNSETTLED_SECONDS = 2;
const MAX_FRESH_SECONDS = 60;
const SUB = /^[A-Za-z0-9-]{1,128}$/;
/** How old an answer may be at most that is given because AWS gives none. */
const MAX_STALE_SECONDS = 3600;
/** How long AWS is not asked again about somebody for whom it had no answer. */
const AWAY_SECONDS = 5;
const NO_ACCOUNT = 'This account is no longer there. Sign in again.';

/** Customers as last seen. Reads answer from here for a while; writes never trust it. */
@Injectable()
export class Customers {
  readonly reads = new CacheReads();
  private readonly seen: LRUCache<string, Promise<Customer | null>>;
  /** The last answer of AWS about each, for when there is no newer one to be had. */
  private readonly latest: LRUCache<string, Customer>;

  constructor(
    private readonly desiredState: DesiredState,
    private readonly provisioning: Provisioning,
    private readonly turns: OneAtATime,
    private readonly governor: Governor,
    private readonly fleet: FleetIndex,
    private readonly listed: ListedCustomers,
    private readonly config: Config,
    clock: Clock,
  ) {
    const perf = { now: () => clock.now().getTime() };
    this.seen = new LRUCache({ ...roomFor(MAX_CUSTOMERS), ttlResolution: 0, perf });
    this.latest = new LRUCache({ ...roomFor(MAX_CUSTOMERS), ttl: MAX_STALE_SECONDS * 1000, perf });
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
    if (!customer) throw new UnauthenticatedError(NO_ACCOUNT);
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
    const looking = this.answer(who);
    const isKept = () => this.seen.peek(who.sub) === looking;
    this.seen.set(who.sub, looking, { ttl: this.freshSeconds * 1000 });
    looking.catch(() => isKept() && this.seen.delete(who.sub));
    const customer = await looking;
    if (customer && isKept()) this.latest.set(who.sub, customer);
    const isToStay = customer && isSettled(customer.state);
    if (!isToStay && isKept()) this.seen.set(who.sub, looking, { ttl: UNSETTLED_SECONDS * 1000 });
    return customer;
  }

  /** Whom an identity stands for, where no token says the user name. Null = there is no such user. */
  async whoIs(sub: string): Promise<Who | null> {
    if (!SUB.test(sub)) return null;
    return this.fleet.find(sub)?.desired ?? this.desiredState.whoIs(sub);
  }

  /**
   * For writing: one change to a customer at a time in this process, on a state read fresh from Cognito. A token outlives
   * its user, so Cognito is asked whether there still is one.
   * @throws TryAgainError when too much is under way already; nothing of `work` has begun then.
   */
  change<T>(caller: Caller, work: (desired: Desired) => Promise<T>): Promise<T> {
    const read = () => this.present(caller);
    return this.governor.interactive(() => this.inTurn(caller, read, work), caller.sub);
  }

  /**
   * The same for somebody else, who may be disabled. With `isLeavingToo` one whose deletion was asked for counts as a
   * user still.
   */
  changeFor<T>(
    userId: string,
    work: (desired: Desired) => Promise<T>,
    { isLeavingToo = false } = {},
  ): Promise<T | UnknownUser> {
    return this.governor.interactive(async () => {
      const who = await this.whoIs(userId);
      if (!who) return new UnknownUser();
      const read = () => (isLeavingToo ? this.desiredState.readEvenLeaving(who) : this.desiredState.read(who));
      return this.inTurn<T | UnknownUser, Desired | null>(who, read, async (desired) => {
        if (!desired) return new UnknownUser();
        noteForAudit({ target: who.sub, before: auditedIntent(desired) });
        return work(desired);
      });
    }, URGENT);
  }

  /** From when the work begins, what AWS said before is not to be told any more. */
  private inTurn<T, D>({ sub }: Who, read: () => Promise<D>, work: (desired: D) => Promise<T>): Promise<T> {
    return this.turns.run(sub, async () => {
      this.seen.delete(sub);
      const desired = await read();
      try {
        return await work(desired);
      } finally {
        this.latest.delete(sub);
        this.seen.delete(sub);
      }
    });
  }

  private async present(caller: Caller): Promise<Desired> {
    const desired = await this.desiredState.read(caller);
    if (!desired) throw new UnauthenticatedError(NO_ACCOUNT);
    noteForAudit({ target: caller.sub, before: auditedIntent(desired) });
    if (!desired.user.enabled) throw new ForbiddenError('This account is disabled.');
    return desired;
  }

  /** From the listing of all where it can be told; else from AWS. Where too many ask AWS, what is known, or the next listing. */
  private async answer(who: Who): Promise<Customer | null> {
    const listed = await this.listed.find(who.sub);
    if (listed) return listed;
    try {
      return await this.look(who);
    } catch (error) {
      if (!(error instanceof TryAgainError)) throw error;
      const next = this.listed.findInNext(who.sub);
      const found = this.latest.has(who.sub) ? null : await next;
      if (!found) throw error;
      return found;
    }
  }

  private look(who: Who): Promise<Customer | null> {
    return this.governor.interactive(async () => {
      const desired = await this.desiredState.read(who);
      return desired && this.provisioning.look(desired);
    });
  }
}
