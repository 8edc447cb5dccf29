import {
  type DocumentNode,
  type FieldNode,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLSchema,
  getNullableType,
  getVariableValues,
  isInputObjectType,
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
  /** The arguments, and in place of an input its members, by the names that the schema gives them. */
  readonly members: readonly (readonly [name: string, value: unknown])[];
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
  const members = field.args.flatMap(({ name, type }) => membersOf(name, type, args[name]));
  return { name: field.name, takesUser: takes('userId'), takesReason: takes('reason'), args, members };
}

/** Nobody has checked the value: a member that the schema does not know is a text of the caller's. */
function membersOf(name: string, type: GraphQLInputType, value: unknown): MutationCall['members'] {
  const input = getNullableType(type);
  if (!isInputObjectType(input) || value === null) return [[name, value]];
  const given: Readonly<Record<string, unknown>> = typeof value === 'object' ? { ...value } : {};
  return Object.values(input.getFields()).flatMap((field) => membersOf(field.name, field.type, given[field.name]));
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
