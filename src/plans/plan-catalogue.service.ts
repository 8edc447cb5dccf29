import { Injectable, Logger } from '@nestjs/common';
import type { Caller } from '../auth/caller.js';
import { type UsagePlan, UsagePlans } from '../aws/usage-plans.js';
import { Clock } from '../clock.js';
import { Config } from '../config.js';
import { Plan, Quota, Throttle } from './plan.model.js';

const FRESH_SECONDS = 60;
const CODE = /^[a-z0-9][a-z0-9-]{0,31}$/;

/** A code that resolves to nothing, with the usage plans that bear it. */
export interface RejectedCode {
  readonly code: string;
  readonly planIds: readonly string[];
}

interface Catalogue {
  readonly plans: readonly Plan[];
  readonly rejected: readonly RejectedCode[];
  readonly readAt: number;
}

/** What is on offer: the usage plans that carry our tag, read from API Gateway and kept for a minute. */
@Injectable()
export class PlanCatalogue {
  private readonly logger = new Logger(PlanCatalogue.name);
  private known: Catalogue | null = null;
  private reading: Promise<Catalogue> | null = null;

  constructor(
    private readonly usagePlans: UsagePlans,
    private readonly clock: Clock,
    private readonly config: Config,
  ) {}

  /** All plans, in order. A catalogue older than a minute is still answered while it is read anew. */
  async all(): Promise<readonly Plan[]> {
    if (!this.known) return (await this.refresh()).plans;
    if (this.clock.seconds() - this.known.readAt >= FRESH_SECONDS) this.refresh().catch(() => undefined);
    return this.known.plans;
  }

  /** Codes that were ignored when the catalogue was last read. */
  get rejected(): readonly RejectedCode[] {
    return this.known?.rejected ?? [];
  }

  /** What the caller may see: the plans for sale; for an admin all of them. */
  async onOffer(caller: Caller | null): Promise<Plan[]> {
    return (await this.all()).filter((plan) => plan.forSale || caller?.isAdmin === true);
  }

  async find(code: string): Promise<Plan | null> {
    const found = (await this.all()).find((plan) => plan.code === code);
    if (found) return found;
    return (await this.refreshIfStale()).find((plan) => plan.code === code) ?? null;
  }

  /** Reads the catalogue anew; callers at the same time share one reading. */
  refresh(): Promise<{ readonly plans: readonly Plan[] }> {
    this.reading ??= this.read().finally(() => {
      this.reading = null;
    });
    return this.reading;
  }

  /** A code not found may be a plan just made: worth one look, but not one for every wrong code sent. */
  private async refreshIfStale(): Promise<readonly Plan[]> {
    if (this.known && this.clock.seconds() - this.known.readAt < 5) return this.known.plans;
    return (await this.refresh()).plans;
  }

  private async read(): Promise<Catalogue> {
    const tag = (name: string) => `${this.config.keyPrefix}:${name}`;
    const ours = (await this.usagePlans.list()).filter(({ tags }) => tags[tag('plan')] !== undefined);
    const plans = ours.map((usagePlan) => toPlan(usagePlan, tag)).filter(({ code }) => this.isUsable(code, ours, tag));
    plans.sort((a, b) => a.order - b.order || (a.code < b.code ? -1 : 1));
    const codes = new Set(ours.map(({ tags }) => tags[tag('plan')] ?? ''));
    const rejected = [...codes]
      .filter((code) => !plans.some((plan) => plan.code === code))
      .map((code) => ({ code, planIds: ours.filter(({ tags }) => tags[tag('plan')] === code).map(({ id }) => id) }));
    this.known = { plans, rejected, readAt: this.clock.seconds() };
    return this.known;
  }

  /** A code borne by two plans, or malformed, resolves to nothing: guessing would move paying customers. */
  private isUsable(code: string, ours: readonly UsagePlan[], tag: (name: string) => string): boolean {
    const bearers = ours.filter(({ tags }) => tags[tag('plan')] === code);
    if (CODE.test(code) && bearers.length === 1) return true;
    this.logger.warn(
      `Plan code "${code}" is ignored: ${bearers.length > 1 ? 'several usage plans bear it' : 'malformed'}`,
    );
    return false;
  }
}

function toPlan(usagePlan: UsagePlan, tag: (name: string) => string): Plan {
  const { id, tags, quota, throttle } = usagePlan;
  const code = tags[tag('plan')] ?? '';
  const order = Number(tags[tag('order')] ?? Number.NaN);
  return new Plan({
    id,
    code,
    title: tags[tag('title')] ?? usagePlan.name,
    description: usagePlan.description,
    price: tags[tag('price')] ?? null,
    selfService: tags[tag('self-service')] === 'true',
    retired: tags[tag('retired')] === 'true',
    quota: quota && new Quota(quota.limit, quota.period),
    throttle: throttle && new Throttle(throttle.rateLimit, throttle.burstLimit),
    order: Number.isFinite(order) ? order : Number.MAX_SAFE_INTEGER,
  });
}
