import { setImmediate as breath } from 'node:timers/promises';
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Metrics } from '../metrics.js';
import { FleetIndex } from '../subscriptions/fleet/fleet-index.js';
import { FleetUsage } from '../subscriptions/fleet/fleet-usage.service.js';
import { UsageService } from './usage.service.js';

const CUSTOMERS_AT_ONCE = 100; // then others have their turn

/**
 * How many calls customers got beyond what they were allowed, by plan: what the ledger is there to prevent, so what it
 * misses has to be seen. Only a process that sweeps knows all customers; elsewhere nothing is said.
 */
@Injectable()
export class Overshoot implements OnApplicationBootstrap {
  private seen: Date | null = null;

  constructor(
    private readonly usage: UsageService,
    private readonly reports: FleetUsage,
    private readonly index: FleetIndex,
    private readonly metrics: Metrics,
  ) {}

  onApplicationBootstrap(): void {
    this.metrics.onScrape(() => this.look());
  }

  /** From the last reading for everybody; one that is old is made anew, for the scrape after. */
  private async look(): Promise<void> {
    if (!this.index.latest) return;
    if (!this.reports.isFresh) void this.reports.refresh();
    const reading = this.reports.last;
    if (!reading || reading.asOf === this.seen) return;
    this.seen = reading.asOf;
    const { quotaOvershoot } = this.metrics;
    const beyond = new Map<string, number>();
    for (const [number, customer] of this.index.all().entries()) {
      if (number % CUSTOMERS_AT_ONCE === 0) await breath();
      if (!customer.plan) continue;
      const { code } = customer.plan;
      beyond.set(code, (beyond.get(code) ?? 0) + (await this.usage.beyond(customer, reading)));
    }
    quotaOvershoot.reset();
    for (const [plan, calls] of beyond) quotaOvershoot.set({ plan }, calls);
  }
}
