import { randomUUID } from 'node:crypto';
import { unwrapResolverError } from '@apollo/server/errors';
import { Logger } from '@nestjs/common';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { AwsUnavailableError, KeyQuotaExceededError } from '../aws/failures.js';
import { describeFault } from '../log.js';
import { AtCapacityError, Refusal, TryAgainError } from '../problem.js';
import { withoutSecrets } from '../redaction.js';

const MAX_LOCATIONS = 4;
const MAX_MESSAGE = 300;

/** Codes of Apollo and graphql-js whose messages speak of the request and of nothing else. */
const REQUEST_CODES = new Set([
  'BAD_REQUEST',
  'BAD_USER_INPUT',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_SUPPORTED',
]);

/**
 * What graphql-js says of arguments and variables only while it executes, without a code: a null that validation let
 * through because there is a default, and more that is wrong than it lists. Whatever else it says then is about results.
 */
const OF_THE_REQUEST =
  /^(?:Argument "\w+" (?:of (?:non-null|required) type|has invalid value) |Too many errors processing variables\b)/;

const SUGGESTION = ' Did you mean ';

/** Message, place and a documented code for what the caller can mend; a reference, and a line in the log, for the rest. */
export function formatError(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError {
  const place = placeOf(formatted);
  const refusal = refusalOf(error);
  if (refusal) {
    const { message, code, retryAfterSeconds } = refusal;
    return { message, ...place, extensions: { code, ...(retryAfterSeconds ? { retryAfterSeconds } : {}) } };
  }
  const code = codeOf(formatted);
  if (REQUEST_CODES.has(code) && isAboutTheRequest(error)) {
    return { message: withoutSecrets(formatted.message.slice(0, MAX_MESSAGE)), ...place, extensions: { code } };
  }
  const reference = randomUUID();
  new Logger('Fault').error({ reference, path: place.path, error: describeFault(unwrapResolverError(error)) });
  return {
    message: `Something went wrong here. Reference: ${reference}`,
    ...place,
    extensions: { code: 'INTERNAL_SERVER_ERROR', reference },
  };
}

/** The same where the schema is not everybody's: what graphql-js suggests of it, at the end of a message, is left out. */
export function formatErrorUnsuggested(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError {
  const { message } = formatted;
  const end = message.endsWith('?') ? message.lastIndexOf(SUGGESTION) : -1;
  return formatError({ ...formatted, message: end < 0 ? message : message.slice(0, end) }, error);
}

/** Where it happened, as long as that is short: names in a path are the client's own, of any length. */
function placeOf({ locations, path }: GraphQLFormattedError): Pick<GraphQLFormattedError, 'locations' | 'path'> {
  return {
    ...(locations ? { locations: locations.slice(0, MAX_LOCATIONS) } : {}),
    ...(path && path.join().length <= MAX_MESSAGE ? { path } : {}),
  };
}

function refusalOf(error: unknown): Refusal | null {
  const thrown = error instanceof GraphQLError ? (error.originalError ?? error) : error;
  if (thrown instanceof AwsUnavailableError) return new TryAgainError(thrown.retryAfterSeconds, { cause: thrown });
  if (thrown instanceof KeyQuotaExceededError) return new AtCapacityError({ cause: thrown });
  return thrown instanceof Refusal ? thrown : null;
}

function codeOf({ message, extensions }: GraphQLFormattedError): string {
  return OF_THE_REQUEST.test(message) ? 'BAD_USER_INPUT' : String(extensions?.code);
}

/** Anything may carry a code; only what graphql-js and Apollo made themselves is known to hold nothing of ours. */
function isAboutTheRequest(error: unknown): boolean {
  return unwrapResolverError(error) instanceof GraphQLError;
}
