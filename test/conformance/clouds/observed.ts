import { Readable } from 'node:stream';
import { APIGateway, GetAccountCommand } from '@aws-sdk/client-api-gateway';
import { type CognitoIdentityProvider, ListUserPoolsCommand } from '@aws-sdk/client-cognito-identity-provider';
import type { Exchange } from './exchange.js';

type Client = APIGateway | CognitoIdentityProvider;

/** As much as is read of the SDK's requests and answers. */
interface WireRequest {
  method: string;
  hostname: string;
  path: string;
  query: Record<string, string | string[] | null>;
  headers: Record<string, string>;
  body?: unknown;
}
interface WireReply {
  statusCode: number;
  headers: Record<string, string>;
  body?: unknown;
}

/** As much as is used of the SDK's stack of middleware, whose types are another for each client. */
interface Stack {
  add(
    middleware: (next: Handler, context: { readonly commandName?: string; isRaw?: boolean }) => Handler,
    options: { readonly step: 'build' | 'deserialize'; readonly priority: 'high' | 'low'; readonly name: string },
  ): void;
}
type Handler = (args: { readonly request: unknown }) => Promise<{ readonly response: unknown }>;

/** Shows every request of the client, and its answer, to `notice` before the SDK reads it. */
export function observed(client: Client, notice: (exchange: Exchange) => void): void {
  const stack = client.middlewareStack as unknown as Stack;
  stack.add(
    (next, context) => async (args) => {
      const result = await next(args);
      const request = args.request as WireRequest;
      const response = result.response as WireReply;
      let broken: Error | null = null;
      const reply = await read(response.body).catch((error: Error) => {
        broken = error;
        return Buffer.alloc(0);
      });
      response.body = broken === null ? Readable.from(reply.length === 0 ? [] : [reply]) : failing(broken);
      notice({
        operation: context.isRaw ? null : (context.commandName?.replace(/Command$/, '') ?? null),
        method: request.method,
        url: `${request.path}${search(request.query)}`,
        headers: request.headers,
        body: typeof request.body === 'string' ? request.body : '',
        status: response.statusCode,
        replyHeaders: response.headers,
        reply: reply.toString(),
      });
      return result;
    },
    { step: 'deserialize', priority: 'low', name: 'observed' },
  );
}

export interface RawRequest {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface RawReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Has the client sign and send what none of its operations would. */
export async function sendRaw(client: Client, raw: RawRequest): Promise<RawReply> {
  let seen: RawReply | null = null;
  const isGateway = client instanceof APIGateway;
  const command = isGateway ? new GetAccountCommand({}) : new ListUserPoolsCommand({ MaxResults: 1 });
  const stack = command.middlewareStack as unknown as Stack;
  stack.add(
    (next, context) => (args) => {
      context.isRaw = true;
      const request = args.request as WireRequest;
      Object.assign(request, { method: raw.method, path: raw.path, query: { ...raw.query }, body: raw.body });
      for (const name of ['content-type', 'x-amz-target', 'X-Amz-Target']) delete request.headers[name];
      Object.assign(request.headers, raw.headers);
      return next(args);
    },
    { step: 'build', priority: 'high', name: 'raw' },
  );
  stack.add(
    (next) => async (args) => {
      const result = await next(args);
      const response = result.response as WireReply;
      const body = await read(response.body);
      seen = { status: response.statusCode, headers: response.headers, body: body.toString() };
      response.body = Readable.from([body]);
      return result;
    },
    { step: 'deserialize', priority: 'low', name: 'raw-reply' },
  );
  try {
    await (client as { send(command: unknown): Promise<unknown> }).send(command);
  } catch (error) {
    if (seen === null) throw error;
  }
  if (seen === null) throw new Error(`${raw.method} ${raw.path} brought no answer`);
  return seen;
}

/** A body that breaks off for whoever reads it, as it did here. */
function failing(error: Error): Readable {
  return new Readable({
    read() {
      this.destroy(error);
    },
  });
}

async function read(body: unknown): Promise<Buffer> {
  if (body instanceof Uint8Array) return Buffer.from(body);
  if (!(body instanceof Readable)) return Buffer.alloc(0);
  const parts: Buffer[] = [];
  for await (const part of body) parts.push(Buffer.from(part));
  return Buffer.concat(parts);
}

function search(query: WireRequest['query'] = {}): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    [value ?? ''].flat().map((one): [string, string] => [name, one]),
  );
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs)}`;
}
