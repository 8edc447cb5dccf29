import { Injectable } from '@nestjs/common';
import { Clock } from '../../clock.js';
import type { Customer } from '../customer.js';

/** What a listing of everything found. */
export interface Listed {
  /** When the listing began. */
  readonly asOf: Date;
  readonly customers: readonly Customer[];
  /** Of users who were not listed, what their keys tell. */
  readonly departed: readonly Customer[];
  /** The `sub` that a key of ours is named after, by the key's id. */
  readonly owners: ReadonlyMap<string, string>;
  /** Whether every user of the pool is among the customers; if not, all with a plan, a key, or calls lately are. */
  readonly isComplete: boolean;
}

const MAX_OWN_WRITES = 10_000;

interface OwnWrite {
  readonly customer: Customer;
  readonly at: number;
  /** When this process saw the keys that the customer has here. */
  readonly seenAt: number;
}

/** Lists everything, and ends when that is done, or after so many seconds, while it goes on. */
type Lister = (seconds: number) => Promise<unknown>;

/** All customers as the last listing showed them, with what this process did to them since laid over. */
@Injectable()
export class FleetIndex {
  private listed: Listed | null = null;
  private customers = new Map<string, Customer>();
  private owners = new Map<string, string>();
  private readonly ownWrites = new Map<string, OwnWrite>();
  private lister: Lister | null = null;

  constructor(private readonly clock: Clock) {}

  /** Null = nothing was listed yet. */
  get latest(): Omit<Listed, 'customers' | 'departed'> | null {
    return this.listed;
  }

  /** Whether there is a listing that began so many seconds ago at most. */
  isYoungerThan(seconds: number): boolean {
    return this.listed !== null && this.clock.now().getTime() - this.listed.asOf.getTime() < seconds * 1000;
  }

  /** Writes from before the listing began are in it; later ones may not be. One overtaken by a later one is of no use. */
  replace(listed: Listed): void {
    const began = listed.asOf.getTime();
    if (this.listed && this.listed.asOf.getTime() > began) return;
    for (const [sub, { at }] of this.ownWrites) if (at < began) this.ownWrites.delete(sub);
    this.listed = listed;
    this.customers = new Map(listed.customers.map((customer) => [customer.desired.sub, customer]));
    this.owners = new Map(listed.owners);
    for (const { customer, seenAt } of this.ownWrites.values())
      this.layOver(seenAt < began ? this.withKnownKeys(customer) : customer);
  }

  /** A customer as this process just left them. */
  put(customer: Customer): void {
    const at = this.clock.now().getTime();
    this.write({ customer, at, seenAt: at });
  }

  /** The same where the work did not come to its end: what is meant is known, and of keys and calls what was known before. */
  putUnfinished(customer: Customer): void {
    const seenAt = this.ownWrites.get(customer.desired.sub)?.seenAt ?? Number.NEGATIVE_INFINITY;
    this.write({ customer: this.withKnownKeys(customer), at: this.clock.now().getTime(), seenAt });
  }

  private write(own: OwnWrite): void {
    const { customer } = own;
    const { sub } = customer.desired;
    this.ownWrites.delete(sub);
    this.ownWrites.set(sub, own);
    const [oldest] = this.ownWrites.keys();
    if (this.ownWrites.size > MAX_OWN_WRITES && oldest !== undefined) this.ownWrites.delete(oldest);
    if (this.listed) this.layOver(customer);
  }

  /** Whoever can list everything says so here: the sweep, which no room that reads can know of. */
  listedBy(lister: Lister): void {
    this.lister = lister;
  }

  /** Has everything listed anew, and waits so long for it. */
  async list(seconds: number): Promise<void> {
    await this.lister?.(seconds);
  }

  /** When this process left the customer as they are here, in milliseconds since 1970; null = they are as listed. */
  writtenAt(sub: string): number | null {
    return this.ownWrites.get(sub)?.at ?? null;
  }

  find(sub: string): Customer | null {
    return this.customers.get(sub) ?? null;
  }

  /** The `sub` of whom a key belongs to, who may be gone; null = no key of ours, as far as was listed. */
  ownerOf(keyId: string): string | null {
    return this.owners.get(keyId) ?? null;
  }

  /** Those who are there: one whose deletion was asked for is not. */
  all(): Customer[] {
    return [...this.customers.values()].filter(({ desired }) => !desired.isGone);
  }

  /** Whoever called, users or not any more. */
  *evenDeparted(): Generator<Customer> {
    yield* this.customers.values();
    for (const customer of this.listed?.departed ?? []) {
      if (!this.customers.has(customer.desired.sub)) yield customer;
    }
  }

  private withKnownKeys(customer: Customer): Customer {
    const { desired, state } = customer;
    const isSame = (one: Customer) => one.desired.sub === desired.sub;
    const listed = this.customers.get(desired.sub) ?? this.listed?.departed.find(isSame);
    const { ring, plan } = listed ?? this.ownWrites.get(desired.sub)?.customer ?? customer;
    return { desired, state, ring, plan: plan?.code === desired.plan ? plan : null };
  }

  private layOver(customer: Customer): void {
    this.customers.set(customer.desired.sub, customer);
    for (const { id } of customer.ring.keys) this.owners.set(id, customer.desired.sub);
  }
}
