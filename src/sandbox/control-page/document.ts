import type { Controlled } from '../control.js';
import { type Html, html } from '../hosted-ui/html.js';
import { STYLE_PATH } from '../hosted-ui/style.js';
import type { SandboxReply } from '../http.js';
import { PAGE_STYLE_PATH } from './addresses.js';
import { calls, faults } from './fault-sections.js';
import { habits } from './habit-section.js';
import { clock, info, mail, reset, seed } from './sections.js';

export interface Shown {
  readonly url: URL;
  /** What went wrong; announced. */
  readonly problem?: string | undefined;
  /** What went well; announced. */
  readonly notice?: string | undefined;
}

const SECTIONS = ['info', 'mail', 'clock', 'habits', 'faults', 'calls', 'seed', 'reset'];

/** Its forms lead to this page only; their origin is told, because the sandbox looks at it. */
const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'; form-action 'self'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cache-control': 'no-store',
  vary: 'accept',
};

export function document(status: number, sandbox: Controlled, shown: Shown): SandboxReply {
  return { status, headers: HEADERS, body: markupOf(sandbox, shown).text };
}

function markupOf(sandbox: Controlled, { url, problem, notice }: Shown): Html {
  return html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>${problem ? 'Error: ' : ''}Switches – Turnpike sandbox</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="${STYLE_PATH}">
    <link rel="stylesheet" href="${PAGE_STYLE_PATH}">
  </head>
  <body>
    <header>
      <h1>Turnpike sandbox</h1>
      <nav aria-label="Sections">${SECTIONS.map((name) => html`<a href="#${name}">${titled(name)}</a> `)}</nav>
    </header>
    <main>
      ${problem ? html`<p class="problem" role="alert">${problem}</p>` : null}
      ${notice ? html`<p class="notice" role="status">${notice}</p>` : null}
      ${info(sandbox.info(), url.origin)}
      ${mail(sandbox.mail())}
      ${clock(sandbox.clock)}
      ${habits(sandbox.habits.describe())}
      ${faults(sandbox.habits.faults())}
      ${calls(sandbox.habits.calls())}
      ${seed()}
      ${reset()}
    </main>
    <footer>For this machine only; nothing of it exists on AWS. Programs use the same switches under
      <a href="/_sandbox/info">/_sandbox/…</a> as JSON.</footer>
  </body>
</html>
`;
}

function titled(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
