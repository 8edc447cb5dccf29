import type { AppClient } from '../../../aws/inspection/account-inspection.js';
import { answered, type Expected, type Facts } from '../facts.js';

/** Cognito keeps these itself: no list of write attributes may hold them. */
const NEVER_WRITABLE = ['sub', 'email_verified', 'phone_number_verified', 'identities'];

/**
 * The command that mends everything the checks find in this client. It holds all of the client's settings, because
 * UpdateUserPoolClient sets back whatever it is not given.
 */
export function mendClient(client: AppClient, facts: Facts, { attributeNames, region }: Expected): string {
  const flows = client.oauthFlows.filter((flow) => flow !== 'implicit');
  const settings = {
    ...client.settings,
    WriteAttributes: writable(client, facts, attributeNames),
    PreventUserExistenceErrors: 'ENABLED',
    ...(client.oauthFlows.length > 0 ? { AllowedOAuthFlows: flows.length > 0 ? flows : ['code'] } : {}),
  };
  return `aws cognito-idp update-user-pool-client --region ${region} --cli-input-json ${quoted(JSON.stringify(settings))}`;
}

/**
 * What the client may write today, without ours; for one without a list that is every attribute that can be changed.
 * Never an empty list: it may count as none.
 */
function writable({ writeAttributes }: AppClient, facts: Facts, ours: readonly string[]): readonly string[] {
  const attributes = answered(facts.pool)?.attributes ?? [];
  const changeable = attributes.filter(({ name, mutable }) => mutable && !NEVER_WRITABLE.includes(name));
  const today = writeAttributes ?? changeable.map(({ name }) => name);
  const others = today.filter((name) => !ours.includes(name));
  return others.length > 0 ? others : ['name'];
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** How a finding names it. */
export function nameOf({ id, name }: AppClient): string {
  return `App client ${id}${name ? ` (${name})` : ''}`;
}
