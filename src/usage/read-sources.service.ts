import { Injectable } from '@nestjs/common';
import type { Caller } from '../auth/caller.js';
import { Clock } from '../clock.js';
import type { SourceName } from '../from-sources.decorator.js';
import { PlanCatalogue } from '../plans/plan-catalogue.service.js';
import { Customers } from '../subscriptions/customers/customers.service.js';
import { FleetUsage } from '../subscriptions/fleet/fleet-usage.service.js';

const DAY_SECONDS = 86_400;
const NO_REPORTS = 'each customer is asked for alone';

/** Compared one by one, by identity. They are numbers and names where there is much behind them: what is kept holds nothing of it. */
export type Sources = readonly unknown[];

/** What reads are answered from, as this process holds it. */
@Injectable()
export class ReadSources {
  constructor(
    private readonly customers: Customers,
    private readonly catalogue: PlanCatalogue,
    private readonly fleet: FleetUsage,
    private readonly clock: Clock,
  ) {}

  /** Each is another as soon as it was read anew. Null = one of them is to be read now. */
  of({ sub, username, isAdmin }: Caller, names: readonly SourceName[]): Sources | null {
    const held = names.map((name) => this.held(name, sub));
    return held.includes(null) ? null : [username, isAdmin, Math.floor(this.clock.seconds() / DAY_SECONDS), ...held];
  }

  private held(name: SourceName, sub: string): unknown {
    switch (name) {
      case 'customer':
        return this.customers.held(sub);
      case 'plans':
        return this.catalogue.held;
      case 'reports':
        return this.fleet.held ?? NO_REPORTS;
    }
  }
}
