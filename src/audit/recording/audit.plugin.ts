import { randomUUID } from 'node:crypto';
import type {
  ApolloServerPlugin,
  GraphQLRequestContext,
  GraphQLRequestListener,
  GraphQLServerContext,
} from '@apollo/server';
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { defaultFieldResolver, getNamedType, isObjectType } from 'graphql';
import { Authenticator } from '../../auth/authenticator.service.js';
import type { Caller } from '../../auth/caller.js';
import type { CallerRequest } from '../../auth/request-of.js';
import { Clock } from '../../clock.js';
import { currentTrace, RequestTrace } from '../../request-trace.js';
import { AUDIT_VERSION, type AuditEvent, type AuditState } from '../audit-event.js';
import { notesOf, type OpenNotes, openNotes } from '../audit-notes.js';
import { AuditTrail } from '../audit-trail.js';
import { cleanText } from './clean-text.js';
import { type MutationCall, mutationsOf } from './mutation-call.js';
import { reasonOf, subjectOf, targetOf, toldTarget } from './subject.js';

const MAX_USER_AGENT = 256;
const MAX_MUTATION = 200;
const MAX_TEXT = 64;

interface Context {
  readonly req: FastifyRequest & CallerRequest;
}

/** A mutation that is being answered. */
interface Recording {
  readonly trace: RequestTrace;
  readonly calls: readonly [MutationCall, ...MutationCall[]];
  readonly actor: Caller | null;
  readonly notes: OpenNotes;
}

type Asked = GraphQLRequestContext<Context>;

/**
 * Records every mutation that a valid document names, once, whatever comes of it: guards, limits and arguments refuse
 * before any resolver is asked, so the event is made where the answer is. It is written before the answer is sent.
 */
@Injectable()
export class AuditPlugin implements ApolloServerPlugin<Context> {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly trail: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /** Every mutation there is, or will be, tells which type it answered. */
  async serverWillStart({ schema }: GraphQLServerContext): Promise<void> {
    for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
      const { resolve = defaultFieldResolver, type } = field;
      field.resolve = async (...args) => {
        const answer: unknown = await resolve(...args);
        const named = getNamedType(type);
        const notes = notesOf(currentTrace());
        if (notes) notes.answered = isObjectType(named) ? named.name : nameOf(answer);
        return answer;
      };
    }
  }

  async requestDidStart(): Promise<GraphQLRequestListener<Context>> {
    let recording: Recording | null = null;
    return {
      didResolveOperation: async (asked) => {
        recording = await this.begin(asked);
      },
      willSendResponse: async (asked) => {
        recording ??= await this.begin(asked); // where it was refused before the operation was resolved
        if (recording) await this.trail.record(this.eventOf(recording, asked));
      },
    };
  }

  private async begin({ operation, document, schema, request, contextValue }: Asked): Promise<Recording | null> {
    if (operation?.operation !== 'mutation' || !document) return null;
    const [first, ...others] = mutationsOf(schema, document, operation, request.variables ?? {});
    if (!first) return null;
    const actor = await this.authenticator.authenticate(contextValue.req).catch(() => null);
    const trace = currentTrace() ?? new RequestTrace(contextValue.req.id);
    const notes = openNotes(trace, others.length > 0 ? null : targetOf(first, actor?.sub ?? null));
    return { trace, calls: [first, ...others], actor, notes };
  }

  private eventOf({ trace, calls, actor, notes }: Recording, asked: Asked): AuditEvent {
    const [first, ...others] = calls;
    const { ip, headers } = asked.contextValue.req;
    const userAgent = headers['user-agent'];
    const subject = others.length > 0 ? {} : subjectOf(first);
    const { outcome, reference } = outcomeOf(notes, asked);
    return {
      version: AUDIT_VERSION,
      id: randomUUID(),
      at: this.clock.now().toISOString(),
      correlationId: trace.correlationId,
      actor: actor && { sub: actor.sub, username: actor.username, isAdmin: actor.isAdmin },
      address: ip,
      userAgent: userAgent === undefined ? null : cleanText(userAgent, MAX_USER_AGENT),
      mutation: cleanText(calls.map(({ name }) => name).join(', '), MAX_MUTATION),
      target: toldTarget(notes),
      subject,
      reason: others.length > 0 ? null : reasonOf(first),
      before: cleanState(notes.before),
      after: cleanState(notes.after),
      keyIds: keyIdsOf(notes, subject.keyId),
      outcome,
      reference,
      awsRequestIds: trace.awsRequestIds,
    };
  }
}

/** The answer decides, where there is one: what went wrong below it did not undo the mutation. */
function outcomeOf({ answered }: OpenNotes, { response }: Asked): Pick<AuditEvent, 'outcome' | 'reference'> {
  const errors = response.body?.kind === 'single' ? (response.body.singleResult.errors ?? []) : [];
  const shown = errors.map(({ extensions }) => ({ code: extensions?.code, reference: extensions?.reference }));
  const reference = shown.find((error) => typeof error.reference === 'string')?.reference;
  const refused = shown[0] && (shown[0].code === 'INTERNAL_SERVER_ERROR' ? 'FAULT' : String(shown[0].code));
  return {
    outcome: answered ?? refused ?? 'NOTHING',
    reference: typeof reference === 'string' ? reference : null,
  };
}

function nameOf(answer: unknown): string {
  return typeof answer === 'object' && answer !== null ? answer.constructor.name : typeof answer;
}

/** A plan code written by hand may be any text. */
function cleanState(state: AuditState | null): AuditState | null {
  if (!state) return null;
  const clean = (value: unknown) => (typeof value === 'string' ? cleanText(value, MAX_TEXT) : value);
  return Object.fromEntries(Object.entries(state).map(([name, value]) => [name, clean(value)]));
}

function keyIdsOf({ keyIds, before, after }: OpenNotes, named: unknown): readonly string[] {
  const states = [before, after].flatMap((state) => [state?.keyId, state?.overlappingKeyId]);
  const ids = [named, ...states, ...keyIds].filter((id) => typeof id === 'string' && id !== '(malformed)');
  return [...new Set(ids.map((id) => cleanText(String(id), MAX_TEXT)))];
}
