import type { GraphQLArgument, GraphQLSchema } from 'graphql';
import { getNamedType, isEnumType, isInputObjectType, isScalarType } from 'graphql';
import type { AuditEvent } from '../../src/audit/audit-event.js';
import type { World } from './world.js';

/** The audit events in the server's log, in order. */
export function eventsOf({ log }: World): readonly AuditEvent[] {
  return log.lines.flatMap((line) => {
    const [message] = JSON.parse(line) as [{ audit?: AuditEvent }];
    return message?.audit ? [message.audit] : [];
  });
}

/** The only event that `work` left. */
export async function onlyEventOf(world: World, work: () => Promise<unknown>): Promise<AuditEvent> {
  const before = eventsOf(world).length;
  await work();
  const [event, ...others] = eventsOf(world).slice(before);
  if (!event || others.length > 0) throw new Error(`There were ${others.length + (event ? 1 : 0)} events, not one`);
  return event;
}

/** A mutation as a client would send it, with something of the right type for every argument. */
export interface Request {
  readonly name: string;
  readonly query: string;
  readonly variables: Record<string, unknown>;
  readonly args: readonly GraphQLArgument[];
}

/** One request for each mutation in the schema, known or new. */
export function requestsOf(schema: GraphQLSchema): readonly Request[] {
  return Object.values(schema.getMutationType()?.getFields() ?? {}).map(({ name, args }) => {
    const declared = args.map((arg) => `$${arg.name}: ${String(arg.type)}`).join(', ');
    const passed = args.map((arg) => `${arg.name}: $${arg.name}`).join(', ');
    const field = args.length > 0 ? `${name}(${passed})` : name;
    return {
      name,
      args,
      query: `mutation ${args.length > 0 ? `(${declared})` : ''} { ${field} { __typename } }`,
      variables: Object.fromEntries(
        args.map(({ name: arg, type }) => [arg, arg === 'userId' ? NOBODY : something(type)]),
      ),
    };
  });
}

/** A `sub` that nobody has. */
export const NOBODY = '00000000-0000-4000-8000-000000000000';

function something(type: GraphQLArgument['type']): unknown {
  const named = getNamedType(type);
  if (isEnumType(named)) return named.getValues()[0]?.name;
  if (isInputObjectType(named)) {
    return Object.fromEntries(Object.values(named.getFields()).map((field) => [field.name, something(field.type)]));
  }
  if (!isScalarType(named)) throw new Error(`${String(type)} is no input`);
  if (named.name === 'Boolean') return false;
  return ['Int', 'Float', 'Count'].includes(named.name) ? 1 : 'something';
}
