import { readFileSync } from 'node:fs';
import { send } from '../processes/http.js';

/* The requests of the slices, in the form that a contestant takes, and what must come back. */

const text = (name) => readFileSync(new URL(`../documents/${name}.graphql`, import.meta.url), 'utf8').trim();
/** Nobody can keep the answer to a query that depends on a variable by its text alone. */
const made = text('me').replace(
  'query Watch {\n  me {',
  'query Watch($asked: Boolean = true) {\n  me @include(if: $asked) {',
);
const DOCUMENTS = { me: text('me'), made, plans: text('plans'), subscribe: text('subscribe') };
/** Makes a text that nobody can have known before. */
const UNKNOWN = `# ${Date.now().toString(36)}\n`;

/** How `contestant` is asked for one of the documents. */
export function asking({ asks, hasExtensions }, name, token, variables) {
  if (asks === 'rest') return { method: 'GET', path: name === 'plans' ? '/plans' : '/me', token };
  const query = asks === 'known' ? DOCUMENTS[name] : UNKNOWN + DOCUMENTS[name];
  return {
    method: 'POST',
    path: '/graphql',
    token,
    body: JSON.stringify({ query, variables, ...(hasExtensions && { extensions: {} }) }),
  };
}

/** The answer to one request, and how many bytes it was. */
export function ask(port, { token, ...one }) {
  return send(port, { ...one, headers: { authorization: `Bearer ${token}` } });
}

/** Without `asOf`, which is the moment that Turnpike asked AWS. */
export const comparable = (answer) =>
  JSON.parse(JSON.stringify(answer, (name, value) => (name === 'asOf' ? undefined : value)));
