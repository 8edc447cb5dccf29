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

/** Users who are made to try the deployed API and then go, and an app client for them to sign in by. The server makes none. */
export abstract class Visitors {
  /** An app client for signing in with a password, by IAM alone; it can write no attribute of ours. Answers its id. */
  abstract openDoor(name: string): Promise<string>;

  /** Removes the client; one that is gone already is success. */
  abstract closeDoor(clientId: string): Promise<void>;

  /** Ids of the app clients whose names begin so. */
  abstract doors(namePrefix: string): Promise<readonly string[]>;

  /** A confirmed user with that password. */
  abstract admit(email: string, password: Secret): Promise<Visitor>;

  abstract signIn(clientId: string, visitor: Visitor, password: Secret): Promise<VisitorTokens>;
}
