import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { type CacheReads, Metrics } from '../metrics.js';
import { PlanCatalogue } from '../plans/plan-catalogue.service.js';
import { Customers } from '../subscriptions/customers/customers.service.js';
import { FleetUsage } from '../subscriptions/fleet/fleet-usage.service.js';
import { ReadinessService } from './readiness.service.js';

/** What is looked up for the metrics when somebody asks for them. */
@Injectable()
export class ScrapedMetrics implements OnApplicationBootstrap {
  constructor(
    private readonly metrics: Metrics,
    private readonly readiness: ReadinessService,
    private readonly customers: Customers,
    private readonly catalogue: PlanCatalogue,
    private readonly fleetUsage: FleetUsage,
  ) {}

  onApplicationBootstrap(): void {
    this.metrics.onScrape(async () => {
      const isReady = await this.readiness.check().then(
        ({ ready }) => ready,
        () => false, // the other metrics are to be had all the same
      );
      this.metrics.ready.set(isReady ? 1 : 0);
    });
    this.metrics.onScrape(() => {
      this.metrics.caches.reset();
      this.count('customers', this.customers.reads);
      this.count('plans', this.catalogue.reads);
      this.count('fleet-usage', this.fleetUsage.reads);
    });
  }

  private count(cache: string, { hit, stale, miss }: CacheReads): void {
    for (const [outcome, reads] of Object.entries({ hit, stale, miss })) {
      this.metrics.caches.inc({ cache, outcome }, reads);
    }
  }
}
