import { Field, InterfaceType } from '@nestjs/graphql';

/** A failure the caller can do something about: returned, never thrown, and decided before the first write. */
@InterfaceType({
  description: 'Why the request was not carried out. Select `... on Problem { code message }`: new ones may be added.',
  resolveType: (value: Problem) => value.constructor.name,
})
export abstract class Problem {
  @Field(() => String, { description: 'Stable and documented in docs/problems.md; show your own text for it.' })
  readonly code: string;

  @Field(() => String, { description: 'What happened and what to do, in English.' })
  readonly message: string;

  protected constructor(code: string, message: string) {
    this.code = code;
    this.message = message;
  }
}

export const REFUSAL_CODES = ['UNAUTHENTICATED', 'FORBIDDEN', 'BAD_USER_INPUT', 'TRY_AGAIN', 'AT_CAPACITY'] as const;

/** What a refusal is on a plain route, and where a client asks for GraphQL's own media type. */
export const REFUSAL_STATUS = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  BAD_USER_INPUT: 400,
  TRY_AGAIN: 503,
  AT_CAPACITY: 503,
} as const satisfies Record<(typeof REFUSAL_CODES)[number], number>;

/** A request turned away: thrown, and shown to the caller as `extensions.code`. Nothing of it was recorded, save where a class says so. */
export abstract class Refusal extends Error {
  abstract readonly code: (typeof REFUSAL_CODES)[number];
  readonly retryAfterSeconds?: number;
}

export class UnauthenticatedError extends Refusal {
  readonly code = 'UNAUTHENTICATED';

  constructor(message = 'Sign in and send a valid token as "Authorization: Bearer <token>".') {
    super(message);
  }
}

/** A token outlives its user. */
export class NoAccountError extends UnauthenticatedError {
  constructor() {
    super('This account is no longer there. Sign in again.');
  }
}

export class ForbiddenError extends Refusal {
  readonly code = 'FORBIDDEN';

  constructor(message = 'You may not do this.') {
    super(message);
  }
}

export class BadUserInputError extends Refusal {
  readonly code = 'BAD_USER_INPUT';
}

/**
 * AWS or Turnpike is busy or out of reach: the same request may simply be sent again. Nothing was recorded, unless AWS left
 * the very call that records it without an answer; so the text promises only what holds in both cases.
 */
export class TryAgainError extends Refusal {
  readonly code = 'TRY_AGAIN';

  constructor(
    override readonly retryAfterSeconds = 2,
    options?: ErrorOptions,
  ) {
    super(
      `The service is busy. Send the same request again in ${retryAfterSeconds} s: nothing is done twice.`,
      options,
    );
  }
}

/** The plan of an imported key is recorded, and the key is not the customer's yet. */
export class ImportUnfinishedError extends Refusal {
  readonly code = 'TRY_AGAIN';

  constructor(
    override readonly retryAfterSeconds: number,
    options?: ErrorOptions,
  ) {
    super(
      `The plan is recorded, but the key is not the customer's yet. Send the same request again in ${retryAfterSeconds} s.`,
      options,
    );
  }
}

/** This caller asked too often; nothing was recorded, and the same request may be sent again later. */
export class TooOftenError extends Refusal {
  readonly code = 'TRY_AGAIN';

  constructor(override readonly retryAfterSeconds: number) {
    super(`You ask too often; nothing was changed. Send the same request again in ${retryAfterSeconds} s.`);
  }
}

/** The account holds as many API keys as AWS allows. The plan wished for stays recorded, for when there is room. */
export class AtCapacityError extends Refusal {
  readonly code = 'AT_CAPACITY';

  constructor(options?: ErrorOptions) {
    super('No more API keys can be issued in this AWS account. Tell the people who run this API.', options);
  }
}
