import { answered, type Expected, type Facts } from '../facts.js';
import type { Finding } from '../finding.js';

const LEAST_DIFFERENT_CHARACTERS = 12;
/** A plan that somebody wrote by hand is not signed either: a few of those say nothing of the secret. */
const ENOUGH = 3;

/** KEY_SECRET must be hard to guess, and the one with which the customers that are there were signed. */
export function keySecret(facts: Facts, { fewestCharacters }: Expected): Finding[] {
  const { withPlan, signed } = answered(facts.signed) ?? { withPlan: 0, signed: 0 };
  return [
    ...(fewestCharacters < LEAST_DIFFERENT_CHARACTERS ? [plain(fewestCharacters)] : []),
    ...(withPlan > signed ? [unsigned(withPlan, signed)] : []),
  ];
}

function plain(characters: number): Finding {
  return {
    name: 'key-secret',
    what: `KEY_SECRET holds a secret of only ${characters} different characters.`,
    why: 'Every API key can be computed from it, so it must be random.',
    mend: 'openssl rand -base64 48   # put it first in KEY_SECRET and keep the old one behind it, docs/operators.md, section 7',
  };
}

function unsigned(withPlan: number, signed: number): Finding {
  const isAnother = signed === 0 && withPlan >= ENOUGH;
  return {
    name: isAnother ? 'key-secret' : 'key-secret-doubtful',
    what: `Of ${withPlan} customers with a plan who were looked at, ${withPlan - signed} have it signed by none of the secrets in KEY_SECRET.`,
    why: isAnother
      ? 'So this is another secret than the one Turnpike ran with: nobody could change their plan or replace their key.'
      : 'For them nothing is changed until they choose their plan again: somebody wrote it by hand, or a secret was dropped too early.',
    mend: 'Put the secret that was used before into KEY_SECRET, behind a comma if you mean to change it; or look for PLAN_NOT_SIGNED in:\nnpm run --silent sweep -- --dry-run',
  };
}
