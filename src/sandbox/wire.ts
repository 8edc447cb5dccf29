import { NormalizedSchema } from '@smithy/core/schema';

/**
 * The wire protocols of the two services, built from the schemas the SDK clients export: routing, decoding and
 * encoding follow AWS's own model, so wire names (`item`, `values`, `name=`) are never typed by hand.
 */

/** A failure as AWS answers it: `type` is the exception's name, `status` its HTTP status. */
export class ServiceFailure extends Error {
  constructor(
    readonly type: string,
    message: string,
    readonly status = 400,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

export interface Operation {
  readonly name: string;
  readonly input: NormalizedSchema;
  readonly output: NormalizedSchema;
  /** Absent for the JSON protocol of Cognito, where every operation is `POST /`. */
  readonly http?: {
    readonly method: string;
    readonly segments: readonly string[];
    readonly query: URLSearchParams;
    readonly status: number;
  };
}

type SchemaRef = Parameters<typeof NormalizedSchema.of>[0];

/** An operation's schema as the SDK exports it; `test/conformance` pins this layout. */
type OperationTuple = [9, string, string, number | { http?: [string, string, number] }, SchemaRef, SchemaRef];

/** A structure's schema: its required members are named first, and counted last. */
type StructTuple = [3, string, string, unknown, (readonly string[])?, unknown?, number?];

export function operationsOf(sdk: Readonly<Record<string, unknown>>): readonly Operation[] {
  return Object.values(sdk)
    .filter((value): value is OperationTuple => Array.isArray(value) && value[0] === 9)
    .map(([, , name, traits, input, output]) => ({
      name,
      input: NormalizedSchema.of(input),
      output: NormalizedSchema.of(output),
      ...(typeof traits === 'object' && traits.http ? { http: route(traits.http) } : {}),
    }));
}

function route([method, uri, status]: [string, string, number]) {
  const [path = '', query = ''] = uri.split('?');
  return { method, segments: path.split('/').slice(1), query: new URLSearchParams(query), status };
}

/** Finds the operation of a REST request; routes with more literal parts are preferred. */
export function matchRest(operations: readonly Operation[], method: string, url: URL): Operation | undefined {
  const segments = url.pathname.split('/').slice(1);
  return operations
    .filter(({ http }) => http && http.method === method && http.segments.length === segments.length)
    .filter(({ http }) => http?.segments.every((part, i) => part.startsWith('{') || part === segments[i]))
    .filter(({ http }) => [...(http?.query ?? [])].every(([name, value]) => url.searchParams.get(name) === value))
    .sort((a, b) => literals(b) - literals(a))[0];
}

function literals({ http }: Operation): number {
  return (http?.segments.filter((part) => !part.startsWith('{')).length ?? 0) + (http?.query.size ?? 0);
}

/** Reads path, query and body of a REST request into the operation's input, as the SDK's user would have written it. */
export function decodeRest({ input, http }: Operation, url: URL, body: Buffer): Record<string, unknown> {
  const segments = url.pathname.split('/').slice(1);
  const json = bodyOf(input, body);
  const out: Record<string, unknown> = {};
  for (const [member, schema] of input.structIterator()) {
    const traits = schema.getMergedTraits();
    if (traits.httpLabel) {
      const raw = segments[http?.segments.indexOf(`{${member}}`) ?? -1];
      out[member] = raw === undefined ? undefined : unescaped(raw);
    } else if (traits.httpQuery) {
      const values = url.searchParams.getAll(String(traits.httpQuery));
      if (values.length > 0) out[member] = fromText(schema, values);
    } else if (traits.httpPayload) {
      out[member] = new Uint8Array(body);
    } else if (!traits.httpHeader && !traits.httpQueryParams) {
      const found = decode(schema, json[String(traits.jsonName ?? member)], member);
      if (found !== undefined) out[member] = found;
    }
  }
  requireMembers(input, out);
  return out;
}

/** Reads the body of a JSON request (Cognito). */
export function decodeJson({ input }: Operation, body: Buffer): Record<string, unknown> {
  const out = decode(input, parseObject(body), 'body') as Record<string, unknown>;
  requireMembers(input, out);
  return out;
}

function bodyOf(input: NormalizedSchema, body: Buffer): Record<string, unknown> {
  const takesPayload = [...input.structIterator()].some(([, schema]) => schema.getMergedTraits().httpPayload);
  return takesPayload || body.length === 0 ? {} : parseObject(body);
}

function parseObject(body: Buffer): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body.toString('utf8') || '{}');
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // answered below, as AWS does, without the parser's words
  }
  throw new ServiceFailure('SerializationException', 'Invalid JSON in request body');
}

function unescaped(raw: string): string {
  try {
    return decodeURIComponent(raw);
  } catch {
    throw new ServiceFailure('BadRequestException', 'Invalid URL encoding');
  }
}

function fromText(schema: NormalizedSchema, values: readonly string[]): unknown {
  const text = values[0] ?? '';
  if (schema.isListSchema()) return [...values];
  if (schema.isBooleanSchema()) return text === 'true';
  if (!schema.isNumericSchema()) return text;
  const number = Number(text);
  if (text === '' || !Number.isFinite(number)) throw wrongType(text, 'number');
  return number;
}

/** JSON to typed value: timestamps become Dates, blobs bytes; members the schema does not know are dropped. */
function decode(schema: NormalizedSchema, value: unknown, at: string): unknown {
  if (value === null || value === undefined) return undefined;
  if (schema.isStructSchema()) {
    const source = object(value, at);
    const out: Record<string, unknown> = {};
    for (const [member, inner] of schema.structIterator()) {
      const found = decode(inner, source[String(inner.getMergedTraits().jsonName ?? member)], member);
      if (found !== undefined) out[member] = found;
    }
    return out;
  }
  if (schema.isListSchema()) {
    if (!Array.isArray(value)) throw wrongType(at, 'list');
    if (value.includes(null)) throw wrongType(at, 'value'); // no list of either service is sparse
    return value.map((item) => decode(schema.getValueSchema(), item, at));
  }
  if (schema.isMapSchema()) {
    const entries = Object.entries(object(value, at));
    return Object.fromEntries(entries.map(([key, item]) => [key, decode(schema.getValueSchema(), item, at)]));
  }
  if (schema.isTimestampSchema()) return new Date(Number(value) * 1000);
  if (schema.isBlobSchema()) return new Uint8Array(Buffer.from(String(value), 'base64'));
  if (schema.isStringSchema()) return scalar(value, 'string', at);
  if (schema.isBooleanSchema()) return scalar(value, 'boolean', at);
  if (schema.isNumericSchema()) return scalar(value, 'number', at);
  return value;
}

/** Typed value to JSON: Dates become epoch seconds, bytes base64, members take their wire names, absent ones vanish. */
export function encode(schema: NormalizedSchema, value: unknown): unknown {
  if (value === null || value === undefined) return undefined;
  if (schema.isStructSchema()) {
    const source = value as Record<string, unknown>;
    const out: Record<string, unknown> = {};
    for (const [member, inner] of schema.structIterator()) {
      const found = encode(inner, source[member]);
      if (found !== undefined) out[String(inner.getMergedTraits().jsonName ?? member)] = found;
    }
    return out;
  }
  if (schema.isListSchema()) return (value as unknown[]).map((item) => encode(schema.getValueSchema(), item));
  if (schema.isMapSchema()) {
    const entries = Object.entries(value as Record<string, unknown>);
    return Object.fromEntries(entries.map(([key, item]) => [key, encode(schema.getValueSchema(), item)]));
  }
  if (value instanceof Date) return value.getTime() / 1000;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  return value;
}

function requireMembers(input: NormalizedSchema, value: Record<string, unknown>): void {
  const [, , , , members = [], , required = 0] = input.getSchema() as StructTuple;
  const missing = members.slice(0, required).filter((member) => value[member] === undefined);
  if (missing.length > 0) throw new MissingMembers(missing);
}

/** Members the service's model marks as required and the request lacks; each service words this in its own way. */
export class MissingMembers extends Error {
  constructor(readonly members: readonly string[]) {
    super(`missing: ${members.join(', ')}`);
  }
}

function object(value: unknown, at: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrongType(at, 'object');
  return value as Record<string, unknown>;
}

function scalar(value: unknown, type: 'string' | 'boolean' | 'number', at: string): unknown {
  if (typeof value !== type) throw wrongType(at, type);
  return value;
}

function wrongType(at: string, type: string): ServiceFailure {
  return new ServiceFailure('SerializationException', `Expected ${type} at ${at}`);
}
