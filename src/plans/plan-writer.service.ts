import { Injectable, Logger } from '@nestjs/common';
import { AwsUnavailableError } from '../aws/failures.js';
import { PlanStore, type Tags, type UsagePlanChange } from '../aws/plan-store/plan-store.js';
import { UsagePlans } from '../aws/usage-plans.js';
import { Clock } from '../clock.js';
import { Config } from '../config.js';
import { Refusal, TryAgainError } from '../problem.js';
import type { Plan } from './plan.model.js';
import { asManaged, type ManagedPlan, PlanCatalogue, toPlan } from './plan-catalogue.service.js';
import { differing, type PlanSettings, type TagName, tagNames, tagsOf, toStage, toUsagePlan } from './plan-settings.js';
import { PlanExists, UnknownPlan, UnknownStage } from './plans.problems.js';

const LOOKS = 4;
const LOOK_MILLISECONDS = 1000;
/** Until every process has read the catalogue anew, and for clocks that differ. */
const QUOTA_SETTLES_SECONDS = 120;

/** AWS took the first part of a change and not the second. */
export class PlanHalfChangedError extends Refusal {
  readonly code = 'TRY_AGAIN';

  constructor(
    override readonly retryAfterSeconds: number,
    options?: ErrorOptions,
  ) {
    super(
      `A part of the plan is changed. Send the same request again in ${retryAfterSeconds} s for the rest.`,
      options,
    );
  }
}

/** Makes usage plans into what is wanted. Only those that carry our tag are touched. */
@Injectable()
export class PlanWriter {
  private readonly logger = new Logger(PlanWriter.name);
  private readonly tag: TagName;

  constructor(
    private readonly catalogue: PlanCatalogue,
    private readonly store: PlanStore,
    private readonly usagePlans: UsagePlans,
    private readonly clock: Clock,
    { keyPrefix }: Config,
  ) {
    this.tag = tagNames(keyPrefix);
  }

  /** Makes the plan, or answers the very same one that is there already. */
  async create(settings: PlanSettings): Promise<Plan | PlanExists | UnknownStage> {
    const bearers = await this.bearers(settings.code);
    if (bearers.length > 0) return this.settle(settings, bearers, null);
    const made = await this.store.create(toUsagePlan(settings, this.tag));
    if (made === 'unknown stage') return new UnknownStage();
    return this.settle(settings, await this.bearers(settings.code, made.id), made.id);
  }

  /**
   * What UpdateUsagePlan does goes first, as one call, because it may be refused for a while. A quota that is about to
   * change is announced when it is its turn, so that no counter is taken to go by it too early.
   */
  async change(before: ManagedPlan, wanted: PlanSettings): Promise<Plan | UnknownPlan | UnknownStage> {
    const members = differing(before.settings, wanted);
    const announced: Record<string, string> = {};
    const announce = () => (members.includes('quota') ? Object.assign(announced, this.quotaSince()) : {});
    const change = changeOf(wanted, members);
    const changed = Object.keys(change).length > 0 ? await this.store.change(before.id, change, announce) : null;
    if (changed === 'unknown stage') return new UnknownStage();
    if (changed === 'gone') return new UnknownPlan();
    const tags = changedTags(tagsOf(before.settings, this.tag), tagsOf(wanted, this.tag));
    if (!(await this.tagged(before.id, tags, changed !== null))) return new UnknownPlan();
    // It is changed, whether or not it can be read again now; the catalogue is a minute old at most.
    await this.catalogue.reread().catch(() => undefined);
    return toPlan({ ...before, settings: wanted, tags: { ...before.tags, ...announced } }, this.tag);
  }

  /** The one plan of ours that bears the code; null when there is none, or several. */
  async find(code: string): Promise<ManagedPlan | null> {
    const [first = null, ...others] = await this.bearers(code);
    return others.length === 0 ? first : null;
  }

  /**
   * Of several plans with one code the first stays. AWS has no test-and-set, so whoever made one looks again, and removes
   * what it made itself, or what is the very same as the first and as wanted, unless keys are in it. Where its own would
   * stay beside one that is not the same, it waits for the other's maker to give way, and gives way itself in the end: two
   * never both take theirs for the only one.
   */
  private async settle(settings: PlanSettings, found: readonly ManagedPlan[], ownId: string | null) {
    let bearers = found;
    for (let look = 1; bearers.length > 1; look++) {
      if (look > LOOKS) return new PlanExists();
      const claims = await this.byClaim(bearers);
      const isOwn = ({ plan }: Claim) => plan.id === ownId;
      const isSame = ({ plan }: Claim) => differing(plan.settings, settings).length === 0;
      const [first, ...others] = claims;
      const isFirstSame = first !== undefined && isSame(first);
      const idle = others.filter(({ keys }) => keys === 0);
      const surplus = idle.filter((claim) => isOwn(claim) || (isFirstSame && isSame(claim)));
      if (surplus.length === 0 && !claims.some(isOwn)) return new PlanExists();
      if (surplus.length === 0 && look < LOOKS) await this.clock.sleep(LOOK_MILLISECONDS);
      if (surplus.length === 0 && look === LOOKS)
        surplus.push(...claims.filter((claim) => isOwn(claim) && claim.keys === 0));
      for (const { plan } of surplus) await this.discard(plan);
      bearers = await this.bearers(settings.code);
    }
    const [only] = bearers;
    if (!only) throw new TryAgainError(1); // two gave way to each other
    return differing(only.settings, settings).length === 0 ? toPlan(only, this.tag) : new PlanExists();
  }

  /** As read now; `madeId` is among them, though the list may not have it yet. */
  private async bearers(code: string, madeId?: string): Promise<readonly ManagedPlan[]> {
    const { managed } = await this.catalogue.reread();
    const bearers = managed.filter(({ settings }) => settings.code === code);
    if (madeId === undefined || bearers.some(({ id }) => id === madeId)) return bearers;
    const made = await this.store.find(madeId);
    return made ? [...bearers, ...asManaged([made], this.tag)] : bearers;
  }

  /** Those with keys first, then by id: all who look see the same order. */
  private async byClaim(plans: readonly ManagedPlan[]): Promise<Claim[]> {
    const claims: Claim[] = [];
    for (const plan of plans) claims.push({ plan, keys: (await this.usagePlans.keysIn(plan.id)).length });
    return claims.sort((a, b) => Number(b.keys > 0) - Number(a.keys > 0) || (a.plan.id < b.plan.id ? -1 : 1));
  }

  /** Its code is given up first: that is what matters, and removing the plan may have to wait for UpdateUsagePlan. */
  private async discard({ id, tags, settings }: ManagedPlan): Promise<void> {
    const ours = Object.keys(tags).filter((name) => name.startsWith(this.tag('')));
    await this.store.tag(id, Object.fromEntries(ours.map((name) => [name, null])));
    try {
      await this.store.delete(id);
    } catch (error) {
      if (!(error instanceof AwsUnavailableError)) throw error;
      this.logger.warn(`Usage plan ${id} bears the code "${settings.code}" no more; delete it, nobody uses it`);
    }
  }

  private async tagged(id: string, tags: Tags, isChanged: boolean): Promise<boolean> {
    try {
      return await this.store.tag(id, tags);
    } catch (error) {
      if (!isChanged || !(error instanceof AwsUnavailableError)) throw error;
      throw new PlanHalfChangedError(error.retryAfterSeconds, { cause: error });
    }
  }

  private quotaSince(): Record<string, string> {
    const moment = new Date((this.clock.seconds() + QUOTA_SETTLES_SECONDS) * 1000);
    return { [this.tag('quota-since')]: moment.toISOString().replace('.000', '') };
  }
}

/** Whether it takes a call of which the account has one in twenty seconds; tags do not. */
export function isSlowChange(members: readonly (keyof PlanSettings)[]): boolean {
  return members.some((member) => ['description', 'quota', 'throttle', 'stages'].includes(member));
}

interface Claim {
  readonly plan: ManagedPlan;
  readonly keys: number;
}

/** The part of it that is not in tags. */
function changeOf(
  { description, quota, throttle, stages }: PlanSettings,
  members: readonly (keyof PlanSettings)[],
): UsagePlanChange {
  return {
    ...(members.includes('description') && { description }),
    ...(members.includes('quota') && { quota }),
    ...(members.includes('throttle') && { throttle }),
    ...(members.includes('stages') && { stages: stages.map(toStage) }),
  };
}

function changedTags(before: Tags, wanted: Tags): Tags {
  return Object.fromEntries(Object.entries(wanted).filter(([name, value]) => before[name] !== value));
}
