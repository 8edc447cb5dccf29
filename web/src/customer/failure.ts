interface Told {
  readonly retryAfterSeconds?: number | undefined;
  /** What to tell the people who run the API. */
  readonly reference?: string | undefined;
}

/** Why something was not done. `code` is one of docs/problems.md, or UNREACHABLE when no answer came. */
export class Failure extends Error {
  readonly retryAfterSeconds: number | null;
  readonly reference: string | null;

  constructor(
    readonly code: string,
    { retryAfterSeconds, reference }: Told = {},
  ) {
    super(code);
    this.retryAfterSeconds = retryAfterSeconds ?? null;
    this.reference = reference ?? null;
  }

  static of(error: unknown): Failure {
    return error instanceof Failure ? error : new Failure('INTERNAL_SERVER_ERROR');
  }
}

/** What was asked for, and why the part of it that may be missing is null; null = it is not missing. */
export interface Partly<R> {
  readonly data: R;
  readonly failure: Failure | null;
}
