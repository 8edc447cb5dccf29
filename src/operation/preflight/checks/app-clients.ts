import { answered, type Expected, type Facts } from '../facts.js';
import type { Finding } from '../finding.js';

/** Every client of COGNITO_CLIENT_ID must be one of this pool. */
export function appClients(facts: Facts, { clientIds, userPoolId, region }: Expected): Finding[] {
  const clients = answered(facts.clients);
  if (clients === null) return [];
  return clientIds
    .filter((id) => !clients.some((client) => client.id === id))
    .map((id) => ({
      name: 'unknown-client',
      what: `COGNITO_CLIENT_ID names ${id}, and the pool ${userPoolId} has no such app client.`,
      why: 'Nobody can get a token for it, so nobody who uses it can sign in.',
      mend:
        `Set COGNITO_CLIENT_ID to a client that this lists:\n` +
        `aws cognito-idp list-user-pool-clients --region ${region} --user-pool-id ${userPoolId}`,
    }));
}
