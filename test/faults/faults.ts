/** What can go wrong with one AWS call, or from one on. */
export const FAULT_KINDS = [
  /** No effect, and an error. */
  'error before',
  /** The effect, and the reply is lost. */
  'error after',
  'death before',
  'death after',
  /** This call and all that follow have no effect. */
  'outage',
  /** Ten seconds without a reply; no effect. */
  'hang before',
  'hang after',
  /** An error, and the effect some calls later. */
  'late effect',
  /** Several calls in a row are refused. */
  'throttled',
  /** Somebody else changes something in API Gateway just now: refused twice. */
  'conflict',
  /** There is no room for another key, as long as the operation lasts. */
  'full account',
  /** The list shows what was four writes ago. */
  'list behind',
  /** The list has an item twice. */
  'item repeated',
  /** Nobody and nothing is found in the pool and in the catalogue, as long as the operation lasts. */
  'nothing listed',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** Strikes at the n-th AWS call of an operation, or at the first call after it that the kind can strike. */
export interface Fault {
  readonly call: number;
  readonly kind: FaultKind;
}

/** `register`: users and plans, of which none being there is no evidence. `entry`: a write to the pool; all other writes are API Gateway's. */
export type CallType = 'read' | 'list' | 'register' | 'entry' | 'write' | 'creation' | 'move';

export function isWrite(type: CallType): boolean {
  return type === 'entry' || type === 'write' || type === 'creation' || type === 'move';
}

export class ProcessDied extends Error {}

const TIMES: Readonly<Partial<Record<FaultKind, number>>> = {
  outage: Number.POSITIVE_INFINITY,
  'nothing listed': Number.POSITIVE_INFINITY,
  'full account': Number.POSITIVE_INFINITY,
  throttled: 4,
  conflict: 2,
};

/** A fault that waits for its call. */
export class Strike {
  private left: number;

  constructor(
    private readonly fault: Fault,
    private readonly firstCall: number,
  ) {
    this.left = TIMES[fault.kind] ?? 1;
  }

  at(call: number, type: CallType): FaultKind | null {
    const { kind } = this.fault;
    if (this.left === 0 || call < this.firstCall + this.fault.call || !canStrike(kind, type)) return null;
    this.left -= 1;
    return kind;
  }
}

export function canStrike(kind: FaultKind, type: CallType): boolean {
  if (kind === 'conflict') return isWrite(type) && type !== 'entry';
  if (kind === 'late effect') return isWrite(type);
  if (kind === 'full account') return type === 'creation';
  if (kind === 'list behind' || kind === 'item repeated') return type === 'list';
  if (kind === 'nothing listed') return type === 'register';
  return true;
}
