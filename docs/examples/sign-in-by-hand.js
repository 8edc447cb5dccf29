const base64url = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/[+/=]/g, (c) => ({ '+': '-', '/': '_' })[c] ?? '');
const random = () => base64url(crypto.getRandomValues(new Uint8Array(32)));

export async function signIn({ hostedUi, clientId, page }) {
  const [state, verifier] = [random(), random()];
  sessionStorage.setItem('sign-in', JSON.stringify({ state, verifier }));
  const challenge = base64url(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier)));
  const asked = { client_id: clientId, redirect_uri: page, response_type: 'code', scope: 'openid email', state };
  const pkce = { code_challenge: challenge, code_challenge_method: 'S256' };
  location.assign(`${hostedUi}/oauth2/authorize?${new URLSearchParams({ ...asked, ...pkce })}`);
}

/** On the page that the hosted pages send people back to. Keep what it answers in a variable, nowhere else. */
export async function answered({ hostedUi, clientId, page }) {
  const { code, state, error } = Object.fromEntries(new URLSearchParams(location.search));
  const asked = JSON.parse(sessionStorage.getItem('sign-in') ?? '{}');
  sessionStorage.removeItem('sign-in');
  history.replaceState(null, '', page);
  if (error || !state || state !== asked.state) throw new Error(error ?? 'This answer was not asked for.');
  return tokens(hostedUi, {
    grant_type: 'authorization_code',
    client_id: clientId,
    redirect_uri: page,
    code,
    code_verifier: asked.verifier,
  });
}

/** Before `expires_in` seconds are over. The answer has a new refresh token only where the pool rotates them. */
export const renewed = ({ hostedUi, clientId }, refreshToken) =>
  tokens(hostedUi, { grant_type: 'refresh_token', client_id: clientId, refresh_token: refreshToken });

async function tokens(hostedUi, form) {
  const reply = await fetch(`${hostedUi}/oauth2/token`, { method: 'POST', body: new URLSearchParams(form) });
  const answer = await reply.json();
  if (!reply.ok) throw new Error(answer.error); // invalid_grant: the session is over, let them sign in again
  return answer;
}
