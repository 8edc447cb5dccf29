import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Cognito } from '../cognito/cognito.js';
import type { SandboxReply, SandboxRequest } from '../http.js';
import {
  type AuthorizationRequest,
  answerTo,
  authorizationRequest,
  clientNamed,
  Declined,
  Misdirected,
  registered,
} from './authorization-request.js';
import { BrowserSessions, cookie, setCookie } from './browser-sessions.js';
import { pathTo } from './form.js';
import { Grants } from './grants.js';
import { CSRF, errorPage, seeOther, type Visit } from './page.js';
import { PasswordPages } from './password-pages.js';
import { SignInPages } from './sign-in-pages.js';
import { SignUpPages } from './sign-up-pages.js';
import { STYLE, STYLE_PATH } from './style.js';
import { preflight, TokenEndpoints } from './token-endpoints.js';

type Reply = SandboxReply | Promise<SandboxReply>;
type Answer = (request: SandboxRequest) => Reply;
type PageOf = (visit: Visit) => Reply;

const CSRF_COOKIE = 'XSRF-TOKEN';
const CSRF_LIFE_SECONDS = 24 * 3600;

/** The pages and the OAuth endpoints of a user pool's domain. The app client says which pool is meant. */
export class HostedUi {
  private readonly routes: Readonly<Record<string, Answer>>;
  private readonly paths: ReadonlySet<string>;
  private readonly sessions: BrowserSessions;
  private readonly grants: Grants;

  constructor(private readonly cognito: Cognito) {
    this.sessions = new BrowserSessions(cognito.pools);
    this.grants = new Grants(cognito);
    this.routes = { ...this.pageRoutes(), ...this.endpointRoutes() };
    this.paths = new Set(Object.keys(this.routes).map((route) => route.split(' ')[1] ?? ''));
  }

  /** Null when the path is none of these. */
  async answer(request: SandboxRequest): Promise<SandboxReply | null> {
    const { pathname } = request.url;
    if (!this.paths.has(pathname)) return null;
    const route = this.routes[`${request.method} ${pathname}`];
    if (!route) return { status: 405 };
    try {
      return await route(request);
    } catch (error) {
      if (error instanceof Misdirected) return errorPage(error.code, error.message);
      if (error instanceof Declined) return seeOther(error.location);
      throw error;
    }
  }

  private pageRoutes(): Record<string, Answer> {
    const signIn = new SignInPages(this.cognito, this.sessions, this.grants);
    const signUp = new SignUpPages(this.cognito, signIn);
    const passwords = new PasswordPages(this.cognito, signIn);
    const notice = 'Your password has been reset. The code that was sent lets you choose a new one.';
    const detours = {
      confirm: signUp.confirm.bind(signUp),
      reset: (visit: Visit, username: string) => passwords.resetPage(visit, username, { notice }),
    };
    const open = (page: PageOf) => (request: SandboxRequest) => this.opened(request, page);
    const send = (page: PageOf) => (request: SandboxRequest) => this.sent(request, page);
    return {
      'GET /login': open((visit) => signIn.page(visit)),
      'POST /login': send((visit) => signIn.signIn(visit, detours)),
      'POST /changePassword': send((visit) => signIn.changePassword(visit)),
      'GET /signup': open((visit) => signUp.page(visit)),
      'POST /signup': send((visit) => signUp.signUp(visit)),
      'GET /confirmUser': open((visit) => signUp.confirmPage(visit, { username: '', session: '' })),
      'POST /confirmUser': send((visit) => signUp.confirmed(visit)),
      'POST /resendCode': send((visit) => signUp.resend(visit)),
      'GET /forgotPassword': open((visit) => passwords.page(visit)),
      'POST /forgotPassword': send((visit) => passwords.send(visit)),
      'POST /confirmForgotPassword': send((visit) => passwords.reset(visit)),
      [`GET ${STYLE_PATH}`]: () => ({
        status: 200,
        headers: { 'content-type': 'text/css; charset=utf-8' },
        body: STYLE,
      }),
    };
  }

  private endpointRoutes(): Record<string, Answer> {
    const endpoints = new TokenEndpoints(this.cognito, this.grants);
    return {
      'GET /oauth2/authorize': (request) => this.authorize(request),
      'GET /logout': (request) => this.logout(request),
      'POST /oauth2/token': (request) => endpoints.token(request),
      'OPTIONS /oauth2/token': preflight,
      'GET /oauth2/userInfo': (request) => endpoints.userInfo(request),
      'POST /oauth2/userInfo': (request) => endpoints.userInfo(request),
      'OPTIONS /oauth2/userInfo': preflight,
      'POST /oauth2/revoke': (request) => endpoints.revoke(request),
      'OPTIONS /oauth2/revoke': preflight,
    };
  }

  /** Somebody who is signed in at these pages goes straight back to the app. */
  private async authorize(request: SandboxRequest): Promise<SandboxReply> {
    const asked = this.askedBy(request);
    const user =
      asked.prompt === null || asked.prompt === 'none' ? this.sessions.userOf(request, asked.pool) : undefined;
    if (user) return seeOther(await this.grants.give(asked, user));
    if (asked.prompt === 'none') return seeOther(answerTo(asked, { error: 'login_required' }));
    return seeOther(pathTo('/login', asked.query));
  }

  /** Ends the session at these pages; tokens stay good. */
  private logout(request: SandboxRequest): SandboxReply {
    const { searchParams } = request.url;
    const client = clientNamed(this.cognito.pools, searchParams.get('client_id'));
    const location = searchParams.has('redirect_uri')
      ? pathTo('/login', this.askedBy(request).query)
      : registered(client.settings.LogoutURLs, searchParams.get('logout_uri'), 'logout_uri');
    return seeOther(location, { 'set-cookie': this.sessions.end(request) });
  }

  private askedBy({ url }: SandboxRequest): AuthorizationRequest {
    return authorizationRequest(this.cognito.pools, url.searchParams);
  }

  /** Opens a page, with a cookie that its form has to match. */
  private async opened(request: SandboxRequest, page: PageOf): Promise<SandboxReply> {
    const known = cookie(request, CSRF_COOKIE);
    const csrf = /^[\w-]{43}$/.test(known) ? known : randomBytes(32).toString('base64url');
    const reply = await page({ asked: this.askedBy(request), form: new URLSearchParams(), csrf });
    return { ...reply, headers: { ...reply.headers, 'set-cookie': setCookie(CSRF_COOKIE, csrf, CSRF_LIFE_SECONDS) } };
  }

  private async sent(request: SandboxRequest, page: PageOf): Promise<SandboxReply> {
    const asked = this.askedBy(request);
    const form = new URLSearchParams(request.body.toString('utf8'));
    const csrf = cookie(request, CSRF_COOKIE);
    if (csrf === '' || !isSame(csrf, form.get(CSRF) ?? '')) {
      return errorPage('invalid_csrf', 'This form is too old, or not ours. Go back and open the page anew.', 403);
    }
    return page({ asked, form, csrf });
  }
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => createHash('sha256').update(text).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}
