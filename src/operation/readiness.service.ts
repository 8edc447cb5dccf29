import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Authenticator } from '../auth/authenticator.service.js';
import { Governor } from '../aws/governor.js';
import { Clock } from '../clock.js';
import { PlanCatalogue } from '../plans/plan-catalogue.service.js';
import { within } from '../within.js';
import { PreflightSchedule } from './preflight-schedule.service.js';

const KEPT_SECONDS = 5;
/** Whoever asks waits no longer, though AWS may take its time. */
const ANSWER_MILLISECONDS = 3000;

export interface Readiness {
  readonly ready: boolean;
  /** What is missing, in words; empty when ready. */
  readonly missing: readonly string[];
  /** Services of AWS that are left alone because they fail: what needs them is answered TRY_AGAIN meanwhile. */
  readonly away: readonly string[];
}

/**
 * Whether to send requests here: the pool's public keys and the plans have been had, the pre-flight has passed, and the
 * process is not going down. That AWS is away later takes none of it: then every process would be out at once, and
 * reads with it, which are still answered.
 */
@Injectable()
export class ReadinessService implements OnApplicationBootstrap {
  private isGoingDown = false;
  private readonly had = new Set<string>();
  private last: { readonly at: number; readonly missing: Promise<readonly string[]> } | null = null;

  constructor(
    private readonly authenticator: Authenticator,
    private readonly catalogue: PlanCatalogue,
    private readonly preflight: PreflightSchedule,
    private readonly governor: Governor,
    private readonly clock: Clock,
  ) {}

  /** Loads all of it while the process starts; without it the process starts all the same, and says that it is not ready. */
  onApplicationBootstrap(): void {
    void this.check();
  }

  /** From now on not ready; what comes is served all the same, until the server closes. */
  drain(): void {
    this.isGoingDown = true;
  }

  get isDraining(): boolean {
    return this.isGoingDown;
  }

  async check(): Promise<Readiness> {
    const { away } = this.governor;
    if (this.isDraining) return { ready: false, missing: ['the process is shutting down'], away };
    const at = this.clock.seconds();
    if (!this.last || at - this.last.at >= KEPT_SECONDS) this.last = { at, missing: this.missing() };
    const missing = await this.last.missing;
    if (missing.length > 0) this.last = null;
    return { ready: missing.length === 0, missing, away };
  }

  private async missing(): Promise<readonly string[]> {
    const arrivals = await Promise.all([
      this.missingUnlessHad('the public keys of the user pool', this.authenticator.hydrate()),
      this.missingUnlessHad('the usage plans', this.catalogue.all()),
      this.preflight.first(ANSWER_MILLISECONDS).then(() => []),
    ]);
    const { objection } = this.preflight;
    return [...arrivals.flat(), ...(objection === null ? [] : [objection])];
  }

  private async missingUnlessHad(what: string, arrival: Promise<unknown>): Promise<readonly string[]> {
    const arriving = arrival.then(
      () => this.had.add(what),
      () => null,
    );
    if (!this.had.has(what)) await within(ANSWER_MILLISECONDS, arriving);
    return this.had.has(what) ? [] : [what];
  }
}
