import { ConsoleLogger } from '@nestjs/common';
import { type Config, ConfigError } from './config.js';
import { Redaction } from './redaction.js';
import { currentTrace } from './request-trace.js';

const LEVELS = ['fatal', 'error', 'warn', 'log', 'debug', 'verbose'] as const;

/** What Nest says of every module and route at each start. */
const START_UP = new Set<unknown>([
  'InstanceLoader',
  'NestFactory',
  'RouterExplorer',
  'RoutesResolver',
  'GraphQLModule',
]);

/** Lines that no `LOG_LEVEL` switches off. */
export const AUDIT = 'Audit';

class QuietLogger extends ConsoleLogger {
  constructor(
    logLevel: Config['logLevel'],
    private readonly redaction: Redaction,
  ) {
    super({ json: true, colors: false, logLevels: LEVELS.slice(0, LEVELS.indexOf(logLevel) + 1) });
  }

  override log(message: unknown, ...rest: unknown[]): void {
    const context = rest.at(-1);
    if (context === AUDIT) this.printMessages([message], AUDIT, 'log', 'stdout');
    else if (!START_UP.has(context)) super.log(message, ...rest);
  }

  /** What is logged while a request is answered says which one it was. */
  protected override getJsonLogObject(...[message, options]: Parameters<ConsoleLogger['getJsonLogObject']>) {
    const line = super.getJsonLogObject(message, options);
    const trace = currentTrace();
    return trace ? { ...line, correlationId: trace.correlationId } : line;
  }

  /** Whatever a message, an object in it, an error or its cause holds ends up in this text. */
  protected override stringifyJsonLogObject(line: Record<string, unknown>): string {
    return this.redaction.ofJson(super.stringifyJsonLogObject(line));
  }
}

type Told = Pick<Config, 'logLevel' | 'keySecrets' | 'redisUrl'>;

/** One JSON object a line, errors on standard error and all else on standard output, from `LOG_LEVEL` up; what is secret is taken out at last, however it got in. */
export function createLogger({ keySecrets, redisUrl, logLevel }: Told, level = logLevel): ConsoleLogger {
  return new QuietLogger(level, new Redaction([...keySecrets, ...passwordIn(redisUrl)]));
}

function passwordIn(url: string | null): string[] {
  const password = url === null ? '' : new URL(url).password;
  return password === '' ? [] : [password, decodeURIComponent(password)];
}

/** Why a command ended, for standard error: what is to be mended, or else the fault, without what is secret. */
export function failureText(error: unknown): string {
  if (error instanceof ConfigError) return error.message;
  const { type, stack, cause } = describeFault(error);
  return new Redaction().ofText([stack ?? type, ...(cause ? [JSON.stringify(cause)] : [])].join('\n'));
}

/** A fault for the log: the SDK hangs whole requests and replies on its errors, and those stay out of it. */
export function describeFault(error: unknown): Record<string, unknown> {
  // What is thrown and is no error may hold anything; graphql-js would put it into a message.
  if (!(error instanceof Error) || error.name === 'NonErrorThrown') return { type: 'not an error' };
  const { name, message, stack, cause } = error;
  return { name, message, stack, ...(cause === undefined ? {} : { cause: describeFault(cause) }) };
}
