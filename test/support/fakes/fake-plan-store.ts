import {
  type Changed,
  type NewUsagePlan,
  PlanStore,
  type Tags,
  type UsagePlanChange,
} from '../../../src/aws/plan-store/plan-store.js';
import type { ApiStage, UsagePlan } from '../../../src/aws/usage-plans.js';
import { FAKE_STAGE, type FakeUsagePlans, nameOf } from './fake-usage-plans.js';

/** Makes and changes the plans of the account in memory; one stage is deployed. */
export class FakePlanStore extends PlanStore {
  constructor(private readonly account: FakeUsagePlans) {
    super();
  }

  async find(id: string): Promise<UsagePlan | null> {
    return this.account.plans.get(id) ?? null;
  }

  async create(plan: NewUsagePlan): Promise<UsagePlan | 'unknown stage'> {
    return isUnknown(plan.stages) ? 'unknown stage' : this.account.add(plan);
  }

  async change(id: string, change: UsagePlanChange, announce: () => Tags = () => ({})): Promise<Changed> {
    const before = this.account.plans.get(id);
    if (!before) return 'gone';
    if (isUnknown(change.stages ?? [])) return 'unknown stage';
    this.account.plans.set(id, { ...before, ...change });
    await this.tag(id, announce());
    return 'changed';
  }

  async tag(id: string, tags: Tags): Promise<boolean> {
    const before = this.account.plans.get(id);
    if (!before) return false;
    const after = Object.entries({ ...before.tags, ...tags }).filter((tag): tag is [string, string] => tag[1] !== null);
    this.account.plans.set(id, { ...before, tags: Object.fromEntries(after) });
    return true;
  }

  async delete(id: string): Promise<void> {
    this.account.remove(id);
  }
}

function isUnknown(stages: readonly ApiStage[]): boolean {
  return stages.some((stage) => nameOf(stage) !== nameOf(FAKE_STAGE));
}
