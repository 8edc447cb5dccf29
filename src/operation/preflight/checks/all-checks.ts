import type { Expected, Facts } from '../facts.js';
import type { Finding } from '../finding.js';
import { appClients } from './app-clients.js';
import { hostedSignIn } from './hosted-sign-in.js';
import { implicitGrant } from './implicit-grant.js';
import { keyCount, keysElsewhere } from './key-count.js';
import { keySecret } from './key-secret.js';
import { missingRights } from './missing-rights.js';
import { plansOnOffer } from './plans-on-offer.js';
import { userExistenceErrors } from './user-existence-errors.js';
import { userPool } from './user-pool.js';
import { writableAttributes } from './writable-attributes.js';

/** Judges what was learned; asks nobody, and the same facts give the same findings. */
export type Check = (facts: Facts, expected: Expected) => Finding[];

const CHECKS: readonly Check[] = [
  userPool,
  appClients,
  writableAttributes,
  implicitGrant,
  userExistenceErrors,
  hostedSignIn,
  keySecret,
  missingRights,
  plansOnOffer,
  keyCount,
  keysElsewhere,
];

export function allFindings(facts: Facts, expected: Expected): Finding[] {
  return CHECKS.flatMap((check) => check(facts, expected));
}

/** What nobody answered, for reasons that pass. */
export function unansweredOf(facts: Facts): string[] {
  return Object.values(facts).flatMap((answer) =>
    answer.kind === 'unanswered' ? [`${answer.what}: ${answer.why}`] : [],
  );
}
