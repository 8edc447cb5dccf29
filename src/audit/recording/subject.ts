import { STAGE_NAME } from '../../aws/usage-plans.js';
import { withoutSecrets } from '../../redaction.js';
import type { AuditArgument } from '../audit-event.js';
import { cleanText } from './clean-text.js';
import type { MutationCall } from './mutation-call.js';

const MAX_REASON = 500;
const MALFORMED = '(malformed)';
/** That a text was given; what it says stands on the plan. */
const TEXT = '(text)';
const NONE = 'none';
/** What Cognito makes; it promises no form, and what somebody typed in its place may be a password. */
const SUB = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Texts that may be told, and their form: a key's value typed in the wrong place has another. */
const TEXTS = new Map([
  ['plan', /^[a-z0-9-]{1,32}$/],
  ['code', /^([a-z0-9-]{1,32}|[A-Z]{1,32})$/],
  ['period', /^[A-Z]{1,32}$/],
  ['keyId', /^[a-z0-9]{1,12}$/],
  ['stages', STAGE_NAME],
]);
const MOST_IN_A_LIST = 10;
/** They have members of their own in an event. */
const TOLD_ELSEWHERE = ['userId', 'reason'];

/** What may be told of a mutation's arguments: numbers, switches, texts of a known form, and of others that they were given. */
export function subjectOf({ members }: MutationCall): Record<string, AuditArgument> {
  const subject: Record<string, AuditArgument> = {};
  for (const [name, value] of members) {
    if (TOLD_ELSEWHERE.includes(name)) continue;
    const told = toldOf(value, TEXTS.get(name));
    if (told !== null) subject[name] = told;
  }
  return subject;
}

/** Null = nothing to tell: it was not given, or is nothing that the schema has. */
function toldOf(value: unknown, form: RegExp | undefined): AuditArgument | null {
  const isList = Array.isArray(value);
  if (value === null || (isList && value.length === 0)) return NONE;
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  const texts: unknown[] = isList ? value.slice(0, MOST_IN_A_LIST) : [value];
  if (!texts.every((text) => typeof text === 'string')) return isList ? MALFORMED : null;
  if (!form) return TEXT;
  const rest = isList && value.length > MOST_IN_A_LIST ? ['…'] : [];
  // A stage's name may be as long as a key's value, and then nobody knows which of the two it is.
  return texts.every((text) => form.test(text)) ? withoutSecrets([...texts, ...rest].join(' ')) : MALFORMED;
}

/** Whom a mutation is about: the user it names; the caller, unless it is a matter of admins, which all ask for a reason. */
export function targetOf({ takesUser, takesReason, args }: MutationCall, callerSub: string | null): string | null {
  if (!takesUser) return takesReason ? null : callerSub;
  return typeof args.userId === 'string' ? args.userId : null;
}

/** The target as it may be told: one that has the form of a `sub`, or that a service knows a user by. */
export function toldTarget({ target, isKnown }: { target: string | null; isKnown: boolean }): string | null {
  return target === null || isKnown || SUB.test(target) ? target : MALFORMED;
}

export function reasonOf({ args: { reason } }: MutationCall): string | null {
  return typeof reason === 'string' ? cleanText(reason, MAX_REASON) : null;
}
