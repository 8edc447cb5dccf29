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

/** The credentials are good, and the policy does not allow the call. */
export class AccessDeniedError extends Error {
  constructor(
    readonly operation: string,
    options?: ErrorOptions,
  ) {
    super(`${operation} is not allowed`, options);
  }
}

export type Outcome = 'ok' | 'throttled' | 'conflict' | 'unavailable' | 'failed';

interface AwsFailure {
  readonly name: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly retryAfterSeconds?: string;
}

const FULL = 'LimitExceededException';
/** What an account has room for a fixed number of. */
const COUNTED = ['CreateApiKey', 'CreateUsagePlan'];
const THROTTLED = new Set(['TooManyRequestsException', FULL, 'ThrottlingException']);
const OUTAGE = new Set([
  'AbortError',
  'TimeoutError',
  'ServiceUnavailableException',
  'InternalErrorException',
  'InternalFailure',
  'KMSInternalException',
]);
/** That something is absent is an answer like another. */
const ABSENT = ['NotFoundException', 'UserNotFoundException'];
/** All conflicts bear one name. This text alone means that nothing is wrong with the call: API Gateway was at another change. */
const CONCURRENT = /^Unable to complete operation due to concurrent modification\b/;
const SOCKET = /^(EADDRNOTAVAIL|ECONN|EMFILE|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR)/;
const DEFAULT_RETRY_SECONDS = 2;
const MOST_RETRY_SECONDS = 60;

/** The reply, or `null` in place of the failures named: the one thing asked for is absent, or already there. */
export async function orNull<T>(names: readonly string[], reply: Promise<T>): Promise<T | null> {
  try {
    return await reply;
  } catch (error) {
    if (isNamed(error, names)) return null;
    throw error;
  }
}

export function isNamed(error: unknown, names: readonly string[]): boolean {
  return isAwsFailure(error) && names.includes(error.name);
}

/** Whether the same call may succeed later: throttling, outages, connections that fail, another change at the same time. */
export function isPassing(error: unknown): boolean {
  const outcome = outcomeOf(error);
  return outcome === 'throttled' || outcome === 'unavailable' || isConcurrent(error);
}

/** What IAM answers for want of a right; `NotAuthorizedException` is Cognito's word for it. */
export function isDenied(error: unknown): boolean {
  return isNamed(error, ['AccessDeniedException', 'NotAuthorizedException', 'UnauthorizedException']);
}

/** Whether AWS answered that it did not carry out the call; anything else leaves that open. */
export function isNotCarriedOut(error: unknown): boolean {
  const status = (isAwsFailure(error) && error.$metadata?.httpStatusCode) || 0;
  return status >= 400 && status < 500;
}

/**
 * Whether nothing came of the call, and nothing of the same call before it: AWS will not have it as it is. That a name is taken is
 * no such answer: an attempt whose reply was lost may have taken it.
 */
export function isRefused(error: unknown): boolean {
  if (error instanceof AccessDeniedError) return true;
  return isNotCarriedOut(error) && outcomeOf(error) === 'failed' && !isNamed(error, ['UsernameExistsException']);
}

export function isThrottled(error: unknown): boolean {
  return outcomeOf(error) === 'throttled';
}

/** One exception name stands for the rate and for the account's number of keys, or plans; only the latter outlasts the retries. */
export function isFullQuota(operation: string, error: unknown): boolean {
  return COUNTED.includes(operation) && isNamed(error, [FULL]);
}

export function outcomeOf(error: unknown): Outcome {
  if (!isAwsFailure(error)) return 'failed';
  const status = error.$metadata?.httpStatusCode ?? 0;
  if (THROTTLED.has(error.name) || status === 429) return 'throttled';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (OUTAGE.has(error.name) || SOCKET.test(code) || status >= 500) return 'unavailable';
  if (isNamed(error, ABSENT)) return 'ok';
  return isNamed(error, ['ConflictException']) ? 'conflict' : 'failed';
}

/** What AWS asks for, at most a minute; null = nothing. */
export function retryAfterSeconds(error: unknown): number | null {
  const hint = isAwsFailure(error) ? Number(error.retryAfterSeconds) : Number.NaN;
  return Number.isFinite(hint) && hint > 0 ? Math.min(Math.ceil(hint), MOST_RETRY_SECONDS) : null;
}

/** The same for those who are told when to come back. */
export function retrySeconds(error: unknown): number {
  return retryAfterSeconds(error) ?? DEFAULT_RETRY_SECONDS;
}

function isConcurrent(error: unknown): boolean {
  return isAwsFailure(error) && isNamed(error, ['ConflictException']) && CONCURRENT.test(error.message);
}

function isAwsFailure(error: unknown): error is AwsFailure & Error {
  return error instanceof Error;
}
