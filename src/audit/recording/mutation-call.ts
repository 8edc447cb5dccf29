import {
  type DocumentNode,
  type FieldNode,
  type GraphQLField,
  type GraphQLSchema,
  getVariableValues,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  valueFromASTUntyped,
} from 'graphql';

/** A mutation as it was asked for, before anybody has looked whether its arguments are any good. */
export interface MutationCall {
  readonly name: string;
  readonly takesUser: boolean;
  readonly takesReason: boolean;
  readonly args: Readonly<Record<string, unknown>>;
}

/** The mutations that an operation names, by whatever alias or fragment. */
export function mutationsOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  given: Readonly<Record<string, unknown>>,
): readonly MutationCall[] {
  const fields = schema.getMutationType()?.getFields() ?? {};
  const coerced = getVariableValues(schema, operation.variableDefinitions ?? [], given).coerced;
  return rootFields(operation.selectionSet, document).flatMap((node) => {
    const field = fields[node.name.value];
    return field ? [callOf(field, node, coerced ?? given)] : [];
  });
}

function callOf(field: GraphQLField<unknown, unknown>, node: FieldNode, variables: Readonly<Record<string, unknown>>) {
  const defaults = field.args.map(({ name, defaultValue }) => [name, defaultValue] as const);
  const given = (node.arguments ?? []).map(
    ({ name, value }) => [name.value, valueFromASTUntyped(value, variables)] as const,
  );
  const takes = (name: string) => field.args.some((arg) => arg.name === name);
  const args = Object.fromEntries([...defaults, ...given].filter(([, value]) => value !== undefined));
  return { name: field.name, takesUser: takes('userId'), takesReason: takes('reason'), args };
}

function rootFields({ selections }: SelectionSetNode, document: DocumentNode): readonly FieldNode[] {
  return selections.flatMap((node) => {
    if (node.kind === Kind.FIELD) return [node];
    if (node.kind === Kind.INLINE_FRAGMENT) return rootFields(node.selectionSet, document);
    const fragment = document.definitions.find(
      (definition) => definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === node.name.value,
    );
    return fragment?.kind === Kind.FRAGMENT_DEFINITION ? rootFields(fragment.selectionSet, document) : [];
  });
}
