import { Injectable } from '@nestjs/common';
import { Governor } from '../../aws/governor.js';
import { PlanCatalogue } from '../../plans/plan-catalogue.service.js';
import { TryAgainError } from '../../problem.js';
import type { Customer } from '../customer.js';
import { FleetIndex } from '../fleet/fleet-index.js';
import { ListedCustomers } from '../fleet/listed-customers.service.js';
import { DesiredState, type Who } from '../reconcile/desired-state.service.js';
import { Provisioning } from '../reconcile/provisioning.service.js';

const SUB = /^[A-Za-z0-9-]{1,128}$/;

/** Looks a customer up, for reading: in the listing of all where it can be told from that; else at AWS. */
@Injectable()
export class CustomerLook {
  constructor(
    private readonly listed: ListedCustomers,
    private readonly desiredState: DesiredState,
    private readonly provisioning: Provisioning,
    private readonly governor: Governor,
    private readonly fleet: FleetIndex,
    private readonly catalogue: PlanCatalogue,
  ) {}

  /**
   * Null = there is no such user. Where too many ask AWS, the next listing answers whoever has nothing else to show.
   * @throws TryAgainError when too many ask, AwsUnavailableError when AWS is away.
   */
  async find(who: Who, hasOther: () => boolean): Promise<Customer | null> {
    const listed = await this.listed.find(who.sub);
    if (listed) return this.onPlanOfNow(listed);
    try {
      return await this.ask(who);
    } catch (error) {
      if (!(error instanceof TryAgainError)) throw error;
      const next = this.listed.findInNext(who.sub);
      const found = hasOther() ? null : await next;
      if (!found) throw error;
      return this.onPlanOfNow(found);
    }
  }

  /** What the plan gives may have changed since the listing. */
  private async onPlanOfNow(customer: Customer): Promise<Customer> {
    const plan = (await this.catalogue.all()).find(({ id }) => id === customer.plan?.id);
    return plan ? { ...customer, plan } : customer;
  }

  /** Whom an identity stands for, where no token says the user name. Null = there is no such user. */
  async whoIs(sub: string): Promise<Who | null> {
    if (!SUB.test(sub)) return null;
    return this.fleet.find(sub)?.desired ?? this.desiredState.whoIs(sub);
  }

  private ask(who: Who): Promise<Customer | null> {
    return this.governor.interactive(async () => {
      const desired = await this.desiredState.read(who);
      return desired && this.provisioning.look(desired);
    });
  }
}
