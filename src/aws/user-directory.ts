/** A user as the directory holds it. `sub` is the identity; `username` is only how the directory is asked. */
export interface DirectoryUser {
  readonly sub: string;
  readonly username: string;
  readonly enabled: boolean;
  /** Cognito's UserStatus: CONFIRMED, FORCE_CHANGE_PASSWORD, EXTERNAL_PROVIDER … */
  readonly status: string;
  readonly createdAt: Date;
  /** When the directory last changed the user, by its own clock. */
  readonly modifiedAt: Date;
  /** All attributes by name, `sub` and `custom:` ones included. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** How many a search finds at least where there are more. */
export const MOST_SEARCHED = 60;

/** Who the customers are, and the attributes that say what each is meant to have. */
export abstract class UserDirectory {
  /** Looks a user up by user name, never by e-mail. Null means the directory says that there is no such user. */
  abstract find(username: string): Promise<DirectoryUser | null>;

  /**
   * Looks a user up by identity, where no user name is known. Null is no proof that there is none: searches may be
   * behind.
   */
  abstract findBySub(sub: string): Promise<DirectoryUser | null>;

  /** Every user of the pool, page by page, in no promised order; a page that fails ends the whole. May be behind. */
  abstract pages(): AsyncIterable<readonly DirectoryUser[]>;

  /** Sets attributes in one call; null removes one. False when the user is gone. */
  abstract write(username: string, attributes: Readonly<Record<string, string | null>>): Promise<boolean>;

  /**
   * Users whose e-mail address (in any case) or user name begins with the text, or whose `sub` it is, in no promised order;
   * `MOST_SEARCHED` or more may not be all. May be behind.
   */
  abstract search(text: string): Promise<readonly DirectoryUser[]>;

  /** Ends all sessions of the user, then deletes the user; one that is gone already is success. */
  abstract delete(username: string): Promise<void>;

  /** The groups that the user is in now, whatever a token says. A user who is gone is in none. */
  abstract groupsOf(username: string): Promise<readonly string[]>;
}
