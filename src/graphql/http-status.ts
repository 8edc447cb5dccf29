import type { ApolloServerPlugin } from '@apollo/server';
import type { GraphQLFormattedError } from 'graphql';
import { LRUCache } from 'lru-cache';
import { REFUSAL_CODES, REFUSAL_STATUS } from '../problem.js';

export const GRAPHQL_PATH = '/graphql';
export const MOST_ERRORS = 5;
export const JSON_TYPE = 'application/json';
export const GRAPHQL_TYPE = 'application/graphql-response+json';
const OK = 200;
const BAD_REQUEST = 400;
const FAULT = 500;

/** A request that is not one for GraphQL at all keeps the status that Apollo gives it. */
const NOT_GRAPHQL = new Set(['BAD_REQUEST', 'PERSISTED_QUERY_NOT_SUPPORTED']);

/**
 * The status of a reply, as "GraphQL over HTTP" has it: clients that accept `application/json` look for errors in the
 * body and get 200; those that ask for `application/graphql-response+json` get what happened as a status too.
 */
export const httpStatus: ApolloServerPlugin = {
  requestDidStart: async () => ({
    willSendResponse: async ({ request, response: { body, http } }) => {
      if (body.kind !== 'single') return;
      const { errors, data } = body.singleResult;
      const [error] = errors ?? [];
      if (!errors || !error) return;
      body.singleResult.errors = errors.slice(0, MOST_ERRORS);
      if (data || NOT_GRAPHQL.has(codeOf(error))) return;
      const { status, retryAfter } = failedHead(error, prefersGraphqlType(request.http?.headers.get('accept')));
      http.status = status;
      if (retryAfter !== null) http.headers.set('retry-after', retryAfter);
    },
  }),
};

/** What the head says of a reply without data. */
export function failedHead(
  error: GraphQLFormattedError,
  isGraphqlType: boolean,
): { readonly status: number; readonly retryAfter: string | null } {
  if (!isGraphqlType) return { status: OK, retryAfter: null };
  const seconds = error.extensions?.retryAfterSeconds;
  return { status: statusOf(error), retryAfter: seconds ? String(seconds) : null };
}

/** Whether the client would rather have `application/graphql-response+json` than plain JSON; as Apollo chooses. */
export function prefersGraphqlType(accept = ''): boolean {
  return preferredType(accept) === GRAPHQL_TYPE;
}

/** Clients of one kind say the same each time. */
const preferred = new LRUCache<string, { readonly type: string | null }>({ max: 100 });

/** Which of the two types the client names and likes best; null = it names neither. */
export function preferredType(accept: string): string | null {
  const known = preferred.get(accept);
  if (known) return known.type;
  const type = typeIn(accept);
  preferred.set(accept, { type });
  return type;
}

function typeIn(accept: string): string | null {
  const types = accept.split(',').map((part) => {
    const [type = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
    const quality = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
    return { type, quality: quality === undefined ? 1 : Number(quality) };
  });
  const known = types.filter(({ type, quality }) => quality > 0 && [JSON_TYPE, GRAPHQL_TYPE].includes(type));
  known.sort((a, b) => b.quality - a.quality);
  return known[0]?.type ?? null;
}

function statusOf(error: GraphQLFormattedError): number {
  const code = codeOf(error);
  const refusal = REFUSAL_CODES.find((known) => known === code);
  if (refusal) return REFUSAL_STATUS[refusal];
  return code === 'INTERNAL_SERVER_ERROR' ? FAULT : BAD_REQUEST;
}

function codeOf({ extensions }: GraphQLFormattedError): string {
  return String(extensions?.code);
}
