import {
  type ApiKey,
  paginateGetApiKeys,
  paginateGetUsage,
  paginateGetUsagePlanKeys,
} from '@aws-sdk/client-api-gateway';
import { paginateListUsers } from '@aws-sdk/client-cognito-identity-provider';
import { USER_POOL_ID } from '../../src/sandbox/seed.js';
import { parseLedger } from '../../src/subscriptions/ledger/books.js';
import type { SandboxProcess } from './sandbox-process.js';

const PREFIX = `turnpike.${USER_POOL_ID}.`;

export interface CountedKey {
  readonly id: string;
  readonly name: string;
  readonly value: string;
  readonly enabled: boolean;
  /** Codes of the plans it is in. */
  readonly plans: readonly string[];
  readonly generation: number;
  /** Until when its predecessor lives on, seconds since 1970. */
  readonly until: number;
}

export interface CountedUser {
  readonly enabled: boolean;
  readonly plan: string | null;
}

/** All users, keys and memberships, read from AWS itself and past Turnpike. */
export interface Census {
  readonly takenAt: number;
  readonly users: ReadonlyMap<string, CountedUser>;
  /** Turnpike's keys by the sub in their names. */
  readonly keysOf: ReadonlyMap<string, readonly CountedKey[]>;
  /** Keys that are not Turnpike's, as text that changes when anything about them does. */
  readonly foreign: readonly string[];
}

export async function takeCensus(sandbox: SandboxProcess): Promise<Census> {
  const plansOf = await memberships(sandbox);
  const keysOf = new Map<string, CountedKey[]>();
  const foreign: string[] = [];
  for (const key of await keys(sandbox)) {
    const plans = plansOf.get(key.id ?? '') ?? [];
    const [, sub, generation] = key.name?.startsWith(PREFIX)
      ? (/^(.+)\.(\d{6})$/.exec(key.name.slice(PREFIX.length)) ?? [])
      : [];
    if (sub === undefined) foreign.push(JSON.stringify({ ...key, plans }));
    else keysOf.set(sub, [...(keysOf.get(sub) ?? []), counted(key, Number(generation), plans)]);
  }
  return { takenAt: Date.now(), users: await users(sandbox), keysOf, foreign: foreign.sort() };
}

/** Calls that remain of the period for the key on the plan, by AWS's report; a key without calls is not in it. */
export async function remainingCalls({ gateway, info }: SandboxProcess, plan: string): Promise<Map<string, number>> {
  const usagePlanId = info.plans.find(({ code }) => code === plan)?.usagePlanId;
  const today = new Date().toISOString().slice(0, 10);
  const remaining = new Map<string, number>();
  const period = { usagePlanId, startDate: today, endDate: today };
  for await (const { items = {} } of paginateGetUsage({ client: gateway, pageSize: 500 }, period)) {
    for (const [keyId, days] of Object.entries(items)) remaining.set(keyId, days.at(-1)?.[1] ?? 0);
  }
  return remaining;
}

async function memberships({ gateway, info }: SandboxProcess): Promise<Map<string, string[]>> {
  const plansOf = new Map<string, string[]>();
  for (const { code, usagePlanId } of info.plans) {
    for await (const { items = [] } of paginateGetUsagePlanKeys({ client: gateway, pageSize: 500 }, { usagePlanId })) {
      for (const { id = '' } of items) plansOf.set(id, [...(plansOf.get(id) ?? []), code]);
    }
  }
  return plansOf;
}

async function keys({ gateway }: SandboxProcess): Promise<ApiKey[]> {
  const found: ApiKey[] = [];
  const pages = paginateGetApiKeys({ client: gateway, pageSize: 500 }, { includeValues: true });
  for await (const { items = [] } of pages) found.push(...items);
  return found;
}

async function users({ cognito }: SandboxProcess): Promise<Map<string, CountedUser>> {
  const found = new Map<string, CountedUser>();
  for await (const { Users = [] } of paginateListUsers(
    { client: cognito, pageSize: 60 },
    { UserPoolId: USER_POOL_ID },
  )) {
    for (const { Attributes = [], Enabled = false } of Users) {
      const attributes = new Map(Attributes.map(({ Name, Value }) => [Name, Value ?? '']));
      found.set(attributes.get('sub') ?? '', { enabled: Enabled, plan: attributes.get('custom:plan') || null });
    }
  }
  return found;
}

function counted(key: ApiKey, generation: number, plans: readonly string[]): CountedKey {
  const { id = '', name = '', value = '', enabled = false, description = '' } = key;
  return { id, name, value, enabled, plans, generation, until: parseLedger(description).until };
}
