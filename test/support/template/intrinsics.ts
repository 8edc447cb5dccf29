import type { Template } from './template-file.js';

/** What `!Ref AWS::NoValue` leaves: nothing at all. */
export const NO_VALUE = Symbol('AWS::NoValue');

/** What a value may refer to. */
export interface Scope {
  readonly parameters: Readonly<Record<string, string>>;
  readonly pseudo: Readonly<Record<string, string>>;
  readonly template: Template;
  /** What `!Ref` of a resource means. */
  ref(logicalId: string): Promise<string>;
  attribute(logicalId: string, name: string): Promise<string>;
}

type Function = (argument: unknown, scope: Scope) => Promise<unknown>;

const FUNCTIONS: Readonly<Record<string, Function>> = {
  Ref: (name, scope) => reference(text(name), scope),
  'Fn::GetAtt': async (argument, scope) => {
    const [id, name] = list(argument, 2).map(text);
    return scope.attribute(id ?? '', name ?? '');
  },
  'Fn::Sub': async (argument, scope) => {
    if (typeof argument === 'string') return substituted(argument, {}, scope);
    const [template, names] = list(argument, 2);
    return substituted(text(template), Object(await evaluated(names, scope)), scope);
  },
  'Fn::If': async (argument, scope) => {
    const [condition, yes, no] = list(argument, 3);
    return evaluated(holds({ Condition: condition }, scope) ? yes : no, scope);
  },
  'Fn::FindInMap': async (argument, scope) => {
    const [map, first, second] = (await Promise.all(list(argument, 3).map((part) => evaluated(part, scope)))).map(text);
    const found = scope.template.Mappings[map ?? '']?.[first ?? '']?.[second ?? ''];
    if (found === undefined) throw new Error(`Mappings has no ${map}.${first}.${second}`);
    return found;
  },
  'Fn::Split': async (argument, scope) => {
    const [delimiter, whole] = list(argument, 2);
    return text(await evaluated(whole, scope)).split(text(delimiter));
  },
};

/** The value with all its intrinsic functions worked out; one that is not known here is an error. */
export async function evaluated(value: unknown, scope: Scope): Promise<unknown> {
  if (Array.isArray(value)) {
    const items: unknown[] = [];
    for (const item of value) items.push(await evaluated(item, scope));
    return items.filter((item) => item !== NO_VALUE);
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [[name, argument] = ['', undefined], ...others] = entries;
  if (others.length === 0 && (name === 'Ref' || name.startsWith('Fn::'))) {
    const run = FUNCTIONS[name];
    if (!run) throw new Error(`The loader does not know ${name}`);
    return run(argument, scope);
  }
  const done: [string, unknown][] = [];
  for (const [key, part] of entries) done.push([key, await evaluated(part, scope)]);
  return Object.fromEntries(done.filter(([, part]) => part !== NO_VALUE));
}

/** Whether a condition holds; conditions see parameters alone. */
export function holds(condition: unknown, scope: Pick<Scope, 'parameters' | 'template'>): boolean {
  const [[name, argument] = ['', undefined], ...others] = Object.entries(Object(condition));
  if (others.length > 0) throw new Error(`${JSON.stringify(condition)} is no condition`);
  const all = () => list(argument).map((part) => holds(part, scope));
  switch (name) {
    case 'Condition': {
      const named = scope.template.Conditions[text(argument)];
      if (named === undefined) throw new Error(`There is no condition ${text(argument)}`);
      return holds(named, scope);
    }
    case 'Fn::Equals': {
      const [one, other] = list(argument, 2).map((part) => plain(part, scope));
      return one === other;
    }
    case 'Fn::Not':
      return !all()[0];
    case 'Fn::And':
      return all().every(Boolean);
    case 'Fn::Or':
      return all().some(Boolean);
    default:
      throw new Error(`The loader does not know the condition ${name}`);
  }
}

function plain(value: unknown, { parameters }: Pick<Scope, 'parameters'>): string {
  if (typeof value !== 'object') return String(value);
  const parameter = parameters[text(Object(value).Ref)];
  if (parameter === undefined) throw new Error(`${JSON.stringify(value)} is no parameter`);
  return parameter;
}

async function reference(name: string, scope: Scope): Promise<unknown> {
  if (name === 'AWS::NoValue') return NO_VALUE;
  const known = scope.parameters[name] ?? scope.pseudo[name];
  if (known !== undefined) return known;
  if (name.startsWith('AWS::')) throw new Error(`The loader does not know ${name}`);
  return scope.ref(name);
}

async function substituted(template: string, names: Record<string, unknown>, scope: Scope): Promise<string> {
  let result = '';
  let from = 0;
  for (const { 0: whole, 1: name = '', index } of template.matchAll(/\$\{([^}]+)\}/g)) {
    result += template.slice(from, index) + (await variable(name));
    from = index + whole.length;
  }
  return result + template.slice(from);

  async function variable(name: string): Promise<string> {
    if (name.startsWith('!')) return `\${${name.slice(1)}}`;
    if (Object.hasOwn(names, name)) return text(names[name]);
    const [id = '', attribute] = name.split(/\.(.*)/s, 2);
    return attribute ? scope.attribute(id, attribute) : text(await reference(name, scope));
  }
}

function list(argument: unknown, length?: number): unknown[] {
  if (Array.isArray(argument) && (length === undefined || argument.length === length)) return argument;
  throw new Error(`${JSON.stringify(argument)} is no list of ${length ?? 'arguments'}`);
}

function text(value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  throw new Error(`${JSON.stringify(value)} is no text`);
}
