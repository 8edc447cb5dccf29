import { Injectable } from '@nestjs/common';
import type { StoredKey } from '../../aws/key-store.js';
import type { DirectoryUser } from '../../aws/user-directory.js';
import { Clock } from '../../clock.js';
import { PlanCatalogue } from '../../plans/plan-catalogue.service.js';
import { DesiredState } from '../../subscriptions/reconcile/desired-state.service.js';
import { KeyIdentity } from '../../subscriptions/reconcile/key-identity.js';
import type { KeyRing, OwnKey } from '../../subscriptions/reconcile/key-ring.js';
import { Keyring } from '../../subscriptions/reconcile/keyring.service.js';
import { Listing } from '../../subscriptions/sweep/listing.service.js';
import { type Left, LeftReason, type RekeyOptions } from './rekey-report.js';

/** What is to be done for one customer. */
export interface Errand {
  readonly sub: string;
  readonly username: string;
  /** The key that must go; null = none. */
  readonly keyId: string | null;
  readonly isToSign: boolean;
}

export interface Surveyed {
  readonly customers: number;
  readonly errands: readonly Errand[];
  readonly left: readonly Left[];
  /** Who has retired keys. */
  readonly withRetiredKeys: readonly string[];
}

/**
 * Who is done follows from what there is: a customer whose live keys derive from the first secret, and whose plan it
 * signed. So a run that was cut off is gone on with by another one.
 */
@Injectable()
export class RekeySurvey {
  constructor(
    private readonly listing: Listing,
    private readonly desiredState: DesiredState,
    private readonly keyring: Keyring,
    private readonly identity: KeyIdentity,
    private readonly catalogue: PlanCatalogue,
    private readonly clock: Clock,
  ) {}

  /** By pages, as in a sweep. */
  async ofAll(options: RekeyOptions): Promise<Surveyed> {
    const fleet = await this.listing.fleet();
    const seen = new Set<string>();
    const errands: Errand[] = [];
    const left: Left[] = [];
    let customers = 0;
    for await (const page of this.listing.users()) {
      for (const user of page) {
        if (seen.has(user.sub)) continue;
        seen.add(user.sub);
        const found = await this.ofListed(user, fleet.keysOf(user.sub), options);
        if (found !== 'nobody') customers += 1;
        if (typeof found === 'string') continue;
        if ('why' in found) left.push(found);
        else errands.push(found);
      }
    }
    const orphans = fleet.owners.filter((sub) => !seen.has(sub) && fleet.keysOf(sub).some(({ enabled }) => enabled));
    if (!options.signaturesOnly) left.push(...orphans.map((sub) => leftBecause(sub, null, LeftReason.USER_NOT_LISTED)));
    const withRetiredKeys = fleet.owners.filter((sub) => fleet.keysOf(sub).some(({ enabled }) => !enabled));
    return { customers, errands, left, withRetiredKeys };
  }

  private async ofListed(
    user: DirectoryUser,
    listed: readonly StoredKey[],
    options: RekeyOptions,
  ): Promise<Errand | Left | 'done' | 'nobody'> {
    const desired = this.desiredState.of(user);
    const { sub, username, plan } = desired;
    if (plan === null && !listed.some(({ enabled }) => enabled)) return 'nobody';
    if (plan === null) return options.signaturesOnly ? 'done' : leftBecause(sub, username, LeftReason.UNFINISHED);
    const ring = this.keyring.ofListed(desired, listed);
    const keyId = options.signaturesOnly ? null : this.keyToGo(sub, ring, options);
    if (!desired.isPlanSigned) return leftBecause(sub, username, LeftReason.PLAN_NOT_SIGNED);
    if (keyId && !(await this.catalogue.find(plan))) return leftBecause(sub, username, LeftReason.PLAN_UNKNOWN);
    const isToSign = this.desiredState.isSignedByOlderSecret(desired);
    return keyId || isToSign ? { sub, username, keyId, isToSign } : 'done';
  }

  /** The current key first: with it go all older ones, but for the grace. */
  private keyToGo(sub: string, ring: KeyRing, { graceSeconds, keepImported }: RekeyOptions): string | null {
    const { current, overlapping, surplus, ledger } = ring;
    const isOld = (key: OwnKey) => !this.mayStay(sub, key, keepImported);
    if (current && isOld(current)) return current.id;
    const isTooLong = ledger.until > this.clock.seconds() + graceSeconds;
    if (overlapping && isTooLong && isOld(overlapping)) return overlapping.id;
    return surplus.find(isOld)?.id ?? null;
  }

  private mayStay(sub: string, { value, generation }: OwnKey, keepImported: boolean): boolean {
    if (this.identity.value(sub, generation).equals(value)) return true;
    return keepImported && !this.identity.isValue(value, sub, generation);
  }
}

export function leftBecause(sub: string, username: string | null, why: LeftReason): Left {
  return { sub, username, why };
}
