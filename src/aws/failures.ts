/** AWS did not carry out a call, or we do not know whether it did; the same call may be made again. */
export class AwsUnavailableError extends Error {
  constructor(
    readonly operation: string,
    readonly retryAfterSeconds: number,
    options?: ErrorOptions,
  ) {
    super(`${operation} could not be carried out now`, options);
  }
}

/** The account's fixed number of API keys (10,000 per Region) is used up; repeating the call does not help. */
export class KeyQuotaExceededError extends Error {}

interface AwsFailure {
  readonly name: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly retryAfterSeconds?: string;
}

const THROTTLED = new Set(['TooManyRequestsException', 'LimitExceededException', 'ThrottlingException']);
const OUTAGE = new Set([
  'AbortError',
  'TimeoutError',
  'ServiceUnavailableException',
  'InternalErrorException',
  'InternalFailure',
]);
const SOCKET = /^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR)/;
const DEFAULT_RETRY_SECONDS = 2;

/** Makes one AWS call; throttling, conflicts and outages come out as AwsUnavailableError, all else as it is. */
export async function ask<T>(operation: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!isPassing(error)) throw error;
    throw new AwsUnavailableError(operation, retrySeconds(error), { cause: error });
  }
}

/** The same, with `null` in place of the failures named: the one thing asked for is absent, or already there. */
export async function askOr<T>(operation: string, names: readonly string[], call: () => Promise<T>): Promise<T | null> {
  try {
    return await ask(operation, call);
  } catch (error) {
    if (isNamed(error, names)) return null;
    throw error;
  }
}

export function isNamed(error: unknown, names: readonly string[]): boolean {
  return isAwsFailure(error) && names.includes(error.name);
}

function isPassing(error: unknown): boolean {
  if (!isAwsFailure(error)) return false;
  const status = error.$metadata?.httpStatusCode ?? 0;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return THROTTLED.has(error.name) || OUTAGE.has(error.name) || SOCKET.test(code) || status >= 500 || status === 429;
}

function retrySeconds(error: unknown): number {
  const hint = isAwsFailure(error) ? Number(error.retryAfterSeconds) : Number.NaN;
  return Number.isFinite(hint) && hint > 0 ? Math.min(Math.ceil(hint), 60) : DEFAULT_RETRY_SECONDS;
}

function isAwsFailure(error: unknown): error is AwsFailure & Error {
  return error instanceof Error;
}
