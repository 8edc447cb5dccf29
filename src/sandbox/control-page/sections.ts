import type { Letter } from '../cognito/mailbox.js';
import { type Html, html } from '../hosted-ui/html.js';
import type { SandboxClock } from '../sandbox-clock.js';
import type { SandboxInfo } from '../server.js';
import { signInAddress } from './addresses.js';
import { form, numberField, section } from './section.js';

const STEPS = [
  [60, '1 minute'],
  [1_800, '30 minutes'],
  [3_600, '1 hour'],
  [86_400, '1 day'],
  [31 * 86_400, '31 days'],
] as const;

const MOST_LETTERS = 50;

export function info(known: SandboxInfo, origin: string): Html {
  const { region, userPoolId, clientId, restApiId, stage, invokeUrl, users, plans } = known;
  const facts = {
    Region: region,
    'User pool': userPoolId,
    'App client': clientId,
    API: `${restApiId}, stage ${stage}`,
  };
  return section(
    'info',
    'Info',
    html`<dl>
          ${Object.entries(facts).map(([name, value]) => row(name, html`<code>${value}</code>`))}
          ${row('Deployed API', html`<code>${invokeUrl}/pets</code> (ID token and key), <code>${invokeUrl}/open</code> (key)`)}
          ${row('Hosted pages', html`<a href="${signInAddress(origin, known)}">Sign in or create an account</a>`)}
          ${users.map(({ username, password, groups }) =>
            row(
              `User ${username}`,
              html`password <code>${password}</code>${groups.length > 0 ? `, group ${groups.join(', ')}` : ''}`,
            ),
          )}
          ${plans.map(({ code, usagePlanId }) => row(`Plan ${code}`, html`usage plan <code>${usagePlanId}</code>`))}
        </dl>`,
  );
}

/** The newest first. */
export function mail(letters: readonly Letter[]): Html {
  const newest = letters.slice(-MOST_LETTERS).reverse();
  const rest = letters.length - newest.length;
  const list = html`<ol class="rows">
          ${newest.map(
            ({ to, code, kind, at }) => html`<li><code class="big">${code}</code> ${kind} to ${to}
            <span class="hint"><time datetime="${at}">${at}</time></span></li>`,
          )}
        </ol>`;
  const older = html`<p class="hint">${String(rest)} older are in <a href="/_sandbox/mail">all mail</a>.</p>`;
  const content = newest.length > 0 ? list : html`<p>Nothing has been sent.</p>`;
  return section('mail', 'Mail', html`${content}${rest > 0 ? older : null}`);
}

export function clock(time: SandboxClock): Html {
  const now = time.now().toISOString();
  const steps = STEPS.map(
    ([seconds, name]) =>
      html`<button class="quiet" name="forwardSeconds" value="${String(seconds)}">+ ${name}</button>`,
  );
  return section(
    'clock',
    'Clock',
    html`<p>It is <time class="big" datetime="${now}">${now}</time>.</p>
        ${form('clock', html`<div class="buttons" role="group" aria-label="Move the clock on by">${steps}</div>`)}
        <p class="hint">The server’s clock is not moved, and refuses tokens from the future.</p>`,
  );
}

export function seed(): Html {
  const users = numberField({ id: 'seed-users', name: 'users', label: 'Users', value: '10', most: 100_000 });
  const keys = numberField({
    id: 'seed-keys',
    name: 'foreignKeys',
    label: 'Keys of nobody',
    value: '0',
    most: 100_000,
  });
  const fields = html`<div class="fields">${users}
          <div class="field"><label for="seed-prefix">Addresses begin with</label>
          <input id="seed-prefix" name="emailPrefix" value="load" maxlength="40" pattern="[A-Za-z0-9_.\\-]+" autocapitalize="none" spellcheck="false" required></div>
          ${keys}</div>
        <p class="hint">Users are <code>load-1@example.com</code> and so on, confirmed, without a plan.</p>
        <button>Seed</button>`;
  return section('seed', 'Seed', form('seed', fields));
}

export function reset(): Html {
  return section(
    'reset',
    'Reset',
    html`<details><summary>Drop everything…</summary>
        <p>Users, keys, tokens, mail, faults and habits go; the seed comes back. The server remembers the old plans up to a
          minute: restart it, or wait.</p>
        ${form('reset', html`<button class="danger">Reset the sandbox</button>`)}</details>`,
  );
}

function row(name: string, value: Html): Html {
  return html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
}
