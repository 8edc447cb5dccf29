import { answered, type Expected, type Facts } from '../facts.js';
import type { Finding } from '../finding.js';
import { mendClient, nameOf } from './client-command.js';

/** Nobody may learn from an app client who has an account. */
export function userExistenceErrors(facts: Facts, expected: Expected): Finding[] {
  return (answered(facts.clients) ?? [])
    .filter(({ hidesUserExistence }) => !hidesUserExistence)
    .map((client) => ({
      name: 'user-existence-errors',
      what: `${nameOf(client)} has PreventUserExistenceErrors not ENABLED.`,
      why: 'Anybody can find out which e-mail addresses have an account, by trying to sign in or to reset a password.',
      mend: mendClient(client, facts, expected),
    }));
}
