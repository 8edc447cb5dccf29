import { type Html, html } from '../hosted-ui/html.js';

/** A part of the page with a heading of its own. */
export function section(id: string, title: string, content: Html): Html {
  return html`<section id="${id}" aria-labelledby="${id}-title">
        <h2 id="${id}-title">${title}</h2>
        ${content}
      </section>`;
}

/** A form that presses `name`. */
export function form(name: string, content: Html): Html {
  return html`<form method="post" action="/_sandbox/page/${name}">${content}</form>`;
}

export interface NumberField {
  readonly id: string;
  readonly name: string;
  readonly label: string;
  readonly value?: string;
  readonly most?: number;
  readonly isFraction?: true;
  readonly isRequired?: true;
}

export function numberField({ id, name, label, value = '', most, isFraction, isRequired }: NumberField): Html {
  const limit = most === undefined ? null : html` max="${String(most)}"`;
  return html`<div class="field"><label for="${id}">${label}</label>
          <input id="${id}" name="${name}" type="number" min="0"${limit} step="${isFraction ? 'any' : '1'}" value="${value}"${isRequired ? html` required` : null}></div>`;
}
