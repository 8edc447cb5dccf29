import {
  GraphQLBoolean,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedOutputType,
  GraphQLNonNull,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
} from 'graphql';
import { pick, upTo } from '../faults/seeded.js';

export interface MadeRequest {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

type Field = GraphQLField<unknown, unknown>;

const DEPTH = 6;
const CONDITION = new GraphQLNonNull(GraphQLBoolean);
const TEXTS: readonly [string, ...string[]] = [
  'free',
  'pro',
  '',
  ' ',
  'nobody',
  '0',
  '../x',
  '" or ""="',
  '\u0000',
  '\u{1F511}',
  'é\u0301',
  '__proto__',
  'constructor',
  'us-east-1_Sandbox01',
  '00000000-0000-0000-0000-000000000000',
  '%s%n',
  '{{7*7}}',
  '<script>',
  'a'.repeat(300),
  'null',
];
const NUMBERS: readonly [number, ...number[]] = [0, 1, -1, 2, 100, 2_147_483_647, -2_147_483_648];
const DAYS: readonly [string, ...string[]] = ['2026-11-01', '2026-11-30', '1970-01-01', '9999-12-31', '0001-01-01'];
/** What a value may be turned into that the schema does not allow. */
const WRONG: readonly [unknown, ...unknown[]] = [
  null,
  true,
  -1,
  2 ** 53,
  1e300,
  'x',
  [],
  {},
  [[]],
  { __proto__: 1 },
  ['free'],
  0.1,
];
const NOISE: readonly [string, ...string[]] = [
  '{',
  '}',
  '(',
  ')',
  '$',
  '@',
  '...',
  '"',
  '"""',
  '#',
  '!',
  ':',
  '&',
  '|',
  '\u0000',
  '\uFEFF',
  '💥',
  '$x',
  '1e999',
  '__typename',
  'fragment',
  'on',
];

/** Requests over a schema, by chance: those that fit it, and those that nearly do. */
export class QueryMaker {
  private variables: { name: string; type: string; value: unknown }[] = [];
  private count = 0;

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly chance: () => number,
    /** Ids that exist, so that not every request about somebody ends at once. */
    private readonly ids: readonly string[] = [],
  ) {}

  valid(): MadeRequest {
    this.variables = [];
    const types = [this.schema.getQueryType(), this.schema.getMutationType()].filter(isObjectType);
    const type = this.isLikely(0.5) ? types[0] : types.at(-1);
    if (!type) throw new Error('the schema has no root types');
    const fields = Object.values(type.getFields());
    const chosen = type.name === 'Query' ? fields.filter(() => this.isLikely(0.6)) : [];
    const [first, ...rest] = chosen.length > 0 ? chosen : [this.one(fields)];
    const text = [first, ...rest].map((field) => (field ? this.field(field, DEPTH) : '')).join(' ');
    const declared = this.variables.map(({ name, type: of }) => `$${name}: ${of}`).join(', ');
    const head = `${type.name.toLowerCase()} ${this.isLikely(0.5) || declared ? `Made${declared && `(${declared})`}` : ''}`;
    const variables = Object.fromEntries(this.variables.map(({ name, value }) => [name, value]));
    return { query: `${head} { ${text} }`, variables };
  }

  /** A good request with something broken in the text, or in the variables. */
  broken(): MadeRequest {
    const { query, variables } = this.valid();
    const names = Object.keys(variables);
    if (names.length > 0 && this.isLikely(0.4)) {
      return { query, variables: { ...variables, [this.one(names)]: pick(this.chance, WRONG) } };
    }
    let text = query;
    for (let i = upTo(this.chance, 3); i > 0; i--) text = this.brokenOnce(text);
    return { query: text, variables };
  }

  private brokenOnce(text: string): string {
    const at = Math.floor(this.chance() * text.length);
    const noise = pick(this.chance, NOISE);
    const ways = [
      () => text.slice(0, at) + text.slice(at + upTo(this.chance, 5)),
      () => text.slice(0, at) + noise + text.slice(at),
      () => text.slice(0, at),
      () => text.slice(0, at) + text.slice(Math.max(0, at - 20)),
      () => text.replace(/\w+/g, (word) => (this.isLikely(0.1) ? `${word}x` : word)),
      () => text.replace(/: ("[^"]*"|\$?\w+)/, `: ${JSON.stringify(pick(this.chance, WRONG))}`),
      () => [...text].reverse().join(''),
    ] as const;
    return pick(this.chance, ways)();
  }

  private field(field: Field, depth: number): string {
    const alias = this.isLikely(0.1) ? `a${++this.count}: ` : '';
    const given = field.args
      .filter((arg) => isRequiredArgument(arg) || this.isLikely(0.5))
      .map((arg) => `${arg.name}: ${this.value(arg.type, arg.defaultValue !== undefined)}`);
    const args = given.length > 0 ? `(${given.join(', ')})` : '';
    const directive = this.isLikely(0.03) ? ` @include(if: ${this.value(CONDITION, false)})` : '';
    return `${alias}${field.name}${args}${directive}${this.selection(getNamedType(field.type), depth - 1)}`;
  }

  private selection(type: GraphQLNamedOutputType, depth: number): string {
    if (isLeafType(type)) return '';
    if (!isObjectType(type) && !isInterfaceType(type)) {
      const members = this.schema.getPossibleTypes(type).filter(() => this.isLikely(0.7));
      return ` { __typename ${members.map((member) => `... on ${member.name}${this.selection(member, depth)}`).join(' ')} }`;
    }
    const fields = Object.values(type.getFields()).filter(
      (field) => this.isLikely(0.5) && (depth > 1 || isLeafType(getNamedType(field.type))),
    );
    return ` { __typename ${fields.map((field) => this.plain(field, depth)).join(' ')} }`;
  }

  /** Within unions the same name may stand for several types: those fields keep their names, so that they never clash. */
  private plain(field: Field, depth: number): string {
    return field.args.length > 0 || this.isLikely(0.05)
      ? `a${++this.count}: ${this.field(field, depth).replace(/^a\d+: /, '')}`
      : `${field.name}${this.selection(getNamedType(field.type), depth - 1)}`;
  }

  private value(type: GraphQLInputType, hasDefault: boolean): string {
    return this.isLikely(0.4) ? this.variable(type, hasDefault) : this.literal(type);
  }

  /** Some may be null where null may not stand, which is allowed where the place has a default, or the variable. */
  private variable(type: GraphQLInputType, hasDefault: boolean): string {
    const name = `v${this.variables.length}`;
    if (isNonNullType(type) && this.isLikely(0.3)) {
      const preset = hasDefault && this.isLikely(0.5) ? '' : ` = ${this.constant(type)}`;
      const value = pick(this.chance, [null, undefined, this.plainValue(type)]);
      this.variables.push({ name, type: `${type.ofType}${preset}`, value });
    } else this.variables.push({ name, type: String(type), value: this.plainValue(type) });
    return `$${name}`;
  }

  private literal(given: GraphQLInputType): string {
    const type = getNullableType(given);
    if (!isInputObjectType(type)) return this.constant(given);
    const members = Object.values(type.getFields()).map(
      (field) => `${field.name}: ${this.value(field.type, field.defaultValue !== undefined)}`,
    );
    return `{ ${members.join(', ')} }`;
  }

  private constant(type: GraphQLInputType): string {
    return asLiteral(this.plainValue(type), getNamedType(type));
  }

  private plainValue(given: GraphQLInputType): unknown {
    if (!isNonNullType(given) && this.isLikely(0.2)) return null;
    const type = getNullableType(given);
    if (isListType(type)) return Array.from({ length: upTo(this.chance, 3) }, () => this.plainValue(type.ofType));
    if (isEnumType(type)) return this.one(type.getValues()).name;
    if (isInputObjectType(type)) {
      const fields = Object.values(type.getFields());
      return Object.fromEntries(fields.map((field) => [field.name, this.plainValue(field.type)]));
    }
    switch (type.name) {
      case 'Boolean':
        return this.isLikely(0.5);
      case 'Int':
        return pick(this.chance, NUMBERS);
      case 'Count':
        return Math.abs(pick(this.chance, NUMBERS));
      case 'Float':
        return pick(this.chance, NUMBERS) / 2;
      case 'Date':
        return pick(this.chance, DAYS);
      case 'DateTime':
        return `${pick(this.chance, DAYS)}T12:00:00Z`;
      case 'ID':
        return this.one([...TEXTS, ...this.ids, ...this.ids, ...this.ids, ...this.ids]);
      default:
        return pick(this.chance, TEXTS);
    }
  }

  private isLikely(share: number): boolean {
    return this.chance() < share;
  }

  private one<T>(choices: readonly T[]): T {
    const [first, ...rest] = choices;
    if (first === undefined) throw new Error('there is nothing to choose from');
    return pick(this.chance, [first, ...rest]);
  }
}

function asLiteral(value: unknown, type: ReturnType<typeof getNamedType>): string {
  if (Array.isArray(value)) return `[${value.map((item) => asLiteral(item, type)).join(', ')}]`;
  if (value !== null && typeof value === 'object' && isInputObjectType(type)) {
    const fields = type.getFields();
    const members = Object.entries(value).map(([name, member]) => {
      const of = fields[name]?.type;
      return `${name}: ${of ? asLiteral(member, getNamedType(of)) : 'null'}`;
    });
    return `{ ${members.join(', ')} }`;
  }
  if (isEnumType(type) && typeof value === 'string') return value;
  return JSON.stringify(value);
}
