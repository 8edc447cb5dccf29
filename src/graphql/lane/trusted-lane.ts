import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Logger } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { Caller } from '../../auth/caller.js';
import type { CallerRequest } from '../../auth/request-of.js';
import { describeFault } from '../../log.js';
import type { Sources } from '../../usage/read-sources.service.js';
import { MOST_FIELDS_KEPT } from '../compiled-queries.js';
import { GRAPHQL_PATH, preferredType } from '../http-status.js';
import { type Answer, isSame, type KeptAnswers } from './kept-answers.js';
import type { KnownQueries } from './known-queries.js';
import type { ServerParts } from './server-parts.service.js';
import type { TrustedQuery } from './trusted-query.js';

const MOST_BYTES = 8192;
const MOST_BODIES = 200;
const JSON_TYPES: readonly unknown[] = ['application/json', 'application/json; charset=utf-8'];
/** What `fetch` and axios accept when nobody has said anything. */
const USUAL: readonly unknown[] = [undefined, '*/*', 'application/json, */*', 'application/json, text/plain, */*'];
/** Where Apollo may see it otherwise: a wildcard or a parameter changes which type is preferred, and it knows of a third one. */
const UNUSUAL = /[*"]|callback|;\s*(?!q=|charset=utf-8\b)/i;
const MEMBERS = ['query', 'variables', 'operationName'];
/** What the general path's parser refuses, or might read in another way, is its business. */
const SPECIAL = ['__proto__', 'constructor', '\\u'];

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/** What a body asks for. */
interface Asked {
  readonly query: TrustedQuery;
  readonly variables: Readonly<Record<string, unknown>>;
}

/**
 * Answers queries that are known, of callers whose token is good, before Fastify and Apollo have anything to do: compiled,
 * with the same resolvers, guards, masking, headers and metrics. Whatever differs from that by a byte goes the general
 * way, as if nobody had looked at it.
 */
export class TrustedLane {
  private readonly logger = new Logger('Fault');
  /** What bodies ask for that come again and again, by all their bytes. */
  private readonly bodies = new LRUCache<string, Asked>({
    max: MOST_BODIES,
    maxSize: MOST_FIELDS_KEPT,
    sizeCalculation: ({ query }) => query.size,
  });

  constructor(
    private readonly known: KnownQueries,
    private readonly parts: ServerParts,
  ) {}

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
      isAccepted(headers.accept) &&
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
    const asked = this.askedIn(body);
    if (!asked) return false;
    const taken = { query: asked.query, headers, correlationId: randomUUID(), from };
    const answering = this.answering(asked, arriving, taken.correlationId);
    if (answering === null) return false;
    const send = (answer: Answer) => this.parts.reply(response, answer, taken);
    if (answering instanceof Promise) answering.then(send).catch((fault: unknown) => this.fail(fault, response));
    else this.orFail(() => send(answering), response);
    return true;
  }

  /** Null = nothing has happened yet. What is thrown is a rejection like any other. */
  private answering(asked: Asked, arriving: CallerRequest, correlationId: string): Answer | Promise<Answer> | null {
    const { query, variables } = asked;
    try {
      const { kept } = query;
      const caller = kept && arriving.caller;
      const sources = caller ? this.parts.sourcesFor(caller, kept.madeFrom) : null;
      const again = caller && sources && kept.get(caller.sub, sources);
      if (again) return again;
      const answer = this.parts.within(correlationId, () => query.execute(arriving, variables));
      if (!caller || !sources || answer === null) return answer;
      return Promise.resolve(answer).then((made) => this.keep(made, kept, caller, sources));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Unless something was read anew while it was made. */
  private keep(made: Answer, kept: KeptAnswers, caller: Caller, before: Sources): Answer {
    const after = this.parts.sourcesFor(caller, kept.madeFrom);
    if (made.error === null && after && isSame(before, after)) kept.put(caller.sub, after, made);
    return made;
  }

  private orFail(work: () => void, response: ServerResponse): void {
    try {
      work();
    } catch (fault) {
      this.fail(fault, response);
    }
  }

  /** Nobody foresaw it, and the others who are being served have nothing to do with it. */
  private fail(fault: unknown, response: ServerResponse): void {
    this.logger.error({ fault: describeFault(fault) });
    response.destroy();
  }

  private askedIn(body: Buffer): Asked | null {
    const bytes = body.toString('latin1');
    const known = this.bodies.get(bytes);
    if (known) return known;
    const asked = this.read(body.toString('utf8'));
    if (asked && Object.keys(asked.variables).length === 0) this.bodies.set(bytes, asked);
    return asked;
  }

  private read(text: string): Asked | null {
    if (SPECIAL.some((word) => text.includes(word))) return null;
    const body = parsed(text);
    if (!body || Object.keys(body).some((name) => !MEMBERS.includes(name))) return null;
    const { query: document, variables = {}, operationName = null } = body;
    const query = typeof document === 'string' ? this.known.find(document) : null;
    if (!query || !isObject(variables) || (operationName !== null && operationName !== query.name)) return null;
    return { query, variables };
  }
}

function isAccepted(accept: string | undefined): boolean {
  return USUAL.includes(accept) || (accept !== undefined && !UNUSUAL.test(accept) && preferredType(accept) !== null);
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
