import * as z from 'zod';
import type { Cognito } from './cognito/cognito.js';
import { hashPassword } from './cognito/passwords.js';
import { accepted, count, flag } from './control-input.js';
import type { Gateway } from './gateway/gateway.js';
import { USER_POOL_ID } from './seed.js';
import { ServiceFailure } from './wire.js';

const MOST = 100_000;
const PASSWORD = 'Turnpike-1';

const SCHEMA = z.strictObject({
  /** How many confirmed users: `<emailPrefix>-1@example.com` and so on, all with the same password. */
  users: count(0, MOST).optional(),
  emailPrefix: z
    .string()
    .regex(/^[\w.-]{1,40}$/, { error: 'must be 1 to 40 letters, digits, dots or dashes' })
    .optional(),
  /**
   * Seeded users have no plan and no key, and cannot be given one here: what the server calls a key of its own derives
   * from its secret. Subscribe them through the server.
   */
  subscribe: z
    .literal(false, { error: 'must be false: keys are made by the server, for users who subscribe' })
    .optional(),
  /** Enabled keys `seed-<n>` in no plan that nobody knows, to fill the account: so many, or true for one per user. */
  foreignKeys: z.union([flag(), count(0, MOST)], { error: 'must be true, false or a whole number' }).optional(),
});

export type SeedManyOrder = Readonly<z.output<typeof SCHEMA>>;

export interface SeededMany {
  readonly users: readonly { readonly sub: string; readonly username: string; readonly email: string }[];
  readonly password: string;
  /** Fewer than asked for when the account is full. */
  readonly foreignKeys: number;
}

export function seedManyOrder(input: unknown): SeedManyOrder {
  return accepted(SCHEMA, input);
}

/** Writes straight to the tables, past all habits. Users that exist already are answered and left alone. */
export async function seedMany(cognito: Cognito, gateway: Gateway, order: SeedManyOrder): Promise<SeededMany> {
  const { users: wanted = 0, emailPrefix = 'load', foreignKeys = false } = seedManyOrder(order);
  const password = { hash: await hashPassword(PASSWORD) }; // once for all: hashing 10,000 times takes minutes
  const users: SeededMany['users'][number][] = [];
  for (let number = 1; number <= wanted; number += 1) {
    const email = `${emailPrefix}-${number}@example.com`;
    const sub = await cognito.seedUser({ poolId: USER_POOL_ID, username: email, password });
    users.push({ sub, username: sub, email }); // where an address is the username, AWS makes up the real one: the sub
  }
  const keys = foreignKeys === true ? wanted : Number(foreignKeys);
  return { users, password: PASSWORD, foreignKeys: fillAccount(gateway, keys) };
}

function fillAccount({ apiKeys }: Gateway, keys: number): number {
  for (let made = 0; made < keys; made += 1) {
    try {
      apiKeys.create({ name: `seed-${made + 1}`, enabled: true });
    } catch (error) {
      if (error instanceof ServiceFailure) return made;
      throw error;
    }
  }
  return keys;
}
