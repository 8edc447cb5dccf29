/** Tells which lines of the log and which audit event belong to an answer. */
export const CORRELATION_HEADER = 'x-correlation-id';

/** What a page may load and where it may go: a page that needs more than the strictest policy says so itself. */
export const POLICY_HEADER = 'content-security-policy';

/** Of every answer. */
export const SECURITY_HEADERS = {
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const;
