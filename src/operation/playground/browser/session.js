/**
 * Who is signed in on this page. Tokens are in memory and nowhere else; what the redirect to the hosted pages needs
 * (the PKCE verifier and the state) is in the tab's sessionStorage until the answer is back.
 */

const { InMemoryWebStorage, UserManager, WebStorageStateStore } = globalThis.oidc;

/** Says no more than that somebody was signed in on this tab when the page was left. */
const WAS_SIGNED_IN = 'turnpike:was-signed-in';
const RENEW_BEFORE_SECONDS = 60;

export class Session {
  #settings;
  #manager;
  #renewal = null;
  #isSignedOut = false;
  /** Told whenever somebody is signed in or not any more, with a sentence where there is something to say. */
  onChange = () => {};

  constructor(settings) {
    const { issuer, hostedUi, clientId } = settings;
    this.#settings = settings;
    this.#manager = new UserManager({
      authority: issuer,
      metadata: {
        issuer,
        authorization_endpoint: `${hostedUi}/oauth2/authorize`,
        token_endpoint: `${hostedUi}/oauth2/token`,
        revocation_endpoint: `${hostedUi}/oauth2/revoke`,
      },
      client_id: clientId,
      redirect_uri: pageAddress(),
      scope: 'openid email profile', // without it a token tells nothing of our attributes
      userStore: new WebStorageStateStore({ store: new InMemoryWebStorage() }),
      stateStore: new WebStorageStateStore({ store: sessionStorage }),
      automaticSilentRenew: false, // done below, where a request may wait for it too
      accessTokenExpiringNotificationTimeInSeconds: RENEW_BEFORE_SECONDS,
    });
    this.#manager.events.addAccessTokenExpiring(() => this.#renewed().catch(() => {}));
  }

  /**
   * When the page opens: takes the answer of the hosted pages, or asks them once whether their own session still lasts
   * if somebody was signed in on this tab before. An answer never leads to another question, so this goes in no circle.
   * Answers a sentence where something went wrong; `leaving` when the browser is on its way.
   */
  async begin() {
    const wasSignedIn = sessionStorage.getItem(WAS_SIGNED_IN) !== null;
    sessionStorage.removeItem(WAS_SIGNED_IN);
    const answer = new URLSearchParams(location.search);
    if (answer.has('state') && (answer.has('code') || answer.has('error'))) return this.#answered(answer);
    if (!wasSignedIn) return {};
    await this.#manager.signinRedirect({ prompt: 'none' });
    return { leaving: true };
  }

  signIn() {
    return this.#manager.signinRedirect();
  }

  /** Gives the refresh token back, forgets everything, and ends the session of the hosted pages too. */
  async signOut() {
    sessionStorage.removeItem(WAS_SIGNED_IN);
    this.#isSignedOut = true;
    await this.#forget();
    const { hostedUi, clientId } = this.#settings;
    location.assign(`${hostedUi}/logout?${new URLSearchParams({ client_id: clientId, logout_uri: pageAddress() })}`);
  }

  /** Null = nobody. */
  async who() {
    const user = await this.#manager.getUser();
    if (!user) return null;
    const { 'cognito:groups': groups = [], username, 'cognito:username': otherName } = claimsOf(this.#tokenOf(user));
    const name = user.profile.email ?? username ?? otherName;
    return { name, isAdmin: groups.includes(this.#settings.adminGroup) };
  }

  /** The token to send, renewed first when it is about to end; null = nobody is signed in. */
  async token() {
    const user = await this.#manager.getUser();
    if (!user) return null;
    return this.#tokenOf(user.expires_in > RENEW_BEFORE_SECONDS ? user : await this.#renewed());
  }

  async #answered(answer) {
    history.replaceState(null, '', pageAddress());
    try {
      await this.#manager.signinRedirectCallback(`${pageAddress()}?${answer}`);
      sessionStorage.setItem(WAS_SIGNED_IN, 'yes');
      return {};
    } catch (error) {
      if (answer.get('error') === 'login_required') return { told: 'Your session has ended.' };
      return { told: `Signing in did not work: ${error.message}.` };
    }
  }

  /** One renewal at a time, whoever asks for it: a refresh token may be good for one use only. */
  #renewed() {
    this.#renewal ??= this.#renew().finally(() => {
      this.#renewal = null;
    });
    return this.#renewal;
  }

  async #renew() {
    const user = await this.#refreshed();
    if (!this.#isSignedOut) return user;
    await this.#forget(); // what came after the sign-out
    throw new Error('You have signed out.');
  }

  async #forget() {
    await this.#manager.revokeTokens(['refresh_token']).catch(() => {}); // out of reach: it goes out of memory all the same
    await this.#manager.removeUser();
  }

  async #refreshed() {
    try {
      return await this.#manager.signinSilent();
    } catch (cause) {
      if (cause.error === undefined) throw cause; // the hosted pages have not refused: the next request tries again
      sessionStorage.removeItem(WAS_SIGNED_IN);
      await this.#manager.removeUser();
      this.onChange('Your session has ended.');
      throw new Error('Your session has ended: sign in again.', { cause });
    }
  }

  #tokenOf({ access_token, id_token }) {
    return this.#settings.tokenUse === 'id' ? id_token : access_token;
  }
}

/** Where the hosted pages send the browser back to: exactly this has to be a callback and a sign-out URL of the app client. */
function pageAddress() {
  return `${location.origin}/graphql`;
}

/** Only to show it: the server judges the token. */
function claimsOf(token) {
  const bytes = Uint8Array.from(atob(token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/')), (c) =>
    c.charCodeAt(0),
  );
  return JSON.parse(new TextDecoder().decode(bytes));
}
