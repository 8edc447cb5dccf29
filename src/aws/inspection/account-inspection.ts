/** What a user pool lets an attribute hold; `mostCharacters` null = no limit of its own. */
export interface PoolAttribute {
  /** As Cognito names it, `custom:` included. */
  readonly name: string;
  readonly type: string;
  readonly mutable: boolean;
  readonly mostCharacters: number | null;
}

/** The pool, as Cognito describes it. */
export interface UserPool {
  readonly attributes: readonly PoolAttribute[];
  /** Whether a name is the same in capital and small letters. */
  readonly ignoresCase: boolean;
}

/** An app client of the pool, as Cognito describes it. */
export interface AppClient {
  readonly id: string;
  readonly name: string;
  /** Attributes that the client may write; null = nobody listed them. */
  readonly writeAttributes: readonly string[] | null;
  readonly oauthFlows: readonly string[];
  readonly oauthScopes: readonly string[];
  readonly hidesUserExistence: boolean;
  /** All that UpdateUserPoolClient takes, as it is now: what that call is not given it sets back. No secret is in it. */
  readonly settings: Readonly<Record<string, unknown>>;
}

export interface Stage {
  readonly apiId: string;
  readonly name: string;
}

/** The API keys of the account in this Region, whosever they are. */
export interface KeyCount {
  readonly all: number;
  /** Names of those that are switched on; null = nobody looked. */
  readonly enabledNames: readonly string[] | null;
}

/** One right that Turnpike needs, and a read that shows whether it has it: it asks for what does not exist, or for little. */
export interface Right {
  /** As a policy names it: `cognito-idp:AdminGetUser`, `apigateway:GET`. */
  readonly action: string;
  /** What it is for, as a policy names it, without Region and account. */
  readonly resource: string;
  /** @throws AccessDeniedError when it is missing. */
  probe(): Promise<unknown>;
}

/** How the account is set up: what Turnpike relies on, and does not do itself. Nothing here changes anything. */
export abstract class AccountInspection {
  /** Null = there is no such pool. */
  abstract userPool(): Promise<UserPool | null>;

  /** Every app client of the pool, each described; one that goes meanwhile is left out. */
  abstract appClients(): Promise<readonly AppClient[]>;

  /** The API stages that each usage plan of the account names, by the plan's id. */
  abstract stagesByPlan(): Promise<ReadonlyMap<string, readonly Stage[]>>;

  abstract hasStage(stage: Stage): Promise<boolean>;

  /** A call for each 500. */
  abstract countKeys(): Promise<KeyCount>;

  /** The rights that a read can show. `planId` is a plan of ours, null where there is none. */
  abstract rights(planId: string | null): readonly Right[];
}
