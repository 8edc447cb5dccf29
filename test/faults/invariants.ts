import { parseLedger } from '../../src/subscriptions/reconcile/books.js';
import { type Cloud, generationOf } from './cloud.js';
import type { Told } from './told.js';

export const INVARIANTS = {
  I1: 'one live key, and one that it overlaps',
  I2: 'live keys are in the plan meant, and no others live',
  I4: 'what died stays dead',
  I5: 'a key handed out stays the key',
  I7: 'an acknowledged change survives',
  quota: 'all keys and plans together keep the quota',
  rest: 'once the books are settled, a reconcile writes nothing',
  answer: 'the answer is true, and no fault',
} as const;

export type Invariant = keyof typeof INVARIANTS;

export interface Violation {
  readonly invariant: Invariant;
  readonly text: string;
}

/** What must hold after every effect on the cloud, whoever is half-way through whatever. */
export function brokenAtEveryStep(cloud: Cloud, told: Told): Violation[] {
  const found: Violation[] = [];
  const [younger, older, ...more] = cloud.live().sort((a, b) => generationOf(b) - generationOf(a));
  if (more.length > 0) found.push({ invariant: 'I1', text: `${more.length + 2} live keys` });
  if (younger && older) {
    const isNext = generationOf(younger) === generationOf(older) + 1;
    const isOverlap = isNext && parseLedger(younger.description).until > 0;
    if (!isOverlap) found.push({ invariant: 'I1', text: `${younger.id} and ${older.id} are live without an overlap` });
  }
  for (const { id } of cloud.live()) {
    if (told.dead.has(id)) found.push({ invariant: 'I4', text: `${id} is live, and the customer was told it is dead` });
  }
  for (const { id, enabled } of cloud.keys) {
    if (enabled && cloud.everRetired.has(id))
      found.push({ invariant: 'I4', text: `${id} was retired, and is enabled` });
  }
  return found;
}

/** What must hold as soon as every answer says that all is carried out. */
export function brokenWhenSettled(cloud: Cloud): Violation[] {
  return brokenKeys(cloud).map((text) => ({ invariant: 'I2', text }));
}

/** What must hold after one reconcile that nothing disturbed. */
export function brokenAtRest(cloud: Cloud, told: Told): Violation[] {
  const found = brokenWhenSettled(cloud);
  if (!told.plans.includes(cloud.plan)) {
    found.push({
      invariant: 'I7',
      text: `the plan is ${cloud.plan}, the customer was told ${told.plans.join(' or ')}`,
    });
  }
  if (told.key && told.key !== cloud.current()?.id) {
    found.push({ invariant: 'I5', text: `the key is ${cloud.current()?.id}, the customer was given ${told.key}` });
  }
  return found;
}

function brokenKeys(cloud: Cloud): string[] {
  const enabled = cloud.keys.filter((key) => key.enabled);
  const current = cloud.current();
  if (cloud.plan === null) return enabled.map(({ id }) => `${id} is enabled, and there is no plan`);
  if (cloud.attributes['custom:suspended']) return cloud.live().map(({ id }) => `${id} is live, though suspended`);
  if (!current) return ['there is no key'];
  const isOverlapping = parseLedger(current.description).until * 1000 > cloud.at;
  const meant = [current, ...(isOverlapping ? [cloud.overlapping()] : [])];
  return enabled.flatMap((key) => {
    if (!meant.includes(key)) return [`${key.id} is enabled, and neither the key nor overlapped`];
    return cloud.plansOf(key.id)[0] === cloud.plan ? [] : [`${key.id} is not in ${cloud.plan}`];
  });
}
