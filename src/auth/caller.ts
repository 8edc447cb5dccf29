/** Who is calling, as a verified token says it. */
export interface Caller {
  /** The identity. Never an e-mail address. */
  readonly sub: string;
  /** How Cognito is asked about this user. */
  readonly username: string;
  /** Member of the admin group when the token was made; admin mutations ask Cognito again. */
  readonly isAdmin: boolean;
}
