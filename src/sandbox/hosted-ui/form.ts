import { policyOf } from '../cognito/passwords.js';
import type { Pool } from '../cognito/pools.js';
import { type Html, html } from './html.js';
import { CSRF, type Problem, type Visit } from './page.js';

export interface Field {
  readonly name: string;
  readonly label: string;
  readonly type?: 'text' | 'email' | 'tel' | 'password';
  /** What browsers and password managers fill in. */
  readonly autocomplete: string;
  readonly value?: string;
  readonly hint?: string;
  readonly isCode?: true;
  /** Shown, and sent again, but not to be changed. */
  readonly isFixed?: true;
}

export interface Form {
  readonly path: string;
  readonly submit: string;
  readonly fields: readonly Field[];
  readonly hidden?: Readonly<Record<string, string>>;
  readonly problem?: Problem | undefined;
  readonly isQuiet?: true;
}

/** All fields are required; the first that is wrong gets the focus, or else the first that is empty. */
export function form({ asked, csrf }: Visit, { path, submit, fields, hidden = {}, problem, isQuiet }: Form): Html {
  const wrong = fields.filter(({ name }) => problem?.fields.includes(name));
  const first = [...wrong, ...fields].find(({ value }) => !value) ?? wrong[0];
  const kept = Object.entries({ ...hidden, [CSRF]: csrf });
  return html`<form method="post" action="${pathTo(path, asked.query)}">
        ${kept.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
        ${fields.map((one) => field(one, one === first, wrong.includes(one)))}
        <button${isQuiet ? html` class="quiet"` : null}>${submit}</button>
      </form>`;
}

function field(
  { name, label, type = 'text', autocomplete, value = '', hint, isCode, isFixed }: Field,
  isFirst: boolean,
  isWrong: boolean,
): Html {
  const told = [isWrong ? 'problem' : '', hint ? `${name}-hint` : ''].filter(Boolean).join(' ');
  const attributes = [
    isCode ? html` inputmode="numeric" maxlength="6" class="code"` : null,
    type === 'password' || isCode ? null : html` autocapitalize="none" spellcheck="false"`,
    told ? html` aria-describedby="${told}"` : null,
    isWrong ? html` aria-invalid="true"` : null,
    isFirst ? html` autofocus` : null,
    isFixed ? html` readonly` : null,
  ].filter((one) => one !== null);
  return html`<p class="field">
          <label for="${name}">${label}</label>
          <input id="${name}" name="${name}" type="${type}" value="${value}" autocomplete="${autocomplete}" required${attributes}>
          ${hint ? html`<span class="hint" id="${name}-hint">${hint}</span>` : null}
        </p>`;
}

export function link(path: string, { asked }: Visit, text: string): Html {
  return html`<a href="${pathTo(path, asked.query)}">${text}</a>`;
}

export function pathTo(path: string, query: string): string {
  return `${path}?${query}`;
}

/** How users of the pool call themselves. */
export function usernameField({ settings }: Pool, value: string): Field {
  const named = settings.UsernameAttributes ?? [];
  const common = { name: 'username', autocomplete: 'username', value };
  if (named.length > 1) return { ...common, label: 'Email or phone number' };
  if (named[0] === 'email') return { ...common, label: 'Email', type: 'email' };
  if (named[0] === 'phone_number') return { ...common, label: 'Phone number', type: 'tel', hint: 'As +15551234567' };
  return { ...common, label: 'Username' };
}

export function newPasswordField(pool: Pool, label = 'Password'): Field {
  return { name: 'password', label, type: 'password', autocomplete: 'new-password', hint: rules(pool) };
}

export function codeField(): Field {
  return { name: 'code', label: 'Code', autocomplete: 'one-time-code', isCode: true };
}

function rules(pool: Pool): string {
  const policy = policyOf(pool);
  const kinds = [
    policy.RequireUppercase && 'an upper-case letter',
    policy.RequireLowercase && 'a lower-case letter',
    policy.RequireNumbers && 'a digit',
    policy.RequireSymbols && 'a symbol',
  ].filter((kind) => typeof kind === 'string');
  const length = `At least ${policy.MinimumLength ?? 8} characters`;
  return kinds.length === 0 ? length : `${length}, with ${new Intl.ListFormat('en').format(kinds)}`;
}
