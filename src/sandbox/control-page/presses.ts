import type { Controlled } from '../control.js';
import { UnacceptableInput } from '../control-input.js';
import { faultRule } from '../habits/fault-rule.js';
import { DEFAULTS, habitSettings } from '../habits/settings.js';
import { seedManyOrder } from '../seed-many.js';

/** What a form of the page does, and what the page says afterwards, in which section. */
export interface Press {
  readonly section: string;
  readonly notice: string;
  readonly run: (sandbox: Controlled, form: URLSearchParams) => unknown;
}

/** By the last part of the form's address. */
export const PRESSES: Readonly<Record<string, Press>> = {
  clock: { section: 'clock', notice: 'The clock has moved on.', run: forward },
  ...Object.fromEntries(Object.keys(DEFAULTS).map((name) => [`habits-${name}`, habit(name)])),
  faults: {
    section: 'faults',
    notice: 'The fault is added.',
    run: ({ habits }, form) => habits.addFault(faultRule(filledIn(form, ['operation', 'kind']))),
  },
  'faults-clear': { section: 'faults', notice: 'All faults are cleared.', run: ({ habits }) => habits.clearFaults() },
  'calls-reset': { section: 'calls', notice: 'Counting starts anew.', run: ({ habits }) => habits.resetCalls() },
  seed: {
    section: 'seed',
    notice: 'Users and keys are seeded. The users’ password is Turnpike-1.',
    run: (sandbox, form) => sandbox.seedMany(seedManyOrder(filledIn(form, ['emailPrefix']))),
  },
  reset: { section: 'reset', notice: 'Everything is back to the seed.', run: (sandbox) => sandbox.reset() },
};

function forward({ clock }: Controlled, form: URLSearchParams): void {
  const seconds = typed(form.get('forwardSeconds') ?? '');
  if (typeof seconds !== 'number' || !(seconds >= 0)) throw new UnacceptableInput('Press one of the clock’s buttons.');
  clock.forward(seconds);
}

function habit(name: string): Press {
  return {
    section: `habits-${name}`,
    notice: `${name} is set.`,
    run: ({ habits }, form) => habits.set(habitSettings({ [name]: typed(form.get('value') ?? '') })),
  };
}

/** A form as a program would have sent it: empty fields are left out, and all but `words` are numbers, true or false. */
function filledIn(form: URLSearchParams, words: readonly string[]): Record<string, unknown> {
  const filled = [...form].filter(([, text]) => text !== '');
  return Object.fromEntries(filled.map(([name, text]) => [name, words.includes(name) ? text : typed(text)]));
}

function typed(text: string): boolean | number {
  if (text === 'true' || text === 'false') return text === 'true';
  return text.trim() === '' ? Number.NaN : Number(text);
}
