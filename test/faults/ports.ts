import { type KeyChange, KeyStore, type NewKey, type StoredKey } from '../../src/aws/key-store.js';
import { type Attached, type DayUsage, type UsagePlan, UsagePlans } from '../../src/aws/usage-plans.js';
import { type DirectoryUser, UserDirectory } from '../../src/aws/user-directory.js';
import { Clock } from '../../src/clock.js';
import type { Account } from './account.js';
import type { Cloud } from './cloud.js';
import type { CallType } from './faults.js';
import type { Process, Wire } from './wire.js';

const PAGE_SIZE = 1;

/** One process's view of the cloud: the product's own ports, each call sent over the wire. */
export function portsOf(cloud: Cloud, wire: Wire, process: Process, chance: () => number) {
  const sender =
    (type: CallType) =>
    <T>(name: string, effect: (listed: Account) => T, detail?: () => string) =>
      wire.send(process, { name, type, effect, ...(detail && { detail }) });
  const [read, list, register] = [sender('read'), sender('list'), sender('register')];
  const [entry, write, creation, move] = [sender('entry'), sender('write'), sender('creation'), sender('move')];

  class SimulatedDirectory extends UserDirectory {
    find(username: string): Promise<DirectoryUser | null> {
      return read(
        'AdminGetUser',
        () => cloud.findUser(username),
        () => username,
      );
    }

    findBySub(sub: string): Promise<DirectoryUser | null> {
      return register('ListUsers by sub', ({ users }) => users.find((user) => user.sub === sub) ?? null);
    }

    async search(text: string): Promise<readonly DirectoryUser[]> {
      const user = await this.findBySub(text);
      return user ? [user] : [];
    }

    delete(username: string): Promise<void> {
      return entry(
        'AdminDeleteUser',
        () => cloud.deleteUser(username),
        () => username,
      );
    }

    async *pages(): AsyncGenerator<readonly DirectoryUser[]> {
      for (let at = 0, isMore = true; isMore; at += PAGE_SIZE) {
        const page = await register('ListUsers', ({ users }) => {
          isMore = users.length > at + PAGE_SIZE;
          return users.slice(at, at + PAGE_SIZE);
        });
        yield page;
      }
    }

    write(username: string, changes: Readonly<Record<string, string | null>>): Promise<boolean> {
      const effect = () => cloud.changeUser(username, changes);
      return entry('AdminUpdateUserAttributes', effect, () => JSON.stringify(changes));
    }

    /** The customers of the simulation are nobody's admins. */
    async groupsOf(): Promise<readonly string[]> {
      return [];
    }
  }

  class SimulatedKeys extends KeyStore {
    list(prefix: string): Promise<StoredKey[]> {
      return list('GetApiKeys', ({ keys }) => keys.filter(({ name }) => name.startsWith(prefix)));
    }

    find(id: string): Promise<StoredKey | null> {
      return read(
        'GetApiKey',
        () => cloud.findKey(id),
        () => id,
      );
    }

    create(key: NewKey): Promise<StoredKey | null> {
      const effect = () => cloud.createKey(key);
      return creation('CreateApiKey', effect, () => `${key.name.slice(-6)} ${key.description}`);
    }

    change(id: string, change: KeyChange): Promise<boolean> {
      const effect = () => cloud.changeKey(id, change);
      return write('UpdateApiKey', effect, () => `${id} ${JSON.stringify(change)}`);
    }

    delete(id: string): Promise<void> {
      return write(
        'DeleteApiKey',
        () => cloud.deleteKey(id),
        () => id,
      );
    }
  }

  class SimulatedPlans extends UsagePlans {
    list(): Promise<UsagePlan[]> {
      return register('GetUsagePlans', ({ plans }) => [...plans]);
    }

    plansOf(keyId: string): Promise<string[]> {
      const effect = ({ planOf }: Account) => [planOf.get(keyId)].filter((plan) => plan !== undefined);
      return list('GetUsagePlans of key', effect, () => keyId);
    }

    keysIn(planId: string): Promise<string[]> {
      const effect = ({ planOf }: Account) => [...planOf].filter(([, plan]) => plan === planId).map(([id]) => id);
      return list('GetUsagePlanKeys', effect, () => planId);
    }

    attach(planId: string, keyId: string): Promise<Attached> {
      const effect = () => cloud.attach(planId, keyId);
      return move('CreateUsagePlanKey', effect, () => `${planId} ${keyId}`);
    }

    detach(planId: string, keyId: string): Promise<void> {
      const effect = () => cloud.detach(planId, keyId);
      return move('DeleteUsagePlanKey', effect, () => `${planId} ${keyId}`);
    }

    usage(planId: string, keyId: string, from: string, to: string): Promise<DayUsage[]> {
      const effect = () => cloud.usage(planId, keyId, from, to);
      return read('GetUsage', effect, () => `${planId} ${keyId} ${from} ${to}`);
    }

    usageByKey(planId: string, from: string, to: string): Promise<ReadonlyMap<string, DayUsage[]>> {
      return read(
        'GetUsage of plan',
        () => cloud.usageByKey(planId, from, to),
        () => planId,
      );
    }

    setRemaining(planId: string, keyId: string, remaining: number): Promise<boolean> {
      const effect = () => cloud.setRemaining(planId, keyId, remaining);
      return write('UpdateUsage', effect, () => `${planId} ${keyId} = ${remaining}`);
    }
  }

  class VirtualClock extends Clock {
    override now(): Date {
      return new Date(cloud.at + process.skewMilliseconds);
    }

    override sleep(milliseconds: number): Promise<void> {
      return wire.sleep(process, milliseconds);
    }

    override chance(): number {
      return chance();
    }
  }

  return {
    directory: new SimulatedDirectory(),
    keys: new SimulatedKeys(),
    usagePlans: new SimulatedPlans(),
    clock: new VirtualClock(),
  };
}

export type Ports = ReturnType<typeof portsOf>;
