import type { explained } from '../habits/settings.js';
import { type Html, html } from '../hosted-ui/html.js';
import { form, numberField, section } from './section.js';

type Explained = ReturnType<typeof explained>;
type Habit = Explained[string];

/** Every habit with what it does, and a form of its own. */
export function habits(all: Explained): Html {
  const rows = Object.entries(all).map(([name, habit]) => row(name, habit));
  return section(
    'habits',
    'Habits',
    html`<p>What AWS does to its callers, and the sandbox does only when it is told to.</p><ul class="rows">${rows}</ul>`,
  );
}

function row(name: string, habit: Habit): Html {
  const { value, default: usual, explanation } = habit;
  const state = typeof value === 'boolean' ? (value ? 'on' : 'off') : value.toLocaleString('en');
  const changed = value === usual ? null : html` <span class="changed">changed</span>`;
  return html`<li id="habits-${name}">
          <h3><code>${name}</code>: ${state}${changed}</h3>
          <p>${marked(explanation)}</p>
          ${form(`habits-${name}`, typeof value === 'boolean' ? toggle(name, value) : amount(name, value))}
        </li>`;
}

/** What stands between backticks is code. */
function marked(text: string): Html[] {
  return text.split('`').map((part, at) => (at % 2 === 1 ? html`<code>${part}</code>` : html`${part}`));
}

function toggle(name: string, isOn: boolean): Html {
  return html`<input type="hidden" name="value" value="${String(!isOn)}">
          <button class="quiet">Switch ${name} ${isOn ? 'off' : 'on'}</button>`;
}

function amount(name: string, value: number): Html {
  const common = {
    id: `habit-${name}`,
    name: 'value',
    label: `New ${name}`,
    value: String(value),
    isRequired: true,
  } as const;
  const field = numberField(name === 'rateFactor' ? { ...common, isFraction: true } : common);
  return html`<div class="fields">${field}<button class="quiet">Set <span class="unseen">${name}</span></button></div>`;
}
