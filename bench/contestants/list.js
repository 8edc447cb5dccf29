import { fileURLToPath } from 'node:url';
import { SERVER_FLAGS } from '../../infra/bundle/server-flags.js';

/*
 * Who is measured, in the order in which they take their turns. `asks` says in which form they are asked: `rest` by path,
 * `graphql` with a text that no server can have known when it was built, `known` with the text of `documents/` as it is.
 * With `hasExtensions` a request has one more member, so that Turnpike answers it through Apollo whatever it has learned.
 */

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
/** As the image has it. */
const SERVER = { file: path('../../dist-bundle/main.cjs'), flags: SERVER_FLAGS, isTurnpike: true };

/** What all others are compared with. */
export const REFERENCE = 'apollo';

export const CONTESTANTS = [
  {
    name: 'node-http',
    title: 'node:http, constant body, no auth (ceiling)',
    file: path('node-http.js'),
    asks: 'rest',
    isConstant: true,
  },
  { name: 'fastify', title: 'Fastify REST + aws-jwt-verify', file: path('fastify.js'), asks: 'rest' },
  { name: REFERENCE, title: 'bare Apollo Server 5 standalone', file: path('apollo.js'), asks: 'graphql' },
  {
    name: 'nest',
    title: 'naive Nest + Apollo on Express',
    file: path('dist/main.js'),
    asks: 'graphql',
    isTypeScript: true,
  },
  { name: 'yoga', title: 'GraphQL Yoga', file: path('yoga.js'), asks: 'graphql' },
  { name: 'mercurius', title: 'Mercurius', file: path('mercurius.js'), asks: 'graphql' },
  {
    name: 'mercurius-jit',
    title: 'Mercurius with jit',
    file: path('mercurius.js'),
    asks: 'graphql',
    env: { BENCH_JIT: '1' },
  },
  { name: 'turnpike', title: 'Turnpike', asks: 'graphql', ...SERVER },
  {
    name: 'turnpike-known',
    title: 'Turnpike, a query it was built with',
    asks: 'known',
    ...SERVER,
  },
  {
    name: 'turnpike-apollo',
    title: 'Turnpike, through Apollo each time',
    asks: 'graphql',
    hasExtensions: true,
    ...SERVER,
  },
  {
    name: 'turnpike-not-bundled',
    title: 'Turnpike, not bundled',
    file: path('../../dist/main.js'),
    asks: 'graphql',
    isTurnpike: true,
  },
];

/** Those of the names given, or all that there are. */
export function chosen({ names }) {
  const unknown = names?.filter((name) => !CONTESTANTS.some((one) => one.name === name)) ?? [];
  if (unknown.length > 0)
    throw new Error(
      `No such contestant: ${unknown.join(', ')}. There are ${CONTESTANTS.map(({ name }) => name).join(', ')}.`,
    );
  return CONTESTANTS.filter(({ name }) => names?.includes(name) ?? true);
}
