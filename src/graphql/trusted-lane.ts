import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Logger } from '@nestjs/common';
import type { GraphQLSchema } from 'graphql';
import type { CallerRequest } from '../auth/request-of.js';
import { describeFault } from '../log.js';
import type { Format } from './compiled-queries.js';
import { GRAPHQL_PATH } from './http-status.js';
import { type Answer, TrustedQuery } from './trusted-query.js';

const OK = 200;
const MOST_BYTES = 8192;
const JSON_TYPES: readonly unknown[] = ['application/json', 'application/json; charset=utf-8'];
/** Whoever accepts these gets `application/json`, and 200 whatever happened. */
const ACCEPTED: readonly unknown[] = [undefined, '*/*', 'application/json', 'application/json, */*'];
const MEMBERS = ['query', 'variables', 'operationName'];
/** What the general path's parser refuses, or might read in another way, is its business. */
const SPECIAL = ['__proto__', 'constructor', '\\u'];

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/** What the lane shares with the rest of the server. */
export interface LaneParts {
  /** Whether it is known without a wait who is calling; the caller is on the request then. */
  readonly recognises: (request: CallerRequest) => boolean;
  /** Whether nothing is going on that wants the general path for all: draining, tracing. */
  readonly isOpen: () => boolean;
  /** Executes as part of a request: its calls to AWS end in time, and are noted for it. */
  readonly within: <T>(correlationId: string, work: () => T) => T;
  /** Names and values in turn. */
  readonly headersFor: (origin: string | undefined, correlationId: string) => readonly string[];
  readonly answered: (answer: Answer, query: TrustedQuery, seconds: number) => void;
  /** In milliseconds. */
  readonly now: () => number;
}

/**
 * Answers queries that were known when Turnpike was built, of callers whose token was verified lately, before Fastify and
 * Apollo have anything to do: compiled at the start, with the same resolvers, guards, masking, headers and metrics.
 * Whatever differs from that by a byte goes the general way, as if nobody had looked at it.
 */
export class TrustedLane {
  private readonly logger = new Logger('Fault');
  private readonly queries = new Map<string, TrustedQuery>();

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly format: Format,
    private readonly parts: LaneParts,
  ) {}

  /** From now on the lane takes this text. @throws when it is no query of the schema. */
  trust(text: string): void {
    this.queries.set(text, new TrustedQuery(this.schema, text, this.format));
  }

  /** Stands before the server's own listener. */
  before(general: Listener): Listener {
    return (request, response) => {
      const arriving: CallerRequest = { headers: request.headers };
      if (!this.mayTake(request, arriving)) return general(request, response);
      const from = this.parts.now();
      request.once('readable', () => {
        const body: Buffer | null = request.read();
        if (body && this.takes(body, request, response, arriving, from)) return;
        if (body) request.unshift(body);
        general(request, response);
      });
    };
  }

  /** By its headers alone. */
  private mayTake({ method, url, headers }: IncomingMessage, arriving: CallerRequest): boolean {
    return (
      method === 'POST' &&
      url === GRAPHQL_PATH &&
      JSON_TYPES.includes(headers['content-type']) &&
      ACCEPTED.includes(headers.accept) &&
      headers['content-encoding'] === undefined &&
      headers['transfer-encoding'] === undefined &&
      Number(headers['content-length']) <= MOST_BYTES &&
      this.parts.isOpen() &&
      this.parts.recognises(arriving)
    );
  }

  /** False = nothing has happened yet. */
  private takes(
    body: Buffer,
    { headers }: IncomingMessage,
    response: ServerResponse,
    arriving: CallerRequest,
    from: number,
  ): boolean {
    if (body.length !== Number(headers['content-length'])) return false; // there is more to come
    const asked = this.askedIn(body.toString('utf8'));
    if (!asked) return false;
    const { query, variables } = asked;
    const correlationId = randomUUID();
    const answering = this.answering(correlationId, () => query.execute(arriving, variables));
    if (answering === null) return false;
    const send = (answer: Answer) => {
      const length = String(Buffer.byteLength(answer.text));
      response.writeHead(OK, [...this.parts.headersFor(headers.origin, correlationId), 'content-length', length]);
      response.end(answer.text);
      this.parts.answered(answer, query, (this.parts.now() - from) / 1000);
    };
    answering.then(send).catch((fault: unknown) => this.fail(fault, response));
    return true;
  }

  /** Null = nothing has happened yet. What is thrown is a rejection like any other. */
  private answering(correlationId: string, execute: () => Answer | Promise<Answer> | null): Promise<Answer> | null {
    try {
      const answer = this.parts.within(correlationId, execute);
      return answer && Promise.resolve(answer);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Nobody foresaw it, and the others who are being served have nothing to do with it. */
  private fail(fault: unknown, response: ServerResponse): void {
    this.logger.error({ fault: describeFault(fault) });
    response.destroy();
  }

  private askedIn(text: string) {
    if (SPECIAL.some((word) => text.includes(word))) return null;
    const body = parsed(text);
    if (!body || Object.keys(body).some((name) => !MEMBERS.includes(name))) return null;
    const { query: document, variables = {}, operationName = null } = body;
    const query = typeof document === 'string' ? this.queries.get(document) : undefined;
    if (!query || !isObject(variables) || (operationName !== null && operationName !== query.name)) return null;
    return { query, variables };
  }
}

function parsed(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
