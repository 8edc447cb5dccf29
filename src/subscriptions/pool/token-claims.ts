import { ATTRIBUTE } from './attributes.js';
import { type NotedKey, notedKey } from './noted-key.js';

/** What tokens show of a customer, under the attributes' own names. No secret is among it. */
const SHOWN: readonly string[] = [ATTRIBUTE.plan, ATTRIBUTE.suspended, ATTRIBUTE.keyId, ATTRIBUTE.keyGeneration];

type Texts = Readonly<Record<string, string>>;

/** How a token that is about to be made differs from what Cognito would put into it. */
export interface ClaimChanges {
  readonly claimsToAddOrOverride: Texts;
  readonly claimsToSuppress: readonly string[];
}

/** For an ID and for an access token: what the user's attributes say. One who is to be deleted has nothing. */
export function claimChanges(attributes: Texts): ClaimChanges {
  const isLeaving = Boolean(attributes[ATTRIBUTE.deleting]);
  const shown = SHOWN.filter((name) => !isLeaving && attributes[name]);
  return {
    claimsToAddOrOverride: Object.fromEntries(shown.map((name) => [name, attributes[name] ?? ''])),
    claimsToSuppress: SHOWN.filter((name) => !shown.includes(name)),
  };
}

/** A customer as a token shows them: as they were when it was made, up to an hour ago. */
export interface ShownCustomer {
  readonly plan: string | null;
  readonly isSuspended: boolean;
  readonly key: NotedKey | null;
}

export function shownIn(claims: Readonly<Record<string, unknown>>): ShownCustomer {
  const text = (name: string) => {
    const claim = claims[name];
    return typeof claim === 'string' && claim !== '' ? claim : null;
  };
  return {
    plan: text(ATTRIBUTE.plan),
    isSuspended: text(ATTRIBUTE.suspended) !== null,
    key: notedKey(text(ATTRIBUTE.keyId), text(ATTRIBUTE.keyGeneration)),
  };
}
