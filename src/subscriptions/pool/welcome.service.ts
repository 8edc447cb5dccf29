import { Injectable, Logger } from '@nestjs/common';
import { AwsUnavailableError } from '../../aws/failures.js';
import { Governor } from '../../aws/governor.js';
import { Clock } from '../../clock.js';
import { Config } from '../../config.js';
import { PlanCatalogue } from '../../plans/plan-catalogue.service.js';
import type { Who } from '../reconcile/desired-state.service.js';
import { SubscriptionsService } from '../subscriptions.service.js';

/** Cognito waits five seconds for its trigger, and a process may have to start in them. */
const DEADLINE_MILLISECONDS = 3000;
/** Looking whether there is such a plan must not cost the time for recording it. */
const CATALOGUE_MILLISECONDS = 1000;

/** Gives whoever has just signed up the plan that `DEFAULT_PLAN` names. */
@Injectable()
export class Welcome {
  private readonly logger = new Logger(Welcome.name);

  constructor(
    private readonly subscriptions: SubscriptionsService,
    private readonly catalogue: PlanCatalogue,
    private readonly governor: Governor,
    private readonly clock: Clock,
    private readonly config: Config,
  ) {}

  /**
   * Records the plan, and carries it out as far as three seconds last; a sweep finishes what was recorded. Whoever has a
   * plan, or has had one, is left alone, so it may be called again.
   */
  async newcomer(who: Who): Promise<void> {
    const { defaultPlan } = this.config;
    if (defaultPlan === null) return;
    await this.governor.endingWithin(DEADLINE_MILLISECONDS, () => this.subscribe(who, defaultPlan));
  }

  private async subscribe(who: Who, code: string): Promise<void> {
    if (await this.isNoPlan(code)) {
      this.logger.error({ message: 'DEFAULT_PLAN names no plan that takes anybody', customer: who.sub, plan: code });
      return;
    }
    const customer = await this.subscriptions.begin({ ...who, isAdmin: false }, code);
    if (customer) this.logger.log({ newcomer: who.sub, plan: code, state: customer.state });
  }

  /** Only a catalogue that was read can say so: one that does not answer is no reason to send somebody away without a plan. */
  private async isNoPlan(code: string): Promise<boolean> {
    const asked = this.catalogue.find(code).then((plan) => plan === null || plan.retired);
    const known = asked.catch((error: unknown) => {
      if (error instanceof AwsUnavailableError) return false;
      throw error;
    });
    return Promise.race([known, this.clock.sleep(CATALOGUE_MILLISECONDS).then(() => false)]);
  }
}
