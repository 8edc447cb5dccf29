import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Authenticator } from '../auth/authenticator.service.js';
import { Clock } from '../clock.js';
import { PlanCatalogue } from '../plans/plan-catalogue.service.js';

const KEPT_SECONDS = 5;

export interface Readiness {
  readonly ready: boolean;
  /** What is missing, in words; empty when ready. */
  readonly missing: readonly string[];
}

/** Whether this process can do its work: the pool's public keys and the plans are at hand, and it is not going down. */
@Injectable()
export class ReadinessService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private isDraining = false;
  private last: { readonly at: number; readonly check: Promise<readonly string[]> } | null = null;

  constructor(
    private readonly authenticator: Authenticator,
    private readonly catalogue: PlanCatalogue,
    private readonly clock: Clock,
  ) {}

  /** Loads both while the process starts; without them it starts all the same, and says that it is not ready. */
  onApplicationBootstrap(): void {
    void this.check();
  }

  beforeApplicationShutdown(): void {
    this.isDraining = true;
  }

  async check(): Promise<Readiness> {
    if (this.isDraining) return { ready: false, missing: ['the process is shutting down'] };
    const at = this.clock.seconds();
    if (!this.last || at - this.last.at >= KEPT_SECONDS) this.last = { at, check: this.missing() };
    const missing = await this.last.check;
    if (missing.length > 0) this.last = null;
    return { ready: missing.length === 0, missing };
  }

  private async missing(): Promise<readonly string[]> {
    const checks = await Promise.all([
      missingUnless('the public keys of the user pool', this.authenticator.hydrate()),
      missingUnless('the usage plans', this.catalogue.all()),
    ]);
    return checks.flat();
  }
}

function missingUnless(what: string, arrival: Promise<unknown>): Promise<readonly string[]> {
  return arrival.then(
    () => [],
    () => [what],
  );
}
