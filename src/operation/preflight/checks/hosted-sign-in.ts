import { answered, type Expected, type Facts } from '../facts.js';
import type { Finding } from '../finding.js';
import { nameOf } from './client-command.js';

/** What portal and playground ask the hosted pages for; without `profile` a token tells nothing of plan and key. */
const SCOPES = ['openid', 'email', 'profile'];

/** Where there are hosted pages, the first client of COGNITO_CLIENT_ID signs people in to portal and playground. */
export function hostedSignIn(facts: Facts, { clientIds, hostedUi }: Expected): Finding[] {
  const client = answered(facts.clients)?.find(({ id }) => id === clientIds[0]);
  if (hostedUi === null || !client) return [];
  const scopes = SCOPES.filter((scope) => !client.oauthScopes.includes(scope));
  const missing = [
    ...(client.oauthFlows.includes('code') ? [] : ['the flow code']),
    ...scopes.map((scope) => `the scope ${scope}`),
  ];
  if (missing.length === 0) return [];
  return [
    {
      name: 'hosted-sign-in',
      what: `${nameOf(client)} lacks ${missing.join(', ')}.`,
      why: `COGNITO_DOMAIN is set, and ${hostedUi} refuses everybody whom the portal or the playground sends there to sign in.`,
      mend:
        'In the console, under "Login pages" of that app client, allow the authorization code grant, the scopes openid, ' +
        'email and profile, and the addresses that docs/portal.md and docs/admin.md name.',
    },
  ];
}
