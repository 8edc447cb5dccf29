import type { StoredKey } from '../../src/aws/key-store.js';
import type { UsagePlan } from '../../src/aws/usage-plans.js';
import type { DirectoryUser } from '../../src/aws/user-directory.js';
import type { QuotaPeriodName } from '../../src/plans/quota-period.js';
import { Secret } from '../../src/secret.js';

export const START = Date.parse('2026-11-10T08:00:00Z');
export const POOL_ID = 'us-east-1_Abc123XyZ';

/** One state of the AWS account: every write replaces it as a whole, so that lists can show an older one. */
export interface Account {
  readonly keys: readonly StoredKey[];
  /** The one plan of the stage that a key is in. */
  readonly planOf: ReadonlyMap<string, string>;
  readonly plans: readonly UsagePlan[];
  readonly users: readonly DirectoryUser[];
}

export interface Person {
  readonly sub: string;
  readonly username: string;
}

/** A federated customer, whom no user name says the sub of, and a local one whose user name is the sub. */
export const FEDERATED: Person = {
  sub: '11111111-2222-3333-4444-555555555555',
  username: 'google_12345',
};
const LOCAL_SUB = '22222222-3333-4444-5555-666666666666';
export const LOCAL: Person = { sub: LOCAL_SUB, username: LOCAL_SUB };

/** The plans on offer. Those by the day and by the week count what was called on the others, too. */
const OFFER = {
  free: {
    quota: { limit: 100, period: 'MONTH' },
    throttle: { rateLimit: 1, burstLimit: 20 },
  },
  basic: {
    quota: { limit: 120, period: 'MONTH' },
    throttle: { rateLimit: 1, burstLimit: 20 },
  },
  pro: {
    quota: { limit: 1000, period: 'MONTH' },
    throttle: { rateLimit: 10, burstLimit: 100 },
  },
  unlimited: { quota: null, throttle: { rateLimit: 10, burstLimit: 100 } },
  daily: {
    quota: { limit: 50, period: 'DAY' },
    throttle: { rateLimit: 1, burstLimit: 20 },
  },
  weekly: {
    quota: { limit: 80, period: 'WEEK' },
    throttle: { rateLimit: 1, burstLimit: 20 },
  },
} as const;

export type PlanCode = keyof typeof OFFER;

/** Null = there is no such plan, or it has no quota. */
export function quotaPeriodOf(code: string | null): QuotaPeriodName | null {
  return Object.entries(OFFER).find(([name]) => name === code)?.[1].quota?.period ?? null;
}

export function planFor(id: string, code: PlanCode, prefix = 'turnpike'): UsagePlan {
  const tags = { [`${prefix}:plan`]: code, [`${prefix}:self-service`]: 'true' };
  return { id, name: code, description: null, tags, stages: [], ...OFFER[code] };
}

export function userFor({ sub, username }: Person, at: number): DirectoryUser {
  const moment = new Date(at);
  return {
    sub,
    username,
    enabled: true,
    status: 'CONFIRMED',
    createdAt: moment,
    modifiedAt: moment,
    attributes: { sub },
  };
}

/**
 * An account at its beginning: the plans, the customers, and what is none of ours: keys of another deployment with the
 * same customers, of the same prefix over another pool, of a longer prefix, and one that somebody made by hand.
 */
export function newAccount(people: readonly Person[]): Account {
  const foreign = [
    strangerKey('s1', `other.${POOL_ID}.${FEDERATED.sub}.000001`),
    strangerKey('s2', `turnpike.us-east-1_Other0001.${FEDERATED.sub}.000001`),
    strangerKey('s3', `turnpike-next.${POOL_ID}.${FEDERATED.sub}.000002`),
    strangerKey('s4', 'turnpike'),
  ];
  const ours = ['free', 'basic', 'pro', 'unlimited', 'daily', 'weekly'] as const;
  return {
    keys: [...foreign, ...Object.keys(HAND_MADE).map((id) => strangerKey(id, `customer ${id}`, 'made by hand'))],
    planOf: new Map([...Object.entries(HAND_MADE), ['s1', 'theirs'], ['s2', 'free'], ['s3', 'partners']]),
    plans: [
      ...ours.map((code) => planFor(code, code)),
      planFor('theirs', 'free', 'other'),
      { ...planFor('partners', 'pro'), tags: {} },
    ],
    users: people.map((person) => userFor(person, START)),
  };
}

function strangerKey(id: string, name: string, description = 'not of this deployment'): StoredKey {
  const moment = new Date(START);
  const value = new Secret(`stranger-${id}-${'x'.repeat(30)}`);
  return {
    id,
    name,
    description,
    enabled: true,
    username: null,
    createdAt: moment,
    changedAt: moment,
    value,
  };
}

/** Keys of the time before Turnpike, which can be imported, and the plans of ours that they are in. */
export const HAND_MADE = { h1: 'free', h2: 'basic' } as const;
export type HandMade = keyof typeof HAND_MADE;

/** Plans that Turnpike does not sell: of another deployment, and of nobody's. */
export const FOREIGN_PLANS: ReadonlySet<string> = new Set(['theirs', 'partners']);

/** Everything in the account that is not of this deployment, and nobody imported, in words that can be compared. */
export function strangers({ keys, planOf, plans }: Account, imported: ReadonlySet<string>): string {
  const theirs = keys.filter(({ id }) => /^[sh]\d$/.test(id) && !imported.has(id));
  const told = theirs.map(({ value, ...key }) => ({
    ...key,
    value: value.reveal(),
    plan: planOf.get(key.id),
  }));
  return JSON.stringify([told, plans.filter(({ id }) => FOREIGN_PLANS.has(id))]);
}
