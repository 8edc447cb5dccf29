import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Logger } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { ConnectionError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Reception } from './auth/reception.service.js';
import { Governor } from './aws/governor.js';
import { Config } from './config.js';
import { GRAPHQL_PATH, prefersGraphqlType } from './graphql/http-status.js';
import { Metrics } from './metrics.js';
import { ReadinessService } from './operation/readiness.service.js';
import { REFUSAL_STATUS, Refusal, TooOftenError } from './problem.js';
import { withoutSecrets } from './redaction.js';
import { RequestTrace, traced } from './request-trace.js';
import { Tracing } from './tracing/tracing.service.js';

const MAX_BODY_BYTES = 100_000;
const MAX_HEADER_BYTES = 16_384;
const REQUEST_MILLISECONDS = 30_000;
const OK = 200;
/** Tells which lines of the log and which audit event belong to an answer. */
const CORRELATION_HEADER = 'x-correlation-id';

const POLICY_HEADER = 'content-security-policy';
const SECURITY_HEADERS = {
  [POLICY_HEADER]:
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
    "font-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const;

/** To be passed when a Nest app is created: Nest's own body parsers accept forms, so they stay off. */
export const APP_OPTIONS = { bodyParser: false, abortOnError: false } as const;

/** The HTTP server, with its limits. */
export function httpAdapter({ trustProxy }: Pick<Config, 'trustProxy'>): FastifyAdapter {
  return new FastifyAdapter({
    trustProxy: trusted(trustProxy),
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_MILLISECONDS,
    forceCloseConnections: 'idle',
    genReqId: () => randomUUID(),
    return503OnClosing: false,
    http: { maxHeaderSize: MAX_HEADER_BYTES },
    clientErrorHandler: ({ code }: ConnectionError, socket: Socket) => answerUnreadable(code, socket),
    frameworkErrors: ({ message }: Error, _request: unknown, reply: FastifyReply) =>
      void reply.status(400).send(asErrors(message, 'BAD_REQUEST')),
  });
}

/** Whose word Fastify takes for where a request came from; proxies are counted from the nearest one. */
function trusted(proxies: Config['trustProxy']) {
  if (proxies === null) return false;
  return typeof proxies === 'number' ? (_address: string, hop: number) => hop < proxies : [...proxies];
}

/** Plain HTTP failures in the form of GraphQL errors, so that a client needs to know one form only. */
@Catch()
class HttpFailureFilter implements ExceptionFilter {
  private readonly logger = new Logger('Fault');

  catch(failure: unknown, host: ArgumentsHost): unknown {
    if (host.getType<string>() === 'graphql') throw failure;
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    if (failure instanceof Refusal) {
      return answerRefused(reply, failure, REFUSAL_STATUS[failure.code]);
    }
    const status = statusOf(failure);
    const isOurs = status >= 500;
    if (isOurs) this.logger.error(failure instanceof Error ? failure.stack : failure);
    const message = failure instanceof Error && !isOurs ? failure.message : 'Something went wrong here.';
    const code = isOurs ? 'INTERNAL_SERVER_ERROR' : 'BAD_REQUEST';
    return reply.status(status).send(asErrors(withoutSecrets(message), code)); // a URL may hold a key
  }
}

/** What is not even HTTP never becomes a request. */
function answerUnreadable(code: string, socket: Socket): void {
  if (code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request';
  const body = JSON.stringify(asErrors(status.slice(4), 'BAD_REQUEST'));
  const headers = `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close`;
  socket.end(`HTTP/1.1 ${status}\r\n${headers}\r\n\r\n${body}`);
}

function answerRefused(reply: FastifyReply, { message, code, retryAfterSeconds }: Refusal, status: number) {
  if (retryAfterSeconds && status !== OK) reply.header('retry-after', String(retryAfterSeconds));
  return reply.status(status).send(asErrors(message, code, retryAfterSeconds));
}

/**
 * Before a body is read: who is calling, and whether too many strangers come from there. While the pool's public keys
 * cannot be had nobody's token can be judged, and that is 503 wherever it is sent.
 */
function receiveAt(reception: Reception) {
  return async (request: FastifyRequest, reply: FastifyReply) => {
    if (request.method === 'OPTIONS') return; // a browser asks that before it sends a token
    const isGraphql = request.url.split('?')[0] === GRAPHQL_PATH;
    try {
      const caller = await reception.identify(request);
      if (isGraphql && caller === null) await reception.countAnonymous(request);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const isInBody = isGraphql && error instanceof TooOftenError && !prefersGraphqlType(request.headers.accept);
      await answerRefused(reply, error, isInBody ? OK : REFUSAL_STATUS[error.code]);
    }
  };
}

function asErrors(message: string, code: string, retryAfterSeconds?: number) {
  return { errors: [{ message, extensions: { code, ...(retryAfterSeconds ? { retryAfterSeconds } : {}) } }] };
}

/** Nest's exceptions say their status by a method, Fastify's by a member. */
function statusOf(failure: unknown): number {
  if (failure instanceof HttpException) return failure.getStatus();
  const status = failure instanceof Error && 'statusCode' in failure ? failure.statusCode : null;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : 500;
}

/** Everything done to the app before it listens, the same for the server, Lambda and every test. */
export function dress(app: NestFastifyApplication): NestFastifyApplication {
  const { corsOrigins } = app.get(Config);
  const fastify: FastifyInstance = app.getHttpAdapter().getInstance();
  fastify.removeContentTypeParser('text/plain');
  const readiness = app.get(ReadinessService);
  const governor = app.get(Governor);
  fastify.addHook('preHandler', (_request, _reply, done) => governor.duringRequest(done));
  const { httpRequests } = app.get(Metrics);
  fastify.addHook('onResponse', async ({ routeOptions }, { statusCode, elapsedTime }) => {
    httpRequests.observe({ route: routeOptions.url ?? 'none', status: statusCode }, elapsedTime / 1000);
  });
  app.get(Tracing).watch(fastify);
  fastify.addHook('preParsing', receiveAt(app.get(Reception)));
  fastify.addHook('preClose', async () => readiness.drain());
  fastify.addHook('onSend', async (_request, reply) => {
    const policy = reply.getHeader(POLICY_HEADER) ?? SECURITY_HEADERS[POLICY_HEADER]; // a page may have one of its own
    reply.headers({ ...SECURITY_HEADERS, [POLICY_HEADER]: policy });
    if (readiness.isDraining) reply.header('connection', 'close'); // nobody may be about to use it when the server closes
  });
  fastify.addHook('onRequest', async ({ id }, reply) => void reply.header(CORRELATION_HEADER, id));
  // The last hook before the work: what reads the body runs for the socket, and would lose it.
  fastify.addHook('preHandler', ({ id }, _reply, done) => traced(new RequestTrace(id), done));
  app.useGlobalFilters(new HttpFailureFilter());
  app.enableCors({
    origin: [...corsOrigins],
    methods: ['GET', 'POST'],
    exposedHeaders: [CORRELATION_HEADER],
    maxAge: 600,
  });
  return app;
}
