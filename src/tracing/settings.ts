import * as z from 'zod';

const HEADER = /^([\w!#$&'*+.^`|~-]+)=([\x21-\x7e]*)$/;

/** Where spans are sent, and what goes with them. */
export interface TraceSettings {
  /** With `/v1/traces` at its end. */
  readonly url: string;
  /** They may hold a password. */
  readonly headers: Readonly<Record<string, string>>;
  readonly serviceName: string;
}

const endpoint = z.string().refine(isEndpoint, 'must be a URL such as http://localhost:4318, without user or password');

const headers = z.string().transform((text, context) => {
  const parts = text.split(',').map((part) => HEADER.exec(part.trim()));
  const pairs = parts.map((match) => [match?.[1] ?? '', decoded(match?.[2] ?? '')] as const);
  if (parts.every((match) => match !== null) && pairs.every(([, value]) => value !== null)) {
    return Object.fromEntries(pairs.map(([name, value]) => [name, value ?? '']));
  }
  context.addIssue({ code: 'custom', message: 'must be name=value, several with commas between, values URL-encoded' });
  return z.NEVER;
});

/** Variables of OpenTelemetry, under the names and with the meaning that they have everywhere. */
export const TRACE_VARIABLES = {
  OTEL_EXPORTER_OTLP_ENDPOINT: endpoint.optional(),
  OTEL_EXPORTER_OTLP_HEADERS: headers.default({}),
  OTEL_SERVICE_NAME: z.string().max(100, 'must have at most 100 characters').default('turnpike'),
};

/** Null = there is no endpoint, so nothing is traced. */
export function traceSettings(env: {
  readonly OTEL_EXPORTER_OTLP_ENDPOINT?: string | undefined;
  readonly OTEL_EXPORTER_OTLP_HEADERS: Readonly<Record<string, string>>;
  readonly OTEL_SERVICE_NAME: string;
}): TraceSettings | null {
  const base = env.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (base === undefined) return null;
  const url = `${base.replace(/\/$/, '')}/v1/traces`;
  return { url, headers: env.OTEL_EXPORTER_OTLP_HEADERS, serviceName: env.OTEL_SERVICE_NAME };
}

function isEndpoint(text: string): boolean {
  if (!/^https?:\/\/./.test(text) || !URL.canParse(text)) return false;
  const { username, password, search, hash } = new URL(text);
  return [username, password, search, hash].every((part) => part === '');
}

function decoded(text: string): string | null {
  try {
    const value = decodeURIComponent(text);
    return /^[\x20-\x7e]*$/.test(value) ? value : null;
  } catch {
    return null;
  }
}
