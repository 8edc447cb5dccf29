import type { ApolloServerPlugin, GraphQLRequestContext } from '@apollo/server';
import {
  type DocumentNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { notesOf } from '../audit/audit-notes.js';
import type { Metrics } from '../metrics.js';
import { currentTrace } from '../request-trace.js';
import { enterSpan } from '../tracing/span.js';

const OF_THE_LANGUAGE = ['__schema', '__type', '__typename'];
const INVALID = 'invalid';
const MOST_NAMED = 3;
/** Counted from 0 on: a series that only begins with its first fault shows Prometheus no increase by it. */
const FAULT = 'INTERNAL_SERVER_ERROR';

/** Counts and traces operations by their root fields. A client chooses no name: what is not in the schema is `invalid`. */
export function operationWatch({ graphqlOperations }: Metrics): ApolloServerPlugin {
  return {
    serverWillStart: async ({ schema }) => {
      for (const type of [schema.getQueryType(), schema.getMutationType()]) {
        for (const field of Object.keys(type?.getFields() ?? {})) graphqlOperations.inc({ field, outcome: FAULT }, 0);
      }
    },
    requestDidStart: async () => {
      let entered: ReturnType<typeof enterSpan> = null;
      return {
        didResolveOperation: async (asked) => {
          const type = asked.operation?.operation ?? INVALID;
          entered = enterSpan(`${type} ${fieldsOf(asked).slice(0, MOST_NAMED).join(' ')}`, 'internal');
          entered?.span.set('graphql.operation.type', type);
        },
        willSendResponse: async (asked) => {
          const outcome = outcomeOf(asked);
          for (const field of fieldsOf(asked)) graphqlOperations.inc({ field, outcome });
          entered?.span.set('turnpike.outcome', outcome);
          if (outcome === FAULT) entered?.span.fail();
          entered?.end();
        },
      };
    },
  };
}

/** As in the audit trail, what a mutation answered decides: what went wrong below it did not undo it. */
function outcomeOf({ response }: GraphQLRequestContext<object>): string {
  const [error] = response.body?.kind === 'single' ? (response.body.singleResult.errors ?? []) : [];
  const code = error && String(error.extensions?.code);
  return notesOf(currentTrace())?.answered ?? code ?? 'ok';
}

/** Documents that come again are the same objects. */
const fieldsByOperation = new WeakMap<OperationDefinitionNode, readonly string[]>();

/** Each root field once, whatever its aliases. */
function fieldsOf({ operation, document, schema }: GraphQLRequestContext<object>): readonly string[] {
  if (!operation || !document) return [INVALID];
  const found = fieldsByOperation.get(operation) ?? fieldsIn(operation, document, schema);
  fieldsByOperation.set(operation, found);
  return found;
}

/** The same of a document that is known without a request. */
export function fieldsIn(
  operation: OperationDefinitionNode,
  document: DocumentNode,
  schema: GraphQLSchema,
): readonly string[] {
  const known = knownFields(schema, operation);
  const asked = new Set(namesIn(operation.selectionSet, document));
  const fields = [...asked].filter((name) => known.has(name));
  return fields.length > 0 ? fields : [INVALID];
}

function knownFields(schema: GraphQLSchema, { operation }: OperationDefinitionNode): ReadonlySet<string> {
  return new Set([...Object.keys(schema.getRootType(operation)?.getFields() ?? {}), ...OF_THE_LANGUAGE]);
}

function namesIn({ selections }: SelectionSetNode, document: DocumentNode): readonly string[] {
  return selections.flatMap((node) => {
    if (node.kind === Kind.FIELD) return [node.name.value];
    if (node.kind === Kind.INLINE_FRAGMENT) return namesIn(node.selectionSet, document);
    const fragment = document.definitions.find(
      (definition) => definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === node.name.value,
    );
    return fragment?.kind === Kind.FRAGMENT_DEFINITION ? namesIn(fragment.selectionSet, document) : [];
  });
}
