import { Injectable, Logger } from '@nestjs/common';
import { noteForAudit } from '../../audit/audit-notes.js';
import { AwsUnavailableError, KeyQuotaExceededError } from '../../aws/failures.js';
import { Clock } from '../../clock.js';
import { describeFault } from '../../log.js';
import { Metrics } from '../../metrics.js';
import { AtCapacityError } from '../../problem.js';
import { secondsLeft } from '../../request-trace.js';
import { type Span, spanned } from '../../tracing/span.js';
import { auditedCustomer, auditedIntent, type Customer, unfinished } from '../customer.js';
import { FleetIndex } from '../fleet/fleet-index.js';
import { SubscriptionState } from '../subscription.model.js';
import { type Desired, DesiredState, isSameIntent } from './desired-state.service.js';
import { Provisioning } from './provisioning.service.js';

const ROUNDS = 5;
const PATIENCE_SECONDS = 7;
const PAUSE_MILLISECONDS = 300;

/** A customer as a run left them, and what came of it: the state, or why there is none to tell. */
export interface Brought {
  readonly customer: Customer;
  readonly outcome: SubscriptionState | 'NO_SUBSCRIPTION' | 'UNFINISHED' | 'FAULT';
}

/**
 * The one function that makes what there is into what is meant. Whatever another process did meanwhile, or left
 * undone, the next run ends in the same place.
 */
@Injectable()
export class Reconciler {
  private readonly logger = new Logger(Reconciler.name);

  constructor(
    private readonly desiredState: DesiredState,
    private readonly provisioning: Provisioning,
    private readonly fleet: FleetIndex,
    private readonly clock: Clock,
  ) {}

  /**
   * Applies the desired state, reads it again, and starts over if it has changed. Takes it as just read or written.
   * Trouble with AWS is no refusal here, because something may be recorded: what is not finished shows in the state.
   * @throws AtCapacityError when the account has no room for another key.
   */
  async run(desired: Desired): Promise<Customer> {
    return (await this.runTold(desired)).customer;
  }

  /** The same for whoever has to know why a customer is not where they should be. */
  async runTold(desired: Desired): Promise<Brought> {
    const { sub } = desired;
    noteForAudit({ target: sub, after: auditedIntent(desired) });
    const brought = await this.bring(desired);
    const { customer, outcome } = brought;
    noteForAudit({ target: sub, after: auditedCustomer(customer) });
    if (outcome === 'UNFINISHED' || outcome === 'FAULT') this.fleet.putUnfinished(customer);
    else this.fleet.put(customer);
    return brought;
  }

  protected async bring(desired: Desired): Promise<Brought> {
    const now = this.clock.now();
    const patience = Math.min(PATIENCE_SECONDS, secondsLeft(now)); // a request that may ask no more is answered
    const deadline = now.getTime() + patience * 1000;
    let latest = desired;
    for (let round = 1; ; round++) {
      try {
        if (round > 1) latest = await this.desiredState.again(latest);
        const applied = latest;
        const readAgain = () => this.desiredState.again(applied);
        const customer = await this.provisioning.apply(applied, readAgain);
        const again = await readAgain();
        const isDone = isSameIntent(applied, again) && (!again.isToBeDeleted || (await this.isDeleted(again)));
        if (isDone) return reached(await this.noted({ ...customer, desired: again }));
      } catch (error) {
        if (error instanceof KeyQuotaExceededError) throw new AtCapacityError({ cause: error });
        if (!(error instanceof AwsUnavailableError)) return { customer: this.broken(latest, error), outcome: 'FAULT' };
      }
      if (round === ROUNDS || this.clock.now().getTime() >= deadline) {
        return { customer: unfinished(latest, this.clock.seconds()), outcome: 'UNFINISHED' };
      }
      await this.clock.sleep(PAUSE_MILLISECONDS * round * (0.5 + this.clock.chance()));
    }
  }

  /** Deletes the user, unless one more look at the keys shows that somebody made another one meanwhile. */
  private async isDeleted(desired: Desired): Promise<boolean> {
    if ((await this.provisioning.look(desired)).state !== null) return false;
    await this.desiredState.deleteUser(desired);
    return true;
  }

  /** Notes the current key on the user; that this failed changes nothing for the customer. */
  private async noted(customer: Customer): Promise<Customer> {
    const { current } = customer.ring;
    if (!current || customer.desired.isGone) return customer;
    try {
      return { ...customer, desired: await this.desiredState.noteKey(customer.desired, current) };
    } catch (error) {
      this.logger.warn({ customer: customer.desired.sub, fault: describeFault(error) });
      return customer;
    }
  }

  /** A fault that no repetition mends is for the people who read the log; the customer's change stays recorded. */
  private broken(latest: Desired, error: unknown): Customer {
    this.logger.error({ customer: latest.sub, fault: describeFault(error) });
    return unfinished(latest, this.clock.seconds());
  }
}

function reached(customer: Customer): Brought {
  return { customer, outcome: customer.state ?? 'NO_SUBSCRIPTION' };
}

/** The same, counted and traced. A rehearsal does neither: nothing of it happens. */
@Injectable()
export class ObservedReconciler extends Reconciler {
  constructor(
    desiredState: DesiredState,
    provisioning: Provisioning,
    fleet: FleetIndex,
    private readonly time: Clock,
    private readonly metrics: Metrics,
  ) {
    super(desiredState, provisioning, fleet, time);
  }

  protected override bring(desired: Desired): Promise<Brought> {
    return spanned('reconcile', 'internal', (span) => this.observed(desired, span));
  }

  private async observed(desired: Desired, span: Span | null): Promise<Brought> {
    const since = this.time.now().getTime();
    const ended = (outcome: Brought['outcome'] | 'AT_CAPACITY') => {
      this.metrics.reconciles.observe({ outcome }, Math.max(0, this.time.now().getTime() - since) / 1000);
      span?.set('turnpike.outcome', outcome);
      if (outcome === 'FAULT') span?.fail();
    };
    try {
      const brought = await super.bring(desired);
      ended(brought.outcome);
      return brought;
    } catch (error) {
      ended(error instanceof AtCapacityError ? 'AT_CAPACITY' : 'FAULT');
      throw error;
    }
  }
}
