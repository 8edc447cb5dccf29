import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Caller } from '../../auth/caller.js';
import { Visitors, type VisitorTokens } from '../../aws/visitors/visitors.js';
import { Secret } from '../../secret.js';
import { issuedKeyOf } from '../../subscriptions/customer.js';
import { type IssuedKey } from '../../subscriptions/subscription.model.js';
import { SubscriptionsService } from '../../subscriptions/subscriptions.service.js';
import type { Made } from './made.js';

export interface ThrowAway {
  readonly caller: Caller;
  readonly key: IssuedKey;
  /** Tokens that say what is true of the customer now. */
  signIn(): Promise<VisitorTokens>;
}

/** A customer who is there for the length of a probe: made like any other. */
@Injectable()
export class ThrowAwayCustomer {
  constructor(
    private readonly visitors: Visitors,
    private readonly subscriptions: SubscriptionsService,
  ) {}

  /** `client`: an app client that allows ADMIN_USER_PASSWORD_AUTH; null = one is made. Notes in `made` what is to be removed. */
  async arrive(made: Made, plan: string, client: string | null): Promise<ThrowAway> {
    const password = new Secret(`Aa1!${randomBytes(18).toString('base64url')}`);
    if (client === null) made.clientId = await made.asking('client', () => this.visitors.openDoor(made.name));
    const clientId = client ?? made.clientId ?? '';
    const visitor = await made.asking('visitor', () => this.visitors.admit(made.email));
    made.visitor = visitor;
    await this.visitors.givePassword(visitor, password);
    const caller = { ...visitor, isAdmin: false };
    const customer = await this.subscriptions.begin(caller, plan);
    const key = customer && issuedKeyOf(customer);
    if (!key) throw new Error('The throw-away customer got no key: see the log');
    made.keyIds.add(key.id);
    return { caller, key, signIn: () => this.visitors.signIn(clientId, visitor, password) };
  }
}
