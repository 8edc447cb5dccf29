import type { HandMade, PlanCode } from './account.js';
import type { Fault } from './faults.js';

/** What a customer, an admin, the sweeper, or somebody in the AWS console does. `who`: which customer. */
export type Act = { readonly who?: number } & (
  | { readonly do: 'subscribe'; readonly plan: PlanCode }
  | {
      readonly do: 'rotate';
      readonly graceSeconds: number;
      readonly key?: 'overlapping';
    }
  | {
      readonly do: 'revoke overlapping' | 'cancel' | 'reveal' | 'suspend' | 'resume' | 'reconcile' | 'sweep';
    }
  | {
      readonly do: 'rotate for';
      readonly graceSeconds: number;
      readonly key?: 'overlapping';
    }
  | { readonly do: 'assign'; readonly plan: PlanCode }
  | { readonly do: 'import'; readonly key: HandMade }
  | { readonly do: 'cancel for' | 'delete for good' | 'repair' }
  | { readonly do: 'grant'; readonly calls: number }
  | { readonly do: ConsoleAct }
  | {
      readonly do: 'edit plan by hand' | 'untag plan' | 'duplicate plan' | 'tag plan again';
      readonly plan: PlanCode;
    }
);

export const CONSOLE_ACTS = [
  'delete user',
  'register again',
  'disable user',
  'enable user',
  'delete key by hand',
  'disable key by hand',
  'rename key by hand',
  'put key into foreign plan',
  'take key out of foreign plan',
] as const;
export type ConsoleAct = (typeof CONSOLE_ACTS)[number];

export type StruckAct = Act & { readonly fault?: Fault };

/** One line of a history. */
export type Step =
  | StruckAct
  /** The same request once more, about the same key. */
  | { readonly do: 'ask again' }
  /** The customer uses the key. */
  | {
      readonly do: 'call';
      readonly times: number;
      readonly key?: 'overlapping' | HandMade;
      readonly who?: number;
    }
  | { readonly do: 'wait'; readonly seconds: number }
  | { readonly do: 'wait for next month' }
  | { readonly do: 'new process' }
  /** Two requests on two processes, while the customer may be calling. */
  | {
      readonly do: 'both';
      readonly acts: readonly [StruckAct, StruckAct];
      readonly callsInFlight: number;
    };

/** A history on one line, as a reader can follow it. */
export function tell(history: readonly Step[]): string {
  return history.map(tellStep).join(', ');
}

export function tellStep(step: Step): string {
  if (step.do === 'both') return `[${step.acts.map(tellStep).join(' | ')}]`;
  const { do: what, fault, who, ...rest } = { fault: undefined, who: 0, ...step };
  const details = Object.values(rest).join(' ');
  const other = who === 0 ? '' : `(of customer ${who})`;
  return [what, details, other, fault && `(${fault.kind} at call ${fault.call})`].filter(Boolean).join(' ');
}
