import {
  type ASTVisitor,
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLSchema,
  isNonNullType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  TypeInfo,
  type ValidationContext,
  type VariableNode,
  visit,
  visitWithTypeInfo,
} from 'graphql';

/** For the parser, which stops there: what follows is never read. */
export const MAX_TOKENS = 1000;
const MAX_DEPTH = 8;
const MAX_FIELDS = 500;
const MAX_ALIASES = 30;
const MAX_DIRECTIVES = 9;

/** What a selection asks for when every fragment is written out where it is used. */
interface Extent {
  readonly depth: number;
  readonly fields: number;
  readonly aliases: number;
}

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

const NOTHING: Extent = { depth: 0, fields: 0, aliases: 0 };
const INTROSPECTION = new Set(['__schema', '__type']);

/** A rule of validation: a short request must not be a lot of work, nor one whose fragments multiply. */
export function documentLimits(context: ValidationContext): ASTVisitor {
  return {
    Document: (document) => {
      const excess = excessOf(document);
      if (excess !== null) context.reportError(new GraphQLError(excess));
    },
  };
}

/** How many fields of the root type an operation has. For documents that passed the limits. */
export function rootFields({ selectionSet }: OperationDefinitionNode, document: DocumentNode): number {
  const fragments = fragmentsOf(document);
  const count = ({ selections }: SelectionSetNode): number => sum(selections.map(countIn));
  const countIn = (node: SelectionNode): number => {
    if (node.kind === Kind.FIELD) return 1;
    const inner = node.kind === Kind.INLINE_FRAGMENT ? node : fragments.get(node.name.value);
    return inner ? count(inner.selectionSet) : 0;
  };
  return count(selectionSet);
}

const asking = new WeakMap<DocumentNode, boolean>();

export function asksForSchema(document: DocumentNode): boolean {
  const known = asking.get(document);
  if (known !== undefined) return known;
  let found = false;
  visit(document, {
    Field: ({ name }) => {
      if (INTROSPECTION.has(name.value)) found = true;
    },
  });
  asking.set(document, found);
  return found;
}

/** How many fields all operations ask for when every fragment is written out where it is used. */
export function fieldsWrittenOut(document: DocumentNode): number {
  return extentOf(document).fields;
}

export function hasDirectives(document: DocumentNode): boolean {
  return directivesIn(document) > 0;
}

/** Whether it has no fragments, and mentions no member of an answer twice. */
export function isPlain(document: DocumentNode): boolean {
  let isIt = true;
  visit(document, {
    FragmentDefinition: () => {
      isIt = false;
    },
    SelectionSet: ({ selections }) => {
      const names = selections.map((node) => (node.kind === Kind.FIELD ? (node.alias ?? node.name).value : null));
      if (names.includes(null) || new Set(names).size < names.length) isIt = false;
    },
  });
  return isIt;
}

export function hasAlias(document: DocumentNode, name: string): boolean {
  let found = false;
  visit(document, {
    Field: ({ alias }) => {
      if (alias?.value === name) found = true;
    },
  });
  return found;
}

/** Variables that may be null and stand where null may not: if either has a default, validation lets them through. */
export function nullsLetThrough(schema: GraphQLSchema, document: DocumentNode): readonly string[] {
  const nullable = new Set<string>();
  visit(document, {
    VariableDefinition: ({ variable, type }) => {
      if (type.kind !== Kind.NON_NULL_TYPE) nullable.add(variable.name.value);
    },
  });
  const found = new Set<string>();
  const types = new TypeInfo(schema);
  const note = {
    Variable: ({ name }: VariableNode) => {
      if (nullable.has(name.value) && isNonNullType(types.getInputType())) found.add(name.value);
    },
  };
  if (nullable.size > 0) visit(document, visitWithTypeInfo(types, note));
  return [...found];
}

function excessOf(document: DocumentNode): string | null {
  const extent = extentOf(document);
  if (extent.depth > MAX_DEPTH) return `Ask for at most ${MAX_DEPTH} levels of fields.`;
  if (extent.aliases > MAX_ALIASES) return `Use at most ${MAX_ALIASES} aliases in a request.`;
  if (extent.fields > MAX_FIELDS) return `Ask for at most ${MAX_FIELDS} fields in a request.`;
  return directivesIn(document) > MAX_DIRECTIVES ? `Use at most ${MAX_DIRECTIVES} directives in a request.` : null;
}

/** Each fragment is measured once, however often it is used, so this takes no longer than reading the document. */
function extentOf(document: DocumentNode): Extent {
  const fragments = fragmentsOf(document);
  const known = new Map<string, Extent>();
  const ofFragment = (name: string): Extent => {
    const measured = known.get(name);
    if (measured) return measured;
    known.set(name, NOTHING); // one that uses itself is refused by another rule
    const fragment = fragments.get(name);
    const extent = fragment ? ofSet(fragment.selectionSet) : NOTHING;
    known.set(name, extent);
    return extent;
  };
  const ofNode = (node: SelectionNode): Extent => {
    if (node.kind === Kind.FRAGMENT_SPREAD) return ofFragment(node.name.value);
    if (node.kind === Kind.INLINE_FRAGMENT) return ofSet(node.selectionSet);
    const { depth, fields, aliases } = node.selectionSet ? ofSet(node.selectionSet) : NOTHING;
    // The schema's own form needs many levels, and graphql-js has a rule of its own against going round in it.
    const levels = INTROSPECTION.has(node.name.value) ? 0 : depth;
    return { depth: levels + 1, fields: fields + 1, aliases: aliases + (node.alias ? 1 : 0) };
  };
  const ofSet = ({ selections }: SelectionSetNode): Extent => together(selections.map(ofNode));
  return together(
    document.definitions.flatMap((node) => (node.kind === Kind.OPERATION_DEFINITION ? [ofSet(node.selectionSet)] : [])),
  );
}

function together(extents: readonly Extent[]): Extent {
  return {
    depth: Math.max(0, ...extents.map(({ depth }) => depth)),
    fields: sum(extents.map(({ fields }) => fields)),
    aliases: sum(extents.map(({ aliases }) => aliases)),
  };
}

function directivesIn(document: DocumentNode): number {
  let directives = 0;
  visit(document, {
    Directive: () => {
      directives += 1;
    },
  });
  return directives;
}

function fragmentsOf(document: DocumentNode): Fragments {
  return new Map(
    document.definitions.flatMap((node) =>
      node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node] as const] : [],
    ),
  );
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
