import { Injectable } from '@nestjs/common';
import { KeyStore } from '../../aws/key-store.js';
import { UserDirectory } from '../../aws/user-directory.js';
import { type Visitor, Visitors } from '../../aws/visitors/visitors.js';
import { Clock } from '../../clock.js';
import { Config } from '../../config.js';
import { KeyIdentity } from '../../subscriptions/reconcile/key-identity.js';
import { NoSubscription } from '../../subscriptions/subscriptions.problems.js';
import { SubscriptionsService } from '../../subscriptions/subscriptions.service.js';
import { isProbeClient, isProbeEmail, type Made, PROBE_PREFIX } from './made.js';

/** Whatever is older is no running probe's: it waits four times for AWS, an hour each at most. */
export const LONGEST_RUN_SECONDS = 6 * 3600;

/** Something that is still there, or may be, and the command that removes it. */
export interface Leftover {
  readonly what: string;
  readonly byHand: string;
}

/** Takes away what probes made, each thing by itself: what cannot be removed keeps nothing else from being removed. */
@Injectable()
export class Removal {
  constructor(
    private readonly visitors: Visitors,
    private readonly subscriptions: SubscriptionsService,
    private readonly directory: UserDirectory,
    private readonly keys: KeyStore,
    private readonly identity: KeyIdentity,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  /** What this probe made, without a search where its ids are known. */
  async remove(made: Made): Promise<readonly Leftover[]> {
    const left: Leftover[] = [];
    if (made.inDoubt.has('visitor')) {
      await this.attempt(left, this.userLeft(made.email), async () => {
        const user = await this.directory.find(made.email);
        if (user?.attributes.email !== made.email) throw new Error('nobody knows whether it was made');
        made.visitor = user;
      });
    }
    if (made.visitor) await this.removeCustomer(made.visitor, [...made.keyIds], left);
    if (made.clientId !== null) await this.removeClient(made.clientId, left);
    if (made.clientId !== null || made.inDoubt.has('client')) await this.removeByName(made, left);
    return left;
  }

  /** What probes that were killed have left. One that is running is younger, and left alone. */
  async removeOld(): Promise<readonly Leftover[]> {
    const left: Leftover[] = [];
    const users = await this.directory.search(PROBE_PREFIX);
    const clients = await this.oldClients(); // all is known before anything goes
    for (const user of users) {
      const isOurs = isProbeEmail(user.attributes.email) && this.isOld(user.createdAt);
      if (isOurs) await this.removeCustomer(user, [], left);
    }
    for (const id of clients) await this.removeClient(id, left);
    return left;
  }

  private async oldClients(): Promise<readonly string[]> {
    const old: string[] = [];
    for (const { id, name } of await this.visitors.doors(PROBE_PREFIX)) {
      const madeAt = isProbeClient(name) ? await this.visitors.doorMadeAt(id) : null;
      if (madeAt && this.isOld(madeAt)) old.push(id);
    }
    return old;
  }

  /** To make a client is asked again where no answer came, and then there are two. */
  private async removeByName({ name: wanted, clientId }: Made, left: Leftover[]): Promise<void> {
    const what = `${clientId === null ? 'an' : 'a second'} app client called ${wanted}`;
    await this.attempt(left, { what, byHand: this.byHand('list-user-pool-clients') }, async () => {
      const found = (await this.visitors.doors(PROBE_PREFIX)).filter(
        ({ name, id }) => name === wanted && id !== clientId,
      );
      if (clientId === null && found.length === 0) throw new Error('nobody knows whether it was made');
      for (const { id } of found) await this.removeClient(id, left);
    });
  }

  private isOld(madeAt: Date): boolean {
    return this.clock.now().getTime() - madeAt.getTime() > LONGEST_RUN_SECONDS * 1000;
  }

  /** A sweep makes keys anew for a customer with a plan: keys go when there is no plan, or nobody to have one. */
  private async removeCustomer({ sub, username }: Visitor, keyIds: readonly string[], left: Leftover[]): Promise<void> {
    const isOver = await this.isCancelled({ sub, username });
    if (isOver) await this.removeKeys(sub, keyIds, left);
    const isGone = await this.attempt(left, this.userLeft(username), () => this.directory.delete(username));
    if (isOver) return;
    if (isGone) await this.removeKeys(sub, keyIds, left);
    else left.push({ ...this.keysLeft(sub), what: `${this.keysLeft(sub).what}: the plan could not be cancelled` });
  }

  private async isCancelled(who: Visitor): Promise<boolean> {
    try {
      const cancelled = await this.subscriptions.cancel({ ...who, isAdmin: false });
      return cancelled instanceof NoSubscription || cancelled.subscription === null;
    } catch {
      return false; // what follows from it is told
    }
  }

  private async removeKeys(sub: string, known: readonly string[], left: Leftover[]): Promise<void> {
    const ids = new Set(known);
    await this.attempt(left, this.keysLeft(sub), async () => {
      for (const { id } of await this.keys.list(this.identity.namePrefix(sub))) ids.add(id);
    });
    for (const id of ids) {
      const key = { what: `the key ${id}`, byHand: `aws apigateway delete-api-key --api-key ${id}` };
      await this.attempt(left, key, () => this.keys.delete(id));
    }
  }

  private async removeClient(id: string, left: Leftover[]): Promise<void> {
    const byHand = this.byHand(`delete-user-pool-client --client-id ${id}`);
    await this.attempt(left, { what: `the app client ${id}`, byHand }, () => this.visitors.closeDoor(id));
  }

  private async attempt(left: Leftover[], { what, byHand }: Leftover, act: () => Promise<void>): Promise<boolean> {
    try {
      await act();
      return true;
    } catch (error) {
      left.push({ what: error instanceof Error ? `${what}: ${error.message}` : what, byHand });
      return false;
    }
  }

  private userLeft(username: string): Leftover {
    return { what: `the user ${username}`, byHand: this.byHand(`admin-delete-user --username ${username}`) };
  }

  private keysLeft(sub: string): Leftover {
    const name = this.identity.namePrefix(sub);
    const byHand = `aws apigateway get-api-keys --name-query ${name}, and aws apigateway delete-api-key --api-key with each id, after the user`;
    return { what: `the keys called ${name}…`, byHand };
  }

  private byHand(command: string): string {
    return `aws cognito-idp ${command} --user-pool-id ${this.config.userPoolId}`;
  }
}

/** For people, each with what to do; '' = nothing is left. */
export function leftoversAsText(left: readonly Leftover[]): string {
  const lines = left.map(({ what, byHand }) => `✗ ${what}\n    ${byHand}`);
  return left.length === 0 ? '' : ['Not removed. By hand:', ...lines].join('\n');
}
