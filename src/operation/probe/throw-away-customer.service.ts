import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Caller } from '../../auth/caller.js';
import { KeyStore } from '../../aws/key-store.js';
import { UserDirectory } from '../../aws/user-directory.js';
import { Visitors, type VisitorTokens } from '../../aws/visitors/visitors.js';
import { Secret } from '../../secret.js';
import { type Customer, issuedKeyOf } from '../../subscriptions/customer.js';
import { KeyIdentity } from '../../subscriptions/reconcile/key-identity.js';
import { SubscriptionsService } from '../../subscriptions/subscriptions.service.js';

/** Everything a probe makes is called so, and can be found again by it. */
export const PROBE_PREFIX = 'turnpike-probe-';

export interface ThrowAway {
  readonly caller: Caller;
  readonly tokens: VisitorTokens;
  readonly customer: Customer;
}

/** A customer who is there for the length of a probe: made like any other, and removed without a trace but the log. */
@Injectable()
export class ThrowAwayCustomer {
  constructor(
    private readonly visitors: Visitors,
    private readonly subscriptions: SubscriptionsService,
    private readonly directory: UserDirectory,
    private readonly keys: KeyStore,
    private readonly identity: KeyIdentity,
  ) {}

  /** `client`: an app client that allows ADMIN_USER_PASSWORD_AUTH; null = one is made, and removed with the customer. */
  async arrive(plan: string, client: string | null): Promise<ThrowAway> {
    const mark = randomBytes(6).toString('hex');
    const password = new Secret(`Aa1!${randomBytes(18).toString('base64url')}`);
    const clientId = client ?? (await this.visitors.openDoor(`${PROBE_PREFIX}${mark}`));
    const visitor = await this.visitors.admit(`${PROBE_PREFIX}${mark}@example.com`, password);
    const caller = { ...visitor, isAdmin: false };
    const customer = await this.subscriptions.begin(caller, plan);
    const tokens = await this.visitors.signIn(clientId, visitor, password);
    if (!customer || !issuedKeyOf(customer)) throw new Error('The throw-away customer got no key: see the log');
    return { caller, tokens, customer };
  }

  /** Removes every customer and client that this probe, or one that was killed, has made. Answers how many customers. */
  async removeAll(): Promise<number> {
    const found = await this.directory.search(PROBE_PREFIX);
    const ours = found.filter(({ attributes }) => attributes.email?.startsWith(PROBE_PREFIX));
    for (const { sub, username } of ours) {
      await this.subscriptions.cancel({ sub, username, isAdmin: false }); // first: or a sweep would make the key anew
      for (const { id } of await this.keys.list(this.identity.namePrefix(sub))) await this.keys.delete(id);
      await this.directory.delete(username);
    }
    for (const clientId of await this.visitors.doors(PROBE_PREFIX)) await this.visitors.closeDoor(clientId);
    return ours.length;
  }
}
