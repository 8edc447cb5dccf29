import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { AwsUnavailableError } from '../../aws/failures.js';
import type { StoredKey } from '../../aws/key-store.js';
import { type DirectoryUser, UserDirectory } from '../../aws/user-directory.js';
import { agingBy, roomFor } from '../../cache-options.js';
import { Clock } from '../../clock.js';
import { firstDay, QUOTA_PERIODS, type QuotaPeriodName } from '../../plans/quota-period.js';
import { formatLedger, parseLedger } from '../ledger/books.js';
import type { Ledger } from '../ledger/ledger.js';
import { ATTRIBUTE } from '../pool/attributes.js';
import { keyNotes, type NotedKey, notedKey } from '../pool/noted-key.js';
import { type SuspensionCode, toSuspensionCode } from '../subscription.model.js';
import { KeyIdentity } from './key-identity.js';

const OWN_WRITE_SECONDS = 60;
const MAX_OWN_WRITES = 10_000;

/** Whom an operation is about. */
export interface Who {
  readonly sub: string;
  readonly username: string;
}

interface Grant {
  readonly periodStart: string;
  /** Null = of whichever period began on that day, as one that was written by hand may be. */
  readonly period: QuotaPeriodName | null;
  readonly calls: number;
}

/** What a customer is meant to have, as Cognito holds it. */
export interface Desired extends Who {
  readonly user: DirectoryUser;
  /** Whether the user was deleted, or is about to be: then nothing is meant to be left. */
  readonly isGone: boolean;
  /** Whether the user is still there, and an admin asked for deletion. */
  readonly isToBeDeleted: boolean;
  /** Code of the plan; null = none. */
  readonly plan: string | null;
  /** Whether Turnpike wrote the plan; one that somebody else wrote changes nothing. */
  readonly isPlanSigned: boolean;
  readonly suspension: SuspensionCode | null;
  /** Extra calls of the period that began on that UTC day. */
  readonly grant: Grant | null;
  /** What remains of the keys when the last one was deleted. */
  readonly floor: { readonly generation: number; readonly ledger: Ledger } | null;
  /** The current key as last written down. */
  readonly key: NotedKey | null;
}

/** Reads and writes the attributes in which Cognito holds what a customer is meant to have; nobody else names them. */
@Injectable()
export class DesiredState {
  private readonly ownWrites: LRUCache<string, { over: number; written: Record<string, string | null> }>;

  constructor(
    private readonly directory: UserDirectory,
    private readonly identity: KeyIdentity,
    private readonly clock: Clock,
  ) {
    this.ownWrites = new LRUCache({
      ...roomFor(MAX_OWN_WRITES),
      ttl: OWN_WRITE_SECONDS * 1000,
      ...agingBy(() => clock.now().getTime()),
    });
  }

  /** As a listing of the pool showed it. */
  of(user: DirectoryUser): Desired {
    return this.toDesired(user, user);
  }

  /** Of somebody who is not in the directory any more: nothing is meant to be left. */
  ofGone(who: Who): Desired {
    const never = new Date(0);
    const user = { ...who, enabled: false, status: 'UNKNOWN', createdAt: never, modifiedAt: never, attributes: {} };
    return { ...this.toDesired(who, user), isGone: true };
  }

  /** Read fresh. Null = there is no such user, or somebody else bears the name, or deletion was asked for. */
  async read(who: Who): Promise<Desired | null> {
    const desired = await this.readEvenLeaving(who);
    return desired?.isGone ? null : desired;
  }

  /** The same, where one whose deletion was asked for counts as well. */
  async readEvenLeaving(who: Who): Promise<Desired | null> {
    const user = await this.directory.find(who.username);
    return user?.sub === who.sub ? this.toDesired(who, user) : null;
  }

  /** Whom the directory knows by this `sub`, where no user name is known. */
  async whoIs(sub: string): Promise<Who | null> {
    return this.directory.findBySub(sub);
  }

  /** The same for a user read before: one whose name nobody bears any more, or somebody else, is meant to have nothing. */
  async again(latest: Desired): Promise<Desired> {
    const user = await this.directory.find(latest.username);
    return user?.sub === latest.sub ? this.toDesired(latest, user) : withoutUser(latest);
  }

  /**
   * Whether somebody whom no listing showed is gone indeed: nobody is found by sub, and nobody, or somebody else, bears
   * the user name. A search may be behind, and federated users are not found by sub alone; a user name never changes.
   */
  async isProvenGone({ sub, username }: Who): Promise<boolean> {
    if (username === '' || (await this.directory.findBySub(sub)) !== null) return false;
    const bearer = await this.directory.find(username);
    return bearer === null || bearer.sub !== sub;
  }

  /** Makes this the plan, null for none. Writes only what differs, and answers the state as it then is. */
  async writePlan(desired: Desired, plan: string | null): Promise<Desired> {
    if (desired.plan === plan && (plan === null || desired.isPlanSigned)) return desired;
    const planSignature = plan === null ? null : this.identity.sign(desired.sub, plan);
    return this.write(desired, { [ATTRIBUTE.plan]: plan, [ATTRIBUTE.planSignature]: planSignature });
  }

  isSignedByOlderSecret({ sub, plan, isPlanSigned, user }: Desired): boolean {
    const signature = this.attributesOf(user)[ATTRIBUTE.planSignature];
    return plan !== null && isPlanSigned && signature !== this.identity.sign(sub, plan);
  }

  /** Signs a plan with the first secret. It writes the signature alone: a plan chosen at that very moment stays. */
  async signAnew(desired: Desired, plan: string): Promise<Desired> {
    return this.write(desired, { [ATTRIBUTE.planSignature]: this.identity.sign(desired.sub, plan) });
  }

  /** Suspends, or with null no longer. Writes only what differs. */
  async writeSuspension(desired: Desired, code: SuspensionCode | null): Promise<Desired> {
    return this.writeIfOther(desired, 'suspended', code?.toLowerCase() ?? null);
  }

  /** So many extra calls in the period that is going on, in total; 0 takes them away. */
  async writeGrant(desired: Desired, period: QuotaPeriodName, calls: number): Promise<Desired> {
    const periodStart = firstDay(period, this.clock.now());
    return this.writeIfOther(desired, 'grant', calls > 0 ? `${periodStart};${calls};${period}` : null);
  }

  /** Records that the user is to be deleted; from then on there is no such user for anybody else. */
  async writeDeletion(desired: Desired): Promise<Desired> {
    if (desired.isToBeDeleted) return desired;
    return this.write(desired, { [ATTRIBUTE.deleting]: this.clock.now().toISOString() });
  }

  /** Deletes a user whose deletion was recorded, once no key is left. */
  async deleteUser({ username }: Desired): Promise<void> {
    await this.directory.delete(username);
  }

  /** Notes which key is the current one: read by others from the ID token, and a witness when the key is deleted. */
  async noteKey(desired: Desired, key: Pick<StoredKey, 'id' | 'value'> & { generation: number }): Promise<Desired> {
    const { id, value, generation } = key;
    const { key: noted, sub, isPlanSigned } = desired;
    const wasImported = noted?.id === id && noted.isImported;
    // With a secret that has not signed the plan there is no telling whether a value follows from another one.
    const isImported = isPlanSigned ? !this.identity.isValue(value, sub, generation) : wasImported;
    if (noted?.id === id && noted.generation === generation && noted.isImported === isImported) return desired;
    return this.write(desired, keyNotes({ id, generation, isImported }));
  }

  /** Notes how far the generations went and what was called, before the key that says so is deleted. */
  async writeFloor(desired: Desired, generation: number, ledger: Ledger): Promise<Desired> {
    return this.write(desired, { [ATTRIBUTE.floor]: `${generation};${formatLedger(ledger)}` });
  }

  private async writeIfOther(desired: Desired, name: keyof typeof ATTRIBUTE, text: string | null): Promise<Desired> {
    const recorded = this.attributesOf(desired.user)[ATTRIBUTE[name]] || null;
    return recorded === text ? desired : this.write(desired, { [ATTRIBUTE[name]]: text });
  }

  private async write(desired: Desired, change: Record<string, string | null>): Promise<Desired> {
    const { user } = desired;
    const isThere = await this.directory
      .write(desired.username, change)
      .catch((error: unknown) => this.unlessRecorded(desired, change, error));
    if (!isThere) return withoutUser(desired);
    const earlier = this.ownWrites.get(user.sub);
    const written = { ...(earlier?.over === user.modifiedAt.getTime() ? earlier.written : {}), ...change };
    this.ownWrites.set(user.sub, { over: user.modifiedAt.getTime(), written });
    return this.toDesired(desired, user);
  }

  /** A lost reply is no failure: only what is not to be found afterwards was not recorded. */
  private async unlessRecorded({ sub, username }: Desired, change: Record<string, string | null>, error: unknown) {
    const user = error instanceof AwsUnavailableError ? await this.directory.find(username) : null;
    const isRecorded = ([name, value]: [string, string | null]) => (user?.attributes[name] || null) === value;
    if (user?.sub !== sub || !Object.entries(change).every(isRecorded)) throw error;
    return true;
  }

  /** Cognito does not promise that a read shows the write before it: an older read gets our own write laid over. */
  private attributesOf({ sub, modifiedAt, attributes }: DirectoryUser): Readonly<Record<string, string | null>> {
    const own = this.ownWrites.get(sub);
    return own && modifiedAt.getTime() <= own.over ? { ...attributes, ...own.written } : attributes;
  }

  private toDesired({ sub }: Who, user: DirectoryUser): Desired {
    const attributes = this.attributesOf(user);
    const text = (name: keyof typeof ATTRIBUTE) => attributes[ATTRIBUTE[name]] || null;
    const isToBeDeleted = text('deleting') !== null;
    const plan = isToBeDeleted ? null : text('plan');
    return {
      sub,
      username: user.username,
      user,
      isGone: isToBeDeleted,
      isToBeDeleted,
      plan,
      isPlanSigned: plan !== null && this.identity.isSigned(sub, plan, text('planSignature') ?? ''),
      suspension: toSuspensionCode(text('suspended'), user.enabled),
      grant: toGrant(text('grant')),
      floor: toFloor(text('floor')),
      key: notedKey(text('keyId'), text('keyGeneration')),
    };
  }
}

function withoutUser(desired: Desired): Desired {
  return {
    ...desired,
    isGone: true,
    isToBeDeleted: false,
    plan: null,
    isPlanSigned: false,
    suspension: null,
    grant: null,
  };
}

/** Whether two readings ask for the same keys in the same plan. */
export function isSameIntent(a: Desired, b: Desired): boolean {
  const intent = ({ plan, isPlanSigned, suspension, grant }: Desired) => [plan, isPlanSigned, suspension, grant];
  return JSON.stringify(intent(a)) === JSON.stringify(intent(b));
}

function toGrant(text: string | null): Desired['grant'] {
  const [, periodStart, calls, period] =
    /^(\d{4}-\d{2}-\d{2});(\d{1,15})(?:;(DAY|WEEK|MONTH))?$/.exec(text ?? '') ?? [];
  if (!periodStart || !calls) return null;
  return { periodStart, calls: Number(calls), period: QUOTA_PERIODS.find((name) => name === period) ?? null };
}

function toFloor(text: string | null): Desired['floor'] {
  const [, generation, ledger] = /^(\d{1,6});(.*)$/s.exec(text ?? '') ?? [];
  return generation ? { generation: Number(generation), ledger: parseLedger(ledger ?? '') } : null;
}
