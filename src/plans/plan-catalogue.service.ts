import { Injectable, Logger } from '@nestjs/common';
import type { Caller } from '../auth/caller.js';
import { Governor } from '../aws/governor.js';
import { type UsagePlan, UsagePlans } from '../aws/usage-plans.js';
import { Clock } from '../clock.js';
import { Config } from '../config.js';
import { CacheReads } from '../metrics.js';
import { within } from '../within.js';
import { Plan, Quota, Throttle } from './plan.model.js';
import { PLAN_CODE, type PlanSettings, settingsOf, type TagName, tagNames } from './plan-settings.js';

const FRESH_SECONDS = 60;
/** Nothing is sold by an older one. Where nobody asked for a while, or a reading was frozen with its process, it may be of any age. */
const FRESH_FOR_CHANGES_SECONDS = 300;
const FRESHEN_MILLISECONDS = 2500;
/** A reading asks for every usage plan of the account, so whoever sends wrong codes must not have one for each. */
const FRESH_FOR_UNKNOWN_SECONDS = 30;

/** A plan of somebody else's is read again after that, because somebody may have tagged it. */
const FOREIGN_SECONDS = 3600;
/** So many of them in a reading, for which people wait: an account may have hundreds, and a plan that is new to us is read anyhow. */
const MOST_FOREIGN = 10;

/** A usage plan of ours, whether its code is of use or not. */
export interface ManagedPlan {
  readonly id: string;
  readonly settings: PlanSettings;
  readonly tags: UsagePlan['tags'];
}

/** A code that resolves to nothing, with the usage plans that bear it. */
export interface RejectedCode {
  readonly code: string;
  readonly planIds: readonly string[];
}

interface Catalogue {
  readonly plans: readonly Plan[];
  readonly managed: readonly ManagedPlan[];
  readonly rejected: readonly RejectedCode[];
  /** When its reading began: what it says may be as old. */
  readonly readAt: number;
}

/** What is on offer: the usage plans that carry our tag, read from API Gateway and kept for a minute. */
@Injectable()
export class PlanCatalogue {
  readonly reads = new CacheReads();
  private readonly logger = new Logger(PlanCatalogue.name);
  private known: Catalogue | null = null;
  /** Usage plans that this process has never seen as ours, by id: when each was last read, the longest ago first. */
  private readonly foreign = new Map<string, number>();
  private readonly everOurs = new Set<string>();
  private readings = 0;
  private reading: Promise<Catalogue> | null = null;

  constructor(
    private readonly usagePlans: UsagePlans,
    private readonly governor: Governor,
    private readonly clock: Clock,
    private readonly config: Config,
  ) {}

  /** All plans, in order. A catalogue older than a minute is still answered while it is read anew, others' plans aside. */
  async all(): Promise<readonly Plan[]> {
    const { known } = this;
    const isHeld = this.held !== null;
    this.reads[isHeld ? 'hit' : known ? 'stale' : 'miss'] += 1;
    if (!known) return (await this.refresh()).plans;
    if (!isHeld) void this.begin();
    return known.plans;
  }

  /** Which reading is answered from just now, by its number; null = it is to be read anew. */
  get held(): number | null {
    return this.known && this.clock.seconds() - this.known.readAt < FRESH_SECONDS ? this.readings : null;
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

  /** Before a change is decided on. What was known counts on while AWS does not answer, or takes its time. */
  async freshen(): Promise<void> {
    if (!this.isTooOld) return;
    await within(
      FRESHEN_MILLISECONDS,
      this.readToSell().catch(() => null),
    );
  }

  private get isTooOld(): boolean {
    return this.known !== null && this.clock.seconds() - this.known.readAt >= FRESH_FOR_CHANGES_SECONDS;
  }

  /** Twice where a reading was under way that is too old itself. */
  private async readToSell(): Promise<void> {
    for (let time = 0; time < 2 && this.isTooOld; time++) await this.governor.join('GetUsagePlans', this.begin());
  }

  /**
   * Reads the catalogue anew, and some of others' plans however lately they were read; callers at the same time share one
   * reading, and each waits no longer than its own work may take.
   */
  refresh(): Promise<Catalogue> {
    return this.governor.join('GetUsagePlans', this.begin(0));
  }

  /** The same, begun no earlier than now: one that is under way may have passed what was just changed. */
  async reread(): Promise<Catalogue> {
    await this.afterReading();
    return this.refresh();
  }

  /** All plans, read anew with this one, which may have been tagged since it was passed over as somebody else's. */
  async lookAgainAt(planId: string): Promise<readonly Plan[]> {
    await this.afterReading();
    this.foreign.delete(planId);
    return (await this.governor.join('GetUsagePlans', this.begin())).plans;
  }

  private async afterReading(): Promise<void> {
    const before = this.reading?.catch(() => undefined);
    if (before) await this.governor.join('GetUsagePlans', before);
  }

  /** For all: it does not end with the work of whoever happened to ask first. */
  private begin(foreignSeconds = FOREIGN_SECONDS): Promise<Catalogue> {
    this.reading ??= this.governor
      .shared(() => this.read(foreignSeconds))
      .finally(() => {
        this.reading = null;
      });
    this.reading.catch(() => undefined); // nobody may be waiting
    return this.reading;
  }

  /** A code not found may be a plan just made. */
  private async refreshIfStale(): Promise<readonly Plan[]> {
    if (this.known && this.clock.seconds() - this.known.readAt < FRESH_FOR_UNKNOWN_SECONDS) return this.known.plans;
    return (await this.refresh()).plans;
  }

  private async read(foreignSeconds: number): Promise<Catalogue> {
    const tag = tagNames(this.config.keyPrefix);
    const due = this.due(foreignSeconds);
    const readAt = this.clock.seconds();
    const listed = await this.usagePlans.list(new Set([...this.foreign.keys()].filter((id) => !due.has(id))));
    const managed = asManaged(listed, tag);
    for (const id of due) this.foreign.delete(id); // it may be there no more
    this.remember(listed, managed, readAt);
    const plans = managed
      .filter(({ settings }) => this.isUsable(settings.code, managed))
      .map((plan) => toPlan(plan, tag));
    plans.sort((a, b) => a.order - b.order || (a.code < b.code ? -1 : 1));
    const codes = new Set(managed.map(({ settings }) => settings.code));
    const rejected = [...codes]
      .filter((code) => !plans.some((plan) => plan.code === code))
      .map((code) => ({ code, planIds: managed.filter(({ settings }) => settings.code === code).map(({ id }) => id) }));
    this.readings += 1;
    this.known = { plans, managed, rejected, readAt };
    return this.known;
  }

  /** Lists carry no tags, so each plan has to be read by itself: those of others in turn, a few at a time. */
  private due(foreignSeconds: number): ReadonlySet<string> {
    const before = this.clock.seconds() - foreignSeconds;
    const due = [...this.foreign].filter(([, readAt]) => readAt <= before);
    return new Set(due.slice(0, MOST_FOREIGN).map(([id]) => id));
  }

  /** A plan that was ours is read each time, also without its tag: somebody may set it again. */
  private remember(listed: readonly UsagePlan[], managed: readonly ManagedPlan[], readAt: number): void {
    for (const { id } of managed) this.everOurs.add(id);
    for (const { id } of listed) {
      if (this.everOurs.has(id)) this.foreign.delete(id);
      else this.foreign.set(id, readAt);
    }
  }

  /** A code borne by two plans, or malformed, resolves to nothing: guessing would move paying customers. */
  private isUsable(code: string, managed: readonly ManagedPlan[]): boolean {
    const bearers = managed.filter(({ settings }) => settings.code === code);
    if (PLAN_CODE.test(code) && bearers.length === 1) return true;
    this.logger.warn(
      `Plan code "${code}" is ignored: ${bearers.length > 1 ? 'several usage plans bear it' : 'malformed'}`,
    );
    return false;
  }
}

/** Those that carry our tag. */
export function asManaged(usagePlans: readonly UsagePlan[], tag: TagName): ManagedPlan[] {
  const ours = usagePlans.filter(({ tags }) => tags[tag('plan')] !== undefined);
  return ours.map((plan) => ({ id: plan.id, tags: plan.tags, settings: settingsOf(plan, tag) }));
}

export function toPlan({ id, settings, tags }: ManagedPlan, tag: TagName): Plan {
  const { stages: _, quota, throttle, order, ...shown } = settings;
  const quotaSince = Date.parse(tags[tag('quota-since')] ?? '') / 1000;
  return new Plan({
    ...shown,
    id,
    quota: quota && new Quota(quota.limit, quota.period),
    throttle: throttle && new Throttle(throttle.rateLimit, throttle.burstLimit),
    order: order ?? Number.MAX_SAFE_INTEGER,
    quotaSince: Number.isFinite(quotaSince) ? quotaSince : 0,
  });
}
