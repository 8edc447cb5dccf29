import type { GraphqlError } from './customer.js';

export interface PostReply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly data: Readonly<Record<string, unknown>> | null;
  readonly errors: readonly GraphqlError[];
  readonly codes: readonly string[];
}

/** A GraphQL request with whatever headers and body; a body that is a text goes as it is. */
export async function post(
  url: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<PostReply> {
  const reply = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await reply.text();
  const parsed = JSON.parse(text) as { data?: Record<string, unknown>; errors?: GraphqlError[] };
  const { data = null, errors = [] } = parsed;
  const codes = errors.map(({ extensions }) => extensions.code);
  return { status: reply.status, headers: reply.headers, text, data, errors, codes };
}
