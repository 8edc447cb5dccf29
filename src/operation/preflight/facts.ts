import type { AppClient, KeyCount, Right, Stage, UserPool } from '../../aws/inspection/account-inspection.js';
import type { RejectedCode } from '../../plans/plan-catalogue.service.js';

/** An answer, or that it could not be had: for want of a right, or for now. */
export type Answer<T> =
  | { readonly kind: 'known'; readonly value: T }
  | { readonly kind: 'denied'; readonly operation: string }
  | { readonly kind: 'unanswered'; readonly what: string; readonly why: string };

export interface OfferedPlan {
  readonly id: string;
  readonly code: string;
}

/** Of the first page of users: how many have a plan, and how many of those plans a secret of ours has signed. */
export interface Signed {
  readonly withPlan: number;
  readonly signed: number;
}

/** All that is asked once and judged by the checks. */
export interface Facts {
  /** Null = there is no such pool. */
  readonly pool: Answer<UserPool | null>;
  readonly clients: Answer<readonly AppClient[]>;
  readonly plans: Answer<{ readonly offered: readonly OfferedPlan[]; readonly rejected: readonly RejectedCode[] }>;
  readonly stagesByPlan: Answer<ReadonlyMap<string, readonly Stage[]>>;
  /** Stages that plans of ours name and that do not exist. */
  readonly missingStages: Answer<readonly Stage[]>;
  readonly signed: Answer<Signed>;
  /** Why the key in KMS does not make the secret, by AWS's name; null = it does, or is not asked to. */
  readonly unusableKmsKey: Answer<string | null>;
  /** Null = nobody counted. */
  readonly keys: Answer<KeyCount | null>;
  /** Rights that a read showed to be missing. */
  readonly missingRights: Answer<readonly Pick<Right, 'action' | 'resource'>[]>;
}

/** What the checks know besides: settings, without their secrets. */
export interface Expected {
  readonly region: string;
  readonly userPoolId: string;
  readonly clientIds: readonly string[];
  readonly keyPrefix: string;
  /** The plan of whoever signs up; null = there is none. */
  readonly defaultPlan: string | null;
  /** Where the pool's hosted pages are; null = nobody has said so. */
  readonly hostedUi: string | null;
  /** The attributes that Turnpike keeps on a user. */
  readonly attributeNames: readonly string[];
  /** How many different characters the plainest secret of KEY_SECRET is made of. */
  readonly fewestCharacters: number;
}

/** The value of an answer; null when there is none. */
export function answered<T>(answer: Answer<T>): T | null {
  return answer.kind === 'known' ? answer.value : null;
}
