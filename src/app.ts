import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Logger } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { ConnectionError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Reception } from './auth/reception.service.js';
import { Governor } from './aws/governor.js';
import { Config } from './config.js';
import { GRAPHQL_PATH, prefersGraphqlType } from './graphql/http-status.js';
import { CORRELATION_HEADER, POLICY_HEADER, SECURITY_HEADERS } from './graphql/reply-headers.js';
import { Metrics } from './metrics.js';
import { contentPolicy } from './operation/content-policy.js';
import { playgroundPolicy } from './operation/playground/playground-page.js';
import { ReadinessService } from './operation/readiness.service.js';
import { REFUSAL_STATUS, Refusal, TooOftenError } from './problem.js';
import { withoutSecrets } from './redaction.js';
import { RequestTrace, traced } from './request-trace.js';
import { Tracing } from './tracing/tracing.service.js';

const MAX_BODY_BYTES = 100_000;
const MAX_HEADER_BYTES = 16_384;
const REQUEST_MILLISECONDS = 30_000;
const OK = 200;
const STRICTEST = contentPolicy();

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
    schemaController: { compilersFactory: { buildValidator: noJsonSchemas, buildSerializer: noJsonSchemas } },
    return503OnClosing: false,
    http: { maxHeaderSize: MAX_HEADER_BYTES },
    clientErrorHandler: ({ code }: ConnectionError, socket: Socket) => answerUnreadable(code, socket),
    frameworkErrors: ({ message }: Error, _request: unknown, reply: FastifyReply) =>
      void reply.status(400).send(asErrors(message, 'BAD_REQUEST')),
  });
}

/** No route has a JSON Schema; what Fastify compiles them with it would load at every start. */
function noJsonSchemas(): never {
  throw new Error('A route has a JSON Schema: give Fastify its compilers again in httpAdapter');
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
  return (request: FastifyRequest, reply: FastifyReply, _payload: unknown, done: (error?: Error) => void) => {
    // A browser asks by OPTIONS before it sends a token; and a token that was seen lately needs no wait.
    if (request.method === 'OPTIONS' || reception.recognises(request)) return done();
    receive(reception, request, reply).then((isAnswered) => {
      if (!isAnswered) done();
    }, done);
  };
}

/** Answers whether the request was turned away. */
async function receive(reception: Reception, request: FastifyRequest, reply: FastifyReply): Promise<boolean> {
  const isGraphql = request.routeOptions.url === GRAPHQL_PATH; // however its path was written
  try {
    const caller = await reception.identify(request);
    if (isGraphql && caller === null) await reception.countAnonymous(request);
    return false;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const isInBody = isGraphql && error instanceof TooOftenError && !prefersGraphqlType(request.headers.accept);
    answerRefused(reply, error, isInBody ? OK : REFUSAL_STATUS[error.code]);
    return true;
  }
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
  const config = app.get(Config);
  const fastify: FastifyInstance = app.getHttpAdapter().getInstance();
  fastify.removeContentTypeParser('text/plain');
  const readiness = app.get(ReadinessService);
  const governor = app.get(Governor);
  const { httpRequests } = app.get(Metrics);
  fastify.addHook('onResponse', ({ routeOptions }, { statusCode, elapsedTime }, done) => {
    httpRequests.observe({ route: routeOptions.url ?? 'none', status: statusCode }, elapsedTime / 1000);
    done();
  });
  app.get(Tracing).watch(fastify);
  fastify.addHook('preParsing', receiveAt(app.get(Reception)));
  fastify.addHook('preClose', async () => readiness.drain());
  fastify.addHook('onSend', (_request, reply, _payload, done) => {
    reply.headers(SECURITY_HEADERS);
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
    if (!reply.hasHeader(POLICY_HEADER)) reply.header(POLICY_HEADER, STRICTEST); // a page that needs more has said so
    if (readiness.isDraining) reply.header('connection', 'close'); // nobody may be about to use it when the server closes
    done();
  });
  fastify.addHook('onRequest', ({ id, method, routeOptions }, reply, done) => {
    reply.header(CORRELATION_HEADER, id);
    // Apollo sends the playground, and sets no headers of its own.
    if (method === 'GET' && routeOptions.url === GRAPHQL_PATH) reply.header(POLICY_HEADER, playgroundPolicy(config));
    done();
  });
  // The last hook before the work: what reads the body runs for the socket, and would lose it.
  fastify.addHook('preHandler', ({ id }, _reply, done) => traced(new RequestTrace(id, governor.requestEnd()), done));
  app.useGlobalFilters(new HttpFailureFilter());
  app.enableCors({
    origin: [...config.corsOrigins],
    methods: ['GET', 'POST'],
    exposedHeaders: [CORRELATION_HEADER],
    maxAge: 600,
  });
  return app;
}
