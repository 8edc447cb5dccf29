import {
  type DocumentNode,
  type ExecutionResult,
  type GraphQLFormattedError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import type { CompiledQuery } from 'graphql-jit';
import type { CallerRequest } from '../../auth/request-of.js';
import { FROM_SOURCES, type SourceName } from '../../from-sources.decorator.js';
import { compiledOf, type Format, formattedErrors, isAboutVariables } from '../compiled-queries.js';
import { fieldsWrittenOut } from '../document-limits.js';
import { fieldsIn } from '../operation-watch.js';
import type { Answer, AnswerRoom, KeptAnswers } from './kept-answers.js';

/** How Nest calls what reads a property; it has no other mark. */
const READS_A_PROPERTY = 'rootFieldResolver';

/** One query, compiled when it comes for the first time. */
export class TrustedQuery {
  readonly name: string | null;
  /** Root fields, each once. */
  readonly fields: readonly string[];
  /** Null = its answers are made from more than what is held for reads. */
  readonly kept: KeptAnswers | null;
  /** How many fields it is compiled to. */
  readonly size: number;

  /** @throws when the document has no query. */
  constructor(
    private readonly schema: GraphQLSchema,
    private readonly document: DocumentNode,
    private readonly format: Format,
    room: AnswerRoom,
    private compiled?: CompiledQuery | null,
  ) {
    const operation = document.definitions.find((one): one is OperationDefinitionNode => {
      return one.kind === Kind.OPERATION_DEFINITION && one.operation === 'query';
    });
    if (!operation) throw new Error('Only queries can be trusted');
    this.name = operation.name?.value ?? null;
    this.fields = fieldsIn(operation, document, schema);
    const sources = operation.variableDefinitions?.length ? null : sourcesOf(schema, document);
    this.kept = sources && room.shelf(sources);
    this.size = fieldsWrittenOut(document) + 1;
  }

  /** Null = the variables are not such as it takes, or it cannot be compiled; no resolver was asked. */
  execute(req: CallerRequest, variables: Readonly<Record<string, unknown>>): Answer | Promise<Answer> | null {
    if (this.compiled === undefined) this.compiled = compiledOf(this.schema, this.document, this.name);
    const result = this.compiled?.query(undefined, { req }, variables) ?? null;
    if (result instanceof Promise) return result.then((settled) => this.answer(settled));
    return result && (isAboutVariables(result) ? null : this.answer(result));
  }

  private answer({ data, errors }: ExecutionResult): Answer {
    if (!errors) return answered({ data }, null, true);
    const shown = formattedErrors(errors, this.format);
    const [error = null] = shown;
    return answered({ errors: shown, data }, error, Boolean(data));
  }
}

function answered(body: object, error: GraphQLFormattedError | null, hasData: boolean): Answer {
  const text = `${JSON.stringify(body)}\n`;
  const bytes = Buffer.byteLength(text);
  const encoding = bytes === text.length ? 'latin1' : 'utf8';
  return { text, length: String(bytes), encoding, error, hasData };
}

/** Null = a field is neither marked nor known to read a property of its parent. */
function sourcesOf(schema: GraphQLSchema, document: DocumentNode): readonly SourceName[] | null {
  const types = new TypeInfo(schema);
  const found = new Set<SourceName>();
  let areAllKnown = true;
  const note = () => {
    const { name, resolve, extensions = {} } = types.getFieldDef() ?? {};
    const names = extensions[FROM_SOURCES];
    if (Array.isArray(names)) for (const one of names) found.add(one);
    else if (name !== '__typename' && resolve?.name !== READS_A_PROPERTY) areAllKnown = false;
  };
  visit(document, visitWithTypeInfo(types, { Field: note }));
  return areAllKnown ? [...found] : null;
}
