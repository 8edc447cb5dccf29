/** Whose trace a request is part of, as it says of itself. */
export interface TraceParent {
  readonly traceId: string;
  readonly spanId: string;
  /** Whether the caller keeps the trace; if not, our part of it alone would be of no use. */
  readonly isSampled: boolean;
}

const FORM = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const NOTHING = /^0+$/;

/** Reads a `traceparent` as W3C Trace Context has it. Null = there is none, or none that can be believed. */
export function traceParentOf(header: unknown): TraceParent | null {
  const [, version, traceId = '', spanId = '', flags = '', rest] = FORM.exec(String(header)) ?? [];
  if (version === undefined || version === 'ff' || (version === '00' && rest !== undefined)) return null;
  if (NOTHING.test(traceId) || NOTHING.test(spanId)) return null;
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 };
}
