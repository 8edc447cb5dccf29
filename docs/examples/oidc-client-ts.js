import { InMemoryWebStorage, UserManager, WebStorageStateStore } from 'oidc-client-ts';

/** `hostedUi` is the user pool's domain, such as https://auth.example.com; `issuer` is in every token as `iss`. */
export function sessions({ issuer, hostedUi, clientId, page }) {
  const manager = new UserManager({
    authority: issuer,
    metadata: {
      issuer,
      authorization_endpoint: `${hostedUi}/oauth2/authorize`,
      token_endpoint: `${hostedUi}/oauth2/token`,
      revocation_endpoint: `${hostedUi}/oauth2/revoke`,
    },
    client_id: clientId,
    redirect_uri: page, // a callback URL of the app client, to the letter
    scope: 'openid email',
    userStore: new WebStorageStateStore({ store: new InMemoryWebStorage() }), // tokens in memory only
    stateStore: new WebStorageStateStore({ store: sessionStorage }), // what the redirect needs, until it is back
  });
  return {
    signIn: () => manager.signinRedirect(), // sign-up is a link on the same pages
    /** On the page that the hosted pages send people back to, when its address has a `code`. */
    async answered() {
      const user = await manager.signinRedirectCallback();
      history.replaceState(null, '', page);
      return user; // access_token for Turnpike, id_token for the API; renewed before they end
    },
    user: () => manager.getUser(), // null = not signed in
    async signOut() {
      await manager.revokeTokens(['refresh_token']).catch(() => {}); // out of reach: it ends by itself, later
      await manager.removeUser();
      location.assign(`${hostedUi}/logout?${new URLSearchParams({ client_id: clientId, logout_uri: page })}`);
    },
  };
}
