import { answered, type Expected, type Facts } from '../facts.js';
import type { Finding } from '../finding.js';
import { mendClient, nameOf } from './client-command.js';

/** No app client may hand out tokens in an address. */
export function implicitGrant(facts: Facts, expected: Expected): Finding[] {
  return (answered(facts.clients) ?? [])
    .filter(({ oauthFlows }) => oauthFlows.includes('implicit'))
    .map((client) => ({
      name: 'implicit-grant',
      what: `${nameOf(client)} allows the implicit grant.`,
      why:
        'It puts tokens into the address of a page, where histories, logs and scripts find them. Websites that ask for ' +
        'response_type=token must ask for a code, with PKCE, before you switch it off.',
      mend: mendClient(client, facts, expected),
    }));
}
