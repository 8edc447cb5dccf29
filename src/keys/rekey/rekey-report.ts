/** Why a customer is not done. */
export enum LeftReason {
  /** Nobody vouches for the plan on the user, so nothing is changed: `repairUser` or `assignPlan` signs it. */
  PLAN_NOT_SIGNED = 'PLAN_NOT_SIGNED',
  /** No usage plan, or more than one, bears the code: nothing is changed. */
  PLAN_UNKNOWN = 'PLAN_UNKNOWN',
  /** Keys of a user who is not in the pool any more: the sweep switches them off. */
  USER_NOT_LISTED = 'USER_NOT_LISTED',
  /** The account holds as many keys as it may, and none can be deleted yet. */
  AT_CAPACITY = 'AT_CAPACITY',
  /** AWS did not let it be finished, or was left alone after too many failures. */
  UNFINISHED = 'UNFINISHED',
  /** To be done; only in a dry run. */
  TO_DO = 'TO_DO',
}

export interface Left {
  readonly sub: string;
  readonly username: string | null;
  readonly why: LeftReason;
}

/** What a run came to. Nothing is left = the older secrets protect nothing any more. */
export interface RekeyReport {
  readonly isDryRun: boolean;
  /** With a plan, or with a key that is switched on. */
  readonly customers: number;
  /** Those for whom there was nothing to do. */
  readonly upToDate: number;
  /** Customers whose keys were replaced, or a replacement finished. */
  readonly rotated: number;
  /** Plans signed anew. */
  readonly signed: number;
  /** Retired keys deleted to make room in the account. */
  readonly deletedKeys: number;
  readonly leftCount: number;
  /** The first thousand of them. */
  readonly left: readonly Left[];
  readonly seconds: number;
}

export interface RekeyOptions {
  /** Plans are signed anew, and keys left as they are. */
  readonly signaturesOnly: boolean;
  /** How long the replaced keys go on. */
  readonly graceSeconds: number;
  /** Keys that somebody made by hand, and that derive from no secret, may stay. */
  readonly keepImported: boolean;
  /** Looks, and changes nothing. */
  readonly isDryRun: boolean;
}

/** Told after each customer. */
export type Progress = (done: number, total: number) => void;
