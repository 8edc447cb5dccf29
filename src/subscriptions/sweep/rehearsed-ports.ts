import { Logger } from '@nestjs/common';
import { KeyStore, type NewKey, type StoredKey } from '../../aws/key-store.js';
import { type Attached, type DayUsage, type UsagePlan, UsagePlans } from '../../aws/usage-plans.js';
import { type DirectoryUser, UserDirectory } from '../../aws/user-directory.js';
import { describeFault } from '../../log.js';
import { DriftKind } from './sweep-report.js';

/** One customer as listed. What is written changes this copy only, and is noted as what would have to be done. */
export interface Scene {
  user: DirectoryUser;
  keys: readonly StoredKey[];
  /** Ids of the plans that a key is in, by its id. */
  readonly plans: Map<string, readonly string[]>;
  readonly intents: { readonly kind: DriftKind; readonly text: string }[];
}

/** Gives the scene that is played just now. */
export type Stage = () => Scene;

export class RehearsedDirectory extends UserDirectory {
  constructor(private readonly stage: Stage) {
    super();
  }

  async find(username: string): Promise<DirectoryUser | null> {
    const { user } = this.stage();
    return user.username === username ? user : null;
  }

  async findBySub(sub: string): Promise<DirectoryUser | null> {
    const { user } = this.stage();
    return user.sub === sub ? user : null;
  }

  async search(text: string): Promise<readonly DirectoryUser[]> {
    const user = await this.findBySub(text);
    return user ? [user] : [];
  }

  async *pages(): AsyncGenerator<readonly DirectoryUser[]> {
    yield [this.stage().user];
  }

  async delete(username: string): Promise<void> {
    const text = `User ${username}, whose deletion was asked for, is still there`;
    this.stage().intents.push({ kind: DriftKind.USER_TO_DELETE, text });
  }

  async write(_username: string, changes: Readonly<Record<string, string | null>>): Promise<boolean> {
    const { intents } = this.stage();
    const names = Object.keys(changes).join(' and ');
    intents.push({ kind: DriftKind.ATTRIBUTES_OUT_OF_DATE, text: `${names} of the user are out of date` });
    return true;
  }

  /** No customer's keys depend on groups. */
  async groupsOf(): Promise<readonly string[]> {
    return [];
  }
}

export class RehearsedKeys extends KeyStore {
  constructor(private readonly stage: Stage) {
    super();
  }

  async list(namePrefix: string): Promise<StoredKey[]> {
    return this.stage().keys.filter(({ name }) => name.startsWith(namePrefix));
  }

  async find(id: string): Promise<StoredKey | null> {
    return this.stage().keys.find((key) => key.id === id) ?? null;
  }

  async create(key: NewKey): Promise<StoredKey | null> {
    const scene = this.stage();
    scene.intents.push({ kind: DriftKind.KEY_MISSING, text: `There is no key ${key.name}` });
    const never = new Date(0);
    const made = { ...key, id: 'the key to be made', enabled: true, createdAt: never, changedAt: never };
    scene.keys = [...scene.keys, made];
    return made;
  }

  async change(id: string, { name, enabled, description }: { name?: string; enabled?: false; description?: string }) {
    const scene = this.stage();
    const note = (kind: DriftKind, text: string) => scene.intents.push({ kind, text: `Key ${id} ${text}` });
    if (enabled === false) note(DriftKind.KEY_TO_RETIRE, 'is to be switched off');
    if (name !== undefined) note(DriftKind.KEY_RENAMED, 'was renamed');
    if (description !== undefined) note(DriftKind.CALLS_NOT_RECORDED, 'is to have its calls and limits written down');
    const change = {
      ...(name && { name }),
      ...(enabled === false && { enabled }),
      ...(description && { description }),
    };
    scene.keys = scene.keys.map((key) => (key.id === id ? { ...key, ...change } : key));
    return true;
  }

  async delete(id: string): Promise<void> {
    const scene = this.stage();
    scene.keys = scene.keys.filter((key) => key.id !== id);
  }
}

export class RehearsedPlans extends UsagePlans {
  private readonly logger = new Logger('Sweep');
  private readonly reports = new Map<string, Promise<ReadonlyMap<string, DayUsage[]>>>();

  constructor(
    private readonly stage: Stage,
    private readonly real: UsagePlans,
  ) {
    super();
  }

  list(): Promise<UsagePlan[]> {
    return this.real.list();
  }

  keysIn(planId: string): Promise<string[]> {
    return this.real.keysIn(planId);
  }

  async plansOf(keyId: string): Promise<string[]> {
    return [...(this.stage().plans.get(keyId) ?? [])];
  }

  async attach(planId: string, keyId: string): Promise<Attached> {
    const { plans, intents } = this.stage();
    intents.push({ kind: DriftKind.PLAN_NOT_APPLIED, text: `Key ${keyId} is not in plan ${planId}` });
    plans.set(keyId, [...(plans.get(keyId) ?? []), planId]);
    return 'attached';
  }

  async detach(planId: string, keyId: string): Promise<void> {
    const { plans, intents } = this.stage();
    intents.push({ kind: DriftKind.PLAN_NOT_APPLIED, text: `Key ${keyId} is in plan ${planId}` });
    const others = (plans.get(keyId) ?? []).filter((id) => id !== planId);
    plans.set(keyId, others);
  }

  async usage(planId: string, keyId: string, from: string, to: string): Promise<DayUsage[]> {
    return (await this.usageByKey(planId, from, to)).get(keyId) ?? [];
  }

  /** Asked for once in a sweep, and only when somebody's books depend on it; where it fails, these are for the next sweep. */
  usageByKey(planId: string, from: string, to: string): Promise<ReadonlyMap<string, DayUsage[]>> {
    const name = [planId, from, to].join(' ');
    const known = this.reports.get(name);
    if (known) return known;
    const asked = this.real.usageByKey(planId, from, to);
    this.reports.set(name, asked);
    asked.catch((error: unknown) => this.logger.warn({ plan: planId, usageNotRead: describeFault(error) }));
    return asked;
  }

  async setRemaining(_planId: string, keyId: string, remaining: number): Promise<boolean> {
    const text = `The calls left to key ${keyId} are to be set to ${remaining}`;
    this.stage().intents.push({ kind: DriftKind.QUOTA_NOT_APPLIED, text });
    return true;
  }
}
