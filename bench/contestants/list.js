import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/*
 * Who is measured, in the order in which they take their turns. `asks` says in which form they are asked: `rest` by path,
 * `graphql` with a text that no server can have known when it was built, `known` with the text of `documents/` as it is.
 * With `hasExtensions` a request has one more member, so that Turnpike answers it through Apollo whatever it has learned.
 */

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const SERVER = path('../../dist/main.js');
const BUNDLE = path('../../dist-bundle/main.mjs');

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
  { name: 'turnpike', title: 'Turnpike', file: SERVER, asks: 'graphql', isTurnpike: true },
  {
    name: 'turnpike-known',
    title: 'Turnpike, a query it was built with',
    file: SERVER,
    asks: 'known',
    isTurnpike: true,
  },
  {
    name: 'turnpike-apollo',
    title: 'Turnpike, through Apollo each time',
    file: SERVER,
    asks: 'graphql',
    hasExtensions: true,
    isTurnpike: true,
  },
  {
    name: 'turnpike-bundled',
    title: 'Turnpike, bundled',
    file: BUNDLE,
    asks: 'graphql',
    isTurnpike: true,
    isOptional: true,
  },
];

/** Those of the names given, or all that there are. */
export function chosen({ names }) {
  const unknown = names?.filter((name) => !CONTESTANTS.some((one) => one.name === name)) ?? [];
  if (unknown.length > 0)
    throw new Error(
      `No such contestant: ${unknown.join(', ')}. There are ${CONTESTANTS.map(({ name }) => name).join(', ')}.`,
    );
  return CONTESTANTS.filter(
    ({ name, isOptional, file }) => (names?.includes(name) ?? true) && (!isOptional || existsSync(file)),
  );
}
