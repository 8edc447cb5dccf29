import { Injectable } from '@nestjs/common';
import { Clock } from '../../clock.js';
import { Config } from '../../config.js';
import { secondsLeft } from '../../request-trace.js';
import { type Customer, isSettled } from '../customer.js';
import { OneAtATime, type Operation } from '../customers/one-at-a-time.js';
import { FleetIndex } from './fleet-index.js';

/** AWS's reports of usage are up to a lag behind, and so may be, by a quarter of that, what a reader is told of the rest. */
const SHARE_OF_LAG = 1 / 4;
const MOST_SECONDS = 900;
/** Another process's operation may have ended ten seconds after it began; and clocks differ, by five at most. */
const OTHERS_MILLISECONDS = 15_000;
const PATIENCE_SECONDS = 8;

/**
 * Customers for reading, from the listing that the sweep makes anyway: what ten thousand dashboards show costs AWS no call
 * for each. What any process of ours began to change since is not told from here.
 */
@Injectable()
export class ListedCustomers {
  /** Processes that share nothing know nothing of each other's changes. */
  private readonly isOfUse: boolean;
  /** A listing that readers wait for. */
  private awaited: Promise<void> | null = null;

  constructor(
    private readonly index: FleetIndex,
    private readonly turns: OneAtATime,
    private readonly clock: Clock,
    private readonly config: Config,
  ) {
    const { sweepIntervalSeconds, processCount, redisUrl } = config;
    this.isOfUse = sweepIntervalSeconds > 0 && (processCount === 1 || redisUrl !== null);
  }

  /** Whether there is a listing recent enough for readers. */
  get isFresh(): boolean {
    const mostSeconds = Math.min(MOST_SECONDS, this.config.usageLagSeconds * SHARE_OF_LAG);
    return this.isOfUse && this.index.isYoungerThan(mostSeconds);
  }

  /** Null = AWS is to be asked for that customer. While a listing is being waited for, whoever comes waits as well. */
  async find(sub: string): Promise<Customer | null> {
    if (this.awaited && !this.isFresh) await this.awaited;
    const customer = this.isFresh ? this.index.find(sub) : null;
    if (!customer || !this.isTold(customer)) return null;
    const writtenAt = this.index.writtenAt(sub);
    const listedAt = this.index.latest?.asOf.getTime() ?? 0;
    const own = this.turns.last(sub);
    if (own && (writtenAt === null ? own.ended > listedAt : isAfter(own, writtenAt))) return null;
    if (this.config.redisUrl === null) return customer;
    const known = await this.turns.lastAnywhere(sub);
    const isKnown = known !== null && known.since <= listedAt - OTHERS_MILLISECONDS;
    if (!isKnown) return null;
    // What this process wrote is the last word only if the last one who began was this process.
    const isLast = writtenAt === null ? known.begun <= listedAt - OTHERS_MILLISECONDS : known.begun === own?.noted;
    return isLast ? customer : null;
  }

  /** The same where too many ask at once to be answered one by one: everything is listed for all of them. */
  async findInNext(sub: string): Promise<Customer | null> {
    if (!this.isOfUse || this.isFresh || this.config.usageLagSeconds === 0) return null;
    if (secondsLeft(this.clock.now()) < PATIENCE_SECONDS) return null; // has waited already
    this.awaited ??= this.list();
    await this.awaited;
    return this.find(sub);
  }

  /** One that fails tells nobody anything: who waited for it is told to come back. */
  private async list(): Promise<void> {
    await this.index.list(PATIENCE_SECONDS).catch(() => undefined);
    this.awaited = null;
  }

  private isTold({ desired, ring, state }: Customer): boolean {
    const isOverlapOver = ring.overlapping !== null && ring.ledger.until * 1000 <= this.now();
    return isSettled(state) && !desired.isGone && !isOverlapOver;
  }

  private now(): number {
    return this.clock.now().getTime();
  }
}

/** Whether there was one more after what was written then. */
function isAfter({ begun, ended }: Operation, writtenAt: number): boolean {
  return begun > writtenAt || (begun === writtenAt && ended > writtenAt);
}
