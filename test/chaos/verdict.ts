import { type Census, type CountedKey, remainingCalls } from './census.js';
import type { SandboxProcess } from './sandbox-process.js';
import type { Visitor } from './visitor.js';

export const KINDS = {
  duplicate: 'keys made twice',
  orphan: 'enabled keys without a user, or in no plan',
  divergence: 'customers who do not have what is recorded',
  lost: 'acknowledged changes lost',
  risen: 'keys acknowledged as dead and enabled',
  foreign: "others' keys touched",
  quota: 'quotas exceeded',
  lie: 'answers that were not true',
} as const;

export interface Finding {
  readonly kind: keyof typeof KINDS;
  readonly text: string;
}

/** What there is for one visitor, against what is recorded and what the visitor was told. */
export function findingsOn({ account: { sub }, fate, memory }: Visitor, census: Census): Finding[] {
  const keys = [...(census.keysOf.get(sub) ?? [])].sort((a, b) => b.generation - a.generation);
  const user = census.users.get(sub);
  const found = [...duplicates(keys), ...ofState(keys, user ?? null, census.takenAt)];
  const generation = keys[0]?.generation ?? 0;
  if (generation > memory.generations) {
    found.push({ kind: 'duplicate', text: `generation ${generation}, of ${memory.generations} at most` });
  }
  const risen = keys.filter(({ id, enabled }) => enabled && memory.dead.has(id));
  found.push(...risen.map(({ id }) => ({ kind: 'risen' as const, text: `${id} is enabled` })));
  found.push(...memory.lies.map((text) => ({ kind: 'lie' as const, text })));
  if (fate === 'deleted' && user) found.push({ kind: 'lost', text: 'the user is not deleted' });
  if (fate === 'disabled' && user?.enabled) found.push({ kind: 'lost', text: 'the user is not disabled' });
  if (user && !memory.plans.includes(user.plan)) {
    found.push({ kind: 'lost', text: `the plan is ${user.plan}, the customer was told ${memory.plans.join(' or ')}` });
  }
  if (!fate) found.push(...lostKeys(keys, memory, census.takenAt));
  const told = [...memory.story, ...keys.map(toldKey)].join('\n  ');
  return found.map(({ kind, text }) => ({ kind, text: `${sub}: ${text}\n  ${told}` }));
}

/** Of all keys together: none without a visitor or another user of the pool, and nobody else's touched. */
export function findingsOnRest(census: Census, before: Census): Finding[] {
  const strangers = [...census.keysOf].filter(([sub]) => !census.users.has(sub)).flatMap(([, keys]) => keys);
  const orphans = strangers.filter(({ enabled }) => enabled).map(({ name }) => `${name} is enabled without a user`);
  const touched = before.foreign.filter((key) => !census.foreign.includes(key));
  const added = census.foreign.filter((key) => !before.foreign.includes(key));
  return [
    ...orphans.map((text) => ({ kind: 'orphan' as const, text })),
    ...[...touched, ...added].map((text) => ({ kind: 'foreign' as const, text })),
  ];
}

/** One call with each live key, then what is served and what remains against the limit. */
export async function quotaFindings(
  sandbox: SandboxProcess,
  visitors: readonly Visitor[],
  census: Census,
): Promise<Finding[]> {
  const found: Finding[] = [];
  const exhausted = new Set<string>();
  for (const visitor of visitors) {
    for (const key of liveKeysOf(visitor, census)) {
      const { status, text } = await sandbox.callApi(key.value);
      if (status === 200) visitor.served += 1;
      else if (status === 429) exhausted.add(key.id);
      else found.push({ kind: 'divergence', text: `${key.name} is live, and the API answers ${status} ${text}` });
    }
  }
  for (const { code, limit } of [
    { code: 'free', limit: 100 },
    { code: 'basic', limit: 10_000 },
  ]) {
    const remaining = await remainingCalls(sandbox, code);
    for (const visitor of visitors) {
      const live = liveKeysOf(visitor, census).filter(({ plans }) => plans.includes(code));
      if (live.length === 0) continue;
      const left = live.reduce((sum, { id }) => sum + (exhausted.has(id) ? 0 : (remaining.get(id) ?? limit)), 0);
      const due = Math.max(0, limit - visitor.served) + visitor.servedInFlight;
      const text = `${visitor.account.sub}: ${left} of ${limit} remain, ${visitor.served} served, ${visitor.servedInFlight} of them in flight`;
      if (left > due) found.push({ kind: 'quota', text });
    }
  }
  const single = visitors.filter(({ plans }) => plans.length === 1 && plans[0] === 'free');
  for (const { account, served, servedInFlight } of single) {
    const text = `${account.sub}: ${served} served on a plan of 100, ${servedInFlight} in flight`;
    if (served > 100 + servedInFlight) found.push({ kind: 'quota', text });
  }
  return found;
}

function liveKeysOf({ account }: Visitor, census: Census): CountedKey[] {
  return (census.keysOf.get(account.sub) ?? []).filter(({ enabled, plans }) => enabled && plans.length > 0);
}

function duplicates(keys: readonly CountedKey[]): Finding[] {
  const twice = keys.filter(({ generation }, at) => keys[at + 1]?.generation === generation);
  return twice.map(({ name }) => ({ kind: 'duplicate', text: `${name} is there twice` }));
}

/** Exactly the right live keys in exactly the recorded plan. */
function ofState(
  keys: readonly CountedKey[],
  user: { readonly enabled: boolean; readonly plan: string | null } | null,
  now: number,
): Finding[] {
  const enabled = keys.filter((key) => key.enabled);
  if (!user) return []; // told of all keys together
  if (user.plan === null) {
    return enabled.map(({ name }) => ({ kind: 'divergence', text: `${name} is enabled, and there is no plan` }));
  }
  if (!user.enabled) {
    const live = enabled.filter(({ plans }) => plans.length > 0);
    return live.map(({ name }) => ({ kind: 'divergence', text: `${name} is live, and the user is disabled` }));
  }
  const [current, ...others] = enabled;
  if (!current || current !== keys[0]) return [{ kind: 'divergence', text: `no key, and the plan is ${user.plan}` }];
  const isOverlapped = ({ generation }: CountedKey) =>
    generation === current.generation - 1 && current.until * 1000 > now;
  const surplus = others.filter((key) => !isOverlapped(key));
  const astray = enabled.filter(({ plans }) => plans.length !== 1 || plans[0] !== user.plan);
  return [
    ...surplus.map(({ name }) => ({ kind: 'divergence' as const, text: `${name} is enabled, and is surplus` })),
    ...astray.map(({ name, plans }) => ({
      kind: plans.length === 0 ? ('orphan' as const) : ('divergence' as const),
      text: `${name} is in ${plans.join(', ') || 'no plan'} instead of ${user.plan}`,
    })),
  ];
}

function lostKeys(keys: readonly CountedKey[], { key, overlap }: Visitor['memory'], now: number): Finding[] {
  const there = keys.find(({ id }) => id === key?.id);
  const isLost = key !== null && !(there?.enabled && there === keys[0] && there.value === key.value);
  const overlapping = keys.find(({ id }) => id === overlap?.id);
  const isCut = overlap !== null && Date.parse(overlap.retiresAt) > now && !overlapping?.enabled;
  return [
    ...(isLost ? [{ kind: 'lost' as const, text: `key ${key.id} was handed out and is not the key` }] : []),
    ...(isCut ? [{ kind: 'lost' as const, text: `key ${overlap.id} was to work until ${overlap.retiresAt}` }] : []),
  ];
}

function toldKey({ id, generation, enabled, plans, until }: CountedKey): string {
  const state = enabled ? `enabled, in ${plans.join(', ') || 'no plan'}` : 'retired';
  return `there is ${id}: generation ${generation}, ${state}, its predecessor until ${until}`;
}
