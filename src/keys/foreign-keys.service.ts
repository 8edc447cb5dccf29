import { Injectable } from '@nestjs/common';
import { KeyStore, type StoredKey } from '../aws/key-store.js';
import { type UsagePlan, UsagePlans } from '../aws/usage-plans.js';
import type { Plan } from '../plans/plan.model.js';
import { PlanCatalogue } from '../plans/plan-catalogue.service.js';
import { Problem } from '../problem.js';
import { fleetOf, KeyIdentity, otherFleets } from '../subscriptions/reconcile/key-identity.js';
import { ApiKeyDisabled, ApiKeyInOtherPlan, ApiKeyTaken, ApiKeyWithoutPlan } from './keys.problems.js';

const KEY_ID = /^[A-Za-z0-9]{1,64}$/;

/** A key of the account that is not ours. */
export interface ForeignKey {
  readonly id: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly lastFour: string;
  readonly createdAt: Date;
  /** Names of the usage plans that it is in. */
  readonly plans: readonly string[];
  /** Why it cannot be imported; null = it can. */
  readonly obstacle: string | null;
}

/** A usage plan of the account that is not ours. */
export interface ForeignPlan {
  readonly id: string;
  readonly name: string;
  readonly keys: number;
}

/** Keys that Turnpike made under another prefix or pool: another deployment's, or left behind when this one changed them. */
export interface OtherFleet {
  /** Prefix and pool, as the names of the keys begin. */
  readonly name: string;
  readonly enabledKeys: number;
}

/** All that the account holds and this deployment leaves alone. */
export interface ForeignReport {
  readonly keys: readonly ForeignKey[];
  readonly plans: readonly ForeignPlan[];
  readonly otherFleets: readonly OtherFleet[];
}

/** What a business had before Turnpike, and which of it can be taken over. */
@Injectable()
export class ForeignKeys {
  constructor(
    private readonly keys: KeyStore,
    private readonly usagePlans: UsagePlans,
    private readonly catalogue: PlanCatalogue,
    private readonly identity: KeyIdentity,
  ) {}

  /** Null = no key of the account has that id. */
  async find(keyId: string): Promise<StoredKey | null> {
    return KEY_ID.test(keyId) ? this.keys.find(keyId) : null;
  }

  /** The plan that the key brings with it, or why it cannot be imported. */
  async planOf(key: StoredKey): Promise<Plan | Problem> {
    const planIds = await this.usagePlans.plansOf(key.id);
    const found = this.judge(key, planIds, await this.catalogue.all());
    const [planId] = planIds;
    const isStrange = found instanceof ApiKeyInOtherPlan && planId !== undefined && planIds.length === 1;
    return isStrange ? this.judge(key, planIds, await this.catalogue.lookAgainAt(planId)) : found;
  }

  /** All keys and usage plans of the account that are not ours. */
  async report(): Promise<ForeignReport> {
    const { plans: ours } = await this.catalogue.refresh();
    const all = await this.usagePlans.list();
    const members = new Map<string, readonly string[]>();
    for (const { id } of all) members.set(id, await this.usagePlans.keysIn(id));
    const listed = await this.keys.list('');
    const keys = listed.filter(({ name }) => !this.isNamedLikeOurs(name));
    const enabledNames = listed.filter(({ enabled }) => enabled).map(({ name }) => name);
    const plansOf = ({ id }: StoredKey) => all.filter((plan) => members.get(plan.id)?.includes(id));
    return {
      keys: keys.map((key) => this.shown(key, plansOf(key), ours)),
      plans: all
        .filter(({ id }) => !ours.some((plan) => plan.id === id))
        .map(({ id, name }) => ({ id, name, keys: members.get(id)?.length ?? 0 })),
      otherFleets: [...otherFleets(enabledNames, this.identity.fleetPrefix)].map(([fleet, enabledKeys]) => {
        return { name: fleet.slice(0, -1), enabledKeys };
      }),
    };
  }

  private shown(key: StoredKey, plans: readonly UsagePlan[], ours: readonly Plan[]): ForeignKey {
    const { id, name, enabled, value, createdAt } = key;
    const planIds = plans.map((plan) => plan.id);
    const found = this.judge(key, planIds, ours);
    const obstacle = found instanceof Problem ? found.message : null;
    return { id, name, enabled, lastFour: value.lastFour, createdAt, plans: plans.map((plan) => plan.name), obstacle };
  }

  private judge({ name, enabled }: StoredKey, planIds: readonly string[], ours: readonly Plan[]): Plan | Problem {
    if (this.isNamedLikeOurs(name)) return new ApiKeyTaken();
    if (!enabled) return new ApiKeyDisabled();
    const [planId, ...more] = planIds;
    if (planId === undefined) return new ApiKeyWithoutPlan();
    const plan = ours.find(({ id }) => id === planId);
    return plan && more.length === 0 ? plan : new ApiKeyInOtherPlan();
  }

  private isNamedLikeOurs(name: string): boolean {
    return name.startsWith(this.identity.fleetPrefix) || fleetOf(name) !== null;
  }
}
