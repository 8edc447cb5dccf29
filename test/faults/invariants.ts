import { type Belongings, ledgerIn } from './belongings.js';
import type { Cloud } from './cloud.js';
import { RENAMED } from './console.js';
import type { Told } from './told.js';

export const INVARIANTS = {
  I1: 'one live key, and one that it overlaps',
  I2: 'live keys are in the plan meant, and no others live',
  I3: 'no enabled key without a user, and none outlives a user that Turnpike deletes',
  I4: 'what died stays dead',
  I5: 'a key handed out stays the key',
  I7: 'an acknowledged change survives',
  I8: 'what is not ours is not touched',
  I9: 'nothing is retired for lack of an answer',
  quota: 'I6: all keys and plans together keep the quota',
  loss: 'what is due of the quota can be called',
  rest: 'once the books are settled, a sweep writes nothing',
  answer: 'the answer is true, and no fault',
} as const;

export type Invariant = keyof typeof INVARIANTS;

export interface Violation {
  readonly invariant: Invariant;
  readonly text: string;
}

const PLANLESS_MILLISECONDS = 15_000;

/** What must hold of each customer after every effect on the cloud, whoever is half-way through whatever. */
export function brokenAtEveryStep(cloud: Cloud, belongings: Belongings, told: Told): Violation[] {
  const found: Violation[] = [];
  const { live } = belongings;
  const [younger, older] = live.sort((a, b) => belongings.generationOf(b) - belongings.generationOf(a));
  // A key made by hand worked before it became the customer's, and two admins may each take over one: the others go as soon
  // as that is so, and one that was made at that very moment with the next request or sweep.
  const imported = live.filter(({ id }) => cloud.importing.has(id));
  const isBeingImported = imported.length > 0;
  if (live.length > 2 + imported.length) found.push({ invariant: 'I1', text: `${live.length} live keys` });
  if (younger && older && !isBeingImported) {
    const isNext = belongings.generationOf(younger) === belongings.generationOf(older) + 1;
    const isOverlap = isNext && ledgerIn(younger).until > 0;
    if (!isOverlap)
      found.push({
        invariant: 'I1',
        text: `${younger.id} and ${older.id} are live without an overlap`,
      });
  }
  for (const { id } of live) {
    if (told.dead.has(id))
      found.push({
        invariant: 'I4',
        text: `${id} is live, and the customer was told it is dead`,
      });
  }
  for (const { id, enabled, value } of belongings.keys) {
    if (enabled && cloud.deadValues.has(value.reveal())) {
      found.push({
        invariant: 'I4',
        text: `${id} is enabled, and its value was retired`,
      });
    }
  }
  return found;
}

/** Switching a key off needs a positive fact: a successor, or that there was no plan or no user just before. */
export function retiredWithoutGrounds(cloud: Cloud, id: string): Violation[] {
  const made = cloud.made.get(id);
  if (!made || cloud.changedByHand.has(id)) return [];
  const isSuperseded = [...cloud.made].some(([other, { sub, generation }]) => {
    if (sub !== made.sub || other === id) return false;
    return generation > made.generation || (generation === made.generation && cloud.findKey(other)?.enabled === true);
  });
  const user = cloud.userOf(made);
  const isMeantToEnd = !user?.attributes['custom:plan'] || Boolean(user.attributes['custom:deleting']);
  const wasMeantToEnd = cloud.at - (cloud.planlessAt.get(made.sub) ?? 0) < PLANLESS_MILLISECONDS;
  return isSuperseded || isMeantToEnd || wasMeantToEnd ? [] : [{ invariant: 'I9', text: `${id} was switched off` }];
}

/** What must hold as soon as every answer says that all is carried out. */
export function brokenWhenSettled(cloud: Cloud, belongings: Belongings, told: Told): Violation[] {
  if (told.isTampered || !belongings.user) return [];
  return brokenKeys(cloud, belongings).map((text) => ({
    invariant: 'I2',
    text,
  }));
}

/** What must hold of a customer after one sweep that nothing disturbed. */
export function brokenAtRest(cloud: Cloud, belongings: Belongings, told: Told): Violation[] {
  const found = brokenWhenSettled(cloud, belongings, told);
  const { planCode, current, user } = belongings;
  if (user && (told.isDeleted || belongings.isLeaving)) {
    found.push({ invariant: 'I7', text: 'deletion was asked for, and the user is still there' });
  }
  const isSuspended = belongings.attribute('suspended') !== null;
  if (user && !told.suspended.includes(isSuspended)) {
    found.push({
      invariant: 'I7',
      text: `the customer is ${isSuspended ? '' : 'not '}suspended, and was to be otherwise`,
    });
  }
  if (!user || told.isTampered) return found;
  if (!told.plans.some((plan) => plan === planCode)) {
    const text = `the plan is ${planCode}, the customer was told ${told.plans.join(' or ')}`;
    found.push({ invariant: 'I7', text });
  }
  const grant = belongings.attribute('quota_grant');
  if (!told.grants.includes(grant)) {
    found.push({ invariant: 'I7', text: `${grant} is granted, and was to be ${told.grants.join(' or ')}` });
  }
  if (told.key && told.key !== current?.id) {
    found.push({
      invariant: 'I5',
      text: `the key is ${current?.id}, the customer was given ${told.key}`,
    });
  }
  return found;
}

/** Turnpike switches every key off before it deletes the user: otherwise nobody could tell afterwards whose it was. */
export function outlivingTheirUser(cloud: Cloud, { sub, user, keys }: Belongings): Violation[] {
  if (user || cloud.deletedByHand.has(sub)) return [];
  return keys
    .filter(({ enabled }) => enabled)
    .map(({ id }) => ({ invariant: 'I3', text: `${id} is enabled, and its user was deleted before it` }));
}

/** Keys of people who are not there any more. One that somebody renamed is not known to be ours without its user. */
export function orphansIn(cloud: Cloud): Violation[] {
  const orphans = cloud.account.keys.filter(({ id, enabled, name }) => {
    const made = cloud.made.get(id);
    return enabled && made && !cloud.userOf(made) && name !== RENAMED;
  });
  return orphans.map(({ id }) => ({
    invariant: 'I3',
    text: `${id} is enabled, and its user is gone`,
  }));
}

function brokenKeys(cloud: Cloud, belongings: Belongings): string[] {
  const { current, overlapping, plan, keys } = belongings;
  const enabled = keys.filter((key) => key.enabled);
  if (belongings.planCode === null) return enabled.map(({ id }) => `${id} is enabled, and there is no plan`);
  if (!plan) return [];
  const placeOf = (id: string) => cloud.account.planOf.get(id);
  const isForeign = (id: string) => !cloud.isOurs(placeOf(id) ?? '');
  if (belongings.isSuspended) {
    return belongings.live.filter(({ id }) => !isForeign(id)).map(({ id }) => `${id} is live, though suspended`);
  }
  if (!current) return ['there is no key'];
  const meant = [current, ...(belongings.isOverlapping ? [overlapping] : [])];
  return enabled.flatMap((key) => {
    if (!meant.includes(key)) return [`${key.id} is enabled, and neither the key nor overlapped`];
    return placeOf(key.id) === plan.id || isForeign(key.id) ? [] : [`${key.id} is not in ${plan.id}`];
  });
}
