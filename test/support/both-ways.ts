import { GraphQLSchemaHost } from '@nestjs/graphql';
import { parse, validate } from 'graphql';
import { KnownQueries } from '../../src/graphql/lane/known-queries.js';
import type { World } from './world.js';

/** With LANE=both every query of a journey is asked on the general path and in the trusted lane, and must be answered alike. */
export const bothWays = process.env.LANE === 'both';

/** A member that the lane does not know, and that means nothing. */
export const GENERAL = { extensions: {} };

interface Asked {
  readonly query: string;
  readonly variables: Record<string, unknown>;
}

const ATTEMPTS = 4;

export interface Answered {
  readonly reply: Response;
  readonly text: string;
}

/** @throws when the lane, made to know the query, answers other bytes than the general path did. */
export async function compareLanes(
  world: World,
  asked: Asked,
  send: (body: object) => Promise<Response>,
  general: Answered,
): Promise<void> {
  const { schema } = world.app.get(GraphQLSchemaHost);
  if (!isQuery(schema, asked.query)) return;
  world.app.get(KnownQueries).trust(schema, asked.query);
  let last = general;
  for (let attempt = 1; ; attempt++) {
    const made = between(await answered(send(asked)), last);
    const difference = made ?? between(await answered(send(asked)), last); // the second answer may be one that was kept
    if (!difference) return;
    if (attempt === ATTEMPTS) throw new Error(`The trusted lane answers otherwise:\n${difference.join('\n')}`);
    last = await answered(send({ ...asked, ...GENERAL })); // what is read in the background may have come in between
  }
}

async function answered(sent: Promise<Response>): Promise<Answered> {
  const reply = await sent;
  return { reply, text: await reply.text() };
}

/** What the two say where they differ; undefined = they do not. */
export function between(one: Answered, other: Answered) {
  return [
    [withoutItsOwn(one.text), withoutItsOwn(other.text)],
    [one.reply.status, other.reply.status],
    [withoutItsOwn(named(one.reply)), withoutItsOwn(named(other.reply))],
  ].find(([left, right]) => left !== right);
}

/** A document that is refused never comes to the lane. */
function isQuery(schema: GraphQLSchemaHost['schema'], query: string): boolean {
  try {
    const document = parse(query);
    const isMutation = document.definitions.some((one) => 'operation' in one && one.operation !== 'query');
    return !isMutation && !/__(schema|type)\b/.test(query) && validate(schema, document).length === 0;
  } catch {
    return false;
  }
}

/** Headers but for what differs from reply to reply, in one order. */
function named({ headers }: Response): string {
  const told = [...headers].filter(([name]) => !['date', 'x-correlation-id'].includes(name));
  return told
    .map(([name, value]) => `${name}: ${value}`)
    .sort()
    .join('\n');
}

/** A fault has another reference each time, and whoever is told to come back a turn of their own. */
function withoutItsOwn(text: string): string {
  return text
    .replace(/[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[\da-f]{4}-[\da-f]{12}/g, '<reference>')
    .replace(/(again in |"retryAfterSeconds":|retry-after: )\d+/g, '$1<seconds>');
}
