import { type ApolloServerPlugin, type GraphQLRequestContext, HeaderMap } from '@apollo/server';
import {
  type DocumentNode,
  type ExecutionResult,
  GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
  OperationTypeNode,
} from 'graphql';
import { type CompiledQuery, compileQuery, isCompiledQuery } from 'graphql-jit';
import { LRUCache } from 'lru-cache';
import { roomFor } from '../cache-options.js';
import { fieldsWrittenOut, hasAlias, hasDirectives, isPlain, nullsLetThrough } from './document-limits.js';
import { MOST_ERRORS } from './http-status.js';

/** To compile takes as long as to execute some dozen times: for a document that comes once that is a loss. */
const TIMES_BEFORE = 5;
const MOST_COMPILED = 200;
const MOST_COUNTED = 2000;
/** With fragments written out. More would hold everybody up while they are compiled. */
const MOST_FIELDS = 100;
/** Of all that is kept compiled: each takes some kilobytes. */
export const MOST_FIELDS_KEPT = 4000;

export type Format = (formatted: GraphQLFormattedError, error: unknown) => GraphQLFormattedError;

/** Is told of a document that comes often, and that passed all that documents have to pass. */
type Learn = (schema: GraphQLSchema, text: string, document: DocumentNode, compiled: CompiledQuery) => void;
/** By the name of the operation. Null = it is left to graphql-js. */
type Forms = ReadonlyMap<string | null, CompiledQuery | null>;

/**
 * Executes queries that come often as functions made for them (graphql-jit) instead of by walking their documents. The
 * same resolvers, guards and errors; mutations, and what variables are wrong in, are left to graphql-js.
 */
export function compiledQueries(format: Format, learn: Learn): ApolloServerPlugin {
  const compiled = new LRUCache<DocumentNode, Forms>({
    max: MOST_COMPILED,
    maxSize: MOST_FIELDS_KEPT,
    sizeCalculation: (forms, document) => forms.size * Math.min(MOST_FIELDS, fieldsWrittenOut(document) + 1),
  });
  const counts = new LRUCache<DocumentNode, number>(roomFor(MOST_COUNTED));

  function queryOf({ document, operation, schema, source }: GraphQLRequestContext<object>): CompiledQuery | null {
    if (!document || operation?.operation !== OperationTypeNode.QUERY) return null;
    const name = operation.name?.value ?? null;
    const known = compiled.get(document)?.get(name);
    if (known !== undefined) return known;
    const times = (counts.get(document) ?? 0) + 1;
    counts.set(document, times);
    if (times <= TIMES_BEFORE) return null;
    const query = compiledOf(schema, document, name);
    if (query && source !== undefined) learn(schema, source, document, query);
    compiled.set(document, new Map([...(compiled.get(document) ?? []), [name, query]]));
    return query;
  }

  return {
    requestDidStart: async () => ({
      responseForOperation: async (asked) => {
        const query = queryOf(asked);
        if (!query) return null;
        const result = await query.query(undefined, asked.contextValue, asked.request.variables ?? {});
        if (isAboutVariables(result)) return null;
        const { data, errors } = result;
        const singleResult = errors ? { errors: formattedErrors(errors, format), data } : { data };
        return { http: { headers: new HeaderMap() }, body: { kind: 'single', singleResult } };
      },
    }),
  };
}

/** Null = graphql-jit cannot do it, or not as graphql-js does. */
export function compiledOf(schema: GraphQLSchema, document: DocumentNode, name: string | null): CompiledQuery | null {
  if (!isForJit(document)) return null;
  const made = compileQuery(schema, document, name ?? undefined, { disablingCapturingStackErrors: true });
  return isCompiledQuery(made) ? withoutNulls(made, nullsLetThrough(schema, document)) : null;
}

/**
 * graphql-jit decides what `@include` and `@skip` leave out at the first mention of a fragment or a field, for all places where
 * it stands, and gives a member that is called `__proto__` away.
 */
function isForJit(document: DocumentNode): boolean {
  const isMixedUp = hasDirectives(document) && !isPlain(document);
  return !isMixedUp && !hasAlias(document, '__proto__') && fieldsWrittenOut(document) <= MOST_FIELDS;
}

const LEFT: ExecutionResult = { errors: [new GraphQLError('A variable is null where it may not be')] };

/** graphql-jit goes on with a null that graphql-js refuses while it executes: what has one is left to that. */
function withoutNulls(made: CompiledQuery, names: readonly string[]): CompiledQuery {
  if (names.length === 0) return made;
  const query: CompiledQuery['query'] = (root, context, variables) =>
    names.some((name) => variables?.[name] === null) ? LEFT : made.query(root, context, variables);
  return { ...made, query };
}

/** Nothing has been executed: graphql-js has the words for what is wrong. */
export function isAboutVariables({ errors }: ExecutionResult): boolean {
  return errors?.some(({ path }) => path === undefined) ?? false;
}

/** As a reply shows them. */
export function formattedErrors(errors: readonly GraphQLError[], format: Format): GraphQLFormattedError[] {
  return errors.slice(0, MOST_ERRORS).map((error) => format(error.toJSON(), error));
}
