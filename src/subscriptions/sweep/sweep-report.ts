/** What can differ between what is meant and what there is. */
export enum DriftKind {
  KEY_MISSING = 'KEY_MISSING',
  KEY_TO_RETIRE = 'KEY_TO_RETIRE',
  KEY_NOT_LISTED = 'KEY_NOT_LISTED',
  KEY_RENAMED = 'KEY_RENAMED',
  PLAN_NOT_APPLIED = 'PLAN_NOT_APPLIED',
  QUOTA_NOT_APPLIED = 'QUOTA_NOT_APPLIED',
  CALLS_NOT_RECORDED = 'CALLS_NOT_RECORDED',
  ATTRIBUTES_OUT_OF_DATE = 'ATTRIBUTES_OUT_OF_DATE',
  KEYS_TO_CLEAN_UP = 'KEYS_TO_CLEAN_UP',
  USER_NOT_LISTED = 'USER_NOT_LISTED',
  USER_TO_DELETE = 'USER_TO_DELETE',
  PLAN_NOT_SIGNED = 'PLAN_NOT_SIGNED',
  PLAN_UNKNOWN = 'PLAN_UNKNOWN',
  FOREIGN_PLAN = 'FOREIGN_PLAN',
}

/** One difference, in words for an admin. */
export interface Drift {
  readonly sub: string;
  readonly username: string | null;
  readonly kind: DriftKind;
  readonly text: string;
}

/** What a sweep found and did. */
export interface SweepReport {
  /** When it began. */
  readonly asOf: Date;
  readonly seconds: number;
  readonly isDryRun: boolean;
  readonly users: number;
  /** Keys of this deployment, and those of them that are switched on. */
  readonly keys: number;
  readonly enabledKeys: number;
  readonly driftCount: number;
  /** The first thousand. */
  readonly drift: readonly Drift[];
  /** Customers brought to where they should be, and those left to the next sweep. */
  readonly mended: number;
  readonly unfinished: number;
  /** Keys that were to be switched off and were not, for there are so many: somebody has to confirm it. */
  readonly heldBack: number;
}
