import type { Secret } from '../../secret.js';

/** A user made to be thrown away. */
export interface Visitor {
  readonly sub: string;
  readonly username: string;
}

export interface VisitorTokens {
  readonly id: Secret;
  readonly access: Secret;
}

/** An app client that visitors sign in by. */
export interface Door {
  readonly id: string;
  readonly name: string;
}

/** Users who are made to try the deployed API and then go, and an app client for them to sign in by. The server makes none. */
export abstract class Visitors {
  /** An app client for signing in with a password, by IAM alone; it can write no attribute of ours. Answers its id. */
  abstract openDoor(name: string): Promise<string>;

  /** Removes the client; one that is gone already is success. */
  abstract closeDoor(clientId: string): Promise<void>;

  /** The app clients whose names begin so. May be behind. */
  abstract doors(namePrefix: string): Promise<readonly Door[]>;

  /** Null = it is gone. */
  abstract doorMadeAt(clientId: string): Promise<Date | null>;

  /** A user who cannot sign in yet. */
  abstract admit(email: string): Promise<Visitor>;

  /** From now on the visitor is confirmed, and signs in by it. */
  abstract givePassword(visitor: Visitor, password: Secret): Promise<void>;

  abstract signIn(clientId: string, visitor: Visitor, password: Secret): Promise<VisitorTokens>;
}
