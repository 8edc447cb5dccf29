import type { CallCount } from '../habits/calls.js';
import { KIND_EXPLANATIONS, OPERATIONS } from '../habits/fault-rule.js';
import type { FaultReport } from '../habits/faults.js';
import { type Html, html } from '../hosted-ui/html.js';
import { form, numberField, section } from './section.js';

const NUMBERS = [
  ['nth', 'Only this call, counted from now (nth)'],
  ['every', 'Each call whose number is a multiple (every)'],
  ['times', 'At most so many faults (times)'],
  ['seed', 'Seed of the probability (seed)'],
  ['milliseconds', 'How long a hang lasts (milliseconds)'],
  ['calls', 'How many calls a throttle refuses (calls)'],
] as const;

export function faults(rules: readonly FaultReport[]): Html {
  const clear = form('faults-clear', html`<button class="quiet">Clear all faults</button>`);
  const list = html`<ol class="rows">${rules.map(rule)}</ol>${clear}`;
  const content = rules.length > 0 ? list : html`<p>No call goes wrong.</p>`;
  return section('faults', 'Faults', html`${content}<h3>Add a fault</h3>${form('faults', fields())}`);
}

export function calls(counts: Readonly<Record<string, CallCount>>): Html {
  const rows = Object.entries(counts).map(([operation, { calls: made, refused }]) => {
    const refusals = Object.entries(refused).map(([exception, count]) => `${count} ${exception}`);
    return html`<tr><th scope="row">${operation}</th><td class="number">${made.toLocaleString('en')}</td><td>${refusals.join(', ')}</td></tr>`;
  });
  const table = html`<table>
          <thead><tr><th scope="col">Operation</th><th scope="col" class="number">Calls</th><th scope="col">Refused</th></tr></thead>
          <tbody>${rows}</tbody>
        </table>
        ${form('calls-reset', html`<button class="quiet">Count anew</button>`)}`;
  return section('calls', 'Calls', rows.length > 0 ? table : html`<p>No operation has been called.</p>`);
}

function rule({ operation, kind, seen, hits, ...options }: FaultReport): Html {
  const chosen = Object.entries(options).map(([name, value]) => `, ${name} ${value}`);
  return html`<li><strong>${operation}</strong>: ${kind}${chosen.join('')}
            <span class="hint">looked at ${String(seen)} calls, ${String(hits)} went wrong</span></li>`;
}

function fields(): Html {
  const kinds = Object.entries(KIND_EXPLANATIONS).map(
    ([kind, explanation]) => html`<option value="${kind}">${kind}: ${explanation}</option>`,
  );
  return html`<div class="fields">
          <div class="field"><label for="fault-operation">Operation, or * for all</label>
          <input id="fault-operation" name="operation" list="operations" value="*" autocomplete="off" autocapitalize="none" spellcheck="false" required>
          <datalist id="operations">${OPERATIONS.map((name) => html`<option value="${name}"></option>`)}</datalist></div>
          <div class="field"><label for="fault-kind">Kind</label><select id="fault-kind" name="kind">${kinds}</select></div>
        </div>
        <details><summary>Which calls, how often, how long</summary>
          <p class="hint">Without any of these it is every call, until the faults are cleared.</p>
          <div class="fields">${NUMBERS.map(([name, label]) => numberField({ id: `fault-${name}`, name, label }))}
          ${numberField({ id: 'fault-probability', name: 'probability', label: 'Chance from 0 to 1 (probability)', most: 1, isFraction: true })}
          <div class="field"><label for="fault-effect">Takes effect, of cut and hang (effect)</label>
          <select id="fault-effect" name="effect"><option value="">as usual</option><option value="true">yes, first</option><option value="false">no, or after the wait</option></select></div>
          </div>
        </details>
        <button>Add the fault</button>`;
}
