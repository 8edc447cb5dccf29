import { Injectable } from '@nestjs/common';
import type { StoredKey } from '../../aws/key-store.js';
import type { DirectoryUser } from '../../aws/user-directory.js';
import { dayOf } from '../../clock.js';
import { Config } from '../../config.js';
import { PlanCatalogue } from '../../plans/plan-catalogue.service.js';
import type { Customer } from '../customer.js';
import type { Listed } from '../fleet/fleet-index.js';
import { bookedFrom } from '../ledger/ledger.js';
import { CleanUp } from '../reconcile/clean-up.service.js';
import { type Desired, DesiredState } from '../reconcile/desired-state.service.js';
import { Keyring } from '../reconcile/keyring.service.js';
import { Provisioning } from '../reconcile/provisioning.service.js';
import { Listing } from './listing.service.js';
import { Rehearsal } from './rehearsal.service.js';
import { type Drift, DriftKind } from './sweep-report.js';

/** A customer who is not as is meant. */
export interface Finding {
  /** As listed; of one who was not listed, as if gone. */
  readonly desired: Desired;
  readonly isListed: boolean;
  readonly drift: readonly Drift[];
  /** The enabled ones. */
  readonly keyIds: readonly string[];
  /** How many keys would be switched off of a customer who keeps none. */
  readonly retires: number;
}

export interface Inspected {
  readonly findings: readonly Finding[];
  /** All as they were listed, before anything is mended. */
  readonly listed: Omit<Listed, 'asOf'>;
  readonly users: number;
  readonly keys: number;
  readonly enabledKeys: number;
}

/** Ids of the plans that a key is in, by its id. */
type Placements = ReadonlyMap<string, readonly string[]>;

/** Of these nothing is changed: somebody has to look. */
const BEYOND_US: ReadonlySet<DriftKind> = new Set([DriftKind.PLAN_NOT_SIGNED, DriftKind.PLAN_UNKNOWN]);

export function isMendable({ drift }: Finding): boolean {
  return drift.some(({ kind }) => !BEYOND_US.has(kind));
}

/** Compares what every customer is meant to have with what there is, and changes nothing. */
@Injectable()
export class Inspection {
  constructor(
    private readonly listing: Listing,
    private readonly rehearsal: Rehearsal,
    private readonly desiredState: DesiredState,
    private readonly keyring: Keyring,
    private readonly provisioning: Provisioning,
    private readonly cleanUp: CleanUp,
    private readonly catalogue: PlanCatalogue,
    private readonly config: Config,
  ) {}

  async ofAll(asOf: Date): Promise<Inspected> {
    const fleet = await this.listing.fleet();
    const rehearse = this.rehearsal.begin();
    const findings: Finding[] = [];
    const customers: Customer[] = [];
    const seen = new Set<string>();
    for await (const page of this.listing.users()) {
      for (const user of page) {
        if (seen.has(user.sub)) continue;
        seen.add(user.sub);
        const keys = fleet.keysOf(user.sub);
        const plans = fleet.plansOf(keys);
        const isKept = keys.length > 0 || isRemembered(this.desiredState.of(user), asOf);
        if (isKept || customers.length < this.config.indexMaxUsers)
          customers.push(await this.customer(user, keys, plans));
        const intents = await rehearse(user, keys, plans);
        findings.push(...(await this.ofListed(user, keys, intents)));
      }
    }
    const unseen = fleet.owners.filter((sub) => !seen.has(sub));
    findings.push(...unseen.flatMap((sub) => this.ofUnlisted(sub, fleet.keysOf(sub))));
    const departed = unseen.map((sub) => this.departed(sub, fleet.keysOf(sub)));
    const isComplete = customers.length === seen.size;
    const listed = { customers, departed, owners: fleet.ownersByKey, isComplete };
    return { findings, listed, users: seen.size, keys: fleet.keys.length, enabledKeys: fleet.enabledKeys };
  }

  private async customer(user: DirectoryUser, keys: readonly StoredKey[], plansOf: Placements): Promise<Customer> {
    const desired = this.desiredState.of(user);
    const ring = this.keyring.ofListed(desired, keys);
    const ids = (ring.current && plansOf.get(ring.current.id)) ?? [];
    const plans = (await this.catalogue.all()).filter(({ id }) => ids.includes(id));
    return this.provisioning.ofListed(desired, ring, plans);
  }

  private departed(sub: string, keys: readonly StoredKey[]): Customer {
    const desired = this.desiredState.ofGone({ sub, username: usernameOf(keys) });
    return { desired, ring: this.keyring.ofListed(desired, keys), plan: null, state: null };
  }

  private async ofListed(
    user: DirectoryUser,
    keys: readonly StoredKey[],
    intents: readonly { kind: DriftKind; text: string }[],
  ): Promise<Finding[]> {
    const desired = this.desiredState.of(user);
    const unresolved = await this.unresolved(desired);
    const disposal = unresolved ? [] : this.disposal(desired, keys);
    const found = [...(unresolved ? [unresolved] : []), ...intents, ...disposal];
    if (found.length === 0) return [];
    const drift = found.map(({ kind, text }) => ({ sub: user.sub, username: user.username, kind, text }));
    const retires = desired.plan === null ? drift.filter(({ kind }) => kind === DriftKind.KEY_TO_RETIRE).length : 0;
    return [{ desired, isListed: true, drift, keyIds: enabledOf(keys), retires }];
  }

  /** Whether there really is no such user is asked when it comes to it. */
  private ofUnlisted(sub: string, keys: readonly StoredKey[]): Finding[] {
    const username = usernameOf(keys) || null;
    const desired = this.desiredState.ofGone({ sub, username: username ?? '' });
    const keyIds = enabledOf(keys);
    const retires = keyIds.length;
    const drift = this.disposal(desired, keys).map(({ kind, text }) => ({ sub, username, kind, text }));
    if (retires > 0) {
      const text = `${retires} enabled keys of a user who is not in the pool any more`;
      drift.push({ sub, username, kind: DriftKind.USER_NOT_LISTED, text });
    }
    return drift.length > 0 ? [{ desired, isListed: false, drift, keyIds, retires }] : [];
  }

  private async unresolved({ plan, isPlanSigned }: Desired) {
    if (plan === null) return null;
    if (!isPlanSigned) return { kind: DriftKind.PLAN_NOT_SIGNED, text: `Plan "${plan}" was not recorded by Turnpike` };
    if (await this.catalogue.find(plan)) return null;
    return { kind: DriftKind.PLAN_UNKNOWN, text: `No usage plan, or more than one, bears the code "${plan}"` };
  }

  private disposal(desired: Desired, listed: readonly StoredKey[]) {
    const { keys, floor } = this.cleanUp.dueOf(listed, desired);
    const text = floor === null ? `${keys.length} retired keys can be deleted` : 'Retired keys are about to be deleted';
    return keys.length > 0 || floor !== null ? [{ kind: DriftKind.KEYS_TO_CLEAN_UP, text }] : [];
  }
}

/** Whether the user has a plan, or calls that the books hold are all that is left of their keys. */
function isRemembered({ plan, floor }: Desired, asOf: Date): boolean {
  const from = bookedFrom(dayOf(asOf));
  return plan !== null || floor?.ledger.entries.some(({ lastDay }) => lastDay >= from) === true;
}

function usernameOf(keys: readonly StoredKey[]): string {
  return keys.find((key) => key.username !== null)?.username ?? '';
}

function enabledOf(keys: readonly StoredKey[]): readonly string[] {
  return keys.filter(({ enabled }) => enabled).map(({ id }) => id);
}
