/** The version of the form below; it goes up when a member changes its meaning or goes. */
export const AUDIT_VERSION = 1;

/** Who asked, as a verified token says it. */
export interface AuditActor {
  readonly sub: string;
  readonly username: string;
  readonly isAdmin: boolean;
}

/** What is known of a customer: a member that is absent was not known, null means there is none. */
export interface AuditState {
  readonly plan?: string | null;
  readonly state?: string | null;
  readonly suspension?: string | null;
  /** Extra calls of the current period. */
  readonly grantedCalls?: number;
  readonly keyId?: string | null;
  readonly overlappingKeyId?: string | null;
}

export type AuditArgument = string | number | boolean;

/** One mutation and what came of it. It never holds a key's value, a token or a password. */
export interface AuditEvent {
  readonly version: typeof AUDIT_VERSION;
  readonly id: string;
  /** When it was answered, ISO 8601. */
  readonly at: string;
  readonly correlationId: string;
  /** Null = there was no valid token. */
  readonly actor: AuditActor | null;
  readonly address: string | null;
  readonly userAgent: string | null;
  /** The mutation; several with commas between, where all were refused for being several. */
  readonly mutation: string;
  /** The sub of whom it is about; null = nobody, or not to be told. */
  readonly target: string | null;
  /** Its arguments: codes, ids and numbers, `none` for null or an empty list, `(text)` in place of words of somebody's own. */
  readonly subject: Readonly<Record<string, AuditArgument>>;
  /** The words of an admin; they stand nowhere else. */
  readonly reason: string | null;
  readonly before: AuditState | null;
  readonly after: AuditState | null;
  /** The keys that played a part. */
  readonly keyIds: readonly string[];
  /** The type answered, the code of a refusal, or FAULT. */
  readonly outcome: string;
  /** What the caller was shown of a fault. */
  readonly reference: string | null;
  readonly awsRequestIds: readonly string[];
}
