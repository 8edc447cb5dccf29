import { type KeyChange, KeyStore, type NewKey, type StoredKey } from '../../src/aws/key-store.js';
import { type DayUsage, type UsagePlan, UsagePlans } from '../../src/aws/usage-plans.js';
import { type DirectoryUser, UserDirectory } from '../../src/aws/user-directory.js';
import { Clock } from '../../src/clock.js';
import { type Cloud, WHO } from './cloud.js';
import type { Process, Wire } from './wire.js';

/** One process's view of the cloud: the product's own ports, each call sent over the wire. */
export function portsOf(cloud: Cloud, wire: Wire, process: Process, chance: () => number) {
  const send = <T>(name: string, effect: () => T, detail?: string) => wire.send(process, name, effect, detail);

  class SimulatedDirectory extends UserDirectory {
    find(username: string): Promise<DirectoryUser | null> {
      return send('AdminGetUser', () => cloud.findUser(username));
    }

    findBySub(sub: string): Promise<DirectoryUser | null> {
      return send('ListUsers by sub', () => (sub === WHO.sub ? cloud.findUser(WHO.username) : null));
    }

    async *pages(): AsyncGenerator<readonly DirectoryUser[]> {
      const user = await send('ListUsers', () => cloud.findUser(WHO.username));
      yield user ? [user] : [];
    }

    write(_username: string, changes: Readonly<Record<string, string | null>>): Promise<boolean> {
      return send('AdminUpdateUserAttributes', () => cloud.writeUser(changes), JSON.stringify(changes));
    }
  }

  class SimulatedKeys extends KeyStore {
    list(prefix: string): Promise<StoredKey[]> {
      return send('GetApiKeys', () => cloud.keys.filter(({ name }) => name.startsWith(prefix)));
    }

    find(id: string): Promise<StoredKey | null> {
      return send('GetApiKey', () => cloud.keys.find((key) => key.id === id) ?? null);
    }

    create(key: NewKey): Promise<StoredKey | null> {
      return send('CreateApiKey', () => cloud.createKey(key), `${key.name.slice(-6)} ${key.description}`);
    }

    delete(): Promise<void> {
      throw new Error('not yet');
    }

    change(id: string, change: KeyChange): Promise<boolean> {
      return send('UpdateApiKey', () => cloud.changeKey(id, change), `${id} ${JSON.stringify(change)}`);
    }
  }

  class SimulatedPlans extends UsagePlans {
    list(): Promise<UsagePlan[]> {
      return send('GetUsagePlans', () => cloud.plans());
    }

    plansOf(keyId: string): Promise<string[]> {
      return send('GetUsagePlans of key', () => cloud.plansOf(keyId), keyId);
    }

    attach(planId: string, keyId: string): Promise<boolean> {
      return send('CreateUsagePlanKey', () => cloud.attach(planId, keyId), `${planId} ${keyId}`);
    }

    detach(planId: string, keyId: string): Promise<void> {
      return send('DeleteUsagePlanKey', () => cloud.detach(planId, keyId), `${planId} ${keyId}`);
    }

    usage(planId: string, keyId: string, from: string, to: string): Promise<DayUsage[]> {
      return send('GetUsage', () => cloud.usage(planId, keyId, from, to), `${planId} ${keyId}`);
    }

    keysIn(): Promise<string[]> {
      throw new Error('not yet');
    }

    usageByKey(): Promise<Map<string, DayUsage[]>> {
      throw new Error('not yet');
    }

    setRemaining(planId: string, keyId: string, remaining: number): Promise<boolean> {
      const detail = `${planId} ${keyId} = ${remaining}`;
      return send('UpdateUsage', () => cloud.setRemaining(planId, keyId, remaining), detail);
    }
  }

  class VirtualClock extends Clock {
    override now(): Date {
      return new Date(cloud.at);
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
