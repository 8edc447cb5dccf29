import { answered, type Expected, type Facts } from '../facts.js';
import type { Finding } from '../finding.js';

const LEAST_DIFFERENT_CHARACTERS = 12;
/** A plan that somebody wrote by hand is not signed either: a few of those say nothing of the secret. */
const ENOUGH = 3;

/** KEY_SECRET or the key in KMS must be there; KEY_SECRET must be hard to guess, and the one with which the customers that are there were signed. */
export function keySecret(facts: Facts, { fewestCharacters }: Expected): Finding[] {
  const unusable = answered(facts.unusableKmsKey);
  const { withPlan, signed } = answered(facts.signed) ?? { withPlan: 0, signed: 0 };
  return [
    ...(fewestCharacters < LEAST_DIFFERENT_CHARACTERS ? [plain(fewestCharacters)] : []),
    ...(unusable === null ? [] : [noSecret(unusable)]),
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

function noSecret(reason: string): Finding {
  return {
    name: 'kms-key',
    what: `The key that KEY_KMS_KEY_ID names makes no secret: KMS answers ${reason}.`,
    why: 'Every key and signature derives from it: without it nobody can be served.',
    mend: 'aws kms describe-key --key-id <KEY_KMS_KEY_ID>   # it must be HMAC_256 and enabled; if it is to be deleted:\naws kms cancel-key-deletion --key-id <KEY_KMS_KEY_ID> && aws kms enable-key --key-id <KEY_KMS_KEY_ID>',
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
