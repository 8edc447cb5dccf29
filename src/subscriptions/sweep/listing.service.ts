import { Injectable } from '@nestjs/common';
import { KeyStore, type StoredKey } from '../../aws/key-store.js';
import { UsagePlans } from '../../aws/usage-plans.js';
import { type DirectoryUser, UserDirectory } from '../../aws/user-directory.js';
import { PlanCatalogue } from '../../plans/plan-catalogue.service.js';
import { KeyIdentity } from '../reconcile/key-identity.js';

/** All keys of this deployment as they were listed, by customer, and the plans of ours that they are in. */
export class Fleet {
  private readonly keysBySub = new Map<string, StoredKey[]>();
  /** The `sub` that a key is named after, by its id. */
  readonly ownersByKey = new Map<string, string>();

  constructor(
    readonly keys: readonly StoredKey[],
    private readonly plansByKey: ReadonlyMap<string, readonly string[]>,
    identity: KeyIdentity,
  ) {
    for (const key of keys) {
      const sub = identity.owner(key.name);
      if (sub === null) continue;
      this.keysBySub.set(sub, [...(this.keysBySub.get(sub) ?? []), key]);
      this.ownersByKey.set(key.id, sub);
    }
  }

  get owners(): readonly string[] {
    return [...this.keysBySub.keys()];
  }

  get enabledKeys(): number {
    return this.keys.filter(({ enabled }) => enabled).length;
  }

  keysOf(sub: string): readonly StoredKey[] {
    return this.keysBySub.get(sub) ?? [];
  }

  plansOf(keys: readonly StoredKey[]): Map<string, readonly string[]> {
    return new Map(keys.map(({ id }) => [id, this.plansByKey.get(id) ?? []]));
  }
}

/** Reads everything by pages, so that ten thousand customers cost some two hundred calls and not thirty thousand. */
@Injectable()
export class Listing {
  constructor(
    private readonly directory: UserDirectory,
    private readonly keys: KeyStore,
    private readonly usagePlans: UsagePlans,
    private readonly catalogue: PlanCatalogue,
    private readonly identity: KeyIdentity,
  ) {}

  /** A page that fails ends the whole: half a list would look like customers without keys. */
  async fleet(): Promise<Fleet> {
    const { plans } = await this.catalogue.refresh();
    const listed = await this.keys.list(this.identity.fleetPrefix);
    const keys = [...new Map(listed.map((key) => [key.id, key])).values()];
    const plansByKey = new Map<string, string[]>();
    for (const { id: planId } of plans) {
      for (const keyId of new Set(await this.usagePlans.keysIn(planId))) {
        plansByKey.set(keyId, [...(plansByKey.get(keyId) ?? []), planId]);
      }
    }
    return new Fleet(keys, plansByKey, this.identity);
  }

  users(): AsyncIterable<readonly DirectoryUser[]> {
    return this.directory.pages();
  }
}
