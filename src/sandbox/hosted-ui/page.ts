import type { SandboxReply } from '../http.js';
import type { AuthorizationRequest } from './authorization-request.js';
import { type Html, html } from './html.js';
import { STYLE_PATH } from './style.js';

/** Whoever looks at a page, and what their app asked for. */
export interface Visit {
  readonly asked: AuthorizationRequest;
  /** What was sent with a form; empty when a page is just opened. */
  readonly form: URLSearchParams;
  /** Comes back with every form, and has to equal the cookie of the same name. */
  readonly csrf: string;
}

export interface Problem {
  readonly message: string;
  /** Names of the fields it is about. */
  readonly fields: readonly string[];
}

export interface Page {
  readonly title: string;
  /** What went wrong; announced. */
  readonly problem?: Problem | undefined;
  /** What went well; announced. */
  readonly notice?: string | undefined;
  readonly content: Html;
}

export const CSRF = '_csrf';

/** A page of the app client that is asked for; its forms lead to these pages and back to the app, nowhere else. */
export function shown({ asked }: Visit, page: Page): SandboxReply {
  const name = asked.client.settings.ClientName ?? asked.client.id;
  const implicit = html`<p class="warning" role="note">This app asks for tokens in the address
    (<code>response_type=token</code>). The guides use it; do not. Ask for a code, with PKCE.</p>`;
  const content = html`${asked.responseType === 'token' ? implicit : null}${page.content}`;
  return document(200, { name, formAction: originOf(asked.redirectUri) }, { ...page, content });
}

/** For requests that belong to no app. */
export function errorPage(code: string, message: string, status = 400): SandboxReply {
  const content = html`<p class="hint">Error <code>${code}</code>. The app that sent you here has to change its request.</p>`;
  return document(
    status,
    { name: 'Sandbox', formAction: '' },
    { title: 'This did not work', problem: { message, fields: [] }, content },
  );
}

export function seeOther(location: string, headers: Readonly<Record<string, string>> = {}): SandboxReply {
  return {
    status: 302,
    headers: { location, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer', ...headers },
  };
}

function document(status: number, site: { name: string; formAction: string }, page: Page): SandboxReply {
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy':
      "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'; " +
      `form-action 'self' ${site.formAction}`.trim(),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  };
  return { status, headers, body: markupOf(site.name, page).text };
}

function markupOf(name: string, { title, problem, notice, content }: Page): Html {
  const initial = [...name][0]?.toUpperCase() ?? '';
  return html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>${problem ? 'Error: ' : ''}${title} – ${name}</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="${STYLE_PATH}">
  </head>
  <body>
    <main>
      <p class="brand"><span class="mark" aria-hidden="true">${initial}</span> ${name}</p>
      <h1>${title}</h1>
      ${problem ? html`<p class="problem" id="problem" role="alert">${problem.message}</p>` : null}
      ${notice ? html`<p class="notice" role="status">${notice}</p>` : null}
      ${content}
    </main>
    <footer>Turnpike sandbox, standing in for Amazon Cognito. Nothing is mailed:
      <a href="/_sandbox/mail">the codes are here</a>.</footer>
  </body>
</html>
`;
}

/** As a source of a content security policy: an origin, or the scheme of an app that is no website. */
function originOf(uri: string): string {
  const { origin, protocol } = new URL(uri);
  return origin === 'null' ? protocol : origin;
}
