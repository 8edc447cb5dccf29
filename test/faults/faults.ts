export const FAULT_KINDS = ['error before', 'error after', 'death before', 'death after', 'outage'] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/**
 * What goes wrong at the n-th AWS call of an operation. Before: the call has no effect. After: it has, and the reply is
 * lost. Death: so is the process. Outage: this call and all that follow have no effect.
 */
export interface Fault {
  readonly call: number;
  readonly kind: FaultKind;
}

export class ProcessDied extends Error {}

export function faultAt(fault: Fault | undefined, call: number): FaultKind | null {
  if (!fault || call < fault.call || (call > fault.call && fault.kind !== 'outage')) return null;
  return fault.kind;
}
