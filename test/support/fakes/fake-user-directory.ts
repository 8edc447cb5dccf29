import { randomUUID } from 'node:crypto';
import { type DirectoryUser, UserDirectory } from '../../../src/aws/user-directory.js';
import type { Clock } from '../../../src/clock.js';

const MAX_VALUE_CHARACTERS = 2048;
const STANDARD = ['email', 'email_verified', 'name'];
const CUSTOM = ['plan', 'plan_sig', 'suspended', 'quota_grant', 'deleting', 'key_floor', 'api_key_id', 'key_gen'];
const KNOWN = new Set([...STANDARD, ...CUSTOM.map((name) => `custom:${name}`)]);

/** A user pool in memory. User names are not the `sub`, so that nothing works by mistaking one for the other. */
export class FakeUserDirectory extends UserDirectory {
  private readonly users = new Map<string, DirectoryUser>();
  private readonly groups = new Map<string, readonly string[]>();

  constructor(private readonly clock: Clock) {
    super();
  }

  add(attributes: Readonly<Record<string, string>> = {}): DirectoryUser {
    const sub = randomUUID();
    const username = `user-${this.users.size + 1}`;
    const now = this.clock.now();
    const user: DirectoryUser = {
      sub,
      username,
      enabled: true,
      status: 'CONFIRMED',
      createdAt: now,
      modifiedAt: now,
      attributes: { sub, ...attributes },
    };
    this.users.set(username, user);
    return user;
  }

  disable(username: string): void {
    const user = this.users.get(username);
    if (user) this.users.set(username, { ...user, enabled: false, modifiedAt: this.clock.now() });
  }

  remove(username: string): void {
    this.users.delete(username);
    this.groups.delete(username);
  }

  setGroups(username: string, groups: readonly string[]): void {
    this.groups.set(username, groups);
  }

  async find(username: string): Promise<DirectoryUser | null> {
    return this.users.get(username) ?? null;
  }

  async findBySub(sub: string): Promise<DirectoryUser | null> {
    return [...this.users.values()].find((user) => user.sub === sub) ?? null;
  }

  async search(text: string): Promise<readonly DirectoryUser[]> {
    return [...this.users.values()].filter(({ sub, username, attributes }) => {
      const email = attributes.email?.toLowerCase() ?? '';
      return sub === text || username.startsWith(text) || email.startsWith(text.toLowerCase());
    });
  }

  async delete(username: string): Promise<void> {
    this.remove(username);
  }

  async *pages(): AsyncGenerator<readonly DirectoryUser[]> {
    yield [...this.users.values()];
  }

  async write(username: string, changes: Readonly<Record<string, string | null>>): Promise<boolean> {
    const user = this.users.get(username);
    if (!user) return false;
    for (const [name, value] of Object.entries(changes)) check(name, value);
    const merged = { ...user.attributes, ...changes };
    const kept = Object.entries(merged).filter((entry): entry is [string, string] => Boolean(entry[1]));
    this.users.set(username, { ...user, attributes: Object.fromEntries(kept), modifiedAt: this.clock.now() });
    return true;
  }

  async groupsOf(username: string): Promise<readonly string[]> {
    return this.groups.get(username) ?? [];
  }
}

function check(name: string, value: string | null): void {
  if (KNOWN.has(name) && (value?.length ?? 0) <= MAX_VALUE_CHARACTERS) return;
  throw Object.assign(new Error(`user.${name}: not in the schema of the pool, or too long`), {
    name: 'InvalidParameterException',
  });
}
