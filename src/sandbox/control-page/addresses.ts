import type { SandboxInfo } from '../server.js';

export const PAGE_PATH = '/_sandbox/';
export const PAGE_STYLE_PATH = '/_sandbox/style.css';

/** The hosted sign-in page of the seeded client, as an address to open by hand: a code, sent to the server. */
export function signInAddress(sandboxUrl: string, { clientId, website }: SandboxInfo): string {
  const query = new URLSearchParams({
    client_id: clientId,
    response_type: 'code',
    redirect_uri: website,
    scope: 'openid profile email aws.cognito.signin.user.admin',
  });
  return `${sandboxUrl}/login?${query}`;
}
