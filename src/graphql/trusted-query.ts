import { type ExecutionResult, type GraphQLSchema, Kind, type OperationDefinitionNode, parse } from 'graphql';
import type { CompiledQuery } from 'graphql-jit';
import type { CallerRequest } from '../auth/request-of.js';
import { compiledOf, type Format, formattedErrors, isAboutVariables } from './compiled-queries.js';
import { fieldsIn } from './operation-watch.js';

/** What is sent, and the code of its first error; null = there was none. */
export interface Answer {
  readonly text: string;
  readonly code: string | null;
}

/** One query, compiled. */
export class TrustedQuery {
  readonly name: string | null;
  /** Root fields, each once. */
  readonly fields: readonly string[];
  private readonly compiled: CompiledQuery;

  /** @throws when the text is no query of this schema. */
  constructor(
    schema: GraphQLSchema,
    text: string,
    private readonly format: Format,
  ) {
    const document = parse(text);
    const operation = document.definitions.find((one): one is OperationDefinitionNode => {
      return one.kind === Kind.OPERATION_DEFINITION && one.operation === 'query';
    });
    const compiled = compiledOf(schema, document, operation?.name?.value ?? null);
    if (!operation || !compiled) throw new Error(`This is no query of the schema: ${text}`);
    this.compiled = compiled;
    this.name = operation.name?.value ?? null;
    this.fields = fieldsIn(operation, document, schema);
  }

  /** Null = the variables are not such as it takes; no resolver was asked. */
  execute(req: CallerRequest, variables: Readonly<Record<string, unknown>>): Answer | Promise<Answer> | null {
    const result = this.compiled.query(undefined, { req }, variables);
    if (result instanceof Promise) return result.then((settled) => this.answer(settled));
    return isAboutVariables(result) ? null : this.answer(result);
  }

  private answer({ data, errors }: ExecutionResult): Answer {
    if (!errors) return { text: `${JSON.stringify({ data })}\n`, code: null };
    const shown = formattedErrors(errors, this.format);
    return { text: `${JSON.stringify({ errors: shown, data })}\n`, code: String(shown[0]?.extensions?.code) };
  }
}
