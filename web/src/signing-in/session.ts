import { OidcClient, type SigninResponse, WebStorageStateStore } from 'oidc-client-ts';
import type { Settings } from '../deployment/settings.js';
import { keptInTab, keptOnSite } from '../kept.js';
import { here } from '../router.js';
import { Store } from '../store.js';

export type SignedIn = {
  readonly kind: 'in';
  /** Code of the plan that this sign-in was begun with; null = none. */
  readonly plan: string | null;
};
export type SignedOut = {
  readonly kind: 'out';
  /** Why; null = they never were, or asked for it here. */
  readonly why: 'ended' | 'elsewhere' | 'failed' | 'insecure' | 'unkept' | null;
};
/** `leaving` = the browser is on its way to the hosted pages. */
export type SessionState = { readonly kind: 'starting' } | { readonly kind: 'leaving' } | SignedIn | SignedOut;

interface Tokens {
  readonly access: string;
  readonly id: string;
  readonly refresh: string | null;
  /** In seconds. */
  readonly expiresAt: number;
  readonly response: SigninResponse;
}

/** The page that sign-in was begun on, and the plan that was chosen there. */
interface Trail {
  readonly returnTo: string;
  readonly plan: string | null;
}

/** Whether somebody is signed in, for the next visit; the hosted pages know who. */
const HINT = 'turnpike.signed-in';
/** The hint after a sign-out, and the only one that other tabs listen for. */
const SIGNED_OUT = 'no';
const SCOPE = 'openid email profile'; // without profile a token tells nothing of our attributes
/** A token that ends sooner is renewed before it is used. */
const MARGIN_SECONDS = 60;
/** A request to Cognito that takes longer has failed. */
const REQUEST_SECONDS = 15;

interface Leave {
  readonly prompt?: string;
  readonly page?: string;
  readonly plan?: string | null;
}

/** Thrown when nobody is signed in any more; the session's state says so too. */
export class SessionEnded extends Error {}

/** Who is signed in, by Cognito's hosted pages with code and PKCE. Tokens stay in this object and end with the page. */
export class Session extends Store<SessionState> {
  private readonly client: OidcClient;
  /** What this tab has asked the hosted pages, until the answer is back. */
  private readonly asked = new WebStorageStateStore({ store: keptInTab });
  private tokens: Tokens | null = null;
  private renewal: Promise<Tokens> | null = null;

  constructor(private readonly settings: Settings) {
    super({ kind: 'starting' });
    const { issuer, clientId, hostedUi } = settings;
    this.client = new OidcClient({
      authority: issuer,
      client_id: clientId,
      redirect_uri: `${location.origin}/`,
      scope: SCOPE,
      response_type: 'code',
      stateStore: this.asked,
      requestTimeoutInSeconds: REQUEST_SECONDS,
      // Cognito's own discovery names no address for signing out, and costs a request.
      metadata: {
        issuer,
        authorization_endpoint: `${hostedUi}/oauth2/authorize`,
        token_endpoint: `${hostedUi}/oauth2/token`,
        revocation_endpoint: `${hostedUi}/oauth2/revoke`,
      },
    });
    addEventListener('storage', ({ key, newValue }) => {
      if (key === HINT && newValue === SIGNED_OUT) this.end('elsewhere');
    });
    // Back from the hosted pages, with the page as it was left.
    addEventListener('pageshow', ({ persisted }) => {
      if (persisted && this.get().kind === 'leaving') void this.look();
    });
  }

  /** Takes up what a redirect brought, or who the hosted pages still know. `back` is told where it was begun, first. */
  async start(back: (returnTo: string) => void): Promise<void> {
    const { href, pathname, search } = location;
    const query = new URLSearchParams(search);
    const state = query.get('state');
    if (state !== null && (query.has('code') || query.has('error'))) {
      history.replaceState(null, '', pathname);
      if ((await this.asked.get(state)) !== null) return this.arrive(href, back); // any other is no answer: a link, a reload
    }
    return this.look();
  }

  signIn(): Promise<void> {
    return this.leave({});
  }

  /** `plan`: code of the plan that was chosen. */
  signUp(plan: string | null = null): Promise<void> {
    return this.leave({ page: '/signup', plan });
  }

  /** Here, in other tabs and at the hosted pages. */
  async signOut(): Promise<void> {
    const { hostedUi, clientId } = this.settings;
    const refresh = this.tokens?.refresh;
    this.set({ kind: 'leaving' });
    this.tokens = null;
    keptOnSite.setItem(HINT, SIGNED_OUT);
    if (refresh) await this.revoke(refresh);
    const query = new URLSearchParams({ client_id: clientId, logout_uri: `${location.origin}/` });
    location.assign(`${hostedUi}/logout?${query}`);
  }

  /** A token that is good for a minute at least. @throws SessionEnded */
  async token(use: 'access' | 'id', isRefused = false): Promise<string> {
    const tokens = this.tokens;
    if (!tokens) throw new SessionEnded();
    const isGood = !isRefused && tokens.expiresAt - MARGIN_SECONDS > Date.now() / 1000;
    return (isGood ? tokens : await this.renewed(tokens))[use];
  }

  /** The session is over, whoever noticed; who noticed first says why. */
  end(why: 'ended' | 'elsewhere'): void {
    if (!this.tokens) return;
    this.tokens = null;
    if (why !== 'elsewhere') keptOnSite.removeItem(HINT);
    this.set({ kind: 'out', why });
  }

  /** Who the hosted pages still know, without a question. */
  private async look(): Promise<void> {
    if (this.settings.hostedUi !== null && keptOnSite.getItem(HINT) === 'yes') return this.leave({ prompt: 'none' });
    this.set({ kind: 'out', why: null });
  }

  private async leave({ prompt, page, plan = null }: Leave): Promise<void> {
    this.set({ kind: 'leaving' });
    const trail: Trail = { returnTo: here(), plan };
    try {
      const { url, state } = await this.client.createSigninRequest({ state: trail, ...(prompt && { prompt }) });
      if ((await this.asked.get(state.id)) === null) return this.set({ kind: 'out', why: 'unkept' });
      if (prompt === 'none') return location.replace(url); // nobody asked to go there, and Back must not lead there
      location.assign(page === undefined ? url : url.replace('/oauth2/authorize?', `${page}?`));
    } catch {
      this.set({ kind: 'out', why: isSecureContext ? 'failed' : 'insecure' }); // elsewhere there is no WebCrypto, so no PKCE
    }
  }

  private async arrive(url: string, back: (returnTo: string) => void): Promise<void> {
    try {
      const response = await this.client.processSigninResponse(url);
      back(pathIn(response.userState));
      this.take(response, planIn(response.userState));
    } catch (error) {
      const told = membersOf<{ error: unknown; state: unknown }>(error);
      back(pathIn(told.state));
      keptOnSite.removeItem(HINT);
      this.set({ kind: 'out', why: told.error === 'login_required' ? 'ended' : 'failed' });
    }
  }

  private take(response: SigninResponse, plan: string | null, refresh = response.refresh_token ?? null): Tokens {
    const { access_token: access, id_token: id = '', expires_at: expiresAt = 0 } = response;
    this.tokens = { access, id, refresh, expiresAt, response };
    keptOnSite.setItem(HINT, 'yes');
    this.set({ kind: 'in', plan });
    return this.tokens;
  }

  private renewed(tokens: Tokens): Promise<Tokens> {
    this.renewal ??= this.renew(tokens).finally(() => {
      this.renewal = null;
    });
    return this.renewal;
  }

  private async renew(tokens: Tokens): Promise<Tokens> {
    const { refresh, response, id } = tokens;
    if (refresh === null) return this.over();
    const { profile, scope = SCOPE } = response;
    const state = { refresh_token: refresh, id_token: id, scope, profile, session_state: null };
    try {
      const renewed = await this.client.useRefreshToken({ state, timeoutInSeconds: REQUEST_SECONDS });
      const next = renewed.refresh_token ?? refresh;
      if (this.tokens === tokens) return this.take(renewed, this.plan, next);
      void this.revoke(next); // signed out meanwhile
      throw new SessionEnded();
    } catch (error) {
      if (error instanceof Error && 'error' in error) return this.over(); // Cognito has said no
      throw error;
    }
  }

  private get plan(): string | null {
    const state = this.get();
    return state.kind === 'in' ? state.plan : null;
  }

  private revoke(refresh: string): Promise<void> {
    return this.client.revokeToken(refresh, 'refresh_token').catch(() => {}); // it ends by itself, later
  }

  private over(): never {
    this.end('ended');
    throw new SessionEnded();
  }
}

function planIn(trail: unknown): string | null {
  const { plan } = membersOf<Trail>(trail);
  return typeof plan === 'string' ? plan : null;
}

/** Of something that came from elsewhere: it may be anything. */
function membersOf<T extends object>(value: unknown): Partial<T> {
  return typeof value === 'object' && value !== null ? value : {};
}

function pathIn(trail: unknown): string {
  const { returnTo: path } = membersOf<Trail>(trail);
  return path?.startsWith('/') && !path.startsWith('//') ? path : '/';
}
