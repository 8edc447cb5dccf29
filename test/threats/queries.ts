import {
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLOutputType,
  getNamedType,
  getNullableType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isRequiredArgument,
  isRequiredInputField,
} from 'graphql';

/** A root field with the arguments that it needs and the least that can be selected; texts are `text`. */
export function fieldText({ name, args, type }: GraphQLField<unknown, unknown>, text = 'nobody000'): string {
  const given = args.filter(isRequiredArgument).map((arg) => `${arg.name}: ${valueText(arg.type, text)}`);
  return `${name}${given.length > 0 ? `(${given.join(', ')})` : ''}${isComposite(type) ? ' { __typename }' : ''}`;
}

function isComposite(type: GraphQLOutputType): boolean {
  return isCompositeType(getNamedType(type));
}

const SCALARS: Readonly<Record<string, string>> = {
  Int: '1',
  Float: '1.5',
  Count: '1',
  Boolean: 'false',
  Date: '"2026-11-01"',
  DateTime: '"2026-11-01T00:00:00Z"',
};

function valueText(given: GraphQLInputType, text: string): string {
  const type = getNullableType(given);
  if (isListType(type)) return `[${valueText(type.ofType, text)}]`;
  if (isEnumType(type)) return type.getValues()[0]?.name ?? '';
  if (!isInputObjectType(type)) return SCALARS[type.name] ?? JSON.stringify(text);
  const fields = Object.values(type.getFields()).filter(isRequiredInputField);
  return `{ ${fields.map((field) => `${field.name}: ${valueText(field.type, text)}`).join(', ')} }`;
}
