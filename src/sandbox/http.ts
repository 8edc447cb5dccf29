import { randomUUID } from 'node:crypto';
import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request as the sandbox's services see it: whole, with header names in lower case. */
export interface SandboxRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Names and values in turn, as they were sent. */
  readonly rawHeaders?: readonly string[];
  readonly body: Buffer;
}

export interface SandboxReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string;
  /** A body that is no text, instead of `body`. */
  readonly bytes?: Buffer;
  /** The connection ends without an answer. */
  readonly cut?: true;
  /** Half of the body is sent, then the connection ends. */
  readonly half?: true;
}

const HERE: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost']);
const MAX_BODY_BYTES = 10 * 1024 * 1024; // API Gateway's own payload limit
const UNREADABLE: SandboxReply = { status: 400, body: JSON.stringify({ message: 'Bad Request' }) };

/** Serves `answer` on loopback only; `port` 0 picks a free one. */
export async function listen(port: number, answer: (request: SandboxRequest) => Promise<SandboxReply>) {
  const server = createServer(async (incoming, outgoing) => {
    const reply = await readRequest(incoming)
      .then((request) => (request ? answer(request) : UNREADABLE))
      .catch(asFault);
    try {
      send(outgoing, reply);
    } catch (error) {
      send(outgoing, asFault(error)); // a status or a header that somebody configured, and that HTTP does not allow
    }
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return { port: (server.address() as AddressInfo).port, close: () => closeNow(server) };
}

/** Whether it is addressed to this machine: a website whose name was made to lead here (DNS rebinding) names itself. */
export function isForHere({ headers }: SandboxRequest): boolean {
  return isHere(`http://${headers.host ?? '127.0.0.1'}`);
}

/** Whether a page sent it that is not served by this machine. Programs name no origin. */
export function isFromElsewhere({ headers }: SandboxRequest): boolean {
  return headers.origin !== undefined && !isHere(headers.origin);
}

function isHere(address: string): boolean {
  return URL.canParse(address) && HERE.has(new URL(address).hostname);
}

function asFault(error: unknown): SandboxReply {
  console.error('sandbox fault', error);
  return { status: 500, body: JSON.stringify({ message: 'Internal server error' }) };
}

function send(outgoing: ServerResponse, reply: SandboxReply): void {
  const { status, bytes, body = '', cut, half } = reply;
  const headers = { 'x-amzn-requestid': randomUUID(), ...reply.headers };
  if (cut) outgoing.destroy();
  else if (half) sendHalf(outgoing, status, headers, Buffer.from(bytes ?? body));
  else outgoing.writeHead(status, headers).end(bytes ?? body);
}

/** The length that was promised tells the caller that the rest is missing. */
function sendHalf(outgoing: ServerResponse, status: number, headers: OutgoingHttpHeaders, whole: Buffer): void {
  outgoing.writeHead(status, { ...headers, 'content-length': whole.length });
  outgoing.write(whole.subarray(0, Math.floor(whole.length / 2)), () => outgoing.destroy());
}

/** Null = its address is none. */
async function readRequest(incoming: IncomingMessage): Promise<SandboxRequest | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
  const address = [incoming.url ?? '/', `http://${headers.host ?? '127.0.0.1'}`] as const;
  if (!URL.canParse(...address)) return null;
  return {
    method: incoming.method ?? 'GET',
    url: new URL(...address),
    headers,
    rawHeaders: incoming.rawHeaders,
    body: Buffer.concat(chunks),
  };
}

async function closeNow(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}
