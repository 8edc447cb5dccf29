import { readFileSync } from 'node:fs';
import { GraphQLScalarType } from 'graphql';
import { allPlans, customer } from './data.js';

/*
 * The part of Turnpike's schema that is measured, with the same names and types, for the contestants that take a schema as
 * text. Their resolvers read records in memory.
 */

export const typeDefs = readFileSync(new URL('slice.graphql', import.meta.url), 'utf8');

const DateTime = new GraphQLScalarType({ name: 'DateTime', serialize: (moment) => moment.toISOString() });
const Count = new GraphQLScalarType({ name: 'Count', serialize: Number });

/** `context.user` has the claims of the token. */
export const resolvers = {
  DateTime,
  Count,
  Query: {
    me: (_parent, _args, { user }) => customer(user.sub),
    plans: () => allPlans(),
  },
};
